package triage

import (
	"context"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/thresholds"
	"github.com/mitral-health/mitral/platform/db"
)

// Waiting is something besides an alert that waits for the team.
type Waiting struct {
	Patient  string // logical id
	Kind     string // "message", "questionnaire", "task" …
	Ref      string // what it is: "Communication/x"
	Severity thresholds.Severity
	Since    time.Time
}

// Wait puts something on the list in the caller's transaction; the same again changes its severity and time. A
// patient who isn't followed is on the list as long as something waits.
func (g *Triage) Wait(ctx context.Context, t *records.Tx, w Waiting) error {
	c, err := g.add(ctx, t, w.Patient)
	if err != nil {
		return err
	}
	if w.Since.IsZero() {
		w.Since = t.Now()
	}
	_, err = t.Beside().Exec(ctx, `INSERT INTO triage_waiting (patient, kind, ref, rank, since) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (patient, kind, ref) DO UPDATE SET rank = excluded.rank, since = excluded.since`, w.Patient, w.Kind, w.Ref, rankOf(w.Severity), db.Micros(w.Since))
	if err != nil {
		return err
	}
	c.dirty = true
	return c.finish(ctx)
}

// Settle takes it off. With ref "" all of the kind.
func (g *Triage) Settle(ctx context.Context, t *records.Tx, patient, kind, ref string) error {
	c, err := g.turn(ctx, t, patient)
	if c == nil || err != nil {
		return err
	}
	n, err := t.Beside().Exec(ctx, `DELETE FROM triage_waiting WHERE patient = $1 AND kind = $2 AND (ref = $3 OR $3 = '')`, patient, kind, ref)
	if err != nil || n == 0 {
		return err
	}
	c.dirty = true
	return c.finish(ctx)
}

// Waits lists what waits for one patient besides alerts, the most pressing first, for whoever has been allowed to read the
// record.
func (g *Triage) Waits(ctx context.Context, t *records.Tx, patient string) (out []Waiting, err error) {
	err = db.Each(ctx, t.Beside(), `SELECT kind, ref, rank, since FROM triage_waiting WHERE patient = $1 ORDER BY rank, since, ref`, []any{patient}, func(r db.Row) error {
		var rank, since int64
		w := Waiting{Patient: patient}
		err := r.Scan(&w.Kind, &w.Ref, &rank, &since)
		w.Severity, w.Since = severityOf(rank), db.FromMicros(since)
		out = append(out, w)
		return err
	})
	return out, err
}
