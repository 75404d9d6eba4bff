package scan

// places finds rooms and beds, streets and addresses, postcodes, and places that somebody is from.
func (s *state) places() {
	for i := range s.toks {
		t := &s.toks[i]
		switch {
		case t.bits&(bRoom|bBed) != 0:
			s.roomAt(i)
		case t.bits&bStreetBefore != 0:
			s.streetAfter(i)
		case t.end-t.start == 1 && s.is(i, "c") && int(t.end) < len(s.text.b) && s.text.b[t.end] == '/':
			s.streetAfter(i)
		case t.bits&bStreetAfter != 0 && i > 0:
			s.streetBefore(i)
		case t.is(fDigits) && t.end-t.start == 5:
			s.zipAt(i)
		}
		if t.is(fUpper) && t.end-t.start <= 2 {
			s.britishPostcode(i)
		}
		s.placeAfter(i)
	}
}

// roomAt marks "room 324", "ward 5B", "habitación 214", "cama 12".
func (s *state) roomAt(i int) {
	c := classRoom
	if s.toks[i].bits&bBed != 0 {
		c = classBed
	}
	k := i + 1
	if k < len(s.toks) && (s.is(k, "number") || s.is(k, "no") || s.is(k, "numero") || s.is(k, "num") || s.is(k, "n")) {
		k++
	}
	if k >= len(s.toks) || s.toks[k].is(fBreak) || s.toks[k].is(fMoney) {
		return
	}
	if s.toks[k].bits&bDigitWord != 0 && s.toks[k].end-s.toks[k].start > 2 {
		if last := s.saidRoom(k); last > k || last == k && s.toks[k].is(fLeet) { // "bed six" alone may be anything
			s.markTokens(c, i, last)
		}
	} else if s.toks[k].is(fDigits) {
		if k+1 < len(s.toks) && s.toks[k+1].is(fGlued) && s.toks[k+1].end-s.toks[k+1].start == 1 {
			k++
		}
		s.markTokens(c, i, k)
	} else if s.toks[k].is(fUpper) && s.toks[k].end-s.toks[k].start == 1 && k+1 < len(s.toks) && s.toks[k+1].is(fDigits) {
		s.markTokens(c, i, k+1)
	}
}

// saidRoom returns the last token of a room's number that is written as words, or -1: "four-oh-two", "doce" is none.
func (s *state) saidRoom(k int) int {
	last := -1
	for n := 0; k < len(s.toks) && n < 4; k, n = k+1, n+1 {
		t := &s.toks[k]
		if n > 0 && t.is(fBreak|fComma) {
			break
		}
		if t.is(fDigits) && t.end-t.start == 1 {
			if k+1 < len(s.toks) && s.toks[k+1].is(fGlued) && s.is(k+1, "h") {
				k++ // 0h
			}
		} else if _, ok := digitWord(s.word1(k)); !ok {
			break
		}
		last = k
	}
	return last
}

// streetAfter marks "Calle Mayor 12, 3º B", with or without the number.
func (s *state) streetAfter(i int) {
	k := i + 1
	for k < len(s.toks) && k <= i+4 && s.toks[k].bits&bParticle != 0 {
		k++
	}
	from := k
	for k < len(s.toks) && k < from+4 && s.nameWord(k) || k > from && k < from+4 && k+1 < len(s.toks) && s.toks[k].bits&bParticle != 0 && s.nameWord(k+1) {
		k++
	}
	if k == from {
		return
	}
	last := k - 1
	if k+1 < len(s.toks) && (s.is(k, "n") || s.is(k, "num") || s.is(k, "numero") || s.is(k, "no")) {
		k++
	}
	if v := s.value(k); v > 0 && v < 10000 && !s.toks[k].is(fBreak) && !year(v) {
		s.addStreet(classAddress, i, k)
		return
	}
	s.addStreet(classStreet, i, last)
}

