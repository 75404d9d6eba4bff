package care

import (
	"context"
	"slices"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/alerts"
	"github.com/mitral-health/mitral/clinical/internal/door"
	"github.com/mitral-health/mitral/clinical/internal/plans"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/ui/text"
)

// due is one thing to measure today, or measured already.
type due struct {
	trend
	Done *taken // today's; nil if it is still to be done
}

// todayView is what the first page of the app shows.
type todayView struct {
	Name   string // given
	Whole  string // name
	Now    time.Time
	Main   *trend // what is measured most
	Others []trend
	Due    []due
	Todos  []plans.Todo      // what the plan asks for, but for readings that are due anyway
	Unread int               // messages
	News   []news            // what the team decided, which goals are new
	Looked *records.LookedAt // the newest look of somebody else
	Sent   *trend            // what was just added
	Alert  *alerts.Alert     // an urgent one that the team has not decided about yet
}

func (c *Care) today(v *door.Visit) error {
	now, zone := c.Clock.Now(), text.Zone(v.Ctx())
	view := todayView{Name: given(v.Name), Whole: v.Name, Now: now}
	err := c.Records.Look(v.Ctx(), v.Ask, func(t *records.Tx) error {
		view = todayView{Name: given(v.Name), Whole: v.Name, Now: now}
		page, err := t.Shows(v.Ctx(), "today", v.Patient, "Observation", "Goal", "CarePlan", "DetectedIssue", records.Trail)
		if err != nil {
			return err
		}
		read, err := c.lately(v.Ctx(), page, v.Patient)
		if err != nil {
			return err
		}
		agreed, fresh, err := c.goalsOf(v.Ctx(), page, v.Patient, now.Add(-newsReach))
		if err != nil {
			return err
		}
		if view.Todos, err = c.Plans.Today(v.Ctx(), page, v.Patient, read, now, zone); err != nil {
			return err
		}
		if view.Unread, err = c.Talk.Unread(v.Ctx(), t, v.Patient, v.Ref); err != nil {
			return err
		}
		if view.News, err = c.decisions(v.Ctx(), t, page, v.Patient, now.Add(-newsReach), newsMost); err != nil {
			return err
		}
		view.News = append(view.News, fresh...)
		view.fill(trendsOf(read, agreed, now, zone), now, zone, v.R.URL.Query().Get("sent"))
		if view.Alert, err = c.Triage.Pressing(v.Ctx(), page, v.Patient); err != nil {
			return err
		}
		view.Looked, err = page.LastLook(v.Ctx())
		return err
	})
	if err != nil {
		return err
	}
	return web.Render(v.W, v.R, todayPage(&view))
}

// fill sorts the trends into what is shown.
func (view *todayView) fill(all []trend, now time.Time, zone *time.Location, sent string) {
	for _, t := range all {
		if string(t.Measure) == sent {
			view.Sent = &t
		}
		if view.Main == nil || len(t.List) > len(view.Main.List) {
			if view.Main != nil {
				view.Others = append(view.Others, *view.Main)
			}
			view.Main = &t
		} else {
			view.Others = append(view.Others, t)
		}
		passed, every := day(now, zone)-day(t.last().Order, zone), t.every(zone)
		switch {
		case passed == 0 && every > 0:
			view.Due = append(view.Due, due{t, t.last()})
		case every > 0 && passed >= every && passed <= 4*7:
			view.Due = append(view.Due, due{t, nil})
		}
	}
	// What the plan asks to measure stands once, as the plan says it.
	asked := map[vitals.Measure]bool{}
	for _, todo := range view.Todos {
		asked[todo.Measure] = todo.Measure != ""
	}
	view.Due = slices.DeleteFunc(view.Due, func(d due) bool { return asked[d.Measure] })
}

// told is what has become of the alert so far.
func (view *todayView) told(ctx context.Context) string {
	if view.Alert.Status == alerts.Acknowledged {
		return text.T(ctx, "Somebody of your team has it.")
	}
	return text.T(ctx, "It is on your team’s list, but perhaps nobody sees it at once.")
}

// unit is what a measure is shown in, nil if nothing is known of it.
func (view *todayView) unit(m vitals.Measure) *vitals.Unit {
	for _, t := range view.Others {
		if t.Measure == m {
			return t.Unit
		}
	}
	if view.Main != nil && view.Main.Measure == m {
		return view.Main.Unit
	}
	return nil
}

// kinds offers what can be added.
func (c *Care) kinds(v *door.Visit) error { return web.Render(v.W, v.R, kindsPage()) }
