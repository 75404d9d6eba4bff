package scan

// spelled joins letters that somebody wrote apart to evade: "M a r i a", "v-i-h", "E. S. T. E. B. A. N.".
// The joined token covers all of them.
func (s *state) spelled() {
	out := 0
	for i := 0; i < len(s.toks); {
		end := s.apart(i)
		if end > i+1 {
			if cut := s.halves(i, end); cut > 0 {
				s.toks[out] = s.toks[i]
				s.join(&s.toks[out], i, cut)
				out++
				i = cut
			}
		}
		s.toks[out] = s.toks[i]
		if end > i+1 {
			s.join(&s.toks[out], i, end)
		}
		out++
		i = max(end, i+1)
	}
	s.toks = s.toks[:out]
}

// apart returns the end of the letters that stand apart from token i on, or i+1 if they spell nothing.
func (s *state) apart(i int) int {
	if !s.letter(i) {
		return i + 1
	}
	lowers, upper := 0, s.toks[i].is(fUpper)
	k := i + 1
	gap := int32(0)
	for ; k < len(s.toks) && k-i < 24 && s.letter(k) && !s.toks[k].is(fBreak); k++ {
		between := s.toks[k].start - s.toks[k-1].end
		if between < 1 || between > 2 || gap != 0 && between != gap {
			break
		}
		gap = between
		if s.toks[k].is(fUpper) {
			if lowers > 0 {
				break // another word
			}
		} else {
			if lowers == 0 && k > i+1 && upper {
				break
			}
			lowers++
		}
	}
	switch n := k - i; {
	case n < 3, n == 3 && lowers == 0 && s.engine.vocab.words[s.joined(i, k)].bits&bHotWord == 0: // M-R-N
		return i + 1
	case n == 3 && !upper: // "a y o" may be anything
		if _, ok := s.engine.vocab.words[s.joined(i, k)]; !ok {
			return i + 1
		}
	}
	return k
}

// joined is the hash of the letters from token i up to end, as one word.
func (s *state) joined(i, end int) uint64 {
	h := uint64(fnvOffset)
	for j := i; j < end; j++ {
		h = (h ^ uint64(lower(s.text.b[s.toks[j].start]))) * fnvPrime
	}
	return h
}

// halves says where letters that stand apart begin a second word ("m y s i s t e r"), or 0 if they don't.
func (s *state) halves(i, end int) int {
	if _, ok := s.engine.vocab.words[s.joined(i, end)]; ok || end-i < 6 {
		return 0
	}
	for k := i + 2; k <= end-3; k++ {
		if _, ok := s.engine.vocab.words[s.joined(i, k)]; ok {
			if _, ok := s.engine.vocab.words[s.joined(k, end)]; ok {
				return k
			}
		}
	}
	return 0
}

func (s *state) letter(i int) bool {
	t := &s.toks[i]
	return t.end-t.start == 1 && !t.is(fDigits|fApos|fAt) && s.text.b[t.start] < 0x80
}

// join makes t one word of the letters i to end-1.
func (s *state) join(t *token, i, end int) {
	v := s.engine.vocab
	h := uint64(fnvOffset)
	t.ids = int32(len(s.ids))
	for k := i; k < end; k++ {
		h = (h ^ uint64(lower(s.text.b[s.toks[k].start]))) * fnvPrime
		if n := k - i + 1; n < 32 && v.lens&(1<<n) != 0 {
			if id, ok := v.prefix[h]; ok {
				s.ids = append(s.ids, id)
			}
		}
	}
	last := &s.toks[end-1]
	t.end, t.hash, t.bits = last.end, h, 0
	t.flags |= fApart
	if !last.is(fUpper) {
		t.flags &^= fUpper
	}
	s.lookup(t)
}
