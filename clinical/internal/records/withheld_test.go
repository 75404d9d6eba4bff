package records

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/mitral-health/mitral/clinical/internal/access"
)

func outsider(t *testing.T, id string) Ask {
	t.Helper()
	scopes, err := access.ParseScopes("system/*.cruds system/AuditEvent.rs")
	if err != nil {
		t.Fatal(err)
	}
	return Ask{Who: access.Who{Kind: access.System, ID: id, Name: "Laboratory", Scopes: scopes, Outside: true}}
}

// all is every way to meet what is p1's, as who asks: the answer in words.
func (w *ways) all(t *testing.T, s *Store, ask Ask) map[string]string {
	t.Helper()
	out := map[string]string{}
	ctx := context.Background()
	say := func(name string, f func(tx *Tx) (string, error)) {
		var got string
		err := s.Do(ctx, ask, func(tx *Tx) (err error) { got, err = f(tx); return err })
		if err != nil {
			got = fmt.Sprint(status(err))
		}
		out[name] = got
	}
	for _, of := range []string{"Patient/p1", "Observation/o1", "Group/g1"} {
		typ, id, _ := strings.Cut(of, "/")
		say("read "+of, func(tx *Tx) (string, error) { r, err := tx.Read(ctx, typ, id); return r.ID, err })
		say("vread "+of, func(tx *Tx) (string, error) { r, err := tx.Vread(ctx, typ, id, 1); return r.ID, err })
		say("history "+of, func(tx *Tx) (string, error) {
			h, err := tx.History(ctx, typ, id, HistoryQuery{})
			return fmt.Sprint(len(h.Records)), err
		})
		say("patch "+of, func(tx *Tx) (string, error) {
			r, err := tx.Patch(ctx, parse(t, `{"resourceType":"`+typ+`","id":"`+id+`","language":"x"}`), Existing)
			return r.ID, err
		})
		say("delete "+of, func(tx *Tx) (string, error) { r, err := tx.Delete(ctx, typ, id, Existing); return r.ID, err })
	}
	for _, typ := range []string{"Patient", "Observation", ""} {
		say("history of all "+typ, func(tx *Tx) (string, error) {
			h, err := tx.History(ctx, typ, "", HistoryQuery{})
			var ids []string
			for _, r := range h.Records {
				if r.Type != "AuditEvent" {
					ids = append(ids, r.Type+"/"+r.ID)
				}
			}
			return fmt.Sprint(ids), err
		})
	}
	for _, q := range w.queries {
		say(q, func(tx *Tx) (string, error) {
			p, err := tx.Search(ctx, query(t, q))
			var ids []string
			for _, r := range append(p.Records, p.Included...) {
				ids = append(ids, r.Type+"/"+r.ID)
			}
			slices.Sort(ids)
			if p.Total != nil {
				ids = append(ids, fmt.Sprint(*p.Total))
			}
			return fmt.Sprint(ids), err
		})
	}
	return out
}

type ways struct{ queries []string }

