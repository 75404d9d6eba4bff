package triage

import (
	"context"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/alerts"
	"github.com/mitral-health/mitral/clinical/internal/records"
)

// Load is how much alerting one patient caused in the last 28 days, and what would be quieter.
type Load struct {
	alerts.Load
	Week    alerts.Load // of the last 7 days
	Quieter []alerts.Suggestion
}

// Load returns it to who may read the patient's alerts.
func (g *Triage) Load(ctx context.Context, t *records.Tx, patient string) (Load, error) {
	return Load{}, errSoon
}

// Workload is what one professional has before and behind them.
type Workload struct {
	Waiting   int // patients of theirs for whom something waits
	Urgent    int // of them urgent
	Median    time.Duration
	Longest   time.Duration
	Raised7   int // alerts of patients of theirs in the last 7 days
	Raised28  int
	Quiet7    int // of them raised out of hours
	Quiet28   int
	Decided7  int // by them
	Decided28 int
	Acted28   int           // of them with an action
	ToDecide  time.Duration // median from raised to decided, of the 28 days
}

// Workload returns it, for "Practitioner/x".
func (g *Triage) Workload(ctx context.Context, ask records.Ask, practitioner string) (Workload, error) {
	return Workload{}, errSoon
}
