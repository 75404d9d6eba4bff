package patch_test

import (
	"strings"
	"testing"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/clinical/internal/patch"
	"github.com/mitral-health/mitral/clinical/internal/resource"
)

// op writes an operation: its type, its path, then further parts, each as its name and the JSON of
// its members ("index" and a number for integers).
func op(kind, path string, parts ...string) string {
	var b strings.Builder
	b.WriteString(`{"name":"operation","part":[{"name":"type","valueCode":"` + kind + `"},{"name":"path","valueString":"` + path + `"}`)
	for i := 0; i < len(parts); i += 2 {
		b.WriteString(`,{"name":"` + parts[i] + `",` + parts[i+1] + `}`)
	}
	return b.String() + "]}"
}

func params(ops ...string) string {
	return `{"resourceType":"Parameters","parameter":[` + strings.Join(ops, ",") + `]}`
}

func pat(members string) string {
	return strings.TrimSuffix(`{"resourceType":"Patient","id":"1",`+members, ",") + "}"
}

func obs(members string) string {
	return strings.TrimSuffix(`{"resourceType":"Observation","id":"1",`+members, ",") + "}"
}

func TestFHIRPath(t *testing.T) {
	if same, err := patch.FHIRPath(parsed(t, pat(``)), parsed(t, `{"resourceType":"Parameters"}`)); err != nil || string(same.Bytes()) != pat(``) {
		t.Errorf("a patch of no operations: %s, %v", same.Bytes(), err)
	}
	ids := `"identifier":[{"value":"1"},{"value":"2"},{"value":"3"}]`
	given := `"name":[{"given":["a",null,"c"],"_given":[null,{"id":"g"},null]}]`
	for _, c := range []struct{ name, before, ops, after string }{
		{"add a primitive", pat(``), op("add", "Patient", "name", `"valueString":"birthDate"`, "value", `"valueDate":"1930-01-01"`), pat(`"birthDate":"1930-01-01"`)},
		{"add to a list", pat(ids), op("add", "Patient", "name", `"valueString":"identifier"`, "value", `"valueIdentifier":{"value":"4"}`), pat(`"identifier":[{"value":"1"},{"value":"2"},{"value":"3"},{"value":"4"}]`)},
		{"add makes the list", pat(``), op("add", "Patient", "name", `"valueString":"name"`, "value", `"valueHumanName":{"family":"X"}`), pat(`"name":[{"family":"X"}]`)},
		{"add to an element", pat(ids), op("add", "Patient.identifier.where(value = '2')", "name", `"valueString":"system"`, "value", `"valueUri":"urn:x"`), pat(`"identifier":[{"value":"1"},{"value":"2","system":"urn:x"},{"value":"3"}]`)},
		{"add a choice", pat(``), op("add", "Patient", "name", `"valueString":"deceased"`, "value", `"valueBoolean":true`), pat(`"deceasedBoolean":true`)},
		{"add a choice, digits kept", obs(``), op("add", "Observation", "name", `"valueString":"value"`, "value", `"valueQuantity":{"value":1.50}`), obs(`"valueQuantity":{"value":1.50}`)},
		{"add a choice by its JSON name", obs(``), op("add", "Observation", "name", `"valueString":"valueQuantity"`, "value", `"part":[{"name":"value","valueDecimal":2.0},{"name":"unit","valueString":"kg"}]`), obs(`"valueQuantity":{"value":2.0,"unit":"kg"}`)},
		{"add a part of a resource by parts", pat(``), op("add", "Patient", "name", `"valueString":"contact"`, "value", `"part":[{"name":"name","valueHumanName":{"text":"a name"}},{"name":"relationship","valueCodeableConcept":{"text":"x"}},{"name":"relationship","valueCodeableConcept":{"text":"y"}}]`), pat(`"contact":[{"name":{"text":"a name"},"relationship":[{"text":"x"},{"text":"y"}]}]`)},
		{"parts in parts", pat(``), op("add", "Patient", "name", `"valueString":"contact"`, "value", `"part":[{"name":"name","part":[{"name":"text","valueString":"n"},{"name":"given","valueString":"g"}]}]`), pat(`"contact":[{"name":{"text":"n","given":["g"]}}]`)},
		{"a code given as a string", pat(``), op("add", "Patient", "name", `"valueString":"gender"`, "value", `"valueString":"male"`), pat(`"gender":"male"`)},
		{"what lies beside a value", pat(``), op("add", "Patient", "name", `"valueString":"gender"`, "value", `"valueCode":"male","_valueCode":{"id":"x"}`), pat(`"gender":"male","_gender":{"id":"x"}`)},
		{"an extension of a primitive", pat(`"gender":"male"`), op("add", "Patient.gender", "name", `"valueString":"extension"`, "value", `"part":[{"name":"url","valueUri":"u"},{"name":"value","valueCode":"c"}]`), pat(`"gender":"male","_gender":{"extension":[{"url":"u","valueCode":"c"}]}`)},
		{"an extension of one of several", pat(`"name":[{"given":["a","b"]}]`), op("add", "Patient.name.given[1]", "name", `"valueString":"extension"`, "value", `"part":[{"name":"url","valueUri":"u"},{"name":"value","valueCode":"c"}]`), pat(`"name":[{"given":["a","b"],"_given":[null,{"extension":[{"url":"u","valueCode":"c"}]}]}]`)},
		{"add keeps what lies beside in step", pat(given), op("add", "Patient.name", "name", `"valueString":"given"`, "value", `"valueString":"d"`), pat(`"name":[{"given":["a",null,"c","d"],"_given":[null,{"id":"g"},null,null]}]`)},
		{"add to a contained resource", pat(`"contained":[{"resourceType":"Organization","id":"o"}]`), op("add", "Patient.contained[0]", "name", `"valueString":"name"`, "value", `"valueString":"N"`), pat(`"contained":[{"resourceType":"Organization","id":"o","name":"N"}]`)},
		{"add a contained resource", pat(``), op("add", "Patient", "name", `"valueString":"contained"`, "value", `"resource":{"resourceType":"Organization","id":"o"}`), pat(`"contained":[{"resourceType":"Organization","id":"o"}]`)},
		{"insert first", pat(ids), op("insert", "Patient.identifier", "index", `"valueInteger":0`, "value", `"valueIdentifier":{"value":"0"}`), pat(`"identifier":[{"value":"0"},{"value":"1"},{"value":"2"},{"value":"3"}]`)},
		{"insert between", pat(ids), op("insert", "Patient.identifier", "index", `"valueInteger":2`, "value", `"valueIdentifier":{"value":"x"}`), pat(`"identifier":[{"value":"1"},{"value":"2"},{"value":"x"},{"value":"3"}]`)},
		{"insert last", pat(ids), op("insert", "Patient.identifier", "index", `"valueInteger":3`, "value", `"valueIdentifier":{"value":"x"}`), pat(`"identifier":[{"value":"1"},{"value":"2"},{"value":"3"},{"value":"x"}]`)},
		{"insert into a list that is not there", pat(``), op("insert", "Patient.identifier", "index", `"valueInteger":0`, "value", `"valueIdentifier":{"value":"x"}`), pat(`"identifier":[{"value":"x"}]`)},
		{"insert beside", pat(given), op("insert", "Patient.name.given", "index", `"valueInteger":1`, "value", `"valueString":"b"`), pat(`"name":[{"given":["a","b",null,"c"],"_given":[null,null,{"id":"g"},null]}]`)},
		{"delete", pat(`"birthDate":"1930","_birthDate":{"id":"b"},"gender":"male"`), op("delete", "Patient.birthDate"), pat(`"gender":"male"`)},
		{"delete one of several", pat(ids), op("delete", "Patient.identifier[1]"), pat(`"identifier":[{"value":"1"},{"value":"3"}]`)},
		{"delete the last takes the list along", pat(`"name":[{"given":["a"]}]`), op("delete", "Patient.name.given"), pat(``)},
		{"delete keeps what lies beside in step", pat(given), op("delete", "Patient.name.given[0]"), pat(`"name":[{"given":[null,"c"],"_given":[{"id":"g"},null]}]`)},
		{"delete what has no value", pat(given), op("delete", "Patient.name.given[1]"), pat(`"name":[{"given":["a","c"]}]`)},
		{"delete a choice", obs(`"valueString":"x"`), op("delete", "Observation.value"), obs(``)},
		{"delete nothing", pat(ids), op("delete", "Patient.birthDate"), pat(ids)},
		{"replace", pat(`"birthDate":"1930"`), op("replace", "Patient.birthDate", "value", `"valueDate":"1931-02"`), pat(`"birthDate":"1931-02"`)},
		{"replace in a list", pat(ids), op("replace", "Patient.identifier[1]", "value", `"valueIdentifier":{"value":"x"}`), pat(`"identifier":[{"value":"1"},{"value":"x"},{"value":"3"}]`)},
		{"replace deep inside", pat(ids), op("replace", "Patient.identifier.where(value = '2').value", "value", `"valueString":"x"`), pat(`"identifier":[{"value":"1"},{"value":"x"},{"value":"3"}]`)},
		{"replace a choice by another", obs(`"valueQuantity":{"value":1},"status":"final"`), op("replace", "Observation.value", "value", `"valueString":"x"`), obs(`"valueString":"x","status":"final"`)},
		{"replace a choice by parts keeps its type", obs(`"valueQuantity":{"value":1}`), op("replace", "Observation.value", "value", `"part":[{"name":"value","valueDecimal":2.50}]`), obs(`"valueQuantity":{"value":2.50}`)},
		{"replace among primitives", pat(given), op("replace", "Patient.name.given[1]", "value", `"valueString":"b"`), pat(`"name":[{"given":["a","b","c"]}]`)},
		{"move down", pat(ids), op("move", "Patient.identifier", "source", `"valueInteger":0`, "destination", `"valueInteger":2`), pat(`"identifier":[{"value":"2"},{"value":"3"},{"value":"1"}]`)},
		{"move up", pat(ids), op("move", "Patient.identifier", "source", `"valueInteger":2`, "destination", `"valueInteger":0`), pat(`"identifier":[{"value":"3"},{"value":"1"},{"value":"2"}]`)},
		{"move among primitives", pat(given), op("move", "Patient.name.given", "source", `"valueInteger":1`, "destination", `"valueInteger":0`), pat(`"name":[{"given":[null,"a","c"],"_given":[{"id":"g"},null,null]}]`)},
		{"one after another", pat(ids), op("delete", "Patient.identifier[0]") + "," + op("delete", "Patient.identifier[0]") + "," + op("add", "Patient", "name", `"valueString":"active"`, "value", `"valueBoolean":true`), pat(`"identifier":[{"value":"3"}],"active":true`)},
	} {
		before := parsed(t, c.before)
		after, err := patch.FHIRPath(before, parsed(t, params(c.ops)))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := string(after.Bytes()); got != c.after {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.after)
		}
		if string(before.Bytes()) != c.before {
			t.Errorf("%s changed the document", c.name)
		}
	}
}

