package care

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/alerts"
	"github.com/mitral-health/mitral/clinical/internal/show"
	"github.com/mitral-health/mitral/clinical/internal/thresholds"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
	"github.com/mitral-health/mitral/ui/text"
)

// Why somebody stands on the list, and what a rule says, in plain sentences.

// gap is a difference of two amounts in a unit, without its sign.
func gap(ctx context.Context, u *vitals.Unit, a vitals.Amount) string {
	a = u.From(a) - u.From(0)
	return round(ctx, max(a, -a).Digits(u.Decimals)) + space(show.Symbol(ctx, u))
}

// round writes a number that people set: 2, not 2.0.
func round(ctx context.Context, s string) string {
	if whole, rest, ok := strings.Cut(s, "."); ok && strings.Trim(rest, "0") == "" {
		s = whole
	}
	return show.Decimal(ctx, s)
}

func space(s string) string {
	if s == "" {
		return ""
	}
	return " " + s
}

// unitOr is u, or the measure's own unit.
func unitOr(m vitals.Measure, u *vitals.Unit) *vitals.Unit {
	if u == nil {
		return vitals.Of(m).Canonical()
	}
	return u
}

// since says from when: "since Monday" within the week, else "since 9 November".
func since(ctx context.Context, t, now time.Time) string {
	zone := text.Zone(ctx)
	switch d := day(now, zone) - day(t, zone); {
	case d <= 0:
		return text.T(ctx, "since %s today", text.Time(ctx, t))
	case d == 1:
		return text.T(ctx, "since yesterday")
	case d < 7:
		return text.T(ctx, "since %s", text.Weekday(ctx, t.In(zone).Weekday()))
	}
	return text.T(ctx, "since %s", shortDay(ctx, t))
}

// shortDay is a day of these weeks: "9 Nov".
func shortDay(ctx context.Context, t time.Time) string {
	return strconv.Itoa(t.In(text.Zone(ctx)).Day()) + " " + text.ShortMonth(ctx, t)
}

// soon is a time of the coming days: "18:30 today", "Thursday 26 November, 8:00".
func soon(ctx context.Context, t, now time.Time) string {
	if zone := text.Zone(ctx); day(t, zone) == day(now, zone) {
		return text.T(ctx, "%s today", text.Time(ctx, t))
	}
	return text.Day(ctx, t) + ", " + text.Time(ctx, t)
}

func daysWord(ctx context.Context, n int) string { return text.N(ctx, n, "one day", "%d days") }

// limitWords is a limit: "above 180", of two numbers "top number above 180".
func limitWords(ctx context.Context, m vitals.Measure, u *vitals.Unit, l thresholds.Limit) string {
	n := round(ctx, u.Show(l.Value))
	var s string
	switch l.Op {
	case thresholds.Above:
		s = text.T(ctx, "above %s", n)
	case thresholds.AtLeast:
		s = text.T(ctx, "%s or more", n)
	case thresholds.Below:
		s = text.T(ctx, "below %s", n)
	default:
		s = text.T(ctx, "%s or less", n)
	}
	if len(vitals.Of(m).Parts) == 1 {
		return s
	}
	if l.Part == vitals.Systolic {
		return text.T(ctx, "top number %s", s)
	}
	return text.T(ctx, "bottom number %s", s)
}

// changeWords is a limit of a difference: "up by more than 2 kg".
func changeWords(ctx context.Context, m vitals.Measure, u *vitals.Unit, l thresholds.Limit) string {
	n := gap(ctx, u, l.Value)
	var s string
	switch l.Op {
	case thresholds.Above:
		s = text.T(ctx, "up by more than %s", n)
	case thresholds.AtLeast:
		s = text.T(ctx, "up by %s or more", n)
	case thresholds.Below:
		s = text.T(ctx, "down by more than %s", n)
	default:
		s = text.T(ctx, "down by %s or more", n)
	}
	if len(vitals.Of(m).Parts) == 1 {
		return s
	}
	if l.Part == vitals.Systolic {
		return text.T(ctx, "top number %s", s)
	}
	return text.T(ctx, "bottom number %s", s)
}

// numbers are those of a finding: both, where both are known.
func numbers(ctx context.Context, f *alerts.Finding, u *vitals.Unit) string {
	parts := len(vitals.Of(f.Measure).Parts)
	both, has := f.Both, f.Has
	if !has[f.Limit.Part] {
		both, has = [vitals.MaxParts]vitals.Amount{}, [vitals.MaxParts]bool{}
		both[f.Limit.Part], has[f.Limit.Part] = f.Value, true
	}
	return show.Value(ctx, u, both, has, parts) + space(show.Symbol(ctx, u))
}

