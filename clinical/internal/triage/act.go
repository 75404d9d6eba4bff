package triage

import (
	"context"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/alerts"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/platform/db"
)

// Alert returns one alert, as the asker may see it.
func (g *Triage) Alert(ctx context.Context, t *records.Tx, id string) (alerts.Alert, error) {
	return alerts.Alert{}, errSoon
}

// Alerts returns a patient's alerts, newest first: the open ones, or the newest 100 of all.
func (g *Triage) Alerts(ctx context.Context, t *records.Tx, patient string, closedToo bool) ([]alerts.Alert, error) {
	return nil, errSoon
}

// Effect does what was decided, in the transaction of the decision, and returns a reference to what came of it,
// such as "Task/x". a is the alert before the step.
type Effect func(t *records.Tx, a *alerts.Alert) (result string, err error)

// Do takes one step with an alert, for a person: step and effect (nil for none) are there together or not at all. A
// step of zero At is taken now. A step that isn't possible any more because somebody was quicker is a fault of
// kind Conflict, one that lacks something of kind Invalid; the alert is then as it is now.
func (g *Triage) Do(ctx context.Context, ask records.Ask, id string, s alerts.Step, effect Effect) (alerts.Alert, error) {
	return alerts.Alert{}, errSoon
}

// Away is somebody off duty.
type Away struct {
	Practitioner string // "Practitioner/x"
	StandIn      string // "Practitioner/x"
	Until        time.Time
}

// HandOverAll makes to stand in for from until then, and hands over every alert that from has taken. It returns how many.
func (g *Triage) HandOverAll(ctx context.Context, ask records.Ask, from, to string, until time.Time) (int, error) {
	return 0, errSoon
}

// Back ends an absence before its time.
func (g *Triage) Back(ctx context.Context, ask records.Ask, practitioner string) error {
	return errSoon
}

// AwayNow returns the absence of somebody, nil if they are on duty.
func (g *Triage) AwayNow(ctx context.Context, tx db.Tx, practitioner string) (*Away, error) {
	return nil, errSoon
}

// OnDuty returns who has somebody's work now: they, or who stands in for them.
func (g *Triage) OnDuty(ctx context.Context, tx db.Tx, practitioner string) (string, error) {
	return "", errSoon
}
