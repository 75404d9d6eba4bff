// Package resource reads and writes FHIR's JSON without losing anything: numbers keep their digits
// (1.50 stays 1.50), members their order, unknown extensions their content. Imports only outcome.
//
// Refused: a name given twice in one object, text that is no UTF-8, nesting over MaxDepth levels,
// over MaxValues values, anything after the value.
package resource

import (
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// MaxDepth is how deep a resource may nest.
const MaxDepth = 64

// MaxValues is how many values one JSON text may hold: those of a bundle of 60 MB. A value takes more
// memory than the two bytes that a text may spend on it.
const MaxValues = 2_000_000

// Kind is the kind of a JSON value.
type Kind uint8

// The kinds.
const (
	Null Kind = iota
	Bool
	Number
	String
	Object
	Array
)

// Node is one JSON value, with its name if it is a member of an object. The methods that look accept
// a nil node and find nothing in it.
type Node struct {
	Kind Kind
	Name string // member name; "" in arrays and at the root
	Text string // String: its text; Number: its digits as sent; Bool: "true" or "false"
	Kids []Node // members of an object, elements of an array, in order
}

// Get returns the member called name, or nil.
func (n *Node) Get(name string) *Node {
	if n == nil || n.Kind != Object {
		return nil
	}
	for i := range n.Kids {
		if n.Kids[i].Name == name {
			return &n.Kids[i]
		}
	}
	return nil
}

// Path follows member names from n; an array on the way is entered at its first element.
func (n *Node) Path(names ...string) *Node {
	for _, name := range names {
		if n != nil && n.Kind == Array {
			n = n.At(0)
		}
		n = n.Get(name)
	}
	return n
}

// At returns element i of an array, or nil.
func (n *Node) At(i int) *Node {
	if n == nil || n.Kind != Array || i < 0 || i >= len(n.Kids) {
		return nil
	}
	return &n.Kids[i]
}

// Each is the elements of an array, the value itself if it is none, and nothing for nil.
func (n *Node) Each() []Node {
	switch {
	case n == nil:
		return nil
	case n.Kind == Array:
		return n.Kids
	}
	return []Node{*n}
}

// Str returns the text of a string, or "".
func (n *Node) Str() string {
	if n == nil || n.Kind != String {
		return ""
	}
	return n.Text
}

// Type returns resourceType, or "".
func (n *Node) Type() string { return n.Get("resourceType").Str() }

// ID returns the resource's logical id, or "".
func (n *Node) ID() string { return n.Get("id").Str() }

// Set gives the object n the member name, in the place of one that has this name or else at the end.
func (n *Node) Set(name string, v Node) {
	v.Name = name
	if old := n.Get(name); old != nil {
		*old = v
		return
	}
	n.Kids = append(n.Kids, v)
}

// Remove takes the member called name away.
func (n *Node) Remove(name string) {
	for i := range n.Kids {
		if n.Kids[i].Name == name {
			n.Kids = append(n.Kids[:i:i], n.Kids[i+1:]...)
			return
		}
	}
}

// Clone copies n and all below it.
func (n *Node) Clone() Node {
	c := *n
	c.Kids = make([]Node, len(n.Kids))
	for i := range n.Kids {
		c.Kids[i] = n.Kids[i].Clone()
	}
	return c
}

// S makes a string.
func S(text string) Node { return Node{Kind: String, Text: text} }

// B makes a boolean.
func B(v bool) Node { return Node{Kind: Bool, Text: strconv.FormatBool(v)} }

// N makes a number from its digits.
func N(digits string) Node { return Node{Kind: Number, Text: digits} }

// O makes an object from named nodes: O(M("code", S("x"))).
func O(members ...Node) Node { return Node{Kind: Object, Kids: members} }

// A makes an array.
func A(elements ...Node) Node { return Node{Kind: Array, Kids: elements} }

// M names a node.
func M(name string, v Node) Node {
	v.Name = name
	return v
}

// Bytes returns n as compact JSON.
func (n *Node) Bytes() []byte { return n.Append(make([]byte, 0, 512)) }

// Append appends n to b as compact JSON.
func (n *Node) Append(b []byte) []byte {
	switch n.Kind {
	case Null:
		return append(b, "null"...)
	case Bool, Number:
		return append(b, n.Text...)
	case String:
		return quote(b, n.Text)
	case Array:
		b = append(b, '[')
		for i := range n.Kids {
			if i > 0 {
				b = append(b, ',')
			}
			b = n.Kids[i].Append(b)
		}
		return append(b, ']')
	}
	b = append(b, '{')
	for i := range n.Kids {
		if i > 0 {
			b = append(b, ',')
		}
		b = quote(b, n.Kids[i].Name)
		b = append(b, ':')
		b = n.Kids[i].Append(b)
	}
	return append(b, '}')
}

func quote(b []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c >= 0x7f || c == '"' || c == '\\' {
			b, _ = jsontext.AppendQuote(b, s) // it repairs what is no UTF-8: that is no error here
			return b
		}
	}
	return append(append(append(b, '"'), s...), '"')
}
