package scan

import "slices"

// ahead is a quick look at whether a pattern that begins at a token can go on: one of the words in mask
// must stand among the next few tokens. A word is one bit of 64, so it may say yes in vain, never no.
type ahead struct {
	mask uint64 // 0 promises nothing
	span int32
}

func bitOf(id uint32) uint64 { return 1 << (id * 0x9e3779b1 >> 26) }

// aheadOf works out what must follow the first word of a pattern.
func aheadOf(elements []element) ahead {
	if !oneWord(elements[0].alts) {
		return ahead{}
	}
	a := ahead{span: 1}
	for i := range elements[1:] {
		e := &elements[1+i]
		if e.gap > 0 {
			a.span += int32(e.gap)
			continue
		}
		longest := 0
		for _, alt := range e.alts {
			for _, at := range alt {
				if at.kind == atomClass && e.optional {
					return ahead{} // may be any number of tokens
				}
			}
			longest = max(longest, len(alt))
		}
		sign := signOf(e)
		if sign == 0 {
			return ahead{}
		}
		a.mask |= sign
		if !e.optional {
			return a
		}
		a.span += int32(longest)
	}
	return ahead{}
}

// oneWord says whether each of the alternatives is a single word.
func oneWord(alts [][]atom) bool {
	return !slices.ContainsFunc(alts, func(alt []atom) bool {
		return len(alt) != 1 || alt[0].kind != atomWord && alt[0].kind != atomExact
	})
}

// signOf is what the sign of a token must share with an element that it begins, 0 if that can't be said.
func signOf(e *element) (mask uint64) {
	for _, alt := range e.alts {
		if alt[0].kind != atomWord && alt[0].kind != atomExact {
			return 0
		}
		mask |= bitOf(alt[0].id)
	}
	return mask
}

// sign notes for each token which bits its words have.
func (s *state) sign() {
	s.signs = s.signs[:0]
	for i := range s.toks {
		t := &s.toks[i]
		bits := uint64(0)
		for _, id := range s.ids[t.ids : t.ids+int32(t.nids)] {
			bits |= bitOf(id)
		}
		s.signs = append(s.signs, bits)
	}
}

// maybe says whether a pattern may go on after token i.
func (s *state) maybe(a ahead, i int) bool {
	if a.mask == 0 {
		return true
	}
	for k := i + 1; k <= i+int(a.span) && k < len(s.signs); k++ {
		if s.signs[k]&a.mask != 0 {
			return true
		}
	}
	return false
}
