package clinical

import (
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/door"
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

// arrival stores a reading of one of the clinician's patients for whom nothing waits, as their own app would, out of the
// band. The page stays: what comes of it shows on the list by itself.
func (c *Clinical) arrival(v *door.Visit) error {
	ctx := v.R.Context()
	page, err := c.triage.List(ctx, v.Ask, triage.Query{Mine: v.Ref, Count: 200})
	if err != nil {
		return err
	}
	var all []Measured
	for i := range page.Lines {
		if m := outOfBand(&page.Lines[i]); m != nil {
			all = append(all, *m)
		}
	}
	if len(all) == 0 {
		return fault.New(fault.NotFound, "There is nobody whose reading could arrive.")
	}
	m := all[rand.IntN(len(all))]
	m.At = c.intake.Clock.Now().Add(-20 * time.Second)
	m.Key = "demo-" + c.records.NewID()
	if err := c.Measure(ctx, []Measured{m}); err != nil {
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
	case vitals.Weight:
		m.Typed = []string{(l.Last.Values[0] + vitals.Units(3)).Digits(1)}
	default:
		return nil
	}
	return m
}
