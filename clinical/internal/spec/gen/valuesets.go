package main

import "slices"

// expand lists a value set's codes by system; false when they can't be listed from what is here.
func (d *definitions) expand(url string) (map[string][]string, bool) {
	v, ok := d.valueSets[url]
	if !ok {
		return nil, false
	}
	out := map[string][]string{}
	for _, in := range v.Compose.Include {
		codes, ok := d.included(in)
		if !ok {
			return nil, false
		}
		for s, cs := range codes {
			out[s] = append(out[s], cs...)
		}
	}
	for _, ex := range v.Compose.Exclude {
		codes, ok := d.included(ex)
		if !ok {
			return nil, false
		}
		for s, cs := range codes {
			out[s] = slices.DeleteFunc(out[s], func(c string) bool { return slices.Contains(cs, c) })
		}
	}
	for s := range out {
		slices.Sort(out[s])
		out[s] = slices.Compact(out[s])
	}
	return out, len(out) > 0
}

func (d *definitions) included(in include) (map[string][]string, bool) {
	var codes []string
	switch {
	case len(in.Filter) > 0 && !(len(in.Filter) == 1 && in.Filter[0].Op == "is-a" && in.Filter[0].Property == "concept"):
		return nil, false
	case len(in.Filter) == 1:
		sys, ok := d.systems[in.System]
		if !ok || sys.Content != "complete" {
			return nil, false
		}
		codes = flatten(below(sys.Concept, in.Filter[0].Value))
	case len(in.Concept) > 0:
		codes = flatten(in.Concept)
	case in.System != "":
		sys, ok := d.systems[in.System]
		if !ok || sys.Content != "complete" {
			return nil, false
		}
		codes = flatten(sys.Concept)
	}
	out := map[string][]string{in.System: codes}
	for i, u := range in.ValueSet {
		other, ok := d.expand(u)
		switch {
		case !ok:
			return nil, false
		case i == 0 && in.System == "":
			out = other
		default: // what all of them hold
			for s := range out {
				out[s] = slices.DeleteFunc(out[s], func(c string) bool { return !slices.Contains(other[s], c) })
			}
		}
	}
	return out, true
}

func flatten(cs []concept) (out []string) {
	for _, c := range cs {
		out = append(out, c.Code)
		out = append(out, flatten(c.Concept)...)
	}
	return out
}

// below finds the concept called code, with all beneath it.
func below(cs []concept, code string) []concept {
	for _, c := range cs {
		if c.Code == code {
			return []concept{c}
		}
		if found := below(c.Concept, code); found != nil {
			return found
		}
	}
	return nil
}
