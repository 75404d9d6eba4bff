package scan

import "strings"

// ages finds how old one person is: "92-year-old", "aged 94", "de 8 años", "noventa y tres años".
// Ages of groups ("people over 65", "mayores de 90 años") and spans of time are left alone.
func (s *state) ages() {
	for i := range s.toks {
		t := &s.toks[i]
		var age, last int
		switch {
		case t.is(fDigits) && t.end-t.start <= 3 && t.val > 89 && s.birthday(i): // happy 100th
			s.markTokens(classAge90, i, i+1)
			continue
		case t.is(fDigits) && t.end-t.start <= 3:
			age, last = int(t.val), i
		case t.bits&bNinety != 0:
			age, last = s.ninety(i)
		case t.bits&bHundred != 0 && (i == 0 || !s.toks[i-1].is(fDigits)):
			age, last = 100, i
		default:
			continue
		}
		if age < 0 || age > 125 || t.is(fMoney) {
			continue
		}
		if first, end, ok := s.ageAround(i, last); ok {
			c := classAge
			switch {
			case age > 89:
				c = classAge90
			case age < 18:
				c = classAgeMinor
			}
			s.markTokens(c, first, end)
		}
	}
}

// birthday says whether the number at token i is that of a birthday: "Happy 100th, Beulah".
func (s *state) birthday(i int) bool {
	if i+1 >= len(s.toks) || !s.toks[i+1].is(fGlued) || !ordinal(s.word1(i+1)) || s.toks[i].val > 115 {
		return false
	}
	return i > 0 && s.is(i-1, "happy") && !s.toks[i].is(fBreak) || i+2 < len(s.toks) && s.is(i+2, "birthday")
}

func (s *state) ninety(i int) (age, last int) {
	k := i + 1
	if k < len(s.toks) && s.is(k, "y") {
		k++
	}
	if k < len(s.toks) && s.toks[k].bits&bDigitWord != 0 {
		if d, ok := digitWord(s.word1(k)); ok {
			return 90 + int(d-'0'), k
		}
	}
	return 90, i
}

// ageAround looks for the words that make a number somebody's age, and gives the tokens of the whole.
func (s *state) ageAround(i, last int) (first, end int, ok bool) {
	at := func(k int) string {
		if k < 0 || k >= len(s.toks) || k > last && s.toks[k].is(fBreak) {
			return ""
		}
		return s.word1(k)
	}
	w := at(last + 1)
	switch {
	case w == "year" || w == "years" || w == "yr" || w == "yrs" || w == "month" || w == "months":
		if at(last+2) != "old" || at(last+3) == "building" || s.groupBefore(i) {
			return 0, 0, false
		}
		return i, last + 2, true
	case w == "yo", w == "anazos":
		return i, last + 1, true
	case w == "y" && at(last+2) == "o":
		return i, last + 2, true
	case w == "anos" || w == "anitos" || w == "meses":
		before := at(i - 1)
		ofAge := at(last+2) == "de" && at(last+3) == "edad"
		switch before {
		case "de", "con", "tiene", "tenia", "tengo", "sus", "cumple", "cumplio", "cumplir", "los", "tienes":
			if s.groupBefore(i-1) || before == "los" && at(i-2) != "a" || before == "de" && spanWord(at(i-2)) || spanWord(at(last+2)) ||
				!ofAge && at(last+2) == "de" || before == "con" && spanWord(at(i-2)) {
				return 0, 0, false
			}
			return i, last + 1, true
		}
		return i, last + 1, ofAge && !s.groupBefore(i)
	case at(i-1) == "aged" || at(i-1) == "age" && at(i-2) != "of" && at(i-2) != "the" || at(i-1) == "edad":
		if s.groupBefore(i-1) || w == "and" || w == "to" || w == "or" || w == "y" || w == "a" || w == "plus" || last+1 < len(s.toks) && s.toks[last+1].is(fHyphen) {
			return 0, 0, false
		}
		return i - 1, last, true
	}
	return 0, 0, false
}

// groupBefore says whether the age before token i is that of people in general, or a range.
func (s *state) groupBefore(i int) bool {
	for k := i - 1; k >= 0 && k >= i-3; k-- {
		t := &s.toks[k]
		if t.bits&bGroup != 0 || t.is(fDigits) && k >= i-2 {
			return true
		}
		if t.is(fBreak) {
			break
		}
	}
	return false
}

// spanWord says whether a word makes years a span of time and not an age.
func spanWord(w string) bool {
	return strings.Contains(" historia experiencia servicio trayectoria antiguedad investigacion aniversario seguimiento garantia hace desde durante vida duracion plazo celebracion ", " "+w+" ") && w != ""
}
