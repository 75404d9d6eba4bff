package search

import (
	"net/url"
	"slices"
	"sort"
	"strings"
	"testing"
)

// world is a handful of records and the simplest way to run a query over them.
type world []Terms

func newWorld(t testing.TB, texts ...string) (world, []string) {
	var w world
	var names []string
	for _, text := range texts {
		n := node(t, text)
		w = append(w, Extract(n, stored, Options{Base: base}))
		names = append(names, n.Type()+"/"+n.ID())
	}
	return w, names
}

// run finds the records that q finds, deciding links in both ways.
func (w world) run(t testing.TB, names []string, q *Query) []string {
	t.Helper()
	var out []string
	for i, terms := range w {
		if !q.Match(terms) {
			continue
		}
		_, id, _ := strings.Cut(names[i], "/")
		ok := true
		for j := range q.Where {
			c := &q.Where[j]
			if c.Link == nil {
				continue
			}
			probed := slices.ContainsFunc(c.Link.Probe(id, terms), func(in *Query) bool { return len(w.run(t, names, in)) > 0 })
			var keys [][]byte
			for _, in := range c.Link.Inner {
				for _, found := range w.run(t, names, in) {
					typ, id, _ := strings.Cut(found, "/")
					keys = append(keys, c.Link.Keys(typ, id, w[slices.Index(names, found)])...)
				}
			}
			bound := c.Bind(keys)
			if bound.Ranges() == nil || bound.Exact() == nil {
				t.Errorf("%s: bound, and no ranges", c.Param)
			}
			if bound.Match(terms) != probed {
				t.Errorf("%s for %s: enumerated %v, probed %v", c.Param, names[i], bound.Match(terms), probed)
			}
			ok = ok && probed
		}
		if ok {
			out = append(out, names[i])
		}
	}
	return out
}

var small = []string{
	`{"resourceType":"Organization","id":"o1","name":"Acme Hospital"}`,
	`{"resourceType":"Practitioner","id":"d1","name":[{"family":"Heart"}]}`,
	`{"resourceType":"Patient","id":"p1","birthDate":"1950-01-01","name":[{"family":"Adams"}],"managingOrganization":{"reference":"Organization/o1"},"generalPractitioner":[{"reference":"Practitioner/d1"}]}`,
	`{"resourceType":"Patient","id":"p2","birthDate":"1980-01-01","name":[{"family":"Brown"}]}`,
	`{"resourceType":"Group","id":"p1","type":"person","actual":true,"member":[{"entity":{"reference":"Patient/p2"}}]}`,
	`{"resourceType":"Observation","id":"a","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"1"}]},"subject":{"reference":"Patient/p1"},"performer":[{"reference":"Practitioner/d1"}],"effectiveDateTime":"2020-01-02"}`,
	`{"resourceType":"Observation","id":"b","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"2"}]},"subject":{"reference":"Patient/p2"},"effectiveDateTime":"2020-01-01"}`,
	`{"resourceType":"Observation","id":"c","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"1"}]},"subject":{"reference":"Group/p1"},"hasMember":[{"reference":"Observation/a"}]}`,
	`{"resourceType":"Provenance","id":"v","recorded":"2020-01-01T00:00:00Z","target":[{"reference":"Observation/b"}],"agent":[{"who":{"reference":"Practitioner/d1"}}]}`,
}

