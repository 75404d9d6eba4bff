package records

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/platform/db"
)

// A watcher that writes a Flag about each Observation, as the program.
func TestWatcher(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		program := scoped(t, "system/Flag.cu")
		program.Who.ID = "the program"
		var told []Written
		var broken error
		s.Watch(func(ctx context.Context, tx *Tx, all []Written) error {
			for _, w := range all {
				told = append(told, w)
				if _, err := tx.As(program).Create(ctx, parse(t, `{"resourceType":"Flag","status":"active","code":{"text":"x"},"subject":{"reference":"Patient/p"}}`)); err != nil {
					return err
				}
				tx.Along(db.Statement{SQL: `INSERT INTO guard (bucket) VALUES ($1)`, Args: []any{10_000 + len(told)}})
			}
			return broken
		}, "Observation")
		count := func(query string) (n int) {
			if err := s.db.Read(t.Context(), func(tx db.Tx) error { return tx.QueryRow(t.Context(), query).Scan(&n) }); err != nil {
				t.Fatal(err)
			}
			return n
		}
		after := 0
		const text = `{"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/p"}}`
		id := ""
		do(t, s, patient("p"), func(tx *Tx) error {
			tx.After(func() { after++ })
			r, err := tx.Create(t.Context(), parse(t, text))
			id = r.ID
			return err
		})
		if len(told) != 1 || told[0].ID != id || told[0].Node.ID() != id || len(told[0].Patients) != 1 || told[0].Patients[0] != "p" || told[0].Was != nil || after != 1 {
			t.Fatalf("told %+v, %d after", told, after)
		}
		if flags, beside := count(`SELECT COUNT(*) FROM version WHERE type = 'Flag'`), count(`SELECT COUNT(*) FROM guard WHERE bucket = 10001`); flags != 1 || beside != 1 {
			t.Errorf("%d flags, %d beside", flags, beside)
		}
		who := ""
		if err := s.db.Read(t.Context(), func(tx db.Tx) error {
			return tx.QueryRow(t.Context(), `SELECT body FROM version WHERE type = 'AuditEvent' AND body LIKE '%Flag/%'`).Scan(&who)
		}); err != nil || !strings.Contains(who, "the program") {
			t.Errorf("the trail: %v %s", err, who)
		}

		// What was before.
		var before []byte
		s.watching = nil
		s.Watch(func(ctx context.Context, tx *Tx, all []Written) (err error) {
			before, err = tx.Before(ctx, &all[0])
			return err
		}, "Observation")
		do(t, s, machine(t), func(tx *Tx) error {
			_, err := tx.Delete(t.Context(), "Observation", id, Existing)
			return err
		})
		if !strings.Contains(string(before), id) {
			t.Errorf("before %s", before)
		}

		// Undone, with all that came with it.
		n := count(`SELECT COUNT(*) FROM version WHERE type = 'Observation'`)
		s.watching = nil
		s.Watch(func(context.Context, *Tx, []Written) error { return errors.New("no") }, "Observation")
		if err := s.Do(t.Context(), machine(t), func(tx *Tx) error {
			tx.After(func() { after++ })
			_, err := tx.Create(t.Context(), parse(t, text))
			return err
		}); err == nil || after != 1 || count(`SELECT COUNT(*) FROM version WHERE type = 'Observation'`) != n {
			t.Errorf("a watcher that fails: %v, %d after", err, after)
		}
		if err := s.Do(t.Context(), machine(t), func(tx *Tx) error {
			tx.Wrote()
			if _, err := tx.Beside().Exec(t.Context(), `INSERT INTO guard (bucket) VALUES (20001)`); err != nil {
				return err
			}
			return outcome.Absent()
		}); outcome.Of(err) == nil || count(`SELECT COUNT(*) FROM guard WHERE bucket = 20001`) != 0 {
			t.Errorf("what was written beside stayed: %v", err)
		}
	})
}
