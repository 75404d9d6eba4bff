package care

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/mitral-health/mitral/clinical/internal/alerts"
	"github.com/mitral-health/mitral/clinical/internal/door"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/thresholds"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/ui/text"
)

// ruleView is the form of one threshold.
type ruleView struct {
	limitsView
	Rule   thresholds.Rule // as it is, or for a new one its measure and kind
	New    bool
	Alert  string // the alert whose decision this is; "" none
	Seen   string
	Rows   []limitRow
	Unit   *vitals.Unit
	Reason string
	Days   string
	Count  string
	Base   string
}

// rulePage shows the form. A new rule is first asked what it is about.
func (c *Care) rulePage(v *door.Visit) error {
	q, err := web.Query(v.R)
	if err != nil {
		return err
	}
	view, err := c.ruleView(v, q)
	if err != nil {
		return err
	}
	return web.Render(v.W, v.R, rulePageTempl(view))
}

func (c *Care) ruleView(v *door.Visit, q url.Values) (*ruleView, error) {
	view := &ruleView{Alert: q.Get("alert"), Seen: q.Get("seen"), New: v.R.PathValue("rule") == "new"}
	err := c.Records.Look(v.Ctx(), v.Ask, func(t *records.Tx) (err error) {
		view.Now = c.Clock.Now()
		if view.person, err = c.who(v.Ctx(), t, v.Patient); err != nil {
			return err
		}
		if view.Set, err = c.Triage.Thresholds(v.Ctx(), t, v.Patient); err != nil {
			return err
		}
		if view.Set == nil {
			return fault.New(fault.NotFound, "There is no such page.")
		}
		page, err := t.Shows(v.Ctx(), "thresholds", v.Patient, "Observation", "Goal")
		if err == nil {
			view.Trends, err = c.cards(v.Ctx(), page, v.Patient, text.Zone(v.Ctx()))
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if view.New {
		view.Rule = thresholds.Rule{Measure: vitals.Measure(q.Get("measure")), Kind: thresholds.Kind(q.Get("kind")), Severity: thresholds.Attention}
		if vitals.Of(view.Rule.Measure) == nil || !slices.Contains(kindsOfRule, view.Rule.Kind) {
			view.Rule = thresholds.Rule{}
			return view, nil
		}
		view.Rule.Days, view.Rule.Count, view.Rule.Base = usualDays(view.Rule.Kind)
	} else {
		r := view.Set.Rule(v.R.PathValue("rule"))
		if r == nil {
			return nil, fault.New(fault.NotFound, "There is no such page.")
		}
		view.Rule = *r
	}
	view.Unit = view.unit(view.Rule.Measure)
	view.fill()
	return view, nil
}

// setRule stores a threshold, drops one, or does so as the decision of an alert.
func (c *Care) setRule(v *door.Visit) error {
	form, err := web.Form(v.R)
	if err != nil {
		return err
	}
	view, err := c.ruleView(v, form)
	if err != nil {
		return err
	}
	done := "rule"
	if form.Get("do") == "drop" && !view.New {
		if view.Reason, done = strings.TrimSpace(form.Get("reason")), "dropped"; view.Reason == "" {
			err = needReason()
		} else {
			err = c.Triage.DropRule(v.Ctx(), v.Ask, v.Patient, v.Ref, view.Rule.ID, view.Reason)
		}
	} else if err = view.read(form); err == nil {
		if view.Alert != "" {
			err = c.ruleDecides(v, view)
			done = string(alerts.ChangeThreshold)
		} else {
			err = c.Triage.SetRule(v.Ctx(), v.Ask, v.Patient, v.Ref, view.Rule, view.Reason)
		}
	}
	if err != nil {
		return refused(err, func(status int, wrong error) error {
			view.Error = text.Fault(v.Ctx(), wrong)
			return web.RenderStatus(v.W, v.R, status, rulePageTempl(view))
		})
	}
	if view.Alert != "" && done != "dropped" {
		return web.Redirect(v.W, v.R, "/care/"+v.Patient+"?done="+done)
	}
	return web.Redirect(v.W, v.R, "/care/"+v.Patient+"/thresholds?done="+done)
}

// ruleDecides changes a threshold as the decision of an alert, both in one.
func (c *Care) ruleDecides(v *door.Visit, view *ruleView) error {
	seen, err := strconv.Atoi(view.Seen)
	if err != nil {
		return fault.New(fault.Invalid, "This form is incomplete. Open the page again.")
	}
	s := alerts.Step{Do: alerts.Decide, By: v.Ref, Action: alerts.ChangeThreshold, Reason: view.Reason}
	return c.take(v, view.Alert, s, seen, false, func(t *records.Tx, _ *alerts.Alert) (string, error) {
		if err := c.Triage.SetRuleIn(v.Ctx(), t, v.Patient, v.Ref, view.Rule, view.Reason); err != nil {
			return "", err
		}
		return "Basic/" + view.Set.ID, nil
	})
}
