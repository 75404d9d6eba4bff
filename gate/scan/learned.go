package scan

import "github.com/mitral-health/mitral/gate/tag"

// peopleOrOwn are the marks beside which the tagger has nothing to add about a person.
var peopleOrOwn = [...]class{className, classGiven, classNameLike, classStaff, classOwn, classHandle, classEmail, classProfileURL, classStreet, classAddress}

// learned marks the names that only the tagger saw: one word as a given name, several as words that look
// like a name. What the rules make of them is the rules' business.
func (s *state) learned() {
	i := 0
	for _, t := range s.spans {
		if t.Entity != tag.Name {
			continue
		}
		for i < len(s.toks) && s.toks[i].end <= t.Start {
			i++
		}
		first, last := i, i
		for last+1 < len(s.toks) && s.toks[last+1].start < t.End {
			last++
		}
		if first >= len(s.toks) || s.toks[first].start >= t.End || last-first > 5 || !s.unmarked(first, last) {
			continue
		}
		c := classNameLike
		if first == last {
			c = classGiven
		}
		s.markTokens(c, first, last)
	}
}

// unmarked says whether tokens first to last could be a person that nothing else explains.
func (s *state) unmarked(first, last int) bool {
	for i := first; i <= last; i++ {
		t := &s.toks[i]
		if t.is(fDigits|fAt|fHash) || t.bits&(bPro|bTitle|notName|bBigPlace|bStop) != 0 || t.bits&bParticle == 0 && t.nids > 0 {
			return false
		}
	}
	if first == last && !s.toks[first].is(fCapital) && s.toks[first].end-s.toks[first].start < 4 {
		return false
	}
	for i := max(0, first-6); i <= last; i++ {
		for m := s.heads[i]; m >= 0; m = s.marks[m].next {
			if int(s.marks[m].last) < first {
				continue
			}
			for _, c := range peopleOrOwn {
				if s.marks[m].class == c {
					return false
				}
			}
		}
	}
	for i := max(0, first-4); i <= last; i++ {
		if s.phraseAt(s.engine.org.name, i) {
			return false
		}
		if _, ok := s.startsWith(s.engine.org.places, i); ok {
			return false
		}
	}
	return !s.institutional(first, last) && !s.besideProfession(first, last)
}
