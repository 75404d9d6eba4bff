package jobs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivertype"

	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/db"
)

// How jobs are run.
const (
	Timeout     = time.Minute      // a handler's context ends after this, unless Within says otherwise
	RescueAfter = 90 * time.Second // a job that began this long ago and did not end is taken for dead and tried again

	poll           = 700 * time.Millisecond // how often a queue looks for due jobs
	workers        = 8                      // jobs at a time, in one copy of the program
	lastWarning    = 5 * time.Second        // for running jobs, when Stop's context has ended
	keepDone       = 10 * time.Minute
	keepGivenUp    = 7 * 24 * time.Hour
	keepOutOfTries = 90 * 24 * time.Hour
)

// Queue is the job queue of one store.
type Queue struct {
	store  *db.DB
	sqlite *river.Client[*sql.Tx] // one of the two
	pg     *river.Client[pgx.Tx]
}

// Open creates or updates River's tables in the store, which must be migrated, and returns its
// queue. Until Start it only takes jobs in.
func Open(ctx context.Context, store *db.DB, r *Registry, log *slog.Logger) (*Queue, error) {
	q := &Queue{store: store}
	cfg := &river.Config{
		CancelledJobRetentionPeriod: keepGivenUp,
		CompletedJobRetentionPeriod: keepDone,
		DiscardedJobRetentionPeriod: keepOutOfTries,
		FetchCooldown:               20 * time.Millisecond,
		FetchPollInterval:           poll,
		Hooks:                       []rivertype.Hook{&shaping{clock: clock.System{}}},
		JobTimeout:                  Timeout,
		Logger:                      logger(log, store.Name()),
		MaxAttempts:                 maxAttempts,
		PeriodicJobs:                r.periodic,
		Queues:                      map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: workers}},
		RescueStuckJobsAfter:        RescueAfter,
		RetryPolicy:                 retries{clock.System{}},
		Workers:                     r.workers,
	}
	err := migrate(ctx, store, cfg.Logger)
	if err == nil {
		if conns, ok := store.SQLite(); ok {
			q.sqlite, err = river.NewClient(riversqlite.New(conns), cfg)
		} else {
			pool, schema, _ := store.Postgres()
			cfg.Schema = schema
			q.pg, err = river.NewClient(riverpgxv5.New(pool), cfg)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("jobs of store %s: %w", store.Name(), err)
	}
	return q, nil
}

// Insert adds a job in the caller's transaction: it exists if and only if that commits. The kind
// must have a handler.
func (q *Queue) Insert(ctx context.Context, tx db.Tx, a Args, opts ...Option) error {
	var o river.InsertOpts
	for _, opt := range opts {
		opt(&o)
	}
	var err error
	if q.sqlite != nil {
		t, ok := q.store.SQL(tx)
		if !ok {
			return errors.New("jobs: the transaction is not of the queue's store")
		}
		_, err = q.sqlite.InsertTx(ctx, t, a, &o)
	} else {
		t, ok := q.store.PG(tx)
		if !ok {
			return errors.New("jobs: the transaction is not of the queue's store")
		}
		_, err = q.pg.InsertTx(ctx, t, a, &o)
	}
	if err != nil {
		return fmt.Errorf("insert job %s: %w", a.Kind(), err)
	}
	return nil
}

// Start begins to run jobs, until Stop; ctx's end does not stop them.
func (q *Queue) Start(ctx context.Context) error {
	run := context.WithoutCancel(ctx)
	if q.sqlite == nil {
		return q.pg.Start(run)
	}
	if err := recoverOwn(ctx, q.store); err != nil {
		return fmt.Errorf("jobs of store %s: %w", q.store.Name(), err)
	}
	return q.sqlite.Start(run)
}

// Stop starts no further jobs and waits for those that run. When ctx ends first, it ends their
// contexts and waits a little longer; a job that ignores even that is rescued at a later start.
func (q *Queue) Stop(ctx context.Context) error {
	stop, cut := q.stoppers()
	if err := stop(ctx); err == nil {
		return nil
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWarning)
	defer cancel()
	return cut(last)
}

func (q *Queue) stoppers() (stop, cut func(context.Context) error) {
	if q.sqlite != nil {
		return q.sqlite.Stop, q.sqlite.StopAndCancel
	}
	return q.pg.Stop, q.pg.StopAndCancel
}
