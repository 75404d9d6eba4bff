package validate_test

import (
	"strings"
	"testing"

	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/spec"
	"github.com/mitral-health/mitral/clinical/internal/validate"
)

func parse(t testing.TB, text string) *resource.Node {
	t.Helper()
	n, err := resource.Parse([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return n
}

func errorsOf(n *resource.Node) (out []outcome.Issue) {
	for _, is := range validate.Resource(n) {
		if is.Severity == outcome.Err {
			out = append(out, is)
		}
	}
	return out
}

// sound are small resources that are right, by type; most rows of wrong change one of them.
var sound = map[string]string{
	"Observation":         vitals,
	"Patient":             `{"resourceType":"Patient","id":"p1","meta":{"tag":[{"system":"urn:x","code":"a"}],"lastUpdated":"2024-02-29T10:00:00Z"},"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>Ann</p></div>"},"active":true,"name":[{"use":"official","family":"Lind","given":["Ann",null],"_given":[null,{"extension":[{"url":"urn:why","valueCode":"unknown"}]}]}],"telecom":[{"system":"phone","value":"1"}],"gender":"female","birthDate":"1980-05-06","_birthDate":{"extension":[{"url":"urn:time","valueDateTime":"1980-05-06T10:11:12+01:00"}]},"deceasedBoolean":false,"multipleBirthInteger":2,"contact":[{"name":{"text":"Bo"}}],"link":[{"other":{"reference":"Patient/p2"},"type":"seealso"}]}`,
	"Condition":           `{"resourceType":"Condition","clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]},"verificationStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-ver-status","code":"confirmed"}]},"code":{"text":"cough"},"subject":{"reference":"Patient/p1"},"onsetAge":{"value":4,"system":"http://unitsofmeasure.org","code":"a"}}`,
	"Encounter":           `{"resourceType":"Encounter","status":"finished","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB"},"subject":{"reference":"Patient/p1"},"period":{"start":"2024-01-01T10:00:00Z","end":"2024-01-01T11:00:00Z"},"length":{"value":1,"system":"http://unitsofmeasure.org","code":"h"}}`,
	"MedicationRequest":   `{"resourceType":"MedicationRequest","status":"active","intent":"order","medicationCodeableConcept":{"text":"a"},"subject":{"reference":"Patient/p1"},"dosageInstruction":[{"sequence":1,"timing":{"repeat":{"frequency":2,"period":1,"periodUnit":"d","timeOfDay":["08:00:00"],"boundsPeriod":{"start":"2024-01"}}},"doseAndRate":[{"doseQuantity":{"value":1}}]}]}`,
	"Bundle":              `{"resourceType":"Bundle","type":"transaction","entry":[{"fullUrl":"urn:uuid:c757873d-ec9a-4326-a141-556f43239520","resource":{"resourceType":"Patient"},"request":{"method":"POST","url":"Patient"}}]}`,
	"Questionnaire":       `{"resourceType":"Questionnaire","url":"urn:q","name":"Q","status":"active","item":[{"linkId":"1","text":"a","type":"group","item":[{"linkId":"1.1","type":"choice","answerOption":[{"valueCoding":{"code":"x"}}],"item":[{"linkId":"1.1.1","type":"display"}]}]}]}`,
	"Task":                `{"resourceType":"Task","status":"ready","intent":"order","restriction":{"repetitions":3},"for":{"reference":"Patient/p1"},"input":[{"type":{"text":"a"},"valueBase64Binary":"aGk="}]}`,
	"Binary":              `{"resourceType":"Binary","contentType":"text/plain","data":"aGVsbG8="}`,
	"Parameters":          `{"resourceType":"Parameters","parameter":[{"name":"a","valueString":"x"},{"name":"b","part":[{"name":"c","resource":{"resourceType":"Basic","code":{"text":"x"}}}]}]}`,
	"CarePlan":            `{"resourceType":"CarePlan","status":"active","intent":"plan","subject":{"reference":"#p"},"contained":[{"resourceType":"Patient","id":"p"}],"activity":[{"detail":{"status":"completed","scheduledTiming":{"event":["2024-01-01"]}}}]}`,
	"Goal":                `{"resourceType":"Goal","lifecycleStatus":"active","description":{"text":"walk"},"subject":{"reference":"Patient/p1"},"target":[{"measure":{"text":"steps"},"detailRange":{"low":{"value":1},"high":{"value":2}}}]}`,
	"Claim":               `{"resourceType":"Claim","status":"active","type":{"text":"a"},"use":"claim","patient":{"reference":"Patient/p1"},"created":"2024-01-01","provider":{"reference":"Organization/o"},"priority":{"text":"a"},"insurance":[{"sequence":1,"focal":true,"coverage":{"reference":"Coverage/c"}}],"total":{"value":1.50,"currency":"EUR"}}`,
	"DocumentReference":   `{"resourceType":"DocumentReference","status":"current","content":[{"attachment":{"contentType":"text/plain","url":"http://example.org/a","size":3,"hash":"aGk="}}]}`,
	"AuditEvent":          `{"resourceType":"AuditEvent","type":{"code":"rest"},"recorded":"2024-01-01T10:00:00.123Z","agent":[{"requestor":true}],"source":{"observer":{"display":"x"}}}`,
	"StructureDefinition": `{"resourceType":"StructureDefinition","url":"urn:s","name":"S","status":"draft","kind":"logical","abstract":true,"type":"S","differential":{"element":[{"id":"S","path":"S"}]}}`,
	"EvidenceVariable":    `{"resourceType":"EvidenceVariable","status":"draft","characteristic":[{"definitionReference":{"reference":"Group/g"},"participantEffectiveDateTime":"2024"}]}`,
}

const vitals = `{"resourceType":"Observation","id":"b1","status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs","display":"vital-signs"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"85354-9","display":"Blood pressure panel"}],"text":"Blood pressure"},"subject":{"reference":"urn:uuid:6b1c2a34-9f6e-4f0b-8d8c-0d6c3b7c9a11"},"encounter":{"reference":"urn:uuid:0f1d2a34-9f6e-4f0b-8d8c-0d6c3b7c9a12"},"effectiveDateTime":"2019-04-02T08:15:30+02:00","issued":"2019-04-02T08:15:30.512+02:00","component":[{"code":{"coding":[{"system":"http://loinc.org","code":"8462-4","display":"Diastolic"}],"text":"Diastolic"},"valueQuantity":{"value":81.25,"unit":"mm[Hg]","system":"http://unitsofmeasure.org","code":"mm[Hg]"}},{"code":{"coding":[{"system":"http://loinc.org","code":"8480-6","display":"Systolic"}],"text":"Systolic"},"valueQuantity":{"value":124.5,"unit":"mm[Hg]","system":"http://unitsofmeasure.org","code":"mm[Hg]"},"referenceRange":[{"high":{"value":140}}]}]}`

func TestSoundResourcesAreRight(t *testing.T) {
	for typ, text := range sound {
		for _, is := range validate.Resource(parse(t, text)) {
			t.Errorf("%s: %s %s: %s", typ, is.Severity, is.Expression, is.Diagnostics)
		}
	}
}

// change applies "path=json" (set), "path-" (take away) to a resource; a path is names and numbers
// with dots.
func change(t *testing.T, n *resource.Node, what string) {
	t.Helper()
	path, value, set := strings.Cut(what, "=")
	if !set {
		path = strings.TrimSuffix(path, "-")
	}
	names := strings.Split(path, ".")
	for _, name := range names[:len(names)-1] {
		if n.Kind == resource.Array {
			n = n.At(int(name[0] - '0'))
		} else {
			n = n.Get(name)
		}
		if n == nil {
			t.Fatalf("%s: there is no %s", what, name)
		}
	}
	leaf := names[len(names)-1]
	switch {
	case !set:
		if n.Get(leaf) == nil {
			t.Fatalf("%s: there is nothing to take away", what)
		}
		n.Remove(leaf)
	case n.Kind == resource.Array:
		n.Kids[leaf[0]-'0'] = *parse(t, value)
	default:
		n.Set(leaf, *parse(t, value))
	}
}

func TestWrong(t *testing.T) {
	if len(wrong) < 150 {
		t.Errorf("%d rows", len(wrong))
	}
	for _, c := range wrong {
		n := parse(t, sound[c.typ])
		for what := range strings.SplitSeq(c.change, " && ") {
			change(t, n, what)
		}
		at := c.typ
		if c.at != "" {
			at += "." + strings.TrimPrefix(c.at, ".")
		}
		found := false
		issues := errorsOf(n)
		for _, is := range issues {
			found = found || is.Expression == at && is.Code == c.code
		}
		if !found {
			t.Errorf("%s with %s: want %s at %s, got %v", c.typ, c.change, c.code, at, issues)
		}
	}
}

func TestRight(t *testing.T) {
	for _, c := range right2 {
		n := parse(t, sound[c.typ])
		change(t, n, c.change)
		if issues := errorsOf(n); len(issues) > 0 {
			t.Errorf("%s with %s: %v", c.typ, c.change, issues)
		}
	}
}

func TestWholeResources(t *testing.T) {
	for text, at := range map[string]string{
		`[]`:                                "",
		`"x"`:                               "",
		`{}`:                                "",
		`{"id":"x"}`:                        "",
		`{"resourceType":"Nope"}`:           "Nope",
		`{"resourceType":"Resource"}`:       "Resource",
		`{"resourceType":"HumanName"}`:      "HumanName",
		`{"resourceType":"Observation"}`:    "Observation.status",
		`{"resourceType":1,"id":"x"}`:       "",
		`{"resourceType":"patient"}`:        "patient",
		`{"resourceType":"DomainResource"}`: "DomainResource",
	} {
		issues := errorsOf(parse(t, text))
		if len(issues) == 0 || issues[0].Expression != at {
			t.Errorf("%s: %v", text, issues)
		}
	}
}

func TestNothingAtAll(t *testing.T) {
	if !validate.Refused(validate.Resource(nil)) || !validate.Refused(validate.Resource(&resource.Node{Kind: resource.Object, Kids: []resource.Node{{}, resource.M("resourceType", resource.S("Patient")), resource.M("name", resource.A(resource.Node{}))}})) {
		t.Error("it is accepted")
	}
}

func TestAtMostFiftyIssues(t *testing.T) {
	text := `{"resourceType":"Patient"`
	for i := range 200 {
		text += `,"x` + strings.Repeat("y", i) + `":1`
	}
	if got := validate.Resource(parse(t, text+"}")); len(got) != validate.MaxIssues {
		t.Errorf("%d issues", len(got))
	}
}

// TestWarningsHideNoError: a resource full of what is only advised against is searched to its end.
func TestWarningsHideNoError(t *testing.T) {
	text := `{"resourceType":"Observation","code":{"text":"x"},"performer":[` + strings.Repeat(`{"reference":"Encounter/e"},`, 99) + `{"reference":"Encounter/e"}],"status":"nope"}`
	issues := validate.Resource(parse(t, text))
	if len(issues) != validate.MaxIssues || issues[0].Expression != "Observation.status" || issues[1].Severity != outcome.Warning || !validate.Refused(issues) || validate.Refused(issues[1:]) {
		t.Errorf("%v", issues)
	}
}

func TestEnvelope(t *testing.T) {
	n := parse(t, sound["Bundle"])
	change(t, n, `entry.0.resource.gender="x"`)
	if is := validate.Envelope(n); len(is) > 0 {
		t.Errorf("it looked inside: %v", is)
	}
	change(t, n, `type="bag"`)
	if !validate.Refused(validate.Envelope(n)) {
		t.Error("it did not look at the bundle")
	}
}

func TestReferencesToOthersAreAWarning(t *testing.T) {
	n := parse(t, vitals)
	change(t, n, `performer=[{"reference":"Encounter/e"}]`)
	issues := validate.Resource(n)
	if len(issues) != 1 || issues[0].Severity != outcome.Warning || issues[0].Expression != "Observation.performer[0].reference" {
		t.Errorf("%v", issues)
	}
}

// TestMutants: whatever is taken out, put in or replaced, it is refused.
func TestMutants(t *testing.T) {
	mutants := 0
	for typ, text := range sound {
		root := parse(t, text)
		mutate(root, spec.R4().Type(typ), func(what string) {
			mutants++
			if len(errorsOf(root)) == 0 {
				t.Errorf("%s: %s is accepted: %s", typ, what, root.Bytes())
			}
		})
		if issues := errorsOf(root); len(issues) > 0 {
			t.Errorf("%s was not put together again: %v", typ, issues)
		}
	}
	if mutants < 2000 {
		t.Errorf("%d mutants", mutants)
	}
}

// mutate changes n in one place after the other, calls try, and takes the change back.
func mutate(n *resource.Node, typ *spec.Type, try func(what string)) {
	with := func(what string, v resource.Node) {
		old := *n
		*n = v
		n.Name = old.Name
		try(what)
		*n = old
	}
	kids := n.Kids
	add := func(name string, v resource.Node) {
		with("added "+name, resource.O(append(kids[:len(kids):len(kids)], resource.M(name, v))...))
	}
	add("madeUp", resource.S("x"))
	add("_madeUp", resource.O(resource.M("id", resource.S("x"))))
	with("emptied", resource.O())
	with("made null", resource.Node{})
	with("made a string", resource.S("x"))
	with("made a list", resource.A(resource.O(kids...)))
	for i := range kids {
		k := &kids[i]
		e, t := typ.Element(k.Name)
		if e == nil {
			continue
		}
		if e.Min > 0 {
			with("without "+k.Name, resource.O(append(kids[:i:i], kids[i+1:]...)...))
		}
		if e.Choice {
			for _, other := range e.Types {
				name := e.Name + strings.ToUpper(other.Code[:1]) + other.Code[1:]
				if name != k.Name && other.Type.Kind == spec.Primitive {
					add(name, sample(other.Code))
				}
			}
		}
		list := e.Max != 1
		old := *k
		for what, v := range map[string]resource.Node{
			"null": {}, "an empty string": resource.S(""), "an empty list": resource.A(), "an empty object": resource.O(),
			"a list of null": resource.A(resource.Node{}), "a list of lists": resource.A(resource.A(old)),
		} {
			*k = resource.M(old.Name, v)
			try(k.Name + " made " + what)
		}
		if list {
			*k = resource.M(old.Name, old.Kids[0])
			try(k.Name + " made single")
		} else {
			*k = resource.M(old.Name, resource.A(old))
			try(k.Name + " made a list")
		}
		*k = old
		for j := range k.Each() {
			one := k
			if list {
				one = &k.Kids[j]
			}
			if one.Kind == resource.Null {
				continue
			}
			if t.Kind == spec.Primitive {
				was := *one
				for _, v := range []resource.Node{resource.S(" \x01 "), resource.N("0.5e0"), resource.B(true), resource.O(resource.M("id", resource.S("a")))} {
					if v.Kind == was.Kind && v.Kind != resource.String && t.Name != "integer" && t.Name != "positiveInt" && t.Name != "unsignedInt" {
						continue
					}
					*one = resource.M(was.Name, v)
					try(k.Name + " made " + string(v.Bytes()))
				}
				*one = was
			} else if t.Name == "Resource" {
				mutate(one, spec.R4().Type(one.Type()), try)
			} else {
				mutate(one, t, try)
			}
		}
	}
}

// sample is a value of a primitive type.
func sample(code string) resource.Node {
	switch code {
	case "boolean":
		return resource.B(true)
	case "integer", "decimal", "positiveInt", "unsignedInt":
		return resource.N("1")
	case "date", "dateTime":
		return resource.S("2024-01-01")
	case "instant":
		return resource.S("2024-01-01T00:00:00Z")
	case "time":
		return resource.S("10:00:00")
	}
	return resource.S("aGk=")
}

func FuzzResource(f *testing.F) {
	for _, text := range sound {
		f.Add([]byte(text))
	}
	for _, c := range wrong {
		f.Add([]byte(c.change))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		if n, err := resource.Parse(in); err == nil {
			if issues := validate.Resource(n); len(issues) > validate.MaxIssues {
				t.Fatalf("%d issues", len(issues))
			}
		}
	})
}
