package triage

import (
	"context"
	"errors"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/alerts"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/thresholds"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
)

// Thresholds returns what a followed patient's readings are held against, nil if they are not followed.
func (g *Triage) Thresholds(ctx context.Context, t *records.Tx, patient string) (*thresholds.Set, error) {
	basic, err := basicOf(ctx, t.Beside(), patient)
	if err != nil {
		return nil, err
	}
	return g.readSet(ctx, t, basic)
}

func basicOf(ctx context.Context, tx db.Tx, patient string) (basic string, err error) {
	err = tx.QueryRow(ctx, `SELECT basic FROM triage_patient WHERE patient = $1 AND followed`, patient).Scan(&basic)
	if errors.Is(err, db.ErrNoRows) {
		return "", nil
	}
	return basic, err
}

// SetRule puts a rule among the patient's thresholds, in the place of the one with its id. by is who sets it, as
// records name them; with a reason the numbers are theirs, without one the rule keeps its Source.
func (g *Triage) SetRule(ctx context.Context, ask records.Ask, patient, by string, rule thresholds.Rule, reason string) error {
	return g.Records.Do(ctx, ask, func(t *records.Tx) error { return g.SetRuleIn(ctx, t, patient, by, rule, reason) })
}

// SetRuleIn is SetRule in a transaction of the caller's, such as the effect of Do.
func (g *Triage) SetRuleIn(ctx context.Context, t *records.Tx, patient, by string, rule thresholds.Rule, reason string) error {
	if reason != "" {
		rule.Source, rule.Reason = "", reason
	}
	return g.reset(ctx, t, patient, func(set *thresholds.Set) (thresholds.Set, error) { return set.With(rule, by, t.Now()) })
}

// DropRule takes a rule from the patient's thresholds. An open alert of it stays for somebody to decide; the
// reason is in the audit trail.
func (g *Triage) DropRule(ctx context.Context, ask records.Ask, patient, by, rule, reason string) error {
	return g.Records.Do(ctx, ask, func(t *records.Tx) error { return g.DropRuleIn(ctx, t, patient, by, rule, reason) })
}

// DropRuleIn is DropRule in a transaction of the caller's.
func (g *Triage) DropRuleIn(ctx context.Context, t *records.Tx, patient, by, rule, reason string) error {
	if reason == "" {
		return fault.New(fault.Invalid, "Say why.")
	}
	return g.reset(ctx, t, patient, func(set *thresholds.Set) (thresholds.Set, error) {
		if set.Rule(rule) == nil {
			return *set, fault.New(fault.NotFound, "There is no such rule any more.")
		}
		return set.Without(rule, by, t.Now()), nil
	})
}

// reset writes other thresholds; the watcher then takes them over.
func (g *Triage) reset(ctx context.Context, t *records.Tx, patient string, change func(*thresholds.Set) (thresholds.Set, error)) error {
	c, err := g.turn(ctx, t, patient) // two who change them take turns
	if err != nil {
		return err
	}
	if c == nil || !c.row.followed {
		return errNotFollowed()
	}
	set, err := g.readSet(ctx, t, c.row.basic)
	if err != nil {
		return err
	}
	next, err := change(set)
	if err != nil {
		return invalid(err)
	}
	_, _, err = g.storeSet(ctx, t, &next)
	return err
}

// invalid turns what thresholds refuse into what people read.
func invalid(err error) error {
	var wrong *thresholds.Fault
	if errors.As(err, &wrong) {
		return fault.Wrap(err, fault.Invalid, "This rule can't be used: a number in it is missing or not possible.")
	}
	return err
}

// refused turns what the life of an alert refuses into what people read.
func refused(err error) error {
	var no *alerts.Refusal
	if !errors.As(err, &no) {
		return err
	}
	switch no.Why {
	case alerts.NotNow, alerts.Backwards:
		return fault.Wrap(err, fault.Conflict, "Somebody was quicker: this alert is not as it was. Look at it again.")
	case alerts.NoReason:
		return fault.Wrap(err, fault.Invalid, "Say why.")
	case alerts.LongReason:
		return fault.Wrap(err, fault.Invalid, "Say why in fewer words.")
	case alerts.NobodyTo:
		return fault.Wrap(err, fault.Invalid, "Say to whom.")
	case alerts.BadUntil:
		return fault.Wrap(err, fault.Invalid, "Choose a time that is still to come, within 30 days.")
	}
	return fault.Wrap(err, fault.Invalid, "This can't be done with this alert.")
}

// later is now, or the time of the alert's last step if that is later: clocks of two copies may differ by a moment.
func later(now time.Time, a *alerts.Alert) time.Time {
	if last := a.Steps[len(a.Steps)-1].At; now.Before(last) {
		return last
	}
	return now
}
