package gate

import (
	"context"
	"errors"
	"time"

	"github.com/mitral-health/mitral/gate/ledger"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/id"
	"github.com/mitral-health/mitral/platform/jobs"
)

// The gate's jobs. Each names one submission; what to do is read from the store when it runs.
type (
	expireJob struct {
		Submission string `json:"submission"`
	}
	sweepJob    struct{}
	releasedJob struct {
		Submission string `json:"submission"`
	}
	returnedJob struct {
		Submission string `json:"submission"`
	}
	withdrawJob struct {
		Submission string `json:"submission"`
	}
)

func (expireJob) Kind() string   { return "gate_expire" }
func (sweepJob) Kind() string    { return "gate_sweep" }
func (releasedJob) Kind() string { return "gate_released" }
func (returnedJob) Kind() string { return "gate_returned" }
func (withdrawJob) Kind() string { return "gate_withdraw" }

// RegisterJobs adds the gate's jobs to the registry of its store.
func (g *Gate) RegisterJobs(r *jobs.Registry) {
	jobs.Handle(r, func(ctx context.Context, a expireJob) error { return g.expire(ctx, a.Submission) })
	jobs.Handle(r, func(ctx context.Context, _ sweepJob) error { return g.Sweep(ctx) })
	jobs.Every(r, time.Minute, func() jobs.Args { return sweepJob{} })
	jobs.Handle(r, func(ctx context.Context, a releasedJob) error {
		return g.deliver(ctx, a.Submission, func(src Source, s *submission) error {
			return src.Released(ctx, s.draft.ID, s.hash)
		})
	})
	jobs.Handle(r, func(ctx context.Context, a returnedJob) error {
		return g.deliver(ctx, a.Submission, func(src Source, s *submission) error {
			return src.Returned(ctx, s.draft.ID, s.hash, s.State, s.comment)
		})
	})
	jobs.Handle(r, func(ctx context.Context, a withdrawJob) error {
		return g.deliver(ctx, a.Submission, func(src Source, s *submission) error {
			return src.Withdraw(ctx, s.draft.ID, s.comment)
		})
	})
}

// deliver reads the submission and hands it to the source; an error means: again later.
func (g *Gate) deliver(ctx context.Context, submissionID string, call func(Source, *submission) error) error {
	if g.source == nil {
		return errors.New("gate: no source is connected")
	}
	sid, err := id.Parse[Submission](submissionID)
	if err != nil {
		return jobs.GiveUp(err)
	}
	var s *submission
	err = g.store.Read(ctx, func(tx db.Tx) error { s, err = find(ctx, tx, sid); return err })
	if errors.Is(err, db.ErrNoRows) {
		return jobs.GiveUp(err)
	}
	if err != nil {
		return err
	}
	return call(g.source, s)
}

// expire closes an item whose time has run out. An item that was decided, or got more time, is left.
func (g *Gate) expire(ctx context.Context, submissionID string) error {
	sid, err := id.Parse[Submission](submissionID)
	if err != nil {
		return jobs.GiveUp(err)
	}
	return g.store.Write(ctx, func(tx db.Tx) error {
		s, err := find(ctx, tx, sid)
		if err != nil {
			return err
		}
		now := g.clock.Now()
		if !s.State.Waits() || now.Before(s.Deadline) {
			return nil
		}
		s.State = Expired
		s.comment = "" // a reason for passing it on is not for the author
		if err := s.update(ctx, tx); err != nil {
			return err
		}
		var nobody Author
		if err := move(ctx, tx, s, now, nobody.Subject, ledger.Expired, ""); err != nil {
			return err
		}
		if err := ledger.Record(ctx, tx, now, "", ledger.Expired, s.id.String(), s.detail()); err != nil {
			return err
		}
		return g.tell(ctx, tx, returnedJob{s.id.String()})
	})
}

// Sweep expires whatever is overdue: the net below the alarm clock that each item has of its own.
func (g *Gate) Sweep(ctx context.Context) error {
	var ids []string
	err := g.store.Read(ctx, func(tx db.Tx) error {
		return db.Each(ctx, tx, `SELECT id FROM submissions WHERE waiting = TRUE AND queue_at <= $1 ORDER BY queue_at LIMIT 200`,
			[]any{db.Micros(g.clock.Now())}, func(row db.Row) error {
				var s string
				err := row.Scan(&s)
				ids = append(ids, s)
				return err
			})
	})
	for _, s := range ids {
		err = errors.Join(err, g.expire(ctx, s))
	}
	return err
}
