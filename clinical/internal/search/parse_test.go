package search

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/clinical/internal/resource"
)

func TestParseRefuses(t *testing.T) {
	for _, row := range []string{
		// bad values
		"Observation?date=yesterday", "Observation?date=2012-13", "Observation?date=2012-02-30", "Observation?date=2012-1-1", "Observation?date=",
		"Observation?date=xx2012", "Observation?date=2012-01-01T25:00", "Observation?date=2012-01-01T10", "Observation?date=2012-01-01T10:00:00.Z", "Observation?date=2012-01-01T10:00Zz",
		"Observation?date=2012,,2013", "Observation?value-quantity=abc", "Observation?value-quantity=5|x", "Observation?value-quantity=5|a|b|c", "Observation?value-quantity=", "Observation?value-quantity=0x10",
		"Observation?value-quantity=inf", "Observation?value-quantity=NaN", "Observation?value-quantity=gt", "RiskAssessment?probability=1e999", "RiskAssessment?probability=--1", "RiskAssessment?probability=5|x|y",
		"Observation?code=", "Observation?code=|", "Observation?code=a|b|c", "Observation?code=a,", "Patient?name=", "Patient?name= ", "Patient?name:exact=", "Observation?subject=", "ValueSet?url=",
		"Observation?code:missing=maybe", "Observation?code:missing=", "Observation?code-value-quantity=a", "Observation?code-value-quantity=a$1$2", "Observation?code-value-quantity=a$x", "Patient?identifier:of-type=a|b", "Patient?identifier:of-type=|x|",
		"_x?code=1", "Nothing?code=1", "?code=1", "?_type=Nothing", "?_type=Patient,", "Patient?_type=Observation",
		// modifiers
		"Observation?code:exact=1", "Observation?code:in=http://x", "Observation?code:not-in=http://x", "Observation?code:above=1", "Observation?code:below=1", "Observation?code:=1", "Observation?code:nonsense=1",
		"Patient?name:not=x", "Patient?name:text=x", "Observation?date:exact=2012", "Observation?date:above=2012", "Observation?value-quantity:exact=1", "Observation?subject:Practitioner=1", "Observation?subject:below=1",
		"Observation?subject:nonsense=1", "ValueSet?url:contains=x", "Observation?code-value-quantity:not=a$1",
		// unknown and unsupported, strictly
		"Observation?nonsense=1", "Observation?_text=x", "Observation?_content=x", "Observation?_filter=x", "Observation?_list=x", "Observation?_query=x", "Location?near=1|2", "Patient?code=1", "Patient?_nonsense=1", "?_type=Patient,Observation&name=x",
		// results
		"Patient?_count=-1", "Patient?_count=x", "Patient?_count=", "Patient?_total=all", "Patient?_summary=yes", "Patient?_elements=nonsense", "Patient?_elements=", "Patient?_sort=nonsense", "Patient?_sort=", "Patient?_sort=-", "Observation?_sort=combo-code-value-quantity",
		"Observation?_sort=code-value-quantity", "?_type=Patient,Observation&_sort=_id", "Patient?_cursor=a.b", "Patient?_contained=true", "Patient?_sort=name,birthdate,gender,_id,family,given",
		"Observation?_include=subject", "Observation?_include=Observation:code", "Observation?_include=Observation:nonsense", "Observation?_include=Nothing:x", "Observation?_include=Observation:subject:Nothing", "Observation?_include=Observation:subject:Patient:x", "Observation?_include:recurse=Observation:subject", "Patient?_revinclude=*", "Patient?_revinclude=Observation",
		// chains
		"Observation?subject:Patient.nonsense=1", "Observation?subject:Nothing.name=1", "Observation?code.name=1", "Observation?nonsense.name=1", "Observation?subject:Practitioner.name=x", "Observation?subject:Patient.birthdate=x", "Observation?subject.birthdate=x", "Observation?subject:Patient.name:nonsense=x",
		"Observation?patient.link.link.link.name=x", "Observation?patient.=x", "Observation?.name=x", "Provenance?target._id=x",
		"Patient?_has:Observation=1", "Patient?_has:Observation:patient=1", "Patient?_has:Nothing:patient:code=1", "Patient?_has:Observation:nonsense:code=1", "Patient?_has:Observation:code:code=1", "Patient?_has:Observation:patient:nonsense=1", "Patient?_has:Observation:patient:date=x", "Practitioner?_has:Observation:patient:code=1",
		"Patient?_has:Observation:patient:_has:Observation:has-member:_has:Observation:has-member:_has:Observation:has-member:code=1",
	} {
		typ, query, _ := strings.Cut(row, "?")
		v, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		_, err = Parse(typ, v, Asked{Strict: true, Now: now})
		o := outcome.Of(err)
		if o == nil {
			t.Errorf("%s: %v", row, err)
			continue
		}
		name, _, _ := strings.Cut(query, "=")
		if o.Status != 400 && o.Status != 404 || o.Status == 400 && !strings.Contains(o.Error(), strings.SplitN(name, ":", 2)[0]) && !strings.HasPrefix(typ, "_") && typ != "" {
			t.Errorf("%s: %d %v", row, o.Status, o)
		}
	}
}

