package search

import "bytes"

// compositeWant joins what is wanted of each component into what is wanted of a composite's value.
func compositeWant(kinds []kind, parts []want) want {
	out := want{ranges: []Range{{}}, test: func(v []byte) bool {
		for i, k := range kinds {
			one, rest, ok := component(k, v)
			if !ok || !parts[i].accepts(one) {
				return false
			}
			v = rest
		}
		return true
	}}
	first := parts[0]
	if first.exact == nil {
		out.ranges = first.ranges // a composite's value starts with its first component's
		return out
	}
	out.ranges = nil
	for _, v := range first.exact {
		start := append(v[:len(v):len(v)], componentEnd)
		if len(parts) > 1 && parts[1].exact == nil && parts[1].long == nil {
			for _, r := range parts[1].ranges {
				within := Range{append(start[:len(start):len(start)], r.Lo...), after(start)}
				if r.Hi != nil {
					within.Hi = append(start[:len(start):len(start)], r.Hi...)
				}
				out.ranges = append(out.ranges, within)
			}
			continue
		}
		out.ranges = append(out.ranges, Range{start, after(start)})
	}
	return out
}

func (w want) accepts(v []byte) bool {
	if w.exact == nil {
		return w.test(v)
	}
	for _, e := range w.exact {
		if bytes.Equal(e, v) {
			return true
		}
	}
	return false
}

// component takes the first component off a composite's value.
func component(k kind, v []byte) (one, rest []byte, ok bool) {
	fixed := 0
	if k == dateKind || k == numberKind || k == quantityKind {
		fixed = 16
	}
	if len(v) < fixed {
		return nil, nil, false
	}
	i := bytes.IndexByte(v[fixed:], componentEnd)
	if i < 0 {
		return nil, nil, false
	}
	return v[:fixed+i], v[fixed+i+1:], true
}
