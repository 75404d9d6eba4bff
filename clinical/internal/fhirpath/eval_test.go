package fhirpath_test

import (
	"strings"
	"testing"

	"github.com/mitral-health/mitral/clinical/internal/fhirpath"
	"github.com/mitral-health/mitral/clinical/internal/resource"
)

const patient = `{"resourceType":"Patient","id":"p1","active":true,
 "meta":{"versionId":"3","lastUpdated":"2026-01-02T03:04:05.678Z","profile":["http://example.org/p"]},
 "contained":[{"resourceType":"Organization","id":"o1","name":"Clinic"},{"resourceType":"Practitioner","id":"d1","active":false}],
 "extension":[{"url":"http://example.org/e","valueString":"x"},{"url":"http://example.org/f","valueQuantity":{"value":7.50,"unit":"kg","system":"http://unitsofmeasure.org","code":"kg"}}],
 "identifier":[{"system":"urn:a","value":"1"},{"system":"urn:b","value":"2","use":"official"}],
 "name":[{"use":"official","family":"Chalmers","given":["Peter","James"]},{"use":"usual","given":["Jim"]},{"use":"maiden","family":"Windsor","given":["Peter","James"],"period":{"end":"2002"}}],
 "telecom":[{"system":"phone","value":"(03) 5555 6473","use":"work","rank":1},{"system":"phone","value":"1234","rank":2}],
 "gender":"male","birthDate":"1974-12-25","_birthDate":{"id":"bd","extension":[{"url":"http://hl7.org/fhir/StructureDefinition/patient-birthTime","valueDateTime":"1974-12-25T14:35:45-05:00"}]},
 "_maritalStatus":{"id":"x"},
 "deceasedBoolean":false,"multipleBirthInteger":2,
 "address":[{"line":[null,"534 Erewhon St"],"_line":[{"id":"l0","extension":[{"url":"u","valueCode":"c"}]},null],"city":"PleasantVille"}],
 "managingOrganization":{"reference":"#o1"},
 "generalPractitioner":[{"reference":"#d1"},{"reference":"Practitioner/9/_history/2"},{"reference":"https://example.org/fhir/Organization/4"},{"reference":"urn:uuid:1","type":"PractitionerRole"},{"display":"nobody"}],
 "link":[{"other":{"reference":"Patient/p2"},"type":"seealso"}]}`

const observation = `{"resourceType":"Observation","id":"ob","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"85354-9"}]},
 "effectivePeriod":{"start":"2026-02-01T08:00:00+01:00","end":"2026-02-01"},
 "valueQuantity":{"value":185.50,"unit":"lbs","system":"http://unitsofmeasure.org","code":"[lb_av]"},
 "referenceRange":[{"low":{"value":1,"code":"mg","system":"http://unitsofmeasure.org"},"high":{"value":0.002,"code":"g","system":"http://unitsofmeasure.org"}}],
 "component":[{"code":{"text":"sys"},"valueQuantity":{"value":120}},{"code":{"text":"dia"},"valueString":"high"},{"code":{"text":"none"},"dataAbsentReason":{"text":"?"}}]}`

// show writes a collection: primitives as their text, elements as JSON.
func show(items []fhirpath.Item) string {
	out := make([]string, len(items))
	for i, it := range items {
		switch {
		case it.Node != nil && it.Text() == "" && it.Node.Kind >= resource.Object:
			out[i] = string(it.Node.Bytes())
		case it.Node == nil && it.Ext != nil:
			out[i] = "_" + string(it.Ext.Bytes())
		case it.Node == nil && it.Type != nil:
			out[i] = "<" + it.TypeName() + ">"
		default:
			out[i] = it.Text()
		}
	}
	return strings.Join(out, " ; ")
}

func parsed(t testing.TB, text string) *resource.Node {
	n, err := resource.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestEval(t *testing.T) {
	pat, obs := parsed(t, patient), parsed(t, observation)
	count := 0
	for _, group := range []struct {
		root  *resource.Node
		cases [][2]string
	}{{pat, paths}, {pat, logic}, {pat, functions}, {pat, texts}, {pat, arithmetic}, {pat, temporals}, {pat, conversions}, {pat, fhirs}, {obs, observations}} {
		for _, c := range group.cases {
			count++
			e, err := fhirpath.Compile(c[0])
			if err != nil {
				t.Errorf("%s: %v", c[0], err)
				continue
			}
			items, err := e.Eval(fhirpath.Root(group.root), &fhirpath.Env{Now: noon})
			got := show(items)
			if err != nil {
				got = "error: " + err.Error()
			}
			if got != c[1] && (!strings.HasPrefix(c[1], "error") || !strings.HasPrefix(got, c[1])) {
				t.Errorf("%s\n got %s\nwant %s", c[0], got, c[1])
			}
		}
	}
	if count < 250 {
		t.Errorf("only %d cases", count)
	}
}

func TestCompileRefuses(t *testing.T) {
	for _, text := range []string{
		"", " ", "a.", ".a", "a b", "(a", "a)", "a[", "a[1", "a[]", "1 +", "+", "and", "a and", "a = = b", "'open", "`open", "a.b(", "a.b(,)", "f(1,)",
		"nosuch()", "name.nosuch()", "first(1)", "where()", "substring()", "substring(1,2,3)", "%nosuch", "%", "@", "@2015-13", "@2015-02-30", "@T25:00",
		"@2015-02-04T10:00+99:00", "a is", "a is 1", "a is where()", "ofType(1)", "ofType('x')", "as(a.b.c)", "/* open", "a # b", "a ! b", "a..b", "{ 1 }", "$that",
		"a.true", "matches('[')", "matches('(?=x)')", "matches('" + strings.Repeat("x{1000}", 30) + "')", strings.Repeat("9", 500), "1e5", "'\\u12'", "'\\uzzzz'",
		strings.Repeat("(", 100) + "1" + strings.Repeat(")", 100), strings.Repeat("-", 100) + "1", "a\xff", strings.Repeat("a.", 9000) + "a", "name.div 2", "a.implies",
	} {
		if e, err := fhirpath.Compile(text); err == nil {
			t.Errorf("%q was understood as %v", text, e)
		}
	}
}
