package care

import (
	"context"
	"html"
	"math"
	"strconv"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/show"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
	"github.com/mitral-health/mitral/ui/text"
)

// The pictures: SVG from the readings, coloured by classes of the stylesheet. Dots and squares are readings (or,
// where there are many, the average of a day), lines the average of seven days before each.

// num writes a number with at most one decimal.
func num(v float64) string { return string(appendNum(nil, v)) }

func appendNum(b []byte, v float64) []byte {
	tenths := int64(math.Round(v * 10))
	if tenths < 0 {
		b, tenths = append(b, '-'), -tenths
	}
	b = strconv.AppendInt(b, tenths/10, 10)
	if part := tenths % 10; part != 0 {
		b = append(b, '.', '0'+byte(part))
	}
	return b
}

type svg struct{ b []byte }

func (s *svg) String() string { return string(s.b) }

func (s *svg) add(parts ...string) {
	for _, p := range parts {
		s.b = append(s.b, p...)
	}
}

// to moves or draws to a place.
func (s *svg) to(pen byte, x, y float64) {
	s.b = appendNum(append(appendNum(append(s.b, pen), x), ' '), y)
}

// between is what a picture of a period draws of a trend.
func (t *trend) between(from, to time.Time) *trend {
	part := *t
	part.List = during(t.List, from, to.Add(time.Hour))
	return &part
}

// canvas begins a picture of this size, with its words.
func canvas(size, label string) *svg {
	s := &svg{}
	s.add(`<svg class="chart" viewBox="0 0 `, size, `" role="img" aria-label="`, html.EscapeString(label), `">`)
	return s
}

// chart draws a trend of a period. label says in words what is seen.
func chart(ctx context.Context, t *trend, from, to time.Time, width, height float64, label string) string {
	t = t.between(from.Add(-week), to) // the week before is only in the averages
	all := points(t, text.Zone(ctx))
	f := frame{left: 46, right: width - 8, top: 12, bottom: height - 34, from: from, to: to}
	wide := width > 500
	if wide && t.parts() == 2 {
		f.right = width - 140 // the lines' names stand there
	}
	step := f.fit(f.within(all), t)
	s := canvas(num(width)+" "+num(height), label)
	decimals := 0
	if step < 1 {
		decimals = t.Unit.Decimals
	}
	for v := f.low; v <= f.high+step/2; v += step {
		y := num(f.y(v))
		s.add(`<path class="grid" d="M`, num(f.left), ` `, y, `H`, num(f.right), `"/><text x="`, num(f.left-8), `" y="`, num(f.y(v)+5),
			`" text-anchor="end">`, html.EscapeString(show.Decimal(ctx, strconv.FormatFloat(v, 'f', decimals, 64))), `</text>`)
	}
	s.bands(t, f)
	s.days(ctx, f)
	s.series(t, f, all, 4.5)
	if wide && t.parts() == 2 {
		s.names(ctx, f, smooth(all))
	}
	s.add(`</svg>`)
	return s.String()
}

// bands are the goals: from the lower end, or the foot of the picture, to the upper.
func (s *svg) bands(t *trend, f frame) {
	for i, g := range t.Goals {
		if !g.set() {
			continue
		}
		top, foot := f.top, f.bottom
		if g.HasHigh {
			top = f.y(t.Unit.From(g.High).Float())
		}
		if g.HasLow {
			foot = f.y(t.Unit.From(g.Low).Float())
		} else if i == 0 && len(vitals.Of(t.Measure).Parts) == 2 && t.Goals[1].HasHigh {
			foot = math.Min(foot, f.y(t.Unit.From(t.Goals[1].High).Float()+15)) // the bands of two numbers stay two
		}
		s.add(`<path class="band" d="M`, num(f.left), ` `, num(top), `H`, num(f.right), `V`, num(foot), `H`, num(f.left), `Z"/>`)
		if g.HasHigh {
			s.add(`<path class="bedge" d="M`, num(f.left), ` `, num(top), `H`, num(f.right), `"/>`)
		}
		if g.HasLow {
			s.add(`<path class="bedge" d="M`, num(f.left), ` `, num(foot), `H`, num(f.right), `"/>`)
		}
	}
}

// days writes some dates below, as many as there is room for.
func (s *svg) days(ctx context.Context, f frame) {
	n := max(2, int((f.right-f.left)/72))
	days := int(f.to.Sub(f.from).Hours()/24 + .5)
	step := max(1, (days+n-1)/n)
	anchor := "end" // of the last one, which is today
	for at := f.to.In(text.Zone(ctx)); f.x(at) > f.left+20; at = at.AddDate(0, 0, -step) {
		s.add(`<text x="`, num(f.x(at)), `" y="`, num(f.bottom+24), `" text-anchor="`, anchor, `">`,
			strconv.Itoa(at.Day()), ` `, html.EscapeString(text.ShortMonth(ctx, at)), `</text>`)
		anchor = "middle"
	}
}

