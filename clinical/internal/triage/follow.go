package triage

import (
	"context"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/thresholds"
)

// Followed is how a patient is followed.
type Followed struct {
	Patient     string // logical id
	Responsible string // "Practitioner/x"
	Deputy      string // "Practitioner/x"; "" is nobody
	CareTeam    string // logical id of the CareTeam that says so
	Since       time.Time
	Paused      bool // the patient does not allow it at present: nothing is evaluated
}

// Follow begins to follow a patient for these conditions, or changes for what and by whom they are followed:
// it writes their thresholds (the defaults of the conditions, or, of somebody who has thresholds, those with
// the new conditions' rules added) and their CareTeam. What was measured before is taken into account and
// raises nothing, but for what the rules about many readings say is so now.
func (g *Triage) Follow(ctx context.Context, ask records.Ask, patient string, conditions []thresholds.Condition, responsible, deputy string) error {
	return g.Records.Do(ctx, ask, func(t *records.Tx) error {
		return g.FollowIn(ctx, t, patient, conditions, responsible, deputy)
	})
}

// FollowIn is Follow in a transaction of the caller's.
func (g *Triage) FollowIn(ctx context.Context, t *records.Tx, patient string, conditions []thresholds.Condition, responsible, deputy string) error {
	return errSoon
}

// Unfollow ends it: the CareTeam ends, open alerts are closed as withdrawn, with the reason.
func (g *Triage) Unfollow(ctx context.Context, ask records.Ask, patient, by, reason string) error {
	return errSoon
}

// Followed returns how a patient is followed, nil if not at all. The caller has been allowed to read the record.
func (g *Triage) Followed(ctx context.Context, t *records.Tx, patient string) (*Followed, error) {
	return nil, errSoon
}

// Thresholds returns what a followed patient's readings are held against, nil if they are not followed.
func (g *Triage) Thresholds(ctx context.Context, t *records.Tx, patient string) (*thresholds.Set, error) {
	return nil, errSoon
}

// SetRule puts a rule among the patient's thresholds, in the place of the one with its id. by is who sets it, as
// records name them; the rule's Source is emptied and reason stands in it.
func (g *Triage) SetRule(ctx context.Context, ask records.Ask, patient, by string, rule thresholds.Rule, reason string) error {
	return g.Records.Do(ctx, ask, func(t *records.Tx) error { return g.SetRuleIn(ctx, t, patient, by, rule, reason) })
}

// SetRuleIn is SetRule in a transaction of the caller's, such as the effect of Do.
func (g *Triage) SetRuleIn(ctx context.Context, t *records.Tx, patient, by string, rule thresholds.Rule, reason string) error {
	return errSoon
}

// DropRule takes a rule from the patient's thresholds. An open alert of it stays for somebody to decide.
func (g *Triage) DropRule(ctx context.Context, ask records.Ask, patient, by, rule, reason string) error {
	return g.Records.Do(ctx, ask, func(t *records.Tx) error { return g.DropRuleIn(ctx, t, patient, by, rule, reason) })
}

// DropRuleIn is DropRule in a transaction of the caller's.
func (g *Triage) DropRuleIn(ctx context.Context, t *records.Tx, patient, by, rule, reason string) error {
	return errSoon
}

// Review looks again whether the patient allows to be followed, after a change of their consent.
func (g *Triage) Review(ctx context.Context, t *records.Tx, patient string) error { return errSoon }
