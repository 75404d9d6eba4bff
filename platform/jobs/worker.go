package jobs

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/mitral-health/mitral/platform/clock"
)

// worker runs one handler for River.
type worker[T Args] struct {
	river.WorkerDefaults[T]
	setting
	work func(context.Context, T) error
}

// Work runs the handler. A panic becomes an error that names only its type: its text could quote
// what was being worked on.
func (w *worker[T]) Work(ctx context.Context, job *river.Job[T]) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &panicked{what: fmt.Sprintf("%T", p), stack: debug.Stack()}
		}
	}()
	return w.work(ctx, job.Args)
}

// Timeout returns what Within asked for; 0 means the queue's own.
func (w *worker[T]) Timeout(*river.Job[T]) time.Duration { return w.timeout }

// panicked is the error of a handler that panicked.
type panicked struct {
	what  string
	stack []byte
}

func (p *panicked) Error() string { return "handler panicked: " + p.what }

// retries decides when a failed job is tried again: after 1, 2, 4 … seconds, at most 15 minutes,
// give or take a tenth, so that what failed together does not return together.
type retries struct{ clock clock.Clock }

const (
	longestWait = 15 * time.Minute
	maxAttempts = 960 // ten days, almost all of them at the longest wait

	// schedulerTick is how often River's scheduler looks, and how far it looks ahead (its own constant).
	schedulerTick = 5 * time.Second
)

// NextRetry implements River's policy.
func (r retries) NextRetry(job *rivertype.JobRow) time.Time {
	wait := longestWait
	if n := len(job.Errors); n < 10 {
		wait = min(wait, time.Second<<n)
	}
	// River makes a short wait 'available' at once; for a unique job another may wait already, and
	// the two would collide. A wait beyond the scheduler's tick goes through it, and it sorts them out.
	if len(job.UniqueKey) > 0 {
		wait = max(wait, schedulerTick*3/2) // 7.5 s, with jitter at least 6.75 s
	}
	jitter := time.Duration((rand.Float64() - 0.5) * 0.2 * float64(wait))
	return r.clock.Now().Add(wait + jitter)
}
