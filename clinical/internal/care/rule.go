package care

import (
	"context"
	"errors"
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

// limitRow is one limit of the form: a number above or below which somebody is called.
type limitRow struct {
	Part  vitals.Part
	High  bool
	Equal bool   // the number itself crosses it
	Typed string // "" is no such limit
}

func (r limitRow) field() string {
	side := "low"
	if r.High {
		side = "high"
	}
	return side + strconv.Itoa(int(r.Part))
}

func (r limitRow) op() thresholds.Op {
	switch {
	case r.High && r.Equal:
		return thresholds.AtLeast
	case r.High:
		return thresholds.Above
	case r.Equal:
		return thresholds.AtMost
	}
	return thresholds.Below
}

// difference says that the rule looks at how a number changed.
func (v *ruleView) difference() bool {
	return v.Rule.Kind == thresholds.Change || v.Rule.Kind == thresholds.Average
}

var kindsOfRule = []thresholds.Kind{thresholds.Single, thresholds.Mean, thresholds.Change, thresholds.Average, thresholds.Missing}

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

// usualDays are what the form of a new rule begins with.
func usualDays(k thresholds.Kind) (days, count, base int) {
	switch k {
	case thresholds.Mean:
		return 7, 7, 0
	case thresholds.Change, thresholds.Missing:
		return 3, 0, 0
	case thresholds.Average:
		return 3, 2, 14
	}
	return 0, 0, 0
}

// fill puts the rule into the form's fields.
func (v *ruleView) fill() {
	for part := range vitals.Of(v.Rule.Measure).Parts {
		for _, high := range []bool{true, false} {
			row := limitRow{Part: vitals.Part(part), High: high}
			for _, l := range v.Rule.Limits {
				up := l.Op == thresholds.Above || l.Op == thresholds.AtLeast
				if l.Part != row.Part || up != high {
					continue
				}
				row.Equal = l.Op == thresholds.AtLeast || l.Op == thresholds.AtMost
				if a := v.Unit.From(l.Value); v.difference() {
					a -= v.Unit.From(0)
					row.Typed = max(a, -a).Digits(v.Unit.Decimals)
				} else {
					row.Typed = a.Digits(v.Unit.Decimals)
				}
			}
			v.Rows = append(v.Rows, row)
		}
	}
	v.Days, v.Count, v.Base = digits(v.Rule.Days), digits(v.Rule.Count), digits(v.Rule.Base)
}

func digits(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// read takes over what was typed, and makes the rule of it.
func (v *ruleView) read(form url.Values) error {
	v.Days, v.Count, v.Base = form.Get("days"), form.Get("count"), form.Get("base")
	v.Reason = strings.TrimSpace(form.Get("reason"))
	r := thresholds.Rule{ID: v.Rule.ID, Measure: v.Rule.Measure, Kind: v.Rule.Kind, Severity: thresholds.Severity(form.Get("severity"))}
	v.Rule.Severity = r.Severity
	var wrong error
	for i := range v.Rows {
		row := &v.Rows[i]
		row.Typed = strings.TrimSpace(form.Get(row.field()))
		row.Equal = form.Get(row.field()+"-op") == "equal"
		if row.Typed == "" || r.Kind == thresholds.Missing {
			continue
		}
		a, ok := vitals.ParseAmount(strings.Replace(row.Typed, ",", ".", 1))
		switch {
		case !ok:
			wrong = fault.New(fault.Invalid, "Type the limit in digits.")
		case v.difference():
			a = v.Unit.To(a) - v.Unit.To(0)
			if a = max(a, -a); !row.High {
				a = -a
			}
		default:
			a = v.Unit.To(a)
		}
		r.Limits = append(r.Limits, thresholds.Limit{Part: row.Part, Op: row.op(), Value: a})
	}
	for _, n := range []struct {
		typed string
		to    *int
		used  bool
	}{{v.Days, &r.Days, r.Kind != thresholds.Single}, {v.Count, &r.Count, r.Kind == thresholds.Mean || r.Kind == thresholds.Average}, {v.Base, &r.Base, r.Kind == thresholds.Average}} {
		if k, err := strconv.Atoi(n.typed); n.used && err == nil {
			*n.to = k
		}
	}
	if wrong != nil {
		return wrong
	}
	if v.Reason == "" {
		return needReason()
	}
	r.Reason = v.Reason
	if r.ID == "" {
		r.ID = "own-" + newKey()[:12]
	}
	if err := r.Check(); err != nil {
		return ruleFault(err)
	}
	v.Rule = r
	return nil
}

// ruleFault says what is wrong with a rule.
func ruleFault(err error) error {
	var f *thresholds.Fault
	if !errors.As(err, &f) {
		return err
	}
	switch f.Code {
	case thresholds.NoLimit:
		return fault.New(fault.Invalid, "Type at least one limit.")
	case thresholds.NotPossible:
		return fault.New(fault.Invalid, "No reading, or every reading, would cross this limit. Look at the number again.")
	case thresholds.BadDays:
		return fault.New(fault.Invalid, "Days are from 1 to %d in all.", thresholds.MaxDays)
	case thresholds.BadCount:
		return fault.New(fault.Invalid, "So many readings can’t be asked for in these days.")
	case thresholds.NoSeverity:
		return fault.New(fault.Invalid, "Choose how soon somebody should look.")
	case thresholds.TooMany:
		return fault.New(fault.Invalid, "There are too many thresholds. Take one away first.")
	case thresholds.LongReason:
		return fault.New(fault.Invalid, "The reason is too long. Use at most %d characters.", longestReason)
	}
	return fault.Wrap(err, fault.Invalid, "This form is incomplete. Open the page again.")
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

// kindOfRule says what a kind of rule looks at.
func kindOfRule(ctx context.Context, k thresholds.Kind) string {
	switch k {
	case thresholds.Single:
		return text.T(ctx, "One reading")
	case thresholds.Mean:
		return text.T(ctx, "The average of some days")
	case thresholds.Change:
		return text.T(ctx, "A change within some days")
	case thresholds.Average:
		return text.T(ctx, "A slow trend: some days against those before")
	}
	return text.T(ctx, "Nothing measured for some days")
}

// rowLabel names the field of a limit.
func (v *ruleView) rowLabel(ctx context.Context, r limitRow) string {
	var s string
	switch {
	case v.difference() && r.High:
		s = text.T(ctx, "Up by")
	case v.difference():
		s = text.T(ctx, "Down by")
	case r.High:
		s = text.T(ctx, "Too high")
	default:
		s = text.T(ctx, "Too low")
	}
	if len(vitals.Of(v.Rule.Measure).Parts) > 1 {
		part := text.T(ctx, "Top number")
		if r.Part == vitals.Diastolic {
			part = text.T(ctx, "Bottom number")
		}
		s = part + ": " + lower(s)
	}
	return s
}

// opWord says whether the number itself counts.
func (v *ruleView) opWord(ctx context.Context, r limitRow, equal bool) string {
	switch {
	case v.difference() && equal:
		return text.T(ctx, "at least")
	case v.difference():
		return text.T(ctx, "more than")
	case equal && r.High:
		return text.T(ctx, "at or above")
	case equal:
		return text.T(ctx, "at or below")
	case r.High:
		return text.T(ctx, "above")
	}
	return text.T(ctx, "below")
}