func TestLinks(t *testing.T) {
	w, names := newWorld(t, small...)
	for _, c := range [][2]string{
		{"Observation?subject:Patient.name=adams", "Observation/a"},
		{"Observation?subject.name=adams", "Observation/a"},
		{"Observation?patient.name=brown", "Observation/b"},
		{"Observation?patient.name=nobody", ""},
		{"Observation?patient.name:exact=adams", ""},
		{"Observation?patient.name:contains=ROW", "Observation/b"},
		{"Observation?subject:Patient.organization.name=acme", "Observation/a"},
		{"Observation?subject:Group.member:Patient.name=brown", "Observation/c"},
		{"Observation?subject:Patient.birthdate=lt1960", "Observation/a"},
		{"Observation?subject:Patient.birthdate=lt1960&code=2", ""},
		{"Observation?subject:Patient._id=p1", "Observation/a"},
		{"Observation?performer.name=heart&patient.name=adams", "Observation/a"},
		{"Observation?has-member.code=1", "Observation/c"},
		{"Observation?has-member:Observation.patient:Patient.organization:Organization.name=acme", "Observation/c"},
		{"Patient?_has:Observation:patient:code=1", "Patient/p1"},
		{"Patient?_has:Observation:subject:code=http://loinc.org|2", "Patient/p2"},
		{"Patient?_has:Observation:patient:code=1,2", "Patient/p1 Patient/p2"},
		{"Patient?_has:Observation:patient:code=3", ""},
		{"Group?_has:Observation:subject:code=1", "Group/p1"},
		{"Patient?_has:Observation:patient:_has:Provenance:target:agent=Practitioner/d1", "Patient/p2"},
		{"Patient?_has:Observation:patient:performer.name=heart", "Patient/p1"},
		{"Patient?organization.name=acme&_has:Observation:patient:code=1", "Patient/p1"},
		{"Practitioner?_has:Patient:general-practitioner:name=adams", "Practitioner/d1"},
		{"Practitioner?_has:Patient:general-practitioner:_has:Observation:patient:code=2", ""},
	} {
		typ, query, _ := strings.Cut(c[0], "?")
		if got := strings.Join(w.run(t, names, parse(t, typ, query)), " "); got != c[1] {
			t.Errorf("%s: got %q, want %q", c[0], got, c[1])
		}
	}
}

func TestCompartment(t *testing.T) {
	w, names := newWorld(t, small...)
	for _, c := range [][3]string{
		{"Observation", "p1", "Observation/a"},
		{"Observation", "p2", "Observation/b"},
		{"Observation", "p", ""},
		{"Patient", "p1", "Patient/p1"},
		{"Group", "p2", "Group/p1"},
		{"Group", "p1", ""},
	} {
		q, err := Parse(c[0], nil, Asked{Patient: c[1]})
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(w.run(t, names, q), " "); got != c[2] {
			t.Errorf("%s of %s: got %q, want %q", c[0], c[1], got, c[2])
		}
		if want := "Patient/" + c[1] + "/" + c[0]; q.String() != want {
			t.Errorf("self link %s, want %s", q, want)
		}
	}
	if _, err := Parse("Practitioner", nil, Asked{Patient: "p1"}); err == nil {
		t.Error("a Practitioner is in a patient's compartment")
	}
	closed := func(string) bool { return false }
	staff := func(typ string) bool { return typ == "Practitioner" || typ == "Organization" }
	for _, c := range []struct {
		query string
		open  func(string) bool
		want  string
	}{
		{"Observation?code=1", closed, "Observation/a"},
		{"Observation?code=2", closed, ""},
		{"Observation?patient.name=adams", closed, "Observation/a"},
		{"Observation?patient.name=brown", closed, ""},
		{"Observation?performer:Practitioner.name=heart", closed, "refused"},
		{"Observation?performer:Practitioner.name=heart", staff, "Observation/a"},
		{"Practitioner?name=heart", staff, "Practitioner/d1"},
		{"Practitioner?name=heart", closed, "refused"},
		{"Practitioner?_has:Observation:performer:code=1", staff, "Practitioner/d1"},
		{"Practitioner?_has:Patient:general-practitioner:name=brown", staff, ""},
		{"Patient?_has:Observation:patient:code=2", closed, ""},
	} {
		typ, query, _ := strings.Cut(c.query, "?")
		q, got := parse(t, typ, query), "refused"
		if q.Confine("p1", c.open) {
			got = strings.Join(w.run(t, names, q), " ")
		}
		if got != c.want {
			t.Errorf("%s confined to p1: got %q, want %q", c.query, got, c.want)
		}
	}
}

func TestSeveralTypes(t *testing.T) {
	w, names := newWorld(t, small...)
	v, _ := url.ParseQuery("_type=Patient,Observation,Group&_id=p1,a")
	q, err := Parse("", v, Asked{})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(w.run(t, names, q), " "); got != "Patient/p1 Group/p1 Observation/a" {
		t.Errorf("got %q", got)
	}
	if len(q.List()) != 3 || q.Type != "" {
		t.Errorf("lists %d ranges for type %q", len(q.List()), q.Type)
	}
	for i, terms := range w {
		listed := slices.ContainsFunc(q.List(), func(r Range) bool { return terms.First(r) != nil })
		if typ, _, _ := strings.Cut(names[i], "/"); listed != slices.Contains(q.Types, typ) {
			t.Errorf("%s: listed %v", names[i], listed)
		}
	}
}

