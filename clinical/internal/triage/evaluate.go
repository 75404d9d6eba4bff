package triage

import (
	"context"
	"slices"

	"github.com/mitral-health/mitral/clinical/internal/alerts"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/thresholds"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
)

// evaluate holds readings against the patient's rules, and takes back what rested on readings that were none.
func (c *turn) evaluate(ctx context.Context, n *news) error {
	if err := c.thresholds(ctx); err != nil {
		return err
	}
	gone, err := c.forget(ctx, n)
	if err != nil {
		return err
	}
	var found []alerts.Finding
	slices.SortStableFunc(n.readings, func(a, b vitals.Reading) int { return a.Order.Compare(b.Order) })
	for _, r := range n.readings {
		m, err := c.memory(ctx, r.Measure)
		if err != nil {
			return err
		}
		res := alerts.Evaluate(r, c.set, m.State)
		m.State = res.State
		c.last = c.row.took(&r) || c.last
		for _, f := range res.Findings {
			found = append(found, f)
			if err := c.find(ctx, f); err != nil {
				return err
			}
		}
		if err := c.answer(ctx, res.Answered); err != nil {
			return err
		}
	}
	return c.withdraw(ctx, gone, found)
}

// lost is a reading that was taken out.
type lost struct {
	measure vitals.Measure
	key     string
}

// forget takes the readings out that were corrected, withdrawn or deleted.
func (c *turn) forget(ctx context.Context, n *news) (gone []lost, err error) {
	for _, w := range n.fixed {
		body, err := c.t.Before(ctx, w)
		if err != nil || body == nil {
			return gone, err
		}
		was, err := resource.Parse(body)
		if err != nil {
			return gone, err
		}
		r, err := vitals.Decode(was, c.t.Now())
		if err != nil {
			continue // it was no reading
		}
		m, err := c.memory(ctx, r.Measure)
		if err != nil {
			return gone, err
		}
		m.State = m.Forget(r.Key)
		gone = append(gone, lost{r.Measure, r.Key})
	}
	return gone, nil
}

// answer closes the alerts about readings that were missing.
func (c *turn) answer(ctx context.Context, rules []string) error {
	if len(rules) == 0 {
		return nil
	}
	if err := c.load(ctx); err != nil {
		return err
	}
	for _, rule := range rules {
		if a := c.of(rule); a != nil && a.First.Kind == thresholds.Missing {
			if err := c.step(a, alerts.Step{Do: alerts.Answer}); err != nil {
				return err
			}
		}
	}
	return nil
}

// withdraw closes the alerts that rest on nothing but readings that were taken out.
func (c *turn) withdraw(ctx context.Context, gone []lost, found []alerts.Finding) error {
	if len(gone) == 0 {
		return nil
	}
	if err := c.load(ctx); err != nil {
		return err
	}
	for _, l := range gone {
		standing := alerts.Standing(c.set, l.measure, c.states[l.measure].State)
		for _, a := range c.open {
			if a.Status == alerts.Closed || a.First.Measure != l.measure || a.First.Reading != l.key || a.Latest.Reading != l.key || a.First.Kind == thresholds.Missing ||
				contains(found, a.First.Rule) || contains(standing, a.First.Rule) {
				continue
			}
			if err := c.step(a, alerts.Step{Do: alerts.Withdraw, Reason: withdrawn}); err != nil {
				return err
			}
		}
	}
	return nil
}

// consent looks whether the patient lets the team follow them now, and pauses or goes on accordingly.
func (c *turn) consent(ctx context.Context) (bool, error) {
	ok, err := c.g.allowed(ctx, c.t.Beside(), c.row.patient)
	if err != nil || ok != c.row.paused {
		return ok, err
	}
	c.row.paused, c.dirty = !ok, true
	if !ok {
		return false, nil
	}
	return true, c.recall(ctx)
}
