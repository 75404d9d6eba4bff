package plans

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/platform/db"
)

// What was done is an Observation; the table has a row of each, so that a week of a plan is read without them. It is written
// with them, and Rebuild makes the same of the records alone.

// DoneMigrations returns the step of that table, which came after the others. ends is the last day that the act is of:
// endless for what is to be done once.
func DoneMigrations() []db.Migration {
	return []db.Migration{{Name: "plans done", SQL: `CREATE TABLE plans_done (id TEXT PRIMARY KEY, patient TEXT NOT NULL, ends BIGINT NOT NULL, step TEXT NOT NULL, day BIGINT NOT NULL,
	turn TEXT NOT NULL, done BOOLEAN NOT NULL, at BIGINT NOT NULL, author TEXT NOT NULL);
CREATE INDEX plans_done_patient ON plans_done (patient, ends)`}}
}

const endless Day = 1 << 30

// Watch keeps the table by what records are written; before the store is used.
func Watch(s *records.Store) { s.Watch(watchDone, "Observation") }

// saying is an Observation that says whether something was done.
type saying struct {
	mark
	step      string
	day, ends Day
}

func sayingOf(n *resource.Node) (s saying, ok bool) {
	codes := n.Path("code", "coding")
	if codes.At(0).Get("code").Str() != planDone || codes.At(0).Get("system").Str() != recordSystem || n.Get("status").Str() != "final" {
		return s, false
	}
	s.step = codes.At(1).Get("code").Str()
	s.day, ok = ParseDay(n.Get("effectiveDateTime").Str() + n.Path("effectivePeriod", "start").Str())
	s.ends = s.day
	if n.Get("effectivePeriod") != nil {
		s.ends = endless
	}
	id := n.Path("identifier", "value").Str()
	s.Turn, s.By = id[strings.LastIndexByte(id, '.')+1:], n.Path("performer", "reference").Str()
	s.Done = n.Get("valueBoolean") != nil && n.Get("valueBoolean").Text == "true"
	if at, err := time.Parse(time.RFC3339, n.Get("issued").Str()); err == nil {
		s.At = at
	}
	return s, ok && s.step != ""
}

func watchDone(_ context.Context, t *records.Tx, all []records.Written) error {
	for i := range all {
		w := &all[i]
		if w.Version > 1 {
			t.Along(db.Statement{SQL: `DELETE FROM plans_done WHERE id = $1`, Args: []any{w.ID}})
		}
		if w.Node != nil {
			keepDone(t, w.ID, w.Node, w.Patients)
		}
	}
	return nil
}

func keepDone(t *records.Tx, id string, n *resource.Node, patients []string) {
	patient, here := strings.CutPrefix(n.Path("subject", "reference").Str(), "Patient/")
	s, ok := sayingOf(n)
	if !ok || !here || !slices.Contains(patients, patient) {
		return
	}
	t.Along(db.Statement{SQL: `INSERT INTO plans_done (id, patient, ends, step, day, turn, done, at, author) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		Args: []any{id, patient, int64(s.ends), s.step, int64(s.day), s.Turn, s.Done, db.Micros(s.At), s.By}})
}

// Rebuild makes a patient's rows anew from the Observations.
func Rebuild(ctx context.Context, s *records.Store, patient string) error {
	scopes, err := access.ParseScopes("system/Observation.s")
	if err != nil {
		return err
	}
	return s.Do(ctx, records.Ask{Who: access.Who{Kind: access.System, ID: "plans", Name: "Mitral", Scopes: scopes}}, func(t *records.Tx) error {
		t.Along(db.Statement{SQL: `DELETE FROM plans_done WHERE patient = $1`, Args: []any{patient}})
		for cursor := ""; ; {
			page, err := t.Find(ctx, "Observation", "patient", "Patient/"+patient, "code", recordSystem+"|"+planDone, "_sort", "-date", "_count", "500", "_cursor", cursor)
			if err != nil {
				return err
			}
			for i := range page.Records {
				n, err := resource.Parse(page.Records[i].Body)
				if err != nil {
					return err
				}
				keepDone(t, page.Records[i].ID, n, []string{patient})
			}
			if cursor = page.Next; cursor == "" {
				return nil
			}
		}
	})
}

// done reads what was said of a patient's plans for a day and later.
func (m *marks) done(ctx context.Context, page *records.Shown, patient string, since Day) error {
	return db.Each(ctx, page.Beside(), `SELECT step, day, turn, done, at, author FROM plans_done WHERE patient = $1 AND ends >= $2 ORDER BY id`,
		[]any{patient, int64(since)}, func(r db.Row) error {
			var now mark
			var step string
			var n, at int64
			if err := r.Scan(&step, &n, &now.Turn, &now.Done, &at, &now.By); err != nil {
				return err
			}
			day := Day(n)
			if at := db.FromMicros(at); DayOf(at, m.zone) == day {
				now.At = at
			}
			if m.said[step] == nil {
				m.said[step] = map[Day]mark{}
			}
			if before, ok := m.said[step][day]; !ok || turn(before.Turn) <= turn(now.Turn) {
				m.said[step][day] = now
			}
			return nil
		})
}
