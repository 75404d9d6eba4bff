package care

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/alerts"
	"github.com/mitral-health/mitral/clinical/internal/door"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/triage"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/ui"
	"github.com/mitral-health/mitral/ui/text"
)

// load is what one professional has before and behind them.
type load struct {
	colleague
	triage.Workload
	Away     *triage.Away
	AwayName string // who stands in
	Now      time.Time
}

// workView is the team's work.
type workView struct {
	Mine   load
	Others []load
	Most   int // of what waits and of what came, for the length of bars
	Tasks  []assignment
	People map[string]person // whom the tasks are about
	Names  map[string]string
	Staff  []colleague
	Quiet  alerts.Quiet
	Me     string
	Now    time.Time
	Done   string
	Error  string
	To     string
}

func (c *Care) work(v *door.Visit) error { return c.showWork(v, http.StatusOK, "", nil) }

func (c *Care) showWork(v *door.Visit, status int, to string, wrong error) error {
	view := &workView{}
	err := c.Records.Look(v.Ctx(), v.Ask, func(t *records.Tx) (err error) {
		*view = workView{Now: c.Clock.Now(), Me: v.Ref, Quiet: c.Triage.Policy.Quiet, Done: v.R.URL.Query().Get("done"), To: to, People: map[string]person{}}
		if view.Staff, err = c.colleagues(v.Ctx(), t); err != nil {
			return err
		}
		if view.Tasks, err = c.openTasks(v.Ctx(), t, "owner", v.Ref); err != nil {
			return err
		}
		refs := []string{}
		for _, k := range view.Tasks {
			refs = append(refs, k.From)
			if _, ok := view.People[k.Patient]; !ok && k.Patient != "" {
				if view.People[k.Patient], err = c.who(v.Ctx(), t, k.Patient); err != nil {
					return err
				}
			}
		}
		if view.Names, err = c.staffNames(v.Ctx(), t, refs...); err != nil {
			return err
		}
		for _, one := range view.Staff {
			l := load{colleague: one, Now: view.Now}
			if l.Away, err = c.Triage.AwayNow(v.Ctx(), t.Beside(), one.Ref); err != nil {
				return err
			}
			if l.Away != nil {
				for _, s := range view.Staff {
					if s.Ref == l.Away.StandIn {
						l.AwayName = s.Name
					}
				}
			}
			if one.Ref == v.Ref {
				view.Mine = l
			} else {
				view.Others = append(view.Others, l)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if view.Mine.Ref == "" {
		view.Mine.colleague = colleague{v.Ref, v.Name}
	}
	all := []*load{&view.Mine}
	for i := range view.Others {
		all = append(all, &view.Others[i])
	}
	for _, l := range all {
		if l.Workload, err = c.Triage.Workload(v.Ctx(), v.Ask, l.Ref); err != nil {
			return err
		}
		view.Most = max(view.Most, l.Waiting, l.Raised7)
	}
	if wrong != nil {
		view.Error = text.Fault(v.Ctx(), wrong)
	}
	return web.RenderStatus(v.W, v.R, status, workPage(view))
}

// handOver gives one's list to a stand-in, or takes it back.
func (c *Care) handOver(v *door.Visit) error {
	form, err := web.Form(v.R)
	if err != nil {
		return err
	}
	done, to := "away", form.Get("to")
	if form.Get("do") == "back" {
		done, err = "back", c.Triage.Back(v.Ctx(), v.Ask, v.Ref)
	} else {
		err = c.awayUntil(v, to, form.Get("until"), form.Get("day"))
	}
	if err != nil {
		return refused(err, func(status int, wrong error) error { return c.showWork(v, status, to, wrong) })
	}
	return web.Redirect(v.W, v.R, "/care/work?done="+done)
}

func (c *Care) awayUntil(v *door.Visit, to, choice, day string) error {
	now, zone := c.Clock.Now(), text.Zone(v.Ctx())
	when, err := until(choice, now, zone)
	if choice == "day" {
		when, err = time.ParseInLocation(time.DateOnly, strings.TrimSpace(day), zone)
		when = when.Add(morning * time.Hour)
		if err != nil || !when.After(now) {
			err = fault.New(fault.Invalid, "Choose a day that is still to come.")
		}
	}
	if err != nil {
		return err
	}
	if to == v.Ref {
		return fault.New(fault.Invalid, "Choose a colleague.")
	}
	if err := c.mustKnow(v, to); err != nil {
		return err
	}
	_, err = c.Triage.HandOverAll(v.Ctx(), v.Ask, v.Ref, to, when)
	return err
}

// quietWords says when the team is not at work, "" if always.
func quietWords(ctx context.Context, q alerts.Quiet) string {
	hour := func(d time.Duration) string {
		return strings.TrimPrefix(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).Add(d).Format("15:04"), "0")
	}
	var s string
	if q.From != q.To {
		s = text.T(ctx, "Quiet hours are from %s to %s.", hour(q.From), hour(q.To))
	}
	if q.Weekends {
		s += space(text.T(ctx, "Weekends are quiet."))
	}
	return strings.TrimSpace(s)
}

// spanWord is a choice of until when.
func spanWord(ctx context.Context, choice string) string {
	switch choice {
	case "4h":
		return text.T(ctx, "In 4 hours")
	case "tomorrow":
		return text.T(ctx, "Tomorrow morning")
	case "monday":
		return text.T(ctx, "Monday morning")
	case "3d":
		return text.T(ctx, "In 3 days")
	case "7d":
		return text.T(ctx, "In a week")
	}
	return text.T(ctx, "In two weeks")
}

func spanChoices(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, s := range spans {
		out = append(out, ui.Option{Value: s, Label: spanWord(ctx, s)})
	}
	return out
}

func length(n, most int) string { return strconv.Itoa(100 * n / max(1, most)) }

func waitsWords(ctx context.Context, l *load) string {
	switch {
	case l.Waiting == 0:
		return text.T(ctx, "Nothing waits.")
	case l.Waiting == 1 && l.Urgent == 1:
		return text.T(ctx, "It is urgent, and has waited %s.", waited(ctx, l.Longest))
	case l.Waiting == 1:
		return text.T(ctx, "It has waited %s.", waited(ctx, l.Longest))
	}
	s := text.T(ctx, "Longest %s, median %s.", waited(ctx, l.Longest), waited(ctx, l.Median))
	if l.Urgent > 0 {
		s = text.N(ctx, l.Urgent, "One is urgent.", "%d are urgent.") + " " + s
	}
	return s
}

func quietOf(ctx context.Context, n int) string {
	if n == 0 {
		return text.T(ctx, "None out of hours.")
	}
	return text.N(ctx, n, "One out of hours.", "%d out of hours.")
}

func decidedWords(ctx context.Context, l *load) string {
	s := text.T(ctx, "All without an action.")
	if l.Acted28 > 0 {
		s = text.N(ctx, l.Acted28, "One with an action.", "%d with an action.")
	}
	return s + " " + text.T(ctx, "From alert to decision: median %s.", waited(ctx, l.ToDecide))
}
