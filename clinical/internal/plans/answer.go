package plans

import (
	"net/http"
	"strconv"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/door"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/thresholds"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/ui/text"
)

// askView is one question of a check-in or, with N = len(Items), all the answers before they are sent.
type askView struct {
	*Check
	Plan   *Plan
	Title  string
	ID     string // of the activity
	Chosen map[string]string
	N      int
	Wrong  bool // nothing was chosen
	Day    string
	Turn   string
	Now    time.Time
}

// Item is the question of the page; nil if it is the one with all the answers.
func (v *askView) Item() *Item {
	if v.N < len(v.Items) {
		return &v.Items[v.N]
	}
	return nil
}

// urgent reports whether one of the answers so far asks for help at once.
func (v *askView) urgent() bool {
	for i := range v.Items {
		if a, ok := v.Items[i].take(v.Chosen[v.Items[i].ID]); ok && a.Wait == thresholds.Urgent {
			return true
		}
	}
	return false
}

// open is the first question without an answer; their number if all have one.
func (v *askView) open() int {
	for i := range v.Items {
		if _, ok := v.Items[i].take(v.Chosen[v.Items[i].ID]); !ok {
			return i
		}
	}
	return len(v.Items)
}

// questions reads what a page of a check-in needs.
func (p *Plans) questions(v *door.Visit, t *records.Tx) (*askView, error) {
	plan, a, err := p.current(v, t)
	if err != nil {
		return nil, err
	}
	check := books().checks[a.Uses]
	if a.Kind != Questions || check == nil {
		return nil, absent()
	}
	now, zone := p.Clock.Now(), text.Zone(v.Ctx())
	view := &askView{Check: check, Plan: plan, Title: a.Title.In(v.Ctx()), ID: a.ID, Now: now, Day: DayOf(now, zone).String()}
	if view.Chosen, err = draft(v.Ctx(), t, plan.ID, a.ID); err != nil {
		return nil, err
	}
	page, err := t.Shows(v.Ctx(), "plan", v.Patient, "Observation")
	if err != nil {
		return nil, err
	}
	m, err := marksOf(v.Ctx(), page, v.Patient, []*Plan{plan}, DayOf(now, zone), zone, nil)
	if err != nil {
		return nil, err
	}
	view.Turn = next(m.said[plan.ID+"."+a.ID][DayOf(now, zone)])
	view.N = view.open()
	return view, nil
}

// ask shows the question that is next, or the one that the address names.
func (p *Plans) ask(v *door.Visit) error {
	var view *askView
	err := p.Records.Look(v.Ctx(), v.Ask, func(t *records.Tx) (err error) {
		view, err = p.questions(v, t)
		return err
	})
	if err != nil {
		return err
	}
	if n, err := strconv.Atoi(v.R.URL.Query().Get("q")); err == nil && n >= 1 && n <= view.N {
		view.N = n - 1
	}
	return web.Render(v.W, v.R, askPage(view))
}

// answer keeps one answer and goes on, or sends all of them.
func (p *Plans) answer(v *door.Visit) error {
	form, err := web.Form(v.R)
	if err != nil {
		return err
	}
	var view *askView
	to := v.Path("/plan/" + v.R.PathValue("plan") + "/" + v.R.PathValue("activity"))
	err = p.Records.Do(v.Ctx(), v.Ask, func(t *records.Tx) error {
		var err error
		if view, err = p.questions(v, t); err != nil {
			return err
		}
		if form.Get("do") == "send" {
			return p.send(v, t, view, form.Get("day"), form.Get("turn"))
		}
		item, at := view.item(form.Get("item"))
		if item == nil {
			return fault.New(fault.Invalid, "Choose one of the answers.")
		}
		view.N = at
		if chosen := form.Get("a"); chosen != "" {
			if _, ok := item.take(chosen); !ok {
				return fault.New(fault.Invalid, "Choose one of the answers.")
			}
			view.Chosen[item.ID] = chosen
			if err := keep(v.Ctx(), t, v.Patient, view.Plan.ID, view.ID, view.Chosen); err != nil {
				return err
			}
		}
		_, answered := item.take(view.Chosen[item.ID])
		view.Wrong = !answered && form.Get("do") != "back"
		return nil
	})
	switch {
	case err != nil:
		return err
	case form.Get("do") == "send":
		return web.Redirect(v.W, v.R, to+"?told")
	case view.Wrong:
		return web.RenderStatus(v.W, v.R, http.StatusUnprocessableEntity, askPage(view))
	case form.Get("do") == "back":
		return web.Redirect(v.W, v.R, to+"/answer?q="+strconv.Itoa(max(view.N, 1)))
	case form.Get("do") == "check":
		return web.Redirect(v.W, v.R, to+"/answer")
	}
	return web.Redirect(v.W, v.R, to+"/answer?q="+strconv.Itoa(view.N+2))
}

// send tells the team what was chosen. day and turn are those of the page that was sent, so that the same page
// sent again says nothing twice.
func (p *Plans) send(v *door.Visit, t *records.Tx, view *askView, day, turn string) error {
	d, ok := ParseDay(day)
	today, _ := ParseDay(view.Day)
	if !ok || d > today || d < today-lateDays {
		return fault.New(fault.Invalid, "This is about another day. Open the page again.")
	}
	err := p.tell(v.Ctx(), t, view.Plan, view.ID, act{by: v.Ref, day: d, at: view.Now, turn: turn, done: true}, view.Chosen)
	if err != nil {
		return err
	}
	return keep(v.Ctx(), t, v.Patient, view.Plan.ID, view.ID, nil)
}
