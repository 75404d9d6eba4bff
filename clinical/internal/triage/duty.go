package triage

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/alerts"
	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
)

// Away is somebody off duty.
type Away struct {
	Practitioner string // "Practitioner/x"
	StandIn      string // "Practitioner/x"
	Until        time.Time
}

const (
	maxAway  = 60 * 24 * time.Hour
	maxChain = 8 // stand-ins of stand-ins
)

// HandOverAll makes to stand in for from until then, and hands over every alert that from has taken. It returns how
// many. Run again it goes on where it was interrupted.
func (g *Triage) HandOverAll(ctx context.Context, ask records.Ask, from, to string, until time.Time) (int, error) {
	now := g.Clock.Now()
	switch {
	case from == "" || to == "" || from == to:
		return 0, fault.New(fault.Invalid, "Say to whom.")
	case !until.After(now) || until.Sub(now) > maxAway:
		return 0, fault.New(fault.Invalid, "Choose a time that is still to come, within 60 days.")
	}
	var theirs []string
	err := g.Records.Do(ctx, ask, func(t *records.Tx) error {
		theirs = nil
		if err := g.duty(t, from, "off-duty"); err != nil {
			return err
		}
		who, err := g.OnDuty(ctx, t.Beside(), to)
		if err != nil {
			return err
		}
		if who != to {
			return fault.New(fault.Conflict, "They are off duty themselves. Choose somebody else.")
		}
		if _, err = t.Beside().Exec(ctx, `INSERT INTO triage_away (practitioner, stand_in, until) VALUES ($1, $2, $3)
			ON CONFLICT (practitioner) DO UPDATE SET stand_in = excluded.stand_in, until = excluded.until`, from, to, db.Micros(until)); err != nil {
			return err
		}
		t.After(g.hub.reload)
		return db.Each(ctx, t.Beside(), `SELECT id FROM triage_alert WHERE owner = $1 AND open`, []any{from}, func(r db.Row) error {
			var id string
			err := r.Scan(&id)
			theirs = append(theirs, id)
			return err
		})
	})
	n := 0
	for _, id := range theirs {
		if err != nil {
			break
		}
		_, err = g.Do(ctx, ask, id, alerts.Step{Do: alerts.HandOver, By: from, To: to}, nil)
		if err == nil {
			n++
		} else if fault.Is(err, fault.Conflict) { // closed meanwhile, or somebody else's
			err = nil
		}
	}
	return n, err
}

// duty notes that somebody goes off duty or comes back, if they may say so.
func (g *Triage) duty(t *records.Tx, practitioner, name string) error {
	d := access.Decide(t.Ask().Who, t.Ask().Purpose, access.Update, "DetectedIssue")
	id := strings.TrimPrefix(practitioner, "Practitioner/")
	if !d.Allow || d.Patient != "" || d.Where != nil {
		t.Note(access.Operation, name, "Practitioner", id, "policy")
		return outcome.Absent()
	}
	t.Wrote()
	t.Note(access.Operation, name, "Practitioner", id, "")
	return nil
}

// Back ends an absence before its time. What was handed over stays with who has it.
func (g *Triage) Back(ctx context.Context, ask records.Ask, practitioner string) error {
	return g.Records.Do(ctx, ask, func(t *records.Tx) error {
		if err := g.duty(t, practitioner, "on-duty"); err != nil {
			return err
		}
		_, err := t.Beside().Exec(ctx, `DELETE FROM triage_away WHERE practitioner = $1`, practitioner)
		t.After(g.hub.reload)
		return err
	})
}

// AwayNow returns the absence of somebody, nil if they are on duty.
func (g *Triage) AwayNow(ctx context.Context, tx db.Tx, practitioner string) (*Away, error) {
	a := &Away{Practitioner: practitioner}
	var until int64
	err := tx.QueryRow(ctx, `SELECT stand_in, until FROM triage_away WHERE practitioner = $1 AND until > $2`, practitioner, db.Micros(g.Clock.Now())).Scan(&a.StandIn, &until)
	if errors.Is(err, db.ErrNoRows) {
		return nil, nil
	}
	a.Until = db.FromMicros(until)
	return a, err
}

// OnDuty returns who has somebody's work now: they, or who stands in for them. In a ring of people who are all away
// it is the first.
func (g *Triage) OnDuty(ctx context.Context, tx db.Tx, practitioner string) (string, error) {
	who := practitioner
	for range maxChain {
		a, err := g.AwayNow(ctx, tx, who)
		if err != nil {
			return "", err
		}
		if a == nil {
			return who, nil
		}
		who = a.StandIn
	}
	return practitioner, nil
}

// standsFor returns somebody and all those whom they stand in for now.
func (g *Triage) standsFor(ctx context.Context, tx db.Tx, practitioner string) ([]string, error) {
	all, now := []string{practitioner}, db.Micros(g.Clock.Now())
	for i := 0; i < len(all) && len(all) < 50; i++ {
		err := db.Each(ctx, tx, `SELECT practitioner FROM triage_away WHERE stand_in = $1 AND until > $2`, []any{all[i], now}, func(r db.Row) error {
			var p string
			err := r.Scan(&p)
			if !slices.Contains(all, p) {
				all = append(all, p)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}
