package fhirpath

import (
	"strings"

	"github.com/mitral-health/mitral/clinical/internal/resource"
)

// quantity is a number of a unit. A unit is UCUM's code or a calendar unit (year, day); another
// system's unit carries its system in front, so that it equals only itself.
type quantity struct {
	value *decimal
	unit  string
}

const ucum = "http://unitsofmeasure.org"

// units says what the common units are in the base unit of their dimension. Calendar years and
// months are no fixed time, so that they have a dimension of their own.
var units = map[string]struct{ dimension, factor string }{
	"1": {"1", "1"}, "%": {"1", "0.01"},
	"s": {"s", "1"}, "ms": {"s", "0.001"}, "us": {"s", "0.000001"}, "min": {"s", "60"}, "h": {"s", "3600"}, "d": {"s", "86400"}, "wk": {"s", "604800"},
	"mo": {"s", "2629800"}, "a": {"s", "31557600"},
	"second": {"s", "1"}, "millisecond": {"s", "0.001"}, "minute": {"s", "60"}, "hour": {"s", "3600"}, "day": {"s", "86400"}, "week": {"s", "604800"},
	"month": {"calendar", "1"}, "year": {"calendar", "12"},
	"g": {"g", "1"}, "kg": {"g", "1000"}, "mg": {"g", "0.001"}, "ug": {"g", "0.000001"}, "ng": {"g", "0.000000001"},
	"[lb_av]": {"g", "453.59237"}, "[oz_av]": {"g", "28.349523125"},
	"m": {"m", "1"}, "km": {"m", "1000"}, "cm": {"m", "0.01"}, "mm": {"m", "0.001"}, "um": {"m", "0.000001"},
	"[in_i]": {"m", "0.0254"}, "[ft_i]": {"m", "0.3048"},
	"L": {"L", "1"}, "l": {"L", "1"}, "dL": {"L", "0.1"}, "dl": {"L", "0.1"}, "mL": {"L", "0.001"}, "ml": {"L", "0.001"}, "uL": {"L", "0.000001"},
	"mol": {"mol", "1"}, "mmol": {"mol", "0.001"}, "umol": {"mol", "0.000001"},
	"g/L": {"g/L", "1"}, "g/dL": {"g/L", "10"}, "mg/dL": {"g/L", "0.01"}, "mg/L": {"g/L", "0.001"}, "ug/L": {"g/L", "0.000001"}, "ng/mL": {"g/L", "0.000001"},
	"mol/L": {"mol/L", "1"}, "mmol/L": {"mol/L", "0.001"}, "umol/L": {"mol/L", "0.000001"},
	"mm[Hg]": {"Pa", "133.322387415"}, "kPa": {"Pa", "1000"}, "Pa": {"Pa", "1"},
}

// quantity reads a System.Quantity, a FHIR Quantity (one with a comparator has no one value), or a
// number, which is of unit 1.
func (it *Item) quantity() (quantity, bool) {
	switch {
	case it.kind == kQuantity:
		return quantity{it.d, it.s}, true
	case it.kind == element:
		value, unit, ok := it.measured()
		if !ok {
			return quantity{}, false
		}
		q := quantity{parseDecimal(value.Text), unit}
		return q, q.value != nil
	}
	d, ok := it.number()
	return quantity{d, "1"}, ok
}

// measured is the number and the unit of a FHIR Quantity.
func (it *Item) measured() (value *resource.Node, unit string, ok bool) {
	if !it.isQuantity() {
		return nil, "", false
	}
	value = it.Node.Get("value")
	if value == nil || it.Node.Get("comparator") != nil {
		return nil, "", false
	}
	if unit = it.Node.Get("code").Str(); unit == "" {
		unit = it.Node.Get("unit").Str()
	}
	if s := it.Node.Get("system").Str(); s != ucum && s != "" {
		unit = s + "|" + unit
	}
	if unit == "" {
		unit = "1"
	}
	return value, unit, true
}

// isQuantity says whether the item is a FHIR Quantity or one of its kinds, such as Age.
func (it *Item) isQuantity() bool {
	return it.kind == element && it.Node != nil && it.Type != nil && (it.Type.Name == "Quantity" || it.Type.Base == "Quantity")
}

// compare says how a lies to b; known is false if their units have nothing to do with each other.
func (a quantity) compare(b quantity) (order int, known bool) {
	if a.unit == b.unit {
		return a.value.cmp(b.value), true
	}
	ua, okA := units[a.unit]
	ub, okB := units[b.unit]
	if !okA || !okB || ua.dimension != ub.dimension {
		return 0, false
	}
	return a.value.mul(parseDecimal(ua.factor)).cmp(b.value.mul(parseDecimal(ub.factor))), true
}

// in gives a's value in another unit.
func (a quantity) in(unit string) (*decimal, bool) {
	if a.unit == unit {
		return a.value, true
	}
	ua, okA := units[a.unit]
	ub, okB := units[unit]
	if !okA || !okB || ua.dimension != ub.dimension {
		return nil, false
	}
	d := a.value.mul(parseDecimal(ua.factor)).div(parseDecimal(ub.factor))
	return d, d != nil
}

// parseQuantity reads what toQuantity understands: 5, 5.5 'mg', 4 days.
func parseQuantity(text string) (quantity, bool) {
	number, unit, _ := strings.Cut(strings.TrimSpace(text), " ")
	if q := strings.IndexByte(number, '\''); q > 0 {
		number, unit = number[:q], number[q:]+unit
	}
	d := parseLiteral(number)
	if d == nil {
		return quantity{}, false
	}
	switch unit = strings.TrimSpace(unit); {
	case unit == "":
		return quantity{d, "1"}, true
	case calendar[unit] != "":
		return quantity{d, calendar[unit]}, true
	case len(unit) > 2 && unit[0] == '\'' && strings.IndexByte(unit[1:], '\'') == len(unit)-2:
		return quantity{d, unit[1 : len(unit)-1]}, true
	}
	return quantity{}, false
}

// parseLiteral reads a number as FHIRPath writes it: a sign, digits, a fraction, no exponent.
func parseLiteral(text string) *decimal {
	if strings.ContainsAny(text, "eE") {
		return nil
	}
	return parseDecimal(text)
}

func (m *machine) pushQuantity(q quantity) {
	if q.value != nil && q.value.bounded() != nil {
		m.push(Item{kind: kQuantity, d: q.value, s: q.unit})
	}
}
