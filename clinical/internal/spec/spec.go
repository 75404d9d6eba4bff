// Package spec is FHIR R4 (4.0.1) as tables: types, elements, choices, required value sets,
// invariants, search parameters and the compartment of a patient. The tables come out of HL7's own
// definitions by spec/gen, lie compressed in r4.bin, and are opened once, on first use. Imports
// nothing of Mitral. Everything it hands out is shared and must not be changed.
package spec

import "slices"

// Kind is the kind of a type.
type Kind uint8

// The kinds.
const (
	Primitive Kind = iota
	Complex        // a data type such as HumanName
	Resource
	Backbone // a part of one resource or data type, such as Observation.component
)

// Set is one version of FHIR.
type Set struct {
	types       map[string]*Type
	resources   []string
	params      map[string][]*Param
	compartment map[string][]string
}

// Type is a resource, a data type or a part of one.
type Type struct {
	Name        string // "Observation", "HumanName", "code", "Observation.component"
	Kind        Kind
	Base        string // "DomainResource", "Quantity", "BackboneElement"; "" for Element and Resource
	Abstract    bool
	Elements    []*Element // inherited ones too, in the standard's order
	Constraints []Constraint

	members map[string]member
}

type member struct {
	element *Element
	ref     *TypeRef
}

// Element is one element of a type.
type Element struct {
	Name        string // without [x]
	Min, Max    int    // Max -1 is any number
	Choice      bool   // the JSON name is Name and the type's
	Modifier    bool
	Summary     bool
	Types       []TypeRef
	Required    *ValueSet    // of a required binding; nil if there is none or its codes can't be listed
	Binding     string       // address of the value set of a required binding, listed or not
	Constraints []Constraint // those of its types are theirs
}

// TypeRef is a type that an element may have.
type TypeRef struct {
	Code    string // "Quantity", "Observation.component"
	Type    *Type
	Targets []string // what a Reference or canonical may point at; nil is anything
	Simple  bool     // a Quantity without a comparator
}

// Constraint is an invariant.
type Constraint struct {
	Key        string // "obs-7"
	Severity   string // "error" or "warning"
	Human      string
	Expression string // FHIRPath
}

// ValueSet is the codes of a required binding.
type ValueSet struct {
	URL     string
	systems []string
	codes   [][]string // by system, each sorted
}

// Param is a search parameter as it is for one resource type.
type Param struct {
	Code       string // "combo-code"
	Type       string // number date string token reference composite quantity uri special
	URL        string // of its definition
	Expression string // FHIRPath from that resource type
	Targets    []string
	Components []Component // of a composite
}

// Component is a part of a composite parameter.
type Component struct {
	Param      *Param
	Expression string // from each item that the composite's expression gives
}

// Resources returns the names of the resource types that exist on the wire, sorted.
func (s *Set) Resources() []string { return s.resources }

// Type returns a type, or nil if there is none of that name.
func (s *Set) Type(name string) *Type { return s.types[name] }

// IsResource says whether name is a resource type that exists on the wire.
func (s *Set) IsResource(name string) bool {
	t := s.types[name]
	return t != nil && t.Kind == Resource && !t.Abstract
}

// Element returns what the JSON name (valueQuantity) stands for: the element (value) and the type
// that it then has (Quantity); nil, nil if there is no such member. A leading _ is not understood.
func (t *Type) Element(jsonName string) (*Element, *Type) {
	if e, ref := t.Member(jsonName); e != nil {
		return e, ref.Type
	}
	return nil, nil
}

// Member is Element with all that is said of the type.
func (t *Type) Member(jsonName string) (*Element, *TypeRef) {
	m := t.members[jsonName]
	return m.element, m.ref
}

// ByName returns the element called name, without the type of a choice, or nil.
func (t *Type) ByName(name string) *Element {
	for _, e := range t.Elements {
		if e.Name == name {
			return e
		}
	}
	return nil
}

// Is says whether t is the type called name or specialises it.
func (s *Set) Is(t *Type, name string) bool {
	for ; t != nil; t = s.types[t.Base] {
		if t.Name == name {
			return true
		}
	}
	return false
}

// Has says whether the set holds the code. Without a system any of its systems will do.
func (v *ValueSet) Has(system, code string) bool {
	for i, s := range v.systems {
		if system == "" || s == system {
			if _, ok := slices.BinarySearch(v.codes[i], code); ok {
				return true
			}
		}
	}
	return false
}

// Params returns the search parameters of a resource type, sorted by code, with those that every
// resource has: _id _lastUpdated _profile _security _source _tag. (_text, _content and _query have no
// expression and are not here.)
func (s *Set) Params(resourceType string) []*Param { return s.params[resourceType] }

// Param returns one search parameter of a resource type, or nil.
func (s *Set) Param(resourceType, code string) *Param {
	ps := s.params[resourceType]
	i, ok := slices.BinarySearchFunc(ps, code, func(p *Param, c string) int {
		switch {
		case p.Code < c:
			return -1
		case p.Code > c:
			return 1
		}
		return 0
	})
	if !ok {
		return nil
	}
	return ps[i]
}

// Compartment returns the reference parameters that put a resource of this type into a patient's
// compartment; nil if it is never in one. A Patient is in its own besides.
func (s *Set) Compartment(resourceType string) []string { return s.compartment[resourceType] }
