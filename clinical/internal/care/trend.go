package care

import (
	"slices"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/vitals"
)

// What readings say together. Pure: times and readings are given.

// way is where a trend goes.
type way int

const (
	unknown way = iota // too few readings to say
	steady
	up
	down
)

// enough is how many readings each side of a comparison has at least. Like matters, chosen without a source.
const enough = 3

// matters is the change of an average, in the canonical unit, from which we say that something goes up or down. Less
// is within what the same person's readings differ by from day to day.
var matters = map[vitals.Measure]vitals.Amount{
	vitals.BloodPressure: vitals.Units(4), vitals.Glucose: vitals.Units(12), vitals.Weight: vitals.Units(1) * 4 / 5,
	vitals.Oxygen: vitals.Units(2), vitals.HeartRate: vitals.Units(5), vitals.Temperature: vitals.Units(2) / 5,
	vitals.PeakFlow: vitals.Units(30), vitals.Pain: vitals.Units(2), vitals.Steps: vitals.Units(1000), vitals.Breathing: vitals.Units(3),
}

// mean is the average of each number over the readings that have it.
type mean struct {
	Values [vitals.MaxParts]vitals.Amount
	Has    [vitals.MaxParts]bool
	N      int
}

func average(of []taken) mean {
	var m mean
	var sum, n [vitals.MaxParts]vitals.Amount
	for i := range of {
		r := &of[i]
		most := vitals.Amount(1)
		for part, has := range r.Has {
			if has {
				w := r.weight(part)
				sum[part] += r.Values[part] * w
				n[part] += w
				most = max(most, w)
			}
		}
		m.N += int(most)
	}
	for i := range n {
		if n[i] > 0 {
			m.Values[i], m.Has[i] = divide(sum[i], n[i]), true
		}
	}
	return m
}

// divide rounds to the nearest, on both sides of zero: a temperature in the frost of Celsius is no reading, but a
// difference is below zero as often as above.
func divide(sum, n vitals.Amount) vitals.Amount {
	if sum < 0 {
		return -((-sum + n/2) / n)
	}
	return (sum + n/2) / n
}

// during are the readings from a time on and before another. list is newest first, and so is the answer, a part of it.
func during(list []taken, from, to time.Time) []taken {
	begin, _ := slices.BinarySearchFunc(list, to, func(r taken, t time.Time) int { return first(!r.Order.Before(t)) })
	end, _ := slices.BinarySearchFunc(list, from, func(r taken, t time.Time) int { return first(!r.Order.Before(t)) })
	return list[min(begin, end):end:end]
}

const week = 7 * 24 * time.Hour

// trend is one measure of one patient over a time.
type trend struct {
	Measure vitals.Measure
	Unit    *vitals.Unit
	Goals   [vitals.MaxParts]goal
	List    []taken // of the period, newest first
	Week    mean    // the last seven days
	Before  mean    // the three weeks before those
	Way     way
	Newest  *taken // if List holds means of days
}

// trendOf looks at the readings of one measure, newest first. They reach back four weeks or more.
func trendOf(m vitals.Measure, list []taken, g goals, now time.Time) trend {
	t := trend{Measure: m, Unit: unit(m, list), Goals: g.of(m), List: list}
	t.Week = average(during(t.List, now.Add(-week), now.Add(time.Hour)))
	t.Before = average(during(t.List, now.Add(-4*week), now.Add(-week)))
	if t.Week.N < enough || t.Before.N < enough {
		return t
	}
	switch d := t.Week.Values[0] - t.Before.Values[0]; {
	case d >= matters[m]:
		t.Way = up
	case d <= -matters[m]:
		t.Way = down
	default:
		t.Way = steady
	}
	return t
}

// last is the newest reading; nil if there is none.
func (t *trend) last() *taken {
	switch {
	case t.Newest != nil:
		return t.Newest
	case len(t.List) == 0:
		return nil
	}
	return &t.List[0]
}

// standing is where values are by the goals, as they are shown: 135.2, written 135, is in a goal of up to 135. known is
// false without a goal.
func (t *trend) standing(values [vitals.MaxParts]vitals.Amount, has [vitals.MaxParts]bool) (side int, known bool) {
	for i, g := range t.Goals {
		if !g.set() || !has[i] {
			continue
		}
		known = true
		if s := g.side(t.shown(values[i])); s != 0 && side <= 0 {
			side = s
		}
	}
	return side, known
}

// shown is what a number is when it was rounded to be read.
func (t *trend) shown(a vitals.Amount) vitals.Amount {
	if r, ok := vitals.ParseAmount(t.Unit.Show(a)); ok {
		return t.Unit.To(r)
	}
	return a
}

// every is how many days usually pass between two days with a reading, 0 if there are too few to say.
func (t *trend) every(zone *time.Location) int {
	var days []int
	for _, r := range t.List {
		if d := day(r.Order, zone); len(days) == 0 || days[len(days)-1] != d {
			days = append(days, d)
		}
	}
	if len(days) < enough {
		return 0
	}
	var gaps []int
	for i := 1; i < min(len(days), 15); i++ {
		gaps = append(gaps, days[i-1]-days[i])
	}
	slices.Sort(gaps)
	return gaps[len(gaps)/2]
}

func day(t time.Time, zone *time.Location) int {
	y, m, d := t.In(zone).Date()
	return int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// weekOf is one row of the table.
type weekOf struct {
	From, To time.Time // the last day is To
	mean
}

// weeks are the last so many weeks with a reading, newest first, each ending on the weekday that is now.
func (t *trend) weeks(now time.Time, zone *time.Location, n int) []weekOf {
	y, m, d := now.In(zone).Date()
	end := time.Date(y, m, d+1, 0, 0, 0, 0, zone)
	var out []weekOf
	for range n {
		from := end.AddDate(0, 0, -7)
		if a := average(during(t.List, from, end)); a.N > 0 {
			out = append(out, weekOf{from, end.AddDate(0, 0, -1), a})
		}
		end = from
	}
	return out
}
