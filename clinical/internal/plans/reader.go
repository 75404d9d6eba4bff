package plans

import (
	"context"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/mitral-health/mitral/clinical/internal/vitals"
	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/ui"
	"github.com/mitral-health/mitral/ui/text"
)

// Limits of a plan.
const (
	mostGoals      = 12
	mostActivities = 24
	mostTitle      = 200
	mostWords      = 4000
	mostMinutes    = 240
)

// reader reads a whole plan from the form in which it is adapted.
type reader struct {
	form  url.Values
	lang  string
	today Day
	wrong []ui.FieldError
}

func (r *reader) no(field, why string) {
	r.wrong = append(r.wrong, ui.FieldError{Name: field, Text: why})
}

// text reads one text; what is as it was stays in both languages.
func (r *reader) text(ctx context.Context, name string, most int, before Words) Words {
	s, ok := one(r.form, name, most)
	if !ok {
		r.no(name, text.T(ctx, "This is too long."))
		s = strings.ToValidUTF8(s[:most], "")
	}
	if s == strings.TrimSpace(before.In(ctx)) {
		return before
	}
	return Words{s, s}
}

// plan reads all of it, as far as it can be read, and what is wrong.
func (r *reader) plan(ctx context.Context, before *Plan) (*Plan, []ui.FieldError) {
	now := *before
	now.Goals, now.Activities = nil, nil
	now.Title = r.text(ctx, "title", mostTitle, before.Title)
	if now.Title.EN == "" {
		r.no("title", text.T(ctx, "Give the plan a title."))
	}
	shift := Day(0)
	if before.Status == Draft {
		if d, ok := ParseDay(r.form.Get("from")); ok && d >= r.today-366 && d <= r.today+366 {
			shift, now.From = d-before.From, d
		} else {
			r.no("from", text.T(ctx, "Choose a day within a year from now."))
		}
	}
	for i := range mostGoals {
		if r.form.Has(field("g", i, "words")) && !r.form.Has(field("g", i, "drop")) {
			now.Goals = append(now.Goals, r.goal(ctx, i, before))
		}
	}
	for i := range mostActivities {
		if r.form.Has(field("a", i, "kind")) && !r.form.Has(field("a", i, "drop")) {
			if a, ok := r.activity(ctx, i, before, shift); ok && now.activity(a.ID) == nil {
				now.Activities = append(now.Activities, a)
			}
		}
	}
	return &now, r.wrong
}

func (r *reader) goal(ctx context.Context, i int, before *Plan) Goal {
	g := Goal{ID: r.form.Get(field("g", i, "id")), Measure: known(r.form.Get(field("g", i, "measure"))), Unit: r.form.Get(field("g", i, "unit"))}
	var was Goal
	for _, b := range before.Goals {
		if b.ID == g.ID && g.ID != "" {
			was = b
		}
	}
	g.ID = was.ID // only one that is the plan's already
	g.Words = r.text(ctx, field("g", i, "words"), mostTitle, was.Words)
	if g.Words.EN == "" {
		r.no(field("g", i, "words"), text.T(ctx, "Say the goal in words."))
	}
	d := vitals.Of(g.Measure)
	if d == nil {
		return g
	}
	unit := d.Unit(g.Unit)
	if unit == nil {
		unit = d.Canonical()
		g.Unit = unit.Code
	}
	for p, part := range d.Parts {
		var ends [2]vitals.Amount
		for e, name := range []string{"low", "high"} {
			name = field("g", i, name+strconv.Itoa(p))
			s := strings.ReplaceAll(strings.TrimSpace(r.form.Get(name)), ",", ".")
			if s == "" {
				continue
			}
			a, ok := vitals.ParseAmount(s)
			if ok {
				ends[e] = unit.To(a)
				ok = ends[e] >= part.Range.Least && ends[e] <= part.Range.Most
			}
			if !ok || len(s) > 8 {
				r.no(name, text.T(ctx, "Write a number that can be measured."))
				continue
			}
			if s = a.String(); e == 0 {
				g.Low[p] = s
			} else {
				g.High[p] = s
			}
		}
		if g.Low[p] != "" && g.High[p] != "" && ends[0] > ends[1] {
			r.no(field("g", i, "low"+strconv.Itoa(p)), text.T(ctx, "The lower number is above the upper one."))
		}
	}
	return g
}

// known is a measure by its name, or none.
func known(name string) vitals.Measure {
	if m := vitals.Measure(name); vitals.Of(m) != nil {
		return m
	}
	return ""
}

