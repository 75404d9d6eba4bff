package search

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mitral-health/mitral/clinical/internal/spec"
)

// Link is a condition on other records: a chain ("subject:Patient.name=x": the record refers to one
// that Inner finds) or _has ("_has:Observation:patient:code=x": one that Inner finds refers to the record).
//
// There are two ways to decide it. Enumerate: run each Inner, collect Keys of every record found, and
// put Bind(keys) in the place of the condition. Or filter: for a candidate, run the queries of Probe until one
// finds something. Inner queries may hold Links themselves.
type Link struct {
	Reverse bool     // _has
	Inner   []*Query // one of them must find; each is of one type

	outer []string // types of the record itself
	views []view   // the references: of the outer types, or (Reverse) of the inner one
}

// Keys is, for a record found by l.Inner (its type, id and terms), the exact index keys of which an
// outer record has one if it is linked with that record.
func (l *Link) Keys(typ, id string, found Terms) [][]byte {
	var out [][]byte
	if !l.Reverse {
		for _, v := range l.views {
			if v.only == "" || v.only == typ {
				out = append(out, exactly(v.space, refValue(typ+"/"+id, "")))
			}
		}
		return out
	}
	for _, v := range l.views {
		v.refs(found, func(r Ref) {
			if slices.Contains(l.outer, r.Type) {
				out = append(out, exactly(idSpace(r.Type), append(clean(nil, r.ID), fieldEnd)))
			}
		})
	}
	return out
}

// Bind is the condition that a record has one of keys: what c is once its Link was enumerated.
// With no keys it matches nothing, and its Ranges are empty but not nil.
func (c *Condition) Bind(keys [][]byte) Condition {
	out := Condition{Param: c.Param, alts: make([]alternative, 0, len(keys))}
	for _, k := range keys {
		if len(k) > len(space{}) {
			out.alts = append(out.alts, alternative{space: space(k[:len(space{})]), want: want{exact: [][]byte{k[len(space{}):]}}})
		}
	}
	return out
}

// Probe is the inner queries narrowed to the records that are linked with the one record that has
// the id and terms: the Link holds for it if one of these finds anything. No queries: it does not hold.
func (l *Link) Probe(id string, outer Terms) []*Query {
	var out []*Query
	for _, in := range l.Inner {
		c := Condition{Param: "_link"}
		if l.Reverse {
			for _, typ := range l.outer {
				if !outer.any(all(updatedSpace(typ))) {
					continue
				}
				for _, v := range l.views {
					if v.only == "" || v.only == typ {
						c.alts = append(c.alts, alternative{space: v.space, want: want{exact: [][]byte{refValue(typ+"/"+id, "")}}})
					}
				}
			}
		} else {
			for _, v := range l.views {
				v.refs(outer, func(r Ref) {
					if r.Type == in.Type {
						c.alts = append(c.alts, hasID(r))
					}
				})
			}
		}
		if len(c.alts) > 0 {
			narrow := *in
			narrow.Where = append(slices.Clone(in.Where), c)
			out = append(out, &narrow)
		}
	}
	return out
}

func hasID(r Ref) alternative {
	return alternative{space: idSpace(r.Type), want: want{exact: [][]byte{append(clean(nil, r.ID), fieldEnd)}}}
}

// chain reads "param:Type.rest".
func (p *parser) chain(types []string, name, head, rest, value string, depth int) (Condition, error) {
	if depth >= MaxChain {
		return Condition{}, bad(p.name, fmt.Sprintf("follows more than %d references", MaxChain))
	}
	code, typ, _ := strings.Cut(head, ":")
	l := &Link{outer: types}
	var targets []string
	for _, outer := range types {
		one := planFor(outer).params[code]
		if one == nil {
			return Condition{}, unknown{p.name}
		}
		if one.kind != referenceKind {
			return Condition{}, bad(p.name, "follows "+hint(code)+", which is no reference")
		}
		l.views = append(l.views, one.views...)
		targets = append(targets, among(one.targets, "", "")...)
		for _, v := range one.views {
			if v.only != "" && len(one.views) == 1 {
				targets = []string{v.only}
			}
		}
	}
	if typ != "" {
		if !slices.Contains(targets, typ) {
			return Condition{}, bad(p.name, "does not refer to a "+hint(typ))
		}
		targets = []string{typ}
	}
	slices.Sort(targets)
	var why error
	for _, t := range slices.Compact(targets) {
		in, err := p.inner(t, rest, value, depth+1)
		if err != nil {
			if _, is := err.(unknown); !is || why == nil {
				why = err
			}
			continue
		}
		l.Inner = append(l.Inner, in)
	}
	switch {
	case p.count > MaxInner:
		return Condition{}, bad(p.name, "may lead to too many types: name them")
	case len(l.Inner) == 0:
		return Condition{}, why
	case len(l.Inner) > MaxChainTypes:
		return Condition{}, bad(p.name, "may lead to too many types: name one, as in "+code+":Patient."+rest)
	}
	return Condition{Param: name, Link: l}, nil
}

// reverse reads what stands behind "_has:": "Type:param:rest".
func (p *parser) reverse(types []string, name, text, value string, depth int) (Condition, error) {
	if depth >= MaxChain {
		return Condition{}, bad(p.name, fmt.Sprintf("follows more than %d references", MaxChain))
	}
	parts := strings.SplitN(text, ":", 3)
	if len(parts) != 3 {
		return Condition{}, bad(p.name, "is not _has:Type:parameter:parameter")
	}
	typ, code, rest := parts[0], parts[1], parts[2]
	if !spec.R4().IsResource(typ) {
		return Condition{}, bad(p.name, "names no resource type: "+hint(typ))
	}
	one := planFor(typ).params[code]
	if one == nil {
		return Condition{}, unknown{p.name}
	}
	for _, outer := range types {
		if one.kind != referenceKind || one.targets != nil && !slices.Contains(one.targets, outer) {
			return Condition{}, bad(p.name, "follows "+hint(code)+", which does not refer to a "+outer)
		}
	}
	in, err := p.inner(typ, rest, value, depth+1)
	if err != nil {
		return Condition{}, err
	}
	return Condition{Param: name, Link: &Link{Reverse: true, Inner: []*Query{in}, outer: types, views: one.views}}, nil
}

func (p *parser) inner(typ, name, value string, depth int) (*Query, error) {
	if p.count++; p.count > MaxParams*MaxChainTypes {
		return nil, bad(p.name, "leads to too many types")
	}
	c, err := p.condition([]string{typ}, name, value, depth)
	if err != nil {
		return nil, err
	}
	return &Query{Type: typ, Types: []string{typ}, Where: []Condition{c}, Count: DefaultCount}, nil
}
