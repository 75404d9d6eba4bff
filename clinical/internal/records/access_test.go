package records

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/platform/db"
)

// ward is two patients, what is theirs and what is nobody's.
func ward(t testing.TB, s *Store) {
	t.Helper()
	for _, text := range []string{
		`{"resourceType":"Patient","id":"p1","name":[{"family":"Weir"}],"generalPractitioner":[{"reference":"Practitioner/d1"}]}`,
		`{"resourceType":"Patient","id":"p2","name":[{"family":"Moss"}]}`,
		`{"resourceType":"Practitioner","id":"d1","name":[{"family":"Quenby"}]}`,
		`{"resourceType":"Observation","id":"o1","status":"final","code":{"coding":[{"code":"x"}]},"category":[{"coding":[{"code":"lab"}]}],"subject":{"reference":"Patient/p1"}}`,
		`{"resourceType":"Observation","id":"o2","status":"final","code":{"coding":[{"code":"x"}]},"category":[{"coding":[{"code":"vital"}]}],"subject":{"reference":"Patient/p2"}}`,
		`{"resourceType":"Observation","id":"o3","status":"final","code":{"coding":[{"code":"x"}]},"category":[{"coding":[{"code":"vital"}]}],"subject":{"reference":"Patient/p1"},"hasMember":[{"reference":"Observation/o2"}]}`,
		`{"resourceType":"Group","id":"g1","type":"person","actual":true,"member":[{"entity":{"reference":"Patient/p1"}}]}`,
		`{"resourceType":"Binary","id":"b1","contentType":"text/plain","data":"eA=="}`,
	} {
		put(t, s, text)
	}
}

// read tries one read in a look of its own.
func read(s *Store, ask Ask, typ, id string) error {
	return s.Look(context.Background(), ask, func(tx *Tx) error { _, err := tx.Read(context.Background(), typ, id); return err })
}

func TestAPatientReachesTheirOwn(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		ward(t, s)
		me := patient("p1")
		for id, want := range map[string]int{
			"Patient/p1": 200, "Patient/p2": 404, "Observation/o1": 200, "Observation/o2": 404, "Observation/none": 404, "Practitioner/d1": 200,
			"Binary/b1": 404, "AuditEvent/x": 404,
		} {
			typ, of, _ := strings.Cut(id, "/")
			if err := read(s, me, typ, of); status(err) != want {
				t.Errorf("%s: %v, want %d", id, err, want)
			}
		}
		for q, want := range map[string]string{
			"Observation": "[o1 o3]", "Observation?code=x": "[o1 o3]", "Observation?patient=p2": "[]", "Observation?_id=o2": "[]", "Patient": "[p1]",
			"Observation?patient.family=Moss": "[]", "Patient?_has:Observation:patient:code=x": "[p1]", "Practitioner": "[d1]",
			"Practitioner?_has:Patient:general-practitioner:family=Weir": "[d1]", "Observation?has-member.category=vital": "[]", "Observation?_sort=_id": "[o1 o3]",
		} {
			got, err := found(t, s, me, q)
			slices.Sort(got)
			if err != nil || fmt.Sprint(got) != want {
				t.Errorf("%s: %v %v, want %s", q, got, err, want)
			}
		}
		for _, q := range []string{"AuditEvent", "AuditEvent?_count=1&action=R", "Observation?subject:Patient._has:AuditEvent:patient:action=R"} {
			if _, err := found(t, s, me, q); status(err) != 404 {
				t.Errorf("%s: %v, want 404", q, err)
			}
		}
		try := func(what string, want int, f func(tx *Tx) error) {
			t.Helper()
			if err := s.Do(ctx, me, f); status(err) != want {
				t.Errorf("%s: %v, want %d", what, err, want)
			}
		}
		try("an Observation of their own", 200, func(tx *Tx) error {
			_, err := tx.Create(ctx, parse(t, `{"resourceType":"Observation","subject":{"reference":"Patient/p1"}}`))
			return err
		})
		try("an Observation of somebody else", 404, func(tx *Tx) error {
			_, err := tx.Create(ctx, parse(t, `{"resourceType":"Observation","subject":{"reference":"Patient/p2"}}`))
			return err
		})
		try("an Observation of somebody else, made by them", 404, func(tx *Tx) error {
			_, err := tx.Create(ctx, parse(t, `{"resourceType":"Observation","subject":{"reference":"Patient/p2"},"performer":[{"reference":"Patient/p1"}]}`))
			return err
		})
		try("the same among several", 404, func(tx *Tx) error {
			_, err := tx.WriteMany(ctx, []Write{{Do: access.Create, Node: parse(t, `{"resourceType":"Communication","subject":{"reference":"Patient/p2"},"sender":{"reference":"Patient/p1"}}`)}})
			return err
		})
		try("an Observation of nobody", 404, func(tx *Tx) error {
			_, err := tx.Create(ctx, parse(t, `{"resourceType":"Observation"}`))
			return err
		})
		for _, id := range []string{"o1", "o2", "none"} {
			try("changing "+id, 404, func(tx *Tx) error {
				_, _, err := tx.Update(ctx, parse(t, `{"resourceType":"Observation","id":"`+id+`","subject":{"reference":"Patient/p1"}}`), Any)
				return err
			})
			try("deleting "+id, 404, func(tx *Tx) error { _, err := tx.Delete(ctx, "Observation", id, Any); return err })
		}
		try("history of their own", 200, func(tx *Tx) error {
			_, err := tx.History(ctx, "Observation", "o1", HistoryQuery{})
			return err
		})
		try("history of somebody else's", 404, func(tx *Tx) error {
			_, err := tx.History(ctx, "Observation", "o2", HistoryQuery{})
			return err
		})
		try("history of all Observations", 404, func(tx *Tx) error {
			_, err := tx.History(ctx, "Observation", "", HistoryQuery{})
			return err
		})
	})
}

