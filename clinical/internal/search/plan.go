package search

import (
	"slices"
	"strings"
	"sync"

	"github.com/mitral-health/mitral/clinical/internal/spec"
)

// kind is how values are read and compared: a parameter's type.
type kind uint8

const (
	tokenKind kind = iota
	stringKind
	dateKind
	numberKind
	quantityKind
	referenceKind
	uriKind
	compositeKind
)

func kindOf(paramType string) (kind, bool) {
	i := slices.Index([]string{"token", "string", "date", "number", "quantity", "reference", "uri", "composite"}, paramType)
	return kind(max(i, 0)), i >= 0
}

// group is what is indexed under one space: the values of some paths, read in one way. Parameters
// with the same paths share it.
type group struct {
	kind  kind
	space space
	long  space // date, number, quantity: by their end, those whose start is far from it
	text  space // token: texts, kept beside
	typed space // token: type and value of an Identifier, kept beside
	logic space // reference: its identifier
	name  string

	paths []path
	parts [][]path // composite: the paths of each component, from each value of paths
	kinds []kind   // composite: how each component is read
	said  bool     // Patient.deceased: not its values but whether it is there and not false
	fold  bool     // token: case does not count
}

// view is a group as a parameter sees it.
type view struct {
	*group
	only string // only references to this type
}

// param is a search parameter of one resource type.
type param struct {
	def     *spec.Param
	kind    kind
	views   []view
	targets []string
}

// plan is how a resource type is indexed.
type plan struct {
	typ         string
	groups      []*group
	params      map[string]*param
	named       map[string][]entry // by a resource's member: what starts there
	compartment []view             // references that put it into a patient's compartment
	series      *group             // the date that a patient's records are kept by, nil for most types
	inside      bool               // whether any can, or it is a Patient

	updated, id, member space
}

type entry struct {
	group int
	path  *path
}

// planFor compiles a resource type on first use; nil if there is no such type.
func planFor(typ string) *plan {
	if f := plans()[typ]; f != nil {
		return f()
	}
	return nil
}

var plans = sync.OnceValue(func() map[string]func() *plan {
	out := map[string]func() *plan{}
	for _, typ := range spec.R4().Resources() {
		out[typ] = sync.OnceValue(func() *plan {
			p, err := compile(spec.R4(), typ)
			if err != nil {
				panic(err) // the table is compiled in, and a test compiles each type
			}
			return p
		})
	}
	return out
})

// aside names parameters whose values are only kept with the record: they tell hardly anything apart,
// so no search is driven by them, and an entry of the audit trail is written with every act.
var aside = map[string][]string{"AuditEvent": {"action", "agent-name", "agent-role", "altid", "entity-name", "entity-role", "entity-type",
	"outcome", "site", "source", "subtype", "type"}}

func compile(set *spec.Set, typ string) (*plan, error) {
	p := &plan{
		typ: typ, params: map[string]*param{}, named: map[string][]entry{},
		updated: updatedSpace(typ), id: idSpace(typ), member: compartmentSpace(typ),
	}
	byName := map[string]*group{}
	for _, def := range set.Params(typ) {
		k, ok := kindOf(def.Type)
		if !ok || def.Expression == "" || def.Code == "_id" || def.Code == "_lastUpdated" {
			continue
		}
		one := &param{def: def, kind: k, targets: def.Targets}
		rs, err := p.routes(set, def)
		if err != nil {
			return nil, err
		}
		for _, r := range rs {
			g, err := p.group(set, byName, def, k, r)
			if err != nil {
				return nil, err
			}
			one.views = append(one.views, view{g, r.only})
		}
		p.params[def.Code] = one
	}
	p.params["_id"] = &param{kind: tokenKind, views: []view{{&group{kind: tokenKind, space: p.id, name: typ + "._id", paths: []path{{typ: set.Type("id")}}}, ""}}}
	p.params["_lastUpdated"] = &param{kind: dateKind, views: []view{{&group{kind: dateKind, space: p.updated, long: named(typ + "._lastUpdated:long"), name: typ + "._lastUpdated"}, ""}}}
	for _, code := range set.Compartment(typ) {
		if one := p.params[code]; one != nil {
			p.compartment = append(p.compartment, one.views...)
		}
	}
	if by := p.params[series[typ]]; by != nil {
		p.series = by.views[0].group
	}
	p.inside = len(p.compartment) > 0 || typ == "Patient"
	return p, nil
}

const deceased = "Patient.deceased.exists() and Patient.deceased != false"

func (p *plan) routes(set *spec.Set, def *spec.Param) ([]route, error) {
	expression := def.Expression
	if expression == deceased {
		expression = "Patient"
	}
	return routes(set, set.Type(p.typ), p.typ, expression)
}

// group finds or makes the group of a route and says where its paths start.
func (p *plan) group(set *spec.Set, byName map[string]*group, def *spec.Param, k kind, r route) (*group, error) {
	types := slices.Clone(r.types)
	slices.Sort(types)
	name := p.typ + r.name + "(" + strings.Join(types, ",") + "):" + def.Type
	g := &group{kind: k, paths: r.paths, said: def.Expression == deceased}
	if g.said {
		name += "!"
	}
	if k == compositeKind {
		for _, c := range def.Components {
			ck, _ := kindOf(c.Param.Type)
			var part []path
			for _, at := range r.paths {
				rs, err := routes(set, at.typ, p.typ, c.Expression)
				if err != nil {
					return nil, err
				}
				for _, cr := range rs {
					part = append(part, cr.paths...)
				}
			}
			switch isReference := part[0].typ.Name == "Reference"; { // R4 has the two of DocumentReference's relationship the wrong way round
			case ck == tokenKind && isReference:
				ck = referenceKind
			case ck == referenceKind && !isReference:
				ck = tokenKind
			}
			g.parts, g.kinds = append(g.parts, part), append(g.kinds, ck)
			name += "$" + c.Expression + ":" + c.Param.Type
		}
	}
	if old := byName[name]; old != nil {
		return old, nil
	}
	g.name, g.space = name, named(name)
	if slices.Contains(aside[p.typ], def.Code) {
		g.space = g.space.beside()
	}
	g.long, g.logic = named(name+":long"), named(name+":identifier")
	g.text, g.typed = named(name+":text").beside(), named(name+":of-type").beside()
	g.fold = slices.ContainsFunc(g.paths, func(p path) bool { return p.typ.Name == "ContactPoint" })
	byName[name] = g
	p.groups = append(p.groups, g)
	for i := range g.paths {
		at := &g.paths[i]
		if len(at.steps) == 0 {
			continue // it is the resource itself: Extract visits it
		}
		first := at.steps[0].name
		p.named[first] = append(p.named[first], entry{len(p.groups) - 1, at})
	}
	return g, nil
}