func TestFHIRPathRefuses(t *testing.T) {
	name := func(s string) string { return `"valueString":"` + s + `"` }
	for _, c := range []struct {
		name, params string
		status       int
		says         string
	}{
		{"no Parameters", `{"resourceType":"Patient"}`, 400, "Parameters"},
		{"another parameter", params(`{"name":"op"}`), 400, "operation"},
		{"no type", params(`{"name":"operation","part":[{"name":"path","valueString":"Patient"}]}`), 400, "type"},
		{"an unknown type", params(op("grow", "Patient")), 400, "grow"},
		{"no path", params(`{"name":"operation","part":[{"name":"type","valueCode":"delete"}]}`), 400, "path"},
		{"an unknown part", params(op("delete", "Patient.name", "xyz", `"valueString":"x"`)), 400, "xyz"},
		{"no name", params(op("add", "Patient", "value", `"valueString":"x"`)), 400, "name"},
		{"no value", params(op("add", "Patient", "name", name("gender"))), 400, "value"},
		{"an empty value", params(op("add", "Patient", "name", name("gender"), "value", `"x":1`)), 400, "no value"},
		{"two values", params(op("add", "Patient", "name", name("gender"), "value", `"valueCode":"male","valueBoolean":true`)), 400, "one value"},
		{"a negative index", params(op("insert", "Patient.identifier", "index", `"valueInteger":-1`, "value", `"valueString":"x"`)), 400, "index"},
		{"no FHIRPath", params(op("delete", "Patient..name")), 400, "FHIRPath"},
		{"an unknown element", params(op("add", "Patient", "name", name("nosuch"), "value", `"valueString":"x"`)), 422, "nosuch"},
		{"a wrong type", params(op("add", "Patient", "name", name("name"), "value", `"valueString":"x"`)), 422, "string"},
		{"a type that is no choice", params(op("add", "Patient", "name", name("deceased"), "value", `"valueString":"x"`)), 422, "string"},
		{"parts where a type is missing", params(op("add", "Patient", "name", name("deceased"), "value", `"part":[]`)), 400, "several types"},
		{"parts of a primitive", params(op("add", "Patient", "name", name("language"), "value", `"part":[]`)), 422, "no parts"},
		{"there already", params(op("add", "Patient", "name", name("gender"), "value", `"valueCode":"male"`)), 422, "already"},
		{"another choice is there", params(op("add", "Patient", "name", name("multipleBirth"), "value", `"valueInteger":2`)), 422, "already"},
		{"add to nothing", params(op("add", "Patient.contact", "name", name("gender"), "value", `"valueCode":"male"`)), 422, "finds nothing"},
		{"add to several", params(op("add", "Patient.identifier", "name", name("system"), "value", `"valueUri":"u"`)), 422, "2 elements"},
		{"past the end", params(op("insert", "Patient.identifier", "index", `"valueInteger":3`, "value", `"valueIdentifier":{}`)), 422, "list of 2"},
		{"insert into what is no list", params(op("insert", "Patient.gender", "index", `"valueInteger":0`, "value", `"valueCode":"x"`)), 422, "no list"},
		{"a part of a list", params(op("insert", "Patient.identifier.where(value = '2')", "index", `"valueInteger":0`, "value", `"valueIdentifier":{}`)), 422, "whole list"},
		{"several lists", params(op("move", "Patient.identifier | Patient.name", "source", `"valueInteger":0`, "destination", `"valueInteger":0`)), 422, "whole list"},
		{"delete several", params(op("delete", "Patient.identifier")), 422, "one at a time"},
		{"delete all", params(op("delete", "Patient")), 422, "whole"},
		{"replace all", params(op("replace", "Patient", "value", `"resource":{"resourceType":"Patient"}`)), 422, "whole"},
		{"replace nothing", params(op("replace", "Patient.contact", "value", `"valueString":"x"`)), 422, "finds nothing"},
		{"move past the end", params(op("move", "Patient.identifier", "source", `"valueInteger":0`, "destination", `"valueInteger":2`)), 422, "no place 2"},
		{"move in nothing", params(op("move", "Patient.contact", "source", `"valueInteger":0`, "destination", `"valueInteger":0`)), 422, "finds nothing"},
		{"no element", params(op("replace", "'x'", "value", `"valueString":"y"`)), 422, "no element of the resource"},
		{"another resource", params(op("replace", "Patient.managingOrganization.resolve().name", "value", `"valueString":"y"`)), 422, "finds nothing"},
		{"the id", params(op("replace", "Patient.id", "value", `"valueId":"2"`)), 422, "id"},
		{"no id", params(op("delete", "Patient.id")), 422, "id"},
		{"the second fails", params(op("delete", "Patient.gender"), op("replace", "Patient.contact", "value", `"valueString":"x"`)), 422, "Operation 2"},
		{"the second fails, where", params(op("delete", "Patient.gender"), op("replace", "Patient.contact", "value", `"valueString":"x"`)), 422, "Parameters.parameter[1]"},
		{"many operations", params(strings.Repeat(op("delete", "Patient.gender")+",", patch.MaxOperations) + op("delete", "Patient.gender")), 422, "operations"},
		{"a path that takes long", params(op("delete", "(1).repeat($this + 1)")), 422, "too long"},
	} {
		before := pat(`"identifier":[{"value":"1"},{"value":"2"}],"name":[{"family":"F"}],"gender":"male","multipleBirthBoolean":true,"managingOrganization":{"reference":"Organization/1"}`)
		d := parsed(t, before)
		after, err := patch.FHIRPath(d, parsed(t, c.params))
		o := outcome.Of(err)
		if o == nil {
			t.Errorf("%s: %v gave %.300s", c.name, err, after.Bytes())
			continue
		}
		if o.Status != c.status || !strings.Contains(o.Error(), c.says) {
			t.Errorf("%s: %d %v", c.name, o.Status, o)
		}
		if string(d.Bytes()) != before {
			t.Errorf("%s changed the document", c.name)
		}
	}
}

