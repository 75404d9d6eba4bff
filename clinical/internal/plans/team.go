package plans

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/chart"
	"github.com/mitral-health/mitral/clinical/internal/door"
	"github.com/mitral-health/mitral/clinical/internal/people"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/thresholds"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/ui/text"
)

// Overview is how a patient's plans stand, for the team's screen: Summary draws it.
type Overview struct {
	Patient string
	Plans   []*Plan
	rows    []row
	told    []told // of all plans in force, newest first
}

// teamWeeks is how far back the team sees what was done.
const teamWeeks = 4

// Overview reads it. readings reach back four weeks or further. The page shows CarePlan and Observation.
func (p *Plans) Overview(ctx context.Context, t *records.Tx, page *records.Shown, patient string, readings map[vitals.Measure][]chart.Point, now time.Time, zone *time.Location) (*Overview, error) {
	o := &Overview{Patient: patient}
	var err error
	if o.Plans, err = active(ctx, page, patient); err != nil || len(o.Plans) == 0 {
		return o, err
	}
	today := DayOf(now, zone)
	m, err := marksOf(ctx, page, patient, o.Plans, today.Monday()-7*(teamWeeks-1), zone, readings)
	if err != nil {
		return nil, err
	}
	o.rows = rows(o.Plans, m, today, teamWeeks)
	for _, plan := range o.Plans {
		if plan.has(Questions) {
			lately, err := p.lately(ctx, t, patient, plan.ID, 3)
			if err != nil {
				return nil, err
			}
			o.told = append(o.told, lately...)
		}
	}
	return o, nil
}

func (p *Plan) has(k Kind) bool {
	for i := range p.Activities {
		if p.Activities[i].Kind == k {
			return true
		}
	}
	return false
}

// shelfView is the page of all plans of a patient and of the templates.
type shelfView struct {
	Patient, Name string
	Overview      *Overview
	Others        []*Plan // drafts and ended ones
}

func (p *Plans) shelf(v *door.Visit) error {
	var view shelfView
	err := p.Records.Look(v.Ctx(), v.Ask, func(t *records.Tx) (err error) {
		view = shelfView{Patient: v.Patient}
		if view.Name, err = people.Name(v.Ctx(), t, v.Patient); err != nil {
			return err
		}
		page, err := t.Shows(v.Ctx(), "plan", v.Patient, "CarePlan", "Observation")
		if err != nil {
			return err
		}
		if view.Overview, err = p.Overview(v.Ctx(), t, page, v.Patient, nil, p.Clock.Now(), text.Zone(v.Ctx())); err != nil {
			return err
		}
		view.Others, err = p.list(v.Ctx(), t, v.Patient, Draft, Completed, Revoked)
		return err
	})
	if err != nil {
		return err
	}
	return web.Render(v.W, v.R, shelfPage(&view))
}

// choose makes a draft of a template.
func (p *Plans) choose(v *door.Visit) error {
	form, err := web.Form(v.R)
	if err != nil {
		return err
	}
	tpl := TemplateOf(form.Get("template"))
	if tpl == nil {
		return absent()
	}
	plan := tpl.plan(v.Patient, DayOf(p.Clock.Now(), text.Zone(v.Ctx())))
	if err := p.create(v.Ctx(), v.Ask, plan); err != nil {
		return err
	}
	return web.Redirect(v.W, v.R, "/care/"+v.Patient+"/plan/"+plan.ID+"/change")
}

// teamView is one plan as the team sees it.
type teamView struct {
	*Plan
	Name    string
	Now     time.Time
	Rows    []row
	Told    []told
	Current int64 // the version that holds; this page may show an earlier one
	Why     string
	Wrong   string
}

func (p *Plans) team(v *door.Visit) error { return p.showPlan(v, http.StatusOK, "", "") }

