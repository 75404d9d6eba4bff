package scan

// plates finds the number plates of cars near a word that says that there is one: Spain, the United Kingdom,
// Argentina, and three letters with three or four digits.
func (s *state) plates() {
	for i := range s.toks {
		if s.toks[i].bits&bVehicle == 0 {
			continue
		}
		named := s.toks[i].bits&bIDWord != 0 // "matrícula": small letters will do
		for k := max(0, i-4); k <= i+8 && k < len(s.toks); k++ {
			if k > i && s.toks[k].is(fBreak) {
				break
			}
			if last := s.plateAt(k, named); last > k {
				s.markTokens(classPlate, k, last)
				k = last
			}
		}
	}
}

// plateAt returns the last token of the plate that starts at token i, or -1.
func (s *state) plateAt(i int, small bool) int {
	letters := func(k, n int) bool {
		if k >= len(s.toks) || k > i && !s.close(k) {
			return false
		}
		t := &s.toks[k]
		return int(t.end-t.start) == n && !t.is(fDigits|fApos) && (t.is(fUpper) || small) && s.text.b[t.start] < 0x80
	}
	digits := func(k, least, most int) bool {
		if k >= len(s.toks) || k > i && !s.close(k) {
			return false
		}
		t := &s.toks[k]
		n := int(t.end - t.start)
		return t.is(fDigits) && n >= least && n <= most
	}
	switch {
	case letters(i, 2) && digits(i+1, 2, 2) && s.toks[i+1].is(fGlued) && letters(i+2, 3),
		letters(i, 2) && digits(i+1, 3, 3) && letters(i+2, 2):
		return i + 2
	case digits(i, 4, 4) && letters(i+1, 3) && s.toks[i+1].bits&bStop == 0 && !s.vowels(i+1),
		letters(i, 3) && s.toks[i].bits&(bStop|bMonth|bMonthToo|bHotWord|bVehicle) == 0 && digits(i+1, 3, 4) && !year(s.value(i+1)):
		return i + 1
	}
	return -1
}

// close says whether at most a space or a hyphen stands before token k.
func (s *state) close(k int) bool {
	gap := s.text.b[s.toks[k-1].end:s.toks[k].start]
	return len(gap) == 0 || len(gap) == 1 && (gap[0] == ' ' || gap[0] == '-')
}

func (s *state) vowels(k int) bool {
	for _, c := range s.text.b[s.toks[k].start:s.toks[k].end] {
		switch lower(c) {
		case 'a', 'e', 'i', 'o', 'u':
			return true
		}
	}
	return false
}
