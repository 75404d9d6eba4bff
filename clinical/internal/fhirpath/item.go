package fhirpath

import (
	"strings"

	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/spec"
)

// Item is one item of a collection: an element of a resource, or a value that was computed.
type Item struct {
	Node *resource.Node // the JSON value; nil for what was computed and for a primitive that has extensions alone
	Ext  *resource.Node // the _name beside a primitive: its id and extensions; nil if none
	Type *spec.Type     // the FHIR type; nil for what was computed and for what R4 doesn't define

	kind kind
	n    int64    // booleans 0 and 1, integers
	s    string   // strings, dates and times as written; the unit of a quantity
	d    *decimal // decimals, the value of a quantity
}

// kind is the System type of a value; element is anything that has members.
type kind uint8

const (
	element kind = iota
	kBool
	kString
	kInteger
	kDecimal
	kDate
	kDateTime
	kTime
	kQuantity
	kUnknown // a FHIR primitive whose kind follows from its FHIR type: see system
)

// Root makes the input of an expression from a resource.
func Root(n *resource.Node) Item {
	return Item{Node: n, Type: spec.R4().Type(n.Type())}
}

// Element makes the input of an expression from an element: its JSON value, the _name beside it (nil
// if none) and its type.
func Element(n, ext *resource.Node, t *spec.Type) Item {
	it := Item{Node: n, Ext: ext, Type: t}
	it.settle()
	return it
}

// Text returns the text of a primitive: of a number its digits, of a boolean true or false. It is ""
// for everything else.
func (it Item) Text() string {
	if it.kind == element {
		return ""
	}
	if it.Node != nil {
		return it.Node.Text
	}
	s, _ := it.format()
	return s
}

// TypeName returns "Quantity", "code", "Observation.component" for elements and "System.String" for
// what was computed; "" if R4 doesn't define it.
func (it Item) TypeName() string {
	switch {
	case it.Type != nil:
		return it.Type.Name
	case it.kind == element:
		return ""
	}
	return "System." + systemNames[it.kind]
}

// Path says where in root an item is, such as Observation.component[1].value; "" if it isn't there.
// It names elements as FHIRPath does, so a choice without its type, and it walks root to find out.
func Path(root *resource.Node, it Item) string {
	var parts []string
	if it.Node == nil && it.Ext == nil || !find(root, Root(root), it, &parts) {
		return ""
	}
	return root.Type() + strings.Join(parts, "")
}
