package spec

import (
	"slices"
	"testing"
)

func TestTypes(t *testing.T) {
	s := R4()
	if n := len(s.Resources()); n != 146 {
		t.Errorf("%d resource types, want 146", n)
	}
	for _, name := range []string{"Observation", "HumanName", "code", "xhtml", "Observation.component", "Timing.repeat", "Element", "DomainResource", "Bundle.entry"} {
		if s.Type(name) == nil {
			t.Errorf("no type %s", name)
		}
	}
	for _, name := range []string{"SubscriptionStatus", "MetadataResource", "DeviceDefinition.classification", "EvidenceVariable.characteristic.timeFromEvent", "observation", ""} {
		if s.Type(name) != nil {
			t.Errorf("type %s is there", name)
		}
	}
	if o := s.Type("Observation"); o.Base != "DomainResource" || o.Kind != Resource || o.Abstract {
		t.Errorf("Observation is %v %v %v", o.Base, o.Kind, o.Abstract)
	}
	if !s.Is(s.Type("Age"), "Quantity") || !s.Is(s.Type("Patient"), "Resource") || s.Is(s.Type("Bundle"), "DomainResource") {
		t.Error("Is follows the bases wrongly")
	}
}

func TestElements(t *testing.T) {
	s := R4()
	for _, c := range []struct{ typ, json, name, code string }{
		{"Observation", "valueQuantity", "value", "Quantity"},
		{"Observation", "valueDateTime", "value", "dateTime"},
		{"Observation", "id", "id", "id"},
		{"HumanName", "id", "id", "string"},
		{"Extension", "url", "url", "uri"},
		{"Observation", "component", "component", "Observation.component"},
		{"Observation.component", "referenceRange", "referenceRange", "Observation.referenceRange"},
		{"Questionnaire.item", "item", "item", "Questionnaire.item"},
		{"Patient", "contained", "contained", "Resource"},
		{"Narrative", "div", "div", "xhtml"},
		{"EvidenceVariable.characteristic", "definitionReference", "definition", "Reference"},
		{"Bundle.entry.response", "outcome", "outcome", "Resource"},
	} {
		e, typ := s.Type(c.typ).Element(c.json)
		if e == nil || e.Name != c.name || typ.Name != c.code {
			t.Errorf("%s.%s is %+v of %+v", c.typ, c.json, e, typ)
		}
	}
	for _, c := range [][2]string{{"Observation", "value"}, {"Observation", "valueAddress"}, {"Patient", "nope"}, {"Binary", "url"}, {"HealthcareService", "offeredIn"}, {"DeviceDefinition", "classification"}} {
		if e, _ := s.Type(c[0]).Element(c[1]); e != nil {
			t.Errorf("%s.%s is there", c[0], c[1])
		}
	}
	if e := s.Type("Observation").ByName("value"); e == nil || !e.Choice || len(e.Types) != 11 {
		t.Errorf("Observation.value is %+v", e)
	}
	if e := s.Type("Observation").ByName("status"); e.Min != 1 || e.Max != 1 || !e.Modifier || !e.Summary || !e.Required.Has("", "final") || e.Required.Has("", "done") || !e.Required.Has("http://hl7.org/fhir/observation-status", "final") || e.Required.Has("urn:x", "final") {
		t.Errorf("Observation.status is %+v", e)
	}
	_, ref := s.Type("Observation").Member("subject")
	if want := []string{"Patient", "Group", "Device", "Location"}; !slices.Equal(ref.Targets, want) {
		t.Errorf("Observation.subject points at %v", ref.Targets)
	}
	if _, ref := s.Type("Range").Member("low"); !ref.Simple {
		t.Error("Range.low may have a comparator")
	}
	if e := s.Type("Money").ByName("currency"); e.Required != nil || e.Binding != "http://hl7.org/fhir/ValueSet/currencies" {
		t.Errorf("Money.currency is %+v", e)
	}
	if e := s.Type("DetectedIssue").ByName("status"); e.Binding != "http://hl7.org/fhir/ValueSet/observation-status" || !e.Required.Has("", "amended") {
		t.Errorf("DetectedIssue.status is %+v", e)
	}
	if _, ref := s.Type("ResearchStudy").Member("site"); !slices.Equal(ref.Targets, []string{"Location"}) {
		t.Errorf("ResearchStudy.site points at %v", ref.Targets)
	}
}

func TestConstraints(t *testing.T) {
	s := R4()
	has := func(cs []Constraint, key string) bool {
		return slices.ContainsFunc(cs, func(c Constraint) bool { return c.Key == key && c.Expression != "" && c.Human != "" })
	}
	for typ, key := range map[string]string{"Observation": "obs-7", "Observation.referenceRange": "obs-3", "Patient": "dom-2", "Period": "per-1", "Element": "ele-1", "Extension": "ext-1", "Age": "age-1"} {
		if !has(s.Type(typ).Constraints, key) {
			t.Errorf("%s has no %s", typ, key)
		}
	}
	if !has(s.Type("Organization").ByName("address").Constraints, "org-2") {
		t.Error("Organization.address has no org-2")
	}
}

func TestParams(t *testing.T) {
	s := R4()
	for _, c := range []struct{ typ, code, kind, expression string }{
		{"Observation", "_id", "token", "Resource.id"},
		{"Observation", "patient", "reference", "Observation.subject.where(resolve() is Patient)"},
		{"Observation", "combo-code", "token", "Observation.code | Observation.component.code"},
		{"MedicationRequest", "code", "token", "(MedicationRequest.medication.ofType(CodeableConcept))"},
		{"RiskAssessment", "date", "date", "(RiskAssessment.occurrence.ofType(dateTime))"},
		{"Location", "near", "special", "Location.position"},
	} {
		p := s.Param(c.typ, c.code)
		if p == nil || p.Type != c.kind || p.Expression != c.expression {
			t.Errorf("%s.%s is %+v", c.typ, c.code, p)
		}
	}
	if p := s.Param("Observation", "nope"); p != nil {
		t.Error("a parameter that is not there")
	}
	p := s.Param("Observation", "code-value-quantity")
	if len(p.Components) != 2 || p.Components[0].Param != s.Param("Observation", "code") || p.Components[1].Param.Code != "value-quantity" || p.Components[0].Expression != "code" {
		t.Errorf("code-value-quantity is %+v", p)
	}
	if p := s.Param("CodeSystem", "context-type-value"); p.Components[0].Param != s.Param("CodeSystem", "context-type") {
		t.Error("a composite takes another type's parameter")
	}
	for _, r := range s.Resources() {
		if len(s.Params(r)) < 6 {
			t.Errorf("%s has %d parameters", r, len(s.Params(r)))
		}
	}
	if got := s.Compartment("Observation"); !slices.Equal(got, []string{"subject", "performer"}) {
		t.Errorf("compartment of Observation is %v", got)
	}
	if s.Compartment("Organization") != nil {
		t.Error("an Organization is in a compartment")
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := load(packed); err != nil {
			b.Fatal(err)
		}
	}
}
