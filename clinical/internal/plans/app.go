package plans

import (
	"time"

	"github.com/mitral-health/mitral/clinical/internal/door"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/ui/text"
)

// row is one activity with what was done of it.
type row struct {
	Plan *Plan
	*Activity
	record
}

// mineView is the patient's page of everything agreed.
type mineView struct {
	Now   time.Time
	Plans []*Plan
	Todo  []Todo
	Rows  []row // what returns, this week
}

// of lists the activities of a kind.
func (v *mineView) of(k Kind) (out []row) {
	for _, p := range v.Plans {
		for i := range p.Activities {
			if p.Activities[i].Kind == k {
				out = append(out, row{Plan: p, Activity: &p.Activities[i]})
			}
		}
	}
	return out
}

func (p *Plans) mine(v *door.Visit) error {
	var view mineView
	now, zone := p.Clock.Now(), text.Zone(v.Ctx())
	err := p.Records.Look(v.Ctx(), v.Ask, func(t *records.Tx) error {
		view = mineView{Now: now}
		page, err := t.Shows(v.Ctx(), "plan", v.Patient, "CarePlan", "Goal", "Observation")
		if err != nil {
			return err
		}
		all, err := active(v.Ctx(), page, v.Patient)
		if err != nil || len(all) == 0 {
			return err
		}
		agreed, err := page.All(v.Ctx(), "Goal", 200)
		if err != nil {
			return err
		}
		if err := fill(all, agreed); err != nil {
			return err
		}
		today := DayOf(now, zone)
		m, err := marksOf(v.Ctx(), page, v.Patient, all, today.Monday(), zone, nil)
		if err != nil {
			return err
		}
		view.Plans, view.Todo, view.Rows = all, todos(v.Ctx(), all, m, today), rows(all, m, today, 1)
		return nil
	})
	if err != nil {
		return err
	}
	return web.Render(v.W, v.R, minePage(&view))
}

// rows are the activities that return, with their last n weeks.
func rows(all []*Plan, m *marks, today Day, n int) (out []row) {
	split, seen := twice(all), map[string]bool{}
	for _, plan := range all {
		for i := range plan.Activities {
			a := &plan.Activities[i]
			same := string(a.Measure) + a.Rhythm.Part
			if a.Rhythm.Once || a.Kind == Measure && seen[same] {
				continue
			}
			seen[same] = true
			r := row{plan, a, m.weeks(plan, a, split[string(a.Measure)], today, n)}
			if _, of := r.count(plan, a, r.First, today.Monday()+7); of > 0 {
				out = append(out, r)
			}
		}
	}
	return out
}

// oneView is the page of one activity.
type oneView struct {
	row
	Todo  Todo
	Due   bool // today
	Now   time.Time
	Drill *Drill
	Check *Check
	Told  []told
	Sent  bool   // has just been told
	Was   bool   // something to be done once was
	By    string // reference of who
	Read  Day    // when
}

// shownWeeks is how far back the calendar of an activity reaches.
const shownWeeks = 5

// find reads an activity of a plan in force, by the request's path.
func (p *Plans) current(v *door.Visit, t *records.Tx) (*Plan, *Activity, error) {
	plan, err := p.plan(v.Ctx(), t, v.Patient, v.R.PathValue("plan"), 0)
	if err != nil {
		return nil, nil, err
	}
	a := plan.activity(v.R.PathValue("activity"))
	if a == nil || plan.Status != Active {
		return nil, nil, absent()
	}
	return plan, a, nil
}

func (p *Plans) one(v *door.Visit) error {
	var view oneView
	now, zone := p.Clock.Now(), text.Zone(v.Ctx())
	err := p.Records.Look(v.Ctx(), v.Ask, func(t *records.Tx) error {
		plan, a, err := p.current(v, t)
		if err != nil {
			return err
		}
		today := DayOf(now, zone)
		page, err := t.Shows(v.Ctx(), "plan", v.Patient, "Observation")
		if err != nil {
			return err
		}
		m, err := marksOf(v.Ctx(), page, v.Patient, []*Plan{plan}, today.Monday()-7*(shownWeeks-1), zone, nil)
		if err != nil {
			return err
		}
		split := twice([]*Plan{plan})[string(a.Measure)]
		view = oneView{row: row{plan, a, m.weeks(plan, a, split, today, shownWeeks)}, Now: now, Drill: books().exercises[a.Uses], Sent: v.R.URL.Query().Has("told")}
		view.Todo, view.Due = todoOf(v.Ctx(), plan, a, m, today, split)
		if a.Rhythm.Once {
			var k mark
			view.Read, k = m.last(plan, a)
			view.Was, view.By = k.Done, k.By
		}
		if a.Kind == Questions {
			view.Check = books().checks[a.Uses]
			view.Told, err = p.lately(v.Ctx(), t, v.Patient, plan.ID, 12)
			view.Told = only(view.Told, a.Uses, 4)
		}
		return err
	})
	if err != nil {
		return err
	}
	return web.Render(v.W, v.R, onePage(&view))
}

// only keeps the first n that are of one check-in.
func only(all []told, check string, n int) (out []told) {
	for _, t := range all {
		if t.Check == check && len(out) < n {
			out = append(out, t)
		}
	}
	return out
}

// lateDays is for how many days back somebody may say that something was done: a phone without a network sends late.
const lateDays = 7

// press stores that something was done, or that it was not after all.
func (p *Plans) press(v *door.Visit) error {
	form, err := web.Form(v.R)
	if err != nil {
		return err
	}
	now := p.Clock.Now()
	today := DayOf(now, text.Zone(v.Ctx()))
	day, ok := ParseDay(form.Get("day"))
	if !ok || day > today || day < today-lateDays {
		return fault.New(fault.Invalid, "This is about another day. Open the page again.")
	}
	err = p.Records.Do(v.Ctx(), v.Ask, func(t *records.Tx) error {
		plan, a, err := p.current(v, t)
		if err == nil && a.Kind == Questions {
			err = absent()
		}
		if err == nil {
			err = p.mark(v.Ctx(), t, plan, a.ID, act{by: v.Ref, day: day, at: now, turn: form.Get("turn"), done: form.Get("not") == ""})
		}
		return err
	})
	if err != nil {
		return err
	}
	switch form.Get("back") {
	case "today":
		return web.Redirect(v.W, v.R, v.Path(""))
	case "plan":
		return web.Redirect(v.W, v.R, v.Path("/plan"))
	}
	return web.Redirect(v.W, v.R, v.Path("/plan/"+v.R.PathValue("plan")+"/"+v.R.PathValue("activity")))
}