func TestSort(t *testing.T) {
	w, names := newWorld(t, small...)
	for _, c := range [][3]string{
		{"Observation", "date", "Observation/b Observation/a | Observation/c"},
		{"Observation", "-date", "Observation/a Observation/b | Observation/c"},
		{"Organization", "name", "Organization/o1 | "},
		{"Patient", "name", "Patient/p1 Patient/p2 | "},
		{"Patient", "-family", "Patient/p2 Patient/p1 | "},
		{"Patient", "-birthdate,name", "Patient/p2 Patient/p1 | "},
		{"Patient", "_id", "Patient/p1 Patient/p2 | "},
		{"Patient", "organization", "Patient/p1 | Patient/p2"},
		{"Observation", "patient", "Observation/a Observation/b | Observation/c"},
	} {
		q := parse(t, c[0], "_sort="+c[1])
		var have, lack []string
		key := map[string]string{}
		for i, terms := range w {
			if !q.Match(terms) {
				continue
			}
			k := q.Sort[0].Key(terms)
			if (k == nil) != q.Sort[0].Missing.Match(terms) || k != nil && !q.Sort[0].Range().Has(k) {
				t.Errorf("%s: its key is %x, missing %v", names[i], k, q.Sort[0].Missing.Match(terms))
			}
			if k == nil {
				lack = append(lack, names[i])
				continue
			}
			have, key[names[i]] = append(have, names[i]), string(k)
		}
		sort.Slice(have, func(a, b int) bool { return (key[have[a]] < key[have[b]]) != q.Sort[0].Desc })
		if got := strings.Join(have, " ") + " | " + strings.Join(lack, " "); got != c[2] {
			t.Errorf("%s by %s: got %q, want %q", c[0], c[1], got, c[2])
		}
		if q.Sort[0].Missing.Ranges() != nil {
			t.Errorf("%s: what is missing has ranges", c[1])
		}
	}
}

func TestInclude(t *testing.T) {
	w, names := newWorld(t, small...)
	for _, c := range [][3]string{
		{"_include=Observation:subject", "Observation/a", "Patient/p1"},
		{"_include=Observation:subject:Group", "Observation/a", ""},
		{"_include=Observation:subject:Group", "Observation/c", "Group/p1"},
		{"_include=Observation:patient", "Observation/c", ""},
		{"_include=Observation:*", "Observation/a", "Patient/p1 Practitioner/d1"},
		{"_include=*", "Observation/c", "Group/p1 Observation/a"},
		{"_include:iterate=Patient:general-practitioner", "Patient/p1", "Practitioner/d1"},
		{"_include:iterate=Patient:general-practitioner", "Observation/a", ""},
	} {
		q := parse(t, "Observation", c[0])
		var got []string
		for _, r := range q.Include[0].Refs(w[slices.Index(names, c[1])]) {
			got = append(got, r.Type+"/"+r.ID)
		}
		sort.Strings(got)
		if s := strings.Join(got, " "); s != c[2] {
			t.Errorf("%s of %s: got %q, want %q", c[0], c[1], s, c[2])
		}
		if q.Include[0].Iterate != strings.Contains(c[0], "iterate") {
			t.Errorf("%s: iterate is %v", c[0], q.Include[0].Iterate)
		}
	}
	for _, c := range [][3]string{
		{"_revinclude=Provenance:target", "Observation/b", "Provenance/v"},
		{"_revinclude=Provenance:target", "Observation/a", ""},
		{"_revinclude=Observation:*", "Patient/p1", "Observation/a"},
		{"_revinclude=Observation:subject:Group", "Patient/p1", ""},
		{"_revinclude=Observation:subject:Group", "Group/p1", "Observation/c"},
		{"_revinclude:iterate=Observation:has-member", "Observation/a", "Observation/c"},
	} {
		typ, id, _ := strings.Cut(c[1], "/")
		q := parse(t, typ, c[0]).RevInclude[0].Pointing([]Ref{{typ, id}, {typ, "nobody"}})
		if got := strings.Join(w.run(t, names, q), " "); got != c[2] {
			t.Errorf("%s of %s: got %q, want %q", c[0], c[1], got, c[2])
		}
		if q.Where[0].Exact() == nil {
			t.Errorf("%s: no exact keys", c[0])
		}
	}
}