// Who withholds is, for a program of others, as somebody who is not there: every answer is that of a store
// in which they never were, whatever the limits by which a search is run.
func TestWithheld(t *testing.T) {
	w := &ways{queries: []string{
		"Observation", "Observation?code=x", "Observation?patient=p1", "Observation?_id=o1", "Patient", "Patient?family=Weir", "Patient?_summary=count", "Observation?_summary=count",
		"Observation?_total=accurate&_count=1", "Patient?_sort=family", "Patient?_sort=-_lastUpdated", "Observation?patient.family=Weir", "Patient?_has:Observation:patient:code=x",
		"Practitioner?_has:Patient:general-practitioner:family=Weir", "Practitioner?_revinclude=Patient:general-practitioner", "Observation?_include=Observation:has-member&_id=o4",
		"Observation?has-member.category=lab", "Observation?_include=Observation:patient", "Patient?_revinclude=Observation:patient", "Group", "Group?member=Patient/p1",
		"Group?member:Patient.family=Weir", "Patient?family:missing=false", "Observation?category=lab,vital&_count=2",
	}}
	each(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		// Another patient's record names one of p1's.
		const points = `{"resourceType":"Observation","id":"o4","status":"final","code":{"coding":[{"code":"y"}]},"subject":{"reference":"Patient/p2"},"hasMember":[{"reference":"Observation/o1"}]}`
		ward(t, s)
		put(t, s, points)
		put(t, s, `{"resourceType":"Observation","id":"o5","status":"final","code":{"coding":[{"code":"gone"}]},"subject":{"reference":"Patient/p1"}}`)
		if err := s.Do(ctx, outsider(t, "x"), func(tx *Tx) error { _, err := tx.Delete(ctx, "Observation", "o5", Existing); return err }); err != nil {
			t.Fatal(err)
		}
		if err := s.Do(ctx, patient("p1"), func(tx *Tx) error { return tx.Withhold(ctx, "p2", true) }); status(err) != 404 {
			t.Errorf("p1 withholds p2: %v", err)
		}
		if err := s.Do(ctx, outsider(t, "x"), func(tx *Tx) error { return tx.Withhold(ctx, "p1", true) }); status(err) != 404 {
			t.Errorf("a program withholds p1: %v", err)
		}
		if err := s.Do(ctx, patient("p1"), func(tx *Tx) error { return tx.Withhold(ctx, "p1", true) }); err != nil {
			t.Fatal(err)
		}
		for _, l := range []limits{usual, {tiny: 1, few: 2, sorted: 50, many: 4, budget: 20_000, counted: 1000}} {
			s.limits = l
			hidden := w.all(t, s, outsider(t, "lab"))
			for name, got := range hidden {
				for _, id := range []string{"p1", "o1", "o3", "o5", "g1"} {
					if strings.Contains(got, "/"+id) || strings.HasSuffix(got, id) {
						t.Errorf("%s shows %s: %s", name, id, got)
					}
				}
			}
			// The answers of a store in which p1 never was.
			each(t, func(t *testing.T, other *Store) {
				other.limits = l
				for _, text := range []string{`{"resourceType":"Patient","id":"p2","name":[{"family":"Moss"}]}`, `{"resourceType":"Practitioner","id":"d1","name":[{"family":"Quenby"}]}`,
					`{"resourceType":"Observation","id":"o2","status":"final","code":{"coding":[{"code":"x"}]},"category":[{"coding":[{"code":"vital"}]}],"subject":{"reference":"Patient/p2"}}`,
					`{"resourceType":"Binary","id":"b1","contentType":"text/plain","data":"eA=="}`, points} {
					put(t, other, text)
				}
				for name, want := range w.all(t, other, outsider(t, "lab")) {
					if hidden[name] != want {
						t.Errorf("%s: %s, where there is none of p1: %s", name, hidden[name], want)
					}
				}
			})
		}
		s.limits = usual
		// What others send still arrives, and they can't read it again.
		var made Record
		if err := s.Do(ctx, outsider(t, "lab"), func(tx *Tx) (err error) {
			made, err = tx.Create(ctx, parse(t, `{"resourceType":"Observation","subject":{"reference":"Patient/p1"}}`))
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if err := read(s, outsider(t, "lab"), "Observation", made.ID); status(err) != 404 {
			t.Errorf("a program reads what it sent: %v", err)
		}
		// The team, the patient and the centre's own program see as before; given again, so do others.
		own := outsider(t, "import")
		own.Who.Outside = false
		for _, ask := range []Ask{own, patient("p1"), {Who: access.Who{Kind: access.Clinician, ID: "d"}}} {
			if err := read(s, ask, "Observation", made.ID); err != nil {
				t.Errorf("%s: %v", ask.Who.Kind, err)
			}
		}
		if err := s.Do(ctx, patient("p1"), func(tx *Tx) error { return tx.Withhold(ctx, "p1", false) }); err != nil {
			t.Fatal(err)
		}
		if err := read(s, outsider(t, "lab"), "Observation", made.ID); err != nil {
			t.Errorf("after sharing again: %v", err)
		}
	})
}
