package scan

// run tries the patterns of one level at every token.
func (s *state) run(l *level) {
	for i := range s.toks {
		t := &s.toks[i]
		for _, id := range s.ids[t.ids : t.ids+int32(t.nids)] {
			if int(id) < len(l.byWord) {
				list := l.byWord[id]
				for k := range list {
					if s.maybe(list[k].then, i) {
						s.try(&list[k], i)
					}
				}
			}
		}
		if len(l.byNumber) > 0 && t.is(fDigits) {
			for k := range l.byNumber {
				s.try(&l.byNumber[k], i)
			}
		}
		if len(l.byClass) > 0 {
			for m := s.heads[i]; m >= 0; m = s.marks[m].next {
				list := l.byClass[s.marks[m].class]
				for k := range list {
					s.try(&list[k], i)
				}
			}
		}
	}
}

// try matches a pattern at token i.
func (s *state) try(p *start, i int) {
	s.from = i
	if end, ok := s.match(s.engine.steps[p.from:p.to], i+int(p.known)); ok && end > i {
		p := &s.engine.patterns[p.pattern]
		s.add(mark{class: p.class, first: int32(i), last: int32(end - 1), start: s.toks[i].start, end: s.toks[end-1].end, plain: p.plain})
	}
}

// match matches the steps at token i and returns the token after the last.
func (s *state) match(steps []step, i int) (int, bool) {
	if len(steps) == 0 {
		return i, true
	}
	e := &steps[0]
	switch {
	case e.gap > 0:
		for g := 0; g <= int(e.gap); g++ {
			if end, ok := s.match(steps[1:], i+g); ok {
				return end, true
			}
			if !s.goesOn(i + g) {
				break
			}
		}
		return 0, false
	case e.sign != 0 && (i >= len(s.signs) || s.signs[i]&e.sign == 0):
	case e.alts < 0:
		if s.goesOn(i) && s.hasOne(&s.toks[i], s.engine.words[e.from:e.to]) {
			if end, ok := s.match(steps[1:], i+1); ok {
				return end, true
			}
		}
	default:
		for _, alt := range s.engine.alts[e.alts] {
			if next, ok := s.atoms(alt, i); ok {
				if end, ok := s.match(steps[1:], next); ok {
					return end, true
				}
			}
		}
	}
	if e.optional {
		return s.match(steps[1:], i)
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
