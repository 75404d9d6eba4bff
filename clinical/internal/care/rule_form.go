package care

import (
	"context"
	"errors"
	"net/url"
	"strconv"
	"strings"

	"github.com/mitral-health/mitral/clinical/internal/show"
	"github.com/mitral-health/mitral/clinical/internal/thresholds"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/ui"
	"github.com/mitral-health/mitral/ui/text"
)

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

func (v *ruleView) title(ctx context.Context) string {
	if v.New {
		return text.T(ctx, "Add a threshold")
	}
	return text.T(ctx, "Change a threshold")
}

func (v *ruleView) countHint(ctx context.Context) string {
	if v.Rule.Kind == thresholds.Mean {
		return text.T(ctx, "So many readings, before the average says anything.")
	}
	return text.T(ctx, "So many days with a reading, on both sides.")
}

func measureChoices(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, m := range show.Offered {
		out = append(out, ui.Option{Value: string(m), Label: show.Label(ctx, m)})
	}
	return out
}

var kindsOfRule = []thresholds.Kind{thresholds.Single, thresholds.Mean, thresholds.Change, thresholds.Average, thresholds.Missing}

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

func kindChoices(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, k := range kindsOfRule {
		out = append(out, ui.Option{Value: string(k), Label: kindOfRule(ctx, k)})
	}
	return out
}

func severityChoices(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, s := range []thresholds.Severity{thresholds.Urgent, thresholds.Attention, thresholds.Info} {
		out = append(out, ui.Option{Value: string(s), Label: severityWord(ctx, s)})
	}
	return out
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
