package care

import (
	"context"
	"strings"

	"github.com/mitral-health/mitral/clinical/internal/show"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
	"github.com/mitral-health/mitral/ui"
	"github.com/mitral-health/mitral/ui/text"
)

// task is the heading of the page on which a measure is added.
func task(ctx context.Context, m vitals.Measure) string {
	if name := ui.ActingFor(ctx); name != "" {
		return text.T(ctx, "For %s: %s", given(name), lower(show.Label(ctx, m)))
	}
	switch m {
	case vitals.BloodPressure:
		return text.T(ctx, "Add your blood pressure")
	case vitals.Glucose:
		return text.T(ctx, "Add your blood sugar")
	case vitals.Weight:
		return text.T(ctx, "Add your weight")
	case vitals.Oxygen:
		return text.T(ctx, "Add your oxygen")
	case vitals.HeartRate:
		return text.T(ctx, "Add your pulse")
	case vitals.Temperature:
		return text.T(ctx, "Add your temperature")
	case vitals.PeakFlow:
		return text.T(ctx, "Add your peak flow")
	case vitals.Pain:
		return text.T(ctx, "How much does it hurt?")
	}
	return text.T(ctx, "Add today’s steps")
}

// how says what to do to have the number.
func how(ctx context.Context, m vitals.Measure) string {
	switch m {
	case vitals.BloodPressure:
		return text.T(ctx, "Copy the two numbers from your device.")
	case vitals.Pain:
		return text.T(ctx, "0 is no pain, 10 is the worst that you can imagine.")
	}
	return text.T(ctx, "Copy the number from your device.")
}

func (t *trend) parts() int { return len(vitals.Of(t.Measure).Parts) }

func (t *trend) show(ctx context.Context, r *taken) string {
	return r.Bound + show.Value(ctx, t.Unit, r.Values, r.Has, t.parts())
}

func (t *trend) showMean(ctx context.Context, m mean) string {
	return show.Value(ctx, t.Unit, m.Values, m.Has, t.parts())
}

// goalText is the goal in words, "" if there is none.
func (t *trend) goalText(ctx context.Context) string {
	var low, high []string
	for _, g := range t.Goals[:t.parts()] {
		if g.HasLow {
			low = append(low, show.Decimal(ctx, t.Unit.Show(g.Low)))
		}
		if g.HasHigh {
			high = append(high, show.Decimal(ctx, t.Unit.Show(g.High)))
		}
	}
	l, h, u := strings.Join(low, "/"), strings.Join(high, "/"), show.Symbol(ctx, t.Unit)
	switch {
	case l != "" && h != "":
		return text.T(ctx, "%s to %s %s", l, h, u)
	case h != "":
		return text.T(ctx, "up to %s %s", h, u)
	case l != "":
		return text.T(ctx, "%s %s or more", l, u)
	}
	return ""
}

// standingWord is a chip's word.
func standingWord(ctx context.Context, side int) string {
	switch {
	case side > 0:
		return text.T(ctx, "Above the goal")
	case side < 0:
		return text.T(ctx, "Below the goal")
	}
	return text.T(ctx, "In the goal")
}

func standingChip(side int) (kind, icon string) {
	switch {
	case side > 0:
		return "note", "arrow-up"
	case side < 0:
		return "note", "arrow-down"
	}
	return "good", "circle-check"
}

// heading is what a trend's page says first.
func (v *trendView) heading(ctx context.Context) string {
	if len(v.List) == 0 {
		return show.Label(ctx, v.Measure)
	}
	return v.sentence(ctx, v.Own)
}

// sentence says what a picture shows. own speaks to the patient, unless somebody else looks for them.
func (t *trend) sentence(ctx context.Context, own bool) string {
	var s []string
	own = own && ui.ActingFor(ctx) == ""
	switch t.Way {
	case up:
		s = append(s, text.T(ctx, "It is going up."))
	case down:
		s = append(s, text.T(ctx, "It is coming down."))
	case steady:
		s = append(s, text.T(ctx, "It stays about the same."))
	}
	if side, known := t.standing(t.Week.Values, t.Week.Has); known {
		switch {
		case !own:
			s = append(s, text.T(ctx, "This week: %s.", lower(standingWord(ctx, side))))
		case side > 0:
			s = append(s, text.T(ctx, "This week you are above your goal."))
		case side < 0:
			s = append(s, text.T(ctx, "This week you are below your goal."))
		default:
			s = append(s, text.T(ctx, "This week you are in your goal."))
		}
	}
	if len(s) == 0 {
		return text.T(ctx, "A few more readings will show where it goes.")
	}
	return strings.Join(s, " ")
}

func lower(s string) string { return strings.ToLower(s[:1]) + s[1:] }

// averages compares this week with the weeks before, in words; "" if there is nothing to compare.
func (t *trend) averages(ctx context.Context) string {
	switch {
	case t.Week.N == 0:
		return ""
	case t.Before.N == 0 || t.Way == unknown:
		return text.T(ctx, "The average of the last 7 days is %s.", t.showMean(ctx, t.Week))
	}
	return text.T(ctx, "The average of the last 7 days is %s. In the three weeks before it was %s.", t.showMean(ctx, t.Week), t.showMean(ctx, t.Before))
}
