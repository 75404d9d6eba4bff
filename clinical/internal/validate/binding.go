package validate

import (
	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/clinical/internal/resource"
)

const currencies = "http://hl7.org/fhir/ValueSet/currencies"

// bound looks whether a value is in the element's required value set.
func (r *run) bound(v *resource.Node, f *field) {
	set := f.element.Required
	switch {
	case f.element.Binding == currencies:
		if !threeLetters(v.Text) {
			r.error(outcome.CodeInvalid, quoted(v.Text)+" is no currency of ISO 4217.")
		}
	case set == nil: // its codes can't be listed: media types, units, answers of LOINC
	case f.check != nil:
		if !set.Has("", v.Text) {
			r.error(outcome.CodeInvalid, quoted(v.Text)+" is not in the value set "+set.URL+".")
		}
	case f.ref.Code == "CodeableConcept":
		codings := v.Get("coding")
		for i := range codings.Each() {
			if c := codings.At(i); set.Has(noSystem(c), c.Get("code").Str()) {
				return
			}
		}
		if codings == nil && v.Get("extension") != nil && v.Get("text") == nil {
			return // an extension says why there is none
		}
		r.error(outcome.CodeInvalid, "No coding is in the value set "+set.URL+".")
	case f.ref.Code == "Coding" || f.ref.Code == "Quantity":
		code := v.Get("code").Str()
		if code == "" && v.Get("extension") != nil || f.ref.Code == "Quantity" && code == "" {
			return
		}
		if !set.Has(noSystem(v), code) {
			r.error(outcome.CodeInvalid, quoted(code)+" is not in the value set "+set.URL+".")
		}
	}
}

// noSystem is the system, or one that no value set has: a coding without a system means nothing.
func noSystem(v *resource.Node) string {
	if s := v.Get("system").Str(); s != "" {
		return s
	}
	return "none"
}

func threeLetters(s string) bool {
	if len(s) != 3 {
		return false
	}
	for _, c := range []byte(s) {
		if c < 'A' || c > 'Z' {
			return false
		}
	}
	return true
}
