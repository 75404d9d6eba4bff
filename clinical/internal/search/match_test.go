package search

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/resource"
)

const base = "https://here.example/fhir"

var (
	stored = time.Date(2024, 5, 6, 7, 8, 9, 123000000, time.UTC)
	now    = time.Date(2024, 6, 1, 0, 0, 0, 0, time.UTC)
)

func node(t testing.TB, text string) *resource.Node {
	t.Helper()
	n, err := resource.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func parse(t testing.TB, typ, query string) *Query {
	t.Helper()
	v, err := url.ParseQuery(query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	q, err := Parse(typ, v, Asked{Strict: true, Base: base, Now: now})
	if err != nil {
		t.Fatalf("%s?%s: %v", typ, query, err)
	}
	return q
}

// holds decides each condition by Match, and checks that its Ranges and Exact agree with that.
func holds(t testing.TB, q *Query, terms Terms) bool {
	t.Helper()
	for i := range q.Where {
		c := &q.Where[i]
		is := c.Match(terms)
		if rs := c.Ranges(); rs != nil {
			found := false
			for j, r := range rs {
				if string(r.Lo) >= string(r.Hi) || j > 0 && string(rs[j-1].Hi) >= string(r.Lo) {
					t.Errorf("%s: ranges out of order: %x", c.Param, rs)
				}
				for k := range terms.Index() {
					found = found || r.Has(k)
				}
			}
			if is && !found {
				t.Errorf("%s: no range leads to a record that meets it", c.Param)
			}
		}
		if keys := c.Exact(); keys != nil {
			found := false
			for _, k := range keys {
				if !Indexed(k) {
					t.Errorf("%s: an exact key that is no row of the index", c.Param)
				}
				found = found || terms.Has(k)
			}
			if found != is {
				t.Errorf("%s: Exact says %v, Match %v", c.Param, found, is)
			}
		}
	}
	return q.Match(terms)
}

// check runs rows "query" or "! query" against one resource; "!" is one that must not find it.
func check(t *testing.T, text, rows string) {
	t.Helper()
	n := node(t, text)
	terms := Extract(n, stored, Options{Base: base})
	again, err := Unpack(terms.Pack())
	if err != nil || string(again.buf) != string(terms.buf) || again.Len() != terms.Len() {
		t.Fatalf("Unpack(Pack) differs: %v", err)
	}
	count := 0
	for row := range strings.SplitSeq(rows, "\n") {
		row = strings.TrimSpace(row)
		if row == "" {
			continue
		}
		count++
		query, not := strings.CutPrefix(row, "! ")
		if holds(t, parse(t, n.Type(), query), again) == not {
			t.Errorf("%s?%s: got %v", n.Type(), query, not)
		}
	}
	if count == 0 {
		t.Fatal("no rows")
	}
}

const pressure = `{"resourceType":"Observation","id":"bp1","meta":{"profile":["http://hl7.org/fhir/StructureDefinition/bp"],"tag":[{"system":"http://t","code":"x"}],"source":"urn:s","security":[{"code":"R"}]},
"status":"final","identifier":[{"type":{"text":"Placer order","coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0203","code":"PLAC","display":"Placer"}]},"system":"http://lab","value":"A/7,8"}],
"category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs","display":"Vital Signs"}]}],
"code":{"text":"Blood Pressure","coding":[{"system":"http://loinc.org","code":"85354-9","display":"Blood pressure panel"},{"code":"local"}]},
"subject":{"reference":"Patient/p1","identifier":{"system":"http://mrn","value":"42"}},"encounter":{"reference":"https://here.example/fhir/Encounter/e1/_history/3"},
"effectiveDateTime":"2012-09-17T10:30:15+02:00","performer":[{"reference":"Practitioner/d1"},{"reference":"http://other.example/fhir/Practitioner/d2"}],
"component":[{"code":{"coding":[{"system":"http://loinc.org","code":"8480-6","display":"Systolic"}]},"valueQuantity":{"value":107,"unit":"mmHg","system":"http://unitsofmeasure.org","code":"mm[Hg]"}},
{"code":{"coding":[{"system":"http://loinc.org","code":"8462-4"}]},"valueQuantity":{"value":60.5,"unit":"mmHg","system":"http://unitsofmeasure.org","code":"mm[Hg]"}}]}`

func TestToken(t *testing.T) {
	check(t, pressure, `
		code=85354-9
		code=http://loinc.org|85354-9
		code=a,85354-9
		code=http://x|1,http://loinc.org|85354-9
		! code=http://snomed.info/sct|85354-9
		! code=|85354-9
		code=|local
		code=local
		! code=http://loinc.org|local
		code=http://loinc.org|
		! code=http://loinc.or|
		! code=http://snomed.info/sct|
		! code=85354
		! code=85354-99
		! code=85354-9&code=8480-6
		code=85354-9&code=local
		! code=8480-6
		! code=http://loinc.org|8480-6
		combo-code=8480-6
		combo-code=85354-9
		combo-code=http://loinc.org|8462-4
		component-code=8480-6
		! component-code=85354-9
		! code:not=85354-9
		code:not=8480-6
		! code:not=8480-6,local
		method:not=x
		code:text=blood
		code:text=BLOOD PRESSURE PAN
		! code:text=pressure
		! code:text=systolic
		combo-code:text=systolic
		component-code:text=sys
		! component-code:text=blood
		status=final
		status=http://hl7.org/fhir/observation-status|final
		! status=http://hl7.org/fhir/x|final
		status=|final
		status=http://hl7.org/fhir/observation-status|
		! status=http://nowhere|
		! status=Final
		status=registered,final
		! status:not=final
		status:not=registered
		category=vital-signs
		! category=laboratory
		identifier=http://lab|A/7\,8
		identifier=A/7\,8
		! identifier=A/7,8
		! identifier=|A/7\,8
		identifier=http://lab|
		identifier:text=placer
		identifier:of-type=http://terminology.hl7.org/CodeSystem/v2-0203|PLAC|A/7\,8
		! identifier:of-type=http://terminology.hl7.org/CodeSystem/v2-0203|MR|A/7\,8
		! identifier:of-type=http://x|PLAC|A/7\,8
		code:missing=false
		! code:missing=true
		method:missing=true
		! method:missing=false
		_tag=http://t|x
		_tag=x
		! _tag=y
		_security=|R
		_security=R
		_profile=http://hl7.org/fhir/StructureDefinition/bp
		! _profile=http://hl7.org/fhir/StructureDefinition
		_profile:below=http://hl7.org/fhir/
		_source=urn:s
		_id=bp1
		_id=x,bp1
		! _id=bp
		! _id=x
		! _id:not=bp1
		_id:not=bp2
		_id=bp1&code=85354-9&status=final
		! _id=bp1&code=85354-9&status=draft
	`)
	check(t, `{"resourceType":"Patient","id":"p1","active":true,"gender":"female","deceasedDateTime":"2001-01-01","telecom":[{"system":"email","use":"home","value":"Ann@Example.org"},{"system":"phone","value":"+44 20"}]}`, `
		active=true
		! active=false
		! active=TRUE
		gender=female
		gender=http://hl7.org/fhir/administrative-gender|female
		! gender:not=female
		gender:not=male
		deceased=true
		! deceased=false
		death-date=2001
		email=ann@example.org
		email=ANN@example.org
		! phone=ann@example.org
		telecom=ann@example.org
		telecom=home|ann@example.org
		telecom=email|ann@example.org
		! telecom=work|ann@example.org
		phone=%2B44 20
		language:missing=true
	`)
	check(t, `{"resourceType":"Patient","id":"p2","maritalStatus":{"text":"x"},"communication":[{"language":{"text":"German"}}]}`, `
		deceased=false
		! deceased=true
		gender:missing=true
		! language:missing=true
		language:missing=false
		language:text=ger
		! language=ger
	`)
}

func TestString(t *testing.T) {
	check(t, `{"resourceType":"Patient","id":"p1","name":[{"family":"van  den Broek","given":["Eve","Åsa-Łucja"],"text":"Evelyn van den Broek","prefix":["Dr."]},{"family":"Carré,Jones"}],
	"address":[{"line":["3 Rue d’Été"],"city":"Straße","postalCode":"9000","country":"BE","state":"O$V"}]}`, `
		name=eve
		name=EVE
		name=van den
		name=van  den  broek
		! name=broek
		name:contains=broek
		name:contains=ROEK
		! name:contains=xyz
		name=evelyn
		given=eve
		! given=evelyn
		given:exact=Eve
		! given:exact=eve
		! given:exact=Ev
		given=asa
		given=ÅSA
		given:contains=lucja
		given:exact=Åsa-Łucja
		! given:exact=Asa-Lucja
		family=carre\,j
		family=CARRÉ
		family=nobody,carr
		! family=carre&family=jones
		family=carre&family=van
		name=dr.
		phonetic=eve
		! family:missing=true
		family:missing=false
		address=strasse
		address=3 rue d’ete
		address=9000
		address-city=stra
		address-city:exact=Straße
		! address-city:exact=Strasse
		address-state=o\$v
		address-country=be
		address-postalcode=90
		! address-postalcode=0
	`)
	long := strings.Repeat("abcdefghij", 40)
	check(t, `{"resourceType":"Patient","id":"p1","name":[{"family":"`+long+`Z"}]}`, `
		family=`+long[:50]+`
		family=`+long[:130]+`
		family=`+long+`
		family=`+long+`z
		! family=`+long+`y
		family:contains=jz
		! family:contains=jy
		family:exact=`+long+`Z
		! family:exact=`+long+`
		! family:exact=`+long+`z
		family:missing=false
		! family=`+long[:130]+`x
	`)
}

func TestReferenceAndURI(t *testing.T) {
	check(t, pressure, `
		subject=Patient/p1
		subject=p1
		patient=p1
		patient=Patient/p1
		! patient=Group/p1
		! subject=Group/p1
		! subject=p2
		subject:Patient=p1
		! subject:Group=p1
		! subject=Patient/P1
		subject=https://here.example/fhir/Patient/p1
		! subject=https://elsewhere.example/fhir/Patient/p1
		subject=Patient/p1/_history/2
		subject=Patient/zz,Patient/p1
		subject:identifier=http://mrn|42
		subject:identifier=42
		! subject:identifier=http://mrn|43
		! subject:missing=true
		! patient:missing=true
		patient:missing=false
		encounter=Encounter/e1
		encounter=e1
		performer=d1
		performer=Practitioner/d1
		performer=http://other.example/fhir/Practitioner/d2
		! performer=Practitioner/d2
		! performer=d2
		performer:Practitioner=d1
		! performer:Organization=d1
		device:missing=true
	`)
	check(t, `{"resourceType":"Observation","id":"x","status":"final","subject":{"reference":"Group/g"}}`, `
		subject=g
		! patient=g
		patient:missing=true
		subject:missing=false
	`)
	check(t, `{"resourceType":"ValueSet","id":"v","url":"http://acme.org/fhir/ValueSet/123","status":"draft","title":"Things"}`, `
		url=http://acme.org/fhir/ValueSet/123
		! url=http://acme.org/fhir/ValueSet/12
		! url=http://acme.org/fhir/valueset/123
		url:below=http://acme.org/fhir
		! url:below=http://acme.org/fhir/CodeSystem
		url:above=http://acme.org/fhir/ValueSet/123/_history/5
		url:above=http://acme.org/fhir/ValueSet/123
		! url:above=http://acme.org/fhir/ValueSet
		! url:above=http://acme.org/fhir/ValueSet/1234
	`)
	check(t, `{"resourceType":"QuestionnaireResponse","id":"q","status":"completed","questionnaire":"http://a.org/Questionnaire/q|2.1"}`, `
		questionnaire=http://a.org/Questionnaire/q
		questionnaire=http://a.org/Questionnaire/q|2.1
		! questionnaire=http://a.org/Questionnaire/q|2
		! questionnaire=http://a.org/Questionnaire/
	`)
}
