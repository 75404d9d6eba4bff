package vitals

import (
	"time"

	"github.com/mitral-health/mitral/clinical/internal/resource"
)

// Names of ours in what is written.
const (
	KeySystem = "urn:mitral:entry" // Observation.identifier.system: value is the phone's key
	orderURL  = "urn:mitral:order" // extension: the time that rules go by, if it isn't the one said
	clockURL  = "urn:mitral:clock" // meta.tag.system: a Clock that isn't Right
	loinc     = "http://loinc.org" //
	ucum      = "http://unitsofmeasure.org"
	kinds     = "http://terminology.hl7.org/CodeSystem/observation-category"
	absent    = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
)

// Observe turns an entry that was read, and confirmed if it had to be, into the Observation to store:
// the digits as typed, with the unit chosen, by the R4 profile of the measure. It has no id; its
// identifier (KeySystem, Key) makes a second sending the same one. It refuses what Read refuses.
func Observe(e Entry) (resource.Node, Reading, error) {
	var none resource.Node
	r, _, err := Read(e, nil)
	if err != nil {
		return none, r, err
	}
	d := Of(e.Measure)
	u := d.Unit(e.Unit)
	o, m, s, a := resource.O, resource.M, resource.S, resource.A
	n := o(m("resourceType", s("Observation")))
	meta := o()
	if d.Profile != "" && !u.Outside {
		meta.Set("profile", a(s(d.Profile)))
	}
	if r.Clock != Right {
		meta.Set("tag", a(o(m("system", s(clockURL)), m("code", s(string(r.Clock))))))
	}
	if len(meta.Kids) > 0 {
		n.Set("meta", meta)
	}
	if !r.Order.Equal(r.At.Truncate(time.Millisecond)) {
		n.Set("extension", a(o(m("url", s(orderURL)), m("valueDateTime", s(moment(r.Order))))))
	}
	n.Set("identifier", a(o(m("system", s(KeySystem)), m("value", s(e.Key)))))
	n.Set("status", s("final"))
	n.Set("category", a(o(m("coding", a(o(m("system", s(kinds)), m("code", s(d.Category))))))))
	n.Set("code", concept(append([]Coding{d.codeIn(u)}, d.Extra...)...))
	patient := "Patient/" + e.Patient
	n.Set("subject", o(m("reference", s(patient))))
	n.Set("effectiveDateTime", s(moment(e.At)))
	n.Set("issued", s(moment(e.Received.UTC())))
	author := e.Author
	if author == "" {
		author = patient
	}
	n.Set("performer", a(o(m("reference", s(author)))))
	if len(d.Parts) == 1 {
		n.Set("valueQuantity", quantity(e.Typed[0], u))
	} else {
		parts := a()
		for i := range d.Parts {
			part := o(m("code", concept(d.Parts[i].Code)))
			if r.Has[i] {
				part.Set("valueQuantity", quantity(e.Typed[i], u))
			} else {
				part.Set("dataAbsentReason", o(m("coding", a(o(m("system", s(absent)), m("code", s("unknown")))))))
			}
			parts.Kids = append(parts.Kids, part)
		}
		n.Set("component", parts)
	}
	if e.Device != "" {
		n.Set("device", o(m("display", s(e.Device))))
	}
	if e.Note != "" {
		n.Set("note", a(o(m("text", s(e.Note)))))
	}
	return n, r, nil
}

// codeIn is the measure's code when it is told in u: LOINC has one for each property, so a glucose in
// moles isn't coded as one in mass.
func (d *Definition) codeIn(u *Unit) Coding {
	if d.Measure == Glucose && u.Code == "mmol/L" {
		return Coding{"14743-9", "Glucose [Moles/volume] in Capillary blood by Glucometer"}
	}
	return d.Code
}

func concept(codes ...Coding) resource.Node {
	list := resource.A()
	for _, c := range codes {
		list.Kids = append(list.Kids, resource.O(resource.M("system", resource.S(loinc)), resource.M("code", resource.S(c.Code)), resource.M("display", resource.S(c.Display))))
	}
	return resource.O(resource.M("coding", list))
}

// quantity keeps the digits that were typed; Read has found them to be a number.
func quantity(typed string, u *Unit) resource.Node {
	text, _ := number(typed, false)
	return resource.O(resource.M("value", resource.N(text)), resource.M("unit", resource.S(u.Symbol)),
		resource.M("system", resource.S(ucum)), resource.M("code", resource.S(u.Code)))
}

// moment writes a time as FHIR does, with the zone that it was said in.
func moment(t time.Time) string { return t.Format("2006-01-02T15:04:05.999Z07:00") }
