package scan

import "slices"

// longClause is how many words a marked sentence may have; of a longer one its clauses are marked.
const longClause = 30

// clause widens a stretch of words to whole sentences, or to whole clauses where those are long, so that it can be
// read, and taken out, by itself. Where even those are long it stays as it is.
func (s *state) clause(first, end int) (int, int) {
	widen := func(border flags) (from, to int) {
		for from, to = first, end; from > 0 && s.toks[from].flags&border == 0 && to-from <= longClause; from-- {
		}
		for to < len(s.toks) && s.toks[to].flags&border == 0 && to-from <= longClause {
			to++
		}
		return from, to
	}
	if from, to := widen(fBreak); to-from <= longClause {
		return from, to
	}
	if from, to := widen(fBreak | fComma); to-from <= longClause {
		return from, to
	}
	return first, end
}

// whole is the clauses in which a stretch of bytes lies.
func (s *state) whole(start, end int32) (int32, int32) {
	first, _ := slices.BinarySearchFunc(s.toks, start, func(t token, at int32) int { return int(t.end - 1 - at) })
	last, found := slices.BinarySearchFunc(s.toks, end-1, func(t token, at int32) int { return int(t.start - at) })
	if !found {
		last--
	}
	if first > last || first >= len(s.toks) {
		return start, end
	}
	from, to := s.clause(first, last+1)
	return min(start, s.toks[from].start), max(end, s.toks[to-1].end)
}
