package scan

// dates finds days: 12/03/2024, 3 March, March 3rd, 3 de marzo de 2024, in March 2014. Words like
// "yesterday" are in the rule packs. A year alone is no date.
func (s *state) dates() {
	for i := 0; i < len(s.toks); i++ {
		t := &s.toks[i]
		last := -1
		switch {
		case t.is(fDigits):
			if last = s.numericDate(i); last < 0 {
				last = s.dayMonth(i)
			}
		case t.bits&(bMonth|bMonthToo) != 0:
			last = s.monthDay(i)
		case t.bits&bWeekday != 0:
			s.markTokens(classDateRef, i, i)
		}
		if last >= 0 {
			s.markTokens(classDate, i, last)
			if s.birth(i, last) {
				s.markTokens(classBirth, i, last)
			}
			i = last
		}
	}
}

func (s *state) value(i int) int32 {
	if i >= len(s.toks) || !s.toks[i].is(fDigits) {
		return -1
	}
	return s.toks[i].val
}

func year(v int32) bool { return v >= 1900 && v <= 2099 }

// birth says whether a date may be that of somebody's birth: a word says so, or it is a day before 2006.
func (s *state) birth(first, last int) bool {
	for k := first - 1; k >= 0 && k >= first-3 && !s.toks[k+1].is(fBreak); k-- {
		if s.toks[k].bits&bBirth != 0 {
			return true
		}
	}
	if last < first+2 {
		return false
	}
	for _, k := range [...]int{first, last} {
		if v := s.value(k); v >= 1905 && v <= 2005 {
			return true
		}
	}
	return false
}

// numericDate: three numbers joined by the same separator, in the order of either country, or two
// after "on" or "el día".
func (s *state) numericDate(i int) int {
	join := func(k int) byte {
		if k >= len(s.toks) || s.toks[k].start-s.toks[k-1].end != 1 {
			return 0
		}
		return s.text.b[s.toks[k].start-1]
	}
	a, b := s.value(i), s.value(i+1)
	sep := join(i + 1)
	if b < 0 || sep != '/' && sep != '-' && sep != '.' {
		return -1
	}
	day := func(d, m int32) bool { return d >= 1 && d <= 31 && m >= 1 && m <= 12 }
	if c := s.value(i + 2); c >= 0 && join(i+2) == sep {
		if i+3 < len(s.toks) && s.value(i+3) >= 0 && join(i+3) == sep {
			return -1 // four parts: an address of a machine, a card
		}
		width := s.toks[i+2].end - s.toks[i+2].start
		switch {
		case year(a) && day(c, b), year(a) && day(b, c):
			return i + 2
		case (day(a, b) || day(b, a)) && (year(c) || width == 2 && sep != '.'):
			return i + 2
		}
		return -1
	}
	if sep == '/' && (day(a, b) || day(b, a)) && s.wordBefore(i, 2, "on", "el", "dia", "since", "desde") && b != 7 {
		return i + 1
	}
	return -1
}

// dayMonth: 3 March 2024, 3rd of March, 3 de marzo del 2024.
func (s *state) dayMonth(i int) int {
	if d := s.value(i); d < 1 || d > 31 {
		return -1
	}
	k := i + 1
	for range 2 {
		if k < len(s.toks) && (s.toks[k].is(fGlued) && ordinal(s.word1(k)) || s.is(k, "of") || s.is(k, "de")) {
			k++
		}
	}
	if k >= len(s.toks) || s.toks[k].is(fBreak) || s.toks[k].bits&(bMonth|bMonthToo) == 0 {
		return -1
	}
	return s.yearAfter(k)
}

func ordinal(w string) bool {
	return w == "st" || w == "nd" || w == "rd" || w == "th" || w == "o" || w == "er" || w == "a"
}

func (s *state) is(i int, word string) bool {
	t := &s.toks[i]
	return int(t.end-t.start) == len(word) && t.hash == hashOf(word)
}

// yearAfter extends a date by a year that follows token k.
func (s *state) yearAfter(k int) int {
	n := k + 1
	if n < len(s.toks) && (s.is(n, "de") || s.is(n, "del")) {
		n++
	}
	if n < len(s.toks) && year(s.value(n)) && !s.toks[n].is(fBreak) {
		return n
	}
	return k
}

// monthDay: March 3rd 2024, and a month with its year.
func (s *state) monthDay(i int) int {
	t := &s.toks[i]
	if t.bits&bMonthToo != 0 && t.bits&bMonth == 0 && !t.is(fCapital) || i+1 >= len(s.toks) || s.toks[i+1].is(fBreak) {
		return -1
	}
	if d := s.value(i + 1); d >= 1 && d <= 31 && s.toks[i+1].end-s.toks[i+1].start <= 2 {
		k := i + 1
		if k+1 < len(s.toks) && s.toks[k+1].is(fGlued) && ordinal(s.word1(k+1)) {
			k++
		}
		return s.yearAfter(k)
	}
	if k := s.yearAfter(i); k > i {
		return k
	}
	return -1
}
