package scan

// dictated reads a number that somebody says rather than writes, after the word for it at token key: "my ssn was
// 219 then 09 then 9999", "dni 5374 2382 efe", "Medicare number one E G four T E five M K seven three". It returns
// the last token, or -1. What is written plainly is left to the other scanners.
func (s *state) dictated(key int) int {
	k, reach := key+1, key+12
	if s.toks[key].bits&(bRecordWord|bBirth) != 0 {
		reach = key + 3
	}
	for ; k < len(s.toks) && k <= reach; k++ {
		if s.toks[k].is(fBreak) {
			return -1
		}
		if s.toks[k].is(fDigits) || s.toks[k].bits&(bDigitWord|bNinety) != 0 || s.isLetterWord(k) {
			break
		}
	}
	if k >= len(s.toks) || k > reach {
		return -1
	}
	r := run{first: k, last: k, start: s.toks[k].start}
	said := s.say(&r, k)
	least := 6
	if s.toks[key].bits&bHotWord != 0 {
		least = 4
	}
	if !said || r.digits < least && !(r.n == 11 && validMBI(r.text())) || s.denied(key) {
		return -1
	}
	r.ng, r.groups[0] = 1, int8(r.n)
	s.addRun(s.saidClass(&r, key), &r)
	return r.last
}

// say adds pieces of a number to r from token k on, and tells whether some of them were words.
func (s *state) say(r *run, k int) (said bool) {
	put := func(c byte, at int) {
		if r.n < len(r.chars) {
			r.chars[r.n] = c
			r.n++
		}
		if kindOf(c) == cDigit {
			r.digits++
		}
		r.last, r.end = at, s.toks[at].end
	}
	times, between, letter, singles := 1, 0, false, 0
	for from := k; k < len(s.toks) && r.n < 20 && between < 5; k++ {
		t := &s.toks[k]
		if t.is(fBreak) && k > from {
			break
		}
		w, size := s.word1(k), int(t.end-t.start)
		switch {
		case t.is(fDigits):
			for _, c := range s.text.b[t.start:t.end] {
				put(c, k)
			}
			times, between, letter = 1, 0, false
			if singles++; size > 1 {
				singles = 0
			}
			said = said || singles > 3 // 3 0 0 8
			continue
		case w == "double" || w == "doble":
			times = 2
			continue
		case w == "triple":
			times = 3
			continue
		}
		if d, ok := digitWord(w); ok {
			for range times {
				put(d, k)
			}
			said, times, between, letter = true, 1, 0, false
			continue
		}
		if d, ok := tens(w); ok {
			unit, at := byte('0'), k
			if n := k + 1; n < len(s.toks) {
				if s.is(n, "y") && n+1 < len(s.toks) {
					n++
				}
				if u, ok := digitWord(s.word1(n)); ok && u != '0' {
					unit, at = u, n
				}
			}
			put(d, at)
			put(unit, at)
			k, said, between, letter = at, true, 0, false
			continue
		}
		switch c := letterNamed(w); {
		case size == 1 && (letter || t.is(fUpper) || w != "y" && w != "a" && w != "e" && w != "o" && w != "u"):
			put(upperByte(w[0]), k)
			between, letter = 0, false
		case c != 0 && (letter || r.digits >= 6 && size > 2):
			put(c, k)
			said, between, letter = true, 0, false
		case w == "letra" || w == "letter":
			letter, said = true, true
			between++
		case w == "then" || w == "luego" || w == "despues" || w == "guion" || w == "dash" || w == "hyphen" || w == "espacio" || w == "space":
			said = said || r.n > 0
			between++
		case w == "y" || w == "and" || w == "en" || w == "in" || w == "con" || w == "with" || w == "la" || w == "punto" || w == "dot":
			between++
		case w == "acaba" || w == "termina" || w == "ends" || w == "ending":
			letter = true
			between++
		default:
			return said
		}
	}
	return said
}

// saidClass says what a number that was said is: of a register where its checksum holds, else a record.
func (s *state) saidClass(r *run, key int) class {
	d := r.text()
	switch {
	case s.toks[key].bits&bBirth != 0:
		return classBirth
	case r.n == 9 && r.digits == 8 && validDNI(d[:8], d[8]):
		return classDNI
	case r.n == 9 && r.digits == 7 && d[0] >= 'X' && d[0] <= 'Z' && validDNI(string('0'+d[0]-'X')+d[1:8], d[8]):
		return classNIE
	case r.n == 9 && r.digits == 9 && validSSN(d) && s.is(key, "ssn"):
		return classSSN
	case r.n == 11 && validMBI(d):
		return classMBI
	}
	return classRecord
}

