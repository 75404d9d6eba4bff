package patch

import (
	"strings"

	"github.com/mitral-health/mitral/clinical/internal/fhirpath"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/spec"
)

// place is where an element of a resource lies in its JSON. The place of the resource itself has no
// object.
type place struct {
	object *resource.Node // what has the member
	typ    *spec.Type     // of object
	name   string         // of the member, without a leading _
	index  int            // in an array, else -1
}

// locate finds the items in root; ok is false if one of them is not there.
func locate(root *resource.Node, items []fhirpath.Item) (places []place, ok bool) {
	found := make(map[*resource.Node]*place, len(items))
	for _, it := range items {
		switch {
		case it.Node != nil:
			found[it.Node] = nil
		case it.Ext != nil:
			found[it.Ext] = nil
		default:
			return nil, false
		}
	}
	if _, whole := found[root]; whole {
		found[root] = &place{index: -1}
	}
	if len(found) > 0 {
		visit(root, spec.R4().Type(root.Type()), found)
	}
	for _, it := range items {
		at := found[it.Node]
		if it.Node == nil {
			at = found[it.Ext]
		}
		if at == nil {
			return nil, false
		}
		places = append(places, *at)
	}
	return places, true
}

// visit notes the places of what is wanted in an object.
func visit(object *resource.Node, typ *spec.Type, found map[*resource.Node]*place) {
	note := func(n *resource.Node, t *spec.Type, name string, i int) {
		if _, wanted := found[n]; wanted {
			found[n] = &place{object, typ, name, i}
		}
		if n.Kind == resource.Object {
			if t != nil && t.Kind == spec.Resource {
				t = spec.R4().Type(n.Type())
			}
			visit(n, t, found)
		}
	}
	for i := range object.Kids {
		kid := &object.Kids[i]
		name, beside := strings.CutPrefix(kid.Name, "_")
		var t *spec.Type
		if beside {
			t = spec.R4().Type("Element")
		} else if typ != nil {
			_, t = typ.Element(name)
		}
		if kid.Kind != resource.Array {
			note(kid, t, name, -1)
			continue
		}
		for j := range kid.Kids {
			note(&kid.Kids[j], t, name, j)
		}
	}
}

// inside is the object that holds the elements of what lies here, and its type: for a primitive what
// lies beside it, which is made if need be.
func (p place) inside(it fhirpath.Item) (*resource.Node, *spec.Type) {
	if it.Node != nil && it.Node.Kind == resource.Object {
		return it.Node, it.Type
	}
	element := spec.R4().Type("Element")
	if it.Ext != nil {
		return it.Ext, element
	}
	if p.index < 0 {
		p.object.Set("_"+p.name, resource.O())
		return p.object.Get("_" + p.name), element
	}
	pad(p.object, "_"+p.name, p.object.Get(p.name))
	slot := p.object.Get("_" + p.name).At(p.index)
	if slot.Kind == resource.Null {
		slot.Kind = resource.Object
	}
	return slot, element
}

// pad makes the array called name, if there is none, and as long as other.
func pad(object *resource.Node, name string, other *resource.Node) {
	length := 0
	if other != nil {
		length = len(other.Kids)
	}
	if object.Get(name) == nil {
		object.Set(name, resource.A())
	}
	array := object.Get(name)
	for len(array.Kids) < length {
		array.Kids = append(array.Kids, resource.Node{})
	}
}

// remove takes what lies here out of the resource.
func (p place) remove() error {
	if p.object == nil {
		return unfit("the whole resource can't be removed by a patch.")
	}
	if p.index < 0 {
		p.object.Remove(p.name)
		p.object.Remove("_" + p.name)
		return nil
	}
	for _, name := range []string{p.name, "_" + p.name} {
		if array := p.object.Get(name); array.At(p.index) != nil {
			removeAt(array, p.index)
		}
	}
	return nil
}

// replace puts the value of a part where something lies.
func (p place) replace(part *resource.Node) error {
	if p.object == nil || p.typ == nil {
		return unfit("the whole resource can't be replaced by a patch.")
	}
	e, t := p.typ.Element(p.name)
	if e == nil {
		return unfit(p.typ.Name + " has no element " + p.name + ".")
	}
	c, err := contentOf(e, t, part)
	if err != nil {
		return err
	}
	if p.index >= 0 {
		if err := p.remove(); err != nil {
			return err
		}
		return insertItem(p.object, c, p.index)
	}
	p.object.Remove("_" + p.name)
	if c.name != p.name { // a choice that is there twice must not become one name twice
		p.object.Remove(c.name)
		p.object.Remove("_" + c.name)
	}
	if old := p.object.Get(p.name); old != nil && c.val != nil {
		*old = resource.M(c.name, *c.val)
	} else {
		p.object.Remove(p.name)
		if c.val != nil {
			p.object.Set(c.name, *c.val)
		}
	}
	if c.ext != nil {
		p.object.Set("_"+c.name, *c.ext)
	}
	return nil
}

// length is how many items the array called name has.
func length(object *resource.Node, name string) int {
	n := 0
	for _, member := range []string{name, "_" + name} {
		if a := object.Get(member); a != nil && a.Kind == resource.Array {
			n = max(n, len(a.Kids))
		}
	}
	return n
}

// insertItem puts a value into the array called c.name, at the end if at is -1, and keeps what lies
// beside the array's primitives in step.
func insertItem(object *resource.Node, c content, at int) error {
	values, beside := object.Get(c.name), object.Get("_"+c.name)
	if values != nil && values.Kind != resource.Array || beside != nil && beside.Kind != resource.Array {
		return unfit(c.name + " is no array in this resource.")
	}
	n := length(object, c.name)
	if at < 0 {
		at = n
	}
	whole := resource.Node{Kids: make([]resource.Node, n)}
	put := func(name string, v *resource.Node) {
		pad(object, name, &whole)
		if v == nil {
			v = &resource.Node{}
		}
		insertAt(object.Get(name), at, *v)
	}
	if put(c.name, c.val); c.ext != nil || beside != nil {
		put("_"+c.name, c.ext)
	}
	return nil
}
