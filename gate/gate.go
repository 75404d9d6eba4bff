package gate

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/mitral-health/mitral/gate/policy"
	"github.com/mitral-health/mitral/gate/review"
	"github.com/mitral-health/mitral/gate/scan"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/jobs"
)

// State says where a submission stands.
type State = review.State

// The states; package review says what each means.
const (
	Passed    = review.Passed
	Warned    = review.Warned
	Held      = review.Held
	Claimed   = review.Claimed
	Escalated = review.Escalated
	Approved  = review.Approved
	Returned  = review.Returned
	Rejected  = review.Rejected
	Expired   = review.Expired
	Blocked   = review.Blocked
	Withdrawn = review.Withdrawn
)

// Engine finds what should not be public. It is a wall: whatever it does, a panic included, the gate
// answers with an outcome or with fault.Unavailable, never with a clearance by mistake.
type Engine interface {
	Scan(text string, c scan.Context) []scan.Finding
}

// Source is where drafts come from and go back to: the social chamber. The gate calls it from jobs
// that repeat until it returns nil, so each method must be idempotent.
type Source interface {
	// Released says that exactly this content was approved after it had been held.
	Released(ctx context.Context, draftID string, hash [32]byte) error
	// Returned says that this content will not be cleared: state is Returned, Rejected or Expired.
	Returned(ctx context.Context, draftID string, hash [32]byte, state State, comment string) error
	// Withdraw says that what was published from this draft must be taken down.
	Withdraw(ctx context.Context, draftID string, reason string) error
}

// Result is what a check finds. It is no decision and leaves no record.
type Result struct {
	Verdict  scan.Severity `json:"verdict"` // the highest severity; zero when there is nothing
	Findings []Finding     `json:"findings"`
}

// Outcome is the gate's answer to a submission.
type Outcome struct {
	State      State
	Cleared    Cleared // valid only if State.Clears()
	Submission string  // the gate's id of this decision
	Verdict    scan.Severity
	Findings   []Finding
	Deadline   time.Time // by when a reviewer decides; zero unless State.Waits()
	Comment    string    // what the reviewer says to the author
	Suggestion []Field   // the reviewer's wording, field by field; nil if none
	By         string    // the name of who decided; "" if nobody did
}

// Deps is what a gate needs.
type Deps struct {
	Store       *db.DB
	Clock       clock.Clock
	Engine      Engine
	PackVersion string      // which rules Engine applies, for the record
	Packs       *policy.Set // the same, for those who show them; may be nil
	Log         *slog.Logger
	Seed        []byte // draws the sample; keep it secret and stable
	SampleOneIn int    // one in so many passed texts goes to a reviewer afterwards; 0 is none
	Hours       review.Hours
	Targets     Targets       // how long reviewers have
	ClaimFor    time.Duration // after which another reviewer may take an item over; 0 is 30 minutes
}

// Gate decides what may become public, and remembers why. Make it with New, then RegisterJobs,
// UseQueue and UseSource before the first submission.
type Gate struct {
	store    *db.DB
	clock    clock.Clock
	rules    atomic.Pointer[rules]
	book     Rulebook
	log      *slog.Logger
	seed     []byte
	sample   int
	hours    review.Hours
	targets  Targets
	claimFor time.Duration
	queue    *jobs.Queue
	source   Source
	shown    func(Draft) []Field // nil: readers see what is written
}

// New makes a gate. It refuses an incomplete Deps: a gate without rules or hours would not be one.
func New(d Deps) (*Gate, error) {
	if d.Store == nil || d.Clock == nil || d.Engine == nil || d.Log == nil {
		return nil, errors.New("gate: store, clock, engine and log are needed")
	}
	if d.SampleOneIn < 0 || d.SampleOneIn > 0 && len(d.Seed) < 16 {
		return nil, errors.New("gate: drawing a sample needs a seed of at least 16 bytes")
	}
	if err := d.Hours.Check(); err != nil {
		return nil, fmt.Errorf("gate: %w", err)
	}
	if d.Targets.Post == 0 {
		d.Targets.Post = 4 * time.Hour
	}
	if d.Targets.Reply == 0 {
		d.Targets.Reply = 15 * time.Minute
	}
	if d.ClaimFor == 0 {
		d.ClaimFor = 30 * time.Minute
	}
	g := &Gate{store: d.Store, clock: d.Clock, log: d.Log,
		seed: d.Seed, sample: d.SampleOneIn, hours: d.Hours, targets: d.Targets, claimFor: d.ClaimFor}
	g.rules.Store(&rules{engine: d.Engine, pack: d.PackVersion, set: d.Packs})
	return g, nil
}

// UseQueue connects the job queue of the gate's store.
func (g *Gate) UseQueue(q *jobs.Queue) { g.queue = q }

// UseSource connects where drafts come from, before the queue starts.
func (g *Gate) UseSource(s Source) { g.source = s }

// down makes a fault of what the store said, so that the author is told that nothing was published.
func (g *Gate) down(err error) error {
	var f *fault.Error
	if err == nil || errors.As(err, &f) || errors.Is(err, context.Canceled) {
		return err
	}
	return fault.Wrap(err, fault.Unavailable, ErrDown.(*fault.Error).Text)
}
