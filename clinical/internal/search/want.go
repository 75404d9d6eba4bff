package search

import (
	"bytes"
	"math"
	"slices"
	"strings"
)

// want is what one written value asks of the encoded values of a group.
type want struct {
	exact  [][]byte            // one of these is there; if not nil, it decides
	test   func(v []byte) bool // decides a value otherwise
	ranges []Range             // without the space: where values that pass test are; Hi nil is to the end
	long   []byte              // values that end at or behind this may pass and lie outside of ranges; nil if none do
}

func wantPrefix(prefix []byte, test func(v []byte) bool) want {
	return want{test: test, ranges: []Range{{prefix, after(prefix)}}}
}

// tokenWant reads "code", "system|code", "|code" and "system|".
func tokenWant(g *group, s string) (want, string) {
	parts := cutUnescaped(s, '|')
	if len(parts) > 2 {
		return want{}, "has more than one |"
	}
	code := clean(nil, unescape(parts[len(parts)-1]))
	if g.fold {
		code = []byte(strings.ToLower(string(code)))
	}
	plain, coded := tokenTypes(g)
	behind := append(code[:len(code):len(code)], fieldEnd)
	if len(parts) == 1 {
		if len(code) == 0 {
			return want{}, "is empty"
		}
		switch {
		case coded && !plain:
			return want{exact: [][]byte{append(behind, implied)}}, ""
		case g.id():
			return want{exact: [][]byte{behind}}, ""
		}
		return wantPrefix(behind, func(v []byte) bool { return bytes.HasPrefix(v, behind) }), ""
	}
	system := clean(nil, unescape(parts[0]))
	switch {
	case len(code) == 0 && len(system) == 0:
		return want{}, "is only a |"
	case len(code) == 0:
		return want{ranges: []Range{{}}, test: func(v []byte) bool {
			code, sys := field(v)
			if len(sys) == 1 && sys[0] == implied {
				return g.implies(string(system), string(code), false)
			}
			return bytes.Equal(sys, system)
		}}, ""
	}
	w := want{exact: [][]byte{append(behind[:len(behind):len(behind)], system...)}}
	if coded && g.implies(string(system), string(code), true) {
		w.exact = append(w.exact, append(behind[:len(behind):len(behind)], implied))
	}
	return w, ""
}

// tokenTypes says whether a token group holds values with a system, and such whose system is implied.
func tokenTypes(g *group) (plain, coded bool) {
	for i := range g.paths {
		if name := g.paths[i].typ.Name; g.said || name == "code" || name == "boolean" {
			coded = true
		} else {
			plain = true
		}
	}
	return plain, coded
}

// id reports whether the values are ids alone.
func (g *group) id() bool { return len(g.paths) == 1 && g.paths[0].typ.Name == "id" }

// implies reports whether a code element of g that has this code has it from this system. If the
// value set can't be listed, unsure is the answer.
func (g *group) implies(system, code string, unsure bool) bool {
	if system == "" {
		return true
	}
	for i := range g.paths {
		if set := g.paths[i].required; set != nil && set.Has(system, code) || g.paths[i].typ.Name == "code" && set == nil && unsure {
			return true
		}
	}
	return false
}

// stringWant reads a string with its modifier: "", "exact" or "contains".
func stringWant(s, modifier string) (want, string) {
	s = unescape(s)
	p := plain(nil, s)
	if len(p) == 0 {
		return want{}, "is empty"
	}
	switch modifier {
	case "exact":
		return want{exact: [][]byte{appendString(nil, s)}}, ""
	case "contains":
		return want{ranges: []Range{{}}, test: func(v []byte) bool {
			v, _ = field(v)
			return bytes.Contains(v, p)
		}}, ""
	}
	return wantPrefix(p, func(v []byte) bool {
		v, _ = field(v)
		return bytes.HasPrefix(v, p)
	}), ""
}

// uriWant reads a uri with its modifier: "", "above" or "below".
func uriWant(s, modifier string) (want, string) {
	v := clean(nil, unescape(s))
	if len(v) == 0 {
		return want{}, "is empty"
	}
	switch modifier {
	case "below":
		return wantPrefix(v, func(have []byte) bool { return bytes.HasPrefix(have, v) }), ""
	case "above":
		w := want{exact: [][]byte{v}}
		from := max(0, bytes.Index(v, []byte("://"))+3)
		for i := from; i < len(v); i++ {
			if v[i] == '/' {
				w.exact = append(w.exact, v[:i], v[:i+1])
			}
		}
		return w, ""
	}
	return want{exact: [][]byte{v}}, ""
}

var prefixes = []string{"eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"}

func cutPrefix(s string) (prefix, rest string) {
	if len(s) > 2 && slices.Contains(prefixes, s[:2]) {
		return s[:2], s[2:]
	}
	return "eq", s
}

func dateWant(s string, now int64) (want, string) {
	prefix, s := cutPrefix(unescape(s))
	lo, hi, ok := period(s)
	if !ok {
		return want{}, "is no date: " + hint(s)
	}
	w := when{lo, hi, now}
	from, to, far, long := w.bounds(prefix)
	out := want{
		ranges: []Range{{appendInstant(nil, from), appendInstant(nil, to)}},
		test:   func(v []byte) bool { return len(v) >= 16 && w.meets(prefix, readInstant(v), readInstant(v[8:])) },
	}
	if to == never {
		out.ranges[0].Hi = nil
	}
	if long {
		out.long = appendInstant(nil, far)
	}
	return out, ""
}

func numberWant(s string) (want, string) {
	prefix, s := cutPrefix(unescape(s))
	w, ok := readInterval(s)
	if !ok {
		return want{}, "is no number: " + hint(s)
	}
	return want{
		ranges: []Range{floats(w.bounds(prefix))},
		long:   farFloat(w.bounds(prefix)),
		test:   func(v []byte) bool { return len(v) >= 16 && w.meets(prefix, readFloat(v), readFloat(v[8:])) },
	}, ""
}

func floats(lo, hi, _ float64, _ bool) Range {
	r := Range{appendFloat(nil, lo), nil}
	if !math.IsInf(hi, 1) {
		r.Hi = after(appendFloat(nil, hi))
	}
	return r
}

func farFloat(_, _, far float64, long bool) []byte {
	if !long {
		return nil
	}
	return appendFloat(nil, far)
}

// hint is a piece of what was written, for an error.
func hint(s string) string {
	if len(s) > 40 {
		s = strings.ToValidUTF8(s[:40], "") + "…"
	}
	return "“" + s + "”"
}
