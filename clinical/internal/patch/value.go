package patch

import (
	"strings"

	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/spec"
)

// content is a value as the JSON of its element: the member's name, its value, and what lies beside
// it as _name. One of both may be nil.
type content struct {
	name     string
	val, ext *resource.Node
}

// contentOf makes the value of a part that of element e. t is its type where that is known already.
func contentOf(e *spec.Element, t *spec.Type, part *resource.Node) (content, error) {
	var c content
	if parts := part.Get("part"); parts != nil {
		return built(e, t, parts)
	}
	if r := part.Get("resource"); r != nil {
		if len(e.Types) == 0 || e.Types[0].Type == nil || e.Types[0].Type.Kind != spec.Resource {
			return c, unfit(e.Name + " is no resource.")
		}
		v := r.Clone()
		return content{name: e.Name, val: &v}, nil
	}
	var given *spec.Type
	for i := range part.Kids {
		kid := &part.Kids[i]
		name, beside := strings.CutPrefix(kid.Name, "_")
		def, typ := spec.R4().Type("Parameters.parameter").Element(name)
		if def == nil || def.Name != "value" {
			continue
		}
		if given != nil && given != typ {
			return c, wrong("a part may have one value only.")
		}
		v := kid.Clone()
		if given = typ; beside {
			c.ext = &v
		} else {
			c.val = &v
		}
	}
	if given == nil {
		return c, wrong("the part " + part.Get("name").Str() + " has no value.")
	}
	ref := fitting(e, given)
	if ref == nil {
		return c, unfit(e.Name + " can't be a " + given.Name + ".")
	}
	c.name = memberName(e, ref)
	return c, nil
}

// fitting returns the type of e that a value of type given can have, or nil.
func fitting(e *spec.Element, given *spec.Type) *spec.Type {
	for _, ref := range e.Types {
		if ref.Type == given {
			return given
		}
	}
	r4 := spec.R4()
	for _, ref := range e.Types {
		if ref.Type == nil {
			continue
		}
		related := r4.Is(ref.Type, given.Name) || r4.Is(given, ref.Type.Name)
		if related || !e.Choice && ref.Type.Kind == spec.Primitive && given.Kind == spec.Primitive && form(ref.Type) == form(given) {
			return ref.Type
		}
	}
	return nil
}

// form is the kind of JSON value that a primitive is written as.
func form(t *spec.Type) resource.Kind {
	switch t.Name {
	case "boolean":
		return resource.Bool
	case "integer", "positiveInt", "unsignedInt", "decimal":
		return resource.Number
	}
	return resource.String
}

func memberName(e *spec.Element, t *spec.Type) string {
	if !e.Choice {
		return e.Name
	}
	return e.Name + strings.ToUpper(t.Name[:1]) + t.Name[1:]
}

// built makes a complex value from nested parts: one per element, each with a value or parts.
func built(e *spec.Element, t *spec.Type, parts *resource.Node) (content, error) {
	if len(e.Types) == 1 {
		t = e.Types[0].Type
	}
	if t == nil {
		return content{}, wrong(e.Name + " may have several types: name the one that you mean, as in " + memberName(e, spec.R4().Type("Quantity")) + ".")
	}
	if t.Kind == spec.Primitive || t.Kind == spec.Resource {
		return content{}, unfit(e.Name + " is a " + t.Name + ", which has no parts.")
	}
	obj := resource.O()
	for _, p := range parts.Each() {
		name := p.Get("name").Str()
		if name == "" {
			return content{}, wrong("a part has no name.")
		}
		if err := addTo(&obj, t, name, &p, -1); err != nil {
			return content{}, err
		}
	}
	return content{name: memberName(e, t), val: &obj}, nil
}

// addTo adds the value of a part to an object of type t as the element called name: into its list, at
// a place or, if at is -1, at the end; or as its only one, if there is none yet.
func addTo(obj *resource.Node, t *spec.Type, name string, part *resource.Node, at int) error {
	e := t.ByName(name)
	var known *spec.Type
	if e == nil {
		e, known = t.Element(name)
	}
	if e == nil {
		return unfit(t.Name + " has no element " + name + ".")
	}
	c, err := contentOf(e, known, part)
	if err != nil {
		return err
	}
	if e.Max != 1 {
		return insertItem(obj, c, at)
	}
	for i := range obj.Kids {
		if there, _ := t.Element(strings.TrimPrefix(obj.Kids[i].Name, "_")); there == e {
			return unfit(t.Name + "." + e.Name + " is there already, and there can be one only: replace it.")
		}
	}
	if c.val != nil {
		obj.Set(c.name, *c.val)
	}
	if c.ext != nil {
		obj.Set("_"+c.name, *c.ext)
	}
	return nil
}
