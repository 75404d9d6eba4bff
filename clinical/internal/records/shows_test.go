package records

import (
	"slices"
	"testing"

	"github.com/mitral-health/mitral/clinical/internal/access"
)

// A page is one entry of the trail that names all it showed; who may not see all of it sees nothing, and that is told.
func TestShows(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		var edda, ciro, other string // and the last of ciro's goals
		do(t, s, machine(t), func(tx *Tx) error {
			for _, id := range []*string{&edda, &ciro} {
				r, err := tx.Create(ctx, parse(t, `{"resourceType":"Patient"}`))
				if err != nil {
					return err
				}
				*id = r.ID
				for range 3 {
					g, err := tx.Create(ctx, parse(t, `{"resourceType":"Goal","lifecycleStatus":"active","description":{"text":"x"},"subject":{"reference":"Patient/`+r.ID+`"}}`))
					if err != nil {
						return err
					}
					other = g.ID
				}
			}
			return nil
		})
		var goals []Record
		look := func(ask Ask, of string, types ...string) error {
			return s.Look(ctx, ask, func(tx *Tx) error {
				page, err := tx.Shows(ctx, "today", of, types...)
				if err != nil {
					return err
				}
				if goals, err = page.All(ctx, "Goal", 10); err != nil {
					return err
				}
				for _, g := range goals {
					if r, found, err := page.One(ctx, "Goal", g.ID); err != nil || !found || string(r.Body) != string(g.Body) {
						t.Errorf("one: %v %v", found, err)
					}
				}
				for _, id := range []string{other, "none"} {
					if _, found, err := page.One(ctx, "Goal", id); err != nil || found {
						t.Errorf("another's, or none: %v %v", found, err)
					}
				}
				return nil
			})
		}
		events := func() (out []LookedAt) {
			err := s.Look(ctx, patient(edda), func(tx *Tx) (err error) {
				out, _, err = tx.Looks(ctx, edda, "", 50)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return out
		}
		before := len(events())
		if err := look(patient(edda), edda, "Goal", "Observation", Trail); err != nil || len(goals) != 3 {
			t.Fatalf("%d goals, %v", len(goals), err)
		}
		after := events() // the look at the trail before is in it, too
		var types []string
		for _, l := range after {
			if l.Action == "E" && l.Type != "Patient" {
				types = append(types, l.Type)
			}
		}
		if len(after) != before+4 || !slices.Equal(types, []string{"Goal", "Observation", "AuditEvent"}) {
			t.Errorf("the trail names %q", types)
		}
		if look(patient(edda), ciro, "Goal") == nil || look(patient(edda), edda, "Observation") == nil {
			t.Error("seen: somebody else's, or what was not asked for")
		}
		narrow := scoped(t, "system/Goal.rs?lifecycle-status=active")
		if look(narrow, edda, "Goal") == nil {
			t.Error("all were shown to who may find only some")
		}
		outside := machine(t)
		outside.Who.Outside = true
		if err := look(outside, edda, "Goal"); err != nil {
			t.Errorf("shared: %v", err)
		}
		do(t, s, patient(edda), func(tx *Tx) error { return tx.Withhold(ctx, edda, true) })
		if look(outside, edda, "Goal") == nil {
			t.Error("withheld, and shown")
		}
		other = "none"
		if err := look(outside, ciro, "Goal"); err != nil {
			t.Errorf("another's: %v", err)
		}
	})
}

// The newest look of the care team is found however often the patient has looked since; what was refused is none.
func TestLastLook(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		doctor := Ask{Who: access.Who{Kind: access.Clinician, ID: "d", Name: "Marisol Quenby"}}
		do(t, s, machine(t), func(tx *Tx) error {
			_, _, err := tx.Update(ctx, parse(t, `{"resourceType":"Patient","id":"edda"}`), Any)
			return err
		})
		last := func() (l *LookedAt) {
			err := s.Look(ctx, patient("edda"), func(tx *Tx) error {
				page, err := tx.Shows(ctx, "today", "edda", Trail)
				if err == nil {
					l, err = page.LastLook(ctx)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return l
		}
		if l := last(); l != nil {
			t.Fatalf("nobody looked: %+v", l)
		}
		_ = s.Look(ctx, doctor, func(tx *Tx) error { _, err := tx.Read(ctx, "Patient", "nobody"); return err })
		if err := s.Look(ctx, doctor, func(tx *Tx) error { _, err := tx.Read(ctx, "Patient", "edda"); return err }); err != nil {
			t.Fatal(err)
		}
		for range 5 {
			last()
		}
		if l := last(); l == nil || l.Who != "Marisol Quenby" || l.Kind != access.Clinician || l.Type != "Patient" {
			t.Errorf("looked: %+v", l)
		}
	})
}
