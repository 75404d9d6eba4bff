package care

import (
	"math"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/vitals"
)

// Where a picture puts its values: the points of a trend, the average that goes through them, and the scale.

type point struct {
	At time.Time
	V  [vitals.MaxParts]float64
	Ok [vitals.MaxParts]bool
}

// most is how many readings are drawn each by itself.
const most = 80

// points are oldest first.
func points(t *trend, zone *time.Location) []point {
	var out []point
	add := func(at time.Time, m mean) {
		p := point{At: at, Ok: m.Has}
		for i, a := range m.Values {
			p.V[i] = t.Unit.From(a).Float()
		}
		out = append(out, p)
	}
	for i := len(t.List) - 1; i >= 0; {
		j := i - 1
		if len(t.List) > most && t.List[i].Of == [vitals.MaxParts]int{} {
			for j >= 0 && day(t.List[j].Order, zone) == day(t.List[i].Order, zone) {
				j--
			}
		}
		add(t.List[i].Order, average(t.List[j+1:i+1]))
		i = j
	}
	return out
}

// smooth is the average of the seven days up to each point.
func smooth(all []point) []point {
	out := make([]point, len(all))
	var sum, n [vitals.MaxParts]float64
	first := 0 // of the week
	for i := range all {
		p := &all[i]
		out[i].At = p.At
		for ; p.At.Sub(all[first].At) >= week; first++ {
			for part, ok := range all[first].Ok {
				if ok {
					sum[part], n[part] = sum[part]-all[first].V[part], n[part]-1
				}
			}
		}
		for part, ok := range p.Ok {
			if ok {
				sum[part], n[part] = sum[part]+p.V[part], n[part]+1
			}
			if n[part] > 0 {
				out[i].V[part], out[i].Ok[part] = sum[part]/n[part], true
			}
		}
	}
	return out
}

// frame is where a picture puts its values.
type frame struct {
	left, right, top, bottom float64
	from, to                 time.Time
	low, high                float64
}

func (f frame) x(t time.Time) float64 {
	span := f.to.Sub(f.from).Seconds()
	if span <= 0 {
		return f.left
	}
	return f.left + (f.right-f.left)*t.Sub(f.from).Seconds()/span
}

func (f frame) y(v float64) float64 { return f.bottom - (f.bottom-f.top)*(v-f.low)/(f.high-f.low) }

// within are the points that the picture shows.
func (f frame) within(all []point) []point {
	for i := range all {
		if !all[i].At.Before(f.from) {
			return all[i:]
		}
	}
	return nil
}

// fit chooses the ends of the scale: round steps around everything that is drawn.
func (f *frame) fit(all []point, t *trend) (step float64) {
	low, high := math.Inf(1), math.Inf(-1)
	see := func(v float64) { low, high = math.Min(low, v), math.Max(high, v) }
	for _, p := range all {
		for i, ok := range p.Ok {
			if ok {
				see(p.V[i])
			}
		}
	}
	for _, g := range t.Goals {
		if g.HasLow {
			see(t.Unit.From(g.Low).Float())
		}
		if g.HasHigh {
			see(t.Unit.From(g.High).Float())
			if !g.HasLow { // some of what lies in the goal is always in the picture
				see(t.Unit.From(g.High).Float() * .85)
			}
		}
	}
	if math.IsInf(low, 0) {
		low, high = 0, 1
	}
	// What differs by less than what matters stays small in the picture.
	if least := 4 * (t.Unit.From(matters[t.Measure]) - t.Unit.From(0)).Float(); high-low < least {
		middle := (low + high) / 2
		low, high = math.Max(0, middle-least/2), middle+least/2
	}
	raw := math.Max((high-low)/5, math.Pow(10, -float64(t.Unit.Decimals))/1.01)
	base := math.Pow(10, math.Floor(math.Log10(raw)))
	step = base * 10
	for _, k := range []float64{1, 2, 5} {
		if raw <= base*k {
			step = base * k
			break
		}
	}
	f.low, f.high = math.Floor(low/step)*step, math.Ceil(high/step)*step
	if f.high-f.low < 2*step {
		f.low, f.high = f.low-step, f.high+step
	}
	if t.Measure == vitals.Oxygen { // a share: there is nothing above all
		f.high = math.Min(f.high, 100)
	}
	return step
}