// names writes beside the two lines of blood pressure which is which.
func (s *svg) names(ctx context.Context, f frame, lines []point) {
	words := [vitals.MaxParts]string{text.T(ctx, "Top number"), text.T(ctx, "Bottom number")}
	for part, name := range words {
		for i := len(lines) - 1; i >= 0; i-- {
			if lines[i].Ok[part] {
				s.add(`<text class="n`, strconv.Itoa(part+1), `" x="`, num(f.right+12), `" y="`, num(f.y(lines[i].V[part])+5), `">`, html.EscapeString(name), `</text>`)
				break
			}
		}
	}
}

// series draws the readings, r from their middle to their edge, and the lines of their averages.
func (s *svg) series(t *trend, f frame, all []point, r float64) {
	lines, all := f.within(smooth(all)), f.within(all)
	for part := range vitals.Of(t.Measure).Parts {
		n := strconv.Itoa(part + 1)
		if len(lines) > 1 {
			s.add(`<path class="l`, n, `" d="`)
			pen := byte('M')
			for i := range lines {
				if p := &lines[i]; p.Ok[part] {
					s.to(pen, f.x(p.At), f.y(p.V[part]))
					pen = 'L'
				}
			}
			s.add(`"/>`)
		}
		if part == 0 {
			s.add(`<path class="p1" stroke-width="`, num(2*r), `" d="`)
		} else {
			s.add(`<path class="p2" d="`)
		}
		side := num(2*r - 1)
		for i := range all {
			p := &all[i]
			switch {
			case !p.Ok[part]:
			case part == 0:
				s.to('M', f.x(p.At), f.y(p.V[part]))
				s.add("h.01")
			default:
				s.to('M', f.x(p.At)-r+.5, f.y(p.V[part])-r+.5)
				s.add("h", side, "v", side, "h-", side, "z")
			}
		}
		s.add(`"/>`)
	}
}

// spark is the small picture beside a number.
func spark(t *trend, from, to time.Time, zone *time.Location, label string) string {
	t = t.between(from, to)
	all := points(t, zone)
	f := frame{left: 6, right: 174, top: 8, bottom: 88, from: from, to: to}
	f.fit(all, t)
	s := canvas("180 96", label)
	s.bands(t, f)
	s.series(t, f, all, 3.5)
	s.add(`</svg>`)
	return s.String()
}

// vignette is the small picture of the team's screen: with its scale, and its newest reading large, in the colour of what
// needs a look if it is out of the goal.
func vignette(ctx context.Context, t *trend, from, to time.Time, label string) string {
	t = t.between(from, to)
	all := points(t, text.Zone(ctx))
	f := frame{left: 7, right: 174, top: 11, bottom: 93, from: from, to: to}
	f.fit(all, t)
	s := canvas("220 104", label)
	s.bands(t, f)
	s.scale(ctx, t, f)
	s.series(t, f, all, 3.5)
	if last := t.last(); last != nil && len(all) > 0 && all[len(all)-1].Ok[0] {
		class, end := "p1", all[len(all)-1]
		if side, _ := t.standing(last.Values, last.Has); side != 0 {
			class = "p1 out"
		}
		s.add(`<path class="`, class, `" stroke-width="12" d="`)
		s.to('M', f.x(end.At), f.y(end.V[0]))
		s.add(`h.01"/>`)
	}
	s.add(`</svg>`)
	return s.String()
}

// scale writes the edges of the goal, without one the ends of the picture.
func (s *svg) scale(ctx context.Context, t *trend, f frame) {
	var marks []float64
	for _, g := range t.Goals {
		if g.HasHigh {
			marks = append(marks, t.Unit.From(g.High).Float())
		}
		if g.HasLow {
			marks = append(marks, t.Unit.From(g.Low).Float())
		}
	}
	if len(marks) == 0 {
		marks = []float64{f.high, f.low}
		for _, v := range marks {
			s.add(`<path class="grid" d="M`, num(f.left), ` `, num(f.y(v)), `H`, num(f.right), `"/>`)
		}
	}
	above := math.Inf(-1)
	for _, v := range marks {
		y, decimals := f.y(v), 0
		if v != math.Trunc(v) {
			decimals = t.Unit.Decimals
		}
		if math.Abs(y-above) < 16 {
			continue
		}
		above = y
		s.add(`<text x="`, num(f.right+8), `" y="`, num(y+5), `">`, html.EscapeString(show.Decimal(ctx, strconv.FormatFloat(v, 'f', decimals, 64))), `</text>`)
	}
}
