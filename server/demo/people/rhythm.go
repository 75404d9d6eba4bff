package people

import (
	"math"
	"slices"
	"strconv"
	"time"
)

// measure lives through the days up to now.
func (l *life) measure(p *Person, today, now time.Time) []Reading {
	var out []Reading
	first := today.AddDate(0, 0, -l.days)
	p.Began = first
	dice := l.body.dice
	for day := range l.days + 1 {
		date := first.AddDate(0, 0, day)
		weekend := date.Weekday() == time.Saturday || date.Weekday() == time.Sunday
		for n, h := range l.habits {
			if (day+n)%h.every != 0 {
				continue
			}
			for _, hour := range h.hours {
				late := dice.NormFloat64() * 0.35
				keeps := dice.IntN(100) < l.keeps(h, day)
				if weekend {
					late += 0.8
				}
				at := hour + late
				stamp := date.Add(time.Duration(at * float64(time.Hour))).Truncate(time.Minute)
				if !keeps || stamp.After(now) {
					continue
				}
				for i, kind := range append([]Kind{h.kind}, h.with...) {
					out = append(out, l.read(p, kind, stamp.Add(time.Duration(i)*time.Minute), day, hour, weekend))
				}
			}
		}
	}
	if l.crisis {
		at := now.Add(-18 * time.Minute).Truncate(time.Minute)
		out = append(out, Reading{Kind: Pressure, At: at, Typed: []string{"192", "118"}, Unit: "mm[Hg]", Device: p.Device})
	}
	out = slices.DeleteFunc(out, func(r Reading) bool { return r.At.After(now) })
	slices.SortStableFunc(out, func(a, b Reading) int { return a.At.Compare(b.At) })
	return out
}

// keeps is how often of a hundred a habit is kept on a day: less after weeks, hardly when somebody is away.
func (l *life) keeps(h habit, day int) int {
	keeps := h.keeps
	if day < 14 {
		keeps += 8
	}
	for _, g := range l.gaps {
		if day >= g.from && day < g.to {
			keeps = keeps * g.keeps / 100
		}
	}
	return keeps
}

// read measures once.
func (l *life) read(p *Person, kind Kind, at time.Time, day int, hour float64, weekend bool) Reading {
	value := func(n int) float64 {
		return l.body.value(part{kind, n}, day, hour, weekend, l.effects)
	}
	r := Reading{Kind: kind, At: at, Unit: usual[kind], Device: p.Device}
	if u := p.Unit[kind]; u != "" {
		r.Unit = u
	}
	switch kind {
	case Pressure:
		upper := value(0)
		lower := min(value(1), upper-22)
		r.Typed = []string{l.whole(p, upper), l.whole(p, lower)}
	case Glucose:
		r.Device = ""
		mg := l.sugar(p, value(0), day, hour)
		if r.Unit == "mmol/L" {
			r.Typed = []string{fixed(mg/18, 1)}
		} else {
			r.Typed = []string{fixed(mg, 0)}
		}
	case Weight, Heat:
		r.Typed = []string{fixed(value(0), 1)}
	case Steps, Oxygen, Pain, Breathing:
		r.Typed = []string{fixed(value(0), 0)}
	default:
		r.Typed = []string{l.whole(p, value(0))}
	}
	if kind == Pain || kind == Steps || kind == PeakFlow || kind == Breathing {
		r.Device = ""
	}
	return r
}

// usual is the unit that each kind has here.
var usual = map[Kind]string{Pressure: "mm[Hg]", Glucose: "mg/dL", Weight: "kg", Oxygen: "%", Pulse: "/min", Heat: "Cel", PeakFlow: "L/min", Pain: "{score}", Steps: "{steps}", Breathing: "/min"}

// sugar is what meals, and days on which it falls, make of a glucose.
func (l *life) sugar(p *Person, v float64, day int, hour float64) float64 {
	dice := l.body.dice
	if p.Has(Diabetes1) {
		v *= math.Exp(0.24 * dice.NormFloat64())
		if i := slices.Index(l.lows, day); i >= 0 && hour > 12 {
			switch {
			case hour < 14 && i%3 == 0:
				v = 46 + 7*dice.Float64()
			case hour < 14:
				v = 56 + 12*dice.Float64()
			case hour < 20:
				v += 70 // eaten against it
			}
		} else {
			v = max(v, 73)
		}
		return min(v, 330)
	}
	if hour > 20 {
		v += 24
	}
	return v
}

// whole writes a number as somebody does: who types rounds to tens now and then, a device never.
func (l *life) whole(p *Person, v float64) string {
	if p.Device == "" {
		switch n := l.body.dice.IntN(100); {
		case n < l.rounds:
			v = 10 * math.Round(v/10)
		case n < l.rounds+l.rounds/3:
			v = 5 * math.Round(v/5)
		}
	}
	return fixed(v, 0)
}

func fixed(v float64, decimals int) string { return strconv.FormatFloat(v, 'f', decimals, 64) }
