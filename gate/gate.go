package gate

import (
	"context"
	"log/slog"
	"time"

	"github.com/mitral-health/mitral/gate/review"
	"github.com/mitral-health/mitral/gate/scan"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/db"
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
	PackVersion string // which rules Engine applies, for the record
	Log         *slog.Logger
	Seed        []byte // draws the sample; keep it secret and stable
	SampleOneIn int    // one in so many passed texts goes to a reviewer afterwards; 0 is none
	Hours       review.Hours
	ClaimFor    time.Duration // after which another reviewer may take an item over; 0 is 30 minutes
}