// streetBefore marks "14 Fenwick Street", with or without the number, around the word at token i.
func (s *state) streetBefore(i int) {
	if !s.toks[i].is(fCapital) || s.toks[i].is(fBreak) || s.toks[i].is(fUpper) && s.is(i, "ct") {
		return
	}
	k := i
	for k > 0 && i-k < 3 && !s.toks[k].is(fBreak) && s.nameWord(k-1) && !s.toks[k].is(fComma) {
		k--
	}
	if k == i {
		return
	}
	if k > 0 && !s.toks[k].is(fBreak) {
		n := k - 1
		if !s.toks[n].is(fDigits) && s.toks[n].is(fGlued) && n > 0 {
			n-- // 14B
		}
		if v := s.value(n); v > 0 && v < 20000 && s.toks[n+1].start-s.toks[n].end <= 2 {
			s.addStreet(classAddress, n, i)
			return
		}
	}
	s.addStreet(classStreet, k, i)
}

// nameWord says whether token i could be part of a proper name: a capital, and no function word.
func (s *state) nameWord(i int) bool {
	t := &s.toks[i]
	return t.is(fCapital) && !t.is(fDigits) && t.bits&bStop == 0 && (!t.is(fBreak) || i == 0)
}

func (s *state) addStreet(c class, first, last int) {
	for i := first; i <= last; i++ {
		if _, ok := s.startsWith(s.engine.org.streets, i); ok {
			c = classOwn
		}
	}
	for _, own := range s.engine.org.streets { // "14 Fenwick Street" when the address says "Fenwick Street 14"
		if len(own) >= 2 && first+1 <= last && s.contains(own, first, last) {
			c = classOwn
		}
	}
	s.markTokens(c, first, last)
}

// contains says whether all words of tokens first to last are among these.
func (s *state) contains(words []uint64, first, last int) bool {
	for i := first; i <= last; i++ {
		found := false
		for _, w := range words {
			found = found || w == s.toks[i].hash
		}
		if !found {
			return false
		}
	}
	return true
}

// zipAt marks five digits after a town's name or the words "ZIP" or "CP", or before one.
func (s *state) zipAt(i int) {
	v := s.toks[i].val
	if v < 1000 || s.toks[i].is(fMoney) {
		return
	}
	state := i > 0 && s.toks[i-1].is(fUpper) && s.toks[i-1].end-s.toks[i-1].start == 2 && s.toks[i-1].bits&bStop == 0
	town := i+1 < len(s.toks) && s.nameWord(i+1) && v <= 52999 && !s.toks[i+1].is(fComma) && i > 0 && s.toks[i].is(fComma)
	if state || town || s.wordBefore(i, 2, "zip", "cp", "postal", "postcode") {
		s.markTokens(classPostcode, i, i)
	}
}

// britishPostcode marks "SW1A 1AA" and "LS1 4AP", which begin at token i.
func (s *state) britishPostcode(i int) {
	for n := 7; n >= 5; n-- {
		a := s.alnumRun(i, n)
		if a.n != n || a.last == i {
			continue
		}
		in, out := a.chars[n-3:n], a.chars[:n-3]
		if kindOf(in[0]) != cDigit || kindOf(in[1]) == cDigit || kindOf(in[2]) == cDigit ||
			kindOf(out[0]) == cDigit || kindOf(out[len(out)-1]) != cDigit && (len(out) < 3 || kindOf(out[len(out)-2]) != cDigit) {
			continue
		}
		// the inward part is one digit and two letters, written together
		if t := &s.toks[a.last]; t.end-t.start == 2 && t.is(fGlued) && t.is(fUpper) {
			s.addRun(classPostcode, &a)
			return
		}
	}
}

// placeAfter marks the capitalised words after "from", "in", "vecina de": a place, unless it is a
// large one, the organisation's own, or an institution.
func (s *state) placeAfter(i int) {
	if s.toks[i].bits&bPlaceWord == 0 || i+1 >= len(s.toks) || s.upper || !s.nameWord(i+1) {
		return
	}
	end := s.nameRun(i + 1)
	for k := i + 1; k <= end; k++ {
		if s.toks[k].bits&(bBigPlace|bInstitution|bMonth|bWeekday|bCommon|bNationality|bStreetAfter|bStreetBefore) != 0 {
			return
		}
	}
	if _, ok := s.startsWith(s.engine.org.places, i+1); ok || s.phraseAt(s.engine.org.name, i+1) || end+1 < len(s.toks) && s.toks[end+1].bits&bInstitution != 0 && s.nameWord(end+1) {
		return
	}
	s.markTokens(classPlace, i+1, end)
}