// isLetterWord says whether the word at token k announces a letter: "letra equis".
func (s *state) isLetterWord(k int) bool { return s.is(k, "letra") || s.is(k, "letter") }

// denied says whether the word for a number is said not to be one: "not an SSN".
func (s *state) denied(key int) bool { return s.wordBefore(key+1, 4, "not", "no", "never", "nunca") }

func tens(w string) (byte, bool) {
	switch w {
	case "twenty", "veinte":
		return '2', true
	case "thirty", "treinta":
		return '3', true
	case "forty", "cuarenta":
		return '4', true
	case "fifty", "cincuenta":
		return '5', true
	case "sixty", "sesenta":
		return '6', true
	case "seventy", "setenta":
		return '7', true
	case "eighty", "ochenta":
		return '8', true
	case "ninety", "noventa":
		return '9', true
	}
	return 0, false
}

// letterNamed is the letter that a Spanish word names, or 0.
func letterNamed(w string) byte {
	switch w {
	case "be":
		return 'B'
	case "ce":
		return 'C'
	case "de":
		return 'D'
	case "efe":
		return 'F'
	case "ge":
		return 'G'
	case "hache":
		return 'H'
	case "jota":
		return 'J'
	case "ka":
		return 'K'
	case "ele":
		return 'L'
	case "eme":
		return 'M'
	case "ene":
		return 'N'
	case "pe":
		return 'P'
	case "cu":
		return 'Q'
	case "erre":
		return 'R'
	case "ese":
		return 'S'
	case "te":
		return 'T'
	case "uve", "ve":
		return 'V'
	case "equis":
		return 'X'
	case "ye":
		return 'Y'
	case "zeta":
		return 'Z'
	}
	return 0
}

// spelledNumber reads four or more digits that are written as words: "six one two, double four five". Seven and
// more are a telephone or a record, fewer only what a pack makes of them.
func (s *state) spelledNumber(i int) int {
	r := run{first: i, last: i, start: s.toks[i].start}
	for k := i; k < len(s.toks) && r.n < 20; k++ {
		t := &s.toks[k]
		times := 1
		if w := s.word1(k); k+1 < len(s.toks) {
			switch w {
			case "double", "doble":
				times = 2
			case "triple":
				times = 3
			}
			if times > 1 {
				k++
				t = &s.toks[k]
			}
		}
		d, ok := digitWord(s.word1(k))
		if t.is(fDigits) && t.end-t.start == 1 {
			d, ok = byte(t.val)+'0', true
			if d == '0' && k+1 < len(s.toks) && s.toks[k+1].is(fGlued) && s.is(k+1, "h") {
				k++ // 0h
				t = &s.toks[k]
			}
		}
		if !ok || k > i && t.is(fBreak) {
			break
		}
		for range times {
			r.chars[r.n] = d
			r.n++
		}
		r.last, r.end = k, t.end
	}
	switch {
	case r.n < 4:
		return -1
	case s.hotBefore(i):
		s.addRun(classRecord, &r)
		return r.last
	case r.n < 7:
		s.addRun(classSpelled, &r)
		return r.last
	}
	r.digits, r.ng, r.groups[0] = r.n, 1, int8(r.n)
	c := s.register(&r)
	if c == classNone {
		if c = s.phoneOf(&r); c == classNone {
			c = classRecord
		}
	}
	s.addRun(c, &r)
	return r.last
}

func digitWord(w string) (byte, bool) {
	switch w {
	case "zero", "oh", "cero":
		return '0', true
	case "one", "uno":
		return '1', true
	case "two", "dos":
		return '2', true
	case "three", "tres":
		return '3', true
	case "four", "cuatro":
		return '4', true
	case "five", "cinco":
		return '5', true
	case "six", "seis":
		return '6', true
	case "seven", "siete":
		return '7', true
	case "eight", "ocho":
		return '8', true
	case "nine", "nueve":
		return '9', true
	}
	return 0, false
}
