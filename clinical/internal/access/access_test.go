package access

import (
	"fmt"
	"strings"
	"testing"
)

// The columns: read vread history-instance search history-type history-system create update patch delete operation.
// y is allowed, o within the patient's compartment, w there and only what they signed themselves, . denied.
const matrix = `
                        r v h s t a c u p d o
patient         record  o o o o . . . . . . o
patient         told    o o o o . . o . . . o
patient         consent o o o o . . w w . . o
patient         related o o o o . . w w . . o
patient         crowd   . . . . . . . . . . .
patient         shared  y . . y . . . . . . y
patient         audit   . . . . . . . . . . .
patient         binary  . . . . . . . . . . .
patient         whole   . . . . . . . . . . .
caregiver       record  o o o o . . . . . . o
caregiver       told    o o o o . . o . . . o
caregiver       consent . . . . . . . . . . .
caregiver       related o o o o . . . . . . o
caregiver       crowd   . . . . . . . . . . .
caregiver       shared  y . . y . . . . . . y
caregiver       audit   . . . . . . . . . . .
caregiver       binary  . . . . . . . . . . .
caregiver       whole   . . . . . . . . . . .
clinician       record  y y y y . . y y y . y
clinician       told    y y y y . . y y y . y
clinician       consent y y y y . . y y y . y
clinician       related y y y y . . y y y . y
clinician       crowd   y y y y . . y y y . y
clinician       shared  y y y y . . . . . . y
clinician       audit   . . . . . . . . . . .
clinician       binary  y y . . . . y . . . y
clinician       whole   . . . . . . . . . . .
privacy-officer record  . . . . . . . . . . .
privacy-officer told    . . . . . . . . . . .
privacy-officer consent . . . . . . . . . . .
privacy-officer related . . . . . . . . . . .
privacy-officer crowd   . . . . . . . . . . .
privacy-officer shared  y . . y . . . . . . .
privacy-officer audit   y y y y . . . . . . .
privacy-officer binary  . . . . . . . . . . .
privacy-officer whole   . . . . . . . . . . .
administrator   record  . . . . . . . . . . .
administrator   told    . . . . . . . . . . .
administrator   consent . . . . . . . . . . .
administrator   related . . . . . . . . . . .
administrator   crowd   . . . . . . . . . . .
administrator   shared  y y y y y . y y y y y
administrator   audit   . . . . . . . . . . .
administrator   binary  . . . . . . . . . . .
administrator   whole   . . . . . . . . . . .
system          record  y y y y y . y y y y y
system          told    y y y y y . y y y y y
system          consent y y y y y . y y y y y
system          related y y y y y . y y y y y
system          crowd   y y y y y . y y y y y
system          shared  y y y y y . y y y y y
system          audit   y y y y . . y y . . .
system          binary  y y y . y . y y . y y
system          whole   . . . . . y . . . . .
nobody          record  . . . . . . . . . . .
nobody          told    . . . . . . . . . . .
nobody          consent . . . . . . . . . . .
nobody          related . . . . . . . . . . .
nobody          crowd   . . . . . . . . . . .
nobody          shared  . . . . . . . . . . .
nobody          audit   . . . . . . . . . . .
nobody          binary  . . . . . . . . . . .
nobody          whole   . . . . . . . . . . .
`

var examples = map[string][]string{
	"record":  {"Patient", "Condition", "MedicationRequest", "Encounter", "Provenance", "List", "Bundle", "Parameters", "Subscription", "NoSuchType"},
	"told":    {"Observation", "QuestionnaireResponse", "Communication", "DocumentReference"},
	"consent": {"Consent"},
	"related": {"RelatedPerson"},
	"crowd":   {"Group"},
	"shared":  {"Practitioner", "Organization", "PlanDefinition", "ValueSet", "Medication"},
	"audit":   {"AuditEvent"},
	"binary":  {"Binary"},
	"whole":   {""},
}

