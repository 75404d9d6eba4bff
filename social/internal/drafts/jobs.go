package drafts

import (
	"context"
	"errors"
	"time"

	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/id"
	"github.com/mitral-health/mitral/platform/jobs"
)

// The jobs of drafts. What to do is read from the draft when they run.
type (
	dueJob struct {
		Draft string `json:"draft"`
	}
	supersedeJob struct {
		Draft string `json:"draft"`
	}
	sweepJob struct {
		Held bool `json:"held"` // ask about those that wait for a reviewer too
	}
	mediaSweepJob struct{}
)

func (dueJob) Kind() string        { return "draft_due" }
func (supersedeJob) Kind() string  { return "draft_supersede" }
func (sweepJob) Kind() string      { return "draft_sweep" }
func (mediaSweepJob) Kind() string { return "media_sweep" }

// RegisterJobs adds the jobs of drafts and of pictures to the registry of the social store.
func (s *Drafts) RegisterJobs(r *jobs.Registry) {
	one := func(f func(context.Context, ID) error) func(context.Context, string) error {
		return func(ctx context.Context, draft string) error {
			d, err := id.Parse[Draft](draft)
			if err != nil {
				return jobs.GiveUp(err)
			}
			err = f(ctx, d)
			if fault.Is(err, fault.NotFound) {
				return nil // discarded
			}
			return err
		}
	}
	settle := one(func(ctx context.Context, d ID) error { _, err := s.settle(ctx, d); return err })
	supersede := one(s.supersede)
	jobs.Handle(r, func(ctx context.Context, a dueJob) error { return settle(ctx, a.Draft) })
	jobs.Handle(r, func(ctx context.Context, a supersedeJob) error { return supersede(ctx, a.Draft) })
	jobs.Handle(r, func(ctx context.Context, a sweepJob) error { return s.sweep(ctx, a.Held) })
	jobs.Every(r, 10*time.Second, func() jobs.Args { return sweepJob{} })
	jobs.Every(r, time.Minute, func() jobs.Args { return sweepJob{Held: true} })
	jobs.Handle(r, func(ctx context.Context, _ mediaSweepJob) error { return s.Media.Sweep(ctx) })
	jobs.Every(r, time.Hour, func() jobs.Args { return mediaSweepJob{} })
}

// Sweep settles everything that should have been settled: what a killed program left behind, and
// what a lost message or job should have done.
func (s *Drafts) Sweep(ctx context.Context) error { return s.sweep(ctx, true) }

func (s *Drafts) sweep(ctx context.Context, withHeld bool) error {
	now := s.Clock.Now()
	var failed error
	for after := ""; ; {
		var batch []ID
		err := s.Store.Read(ctx, func(tx db.Tx) error {
			return db.Each(ctx, tx, `SELECT id FROM draft WHERE shelf IN ('waiting', 'planned') AND id > $1
				AND (state = 'held' AND $4 OR state = 'checking' AND updated < $2 OR state = 'scheduled' AND plan_at <= $3)
				ORDER BY id LIMIT 100`, []any{after, db.Micros(now.Add(-healAfter)), db.Micros(now), withHeld}, func(row db.Row) error {
				var d ID
				err := row.Scan(&d)
				batch = append(batch, d)
				return err
			})
		})
		if err != nil || len(batch) == 0 {
			return errors.Join(failed, err)
		}
		for _, d := range batch {
			if _, err := s.settle(ctx, d); err != nil && !fault.Is(err, fault.NotFound) {
				failed = errors.Join(failed, err)
			}
		}
		after = batch[len(batch)-1].String()
	}
}
