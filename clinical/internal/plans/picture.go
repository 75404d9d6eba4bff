package plans

import (
	"context"
	"fmt"
	"strings"

	"github.com/a-h/templ"

	"github.com/mitral-health/mitral/ui/text"
)

// cell is the width of a day in the picture, in its own units.
const cell = 40

// arches draws a record: one row for each week, one arch for each day. Done is a filled arch with a tick, not done an
// empty one, what is to come a dotted one, and a day without anything a line on the ground.
func arches(ctx context.Context, r record, label string) string {
	rowsOf := len(r.Days) / 7
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="arches" viewBox="0 0 %d %d" role="img" aria-label="%s">`, 7*cell, 22+rowsOf*46, templ.EscapeString(label))
	for i := range 7 {
		name := []rune(text.Weekday(ctx, (r.First + Day(i)).Weekday()))
		fmt.Fprintf(&b, `<text x="%d" y="14" text-anchor="middle">%s</text>`, i*cell+cell/2, strings.ToUpper(string(name[:1])))
	}
	for i, s := range r.Days {
		x, y := i%7*cell+5, 24+i/7*46
		arch := fmt.Sprintf("M%d %dv-21a15 15 0 0 1 30 0v21z", x, y+38)
		switch s {
		case done:
			fmt.Fprintf(&b, `<path class="a-done" d="%s"/><path class="a-tick" d="M%d %dl6 6l10-12"/>`, arch, x+7, y+21)
		case missed:
			fmt.Fprintf(&b, `<path class="a-not" d="%s"/>`, arch)
		case open:
			fmt.Fprintf(&b, `<path class="a-open" d="%s"/>`, arch)
		case ahead:
			fmt.Fprintf(&b, `<path class="a-ahead" d="%s"/>`, arch)
		default:
			fmt.Fprintf(&b, `<path class="a-free" d="M%d %dh14"/>`, x+8, y+37)
		}
	}
	b.WriteString(`</svg>`)
	return b.String()
}

// strip draws a record in one line, for who looks at many: the same arches, smaller and without ticks.
func strip(r record, label string) string {
	var b strings.Builder
	weeks := len(r.Days) / 7
	fmt.Fprintf(&b, `<svg class="archstrip" viewBox="0 0 %d 26" role="img" aria-label="%s">`, weeks*120-8, templ.EscapeString(label))
	for i, s := range r.Days {
		x := i/7*120 + i%7*16
		class := map[state]string{done: "a-done", missed: "a-not", open: "a-open", ahead: "a-ahead"}[s]
		if class == "" {
			fmt.Fprintf(&b, `<path class="a-free" d="M%d 24h6"/>`, x+4)
			continue
		}
		fmt.Fprintf(&b, `<path class="%s" d="M%d 24.5v-16a6 6 0 0 1 12 0v16z"/>`, class, x+1)
	}
	b.WriteString(`</svg>`)
	return b.String()
}

// word is a day's state in a word.
func (s state) word(ctx context.Context) string {
	switch s {
	case done:
		return text.T(ctx, "done")
	case missed:
		return text.T(ctx, "not done")
	case open:
		return text.T(ctx, "today")
	case ahead:
		return text.T(ctx, "to come")
	}
	return text.T(ctx, "nothing to do")
}

// describe is the picture in words: this week day by day, and what came before in a sum.
func (r *row) describe(ctx context.Context) string {
	var days []string
	first := len(r.Days) - 7
	for i, s := range r.Days[first:] {
		days = append(days, text.Weekday(ctx, (r.First+Day(first+i)).Weekday())+" "+s.word(ctx))
	}
	out := r.Title.In(ctx) + ". " + r.thisWeek(ctx) + ": " + strings.Join(days, ", ") + "."
	if first > 0 {
		out += " " + r.sofar(ctx) + "."
	}
	return out
}

// thisWeek says "3 of 5 days this week".
func (r *row) thisWeek(ctx context.Context) string {
	was, of := r.week(r.Plan, r.Activity)
	if r.Rhythm.Weekly > 0 {
		return text.T(ctx, "%d of %d times this week", was, of)
	}
	return text.N(ctx, of, "%d of 1 day this week", "%[2]d of %[1]d days this week", was)
}

// sofar says the same of all the weeks of the record, up to today.
func (r *row) sofar(ctx context.Context) string {
	was, of := r.past(r.Plan, r.Activity)
	if of == 0 {
		return text.T(ctx, "Has just begun")
	}
	if r.Rhythm.Weekly > 0 {
		return text.T(ctx, "%d of %d times in %d weeks", was, of, len(r.Days)/7)
	}
	return text.T(ctx, "%d of %d days in %d weeks", was, of, len(r.Days)/7)
}
