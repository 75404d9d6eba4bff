package search

import "slices"

// Confine narrows q to what the patient with this id may see: records of q and of every query
// inside its Links must be in the patient's compartment, unless their type is none that a
// compartment can hold and open allows it. A chain goes on only to types that are not refused. It
// returns false, and the search must find nothing, if q's type is refused or nothing is left of a
// chain. Included records are for the caller to judge.
func (q *Query) Confine(patient string, open func(resourceType string) bool) bool {
	c := Condition{Param: "_compartment"}
	for _, t := range q.Types {
		p := planFor(t)
		switch {
		case p.inside:
			c.alts = append(c.alts, inCompartment(t, patient))
		case open(t):
			c.alts = append(c.alts, alternative{space: p.updated, want: want{ranges: []Range{{}}, test: func([]byte) bool { return true }}})
		default:
			return false
		}
	}
	for i := range q.Where {
		l := q.Where[i].Link
		if l == nil {
			continue
		}
		l.Inner = slices.DeleteFunc(l.Inner, func(in *Query) bool { return !in.Confine(patient, open) })
		if len(l.Inner) == 0 {
			return false
		}
	}
	q.Where = append(q.Where, c)
	return true
}