func TestParseLimits(t *testing.T) {
	try := func(v url.Values) error {
		_, err := Parse("Observation", v, Asked{})
		return err
	}
	if err := try(url.Values{"code": {strings.Repeat("a,", MaxValues-1) + "a"}}); err != nil {
		t.Error(err)
	}
	if try(url.Values{"code": {strings.Repeat("a,", MaxValues) + "a"}}) == nil {
		t.Error("too many alternatives")
	}
	if err := try(url.Values{"code": slices.Repeat([]string{"a"}, MaxParams)}); err != nil {
		t.Error(err)
	}
	if try(url.Values{"code": slices.Repeat([]string{"a"}, MaxParams+1)}) == nil {
		t.Error("too many parameters")
	}
	if try(url.Values{"code": {strings.Repeat("a", MaxLength+1)}}) == nil {
		t.Error("too long")
	}
	if err := try(url.Values{"focus": {strings.Repeat("x,", 9) + "x"}}); err != nil {
		t.Error(err)
	}
	if try(url.Values{"focus": {strings.Repeat("x,", 20) + "x"}}) == nil {
		t.Error("an id alone, many times, of any type")
	}
	if try(url.Values{"focus.focus.focus._id": {"x"}}) == nil || try(url.Values{"focus._lastUpdated": {"2020"}}) == nil {
		t.Error("a chain through every type")
	}
	if try(url.Values{"_include": slices.Repeat([]string{"Observation:subject"}, MaxParams)}) == nil {
		t.Error("too many includes")
	}
}

func TestParseReads(t *testing.T) {
	q := parse(t, "Observation", "_sort=-date,_id&_count=5&_summary=text&_total=accurate&_elements=status,Observation.code,value&_cursor=Ab_-9&_format=json&_pretty=true&code=http://loinc.org|1&_contained=false")
	if q.Count != 5 || q.Summary != "text" || q.Total != "accurate" || q.Cursor != "Ab_-9" || len(q.Where) != 1 || len(q.Unknown) != 0 {
		t.Errorf("%+v", q)
	}
	if !slices.Equal(q.Elements, []string{"status", "code", "value"}) {
		t.Errorf("elements %v", q.Elements)
	}
	if len(q.Sort) != 2 || q.Sort[0].Param != "date" || !q.Sort[0].Desc || q.Sort[1].Param != "_id" || q.Sort[1].Desc {
		t.Errorf("sort %+v", q.Sort)
	}
	if want := "Observation?_contained=false&_count=5&_elements=status%2CObservation.code%2Cvalue&_summary=text&_total=accurate&code=http%3A%2F%2Floinc.org%7C1&_sort=-date%2C_id"; q.String() != want {
		t.Errorf("self link %s", q)
	}
	if q := parse(t, "Patient", "_count=0"); q.Summary != "count" || q.Count != DefaultCount {
		t.Errorf("%+v", q)
	}
	if q := parse(t, "Patient", "_count=0&_summary=true"); q.Summary != "count" {
		t.Errorf("%+v", q)
	}
	if q := parse(t, "Patient", "_count=100000"); q.Count != MaxCount {
		t.Errorf("%+v", q)
	}
	if q := parse(t, "Patient", ""); q.String() != "Patient" || q.Count != DefaultCount {
		t.Errorf("%+v", q)
	}
}

func TestParseNamesWhatItDoesNotKnow(t *testing.T) {
	v, _ := url.ParseQuery("code=a&nonsense=1&nonsense=2&_text=x&near=1&subject:Patient.nonsense=1&_sort=nonsense,-date&_has:Observation:has-member:nonsense=1")
	q, err := Parse("Observation", v, Asked{})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(q.Unknown)
	if want := []string{"_has:Observation:has-member:nonsense", "_sort=nonsense", "_text", "near", "nonsense", "subject:Patient.nonsense"}; !slices.Equal(q.Unknown, want) {
		t.Errorf("got %q", q.Unknown)
	}
	if want := "Observation?code=a&_sort=-date"; q.String() != want || len(q.Where) != 1 {
		t.Errorf("%s with %d conditions", q, len(q.Where))
	}
	// What is known and wrong is refused even so.
	for _, bad := range []string{"date=x", "code:nonsense=1", "_count=x", "subject:Patient.birthdate=x", "code="} {
		v, _ := url.ParseQuery(bad)
		if _, err := Parse("Observation", v, Asked{}); outcome.Of(err) == nil {
			t.Errorf("%s is accepted", bad)
		}
	}
}

