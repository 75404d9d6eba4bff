package fhirpath

import (
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/spec"
)

// hint remembers what a member's name meant in the type where it was last looked for, since an
// expression nearly always meets the same type.
type hint struct {
	in, typ *spec.Type
	kind    kind
	foreign bool     // the name is one of a choice with its type, which FHIRPath doesn't know
	choices []choice // of the element of this name
}

// choice is one of the JSON names of an element that may have several types.
type choice struct {
	name string
	typ  *spec.Type
	kind kind
}

func newHint(in *spec.Type, name string) *hint {
	h := &hint{in: in}
	if in == nil {
		return h
	}
	if e := in.ByName(name); e != nil && e.Choice {
		for _, ref := range e.Types {
			h.choices = append(h.choices, choice{name + strings.ToUpper(ref.Code[:1]) + ref.Code[1:], ref.Type, kindOf(ref.Type)})
		}
		return h
	}
	var e *spec.Element
	e, h.typ = in.Element(name)
	h.foreign, h.kind = e != nil && e.Name != name, kindOf(h.typ)
	return h
}

// member gives the call for a member's name.
func member(name string) call {
	var last atomic.Pointer[hint]
	return func(m *machine, in span) {
		for i := in.lo; i < in.hi; i++ {
			node, typ := m.items[i].inside()
			if node == nil || !m.spend(1+len(node.Kids)/8) {
				continue
			}
			h := last.Load()
			if h == nil || h.in != typ {
				h = newHint(typ, name)
				last.Store(h)
			}
			switch {
			case h.choices != nil:
				m.choice(node, name, h.choices)
			case !h.foreign:
				if val, ext := pair(node, name); (val != nil || ext != nil) && !isTypeName(val, typ) {
					m.elements(val, ext, h.typ, h.kind)
				}
			}
		}
	}
}

// pair returns the members name and _name.
func pair(node *resource.Node, name string) (val, ext *resource.Node) {
	for j := range node.Kids {
		kid := &node.Kids[j]
		if kid.Name == name {
			val = kid
		} else if len(kid.Name) == len(name)+1 && kid.Name[0] == '_' && kid.Name[1:] == name {
			ext = kid
		}
	}
	return val, ext
}

// choice pushes the element called name, whose JSON name ends with its type.
func (m *machine) choice(node *resource.Node, name string, choices []choice) {
	var val, ext *resource.Node
	var is *choice
	for j := range node.Kids {
		kid := &node.Kids[j]
		bare, beside := strings.CutPrefix(kid.Name, "_")
		if len(bare) <= len(name) || bare[:len(name)] != name {
			continue
		}
		for k := range choices {
			if choices[k].name != bare || is != nil && is != &choices[k] {
				continue
			}
			if is = &choices[k]; beside {
				ext = kid
			} else {
				val = kid
			}
		}
	}
	if is != nil {
		m.elements(val, ext, is.typ, is.kind)
	}
}

// isTypeName says whether n is the resourceType of a resource, which is no element.
func isTypeName(n *resource.Node, in *spec.Type) bool {
	return n != nil && n.Name == "resourceType" && (in == nil || in.Kind == spec.Resource)
}

// inside is the object that has the item's members, and its type.
func (it *Item) inside() (*resource.Node, *spec.Type) {
	if it.kind != element {
		return it.Ext, primitive()
	}
	return it.Node, it.Type
}

// primitive is the type that says what a primitive has besides its value.
func primitive() *spec.Type { return spec.R4().Type("Element") }

// elements pushes the items of one member: its values, each with what lies beside it.
func (m *machine) elements(val, ext *resource.Node, t *spec.Type, k kind) {
	if val != nil && val.Kind == resource.Array || val == nil && ext != nil && ext.Kind == resource.Array {
		n := 0
		if val != nil {
			n = len(val.Kids)
		}
		if ext != nil && ext.Kind == resource.Array {
			n = max(n, len(ext.Kids))
		}
		m.spend(n / 8)
		for i := range n {
			m.settled(val.At(i), ext.At(i), t, k)
		}
		return
	}
	if ext != nil && ext.Kind != resource.Object {
		ext = nil
	}
	m.settled(val, ext, t, k)
}

func (m *machine) settled(val, ext *resource.Node, t *spec.Type, k kind) {
	if ext != nil && ext.Kind != resource.Object {
		ext = nil
	}
	it := Item{Node: val, Ext: ext, Type: t, kind: k}
	it.settle()
	if it.Node == nil && it.Ext == nil || !m.spend(1) {
		return
	}
	if k == element && t != nil && t.Kind == spec.Resource || t == nil && it.kind == element {
		if rt := val.Type(); rt != "" {
			it.Type = spec.R4().Type(rt)
		}
	}
	m.push(it)
}

// children pushes all elements of the item at i.
func (m *machine) children(i int) {
	node, typ := m.items[i].inside()
	if node == nil || node.Kind != resource.Object || !m.spend(1) {
		return
	}
	beside := false
	for j := range node.Kids {
		beside = beside || strings.HasPrefix(node.Kids[j].Name, "_")
	}
	for j := range node.Kids {
		val, ext := &node.Kids[j], (*resource.Node)(nil)
		name := val.Name
		if isTypeName(val, typ) {
			continue
		}
		if beside {
			m.spend(len(node.Kids) / 8)
			bare, is := strings.CutPrefix(name, "_")
			if val, ext = pair(node, bare); is && val != nil {
				continue // comes with its value
			}
			name = bare
		}
		var t *spec.Type
		if typ != nil {
			_, t = typ.Element(name)
		}
		m.elements(val, ext, t, kindOf(t))
	}
}

// descendants pushes all elements below those of in, level by level.
func (m *machine) descendants(in span) {
	lo := len(m.items)
	for i := in.lo; i < in.hi; i++ {
		m.children(i)
	}
	for i := lo; i < len(m.items) && m.err == nil; i++ {
		m.children(i)
	}
}

// Path says where in root an item is, such as Observation.component[1].value; "" if it isn't there.
// It names elements as FHIRPath does, so a choice without its type, and it walks root to find out.
func Path(root *resource.Node, it Item) string {
	target := it.Node
	if target == nil {
		target = it.Ext
	}
	if target == nil {
		return ""
	}
	path, _ := find(root, spec.R4().Type(root.Type()), target, root.Type())
	return path
}

func find(n *resource.Node, t *spec.Type, target *resource.Node, path string) (string, bool) {
	if n == target {
		return path, true
	}
	for i := range n.Kids {
		kid := &n.Kids[i]
		at, typ := path+"["+strconv.Itoa(i)+"]", t
		if n.Kind == resource.Object {
			name := strings.TrimPrefix(kid.Name, "_")
			typ = nil
			if t != nil {
				var e *spec.Element
				if e, typ = t.Element(name); e != nil {
					name = e.Name
				}
			}
			at = path + "." + name
			if typ != nil && typ.Kind == spec.Resource {
				typ = spec.R4().Type(kid.Type())
			}
		} else if t != nil && t.Kind == spec.Resource {
			typ = spec.R4().Type(kid.Type())
		}
		if found, ok := find(kid, typ, target, at); ok {
			return found, true
		}
	}
	return "", false
}
