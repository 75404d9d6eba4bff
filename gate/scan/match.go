package scan

// level is the patterns that can be tried once the marks of the levels below are there.
type level struct {
	byWord   [][]start         // vocabulary id → patterns that begin with it
	byClass  map[class][]int32 // class → patterns that begin with a mark of it
	byNumber []int32
}

// start is a pattern that begins with a certain word.
type start struct {
	then    ahead
	pattern int32
	known   int32 // how many of the pattern's elements that word fulfils: 1, or 0 if they have to be looked at
}

// run tries the patterns of one level at every token.
func (s *state) run(l *level) {
	e := s.engine
	for i := range s.toks {
		t := &s.toks[i]
		for _, id := range s.ids[t.ids : t.ids+int32(t.nids)] {
			if int(id) < len(l.byWord) {
				for k := range l.byWord[id] {
					if p := &l.byWord[id][k]; s.maybe(p.then, i) {
						s.try(&e.patterns[p.pattern], int(p.known), i)
					}
				}
			}
		}
		if len(l.byNumber) > 0 && t.is(fDigits) {
			for _, p := range l.byNumber {
				s.try(&e.patterns[p], 0, i)
			}
		}
		if len(l.byClass) > 0 {
			for m := s.heads[i]; m >= 0; m = s.marks[m].next {
				for _, p := range l.byClass[s.marks[m].class] {
					s.try(&e.patterns[p], 0, i)
				}
			}
		}
	}
}

// try matches a pattern at token i, which is known to fulfil its first known elements.
func (s *state) try(p *pattern, known, i int) {
	s.from = i
	if end, ok := s.match(p, known, i+known); ok && end > i {
		s.add(mark{class: p.class, first: int32(i), last: int32(end - 1), start: s.toks[i].start, end: s.toks[end-1].end, plain: p.plain})
	}
}

// match matches the elements of p from k on at token i and returns the token after the last.
func (s *state) match(p *pattern, k, i int) (int, bool) {
	if k == len(p.elements) {
		return i, true
	}
	e := &p.elements[k]
	if e.gap > 0 {
		for g := 0; g <= e.gap; g++ {
			if end, ok := s.match(p, k+1, i+g); ok {
				return end, true
			}
			if !s.goesOn(i + g) {
				break
			}
		}
		return 0, false
	}
	switch {
	case e.sign != 0 && (i >= len(s.signs) || s.signs[i]&e.sign == 0):
	case e.words != nil:
		if s.goesOn(i) && s.hasOne(&s.toks[i], e.words) {
			if end, ok := s.match(p, k+1, i+1); ok {
				return end, true
			}
		}
	default:
		for _, alt := range e.alts {
			if next, ok := s.atoms(alt, i); ok {
				if end, ok := s.match(p, k+1, next); ok {
					return end, true
				}
			}
		}
	}
	if e.optional {
		return s.match(p, k+1, i)
	}
	return 0, false
}

// goesOn says whether token i exists in the sentence where the match began.
func (s *state) goesOn(i int) bool {
	return i < len(s.toks) && (i == s.from || !s.toks[i].is(fBreak))
}

func (s *state) atoms(alt []atom, i int) (int, bool) {
	for n := range alt {
		a := &alt[n]
		if !s.goesOn(i) {
			return 0, false
		}
		t := &s.toks[i]
		switch a.kind {
		case atomWord:
			if !s.has(t, a.id) {
				return 0, false
			}
		case atomExact:
			if !s.has(t, a.id) || string(s.text.b[t.start:t.end]) != a.text {
				return 0, false
			}
		case atomNumber:
			if !t.is(fDigits) || uint32(t.end-t.start) < a.id {
				return 0, false
			}
		case atomClass:
			last := s.longest(class(a.id), i)
			if last < 0 {
				return 0, false
			}
			i = last
		}
		i++
	}
	return i, true
}
