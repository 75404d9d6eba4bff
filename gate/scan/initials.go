package scan

import "bytes"

// initials finds persons of whom only letters stand there: "R.T.", "Margery L.", and the number of a room without the
// word for it: "in 7B", "en la 307", "on 3 North". Alone they mean nothing.
func (s *state) initials() {
	for i := range s.toks {
		t := &s.toks[i]
		switch {
		case t.is(fDigits):
			s.roomCode(i)
		case t.is(fUpper) && t.end-t.start == 1 && !t.is(fApos|fGlued):
			s.initialsAt(i)
		}
	}
}

// surname says whether token i, after an initial, is one that nothing else explains.
func (s *state) surname(i int) bool {
	t := &s.toks[i]
	return !t.is(fBreak|fComma|fUpper|fGlued) && t.end-t.start >= 4 && t.nids == 0 && t.bits&(notName|bBigPlace|bGiven|bGivenToo) == 0
}

func (s *state) dotAfter(i int) bool {
	p := s.toks[i].end
	return int(p) < len(s.text.b) && s.text.b[p] == '.'
}

// initialsAt marks two or three capitals, each with a full stop, that are no common short form and no part of a name;
// and one after a name.
func (s *state) initialsAt(i int) {
	if !s.dotAfter(i) {
		return
	}
	if i > 0 && !s.toks[i].is(fBreak|fComma) && s.toks[i-1].is(fCapital) && s.toks[i-1].end-s.toks[i-1].start > 2 &&
		s.toks[i-1].bits&(bGiven|bGivenToo) != 0 && (i+1 >= len(s.toks) || !s.nameWord(i+1)) {
		s.markTokens(classInitials, i-1, i)
		return
	}
	if n := i + 1; (i == 0 || !s.toks[i-1].is(fCapital) || s.toks[i].is(fComma|fBreak)) && n < len(s.toks) && s.nameWord(n) && s.surname(n) {
		s.markTokens(classInitials, i, n)
		return
	}
	last := i
	for last+1 < len(s.toks) && last < i+3 {
		n := &s.toks[last+1]
		if n.end-n.start != 1 || !n.is(fUpper) || !s.dotAfter(last+1) || n.start-s.toks[last].end > 2 || n.is(fBreak) {
			break
		}
		last++
	}
	if last == i || last > i+2 || i > 0 && s.toks[i-1].is(fCapital) && s.toks[i-1].end-s.toks[i-1].start == 1 && !s.toks[i].is(fBreak) {
		return
	}
	if last+1 < len(s.toks) && s.nameWord(last+1) && !s.toks[last+1].is(fComma) { // J. K. Rowling
		return
	}
	var both [3]byte
	n := 0
	for k := i; k <= last; k++ {
		both[n] = s.text.b[s.toks[k].start]
		n++
	}
	if bytes.Contains(shortForms, append([]byte{' '}, both[:n]...)) {
		return
	}
	s.markTokens(classInitials, i, last)
}

// Two letters with full stops that are no person.
var shortForms = []byte(` US UK EU EE UU GP ER IV MD RN DO PT OT NP PA BP ID TV PM AM DC NY LA CA NJ SA SL SR PS PD PH AC AD BC JC CV VS IQ CP RD NB OK OR ED UN ND SD NC SC NA TA QD BI TI PR EP HR IT PC DR DN FP SS AA BA MA BS MS
UCI DNI NIE NIF CIP NHS USA UAE IVF ICU MRI CEO PHD MBA BSN RIP VIH HIV ATS ADN DNA LLC INC PLC SAC SRL `)

// bedRow marks a line of a board of beds: "12A Ramírez", "611A Ferro".
func (s *state) bedRow(i int) {
	k := i + 2
	if k >= len(s.toks) || s.toks[i].is(fMoney) || s.toks[i].end-s.toks[i].start > 3 {
		return
	}
	l, n := &s.toks[i+1], &s.toks[k]
	if l.is(fGlued) && l.is(fUpper) && l.end-l.start == 1 && !n.is(fBreak|fComma) && s.nameWord(k) && n.end-n.start >= 4 && n.bits&(notName|bBigPlace|bTitle) == 0 {
		s.markTokens(classBedRow, i, k)
	}
}

// roomCode marks a number that stands where a room would, after a word of place.
func (s *state) roomCode(i int) {
	s.bedRow(i)
	if i == 0 || s.toks[i].is(fBreak|fGlued|fMoney|fComma) {
		return
	}
	article := i > 1 && s.is(i-1, "la") && (s.is(i-2, "en") || s.is(i-2, "de") || s.is(i-2, "a"))
	loose := s.is(i-1, "on") || s.is(i-1, "en") // before a number of three digits they may mean anything
	if !article && !loose && !s.is(i-1, "in") && !s.is(i-1, "from") {
		return
	}
	t := &s.toks[i]
	size := t.end - t.start
	next := i + 1
	if next < len(s.toks) && s.toks[next].is(fGlued) { // 7B
		n := &s.toks[next]
		if n.end-n.start == 1 && n.is(fUpper) && size <= 3 {
			s.markTokens(classRoomCode, i, next)
		}
		return
	}
	if next < len(s.toks) && size <= 2 && s.toks[next].is(fCapital) && !s.toks[next].is(fBreak|fComma) {
		switch s.word1(next) {
		case "north", "south", "east", "west", "norte", "sur", "este", "oeste":
			s.markTokens(classRoomCode, i, next)
		}
		return
	}
	if size != 3 || t.val < 100 || loose {
		return
	}
	if next >= len(s.toks) || s.toks[next].is(fBreak|fComma) || article && s.toks[next].bits&bStop != 0 {
		s.markTokens(classRoomCode, i, i)
	}
}
