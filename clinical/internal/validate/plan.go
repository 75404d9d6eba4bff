package validate

import (
	"sync"

	"github.com/mitral-health/mitral/clinical/internal/spec"
)

// planSet holds a plan for every type.
type planSet struct{ byName map[string]*plan }

// plan is a type prepared for looking at its objects.
type plan struct {
	typ      *spec.Type
	kind     special
	fields   map[string]*field // by JSON name, those with a leading _ too
	required uint64            // bits of the elements that must be there
	rules    *rules
}

// field is what a member may be.
type field struct {
	element *spec.Element
	bit     uint64 // of the element within its type
	ref     *spec.TypeRef
	plan    *plan  // of its type
	check   check  // of a primitive, else nil
	beside  bool   // the name has a leading _: id and extensions of a primitive
	rules   *rules // the element's own, besides its type's
}

// special marks the types that more is asked of.
type special uint8

const (
	ordinary special = iota
	reference
	extension
	anyResource // the type is Resource: look at resourceType
	domainResource
)

var plans = sync.OnceValue(func() *planSet {
	set := spec.R4()
	ps := &planSet{byName: map[string]*plan{}}
	var get func(t *spec.Type) *plan
	get = func(t *spec.Type) *plan {
		if p := ps.byName[t.Name]; p != nil {
			return p
		}
		p := &plan{typ: t, fields: make(map[string]*field, len(t.Elements)), kind: specialOf(set, t), rules: ours(t.Constraints)}
		ps.byName[t.Name] = p
		for i, e := range t.Elements {
			bit := uint64(1) << i
			if e.Min > 0 {
				p.required |= bit
			}
			own := ours(e.Constraints)
			for j := range e.Types {
				ref := &e.Types[j]
				f := &field{element: e, bit: bit, ref: ref, plan: get(ref.Type), check: formats[ref.Code], rules: own}
				name := e.Name
				if e.Choice {
					name += string(ref.Code[0]&^0x20) + ref.Code[1:]
				}
				p.fields[name] = f
				if f.check != nil {
					b := *f
					b.beside = true
					p.fields["_"+name] = &b
				}
			}
		}
		return p
	}
	for _, name := range set.Resources() {
		get(set.Type(name))
	}
	return ps
})

func specialOf(set *spec.Set, t *spec.Type) special {
	switch {
	case t.Name == "Reference":
		return reference
	case t.Name == "Extension":
		return extension
	case t.Name == "Resource":
		return anyResource
	case set.Is(t, "DomainResource"):
		return domainResource
	}
	return ordinary
}
