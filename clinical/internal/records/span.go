package records

import (
	"bytes"
	"regexp"
	"strings"
	"sync"

	"github.com/mitral-health/mitral/clinical/internal/search"
	"github.com/mitral-health/mitral/clinical/internal/spec"
)

// between joins two conditions on one date ("date=ge2026&date=lt2027") into what may drive a search: each
// alone holds half of all records. It stands behind p.all's own conditions and decides nothing.
//
// That is right only for a parameter of which a record has one value, and so at most one key in each
// space (its start in one and, if it is long, its end in another): a record that meets both has its
// start in both, or its end in one.
func (p *plan) between() {
	byParam := map[string][]*condition{}
	for i := range p.all {
		c := &p.all[i]
		if c.link == nil && len(c.ranges) > 0 && len(c.exact) == 0 && len(p.q.Types) == 1 && single(p.q.Types[0], c.Param) {
			byParam[c.Param] = append(byParam[c.Param], c)
		}
	}
	var joined []condition
	for i := range p.all { // in their order, so that a cursor finds them again
		if of := byParam[p.all[i].Param]; len(of) > 1 && of[0] == &p.all[i] {
			both := of[0].ranges
			for _, c := range of[1:] {
				both = meet(both, c.ranges)
			}
			joined = append(joined, condition{ranges: both, joined: true})
		}
	}
	p.all = append(p.all, joined...)
}

const prefix = 4 // bytes of a key that are its space

// meet is the ranges that hold a key of every record that has, of one value, a key in a and one in b.
func meet(a, b []search.Range) []search.Range {
	main := a[0].Lo[:prefix]
	out := []search.Range{}
	for _, r := range a {
		if !bytes.HasPrefix(r.Lo, main) {
			out = append(out, r)
			continue
		}
		for _, o := range b {
			lo, hi := r.Lo, r.Hi
			if bytes.Compare(o.Lo, lo) > 0 {
				lo = o.Lo
			}
			if bytes.Compare(o.Hi, hi) < 0 {
				hi = o.Hi
			}
			if bytes.Compare(lo, hi) < 0 {
				out = append(out, search.Range{Lo: lo, Hi: hi})
			}
		}
	}
	for _, r := range b {
		if !bytes.HasPrefix(r.Lo, main) {
			out = append(out, r)
		}
	}
	return search.Merge(out)
}

var singles sync.Map // by "Type.param"

var cast = regexp.MustCompile(`\s+as\s+\w+|\.(as|ofType)\(\w+\)|[()]`)

// single reports whether a record has at most one value of a date parameter.
func single(typ, code string) bool {
	name := typ + "." + code
	if v, ok := singles.Load(name); ok {
		return v.(bool)
	}
	yes := false
	if p := spec.R4().Param(typ, code); p != nil && p.Type == "date" {
		paths := map[string]bool{}
		for _, part := range strings.Split(p.Expression, "|") {
			paths[strings.TrimSpace(cast.ReplaceAllString(strings.TrimSpace(part), ""))] = true
		}
		if len(paths) == 1 {
			for path := range paths {
				yes = once(typ, strings.Split(path, "."))
			}
		}
	}
	singles.Store(name, yes)
	return yes
}

// once reports whether a path leads to one element at most.
func once(typ string, path []string) bool {
	t := spec.R4().Type(typ)
	if len(path) < 2 || path[0] != typ {
		return path[len(path)-1] == "lastUpdated" && len(path) == 3
	}
	for _, name := range path[1:] {
		if t == nil {
			return false
		}
		e := t.ByName(name)
		if e == nil || e.Max != 1 || len(e.Types) == 0 {
			return false
		}
		t = e.Types[0].Type
	}
	return true
}
