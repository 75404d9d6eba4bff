package search

import (
	"slices"
	"strings"

	"github.com/mitral-health/mitral/clinical/internal/spec"
)

// Include is one _include or _revinclude.
type Include struct {
	Type    string // the type that refers
	Param   string // its reference parameter, or "*" for all
	Target  string // only references to this type; "" for any
	Iterate bool   // also apply to records that were included

	views []view
}

// Refs is what a record of type i.Type with terms t refers to through i: records here, each once.
// Nothing for a record of another type.
func (i Include) Refs(t Terms) []Ref {
	var out []Ref
	for _, v := range i.views {
		v.refs(t, func(r Ref) {
			if (i.Target == "" || i.Target == r.Type) && !slices.Contains(out, r) {
				out = append(out, r)
			}
		})
	}
	return out
}

// Pointing is the query for records of i.Type that refer through i to one of refs.
func (i Include) Pointing(refs []Ref) *Query {
	c := Condition{Param: i.Param}
	for _, v := range i.views {
		w := want{exact: [][]byte{}}
		for _, r := range refs {
			if (v.only == "" || v.only == r.Type) && (i.Target == "" || i.Target == r.Type) {
				w.exact = append(w.exact, refValue(r.Type+"/"+r.ID, ""))
			}
		}
		c.alts = append(c.alts, alternative{space: v.space, want: w})
	}
	return &Query{Type: i.Type, Types: []string{i.Type}, Where: []Condition{c}, Count: MaxCount}
}

func (p *parser) include(name, code, modifier, value string) error {
	if modifier != "" && modifier != "iterate" {
		return unsupported(name, "does not have the modifier :"+modifier+" here")
	}
	if len(p.query.Include)+len(p.query.RevInclude) >= MaxParams/2 {
		return bad(name, "is given too often")
	}
	add := func(i Include) {
		i.Iterate = modifier == "iterate"
		if code == "_include" {
			p.query.Include = append(p.query.Include, i)
		} else {
			p.query.RevInclude = append(p.query.RevInclude, i)
		}
	}
	if value == "*" {
		if code == "_revinclude" {
			return unsupported(name, "needs a type here, as in Observation:*")
		}
		for _, t := range p.query.Types {
			add(Include{Type: t, Param: "*", views: references(t)})
		}
		return nil
	}
	parts := strings.Split(value, ":")
	if len(parts) < 2 || len(parts) > 3 || !spec.R4().IsResource(parts[0]) {
		return bad(name, "is not Type:parameter or Type:parameter:Type, but "+hint(value))
	}
	i := Include{Type: parts[0], Param: parts[1]}
	if len(parts) == 3 {
		i.Target = parts[2]
		if !spec.R4().IsResource(i.Target) {
			return bad(name, "names no resource type: "+hint(i.Target))
		}
	}
	one := planFor(i.Type).params[i.Param]
	switch {
	case i.Param == "*":
		i.views = references(i.Type)
	case one == nil || one.kind != referenceKind:
		return bad(name, "names no reference parameter of "+i.Type+": "+hint(i.Param))
	default:
		i.views = one.views
	}
	add(i)
	return nil
}

// references is how all references of a type are seen, each group once.
func references(typ string) []view {
	var out []view
	for _, g := range planFor(typ).groups {
		if g.kind == referenceKind {
			out = append(out, view{g, ""})
		}
	}
	return out
}
