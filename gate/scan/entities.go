package scan

import (
	"cmp"
	"slices"

	"github.com/mitral-health/mitral/gate/tag"
)

// Entity is a place in a text that identifies somebody, or could with other things, whatever the rules
// say of it. Name is one of the labels of the labelled sets: NAME, LOCATION, DATE, ID …
type Entity struct {
	Start, End int // bytes of the original text, half open
	Name       string
}

// certain are the scanners that prove what they find, by a checksum or by its form, and what it is
// called: they are believed more than the tagger.
var certain = map[class]string{
	classSSN: "SSN", classDNI: "ID", classNIE: "ID", classNHS: "ID", classNINO: "ID", classNASS: "ID", classCIP: "ID",
	classIBAN: "IBAN", classCard: "CARD", classNPI: "STAFF_ID", classMBI: "ID", classEmail: "EMAIL", classIP: "IP",
}

// besides are the scanners that are believed where the tagger says nothing.
var besides = map[class]string{classPhone: "PHONE", classRecord: "ID", classProfileURL: "URL", classNHSLike: "ID"}

// Entities lists what identifies somebody in a text, in order of place; none overlap. What no checksum
// or form proves, m tells. Rules and context play no part, and Scan does without m.
func (e *Engine) Entities(m *tag.Model, text string) []Entity {
	if len(text) > MaxText {
		return nil
	}
	s := e.state()
	defer e.pool.Put(s)
	s.read(text)
	out := keep(nil, s.proven(certain))
	out = keep(out, s.tagged(m.Tagger()))
	return keep(out, s.proven(besides))
}

// keep adds those of more that overlap nothing that is there already.
func keep(have, more []Entity) []Entity {
	byPlace := func(a, b Entity) int { return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(b.End, a.End)) }
	slices.SortFunc(more, byPlace)
	var out []Entity
	i, reach := 0, 0
	for _, m := range more {
		for i < len(have) && have[i].End <= m.Start {
			i++
		}
		if m.End > m.Start && m.Start >= reach && (i == len(have) || have[i].Start >= m.End) {
			out = append(out, m)
			reach = m.End
		}
	}
	out = append(out, have...)
	slices.SortFunc(out, byPlace)
	return out
}

func (s *state) proven(list map[class]string) (out []Entity) {
	for i := range s.marks {
		m := &s.marks[i]
		if name := list[m.class]; name != "" && m.end > m.start {
			start, end := s.text.span(s.source, m.start, m.end)
			out = append(out, Entity{start, end, name})
		}
	}
	return out
}

func (s *state) tagged(by *tag.Tagger) (out []Entity) {
	for _, t := range by.Tag(s.text.b) {
		start, end := s.text.span(s.source, t.Start, t.End)
		name := t.Entity.String()
		if t.Entity == tag.Code {
			name = codeName(s.text.b[t.Start:t.End])
		}
		out = append(out, Entity{start, end, name})
	}
	return out
}

// codeName tells numbers that have no valid checksum apart by their form.
func codeName(b []byte) string {
	digits := 0
	for _, c := range b {
		if kindOf(c) == cDigit {
			digits++
		}
	}
	switch {
	case kindOf(b[0]) != cDigit && digits > 8:
		return "IBAN"
	case digits >= 11:
		return "CARD"
	case digits == 9:
		return "SSN"
	}
	return "ID"
}
