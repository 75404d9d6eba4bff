package plans

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/show"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
	"github.com/mitral-health/mitral/ui"
	"github.com/mitral-health/mitral/ui/text"
)

func (p *Plan) path() string { return "/care/" + p.Patient + "/plan/" + p.ID }

// span says from when to when the plan holds.
func (p *Plan) span(ctx context.Context) string {
	if p.Until != 0 {
		return text.Date(ctx, p.From.utc()) + " – " + text.Date(ctx, p.Until.utc())
	}
	return text.T(ctx, "from %s", text.Date(ctx, p.From.utc()))
}

// bounds says when an activity begins and ends within its plan.
func (r *Rhythm) bounds(ctx context.Context) string {
	s := ""
	if r.From != 0 {
		s += " · " + text.T(ctx, "from %s", text.Date(ctx, r.From.utc()))
	}
	if r.Until != 0 {
		s += " · " + text.T(ctx, "until %s", text.Date(ctx, r.Until.utc()))
	}
	return s
}

// name is the choice of the form that this rhythm is.
func (r *Rhythm) name() string {
	switch {
	case r.Once:
		return "once"
	case r.Weekly > 0:
		return "weekly" + strconv.Itoa(r.Weekly)
	case r.Days != [7]bool{}:
		return "days"
	}
	return "daily"
}

func rhythmOptions(ctx context.Context) []ui.Option {
	out := []ui.Option{{Value: "daily", Label: text.T(ctx, "Every day")}, {Value: "days", Label: text.T(ctx, "On certain days")}}
	for n := 1; n <= 6; n++ {
		out = append(out, ui.Option{Value: "weekly" + strconv.Itoa(n), Label: text.N(ctx, n, "Once a week, on a day of your choice", "%d times a week, on days of your choice")})
	}
	return append(out, ui.Option{Value: "once", Label: text.T(ctx, "Once")})
}

// numbers writes a goal's range as people read it.
func (g *Goal) numbers(ctx context.Context) string {
	d := vitals.Of(g.Measure)
	if d == nil {
		return ""
	}
	var parts []string
	for i := range d.Parts {
		low, high := show.Decimal(ctx, g.Low[i]), show.Decimal(ctx, g.High[i])
		switch {
		case low != "" && high != "":
			parts = append(parts, low+"–"+high)
		case low != "":
			parts = append(parts, text.T(ctx, "at least %s", low))
		case high != "":
			parts = append(parts, text.T(ctx, "at most %s", high))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	s := strings.Join(parts, " / ")
	if u := d.Unit(g.Unit); u != nil {
		s += " " + show.Symbol(ctx, u)
	}
	return s
}

// checkTitle is what a check-in is called.
func checkTitle(ctx context.Context, name string) string {
	if c := books().checks[name]; c != nil {
		return c.Title.In(ctx)
	}
	return text.T(ctx, "Check-in")
}

// sources are those of a template, in a fixed order.
func (t *Template) sources() []string {
	var out []string
	for _, s := range t.Sources {
		out = append(out, s)
	}
	slices.Sort(out)
	return out
}

func (v *changeView) wrong(field string) string {
	for _, w := range v.Wrong {
		if w.Name == field {
			return w.Text
		}
	}
	return ""
}

// open reports whether a drawer of the form stands open: it was just added, or something in it is wrong.
func (v *changeView) open(kind string, i int, id string) bool {
	for _, w := range v.Wrong {
		if strings.HasPrefix(w.Name, kind+strconv.Itoa(i)+"-") {
			return true
		}
	}
	return v.Opened != "" && v.Opened == id
}

// offers is what can be added.
func (v *changeView) offers(ctx context.Context) []ui.Option {
	out := []ui.Option{{Value: "task", Label: text.T(ctx, "Something to do")}, {Value: "reading", Label: text.T(ctx, "Something to read")}, {Value: "goal", Label: text.T(ctx, "A goal in words")}}
	for _, m := range show.Offered {
		out = append(out, ui.Option{Value: "measure:" + string(m), Label: text.T(ctx, "To measure: %s", show.Label(ctx, m))})
	}
	for _, m := range show.Offered {
		out = append(out, ui.Option{Value: "goal:" + string(m), Label: text.T(ctx, "A goal with numbers: %s", show.Label(ctx, m))})
	}
	for _, name := range exerciseNames {
		out = append(out, ui.Option{Value: "exercise:" + name, Label: text.T(ctx, "Exercise: %s", books().exercises[name].Title.In(ctx))})
	}
	for _, name := range checkNames {
		out = append(out, ui.Option{Value: "questions:" + name, Label: text.T(ctx, "Check-in: %s", books().checks[name].Title.In(ctx))})
	}
	return out
}

func orNew(ctx context.Context, s string) string {
	if s == "" {
		return text.T(ctx, "New")
	}
	return s
}

func orEmpty(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func (d Day) orEmpty() string {
	if d == 0 {
		return ""
	}
	return d.String()
}

func dayName(ctx context.Context, d int) string { return text.Weekday(ctx, time.Weekday(d)) }

func partWord(ctx context.Context, d *vitals.Definition, part int, end string) string {
	switch {
	case len(d.Parts) == 1:
		return show.Label(ctx, d.Measure) + ", " + end
	case part == 0:
		return text.T(ctx, "Top number") + ", " + end
	}
	return text.T(ctx, "Bottom number") + ", " + end
}

func unitOptions(ctx context.Context, d *vitals.Definition) (out []ui.Option) {
	for _, u := range show.HomeUnits(d) {
		out = append(out, ui.Option{Value: u.Code, Label: show.Symbol(ctx, u)})
	}
	return out
}