// headline says what was found: "Weight up 2.6 kg since Monday".
func headline(ctx context.Context, f *alerts.Finding, u *vitals.Unit, now time.Time) string {
	if vitals.Of(f.Measure) == nil {
		return text.T(ctx, "A reading needs a look")
	}
	u = unitOr(f.Measure, u)
	label := show.Label(ctx, f.Measure)
	switch f.Kind {
	case thresholds.Missing:
		return text.T(ctx, "%s: nothing measured %s", label, since(ctx, f.Since, now))
	case thresholds.Change, thresholds.Average:
		n := gap(ctx, u, f.Value)
		switch {
		case f.Kind == thresholds.Change && f.Value >= 0:
			return text.T(ctx, "%s up %s %s", label, n, since(ctx, f.Since, now))
		case f.Kind == thresholds.Change:
			return text.T(ctx, "%s down %s %s", label, n, since(ctx, f.Since, now))
		case f.Value >= 0:
			return text.T(ctx, "%s up %s on average %s", label, n, since(ctx, f.Since, now))
		}
		return text.T(ctx, "%s down %s on average %s", label, n, since(ctx, f.Since, now))
	case thresholds.Mean:
		return text.T(ctx, "%s %s on average %s", label, numbers(ctx, f, u), since(ctx, f.Since, now))
	}
	return label + " " + numbers(ctx, f, u)
}

// against says which limit it crosses, since when.
func against(ctx context.Context, f *alerts.Finding, u *vitals.Unit, now time.Time) string {
	if vitals.Of(f.Measure) == nil || f.Kind == thresholds.Missing {
		return ""
	}
	u = unitOr(f.Measure, u)
	if f.Kind == thresholds.Change || f.Kind == thresholds.Average {
		return changeWords(ctx, f.Measure, u, f.Limit)
	}
	s := limitWords(ctx, f.Measure, u, f.Limit)
	if f.Kind == thresholds.Single && f.Row > 1 {
		s += ", " + text.T(ctx, "%d times in a row %s", f.Row, since(ctx, f.Since, now))
	}
	return s
}

// goes is where it goes, "" if that says nothing more.
func goes(ctx context.Context, f *alerts.Finding, u *vitals.Unit) string {
	t := f.Trend
	if f.Kind == thresholds.Change || f.Kind == thresholds.Average || f.Kind == thresholds.Missing || vitals.Of(f.Measure) == nil {
		return ""
	}
	u = unitOr(f.Measure, u)
	from, to := show.Decimal(ctx, u.Show(t.From)), show.Decimal(ctx, u.Show(t.To))
	switch t.Direction {
	case alerts.Rising:
		return text.T(ctx, "Rising: from %s to %s in %d days.", from, to, t.Days)
	case alerts.Falling:
		return text.T(ctx, "Falling: from %s to %s in %d days.", from, to, t.Days)
	case alerts.Steady:
		return text.T(ctx, "About the same for %d days.", t.Days)
	}
	return ""
}

// why is the whole in two short sentences, for a line of the list.
func why(ctx context.Context, f *alerts.Finding, now time.Time) string {
	s := headline(ctx, f, nil, now)
	if a := against(ctx, f, nil, now); a != "" && f.Kind != thresholds.Change && f.Kind != thresholds.Average {
		s += ", " + a
	}
	s += "."
	if g := goes(ctx, f, nil); g != "" && f.Trend.Direction != alerts.Steady {
		s += " " + g
	}
	return s
}

// ruleWords says what a rule asks: "Top number above 180 or bottom number above 120".
func ruleWords(ctx context.Context, r *thresholds.Rule, u *vitals.Unit) string {
	u = unitOr(r.Measure, u)
	var any []string
	for _, l := range r.Limits {
		if r.Kind == thresholds.Change || r.Kind == thresholds.Average {
			any = append(any, changeWords(ctx, r.Measure, u, l))
		} else {
			any = append(any, limitWords(ctx, r.Measure, u, l))
		}
	}
	s := strings.Join(any, " "+text.T(ctx, "or")+" ")
	switch r.Kind {
	case thresholds.Missing:
		return text.T(ctx, "No reading for %s", daysWord(ctx, r.Days))
	case thresholds.Mean:
		return text.T(ctx, "Average of %s: %s (%d readings or more)", daysWord(ctx, r.Days), s, r.Count)
	case thresholds.Change:
		return text.T(ctx, "%s within %s", upper(s), daysWord(ctx, r.Days))
	case thresholds.Average:
		return text.T(ctx, "Average of %s: %s against the %s before", daysWord(ctx, r.Days), s, daysWord(ctx, r.Base))
	}
	return text.T(ctx, "One reading: %s", s)
}

// severityWord is how soon, as a chip says it.
func severityWord(ctx context.Context, s thresholds.Severity) string {
	switch s {
	case thresholds.Urgent:
		return text.T(ctx, "Call now")
	case thresholds.Attention:
		return text.T(ctx, "Today")
	}
	return text.T(ctx, "This week")
}

func severityChip(s thresholds.Severity) (kind, icon string) {
	switch s {
	case thresholds.Urgent:
		return "urgent", "siren"
	case thresholds.Attention:
		return "hold", "triangle-alert"
	}
	return "note", "eye"
}

func conditionWord(ctx context.Context, c thresholds.Condition) string {
	switch c {
	case thresholds.Hypertension:
		return text.T(ctx, "High blood pressure")
	case thresholds.Diabetes1:
		return text.T(ctx, "Type 1 diabetes")
	case thresholds.Diabetes2:
		return text.T(ctx, "Type 2 diabetes")
	case thresholds.HeartFailure:
		return text.T(ctx, "Heart failure")
	case thresholds.COPD:
		return text.T(ctx, "COPD")
	}
	return text.T(ctx, "Recovery after joint surgery")
}
