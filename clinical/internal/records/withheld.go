package records

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/clinical/internal/search"
	"github.com/mitral-health/mitral/platform/db"
)

// Some patients keep their records from programs of others. Whoever asks from outside (access.Who.Outside)
// begins each transaction with who they are, and meets nothing of theirs, whichever way it looks: gate.admits and
// finder.meets are the two places where a record is let through.

// WithheldMigrations returns the tables of who withholds, which came after the others.
func WithheldMigrations() []db.Migration {
	return []db.Migration{{Name: "records withheld", SQL: `CREATE TABLE withheld (patient TEXT PRIMARY KEY, since BIGINT NOT NULL);
CREATE TABLE withheld_turn (id INTEGER PRIMARY KEY, n BIGINT NOT NULL);
INSERT INTO withheld_turn (id, n) VALUES (1, 0)`}}
}

// withheld is who withholds, as of a turn. The turn goes on with each change, so that the list is read again
// only then, by every copy of the program.
type withheld struct {
	turn     int64
	patients map[string]bool
}

type withholding struct{ last atomic.Pointer[withheld] }

// outside reads who withholds, if it is somebody from outside who asks.
func (t *Tx) outside(ctx context.Context) error {
	if !t.ask.Who.Outside {
		return nil
	}
	var turn int64
	if err := t.db.QueryRow(ctx, `SELECT n FROM withheld_turn WHERE id = 1`).Scan(&turn); err != nil {
		return err
	}
	known := t.store.withholding.last.Load()
	if known == nil || known.turn != turn {
		known = &withheld{turn, map[string]bool{}}
		err := db.Each(ctx, t.db, `SELECT patient FROM withheld`, nil, func(r db.Row) error {
			var id string
			err := r.Scan(&id)
			known.patients[id] = true
			return err
		})
		if err != nil {
			return err
		}
		t.store.withholding.last.Store(known)
	}
	t.withheld = known.patients
	return nil
}

// hides reports whether a record is of somebody who keeps theirs from who asks.
func (t *Tx) hides(typ string, terms search.Terms) bool {
	if len(t.withheld) == 0 {
		return false
	}
	for _, id := range search.Patients(typ, terms) {
		if t.withheld[id] {
			return true
		}
	}
	return false
}

// Withhold keeps a patient's records from programs of others from now on, or ends that. It is an
// operation on the Patient: whoever may do operations on it may say so.
func (t *Tx) Withhold(ctx context.Context, patient string, yes bool) error {
	g, err := t.decide(access.Operation, "Patient")
	if err != nil {
		return err
	}
	if !g.Allow || g.Patient != "" && g.Patient != patient || g.Where != nil || g.Shared {
		t.refused(access.Operation, "Patient", patient)
		return outcome.Absent()
	}
	if t.look {
		return errLook
	}
	if yes {
		_, err = t.db.Exec(ctx, `INSERT INTO withheld (patient, since) VALUES ($1, $2) ON CONFLICT (patient) DO NOTHING`, patient, db.Micros(t.now))
	} else {
		_, err = t.db.Exec(ctx, `DELETE FROM withheld WHERE patient = $1`, patient)
	}
	if err == nil { // the row is locked until the end: turns are taken in the order of commits
		_, err = t.db.Exec(ctx, `UPDATE withheld_turn SET n = n + 1 WHERE id = 1`)
	}
	name := "share"
	if yes {
		name = "withhold"
	}
	t.Note(access.Operation, name, "Patient", patient, "")
	return err
}

// Withheld reports since when nothing of a patient is shown to programs of others; false is not.
func (t *Tx) Withheld(ctx context.Context, patient string) (bool, error) {
	var since int64
	err := t.db.QueryRow(ctx, `SELECT since FROM withheld WHERE patient = $1`, patient).Scan(&since)
	if errors.Is(err, db.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}
