package clinical

import (
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/door"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/thresholds"
	"github.com/mitral-health/mitral/clinical/internal/triage"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/web"
)

// DemoRoutes returns what only a demonstration has: the button on the team's list by which a reading of
// somebody invented arrives.
func (c *Clinical) DemoRoutes() []web.Route {
	if c.care == nil {
		return nil
	}
	d := &door.Door{People: c.people}
	return d.Staff("POST", "/demo/reading", c.arrival)
}

// arrival stores a reading of one of the clinician's patients without an open alert, as their own app would, out of the
// band of a rule of theirs. The page stays: what comes of it shows on the list by itself.
func (c *Clinical) arrival(v *door.Visit) error {
	ctx := v.R.Context()
	page, err := c.triage.List(ctx, v.Ask, triage.Query{Mine: v.Ref, Count: 200})
	if err != nil {
		return err
	}
	var m *Measured
	for _, i := range rand.Perm(len(page.Lines)) {
		if m = outOfBand(&page.Lines[i]); m == nil {
			continue
		}
		watched := false
		if err := c.records.Look(ctx, v.Ask, func(t *records.Tx) error {
			set, err := c.triage.Thresholds(ctx, t, m.Patient)
			watched = set != nil && slices.ContainsFunc(set.For(vitals.Measure(m.Kind)), func(r thresholds.Rule) bool { return r.Kind == thresholds.Single })
			return err
		}); err != nil {
			return err
		}
		if watched {
			break
		}
		m = nil
	}
	if m == nil {
		return fault.New(fault.NotFound, "There is nobody whose reading could arrive.")
	}
	m.At = c.intake.Clock.Now().Add(-20 * time.Second)
	m.Key = "demo-" + c.records.NewID()
	if err := c.Measure(ctx, []Measured{*m}); err != nil {
		return err
	}
	v.W.WriteHeader(http.StatusNoContent)
	return nil
}

// outOfBand is a reading that asks for the team, of the kind that somebody measured last; nil if they are none to take.
func outOfBand(l *triage.Line) *Measured {
	if !l.Followed || l.Paused || l.Severity != "" || l.Alert != nil || l.Last == nil {
		return nil
	}
	d := vitals.Of(l.Last.Measure)
	m := &Measured{Patient: l.Patient, Kind: string(l.Last.Measure), Unit: d.Canonical().Code}
	some := func(from, n int) string { return strconv.Itoa(from + rand.IntN(n)) }
	switch l.Last.Measure {
	case vitals.BloodPressure:
		m.Typed = []string{some(183, 14), some(104, 12)}
	case vitals.Glucose:
		m.Typed = []string{some(56, 12)}
	case vitals.HeartRate:
		m.Typed = []string{some(132, 9)}
	case vitals.Oxygen:
		m.Typed = []string{some(84, 3)}
	default:
		return nil
	}
	return m
}
