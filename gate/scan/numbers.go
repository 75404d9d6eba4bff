package scan

// run is a stretch of characters that may be a number of some register: letters and digits of
// neighbouring tokens with at most a few separators between them.
type run struct {
	first, last int // tokens
	start, end  int32
	chars       [40]byte // upper case, separators left out
	n           int
	groups      [20]int8 // lengths of the pieces
	ng          int
	digits      int // how many of chars are digits
	sep         byte
	plus        bool
}

func (r *run) text() string { return string(r.chars[:r.n]) }

// form says whether the pieces have these lengths.
func (r *run) form(lengths ...int8) bool {
	if r.ng != len(lengths) {
		return false
	}
	for i, l := range lengths {
		if r.groups[i] != l {
			return false
		}
	}
	return true
}

// numbers finds identifiers with their checksums and telephone numbers.
func (s *state) numbers() {
	for i := 0; i < len(s.toks); i++ {
		t := &s.toks[i]
		switch {
		case t.bits&(bHotWord|bIDWord|bRecordWord|bBirth) != 0:
			if last := s.dictated(i); last >= 0 {
				i = last
			}
		case t.is(fDigits):
			last := s.numberAt(i)
			if last < 0 {
				last = s.recordAt(i)
			}
			i = max(i, last)
		case t.bits&bDigitWord != 0:
			if last := s.spelledNumber(i); last >= 0 {
				i = last
			}
		}
	}
}

// numberAt tries every register on the digits at token i and returns the last token used, or -1.
func (s *state) numberAt(i int) int {
	if last := s.lettered(i); last >= 0 { // a checksum or strict form says more than the look of a date
		return last
	}
	if s.longest(classDate, i) >= 0 || s.longest(classIP, i) >= 0 || s.toks[i].is(fMoney) {
		return -1
	}
	// the longest run of pieces that is something, since another number may follow closely
	for r := s.digitRun(i, len(run{}.groups)); r.digits >= 7; r = s.digitRun(i, r.ng-1) {
		c := s.register(&r)
		if c == classNone && s.national(&r) {
			c = classNational
		}
		if c == classNone && len(r.text()) == 10 && r.text()[0] != '0' && s.nhsBefore(r.first) {
			c = classRecord
		}
		if c == classNone || c == classNHSLike {
			if phone := s.phoneOf(&r); phone != classNone {
				if c == classNHSLike && phone == classPhone {
					s.addRun(c, &r)
				}
				c = phone
			}
		}
		if c != classNone {
			s.addRun(c, &r)
			return r.last
		}
		if r.ng == 1 {
			break
		}
	}
	return -1
}

// phoneOf says whether a run is a telephone number, and whose.
func (s *state) phoneOf(r *run) class {
	c := s.phoneClass(r)
	if c == classPhone && s.engine.org.ownsPhone(r.text()) {
		return classOwn
	}
	return c
}

func (s *state) addRun(c class, r *run) {
	s.add(mark{class: c, first: int32(r.first), last: int32(r.last), start: r.start, end: r.end, plain: -1})
}

// register says which register a run of digits alone belongs to.
func (s *state) register(r *run) class {
	d := r.text()
	switch len(d) {
	case 9:
		if validSSN(d) && (r.form(3, 2, 4) || s.socialBefore(r.first)) {
			return classSSN
		}
	case 10:
		if validNHS(d) && s.wordBefore(r.first, 6, "nhs") {
			return classNHS
		}
		if validNPI(d) && s.wordBefore(r.first, 5, "npi") {
			return classNPI
		}
		if validNHS(d) && r.form(3, 3, 4) && r.sep == ' ' {
			return classNHSLike
		}
	case 12:
		if validNASS(d) && !r.plus {
			return classNASS
		}
	}
	if len(d) >= 13 && validCard(d) && (r.ng == 1 || r.groups[0] == 4 || r.ng == len(d)) {
		return classCard
	}
	return classNone
}

// wordBefore says whether one of the words stands among the n tokens before i, in the same sentence.
func (s *state) wordBefore(i, n int, words ...string) bool {
	for k := i - 1; k >= 0 && k >= i-n; k-- {
		for _, w := range words {
			if s.toks[k].hash == hashOf(w) {
				return true
			}
		}
		if s.toks[k].is(fBreak) {
			break
		}
	}
	return false
}

// socialBefore says whether "SSN", or "social" as in "social security", stands before token i; not a social worker.
func (s *state) socialBefore(i int) bool {
	for k := i - 1; k >= 0 && k >= i-6; k-- {
		switch {
		case s.is(k, "ssn"):
			return true
		case s.is(k, "social"):
			next := s.word1(k + 1)
			return k+1 == i || k > 0 && s.is(k-1, "seguridad") || next == "security" || next == "sec" || next == "number" || next == "num" || next == "no" || next == "is" || next == "was"
		case s.toks[k].is(fBreak):
			return false
		}
	}
	return false
}

// nhsBefore says whether "NHS number" stands right before token i.
func (s *state) nhsBefore(i int) bool {
	return i > 1 && s.is(i-2, "nhs") && s.toks[i-1].bits&bPhoneWord != 0 || i > 1 && s.is(i-2, "nhs") && s.is(i-1, "no") && !s.denied(i-2)
}

// separators says whether the bytes between two tokens may stand inside a number, and which they are.
func (s *state) separators(i int) (byte, bool) {
	gap := s.text.b[s.toks[i].end:s.toks[i+1].start]
	if len(gap) > 3 {
		return 0, false
	}
	sep := byte(0)
	for _, c := range gap {
		switch c {
		case ' ', '-', '.', '/', ')', '(':
			if sep == 0 || sep == ' ' {
				sep = c
			}
		default:
			return 0, false
		}
	}
	return sep, true
}

// digitRun collects up to most pieces of digits from token i on. A single O or l between digits is
// read as 0 or 1.
func (s *state) digitRun(i, most int) run {
	b := s.text.b
	r := run{first: i, last: i, start: s.toks[i].start}
	if p := r.start; p > 0 && b[p-1] == '(' {
		r.start--
	}
	if p := r.start; p > 0 && b[p-1] == '+' {
		r.start--
		r.plus = true
	}
	for k := i; k < len(s.toks); k++ {
		t := &s.toks[k]
		n := int(t.end - t.start)
		if k > i {
			sep, ok := s.separators(k - 1)
			if !ok || t.is(fBreak) {
				break
			}
			if r.sep == 0 && sep != 0 {
				r.sep = sep
			}
		}
		if !t.is(fDigits) {
			c := lower(b[t.start])
			if n != 1 || c != 'o' && c != 'l' && c != 'i' || k+1 >= len(s.toks) || !s.toks[k+1].is(fDigits) || !t.is(fGlued) || !s.toks[k+1].is(fGlued) {
				break
			}
		}
		joined := k > i && t.is(fGlued) && s.toks[k-1].end == t.start
		if r.n+n > 20 || !joined && r.ng >= most {
			break
		}
		for _, c := range b[t.start:t.end] {
			switch lower(c) {
			case 'o':
				c = '0'
			case 'l', 'i':
				c = '1'
			}
			r.chars[r.n] = c
			r.n++
		}
		if joined {
			r.groups[r.ng-1] += int8(n)
		} else {
			r.groups[r.ng] = int8(n)
			r.ng++
		}
		r.last, r.end = k, t.end
	}
	r.digits = r.n
	return r
}