var idOf = regexp.MustCompile(`^[a-z][a-z0-9-]{0,39}$`)

func (r *reader) activity(ctx context.Context, i int, before *Plan, shift Day) (Activity, bool) {
	get := func(name string) string { return r.form.Get(field("a", i, name)) }
	a := Activity{ID: get("id"), Kind: Kind(get("kind")), Uses: tidy(get("uses"))}
	was := before.activity(a.ID)
	if was == nil {
		was = &Activity{}
		if d := books().exercises[a.Uses]; d != nil && a.Kind == Exercise {
			was.Title = d.Title
		}
		if c := books().checks[a.Uses]; c != nil && a.Kind == Questions {
			was.Title = c.Title
		}
	}
	a.Measure = known(get("measure"))
	ok := idOf.MatchString(a.ID)
	switch a.Kind {
	case Measure:
		ok = ok && a.Measure != ""
		a.Uses = ""
	case Exercise:
		ok = ok && books().exercises[a.Uses] != nil
	case Questions:
		ok = ok && books().checks[a.Uses] != nil
	case Task:
		a.Uses = ""
	case Reading:
	default:
		ok = false
	}
	if !ok { // no form of ours sends this
		return a, false
	}
	if a.Kind != Measure {
		a.Measure = ""
	}
	a.Title = r.text(ctx, field("a", i, "title"), mostTitle, was.Title)
	a.Words = r.text(ctx, field("a", i, "words"), mostWords, was.Words)
	if a.Title.EN == "" {
		r.no(field("a", i, "title"), text.T(ctx, "Say what is to be done."))
	}
	if a.Kind == Reading {
		if a.Uses != "" && !address(a.Uses) {
			r.no(field("a", i, "uses"), text.T(ctx, "Write an address that begins with https:// or a path of this site."))
		} else if a.Uses == "" && a.Words.EN == "" {
			r.no(field("a", i, "uses"), text.T(ctx, "Give an address or write the text."))
		}
	}
	a.Rhythm = r.rhythm(ctx, i, was, shift)
	if fresh := was.ID == ""; before.Status == Active && a.Rhythm.From <= before.From && (fresh || !same(a.Rhythm, was.Rhythm)) {
		a.Rhythm.From = r.today // what was not asked for before is not missing
	}
	return a, true
}

func same(a, b Rhythm) bool {
	a.From, b.From = 0, 0
	return a == b
}

func (r *reader) rhythm(ctx context.Context, i int, was *Activity, shift Day) Rhythm {
	get := func(name string) string { return r.form.Get(field("a", i, name)) }
	var out Rhythm
	how := get("rhythm")
	if n, ok := strings.CutPrefix(how, "weekly"); ok {
		out.Weekly, _ = strconv.Atoi(n)
		if out.Weekly < 1 || out.Weekly > 6 {
			out.Weekly = 0
		}
	}
	out.Once = how == "once"
	if how == "days" {
		for _, d := range r.form[field("a", i, "day")] {
			if at := slices.Index(weekdays[:], d); at >= 0 {
				out.Days[at] = true
			}
		}
		if out.Days == [7]bool{true, true, true, true, true, true, true} {
			out.Days = [7]bool{}
		}
	}
	if part := get("part"); part == morning || part == evening {
		out.Part = part
	}
	if s := strings.TrimSpace(get("minutes")); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 0 || n > mostMinutes {
			r.no(field("a", i, "minutes"), text.T(ctx, "Write minutes as a number up to 240."))
		} else {
			out.Minutes = n
		}
	}
	for _, end := range []struct {
		name string
		to   *Day
		was  Day
	}{{"from", &out.From, was.Rhythm.From}, {"until", &out.Until, was.Rhythm.Until}} {
		s := strings.TrimSpace(get(end.name))
		if s == "" {
			continue
		}
		d, ok := ParseDay(s)
		if !ok || d < r.today-3660 || d > r.today+3660 {
			r.no(field("a", i, end.name), text.T(ctx, "Choose a day."))
			continue
		}
		if d == end.was { // moves with the plan's first day
			d += shift
		}
		*end.to = d
	}
	if out.Until != 0 && out.Until < out.From {
		r.no(field("a", i, "until"), text.T(ctx, "The last day is before the first."))
	}
	return out
}

// address reports whether something to read can stand there: another site, or a page of this one.
func address(s string) bool {
	if web.Local(s) {
		return true
	}
	u, err := url.Parse(s)
	return err == nil && u.Scheme == "https" && u.Host != "" && u.User == nil && len(s) <= 500
}
