package care

import (
	"context"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/door"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/ui/text"
)

// period is how much of a trend is drawn.
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
	Decided []news    // what the team decided about it, for the patient
	Daily   bool      // so many readings that List holds the means of days
	Cut     time.Time // older ones in the period are too many to show; zero if all are
}

const (
	mostReadings = 1000 // that are shown each by itself, and read at once
	mostPages    = 60   // of readings that one page adds up: half a year of a sensor that measures every five minutes
)

// whole reads all of a measure since a time, newest first: each reading, or where there are more than mostReadings the means of
// days. cut is the time of the oldest if there are still older ones.
func (c *Care) whole(ctx context.Context, t *records.Tx, patient string, m vitals.Measure, since time.Time) (list []taken, folded bool, cut time.Time, err error) {
	cursor := ""
	for n := 1; ; n++ {
		page, next, err := c.readingsAfter(ctx, t, []string{patient}, []vitals.Measure{m}, since, mostReadings, cursor)
		if err != nil {
			return nil, false, cut, err
		}
		folded = folded || next != ""
		if list = append(list, page...); folded {
			list = daily(list, text.Zone(ctx))
		}
		if next == "" {
			return list, folded, cut, nil
		}
		if n == mostPages && len(list) > 0 {
			return list, folded, list[len(list)-1].Order, nil
		}
		cursor = next
	}
}

// one reads a trend page's content.
func (c *Care) one(ctx context.Context, t *records.Tx, patient string, m vitals.Measure, p period) (view trendView, err error) {
	if vitals.Of(m) == nil {
		return view, fault.New(fault.NotFound, "There is no such page.")
	}
	now := c.Clock.Now()
	from := now.AddDate(0, 0, -p.Days)
	since := from
	if reach := now.Add(-4 * week); reach.Before(since) {
		since = reach
	}
	list, folded, cut, err := c.whole(ctx, t, patient, m, since)
	if err != nil {
		return view, err
	}
	agreed, err := c.goals(ctx, t, patient)
	if err != nil {
		return view, err
	}
	view = trendView{trend: trendOf(m, list, agreed, now), Period: p, From: from, Now: now, Daily: folded, Cut: cut}
	view.List = during(view.List, from, now.Add(time.Hour))
	view.Weeks = view.weeks(now, text.Zone(ctx), (p.Days+6)/7)
	return view, nil
}

func (c *Care) trend(v *door.Visit) error {
	var view trendView
	err := c.Records.Look(v.Ctx(), v.Ask, func(t *records.Tx) (err error) {
		if view, err = c.one(v.Ctx(), t, v.Patient, vitals.Measure(v.R.PathValue("measure")), periodOf(v.R.URL.Query().Get("for"))); err != nil {
			return err
		}
		all, err := c.decisions(v.Ctx(), t, v.Patient, view.From, 100)
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
		if err == nil {
			view, err = c.one(v.Ctx(), t, v.Patient, vitals.Measure(v.R.PathValue("measure")), periodOf(v.R.URL.Query().Get("for")))
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

// trendsOf are all measures that a patient has readings of lately.
func (c *Care) trendsOf(ctx context.Context, t *records.Tx, patient string) (out []trend, err error) {
	now := c.Clock.Now()
	list, _, err := c.readings(ctx, t, []string{patient}, vitals.Measures(), now.Add(-todayReach), mostReadings)
	if err != nil {
		return nil, err
	}
	agreed, err := c.goals(ctx, t, patient)
	for _, m := range vitals.Measures() {
		if one := trendOf(m, list, agreed, now); one.last() != nil {
			out = append(out, one)
		}
	}
	return out, err
}

func (c *Care) trends(v *door.Visit) error {
	var all []trend
	err := c.Records.Look(v.Ctx(), v.Ask, func(t *records.Tx) (err error) {
		all, err = c.trendsOf(v.Ctx(), t, v.Patient)
		return err
	})
	if err != nil {
		return err
	}
	return web.Render(v.W, v.R, trendsPage(all, trendsView{Now: c.Clock.Now()}))
}
