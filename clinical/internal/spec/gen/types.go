package main

import (
	"fmt"
	"slices"
	"strings"
)

// typ, elem and ref are spec's Type, Element and TypeRef as they are packed.
type typ struct {
	name, base  string
	kind        int // as spec.Kind
	abstract    bool
	elements    []elem
	constraints []constraint
}

type elem struct {
	name                      string
	min, max                  int
	choice, modifier, summary bool
	types                     []ref
	binding                   string // of a required one
	codes                     map[string][]string
	constraints               []constraint
}

type ref struct {
	code    string
	targets []string
	simple  bool
}

const (
	primitive = iota
	complexType
	resource
	backbone
)

var kinds = map[string]int{"primitive-type": primitive, "complex-type": complexType, "resource": resource}

// longest is how long a path may be to have an entry in dataelements.json.
const longest = 64

// types returns all types, sorted by name.
func (d *definitions) types() ([]*typ, error) {
	var all []*typ
	for _, s := range d.structures {
		kind, ok := kinds[s.Kind]
		if !ok {
			return nil, fmt.Errorf("%s: kind %s", s.Name, s.Kind)
		}
		elements := s.Snapshot.Element
		if kind == resource && !s.Abstract {
			elements = d.restore(s.Name, elements)
		}
		byPath := map[string]*typ{}
		for _, e := range elements {
			if !strings.Contains(e.Path, ".") {
				t := &typ{name: s.Name, base: last(s.BaseDefinition), kind: kind, abstract: s.Abstract, constraints: own(s.Name, e.Constraint)}
				byPath[e.Path] = t
				all = append(all, t)
				continue
			}
			if kind == primitive && strings.HasSuffix(e.Path, ".value") || e.Max == "0" {
				continue
			}
			cut := strings.LastIndexByte(e.Path, '.')
			parent := byPath[e.Path[:cut]]
			if parent == nil {
				return nil, fmt.Errorf("%s has no parent", e.Path)
			}
			if hasChildren(elements, e.Path) {
				t := &typ{name: e.Path, base: e.Type[0].Code, kind: backbone, constraints: own(e.Path, e.Constraint)}
				byPath[e.Path] = t
				all = append(all, t)
				e.Type, e.Constraint = []elementType{{Code: e.Path}}, nil
			}
			x, err := d.elem(e, kind)
			if err != nil {
				return nil, err
			}
			parent.elements = append(parent.elements, x)
		}
	}
	slices.SortFunc(all, func(a, b *typ) int { return strings.Compare(a.name, b.name) })
	return all, nil
}

func (d *definitions) elem(e element, kind int) (elem, error) {
	name := e.Path[strings.LastIndexByte(e.Path, '.')+1:]
	x := elem{min: e.Min, modifier: e.IsModifier, summary: e.IsSummary, constraints: own(e.Path, e.Constraint)}
	x.name, x.choice = strings.CutSuffix(name, "[x]")
	switch e.Max {
	case "*":
		x.max = -1
	case "1":
		x.max = 1
	default:
		return x, fmt.Errorf("%s: max %s", e.Path, e.Max)
	}
	if e.ContentReference != "" {
		e.Type = []elementType{{Code: strings.TrimPrefix(e.ContentReference, "#")}}
	}
	for _, t := range e.Type {
		r := ref{code: t.Code}
		if strings.HasPrefix(t.Code, "http://hl7.org/fhirpath/") {
			r.code = strings.ToLower(last(strings.ReplaceAll(t.Code, ".", "/")))
			for _, x := range t.Extension {
				r.code = x.ValueURL
			}
			if kind == resource && name == "id" && strings.Count(e.Path, ".") == 1 {
				r.code = "id" // the definitions say string, the standard's text says id
			}
		}
		for _, p := range t.TargetProfile {
			if l := last(p); l != "Resource" {
				r.targets = append(r.targets, l)
			} else {
				r.targets = nil
				break
			}
		}
		r.simple = len(t.Profile) == 1 && last(t.Profile[0]) == "SimpleQuantity"
		x.types = append(x.types, r)
	}
	if e.Binding.Strength == "required" {
		x.binding, _, _ = strings.Cut(e.Binding.ValueSet, "|")
		x.codes, _ = d.expand(x.binding)
	}
	return x, nil
}

// own leaves out the invariants that every element and extension has; Element and Extension keep them.
func own(path string, cs []constraint) (out []constraint) {
	for _, c := range cs {
		switch {
		case c.Expression == "", c.Key == "ele-1" && path != "Element", c.Key == "ext-1" && path != "Extension":
		case c.Key == "dom-r4b", c.Key == "evv-1": // of a later version
		default:
			out = append(out, constraint{c.Key, c.Severity, c.Human, c.Expression})
		}
	}
	return out
}

func hasChildren(all []element, path string) bool {
	return slices.ContainsFunc(all, func(e element) bool { return strings.HasPrefix(e.Path, path+".") })
}

// restore gives a resource its elements of R4 back: what dataelements.json knows otherwise is as it
// says there, what it doesn't know is taken out, what only it knows is put in. Two things it can't
// tell: paths over longest, which it doesn't have, and parts (they have no entry), which go when
// nothing of their own is left.
func (d *definitions) restore(name string, all []element) []element {
	known := func(e element) bool { _, ok := d.elements[e.Path]; return ok }
	var out []element
	have := map[string]bool{}
	for _, e := range all {
		part := hasChildren(all, e.Path)
		switch {
		case part:
			for _, c := range all {
				leaf := c.Path[strings.LastIndexByte(c.Path, '.')+1:]
				if strings.HasPrefix(c.Path, e.Path+".") && leaf != "id" && leaf != "extension" && (known(c) || len(c.Path) > longest || c.ContentReference != "") {
					out = append(out, e)
					have[e.Path] = true
					break
				}
			}
		case e.ContentReference != "" || len(e.Path) > longest:
			out = append(out, e)
		case known(e):
			r := d.elements[e.Path]
			r.Constraint = e.Constraint // dataelements.json has none
			out = append(out, r)
		}
		have[e.Path] = have[e.Path] || known(e)
	}
	for _, path := range d.order {
		parent := parentOf(path)
		if strings.HasPrefix(path, name+".") && !have[path] && have[parent] {
			i := len(out)
			for i > 0 && out[i-1].Path != parent && !strings.HasPrefix(out[i-1].Path, parent+".") {
				i--
			}
			out = slices.Insert(out, i, d.elements[path])
		}
	}
	return slices.DeleteFunc(out, func(e element) bool { // what hangs below a part that went
		parent := parentOf(e.Path)
		return strings.Contains(parent, ".") && !slices.ContainsFunc(out, func(p element) bool { return p.Path == parent })
	})
}

func parentOf(path string) string { return path[:max(0, strings.LastIndexByte(path, '.'))] }
