package triage

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/alerts"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/jobs"
)

// What happens because time has passed: a reading is missing, nobody took an alert, a snooze is over. Each has a
// time in a row, and only rows whose time has come are looked at. Two copies that do the same at once take turns at
// the patient's row, and the second finds nothing left to do.
const (
	tickEach  = 20 * time.Second
	tickMost  = 500
	tickFor   = 5 * time.Minute
	dueAlerts = `SELECT due, id, patient FROM triage_alert WHERE due > 0 AND due <= $1 AND (due, id) > ($2, $3) ORDER BY due, id LIMIT $4`
	dueStates = `SELECT due, patient, measure FROM triage_state WHERE due > 0 AND due <= $1 AND (due, patient) > ($2, $3) ORDER BY due, patient LIMIT $4`
)

type tick struct{}

func (tick) Kind() string { return "triage_tick" }

// RegisterJobs adds the jobs here to the registry of the clinical store.
func (g *Triage) RegisterJobs(r *jobs.Registry) {
	jobs.Handle(r, func(ctx context.Context, _ tick) error { return g.Tick(ctx) }, jobs.Within(tickFor))
	jobs.Every(r, tickEach, func() jobs.Args { return tick{} })
}

// Tick does what is due.
func (g *Triage) Tick(ctx context.Context) error {
	return errors.Join(g.each(ctx, dueAlerts, g.dueAlert), g.each(ctx, dueStates, g.dueReading))
}

// each does one thing after the other; one that fails does not keep the others waiting, and is tried at the next tick.
func (g *Triage) each(ctx context.Context, query string, do func(ctx context.Context, t *records.Tx, one, two string) error) error {
	now := db.Micros(g.Clock.Now())
	var failed error
	for at, last := int64(0), ""; ; {
		type item struct {
			at       int64
			one, two string
		}
		var all []item
		err := g.Store.Read(ctx, func(tx db.Tx) error {
			all = nil
			return db.Each(ctx, tx, query, []any{now, at, last, tickMost}, func(r db.Row) error {
				var i item
				err := r.Scan(&i.at, &i.one, &i.two)
				all = append(all, i)
				return err
			})
		})
		if err != nil {
			return errors.Join(failed, err)
		}
		for _, i := range all {
			if err := g.Records.Do(ctx, g.program, func(t *records.Tx) error { return do(ctx, t, i.one, i.two) }); err != nil {
				if ctx.Err() != nil {
					return err
				}
				g.Log.Error("something that was due failed", slog.String("one", i.one), slog.String("two", i.two), slog.Any("error", err))
				failed = err
			}
			at, last = i.at, i.one
		}
		if len(all) < tickMost {
			return failed
		}
	}
}

// askAgain is how long an alert that nobody can be given waits until it is tried again.
const askAgain = 15 * time.Minute

// dueAlert escalates an alert that nobody took, or wakes one.
func (g *Triage) dueAlert(ctx context.Context, t *records.Tx, id, patient string) error {
	c, err := g.turn(ctx, t, patient)
	if c == nil || err != nil {
		return err
	}
	if err := c.load(ctx); err != nil {
		return err
	}
	for _, a := range c.open {
		if a.ID != id {
			continue
		}
		due, waits := g.Policy.Due(&a.Alert)
		switch {
		case a.Status == alerts.Snoozed && !t.Now().Before(a.Until):
			err = c.step(a, alerts.Step{Do: alerts.Wake})
		case waits && !t.Now().Before(due):
			var to string
			if to, err = g.deputy(ctx, t.Beside(), c.row); err == nil && to != "" {
				err = c.step(a, alerts.Step{Do: alerts.Escalate, To: to})
			} else if err == nil { // there is nobody yet: it stays on the list, and who is there is asked again later
				_, err = t.Beside().Exec(ctx, `UPDATE triage_alert SET due = $2 WHERE id = $1`, id, db.Micros(t.Now().Add(askAgain)))
			}
		}
		if err != nil {
			return err
		}
	}
	return c.finish(ctx)
}

// deputy is who has the work of the patient's deputy now; "" if that is nobody, or whose turn it was anyway.
func (g *Triage) deputy(ctx context.Context, tx db.Tx, r *row) (string, error) {
	if r.deputy == "" {
		return "", nil
	}
	to, err := g.OnDuty(ctx, tx, r.deputy)
	if err != nil || to == r.responsible {
		return "", err
	}
	return to, nil
}

// dueReading raises what rules about missing readings say.
func (g *Triage) dueReading(ctx context.Context, t *records.Tx, patient, measure string) error {
	c, err := g.turn(ctx, t, patient)
	if c == nil || err != nil {
		return err
	}
	m := vitals.Measure(measure)
	s, err := c.memory(ctx, m)
	if err != nil || s.due == 0 || db.Micros(t.Now()) < s.due {
		return err
	}
	if ok, err := c.consent(ctx); err != nil || !ok || !c.row.followed {
		if err == nil {
			_, err = t.Beside().Exec(ctx, `UPDATE triage_state SET due = 0 WHERE patient = $1 AND measure = $2`, patient, measure)
		}
		if err == nil {
			err = c.finish(ctx)
		}
		return err
	}
	if err := errors.Join(c.thresholds(ctx), c.load(ctx)); err != nil {
		return err
	}
	for _, f := range alerts.Overdue(c.set, m, s.State, t.Now()) {
		if c.of(f.Rule) == nil { // one that is open says it already
			if err := c.find(ctx, f); err != nil {
				return err
			}
		}
	}
	return c.finish(ctx)
}
