package fhirpath

import (
	"strconv"

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

// kind is the System type of a value; an element has members instead of a value.
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
)

var systemNames = [...]string{"", "Boolean", "String", "Integer", "Decimal", "Date", "DateTime", "Time", "Quantity"}

// Root makes the input of an expression from a resource.
func Root(n *resource.Node) Item {
	return Item{Node: n, Type: spec.R4().Type(n.Type())}
}

// Element makes the input of an expression from an element: its JSON value, the _name beside it (nil
// if none) and its type.
func Element(n, ext *resource.Node, t *spec.Type) Item {
	it := Item{Node: n, Ext: ext, Type: t, kind: kindOf(t)}
	it.settle()
	return it
}

// kindOf is the kind of a FHIR type's values.
func kindOf(t *spec.Type) kind {
	if t == nil || t.Kind != spec.Primitive {
		return element
	}
	switch t.Name {
	case "boolean":
		return kBool
	case "integer", "positiveInt", "unsignedInt":
		return kInteger
	case "decimal":
		return kDecimal
	case "date":
		return kDate
	case "dateTime", "instant":
		return kDateTime
	case "time":
		return kTime
	}
	return kString
}

// settle makes kind agree with the JSON value where the type doesn't say it.
func (it *Item) settle() {
	if it.Node == nil {
		return
	}
	switch it.Node.Kind {
	case resource.Null:
		it.Node = nil
	case resource.Object, resource.Array:
		it.kind = element
	case resource.Bool:
		if it.kind == element {
			it.kind = kBool
		}
	case resource.String:
		if it.kind == element {
			it.kind = kString
		}
	case resource.Number:
		if it.kind == element {
			it.kind = kDecimal
			if _, err := strconv.ParseInt(it.Node.Text, 10, 64); err == nil {
				it.kind = kInteger
			}
		}
	}
}

// weight is how many steps it takes to look at the value once.
func (it *Item) weight() int {
	switch {
	case it.kind == element:
		return 0
	case it.d != nil:
		return (it.d.scale + it.d.c.BitLen()) / 16
	case it.Node != nil && it.kind != kString:
		return len(it.Node.Text) / 8
	}
	return len(it.text()) / 256
}

// valued says whether the item is a primitive that has a value, and not only extensions.
func (it *Item) valued() bool { return it.kind != element && (it.Node != nil || it.Type == nil) }

// text is the value of a string, date or time.
func (it *Item) text() string {
	if it.Node != nil {
		return it.Node.Text
	}
	return it.s
}

func (it *Item) boolean() (v, ok bool) {
	switch {
	case it.kind != kBool:
		return false, false
	case it.Node != nil:
		return it.Node.Text == "true", true
	}
	return it.n == 1, it.Type == nil
}

func (it *Item) str() (string, bool) {
	if it.kind != kString || !it.valued() {
		return "", false
	}
	return it.text(), true
}

func (it *Item) integer() (int64, bool) {
	switch {
	case it.kind != kInteger:
		return 0, false
	case it.Node != nil:
		n, err := strconv.ParseInt(it.Node.Text, 10, 64)
		return n, err == nil
	}
	return it.n, it.Type == nil
}

// number is the value of an integer or a decimal.
func (it *Item) number() (*decimal, bool) {
	switch {
	case it.kind == kInteger:
		n, ok := it.integer()
		return decimalOf(n), ok
	case it.kind != kDecimal || !it.valued():
		return nil, false
	case it.Node != nil:
		d := parseDecimal(it.Node.Text)
		return d, d != nil
	}
	return it.d, true
}

// short is the value of a number of up to 18 digits: n / 10^scale.
func (it *Item) short() (n int64, scale int, ok bool) {
	switch {
	case it.Node != nil:
		return shortNumber(it.Node.Text)
	case it.Type != nil:
		return 0, 0, false
	case it.kind == kInteger:
		return it.n, 0, it.n < 1e18 && it.n > -1e18
	}
	return it.d.c.Int64(), it.d.scale, it.d.c.IsInt64() && it.d.c.BitLen() < 59
}

// Text returns the text of a primitive or of what was computed: of a number its digits, of a boolean
// true or false. It is "" for everything else.
func (it Item) Text() string {
	if it.Node != nil && it.kind != element {
		return it.Node.Text
	}
	return it.format()
}

// format is what toString gives.
func (it *Item) format() string {
	if !it.valued() {
		return ""
	}
	switch it.kind {
	case kBool:
		v, _ := it.boolean()
		return strconv.FormatBool(v)
	case kInteger:
		if it.Node == nil {
			return strconv.FormatInt(it.n, 10)
		}
	case kDecimal:
		if d, ok := it.number(); ok {
			return d.String()
		}
	case kQuantity:
		if calendar[it.s] != "" {
			return it.d.String() + " " + it.s
		}
		return it.d.String() + " '" + it.s + "'"
	}
	return it.text()
}

// TypeName returns "Quantity", "code", "Observation.component" for elements and "System.String" for
// what was computed; "" if R4 doesn't define it.
func (it Item) TypeName() string {
	switch {
	case it.Type != nil:
		return it.Type.Name
	case it.kind == element || it.Node != nil:
		return ""
	}
	return "System." + systemNames[it.kind]
}
