package care

import (
	"context"
	"time"

	charted "github.com/mitral-health/mitral/clinical/internal/chart"
	"github.com/mitral-health/mitral/clinical/internal/door"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/ui/text"
)

// period is how much of a trend is reads.
type period struct {
	Name string // in the address
	Days int
}

var periods = []period{{"week", 7}, {"month", 28}, {"half-year", 182}}

func periodOf(name string) period {
	for _, p := range periods {
		if p.Name == name {
			return p
		}
	}
	return periods[1]
}

func (p period) label(ctx context.Context) string {
	switch p.Name {
	case "week":
		return text.T(ctx, "1 week")
	case "half-year":
		return text.T(ctx, "6 months")
	}
	return text.T(ctx, "4 weeks")
}

func (p period) last(ctx context.Context) string {
	switch p.Name {
	case "week":
		return text.T(ctx, "last week")
	case "half-year":
		return text.T(ctx, "last 6 months")
	}
	return text.T(ctx, "last 4 weeks")
}

// trendView is the page of one measure, for the patient or the team.
type trendView struct {
	trend
	Own     bool
	Path    string // of the page, without the period
	Back    string
	Name    string // of the patient, for the team
	Period  period
	From    time.Time
	Now     time.Time
	Weeks   []weekOf
	Decided []news // what the team decided about it, for the patient
	Daily   bool   // so many readings that List holds the means of days
}

// mostReadings is how many readings of one picture are shown each by itself.
const mostReadings = 1000

// one reads a trend page's content.
func (c *Care) one(ctx context.Context, page *records.Shown, patient string, m vitals.Measure, p period) (view trendView, err error) {
	if vitals.Of(m) == nil {
		return view, fault.New(fault.NotFound, "There is no such page.")
	}
	now := c.Clock.Now()
	from := now.AddDate(0, 0, -p.Days)
	since := from
	if reach := now.Add(-4 * week); reach.Before(since) {
		since = reach
	}
	read, err := charted.Since(ctx, page, patient, m, since)
	if err != nil {
		return view, err
	}
	agreed, _, err := c.goalsOf(ctx, page, patient, time.Time{})
	if err != nil {
		return view, err
	}
	view = trendView{Period: p, From: from, Now: now}
	view.trend, view.Daily = trendDrawn(m, read[m], mostReadings, agreed, now, text.Zone(ctx))
	view.List = during(view.List, from, now.Add(time.Hour))
	view.Weeks = view.weeks(now, text.Zone(ctx), (p.Days+6)/7)
	return view, nil
}

func (c *Care) trend(v *door.Visit) error {
	var view trendView
	err := c.Records.Look(v.Ctx(), v.Ask, func(t *records.Tx) (err error) {
		page, err := t.Shows(v.Ctx(), "trend", v.Patient, "Observation", "Goal", "DetectedIssue")
		if err != nil {
			return err
		}
		if view, err = c.one(v.Ctx(), page, v.Patient, vitals.Measure(v.R.PathValue("measure")), periodOf(v.R.URL.Query().Get("for"))); err != nil {
			return err
		}
		all, err := c.decisions(v.Ctx(), t, page, v.Patient, view.From, 100)
		for _, n := range all {
			if n.Measure == view.Measure {
				view.Decided = append(view.Decided, n)
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	view.Own, view.Path, view.Back = true, v.Path("/trends/"+string(view.Measure)), v.Path("/trends")
	return web.Render(v.W, v.R, ownTrendPage(&view))
}

func (c *Care) patientTrend(v *door.Visit) error {
	var view trendView
	err := c.Records.Look(v.Ctx(), v.Ask, func(t *records.Tx) error {
		p, err := c.who(v.Ctx(), t, v.Patient)
		if err != nil {
			return err
		}
		page, err := t.Shows(v.Ctx(), "trend", v.Patient, "Observation", "Goal")
		if err == nil {
			view, err = c.one(v.Ctx(), page, v.Patient, vitals.Measure(v.R.PathValue("measure")), periodOf(v.R.URL.Query().Get("for")))
			view.Name = p.Name
		}
		return err
	})
	if err != nil {
		return err
	}
	view.Back = "/care/" + v.Patient
	view.Path = view.Back + "/trends/" + string(view.Measure)
	return web.Render(v.W, v.R, teamTrendPage(&view))
}

func (c *Care) trends(v *door.Visit) error {
	var all []trend
	err := c.Records.Look(v.Ctx(), v.Ask, func(t *records.Tx) (err error) {
		page, err := t.Shows(v.Ctx(), "trends", v.Patient, "Observation", "Goal")
		if err == nil {
			all, err = c.cards(v.Ctx(), page, v.Patient, text.Zone(v.Ctx()))
		}
		return err
	})
	if err != nil {
		return err
	}
	return web.Render(v.W, v.R, trendsPage(all, trendsView{Now: c.Clock.Now()}))
}
