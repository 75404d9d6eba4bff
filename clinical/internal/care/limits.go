package care

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/alerts"
	"github.com/mitral-health/mitral/clinical/internal/door"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/thresholds"
	"github.com/mitral-health/mitral/clinical/internal/triage"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/ui/text"
)

// limitsView is the page of a patient's thresholds, and of who follows them.
type limitsView struct {
	person
	Followed *triage.Followed
	Set      *thresholds.Set // nil: not followed
	Versions []*thresholds.Set
	Trends   []trend
	Quieter  []alerts.Suggestion
	Staff    []colleague
	Names    map[string]string
	Me       string
	Now      time.Time
	Done     string
	Error    string
}

// trendFor is what is drawn of a measure: its readings with the band that the thresholds make.
func (v *limitsView) trendFor(m vitals.Measure) trend {
	t := trend{Measure: m, Unit: vitals.Of(m).Canonical()}
	for i := range v.Trends {
		if v.Trends[i].Measure == m {
			t = v.Trends[i]
		}
	}
	t.Goals = bands(v.Set, m)
	return t
}

// bands are what the thresholds leave between them, for drawing.
func bands(set *thresholds.Set, m vitals.Measure) (out [vitals.MaxParts]goal) {
	for i := range vitals.Of(m).Parts {
		low, high := set.Band(m, vitals.Part(i))
		if low != nil {
			out[i].Low, out[i].HasLow = *low, true
		}
		if high != nil {
			out[i].High, out[i].HasHigh = *high, true
		}
	}
	return out
}

func (v *limitsView) unit(m vitals.Measure) *vitals.Unit {
	t := v.trendFor(m)
	return t.Unit
}

func (v *limitsView) setBy(r *thresholds.Rule) *thresholds.Set { return setBy(v.Versions, r) }

func (v *limitsView) name(ctx context.Context, ref string) string {
	return nameOf(ctx, v.Names, ref)
}

func (c *Care) limits(v *door.Visit) error { return c.showLimits(v, http.StatusOK, nil) }

func (c *Care) showLimits(v *door.Visit, status int, wrong error) error {
	view := &limitsView{}
	err := c.Records.Look(v.Ctx(), v.Ask, func(t *records.Tx) (err error) {
		*view = limitsView{Now: c.Clock.Now(), Me: v.Ref, Done: v.R.URL.Query().Get("done")}
		if view.person, err = c.who(v.Ctx(), t, v.Patient); err != nil {
			return err
		}
		if view.Followed, err = c.Triage.Followed(v.Ctx(), t, v.Patient); err != nil {
			return err
		}
		if view.Set, err = c.Triage.Thresholds(v.Ctx(), t, v.Patient); err != nil {
			return err
		}
		if view.Staff, err = c.colleagues(v.Ctx(), t); err != nil || view.Set == nil {
			return err
		}
		page, err := t.Shows(v.Ctx(), "thresholds", v.Patient, "Observation", "Goal")
		if err != nil {
			return err
		}
		if view.Trends, err = c.cards(v.Ctx(), page, v.Patient, text.Zone(v.Ctx())); err != nil {
			return err
		}
		if view.Versions, err = c.versions(v.Ctx(), t, view.Set); err != nil {
			return err
		}
		load, err := c.Triage.Load(v.Ctx(), t, v.Patient)
		if err != nil {
			return err
		}
		view.Quieter = load.Quieter
		var refs []string
		for _, set := range view.Versions {
			refs = append(refs, set.Author)
		}
		if f := view.Followed; f != nil {
			refs = append(refs, f.Responsible, f.Deputy)
		}
		view.Names, err = c.staffNames(v.Ctx(), t, refs...)
		return err
	})
	if err != nil {
		return err
	}
	if wrong != nil {
		view.Error = text.Fault(v.Ctx(), wrong)
	}
	return web.RenderStatus(v.W, v.R, status, limitsPage(view))
}

// refused shows a page again with what was wrong, or passes other errors on.
func refused(err error, show func(status int, wrong error) error) error {
	switch {
	case fault.Is(err, fault.Conflict):
		return show(http.StatusConflict, err)
	case fault.Is(err, fault.Invalid):
		return show(http.StatusUnprocessableEntity, err)
	}
	return err
}

