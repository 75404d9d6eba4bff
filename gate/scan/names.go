package scan

// names finds people: after a title, by a given name, or as capitalised words that nothing else
// explains. Those whom the text shows to be professionals, and the organisation's own staff, become
// classStaff instead.
func (s *state) names() {
	for i := 0; i < len(s.toks); i++ {
		t := &s.toks[i]
		if t.is(fDigits) {
			continue
		}
		last := -1
		switch {
		case t.bits&bPro != 0:
			last = s.professional(i)
		case t.bits&bTitle != 0:
			last = s.titled(i)
		}
		if last < 0 {
			if end, ok := s.staffAt(i); ok {
				s.markTokens(classStaff, i, end)
				last = end
			}
		}
		if last < 0 && t.bits&(bGiven|bGivenToo) != 0 {
			last = s.given(i)
		}
		if last < 0 && !s.upper && s.nameWord(i) {
			last = s.unknown(i)
		}
		if last > i {
			i = last
		}
	}
}

// notName are kinds of word that show that capitalised words are no person.
const notName = bInstitution | bMonth | bWeekday | bCommon | bStreetAfter | bStreetBefore | bNationality

func (s *state) staffAt(i int) (int, bool) { return s.startsWith(s.engine.org.staff, i) }

// nameRun returns the last token of the name that starts at token i.
func (s *state) nameRun(i int) int {
	most := 4
	if s.upper {
		most = 2
	}
	last := i
	for k, n := i+1, 1; k < len(s.toks) && n < most; k++ {
		t := &s.toks[k]
		if t.is(fBreak | fComma) {
			break
		}
		if t.is(fUpper) && t.end-t.start == 1 && k+1 < len(s.toks) && s.toks[k+1].is(fApos) && kindOf(s.text.b[s.toks[k+1].start+1]) == cUpper {
			last = k // the O of O'Brien
			continue
		}
		if t.is(fApos) && k == last+1 && t.end-t.start > 2 && kindOf(s.text.b[t.start+1]) == cUpper && s.toks[last].end-s.toks[last].start <= 2 {
			last = k // O'Brien
			continue
		}
		if t.bits&bParticle != 0 && !t.is(fUpper) && k+1 < len(s.toks) {
			j := k
			for j+1 < len(s.toks) && j < k+2 && s.toks[j+1].bits&bParticle != 0 && !s.toks[j+1].is(fBreak|fComma|fCapital) {
				j++
			}
			if j+1 < len(s.toks) && s.nameWord(j+1) && !s.toks[j+1].is(fBreak|fComma) && s.toks[j+1].bits&notName == 0 {
				k = j
				continue
			}
			break
		}
		if !s.nameWord(k) || t.bits&notName != 0 {
			break
		}
		last = k
		n++
	}
	return last
}

// professional marks "Dr Ana Ruiz", "la enfermera Marta".
func (s *state) professional(i int) int {
	k := i + 1
	for k < len(s.toks) && s.toks[k].bits&(bPro|bTitle) != 0 && k < i+3 {
		k++
	}
	if k >= len(s.toks) || s.toks[k].is(fBreak|fComma) || !s.nameWord(k) || s.toks[k].bits&notName != 0 || s.upper && s.toks[k].nids > 0 {
		return -1
	}
	last := s.nameRun(k)
	s.markTokens(classStaff, i, last)
	return last
}

// titled marks "Mrs Halloran", "la señora García", in lower case too if the word is none that we know.
func (s *state) titled(i int) int {
	k := i + 1
	if k < len(s.toks) && s.toks[k].bits&bTitle != 0 {
		k++ // Sra. Dña.
	}
	for k < len(s.toks) && k < i+3 && s.toks[k].bits&bParticle != 0 && !s.toks[k].is(fCapital) && k+1 < len(s.toks) && s.nameWord(k+1) {
		k++
	}
	if k >= len(s.toks) || s.toks[k].is(fBreak|fComma|fDigits|fApos) {
		return -1
	}
	t := &s.toks[k]
	switch {
	case s.nameWord(k) && t.bits&notName == 0 && (s.toks[i].is(fCapital) || s.toks[i].bits&bGivenToo == 0):
		last := s.nameRun(k)
		if _, ok := s.staffAt(k); ok {
			s.markTokens(classStaff, i, last)
		} else {
			s.markTokens(className, i, last)
		}
		return last
	case !t.is(fCapital) && t.bits&^(bGiven|bGivenToo) == 0 && t.nids == 0 && t.end-t.start >= 4 && s.formal(i):
		s.markTokens(className, i, k)
		return k
	}
	return -1
}