// A record that was put right: who has it now does not see whose it was, who had it sees nothing.
func TestVersionsOfAnotherPatient(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		ward(t, s)
		put(t, s, `{"resourceType":"Observation","id":"o2","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/p1"}}`)
		vread := func(ask Ask, v int64) error {
			return s.Look(ctx, ask, func(tx *Tx) error { _, err := tx.Vread(ctx, "Observation", "o2", v); return err })
		}
		for _, c := range []struct {
			who     string
			version int64
			want    int
		}{{"p1", 1, 404}, {"p1", 2, 200}, {"p1", 3, 404}, {"p2", 1, 404}, {"p2", 2, 404}} {
			if err := vread(patient(c.who), c.version); status(err) != c.want {
				t.Errorf("%s reads version %d: %v, want %d", c.who, c.version, err, c.want)
			}
		}
		var h HistoryPage
		do(t, s, patient("p1"), func(tx *Tx) (err error) { h, err = tx.History(ctx, "Observation", "o2", HistoryQuery{}); return err })
		if len(h.Records) != 1 || h.Records[0].Version != 2 {
			t.Errorf("history: %+v", h.Records)
		}
	})
}

func TestScopesWithASearch(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		ward(t, s)
		one := scoped(t, "system/Observation.cruds?category=lab")
		two := scoped(t, "system/Observation.rs?category=lab system/Observation.rs?category=other")
		for name, ask := range map[string]Ask{"one scope": one, "two scopes": two} {
			for id, want := range map[string]int{"o1": 200, "o2": 404, "o3": 404} {
				if err := read(s, ask, "Observation", id); status(err) != want {
					t.Errorf("%s reads %s: %v", name, id, err)
				}
			}
			if got, err := found(t, s, ask, "Observation?code=x"); fmt.Sprint(got) != "[o1]" {
				t.Errorf("%s: %v %v", name, got, err)
			}
			if _, err := found(t, s, ask, "Patient?_has:Observation:patient:code=x"); status(err) != 404 {
				t.Errorf("%s finds patients: %v", name, err)
			}
		}
		try := func(text string, want int) {
			t.Helper()
			err := s.Do(ctx, one, func(tx *Tx) error { _, err := tx.Create(ctx, parse(t, text)); return err })
			if status(err) != want {
				t.Errorf("%s: %v", text, err)
			}
		}
		try(`{"resourceType":"Observation","category":[{"coding":[{"code":"lab"}]}]}`, 200)
		try(`{"resourceType":"Observation","category":[{"coding":[{"code":"vital"}]}]}`, 404)

		// A history of the type tells of no deletion of what they may not see.
		for _, id := range []string{"o1", "o2"} {
			do(t, s, machine(t), func(tx *Tx) error { _, err := tx.Delete(ctx, "Observation", id, Any); return err })
		}
		var h HistoryPage
		do(t, s, one, func(tx *Tx) (err error) { h, err = tx.History(ctx, "Observation", "", HistoryQuery{}); return err })
		var deleted []string
		for _, r := range h.Records {
			if r.Deleted {
				deleted = append(deleted, r.ID)
			}
		}
		if fmt.Sprint(deleted) != "[o1]" {
			t.Errorf("deletions: %v", deleted)
		}
	})
}