// As many of the worst operations as a patch may have end soon.
func TestFHIRPathEndsSoon(t *testing.T) {
	items := make([]resource.Node, 5000)
	for i := range items {
		items[i] = resource.O(resource.M("linkId", resource.S("q")))
	}
	d := resource.O(resource.M("resourceType", resource.S("QuestionnaireResponse")), resource.M("item", resource.A(items...)))
	ops := make([]string, patch.MaxOperations)
	for i := range ops {
		ops[i] = op("delete", "descendants().where(%resource.descendants().count() = 0)")
	}
	start := time.Now()
	_, err := patch.FHIRPath(&d, parsed(t, params(ops...)))
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("it took %s (%v)", took, err)
	}
	for i := range ops {
		ops[i] = op("add", "QuestionnaireResponse", "name", `"valueString":"item"`, "value", `"part":[{"name":"linkId","valueString":"x"}]`)
	}
	start = time.Now()
	after, err := patch.FHIRPath(&d, parsed(t, params(ops...)))
	if took := time.Since(start); took > 5*time.Second || err != nil || len(after.Get("item").Kids) != 5000+patch.MaxOperations {
		t.Errorf("it took %s (%v)", took, err)
	}
}

func FuzzFHIRPath(f *testing.F) {
	before := pat(`"identifier":[{"value":"1"},{"value":"2"}],"name":[{"given":["a",null],"_given":[null,{"id":"g"}]}],"gender":"male","contained":[{"resourceType":"Organization","id":"o"}]`)
	for _, o := range []string{
		op("add", "Patient.name.given[0]", "name", `"valueString":"extension"`, "value", `"part":[{"name":"url","valueUri":"u"},{"name":"value","valueCode":"c"}]`),
		op("insert", "Patient.name.given", "index", `"valueInteger":1`, "value", `"valueString":"b","_valueString":{"id":"x"}`),
		op("delete", "Patient.contained.where(id = 'o')"), op("replace", "Patient.gender", "value", `"valueCode":"x"`),
		op("move", "Patient.name.given", "source", `"valueInteger":1`, "destination", `"valueInteger":0`),
		op("add", "Patient", "name", `"valueString":"contact"`, "value", `"part":[{"name":"name","part":[{"name":"given","valueString":"g"}]}]`),
	} {
		f.Add(before, params(o))
	}
	f.Fuzz(func(t *testing.T, before, with string) {
		d, err := resource.Parse([]byte(before))
		if err != nil {
			return
		}
		p, err := resource.Parse([]byte(with))
		if err != nil {
			return
		}
		was := string(d.Bytes())
		after, err := patch.FHIRPath(d, p)
		check(t, d, &after, err, was)
	})
}