// formal says whether the title at token i is one that only stands before names.
func (s *state) formal(i int) bool {
	switch s.word1(i) {
	case "mr", "mrs", "ms", "sr", "sra", "dona", "dna":
		return true
	case "senora", "senor":
		return i > 0 && (s.is(i-1, "la") || s.is(i-1, "el") || s.is(i-1, "del"))
	}
	return false
}

// given marks names that begin with a known given name.
func (s *state) given(i int) int {
	t := &s.toks[i]
	too := t.bits&bGivenToo != 0
	if !t.is(fCapital) {
		if too || t.end-t.start < 4 || s.toks[i].is(fAt|fHash|fGlued) {
			return -1
		}
		s.markTokens(classGiven, i, i)
		return i
	}
	if t.is(fAt | fHash) {
		return -1
	}
	last := s.nameRun(i)
	if s.institutional(i, last) {
		return last
	}
	if last > i && s.upper && s.toks[i+1].nids > 0 {
		last = i
	}
	c := className
	if last == i {
		if c = classGiven; too && !s.introduced(i) {
			if t.bits&(bMonth|bMonthToo) == 0 {
				s.markTokens(classGivenToo, i, i)
			}
			return -1
		}
	}
	if s.besideProfession(i, last) {
		c = classStaff
	}
	s.markTokens(c, i, last)
	return last
}

// institutional says whether the words are part of the name of a house, a day or a prize.
func (s *state) institutional(i, last int) bool {
	if last+1 < len(s.toks) && s.toks[last+1].bits&notName != 0 && s.nameWord(last+1) && !s.toks[last+1].is(fComma) {
		return true
	}
	for k := i - 1; k >= 0 && k >= i-2 && !s.toks[k+1].is(fComma|fBreak); k-- {
		if s.toks[k].bits&(bInstitution|bStreetBefore) != 0 && s.toks[k].is(fCapital) {
			return true
		}
		if s.toks[k].bits&bParticle == 0 {
			break
		}
	}
	return false
}

// introduced says whether the word before says that a name follows.
func (s *state) introduced(i int) bool {
	if i == 0 {
		return false
	}
	switch s.word1(i - 1) {
	case "named", "called", "llamada", "llamado", "llama", "hi", "hello", "hey", "dear", "hola", "querida", "querido",
		"estimada", "estimado", "gracias", "thanks", "patient", "paciente", "little", "baby", "pequena", "pequeno", "sister", "brother",
		"law", "cousin", "friend", "aunt", "uncle", "mum", "dad", "grandma", "grandad", "nephew", "niece", "prima", "primo", "amiga", "amigo",
		"cunada", "cunado", "suegra", "suegro", "abuela", "abuelo", "tia", "tio", "sobrina", "sobrino", "hermana", "hermano", "hija", "hijo", "daughter", "son", "wife", "husband", "mujer", "marido", "neighbour", "vecina", "vecino":
		return !s.toks[i].is(fBreak)
	case "you":
		return i > 1 && s.is(i-2, "thank") && !s.toks[i].is(fBreak)
	}
	return false
}

// besideProfession: "our cardiologist Marta Ruiz" and "Marta Ruiz, head nurse".
func (s *state) besideProfession(i, last int) bool {
	if i > 0 && s.toks[i-1].bits&bPro != 0 && !s.toks[i].is(fBreak) {
		return true
	}
	for k := last + 1; k < len(s.toks) && k <= last+4 && s.toks[last+1].is(fComma); k++ {
		if s.toks[k].is(fBreak) || k > last+1 && s.toks[k].is(fComma) {
			break
		}
		if s.toks[k].bits&bPro != 0 {
			return true
		}
	}
	return false
}

// unknown marks two to four capitalised words that no list explains, and one after "named".
func (s *state) unknown(i int) int {
	t := &s.toks[i]
	if t.is(fAt|fHash|fGlued) || t.bits&(notName|bBigPlace|bTitle|bPro|bStop|bEndearing) != 0 || t.nids > 0 {
		return -1
	}
	last := s.nameRun(i)
	if last == i {
		if s.introduced(i) && t.end-t.start > 1 {
			s.markTokens(classGiven, i, i)
		}
		return i
	}
	for k := i; k <= last; k++ {
		if s.toks[k].bits&(notName|bBigPlace) != 0 || s.toks[k].nids > 0 && s.toks[k].bits&bParticle == 0 || s.toks[k].end-s.toks[k].start == 1 && k == i {
			return last
		}
	}
	if s.institutional(i, last) || s.phraseAt(s.engine.org.name, i) {
		return last
	}
	if _, ok := s.startsWith(s.engine.org.places, i); ok {
		return last
	}
	c := classNameLike
	if s.besideProfession(i, last) {
		c = classStaff
	}
	s.markTokens(c, i, last)
	return last
}