func TestARecordWithThousandsOfNamesIsDear(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		put(t, s, `{"resourceType":"Patient","id":"wide","name":[`+strings.Repeat(`{"family":"x"},`, 3)+`{"family":"y"}]}`)
		var names strings.Builder
		for i := range 20_000 {
			fmt.Fprintf(&names, `{"family":"family %d"},`, i)
		}
		s.limits.budget = 5
		if _, err := found(t, s, machine(t), "Patient?_id=wide"); err != nil {
			t.Error(err)
		}
		put(t, s, `{"resourceType":"Patient","id":"wide","name":[`+names.String()+`{"family":"y"}]}`)
		if _, err := found(t, s, machine(t), "Patient?_id=wide"); status(err) != 403 {
			t.Errorf("a wide record: %v", err)
		}
	})
}

func TestIncludedIsWhatMayBeSeen(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		ward(t, s)
		list := func(ask Ask, q string) string {
			t.Helper()
			var p Page
			err := s.Look(t.Context(), ask, func(tx *Tx) (err error) { p, err = tx.Search(t.Context(), query(t, q)); return err })
			if err != nil {
				t.Fatal(err)
			}
			var out []string
			for _, r := range p.Included {
				if len(r.Body) == 0 {
					t.Errorf("%s has no text", r.ID)
				}
				out = append(out, r.ID)
			}
			slices.Sort(out)
			return fmt.Sprint(out)
		}
		for _, c := range []struct {
			ask     Ask
			q, want string
		}{
			{machine(t), "Observation?_id=o3&_include=Observation:subject&_include=Observation:has-member", "[o2 p1]"},
			{patient("p1"), "Observation?_id=o3&_include=Observation:subject&_include=Observation:has-member", "[p1]"},
			{machine(t), "Observation?_id=o3&_include=Observation:subject&_include:iterate=Patient:general-practitioner", "[d1 p1]"},
			{machine(t), "Patient?_id=p1&_revinclude=Observation:subject", "[o1 o3]"},
			{machine(t), "Practitioner?_revinclude=Patient:general-practitioner&_revinclude:iterate=Observation:subject", "[o1 o3 p1]"},
			{patient("p2"), "Practitioner?_revinclude=Patient:general-practitioner", "[]"},
			{scoped(t, "system/Observation.rs"), "Observation?_id=o3&_include=Observation:subject", "[]"},
			{machine(t), "Patient?_id=p1&_revinclude=AuditEvent:patient", "[]"},
		} {
			if got := list(c.ask, c.q); got != c.want {
				t.Errorf("%s %s: %s, want %s", c.ask.Who.Kind, c.q, got, c.want)
			}
		}
	})
}