func (p *Plans) showPlan(v *door.Visit, status int, why, wrong string) error {
	var view teamView
	now, zone := p.Clock.Now(), text.Zone(v.Ctx())
	version, _ := strconv.ParseInt(v.R.URL.Query().Get("version"), 10, 64)
	err := p.Records.Look(v.Ctx(), v.Ask, func(t *records.Tx) (err error) {
		view = teamView{Now: now, Why: why, Wrong: wrong}
		if view.Name, err = people.Name(v.Ctx(), t, v.Patient); err != nil {
			return err
		}
		if view.Plan, err = p.plan(v.Ctx(), t, v.Patient, v.R.PathValue("plan"), 0); err != nil {
			return err
		}
		view.Current = view.Version
		if version > 0 && version < view.Current {
			if view.Plan, err = p.plan(v.Ctx(), t, v.Patient, view.ID, version); err != nil {
				return err
			}
		}
		if view.Status == Draft {
			return nil
		}
		today := DayOf(now, zone)
		if view.Until != 0 && view.Until < today {
			today = view.Until
		}
		page, err := t.Shows(v.Ctx(), "plan", v.Patient, "Observation")
		if err != nil {
			return err
		}
		m, err := marksOf(v.Ctx(), page, v.Patient, []*Plan{view.Plan}, today.Monday()-7*(teamWeeks-1), zone, nil)
		if err != nil {
			return err
		}
		view.Rows = rows([]*Plan{view.Plan}, m, today, teamWeeks)
		view.Told, err = p.lately(v.Ctx(), t, v.Patient, view.ID, 6)
		return err
	})
	if err != nil {
		return err
	}
	return web.RenderStatus(v.W, v.R, status, teamPage(&view))
}

// end ends a plan, with its reason.
func (p *Plans) end(v *door.Visit) error {
	form, err := web.Form(v.R)
	if err != nil {
		return err
	}
	version, _ := strconv.ParseInt(form.Get("version"), 10, 64)
	to := Completed
	if form.Get("how") == string(Revoked) {
		to = Revoked
	}
	today := DayOf(p.Clock.Now(), text.Zone(v.Ctx()))
	_, err = p.edit(v.Ctx(), v.Ask, v.Patient, v.R.PathValue("plan"), version, form.Get("why"), func(plan *Plan) error {
		if plan.Status != Active && plan.Status != Draft {
			return errMoved
		}
		plan.Status, plan.Until = to, max(today, plan.From)
		return nil
	})
	if fault.Is(err, fault.Invalid) {
		return p.showPlan(v, http.StatusUnprocessableEntity, form.Get("why"), text.Fault(v.Ctx(), err))
	}
	if err != nil {
		return err
	}
	return web.Redirect(v.W, v.R, "/care/"+v.Patient+"/plan")
}

// seen takes answers off the list of what waits.
func (p *Plans) seen(v *door.Visit) error {
	form, err := web.Form(v.R)
	if err != nil {
		return err
	}
	id := form.Get("answers")
	err = p.Records.Do(v.Ctx(), v.Ask, func(t *records.Tx) error {
		r, err := t.Read(v.Ctx(), "QuestionnaireResponse", id)
		if err != nil {
			return err
		}
		n, err := resource.Parse(r.Body)
		if err != nil {
			return err
		}
		if n.Path("subject", "reference").Str() != "Patient/"+v.Patient {
			return absent()
		}
		n.Set("extension", arr(ext(seenURL, "valueReference", obj(mem("reference", str(v.Ref)), mem("display", str(v.Name))))))
		if _, _, err := t.Update(v.Ctx(), n, records.IfMatch(r.Version)); err != nil {
			return err
		}
		if p.Triage == nil {
			return nil
		}
		return p.Triage.Settle(v.Ctx(), t, v.Patient, waitsAs, "QuestionnaireResponse/"+id)
	})
	if err != nil {
		return err
	}
	return web.Redirect(v.W, v.R, "/care/"+v.Patient+"/plan/"+v.R.PathValue("plan"))
}

// tone is how a severity is coloured.
func tone(s thresholds.Severity) string {
	switch s {
	case thresholds.Urgent:
		return "urgent"
	case thresholds.Attention:
		return "warn"
	}
	return "note"
}
