package search

import (
	"bytes"
	"slices"
)

// Condition is one parameter of a query: "code=a,b" is one, a repeated parameter is several.
type Condition struct {
	Param string // as written, modifiers and chain included: "subject:Patient.name"
	Link  *Link  // not nil: a condition on other records, see Link; Match is then false for all

	negate bool
	alts   []alternative
}

// alternative is one way to meet a condition: what is wanted, among the values of one group.
type alternative struct {
	space space
	long  space
	want  want
}

// beside reports whether the values are only kept with the record.
func (a *alternative) beside() bool { return !Indexed(a.space[:]) }

// Ranges is index ranges that together hold a key of every record that meets c, sorted and apart from each
// other. They may hold more: Match decides. Nil means that no range does that (":not",
// ":missing=true", ":text", a Link) and c can only filter.
func (c *Condition) Ranges() []Range {
	if c.Link != nil || c.negate {
		return nil
	}
	out := []Range{}
	for i := range c.alts {
		a := &c.alts[i]
		if a.beside() {
			return nil
		}
		for _, v := range a.want.exact {
			k := exactly(a.space, v)
			out = append(out, Range{k, append(k[:len(k):len(k)], 0)})
		}
		if a.want.exact != nil {
			continue
		}
		for _, r := range a.want.ranges {
			out = append(out, a.in(r))
		}
		if a.want.long != nil {
			out = append(out, Range{append(a.long[:len(a.long):len(a.long)], a.want.long...), after(a.long[:])})
		}
	}
	return merge(out)
}

// in puts a range of values into a's space, as far as the index keeps values.
func (a *alternative) in(r Range) Range {
	lo, hi := r.Lo, r.Hi
	if len(lo) > MaxValue {
		lo = lo[:MaxValue]
	}
	out := Range{append(a.space[:len(a.space):len(a.space)], lo...), after(a.space[:])}
	switch {
	case len(hi) > MaxValue:
		out.Hi = after(append(a.space[:len(a.space):len(a.space)], hi[:MaxValue]...))
	case hi != nil:
		out.Hi = append(a.space[:len(a.space):len(a.space)], hi...)
	}
	return out
}

// Merge sorts ranges and joins those that meet. It changes in.
func Merge(in []Range) []Range { return merge(in) }

func merge(in []Range) []Range {
	slices.SortFunc(in, func(a, b Range) int { return bytes.Compare(a.Lo, b.Lo) })
	out := in[:0]
	for _, r := range in {
		if bytes.Compare(r.Lo, r.Hi) >= 0 {
			continue
		}
		if n := len(out); n > 0 && bytes.Compare(r.Lo, out[n-1].Hi) <= 0 {
			if bytes.Compare(r.Hi, out[n-1].Hi) > 0 {
				out[n-1].Hi = r.Hi
			}
			continue
		}
		out = append(out, r)
	}
	return out
}

// Exact is keys such that c holds for a record if and only if one of them is among its indexed
// terms: a probe "EXISTS key IN (...)" then decides c without reading the record. Nil if c is no
// such condition; empty if nothing meets it. Each key is also a range of Ranges.
func (c *Condition) Exact() [][]byte {
	if c.Link != nil || c.negate {
		return nil
	}
	out := [][]byte{}
	for i := range c.alts {
		a := &c.alts[i]
		if a.want.exact == nil || a.beside() {
			return nil
		}
		for _, v := range a.want.exact {
			out = append(out, exactly(a.space, v))
		}
	}
	slices.SortFunc(out, bytes.Compare)
	return slices.CompactFunc(out, bytes.Equal)
}

// Match decides c for the record with terms t.
func (c *Condition) Match(t Terms) bool {
	if c.Link != nil {
		return false
	}
	for i := range c.alts {
		if c.alts[i].match(t) {
			return !c.negate
		}
	}
	return c.negate
}

func (a *alternative) match(t Terms) bool {
	if a.want.exact != nil {
		var b [160]byte
		for _, v := range a.want.exact {
			if a.beside() && t.Has(appendCut(append(b[:0], a.space[:]...), v, MaxWhole)) ||
				!a.beside() && t.Has(appendCut(append(b[:0], a.space[:]...), v, MaxValue)) {
				return true
			}
		}
		return false
	}
	if !a.beside() {
		for _, r := range a.want.ranges {
			for k := range t.each(a.in(r)) {
				if !isCut(k) && a.want.test(k[len(a.space):]) {
					return true
				}
			}
		}
		if a.want.long != nil && a.matchAll(t, a.space) {
			return true
		}
	}
	return a.matchAll(t, a.space.beside())
}

func (a *alternative) matchAll(t Terms, s space) bool {
	for k := range t.each(all(s)) {
		if !isCut(k) && a.want.test(k[len(s):]) {
			return true
		}
	}
	return false
}
