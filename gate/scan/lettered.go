package scan

import "bytes"

// lettered finds identifiers of letters and digits around the digits at token i: DNI, NIE, NINO, MBI,
// IBAN and the Spanish health card. It returns the last token used, or -1.
func (s *state) lettered(i int) int {
	if i > 0 && s.toks[i].is(fGlued) && !s.toks[i-1].is(fDigits) {
		if last := s.prefixed(i-1, i); last >= 0 {
			return last
		}
	} else if i > 0 && !s.toks[i-1].is(fDigits) && s.toks[i-1].end-s.toks[i-1].start <= 4 && s.toks[i-1].is(fUpper) {
		if last := s.prefixed(i-1, i); last >= 0 {
			return last
		}
	}
	// eight digits and a letter: DNI; eleven of both: MBI
	r := s.digitRun(i, len(run{}.groups))
	if r.n == 8 && r.last+1 < len(s.toks) && (r.ng == 1 || r.ng == 8 || r.form(2, 3, 3)) {
		t := &s.toks[r.last+1]
		if sep, ok := s.separators(r.last); ok && t.end-t.start == 1 && !t.is(fDigits) && sep != '(' && sep != '/' {
			c := s.text.b[t.start]
			upper := c >= 'A' && c <= 'Z'
			if validDNI(r.text(), upperByte(c)) && (upper || t.is(fGlued) || s.wordBefore(i, 5, "dni", "nif")) {
				r.last, r.end = r.last+1, t.end
				s.addRun(classDNI, &r)
				return r.last
			}
			if upper && t.is(fHyphen) && r.form(2, 3, 3) && r.sep == '.' && !validRUT(r.text()+string(c)) { // 12.345.678-A is nothing else, whatever its letter
				r.last, r.end = r.last+1, t.end
				s.addRun(classRecord, &r)
				return r.last
			}
		}
	}
	if a := s.alnumRun(i, 11); a.n == 11 && validMBI(a.text()) && a.digits < 8 {
		s.addRun(classMBI, &a)
		return a.last
	}
	return -1
}

func upperByte(c byte) byte {
	if c >= 'a' && c <= 'z' {
		return c - 'a' + 'A'
	}
	return c
}

// prefixed tries what begins with the letters of token p, followed by digits at token i.
func (s *state) prefixed(p, i int) int {
	t := &s.toks[p]
	switch t.end - t.start {
	case 1: // NIE: X1234567L
		c := upperByte(s.text.b[t.start])
		if c >= 'X' && c <= 'Z' {
			a := s.alnumRun(p, 9)
			if a.n == 9 && a.digits == 7 && validDNI(string('0'+c-'X')+string(a.chars[1:8]), a.chars[8]) {
				s.addRun(classNIE, &a)
				return a.last
			}
		}
	case 2: // NINO, IBAN
		if a := s.alnumRun(p, 9); a.n == 9 && validNINO(a.text()) {
			s.addRun(classNINO, &a)
			return a.last
		}
		country := [2]byte{upperByte(s.text.b[t.start]), upperByte(s.text.b[t.start+1])}
		if n := ibanLength[string(country[:])]; n > 0 {
			if a := s.alnumRun(p, n); a.n == n && validIBAN(a.text()) {
				s.addRun(classIBAN, &a)
				return a.last
			}
		}
	case 4: // the Spanish health card: four letters and ten digits or more; the Mexican CURP
		if a := s.alnumRun(p, 18); a.n == 18 && validCURP(a.text()) {
			s.addRun(classNational, &a)
			return a.last
		}
		a := s.alnumRun(p, 16)
		if a.n >= 14 && a.digits >= 10 && a.digits == a.n-4 && s.toks[p].is(fUpper) && s.toks[p].bits == 0 && !bytes.ContainsAny(s.text.b[a.start:a.end], "()") {
			s.addRun(classCIP, &a)
			return a.last
		}
	}
	return -1
}

// alnumRun collects up to n letters and digits from token p on, over the separators of a number.
func (s *state) alnumRun(p, n int) run {
	r := run{first: p, last: p, start: s.toks[p].start}
	for k := p; k < len(s.toks); k++ {
		t := &s.toks[k]
		size := int(t.end - t.start)
		if k > p {
			if _, ok := s.separators(k - 1); !ok || t.is(fBreak) {
				break
			}
		}
		if r.n+size > min(n, len(r.chars)) || s.text.b[t.start] >= 0x80 || t.is(fApos) {
			break
		}
		for _, c := range s.text.b[t.start:t.end] {
			r.chars[r.n] = upperByte(c)
			r.n++
			if kindOf(c) == cDigit {
				r.digits++
			}
		}
		r.last, r.end = k, t.end
	}
	return r
}

// hotBefore says whether a word like MRN stands shortly before token i.
func (s *state) hotBefore(i int) bool { return s.recordNear(i) == 4 }

// recordNear says how many digits at token i and after it are the number of a record or a person, by the words before;
// 0 is never.
func (s *state) recordNear(i int) int32 {
	for k := i - 1; k >= 0 && k >= i-4 && !s.toks[k+1].is(fBreak); k-- {
		switch {
		case s.toks[k].bits&bHotWord != 0:
			return 4
		case s.toks[k].bits&bIDWord != 0 && !s.denied(k):
			return 6
		case s.toks[k].bits&bRecordWord != 0 && (k == i-1 || k == i-2 && s.toks[i-1].bits&bPhoneWord != 0 || k == i-2 && s.toks[i-1].end-s.toks[i-1].start <= 2):
			return 5
		}
	}
	return 0
}

// recordAt marks the number at token i as that of a record, whatever its form, if a word like MRN or
// NHC stands shortly before and it has at least four digits. It returns the last token, or -1.
func (s *state) recordAt(i int) int {
	from := i
	if i > 0 && s.toks[i].is(fGlued) && !s.toks[i-1].is(fDigits) && s.toks[i-1].bits&bHotWord == 0 {
		from--
	}
	least := s.recordNear(from)
	if least == 0 {
		return -1
	}
	r := s.alnumRun(from, 24)
	for r.last > i && !s.toks[r.last].is(fDigits) && s.toks[r.last].end-s.toks[r.last].start > 2 {
		r.last--
	}
	digits := int32(0)
	if least == 5 && year(s.toks[i].val) {
		return -1
	}
	for j := from; j <= r.last; j++ {
		if s.toks[j].is(fDigits) {
			digits += s.toks[j].end - s.toks[j].start
		}
	}
	if digits < least {
		return -1
	}
	r.end = s.toks[r.last].end
	s.addRun(classRecord, &r)
	return r.last
}
