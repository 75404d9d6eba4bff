package plans

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/jobs"
)

// Migrations returns the steps of the tables here. What somebody has chosen so far in a check-in is theirs until they
// send it: it is no fact of their care yet, nobody else sees it, and it is gone after keepDraft.
func Migrations() []db.Migration {
	return []db.Migration{{Name: "plans drafts", SQL: `CREATE TABLE plans_drafts (subject TEXT NOT NULL, plan TEXT NOT NULL, activity TEXT NOT NULL, answers TEXT NOT NULL, kept BIGINT NOT NULL,
	PRIMARY KEY (subject, plan, activity));
CREATE INDEX plans_drafts_kept ON plans_drafts (kept)`}}
}

const keepDraft = 7 * 24 * time.Hour

// draft returns what the asker has chosen so far: item → value.
func draft(ctx context.Context, t *records.Tx, plan, activity string) (map[string]string, error) {
	var raw string
	err := t.Beside().QueryRow(ctx, `SELECT answers FROM plans_drafts WHERE subject = $1 AND plan = $2 AND activity = $3 AND kept > $4`,
		t.Ask().Who.ID, plan, activity, db.Micros(t.Now().Add(-keepDraft))).Scan(&raw)
	out := map[string]string{}
	if errors.Is(err, db.ErrNoRows) {
		return out, nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(raw), &out)
	}
	return out, err
}

// keep stores them in place of those before; none ends the draft.
func keep(ctx context.Context, t *records.Tx, patient, plan, activity string, answers map[string]string) error {
	who := t.Ask().Who.ID
	if _, err := t.Beside().Exec(ctx, `DELETE FROM plans_drafts WHERE subject = $1 AND plan = $2 AND activity = $3`, who, plan, activity); err != nil || len(answers) == 0 {
		return err
	}
	raw, err := json.Marshal(answers)
	if err != nil {
		return err
	}
	_, err = t.Beside().Exec(ctx, `INSERT INTO plans_drafts (subject, plan, activity, answers, kept) VALUES ($1, $2, $3, $4, $5)`, who, plan, activity, string(raw), db.Micros(t.Now()))
	if err == nil {
		t.Note(access.Operation, "keep-draft", "Patient", patient, "")
	}
	return err
}

type sweep struct{}

func (sweep) Kind() string { return "plans_sweep" }

// RegisterJobs adds the sweep of old drafts, one for everybody, to the registry of the clinical store.
func (p *Plans) RegisterJobs(r *jobs.Registry) {
	jobs.Handle(r, func(ctx context.Context, _ sweep) error {
		return p.Store.Write(ctx, func(tx db.Tx) error {
			_, err := tx.Exec(ctx, `DELETE FROM plans_drafts WHERE kept <= $1`, db.Micros(p.Clock.Now().Add(-keepDraft)))
			return err
		})
	})
	jobs.Every(r, 24*time.Hour, func() jobs.Args { return sweep{} })
}
