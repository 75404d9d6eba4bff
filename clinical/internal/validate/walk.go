package validate

import (
	"math/bits"

	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/spec"
)

// object looks at an object of a type that is no primitive, or at what stands beside a primitive.
func (r *run) object(n *resource.Node, p *plan) {
	before := len(r.errors)
	if len(n.Kids) == 0 {
		r.error(outcome.Structure, "An object must not be empty.")
		return
	}
	beside, only := false, true // members with a leading _; nothing but an id
	for i := range n.Kids {
		name := n.Kids[i].Name
		beside = beside || name != "" && name[0] == '_'
		only = only && name == "id"
	}
	if only && p.typ.Kind != spec.Resource {
		r.error(outcome.Invariant, "There must be a value or something besides the id (ele-1).")
		return
	}
	var seen uint64
	for i := range n.Kids {
		if r.full() {
			return
		}
		k := &n.Kids[i]
		f := p.fields[k.Name]
		if f == nil {
			if k.Name != "resourceType" || p.typ.Kind != spec.Resource {
				r.errorAt(k.Name, outcome.Structure, p.typ.Name+" has no element "+quoted(k.Name)+".")
			}
			continue
		}
		var ext *resource.Node
		if f.beside {
			if n.Get(k.Name[1:]) != nil {
				continue // looked at together with the value
			}
			k, ext = nil, k
		} else if beside && f.check != nil {
			ext = n.Get("_" + k.Name)
		}
		if seen&f.bit != 0 {
			r.errorAt(f.element.Name, outcome.Structure, "Only one of "+f.element.Name+"[x] may be given.")
			continue
		}
		seen |= f.bit
		r.member(k, ext, f)
	}
	for missing := p.required &^ seen; missing != 0; missing &= missing - 1 {
		e := p.typ.Elements[bits.TrailingZeros64(missing)]
		r.errorAt(e.Name, outcome.Required, p.typ.Name+"."+e.Name+" is required.")
	}
	if len(r.errors) == before {
		r.invariants(n, nil, p.typ, p.rules)
		if p.kind == extension {
			r.extension(n)
		}
	}
}

// member looks at a value, what stands beside it, or both; one of them may be nil.
func (r *run) member(k, ext *resource.Node, f *field) {
	e := f.element
	if e.Max == 1 {
		if k != nil && k.Kind == resource.Array || ext != nil && ext.Kind == resource.Array {
			r.errorAt(e.Name, outcome.Structure, "This is one value, not a list.")
			return
		}
		r.value(k, ext, f, -1)
		return
	}
	if k != nil && k.Kind != resource.Array || ext != nil && ext.Kind != resource.Array {
		r.errorAt(e.Name, outcome.Structure, "This must be a list.")
		return
	}
	if k != nil && len(k.Kids) == 0 || ext != nil && len(ext.Kids) == 0 {
		r.errorAt(e.Name, outcome.Structure, "A list must not be empty.")
		return
	}
	if k != nil && ext != nil && len(k.Kids) != len(ext.Kids) {
		r.errorAt(e.Name, outcome.Structure, "The list and the one with the _ must be equally long.")
		return
	}
	n := 0
	if k != nil {
		n = len(k.Kids)
	} else {
		n = len(ext.Kids)
	}
	for i := 0; i < n && !r.full(); i++ {
		v, x := k.At(i), ext.At(i)
		if f.check != nil && v != nil && v.Kind == resource.Null && x != nil && x.Kind != resource.Null {
			v = nil // the null is there for what stands beside it
		}
		if x != nil && x.Kind == resource.Null && v != nil && v.Kind != resource.Null {
			x = nil
		}
		r.value(v, x, f, i)
	}
}

// value looks at one value: index is its place in a list, or -1.
func (r *run) value(v, ext *resource.Node, f *field, index int) {
	if f.plan.kind == anyResource {
		where := inBundle
		if f.element.Name == "contained" {
			where = inContainer
		} else if r.shallow {
			return
		}
		if v.Kind == resource.Null {
			r.errorAt(f.element.Name, outcome.Structure, "There must be no null here.")
			return
		}
		r.resource(v, f.element.Name, index, where)
		return
	}
	r.push(f.element.Name, index)
	defer r.pop()
	if v != nil && v.Kind == resource.Null || ext != nil && ext.Kind == resource.Null {
		r.error(outcome.Structure, "There must be no null here.")
		return
	}
	before := len(r.errors)
	if f.check != nil {
		r.primitive(v, ext, f)
	} else {
		if v.Kind != resource.Object {
			r.error(outcome.Structure, "This must be an object: "+f.plan.typ.Name+".")
			return
		}
		r.object(v, f.plan)
		if f.ref.Simple && v.Get("comparator") != nil {
			r.errorAt("comparator", outcome.Structure, "This quantity must have no comparator.")
		}
		if f.plan.kind == reference {
			r.reference(v, f.ref)
		}
	}
	if len(r.errors) > before {
		return
	}
	if v != nil && f.element.Binding != "" {
		r.bound(v, f)
	}
	r.invariants(v, ext, f.plan.typ, f.rules)
}

func (r *run) primitive(v, ext *resource.Node, f *field) {
	if ext != nil {
		if ext.Kind != resource.Object {
			r.error(outcome.Structure, "What stands beside a value must be an object with id or extension.")
			return
		}
		if v == nil || ext.Get("extension") != nil {
			r.object(ext, f.plan)
		} else if len(ext.Kids) != 1 || ext.Get("id").Str() == "" { // an id alone is enough beside a value
			r.error(outcome.Structure, "What stands beside a value must be an object with id or extension.")
		}
	}
	if v == nil {
		return
	}
	if problem := f.check(v); problem != "" {
		r.error(outcome.Value, problem)
		return
	}
	if len(v.Text) > 0 && v.Text[0] == '#' {
		switch f.ref.Code {
		case "uri", "url", "canonical":
			r.local = append(r.local, v.Text)
		}
	}
}

func (r *run) extension(n *resource.Node) {
	value, nested := false, false
	for i := range n.Kids {
		switch name := n.Kids[i].Name; {
		case name == "extension":
			nested = true
		case name != "url" && name != "id":
			value = true
		}
	}
	if value == nested {
		r.error(outcome.Invariant, "An extension must have a value or extensions, not both (ext-1).")
	}
}
