package fhirpath

import (
	"slices"
	"strings"

	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/spec"
)

// typeTest gives the test for a type: Patient, FHIR.Patient, System.String, String.
func typeTest(name string) func(it *Item) bool {
	space, bare, qualified := strings.Cut(name, ".")
	if !qualified {
		space, bare = "", name
	}
	k := slices.Index(systemNames[1:], bare)
	isSystem := func(it *Item) bool { return it.Type == nil && it.Node == nil && k >= 0 && it.kind == kind(k+1) }
	isFHIR := func(it *Item) bool { return it.Type != nil && (it.Type.Name == bare || spec.R4().Is(it.Type, bare)) }
	switch space {
	case "System":
		return isSystem
	case "FHIR":
		return isFHIR
	case "":
		return func(it *Item) bool {
			return isFHIR(it) || isSystem(it) || k >= 0 && it.kind == kind(k+1) && it.kind != kQuantity
		}
	}
	return func(*Item) bool { return false }
}

func (c *compiler) typeArgument(function string, arg *node) func(it *Item) bool {
	name, ok := asType(arg)
	if !ok {
		c.refuse(function + "() takes a type")
	}
	return typeTest(name)
}

// typeOperator compiles kids[0] is unit and kids[0] as unit.
func (c *compiler) typeOperator(n *node) term {
	left, is := c.term(n.kids[0]), typeTest(n.unit)
	if n.text == "is" {
		return func(m *machine) {
			if it, ok := m.argument(left); ok {
				m.pushTruth(truthOf(is(&it)))
			}
		}
	}
	return func(m *machine) {
		lo := len(m.items)
		left(m)
		kept := lo
		for i := lo; i < len(m.items); i++ {
			if is(&m.items[i]) {
				m.items[kept] = m.items[i]
				kept++
			}
		}
		m.drop(kept)
	}
}

// fhir compiles the functions that R4 adds, and those that look at the tree of elements.
func (c *compiler) fhir(name string, args []*node) call {
	switch name {
	case "children":
		return func(m *machine, in span) {
			for i := in.lo; i < in.hi; i++ {
				m.children(i)
			}
		}
	case "descendants":
		return (*machine).descendants
	case "extension":
		return c.extension(args[0])
	case "getValue":
		return func(m *machine, in span) {
			if in.len() == 1 && m.items[in.lo].valued() {
				m.push(m.items[in.lo])
			}
		}
	case "resolve":
		return (*machine).resolve
	case "type":
		return func(m *machine, in span) {
			for i := in.lo; i < in.hi; i++ {
				it := &m.items[i]
				space, name := "FHIR", it.TypeName()
				if it.Type == nil {
					space, name = "System", strings.TrimPrefix(name, "System.")
				}
				about := resource.O(resource.M("namespace", resource.S(space)), resource.M("name", resource.S(name)))
				m.push(Item{Node: &about})
			}
		}
	}
	return nil
}

func (c *compiler) extension(arg *node) call {
	url, all, own := c.term(arg), member("extension"), member("url")
	return func(m *machine, in span) {
		want, ok := m.argument(url)
		if !ok {
			return
		}
		lo := len(m.items)
		all(m, in)
		kept := lo
		for i := lo; i < len(m.items) && m.spend(1); i++ {
			from := len(m.items)
			own(m, span{i, i + 1})
			hit := len(m.items) == from+1 && m.items[from].text() == want.text()
			m.drop(from)
			if hit {
				m.items[kept] = m.items[i]
				kept++
			}
		}
		m.drop(kept)
	}
}

// resolve pushes what the references in point at.
func (m *machine) resolve(in span) {
	for i := in.lo; i < in.hi && m.spend(1); i++ {
		it := m.items[i]
		ref, hinted := "", ""
		if it.kind == element {
			ref, hinted = it.Node.Get("reference").Str(), it.Node.Get("type").Str()
		} else if it.kind == kString {
			ref = it.text()
		}
		if id, inside := strings.CutPrefix(ref, "#"); inside {
			if n := m.contained(id); n != nil {
				m.push(Root(n))
			}
			continue
		}
		if m.env.Resolve != nil {
			if n := m.env.Resolve(ref); ref != "" && n != nil {
				m.push(Root(n))
			}
			continue
		}
		if t := referenced(ref, hinted); t != nil {
			m.push(Item{Type: t})
		}
	}
}

// contained finds the contained resource of an id; "" is the container.
func (m *machine) contained(id string) *resource.Node {
	if id == "" {
		return m.env.Root
	}
	all := m.env.Root.Get("contained")
	if all == nil || !m.spend(len(all.Kids)) {
		return nil
	}
	for i := range all.Kids {
		if all.Kids[i].ID() == id {
			return &all.Kids[i]
		}
	}
	return nil
}

// referenced is the type of what a reference points at: Patient for Patient/1, a URL that ends so,
// one version of it, or one that only Reference.type tells.
func referenced(ref, hinted string) *spec.Type {
	r4 := spec.R4()
	ref, _, _ = strings.Cut(ref, "/_history/")
	ref, _, _ = strings.Cut(ref, "?")
	parts := strings.Split(ref, "/")
	if n := len(parts); n >= 2 && r4.IsResource(parts[n-2]) {
		return r4.Type(parts[n-2])
	}
	if len(parts) == 1 && r4.IsResource(ref) { // Patient?identifier=…
		return r4.Type(ref)
	}
	if r4.IsResource(hinted) {
		return r4.Type(hinted)
	}
	return nil
}