func TestTuplesDoNotExplode(t *testing.T) {
	codings := func(p string) string {
		var all []string
		for i := range 500 {
			all = append(all, `{"code":"`+p+strconv.Itoa(i)+`"}`)
		}
		return `{"coding":[` + strings.Join(all, ",") + `]}`
	}
	terms := Extract(node(t, `{"resourceType":"Observation","id":"o","code":`+codings("c")+`,"valueCodeableConcept":`+codings("v")+`}`), stored, Options{})
	if terms.Len() > MaxTuples+1100 {
		t.Errorf("%d terms", terms.Len())
	}
	if q := parse(t, "Observation", "code=c499&value-concept=v499&code-value-concept=c0$v0"); !q.Match(terms) {
		t.Error("its values are not found")
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"code=a|b,c&date=ge2012&_sort=-date", "subject:Patient.name:exact=x\\,y", "_has:Observation:patient:code=1", "value-quantity=gt5.4|http://unitsofmeasure.org|mg", "combo-code-value-quantity=a$gt1e5", "_include=*&_type=Observation", "date=ap2012-01-01T10:00:00.123+02:00"} {
		f.Add(s)
	}
	terms := Extract(node(f, pressure), stored, Options{Base: base})
	f.Fuzz(func(t *testing.T, s string) {
		v, err := url.ParseQuery(s)
		if err != nil {
			return
		}
		q, err := Parse("Observation", v, Asked{Strict: len(s)%2 == 0, Base: base, Now: now})
		if err != nil {
			if outcome.Of(err) == nil {
				t.Fatalf("%q: %v", s, err)
			}
			return
		}
		holds(t, q, terms)
		_, rest, _ := strings.Cut(q.String(), "?")
		again, err := url.ParseQuery(rest)
		if err != nil {
			t.Fatal(err)
		}
		same, err := Parse("Observation", again, Asked{Strict: true, Base: base, Now: now})
		if err != nil || same.String() != q.String() || same.Match(terms) != q.Match(terms) {
			t.Fatalf("%q: its self link %q is another search: %v", s, q, err)
		}
	})
}

func FuzzUnpack(f *testing.F) {
	f.Add(Extract(node(f, pressure), stored, Options{}).Pack())
	f.Fuzz(func(t *testing.T, b []byte) {
		terms, err := Unpack(b)
		if err != nil {
			return
		}
		again, err := Unpack(terms.Pack())
		if err != nil || string(again.buf) != string(terms.buf) {
			t.Fatalf("%x: %v", b, err)
		}
		q := parse(t, "Observation", "code=a&value-quantity=gt1||mg&date=ge2012&subject=p&code:text=x&combo-code-value-quantity=a$1&method:missing=true")
		for i := range q.Where {
			q.Where[i].Match(terms)
		}
	})
}

// FuzzExtract: whatever the JSON is, there are terms, within the index's limits.
func FuzzExtract(f *testing.F) {
	f.Add([]byte(pressure))
	for _, s := range small {
		f.Add([]byte(s))
	}
	f.Add([]byte(`{"resourceType":"Observation","id":{},"code":[[{"coding":{"code":1}}]],"component":{"code":true},"effectiveTiming":{"event":{"x":1}},"valueSampledData":{"origin":[],"data":"1 E"},"subject":[{"reference":"#x"},"y"]}`))
	f.Add([]byte(`{"resourceType":"Bundle","type":"document","entry":[{"resource":{"resourceType":"Composition","id":"c"}}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		n, err := resource.Parse(b)
		if err != nil {
			return
		}
		terms := Extract(n, stored, Options{Base: base})
		if back, err := Unpack(terms.Pack()); err != nil || back.Len() != terms.Len() {
			t.Fatal(err)
		}
		for k := range terms.Index() {
			if len(k) > len(space{})+MaxValue+hashed {
				t.Fatalf("a key of %d bytes", len(k))
			}
		}
	})
}

// What names very many patients takes no longer for each of them.
func TestMembersDoNotExplode(t *testing.T) {
	took := func(n int) time.Duration {
		var all []string
		for i := range n {
			all = append(all, `{"reference":"Patient/p`+strconv.Itoa(i)+`"}`)
		}
		o := node(t, `{"resourceType":"Observation","id":"o","effectiveDateTime":"2026-11-23","performer":[`+strings.Join(all, ",")+`]}`)
		best := time.Hour
		for range 3 {
			began := time.Now()
			if terms := Extract(o, stored, Options{}); len(Patients("Observation", terms)) != n {
				t.Errorf("%d patients, want %d", len(Patients("Observation", terms)), n)
			}
			best = min(best, time.Since(began))
		}
		return best
	}
	if few, many := took(5_000), took(60_000); many > 60*few { // 12 times as many; each with each it would be 144
		t.Errorf("5,000 in %v, 60,000 in %v", few, many)
	}
}
