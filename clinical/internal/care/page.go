package care

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/mitral-health/mitral/clinical/internal/show"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
	"github.com/mitral-health/mitral/ui"
	"github.com/mitral-health/mitral/ui/text"
)

// What the templates ask for.

// trendsView is what cards of trends need beside the trends.
type trendsView struct{ Now time.Time }

func trendURL(path string, m vitals.Measure) templ.SafeURL { return templ.URL(path + string(m)) }

func nextPage(v *directoryView) templ.SafeURL {
	q := url.Values{"after": {v.Next}}
	if v.Search != "" {
		q.Set("name", v.Search)
	}
	return templ.URL("/care/patients?" + q.Encode())
}

func greeting(ctx context.Context, v *todayView) string {
	if name := ui.ActingFor(ctx); name != "" {
		return text.T(ctx, "How is %s today?", given(name))
	}
	switch h := v.Now.In(text.Zone(ctx)).Hour(); {
	case h >= 5 && h < 12:
		return text.T(ctx, "Good morning, %s", v.Name)
	case h >= 12 && h < 20:
		return text.T(ctx, "Good afternoon, %s", v.Name)
	}
	return text.T(ctx, "Good evening, %s", v.Name)
}

// when is the moment of a reading: today with its time, else the day with its time.
func when(ctx context.Context, t, now time.Time) string {
	zone := text.Zone(ctx)
	switch day(now, zone) - day(t, zone) {
	case 0:
		return text.T(ctx, "Today at %s", text.Time(ctx, t))
	case 1:
		return text.T(ctx, "Yesterday at %s", text.Time(ctx, t))
	}
	return strconv.Itoa(t.In(zone).Day()) + " " + text.ShortMonth(ctx, t) + ", " + text.Time(ctx, t)
}

// span is a week: "6 Nov – 12 Nov".
func span(ctx context.Context, from, to time.Time) string {
	zone := text.Zone(ctx)
	one := func(t time.Time) string { return strconv.Itoa(t.In(zone).Day()) + " " + text.ShortMonth(ctx, t) }
	return one(from) + " – " + one(to)
}

func usually(ctx context.Context, d due) string {
	switch every := d.every(text.Zone(ctx)); {
	case every <= 1:
		return text.T(ctx, "Usually every day")
	case every <= 6:
		return text.T(ctx, "Usually every %d days", every)
	}
	return text.T(ctx, "Usually once a week")
}

func age(p person) string {
	if p.Age < 0 {
		return ""
	}
	return ", " + strconv.Itoa(p.Age)
}

// ageAt is a comma and the age of somebody born then.
func ageAt(born, now time.Time) string {
	if born.IsZero() {
		return ""
	}
	return ", " + strconv.Itoa(yearsOld(born, now))
}

func upper(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

func chosen(is bool) templ.Attributes {
	if is {
		return templ.Attributes{"aria-current": "true"}
	}
	return nil
}

func field(i int) string { return "n" + strconv.Itoa(i) }

func unitID(i int) string { return "unit-" + strconv.Itoa(i) }

func keyboard(u *vitals.Unit) string {
	if u.Decimals == 0 {
		return "numeric"
	}
	return "decimal"
}

func take(p *vitals.Problem, m vitals.Meant) string {
	return strconv.Itoa(int(p.Part)) + "|" + m.Value + "|" + m.Unit
}

// at is the field that the problem is about.
func (v *addView) at() string {
	switch v.Problem.Code {
	case vitals.NoTime, vitals.BadTime:
		return "at"
	case vitals.TooLong:
		return "note"
	case vitals.NoUnit, vitals.OtherUnit:
		return unitID(0)
	}
	return field(int(v.Problem.Part))
}

func (v *addView) wrong(i int) bool {
	return v.Problem != nil && (v.at() == field(i) || v.Problem.Code == vitals.UpsideDown)
}

func (v *addView) attrs(i int) templ.Attributes {
	a := templ.Attributes{"aria-describedby": "how", "required": true}
	if v.wrong(i) {
		a["aria-invalid"] = "true"
	}
	return a
}

func (v *addView) typed(ctx context.Context) string {
	return show.Decimal(ctx, strings.Join(v.Typed, "/"))
}

func partLabel(ctx context.Context, v *addView, i int) string {
	switch {
	case len(v.Parts) == 1 && len(show.HomeUnits(v.Definition)) == 1:
		return show.Label(ctx, v.Measure) + " (" + show.Symbol(ctx, v.Unit) + ")"
	case len(v.Parts) == 1:
		return show.Label(ctx, v.Measure)
	case i == 0:
		return text.T(ctx, "Top number")
	}
	return text.T(ctx, "Bottom number")
}

func partHint(ctx context.Context, v *addView, i int) string {
	switch {
	case len(v.Parts) == 1:
		return ""
	case i == 0:
		return text.T(ctx, "the higher one")
	}
	return text.T(ctx, "the lower one")
}

// describe is the picture in words.
func (v *trendView) describe(ctx context.Context) string {
	s := show.Label(ctx, v.Measure) + ", " + v.Period.last(ctx) + ". " + v.sentence(ctx, v.Own)
	if a := v.averages(ctx); a != "" {
		s += " " + a
	}
	return s
}
