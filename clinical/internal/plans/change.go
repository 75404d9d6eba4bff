package plans

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"github.com/mitral-health/mitral/clinical/internal/door"
	"github.com/mitral-health/mitral/clinical/internal/people"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/ui"
	"github.com/mitral-health/mitral/ui/text"
)

// changeView is the form in which a plan is adapted.
type changeView struct {
	*Plan
	Name   string
	Why    string
	Wrong  []ui.FieldError
	Opened string // id of what was just added: it stands open
}

func (p *Plans) changeable(v *door.Visit) (*changeView, error) {
	view := &changeView{}
	err := p.Records.Look(v.Ctx(), v.Ask, func(t *records.Tx) (err error) {
		if view.Name, err = people.Name(v.Ctx(), t, v.Patient); err == nil {
			view.Plan, err = p.plan(v.Ctx(), t, v.Patient, v.R.PathValue("plan"), 0)
		}
		if err == nil && view.Status != Draft && view.Status != Active {
			err = absent()
		}
		return err
	})
	return view, err
}

func (p *Plans) changePage(v *door.Visit) error {
	view, err := p.changeable(v)
	if err != nil {
		return err
	}
	return web.Render(v.W, v.R, changePageTempl(view))
}

func (p *Plans) change(v *door.Visit) error {
	form, err := web.Form(v.R)
	if err != nil {
		return err
	}
	view, err := p.changeable(v)
	if err != nil {
		return err
	}
	before := *view.Plan
	read := reader{form: form, lang: text.Lang(v.Ctx()), today: DayOf(p.Clock.Now(), text.Zone(v.Ctx()))}
	now, wrong := read.plan(v.Ctx(), &before)
	view.Plan, view.Why, view.Wrong = now, form.Get("why"), wrong
	if what, ok := strings.CutPrefix(form.Get("do"), "add"); ok && what == "" {
		view.Wrong = nil
		view.Opened = now.add(form.Get("add"))
		return web.Render(v.W, v.R, changePageTempl(view))
	}
	if len(wrong) > 0 {
		return web.RenderStatus(v.W, v.R, http.StatusUnprocessableEntity, changePageTempl(view))
	}
	version, _ := strconv.ParseInt(form.Get("version"), 10, 64)
	after, err := p.edit(v.Ctx(), v.Ask, v.Patient, before.ID, version, form.Get("why"), func(plan *Plan) error {
		if form.Get("do") == "start" && plan.Status == Draft {
			plan.Status = Active
		}
		plan.Title, plan.Goals, plan.Activities, plan.From = now.Title, now.Goals, now.Activities, now.From
		return nil
	})
	if fault.Is(err, fault.Invalid) {
		view.Wrong = []ui.FieldError{{Name: "why", Text: text.Fault(v.Ctx(), err)}}
		return web.RenderStatus(v.W, v.R, http.StatusUnprocessableEntity, changePageTempl(view))
	}
	if err != nil {
		return err
	}
	return web.Redirect(v.W, v.R, "/care/"+v.Patient+"/plan/"+after.ID)
}

// add puts something new, of the form's list, at the end, and returns its id.
func (p *Plan) add(what string) string {
	kind, uses, _ := strings.Cut(what, ":")
	if kind == "goal" {
		p.Goals = append(p.Goals, Goal{Measure: known(uses)})
		return "goal" + strconv.Itoa(len(p.Goals)-1)
	}
	a := Activity{Kind: Kind(kind)}
	switch a.Kind {
	case Measure:
		if a.Measure = known(uses); a.Measure == "" {
			return ""
		}
	case Exercise:
		d := books().exercises[uses]
		if d == nil {
			return ""
		}
		a.Uses, a.Title, a.Rhythm.Minutes = uses, d.Title, d.Minutes
	case Questions:
		c := books().checks[uses]
		if c == nil {
			return ""
		}
		a.Uses, a.Title, a.Rhythm.Days[1] = uses, c.Title, true
	case Reading:
		a.Rhythm.Once = true
	case Task:
	default:
		return ""
	}
	for n := 1; a.ID == "" || p.activity(a.ID) != nil; n++ {
		a.ID = kind + "-" + strconv.Itoa(n)
	}
	p.Activities = append(p.Activities, a)
	return a.ID
}

// fields names what a form sends for one thing: "a3-title".
func field(kind string, i int, name string) string { return kind + strconv.Itoa(i) + "-" + name }

func one(form url.Values, name string, most int) (string, bool) {
	s := tidy(form.Get(name))
	return s, len(s) <= most
}

// tidy takes what FHIR lets no text hold, and blanks around it, off what somebody wrote.
func tidy(s string) string {
	return strings.TrimSpace(strings.Map(func(c rune) rune {
		if unicode.IsControl(c) && c != '\n' && c != '\t' {
			return -1
		}
		return c
	}, s))
}
