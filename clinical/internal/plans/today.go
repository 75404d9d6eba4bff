package plans

import (
	"context"
	"strconv"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/chart"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
	"github.com/mitral-health/mitral/ui/text"
)

// Today is what the plans in force ask for on the day that now is in zone, done or not, in the order of the day. readings reach
// back to Monday or further, nil are read. The page shows CarePlan and Observation.
func (p *Plans) Today(ctx context.Context, page *records.Shown, patient string, readings map[vitals.Measure][]chart.Point, now time.Time, zone *time.Location) ([]Todo, error) {
	all, err := active(ctx, page, patient)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	today := DayOf(now, zone)
	m, err := marksOf(ctx, page, patient, all, today.Monday(), zone, readings)
	if err != nil {
		return nil, err
	}
	return todos(ctx, all, m, today), nil
}

// todos lists a day's things: the morning's first, the evening's last, what is done once after what returns.
func todos(ctx context.Context, all []*Plan, m *marks, today Day) []Todo {
	var out [4][]Todo
	split, seen := twice(all), map[string]bool{}
	for _, plan := range all {
		for i := range plan.Activities {
			a := &plan.Activities[i]
			if same := string(a.Measure) + a.Rhythm.Part; a.Kind == Measure && plan.asks(a, today) {
				if seen[same] { // two plans ask for one reading
					continue
				}
				seen[same] = true
			}
			todo, due := todoOf(ctx, plan, a, m, today, split[string(a.Measure)])
			if !due {
				continue
			}
			place := 1
			switch {
			case a.Rhythm.Part == morning:
				place = 0
			case a.Rhythm.Part == evening:
				place = 2
			case a.Rhythm.Once:
				place = 3
			}
			out[place] = append(out[place], todo)
		}
	}
	return append(append(append(out[0], out[1]...), out[2]...), out[3]...)
}

// todoOf is an activity as a day's thing to do, and whether it is one.
func todoOf(ctx context.Context, plan *Plan, a *Activity, m *marks, today Day, split bool) (Todo, bool) {
	week := m.weeks(plan, a, split, today, 1)
	s := week.Days[today-week.First]
	k, _ := m.of(plan, a, today, split)
	t := Todo{Kind: a.Kind, Title: a.Title.In(ctx), Measure: a.Measure, Day: today.String(), Turn: next(k), Done: s == done, Plan: plan.ID, ID: a.ID,
		Path: "/plan/" + plan.ID + "/" + a.ID}
	if t.Done {
		t.DoneAt = k.At
		if k.By != "Patient/"+plan.Patient {
			t.By = k.By
		}
	}
	was, of := week.week(plan, a)
	switch {
	case a.Kind == Measure:
		t.Path = "/add/" + string(a.Measure)
	case a.Kind == Task || a.Kind == Exercise:
		t.Press = t.Path + "/done"
	case a.Kind == Questions:
		t.Path += "/answer"
	}
	t.Hint = a.hint(ctx, was, of)
	if a.Rhythm.Weekly > 0 && was >= of {
		return t, t.Done // enough for this week
	}
	return t, s == open || s == done
}

// next is the turn of the act after k.
func next(k mark) string {
	if k.Turn == "" {
		return "0"
	}
	return strconv.Itoa(turn(k.Turn) + 1)
}

// hint says in a few words when and how much.
func (a *Activity) hint(ctx context.Context, was, of int) string {
	switch {
	case a.Rhythm.Once:
		return text.T(ctx, "Once, when it suits you")
	case a.Rhythm.Weekly > 0:
		return text.T(ctx, "%d of %d times this week", was, of)
	}
	if of <= 1 {
		return text.T(ctx, "Once this week")
	}
	return text.T(ctx, "%d of %d days this week", was, of)
}
