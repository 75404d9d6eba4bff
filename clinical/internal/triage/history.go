package triage

import (
	"context"
	"strings"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/alerts"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
)

// Of what was measured before somebody was followed, or while they did not allow it, the newest thousand readings
// are remembered. What rules about many readings say of them counts if the newest is of the last week.
const (
	recalled = "1000"
	fresh    = 7 * 24 * time.Hour
)

// recall builds the states anew from the records.
func (c *turn) recall(ctx context.Context) error {
	if err := c.thresholds(ctx); err != nil {
		return err
	}
	var codes []string
	for _, m := range vitals.Measures() {
		d := vitals.Of(m)
		codes = append(codes, d.Code.Code)
		codes = append(codes, d.Also...)
		for _, p := range d.Parts {
			codes = append(codes, p.Code.Code)
		}
	}
	page, err := c.t.As(c.g.program).Find(ctx, "Observation", "patient", "Patient/"+c.row.patient, "_sort", "-date", "_count", recalled,
		"code", "http://loinc.org|"+strings.Join(codes, ",http://loinc.org|"))
	if err != nil {
		return err
	}
	states := map[vitals.Measure]alerts.State{}
	for i := range page.Records {
		n, err := resource.Parse(page.Records[i].Body)
		if err != nil {
			return err
		}
		r, err := vitals.Decode(n, page.Records[i].Updated)
		if err != nil {
			continue
		}
		states[r.Measure] = alerts.Evaluate(r, c.set, states[r.Measure]).State
		c.last = c.row.took(&r) || c.last
	}
	for m, s := range states {
		now, err := c.memory(ctx, m)
		if err != nil {
			return err
		}
		if now.State = s; s.Last().Before(c.t.Now().Add(-fresh)) {
			continue
		}
		for _, f := range alerts.Standing(c.set, m, s) {
			if err := c.find(ctx, f); err != nil {
				return err
			}
		}
	}
	return nil
}
