package people

import (
	"math"
	"math/rand/v2"
)

// part is one number of one kind: of the pressures, 0 is the upper one and 1 the lower.
type part struct {
	kind Kind
	n    int
}

// effect moves a number for a while: it grows over rise days from day from on, stays for hold, and fades with
// the time constant fade. Days count from the first, like those of a life.
type effect struct {
	of                     part
	from, rise, hold, fade float64
	size                   float64
}

// at is how much of it there is on a day, which has fractions.
func (e effect) at(day float64) float64 {
	switch since := day - e.from; {
	case since <= 0:
		return 0
	case since < e.rise:
		return e.size * since / e.rise
	case since < e.rise+e.hold:
		return e.size
	case e.fade <= 0:
		return 0
	default:
		return e.size * math.Exp(-(since-e.rise-e.hold)/e.fade)
	}
}

// always is a hold that does not end.
const always = 1e6

// body is somebody's numbers without events.
type body struct {
	base  map[part]float64
	drift map[part]float64 // a day
	dice  *rand.Rand
	mood  map[part]float64 // how a day differs from the others; days that follow are alike
	day   int
}

// swing is what the hour and the day of the week do to a number: how much at most, at which hour most, and how
// much on Saturdays and Sundays.
type swing struct{ size, peak, weekend float64 }

var swings = map[part]swing{
	{Pressure, 0}:  {5, 9, -2},
	{Pressure, 1}:  {3, 9, -1},
	{Pulse, 0}:     {4, 15, -1},
	{Heat, 0}:      {0.25, 18, 0},
	{Oxygen, 0}:    {0.5, 13, 0},
	{Weight, 0}:    {0.4, 20, 0.15},
	{Pain, 0}:      {0.6, 20, 0.1},
	{PeakFlow, 0}:  {14, 16, 0},
	{Breathing, 0}: {0.4, 17, 0},
	{Steps, 0}:     {0, 0, -600},
	{Glucose, 0}:   {6, 6, 7}, // at dawn; meals are the hour's own, see meals
}

// noises are how much days differ, and how much one reading differs from another of the same day.
var noises = map[part][2]float64{
	{Pressure, 0}: {4, 4}, {Pressure, 1}: {2.5, 2.5}, {Pulse, 0}: {2, 3}, {Heat, 0}: {0.08, 0.1}, {Oxygen, 0}: {0.5, 0.5}, {Weight, 0}: {0.2, 0.1},
	{Pain, 0}: {0.5, 0.4}, {PeakFlow, 0}: {10, 8}, {Breathing, 0}: {0.6, 0.7}, {Steps, 0}: {1100, 300}, {Glucose, 0}: {9, 8},
}

// kept are the numbers that bodies keep to, whatever is added up.
var kept = map[part][2]float64{
	{Pressure, 0}: {86, 216}, {Pressure, 1}: {46, 124}, {Pulse, 0}: {44, 148}, {Heat, 0}: {35.6, 40.1}, {Oxygen, 0}: {80, 99}, {Weight, 0}: {40, 170},
	{Pain, 0}: {0, 10}, {PeakFlow, 0}: {120, 720}, {Breathing, 0}: {10, 36}, {Steps, 0}: {80, 24000}, {Glucose, 0}: {42, 420},
}

// begin goes on to a day: what is different about it is partly what was different about the day before.
func (b *body) begin(day int) {
	for b.day < day {
		b.day++
		shared := b.dice.NormFloat64() // pressures go up and down together
		for _, p := range parts {
			n := b.dice.NormFloat64()
			if p.kind == Pressure {
				n = 0.8*shared + 0.6*n
			}
			b.mood[p] = 0.55*b.mood[p] + 0.83*noises[p][0]*n
		}
	}
}

// parts are all of them in an order that stays the same.
var parts = []part{{Pressure, 0}, {Pressure, 1}, {Glucose, 0}, {Weight, 0}, {Oxygen, 0}, {Pulse, 0}, {Heat, 0}, {PeakFlow, 0}, {Pain, 0}, {Steps, 0}, {Breathing, 0}}

// value is what a number is at an hour of a day.
func (b *body) value(p part, day int, hour float64, weekend bool, effects []effect) float64 {
	b.begin(day)
	at := float64(day) + hour/24
	s := swings[p]
	v := b.base[p] + b.drift[p]*at + s.size*math.Cos(2*math.Pi*(hour-s.peak)/24) + b.mood[p] + noises[p][1]*b.dice.NormFloat64()
	if weekend {
		v += s.weekend
	}
	for _, e := range effects {
		if e.of == p {
			v += e.at(at)
		}
	}
	return min(max(v, kept[p][0]), kept[p][1])
}
