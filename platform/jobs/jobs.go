// Package jobs runs work after the transaction that asked for it: a job is a row in the caller's own
// store, inserted in the caller's transaction, so it exists exactly if what caused it does. It sits
// on River, in SQLite and PostgreSQL alike. May import platform/db and platform/clock.
//
// It promises: a committed job runs at least once, also after a kill at any moment (on SQLite within
// seconds of the next start; on PostgreSQL when its lease of RescueAfter has passed, because another
// copy may still be at it); a failed one is tried again, first after a second, later every quarter
// of an hour, for ten days; a due job starts within a second. N copies of the program on one
// PostgreSQL share the work, and each job is handed to one of them at a time.
//
// It does not promise "exactly once", nothing that ends in another system can: handlers must be
// idempotent, and arguments carry ids only, because they are stored and backed up.
package jobs

import (
	"context"
	"time"

	"github.com/riverqueue/river"
)

// Args is what a job is about: Kind names its handler, and the exported fields, encoded as JSON, say
// what to work on. Ids only.
type Args = river.JobArgs

// Registry holds the handlers and periodic jobs of one store. Fill it before Open.
type Registry struct {
	workers  *river.Workers
	periodic []*river.PeriodicJob
}

// NewRegistry returns an empty Registry.
func NewRegistry() *Registry { return &Registry{workers: river.NewWorkers()} }

// Handle makes f the handler of T's kind; a second handler for the same kind is a programming
// mistake and panics. An error means: try again later (see GiveUp). The context ends after Timeout,
// or after Within, and when Stop has no patience left.
func Handle[T Args](r *Registry, f func(ctx context.Context, args T) error, settings ...Setting) {
	w := &worker[T]{work: f}
	for _, s := range settings {
		s(&w.setting)
	}
	river.AddWorker(r.workers, w)
}

// Setting changes how jobs of one kind are run.
type Setting func(*setting)

type setting struct{ timeout time.Duration }

// Within lets a handler run for d instead of Timeout.
func Within(d time.Duration) Setting { return func(s *setting) { s.timeout = d } }

// Every inserts make's job each d, and once when a copy of the program takes the lead, which covers
// what came due while nothing ran. Only one of N copies does so, and not while the last one still waits.
func Every(r *Registry, d time.Duration, make func() Args) {
	r.periodic = append(r.periodic, river.NewPeriodicJob(river.PeriodicInterval(d),
		func() (river.JobArgs, *river.InsertOpts) {
			return make(), &river.InsertOpts{UniqueOpts: river.UniqueOpts{ByArgs: true}}
		}, &river.PeriodicJobOpts{RunOnStart: true}))
}

// Option changes how one job is inserted.
type Option func(*river.InsertOpts)

// At makes the job due at t, to the millisecond.
func At(t time.Time) Option { return func(o *river.InsertOpts) { o.ScheduledAt = t } }

// Unique inserts nothing while a job of the same kind, arguments and At already waits. One that has
// started does not count: it may have looked before the caller's transaction, so a second one
// follows and looks again. Of scheduled duplicates, those that are left when one starts to wait go.
func Unique() Option { return func(o *river.InsertOpts) { o.UniqueOpts.ByArgs = true } }

// GiveUp is returned by a handler for which trying again is pointless. The job is kept for a week,
// with err's text, which must hold no personal data.
func GiveUp(err error) error { return river.JobCancel(err) }