func must(t testing.TB, s string) Scopes {
	t.Helper()
	out, err := ParseScopes(s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Every kind of principal, every group of types, every interaction, every purpose.
func TestMatrix(t *testing.T) {
	all := []Purpose{Treatment, Emergency, PatientRequest, Operations, SystemAdmin, "", "HMARKT"}
	lines := strings.Split(strings.TrimSpace(matrix), "\n")[1:]
	seen := 0
	for _, line := range lines {
		cells := strings.Fields(line)
		kind, group, want := Kind(cells[0]), cells[1], cells[2:]
		who := Who{Kind: kind, ID: "x", Patient: "p1"}
		if kind == System {
			who.Scopes = must(t, "system/*.cruds system/AuditEvent.cruds")
		}
		if len(want) != len(Interactions()) || len(examples[group]) == 0 {
			t.Fatalf("%s: %d columns", line, len(want))
		}
		for i, do := range Interactions() {
			for _, typ := range examples[group] {
				for _, p := range all {
					d := Decide(who, p, do, typ)
					may := purposes[kind][p]
					got := "."
					switch {
					case d.Allow && d.Patient == "p1" && d.Where != nil:
						got = "w"
					case d.Allow && d.Patient == "p1":
						got = "o"
					case d.Allow:
						got = "y"
					}
					expect := want[i]
					if !may {
						expect = "."
					}
					if got != expect || (d.Where != nil) != (got == "w") || d.Shared {
						t.Errorf("%s may %s %q for %q: %q, want %q", kind, do, typ, p, got, expect)
					}
					seen++
				}
			}
		}
	}
	if kinds := 7; len(lines) != kinds*len(examples) || seen != kinds*25*11*7 {
		t.Errorf("%d lines, %d decisions: something is not asked about", len(lines), seen)
	}
}

// Nobody, whatever they say of themselves, is let in by something that is left out.
func TestNothingIsOpenByDefault(t *testing.T) {
	for _, who := range []Who{
		{}, {Patient: "p1"}, {Kind: "Clinician"}, {Kind: "root", Scopes: must(t, "system/*.cruds user/*.cruds patient/*.cruds")},
		{Kind: Patient}, {Kind: Caregiver}, // of nobody
		{Kind: System}, {Kind: System, Scopes: Scopes{}}, {Kind: System, Scopes: must(t, "openid fhirUser launch")},
		{Kind: System, Patient: "p1", Scopes: must(t, "patient/*.cruds user/*.cruds")},
		{Kind: Clinician, Scopes: Scopes{}}, {Kind: Clinician, Scopes: must(t, "system/*.cruds")},
		{Kind: Clinician, Scopes: must(t, "patient/*.cruds")}, // with no patient in context
	} {
		for _, do := range Interactions() {
			for _, typ := range []string{"Patient", "Observation", "AuditEvent", "Binary", ""} {
				for _, p := range []Purpose{Treatment, PatientRequest, Operations, SystemAdmin, Emergency} {
					if d := Decide(who, p, do, typ); d.Allow {
						t.Errorf("%+v may %s %s", who, do, typ)
					}
				}
			}
		}
	}
}

// A program of others sees nothing of those who don't share, whatever it may do; what it sends arrives. Nobody signs by a token.
func TestOutside(t *testing.T) {
	for _, who := range []Who{{Kind: System, Scopes: must(t, "system/*.cruds"), Outside: true}, {Kind: Patient, Patient: "p1", Scopes: must(t, "patient/*.cruds"), Outside: true}} {
		allowed := 0
		for _, do := range Interactions() {
			for _, typ := range []string{"Patient", "Observation", "Consent", "RelatedPerson", "Group", "Binary", "Organization", ""} {
				d := Decide(who, Default(who.Kind), do, typ)
				if d.Allow {
					allowed++
				}
				if d.Allow && d.Shared != (do != Create) {
					t.Errorf("%s may %s %s: %+v", who.Kind, do, typ, d)
				}
				if typ == "Consent" && (do == Create || do == Update) && who.Kind == Patient && d.Allow {
					t.Errorf("a token may %s a Consent", do)
				}
			}
		}
		if allowed < 20 {
			t.Errorf("%s may do %d things", who.Kind, allowed)
		}
	}
}

func TestScopes(t *testing.T) {
	system := func(scope string) Who { return Who{Kind: System, Scopes: must(t, scope)} }
	person := func(k Kind, scope string) Who { return Who{Kind: k, Patient: "p1", Scopes: must(t, scope)} }
	for _, c := range []struct {
		who  Who
		p    Purpose
		do   Interaction
		typ  string
		want string
	}{
		{system("system/Observation.rs"), Treatment, Read, "Observation", "yes"},
		{system("system/Observation.rs"), Treatment, Read, "Condition", "no: scope"},
		{system("system/Observation.rs"), Treatment, Create, "Observation", "no: scope"},
		{system("system/Observation.r"), Treatment, Search, "Observation", "no: scope"},
		{system("system/Observation.read"), Treatment, Search, "Observation", "yes"},
		{system("system/Observation.write"), Treatment, Delete, "Observation", "yes"},
		{system("system/Observation.write"), Treatment, Read, "Observation", "no: scope"},
		{system("system/*.*"), Treatment, Patch, "Observation", "yes"},
		{system("system/*.cruds"), Treatment, Create, "AuditEvent", "yes"},
		{system("system/*.cruds"), Treatment, Search, "AuditEvent", "no: scope"},
		{system("system/*.cruds"), Treatment, HistoryType, "AuditEvent", "no: policy"},
		{system("system/*.cruds"), Treatment, Delete, "AuditEvent", "no: policy"},
		{system("patient/*.cruds"), Treatment, Read, "AuditEvent", "no: scope"},
		{system("system/AuditEvent.c"), Treatment, Create, "AuditEvent", "yes"},
		{system("system/*.cruds"), Treatment, Read, "AuditEvent", "yes"},
		{system("system/AuditEvent.rs"), Treatment, Read, "AuditEvent", "yes"},
		{system("system/AuditEvent.cruds"), Treatment, Delete, "AuditEvent", "no: policy"},
		{system("system/Observation.rs"), Treatment, HistorySystem, "", "no: scope"},
		{system("system/Observation.rs?category=a system/Observation.rs?category=b"), Treatment, Read, "Observation", "yes where category=a or category=b"},
		{system("system/Observation.rs?category=a system/Observation.r"), Treatment, Read, "Observation", "yes"},
		{system("system/Observation.rs?category=a system/Observation.r"), Treatment, Search, "Observation", "yes where category=a"},
		{person(Patient, "patient/*.rs"), PatientRequest, Read, "Condition", "yes of p1"},
		{person(Patient, "patient/*.rs"), PatientRequest, Create, "Observation", "no: scope"},
		{person(Patient, "patient/*.cruds"), PatientRequest, Update, "Observation", "no: policy"},
		{person(Patient, "system/*.cruds"), PatientRequest, Read, "Observation", "no: scope"},
		{person(Patient, "patient/Observation.rs"), PatientRequest, Read, "Practitioner", "no: scope"},
		{person(Patient, "patient/*.rs"), PatientRequest, Read, "Practitioner", "yes"},
		{person(Clinician, "patient/*.rs"), Treatment, Read, "Observation", "yes of p1"},
		{person(Clinician, "patient/*.rs user/*.rs"), Treatment, Read, "Observation", "yes of p1"},
		{person(Clinician, "patient/Condition.rs user/*.rs"), Treatment, Read, "Observation", "yes"},
		{person(Clinician, "user/*.rs"), Treatment, Read, "Observation", "yes"},
		{person(Clinician, "user/Observation.cruds"), Treatment, Delete, "Observation", "no: policy"},
	} {
		d := Decide(c.who, c.p, c.do, c.typ)
		got := "no: " + d.Why
		if d.Allow {
			got = "yes"
			if d.Patient != "" {
				got += " of " + d.Patient
			}
			if d.Where != nil {
				got += " where " + strings.Join(d.Where, " or ")
			}
		}
		if got != c.want {
			t.Errorf("%s with %q may %s %s: %s, want %s", c.who.Kind, c.who.Scopes, c.do, c.typ, got, c.want)
		}
	}
}

func TestParseScopes(t *testing.T) {
	for in, want := range map[string]string{
		"":                      "",
		"openid launch/patient": "",
		"system/*.cruds":        "system/*.cruds",
		" system/Patient.rs\tuser/*.read patient/Observation.* ": "system/Patient.rs user/*.rs patient/Observation.cruds",
		"system/Observation.rs?category=http://x|y&code=z":       "system/Observation.rs?category=http://x|y&code=z",
	} {
		s, err := ParseScopes(in)
		if err != nil || s.String() != want || s == nil {
			t.Errorf("%q: %q %v", in, s, err)
		}
	}
	for _, in := range []string{
		"system/*", "system/*.", "system/*.x", "system/*.sr", "system/*.rr", "system/patient.rs", "system/.rs", "admin/*.rs", "system/*.rs?",
		"system/*.rs?category", "system/*.rs?category=", "system/*.rs?_count=3", "system/*.rs?patient.name=x", "system/*.rs?code:not=x", "everything", "system/Pat*.rs", "system/*.rs?_has:x=y",
	} {
		if s, err := ParseScopes(in); err == nil {
			t.Errorf("took %q as %q", in, s)
		}
	}
}

func FuzzParseScopes(f *testing.F) {
	f.Add("system/*.cruds patient/Observation.rs?category=x openid")
	f.Fuzz(func(t *testing.T, in string) {
		s, err := ParseScopes(in)
		if err != nil {
			return
		}
		again, err := ParseScopes(s.String())
		if err != nil || fmt.Sprint(again) != fmt.Sprint(s) {
			t.Errorf("%q reads as %v and then as %v: %v", in, s, again, err)
		}
	})
}