// follow begins to follow a patient, changes how, or ends it.
func (c *Care) follow(v *door.Visit) error {
	form, err := web.Form(v.R)
	if err != nil {
		return err
	}
	done := "follow"
	if form.Get("do") == "end" {
		done = "ended"
		if reason := strings.TrimSpace(form.Get("reason")); reason == "" {
			err = needReason()
		} else {
			err = c.Triage.Unfollow(v.Ctx(), v.Ask, v.Patient, v.Ref, reason)
		}
	} else {
		err = c.followAs(v, form)
	}
	if err != nil {
		return refused(err, func(status int, wrong error) error { return c.showLimits(v, status, wrong) })
	}
	return web.Redirect(v.W, v.R, "/care/"+v.Patient+"/thresholds?done="+done)
}

func (c *Care) followAs(v *door.Visit, form url.Values) error {
	var conditions []thresholds.Condition
	for _, one := range form["condition"] {
		if k := thresholds.Condition(one); slices.Contains(thresholds.Conditions(), k) {
			conditions = append(conditions, k)
		}
	}
	responsible, deputy := form.Get("responsible"), form.Get("deputy")
	switch {
	case len(conditions) == 0:
		return fault.New(fault.Invalid, "Choose what they are followed for.")
	case deputy == responsible:
		return fault.New(fault.Invalid, "The deputy is somebody else.")
	}
	if err := c.mustKnow(v, responsible); err != nil {
		return err
	}
	if deputy != "" {
		if err := c.mustKnow(v, deputy); err != nil {
			return err
		}
	}
	return c.Triage.Follow(v.Ctx(), v.Ask, v.Patient, conditions, responsible, deputy)
}

// quieter takes a suggestion: it is worked out anew, so that what is taken is what would be suggested now.
func (c *Care) quieter(v *door.Visit) error {
	form, err := web.Form(v.R)
	if err != nil {
		return err
	}
	err = c.Records.Do(v.Ctx(), v.Ask, func(t *records.Tx) error {
		load, err := c.Triage.Load(v.Ctx(), t, v.Patient)
		if err != nil {
			return err
		}
		for _, s := range load.Quieter {
			if s.Rule != form.Get("rule") || string(s.How) != form.Get("how") {
				continue
			}
			why := "Quieter: " + strconv.Itoa(s.NoAction) + " of " + strconv.Itoa(s.Alerts) + " alerts in 28 days were decided on without action."
			if s.How != alerts.ByLeaving {
				if err := c.Triage.SetRuleIn(v.Ctx(), t, v.Patient, v.Ref, s.To, why); err != nil {
					return err
				}
			}
			if s.How == alerts.ByLeaving || s.How == alerts.ByAverage {
				return c.Triage.DropRuleIn(v.Ctx(), t, v.Patient, v.Ref, s.Rule, why)
			}
			return nil
		}
		return fault.New(fault.Conflict, "This suggestion no longer holds. Look at the thresholds as they are now.")
	})
	if err != nil {
		return refused(err, func(status int, wrong error) error { return c.showLimits(v, status, wrong) })
	}
	return web.Redirect(v.W, v.R, "/care/"+v.Patient+"/thresholds?done=rule")
}

// usual are the rules that a condition brings.
func usual(k thresholds.Condition) []thresholds.Rule {
	return thresholds.Default("", "", time.Time{}, k).Rules
}

func takeSuggestion(ctx context.Context, how alerts.How) string {
	if how == alerts.ByLeaving {
		return text.T(ctx, "Take the rule away")
	}
	return text.T(ctx, "Take the quieter one")
}

func (v *limitsView) follows(k thresholds.Condition) bool {
	return v.Set != nil && slices.Contains(v.Set.Conditions, k)
}

func (v *limitsView) responsible() string {
	if v.Followed != nil {
		return v.Followed.Responsible
	}
	return v.Me
}

func (v *limitsView) deputy() string {
	if v.Followed != nil {
		return v.Followed.Deputy
	}
	return ""
}

func conditionID(i int) string { return "condition-" + strconv.Itoa(i) }
