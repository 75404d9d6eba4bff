package vitals

import (
	"strings"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/resource"
)

// Decode finds the reading in an Observation, ours or another system's: by any of its LOINC codes, in
// any unit of the measure, with the value or the components that are there. received is when this
// server first had it. What is no reading (another measure, withdrawn, without a value or a unit,
// impossible) is refused with a *Problem; the Observation itself may stand in the record all the same.
func Decode(n *resource.Node, received time.Time) (Reading, error) {
	r := Reading{}
	if n.Type() != "Observation" {
		return r, &Problem{Code: NotMeasure}
	}
	d, only := measured(n.Get("code"))
	if d == nil {
		return r, &Problem{Code: NotMeasure}
	}
	switch n.Get("status").Str() {
	case "final", "amended", "corrected", "preliminary":
	case "registered":
		return r, &Problem{Code: NotDisclosed}
	default:
		return r, &Problem{Code: Withdrawn}
	}
	r.Measure, r.Key = d.Measure, key(n)
	if id := n.ID(); id != "" {
		r.Ref = "Observation/" + id
	}
	at, p := effective(n)
	if p != nil {
		return r, p
	}
	r.At = at
	r.Order, r.Clock = Place(at, time.Time{}, received)
	r.ours(n, received)
	r.Device, r.Note = n.Path("device", "display").Str(), n.Path("note", "text").Str()
	if p := r.values(d, only, n); p != nil {
		return Reading{}, p
	}
	if !r.Has[0] && !r.Has[1] {
		return Reading{}, &Problem{Code: NotDisclosed}
	}
	if r.upsideDown() {
		return Reading{}, &Problem{Code: UpsideDown}
	}
	return r, nil
}

// ToldIn is the code of the unit that an Observation of a measure was told in, "" if it is none of the measure's.
func ToldIn(n *resource.Node, m Measure) string {
	q := n.Get("valueQuantity")
	if q == nil {
		q = n.Path("component", "valueQuantity")
	}
	if u := Of(m).Unit(q.Get("code").Str()); u != nil {
		return u.Code
	}
	return ""
}

// Codes are what a search finds Observations of these measures by: the value of its parameter "code".
func Codes(of ...Measure) string {
	var all []string
	for _, m := range of {
		for _, code := range append([]string{Of(m).Code.Code}, Of(m).Also...) {
			all = append(all, loinc+"|"+code)
		}
	}
	return strings.Join(all, ",")
}

// measured finds the measure that a code is of; only is the part that it is about, or -1 for all.
func measured(code *resource.Node) (d *Definition, only int) {
	for _, c := range code.Get("coding").Each() {
		if sys := c.Get("system").Str(); sys != loinc && sys != "urn:oid:2.16.840.1.113883.6.1" {
			continue
		}
		text := c.Get("code").Str()
		for i := range table {
			d := &table[i]
			if d.Code.Code == text {
				return d, -1
			}
			for _, also := range d.Also {
				if also == text {
					return d, -1
				}
			}
			for j := range d.Parts {
				if d.Parts[j].Code.Code == text {
					return d, j
				}
			}
		}
	}
	return nil, -1
}

// values reads the value, or the components.
func (r *Reading) values(d *Definition, only int, n *resource.Node) *Problem {
	if len(d.Parts) == 1 || only >= 0 {
		return r.value(d, Part(max(only, 0)), n)
	}
	for i := range n.Get("component").Each() {
		c := n.Get("component").At(i)
		if of, part := measured(c.Get("code")); of == d && part >= 0 {
			if p := r.value(d, Part(part), c); p != nil {
				return p
			}
		}
	}
	return nil
}

// value reads the value that stands in at; none at all is no problem of it.
func (r *Reading) value(d *Definition, part Part, at *resource.Node) *Problem {
	q, digits, u := at.Get("valueQuantity"), "", (*Unit)(nil)
	switch whole := at.Get("valueInteger"); {
	case q != nil:
		if v := q.Get("value"); v != nil && v.Kind == resource.Number {
			digits = v.Text
		}
		code := q.Get("code").Str()
		if sys := q.Get("system").Str(); sys != "" && sys != ucum {
			code = ""
		}
		text := q.Get("unit").Str()
		if u = d.named(code, text); u == nil {
			switch {
			case code != "" || text != "":
				return &Problem{Code: OtherUnit, Part: part}
			case !d.Unitless:
				return &Problem{Code: NoUnit, Part: part}
			}
			u = d.Canonical()
		}
	case whole != nil && d.Unitless:
		digits, u = whole.Text, d.Canonical()
	}
	if digits == "" {
		return nil
	}
	value, ok := decimal(digits)
	if !ok {
		return &Problem{Code: TooHigh, Part: part}
	}
	if c := q.Get("comparator").Str(); c != "" {
		r.Bound = c[:1]
	}
	a := u.To(value)
	if p := d.impossible(a, part, u, value); p != nil {
		return p
	}
	r.Values[part], r.Has[part] = a, true
	return nil
}

// key is the phone's own, else the first identifier of another system, else the resource's address.
func key(n *resource.Node) string {
	other := ""
	for _, id := range n.Get("identifier").Each() {
		system, value := id.Get("system").Str(), id.Get("value").Str()
		if system == KeySystem && value != "" {
			return value
		}
		if other == "" && value != "" {
			other = system + "|" + value
		}
	}
	if other == "" {
		other = "Observation/" + n.ID()
	}
	return other
}

// ours takes over what Observe wrote of the clock.
func (r *Reading) ours(n *resource.Node, received time.Time) {
	for _, x := range n.Get("extension").Each() {
		if x.Get("url").Str() == orderURL {
			if t, ok := instant(x.Get("valueDateTime").Str()); ok && !t.After(received) {
				r.Order = t.UTC()
			}
		}
	}
	for _, tag := range n.Path("meta").Get("tag").Each() {
		if tag.Get("system").Str() == clockURL {
			switch c := Clock(tag.Get("code").Str()); c {
			case Ahead, Skewed, History:
				r.Clock = c
			}
		}
	}
}

// effective is when it was measured: the end of a period.
func effective(n *resource.Node) (time.Time, *Problem) {
	text := n.Get("effectiveDateTime").Str()
	if text == "" {
		text = n.Get("effectiveInstant").Str()
	}
	if p := n.Get("effectivePeriod"); text == "" && p != nil {
		if text = p.Get("end").Str(); text == "" {
			text = p.Get("start").Str()
		}
	}
	if text == "" {
		return time.Time{}, &Problem{Code: NoTime}
	}
	t, ok := instant(text)
	if !ok {
		return time.Time{}, &Problem{Code: BadTime}
	}
	return t, nil
}

// instant reads a dateTime of FHIR; what it leaves out is the beginning, in UTC.
func instant(text string) (time.Time, bool) {
	layout := time.RFC3339
	if !strings.Contains(text, "T") {
		switch len(text) {
		case 4, 7, 10:
			layout = time.DateOnly[:len(text)]
		default:
			return time.Time{}, false
		}
	}
	t, err := time.Parse(layout, text)
	return t, err == nil && t.Year() >= 1
}
