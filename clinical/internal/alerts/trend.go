package alerts

import (
	"time"

	"github.com/mitral-health/mitral/clinical/internal/thresholds"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
)

// trendDays is how far a trend looks back if nothing else is asked.
const trendDays = 7

// daily is the mean of each day, counted back from the newest reading: day 0 is from twelve hours
// after it to twelve before, so that somebody who measures once a day at about the same hour has one
// reading in each, in whatever zone they live.
type daily struct {
	sum, n [thresholds.MaxDays + 1]int64
	oldest [thresholds.MaxDays + 1]int64
}

// days gathers one part over so many days.
func (s State) days(part vitals.Part, days int) *daily {
	d := &daily{}
	if len(s.points) == 0 {
		return d
	}
	newest := s.points[len(s.points)-1].at
	for i := len(s.points) - 1; i >= 0; i-- {
		p := &s.points[i]
		at := int((newest - p.at + half.Microseconds()) / day.Microseconds())
		if at >= min(days, len(d.n)) {
			break
		}
		if v, has := p.part(part); has {
			d.sum[at], d.n[at], d.oldest[at] = d.sum[at]+int64(v), d.n[at]+1, p.at
		}
	}
	return d
}

// mean is the mean of the days' means from day a to before day b, and how many days had one.
func (d *daily) mean(a, b int) (vitals.Amount, int) {
	var sum, n int64
	for i := a; i < min(b, len(d.n)); i++ {
		if d.n[i] > 0 {
			sum, n = sum+int64(mean(d.sum[i], d.n[i])), n+1
		}
	}
	if n == 0 {
		return 0, 0
	}
	return mean(sum, n), int(n)
}

// first is the time of the oldest reading before day b.
func (d *daily) first(b int) time.Time {
	for i := b - 1; i >= 0; i-- {
		if d.n[i] > 0 {
			return time.UnixMicro(d.oldest[i]).UTC()
		}
	}
	return time.Time{}
}

// noticeable is the difference from which a trend is worth a word; under it, it is steady. Chosen,
// without a source: about what the measurement itself varies by.
func noticeable(m vitals.Measure) vitals.Amount {
	switch m {
	case vitals.BloodPressure, vitals.HeartRate:
		return vitals.Units(5)
	case vitals.Glucose:
		return vitals.Units(15)
	case vitals.Weight:
		return vitals.Units(1) / 2
	case vitals.Oxygen, vitals.Breathing:
		return vitals.Units(2)
	case vitals.Temperature:
		return vitals.Units(3) / 10
	case vitals.PeakFlow:
		return vitals.Units(20)
	case vitals.Steps:
		return vitals.Units(1000)
	}
	return vitals.Units(1)
}

// Trend tells how one part of a measure went over the last so many days (MaxDays at most).
func (s State) Trend(m vitals.Measure, part vitals.Part, days int) Trend {
	d, t := s.days(part, days), Trend{}
	first, last := -1, -1
	for i := range d.n {
		if d.n[i] == 0 {
			continue
		}
		if last < 0 {
			last = i
		}
		first = i
		t.Readings += int(d.n[i])
	}
	if first < 0 {
		return t
	}
	t.From, t.To, t.Days = mean(d.sum[first], d.n[first]), mean(d.sum[last], d.n[last]), first-last
	if t.Days == 0 {
		return t
	}
	switch diff := t.To - t.From; {
	case diff >= noticeable(m):
		t.Direction = Rising
	case diff <= -noticeable(m):
		t.Direction = Falling
	default:
		t.Direction = Steady
	}
	return t
}