// Every act leaves an AuditEvent that the privacy officer finds, says who, what, whose and how it
// ended, and cannot be changed.
func TestAudit(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		ward(t, s)
		me := patient("p1")
		_ = read(s, me, "Observation", "o1")
		_ = read(s, me, "Observation", "o2")
		_ = read(s, me, "Observation", "none")
		_, _ = found(t, s, me, "Observation?code=x")
		do(t, s, machine(t), func(tx *Tx) error {
			_, err := tx.WriteMany(ctx, []Write{
				{Do: access.Create, Node: parse(t, `{"resourceType":"Observation","subject":{"reference":"Patient/p1"}}`)},
				{Do: access.Create, Node: parse(t, `{"resourceType":"Observation","subject":{"reference":"Patient/p1"}}`)},
				{Do: access.Create, Node: parse(t, `{"resourceType":"Observation","subject":{"reference":"Patient/p2"}}`)},
				{Do: access.Create, Node: parse(t, `{"resourceType":"Organization"}`)},
			})
			return err
		})
		do(t, s, machine(t), func(tx *Tx) error {
			tx.Note(access.Operation, "everything", "Patient", "p1", "")
			return nil
		})
		for q, want := range map[string]int{
			"AuditEvent?entity=Observation/o1&action=R":            1,
			"AuditEvent?entity=Observation/o2&action=R":            1,
			"AuditEvent?entity=Observation/none&action=R":          1,
			"AuditEvent?altid=s-p1&outcome=4":                      2,
			"AuditEvent?altid=s-p1":                                4,
			"AuditEvent?patient=Patient/p1&altid=s-p1":             4, // it is p1 who asks
			"AuditEvent?subtype=search-type&patient=p1&altid=s-p1": 1,
			"AuditEvent?agent-name=the&action=C":                   2, // p2's and the organisation's; p1's has several records
			"AuditEvent?subtype=transaction&patient=p1":            1,
			"AuditEvent?subtype=everything&patient=p1":             1,
			"AuditEvent?date=ge2020&action=U&entity=Group/g1":      1,
		} {
			if got, err := found(t, s, officer, q); len(got) != want {
				t.Errorf("%s: %d, want %d (%v)", q, len(got), want, err)
			}
		}
		var p Page
		do(t, s, officer, func(tx *Tx) (err error) {
			p, err = tx.Search(ctx, query(t, "AuditEvent?entity=Observation/o1&action=R"))
			return err
		})
		text := string(p.Records[0].Body)
		for _, want := range []string{`"code":"read"`, `"outcome":"0"`, `"PATRQT"`, `"altId":"s-p1"`, `"Observation/o1"`, `"Patient/p1"`} {
			if !strings.Contains(text, want) {
				t.Errorf("%s is not in %s", want, text)
			}
		}
		for name, ask := range map[string]Ask{"system": scoped(t, "system/*.cruds system/AuditEvent.cruds"), "officer": officer,
			"administrator": {Who: access.Who{Kind: access.Administrator, ID: "a"}}, "clinician": {Who: access.Who{Kind: access.Clinician, ID: "c"}}} {
			n := parse(t, text)
			n.Set("outcome", resource.S("8"))
			err := s.Do(ctx, ask, func(tx *Tx) error { _, _, err := tx.Update(ctx, n, Any); return err })
			if status(err) != 404 {
				t.Errorf("%s changes an AuditEvent: %v", name, err)
			}
			err = s.Do(ctx, ask, func(tx *Tx) error { _, err := tx.Delete(ctx, "AuditEvent", n.ID(), Any); return err })
			if status(err) != 404 {
				t.Errorf("%s deletes an AuditEvent: %v", name, err)
			}
			if err := read(s, ask, "AuditEvent", n.ID()); (status(err) == 200) != (name == "officer" || name == "system") {
				t.Errorf("%s reads an AuditEvent: %v", name, err)
			}
		}
	})
}

// A record that may not be seen and one that is not there: the same answer, the same audit, and, as far
// as a clock can tell, the same time.
func TestDeniedIsAbsent(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		ward(t, s)
		me := patient("p1")
		times := map[string][]time.Duration{}
		for range 150 {
			for _, id := range []string{"o2", "zz"} {
				from := time.Now()
				err := read(s, me, "Observation", id)
				times[id] = append(times[id], time.Since(from))
				if err == nil || string(outcome.JSON(outcome.Of(err).Issues)) != string(outcome.JSON(outcome.Absent().Issues)) {
					t.Fatalf("%s: %v", id, err)
				}
			}
		}
		median := func(id string) float64 {
			slices.Sort(times[id])
			return float64(times[id][len(times[id])/2])
		}
		if d := median("o2") / median("zz"); d > 1.5 || d < 0.66 {
			t.Errorf("a denied read takes %.2f of the time of an absent one", d)
		}
		shape := func(id string) string {
			var body string
			err := s.db.Read(t.Context(), func(tx db.Tx) error {
				return tx.QueryRow(t.Context(), `SELECT body FROM version WHERE type = 'AuditEvent' AND body LIKE $1 ORDER BY seq DESC LIMIT 1`, "%Observation/"+id+"%").Scan(&body)
			})
			if err != nil {
				t.Fatal(err)
			}
			n := parse(t, body)
			n.Remove("id")
			n.Remove("meta")
			n.Remove("recorded")
			return strings.ReplaceAll(string(n.Bytes()), id, "ID")
		}
		if a, b := shape("o2"), shape("zz"); a != b {
			t.Errorf("%s\n%s", a, b)
		}
	})
}
