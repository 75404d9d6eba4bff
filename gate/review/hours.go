package review

import (
	"errors"
	"time"
)

// Span is a stretch of a day, in minutes after local midnight; To may be 1440, the end of the day.
type Span struct{ From, To int }

// Day is a day of the calendar, whatever the time zone.
type Day struct {
	Year  int
	Month time.Month
	Day   int
}

// Hours are the opening hours of the reviewers: what counts towards a deadline.
type Hours struct {
	Zone   *time.Location
	Week   [7][]Span // by time.Weekday: Week[time.Monday] …; spans in order, not overlapping
	Closed map[Day]bool
}

// Weekdays returns hours that are open from Monday to Friday, from and to given in hours.
func Weekdays(zone *time.Location, from, to int) Hours {
	h := Hours{Zone: zone}
	for d := time.Monday; d <= time.Friday; d++ {
		h.Week[d] = []Span{{from * 60, to * 60}}
	}
	return h
}

// Always returns hours that never close.
func Always(zone *time.Location) Hours {
	h := Hours{Zone: zone}
	for d := range h.Week {
		h.Week[d] = []Span{{0, 1440}}
	}
	return h
}

// Check reports whether the hours make sense: a zone, at least one span, spans in order.
func (h Hours) Check() error {
	if h.Zone == nil {
		return errors.New("opening hours: no time zone")
	}
	any := false
	for d, spans := range h.Week {
		end := 0
		for _, s := range spans {
			if s.From < end || s.To <= s.From || s.To > 1440 {
				return errors.New("opening hours: the times of " + time.Weekday(d).String() + " overlap or are out of order")
			}
			end, any = s.To, true
		}
	}
	if !any {
		return errors.New("opening hours: never open")
	}
	return nil
}

// horizon is how far Add looks for opening hours: beyond it the closed dates can't be meant.
const horizon = 400

// Add returns the instant at which d of opening time has passed since t. It counts real time, so an
// hour that a change of the clocks skips or repeats is worth what it really lasts. If nothing opens
// within a little over a year, the time simply passes: there is never no deadline.
func (h Hours) Add(t time.Time, d time.Duration) time.Time {
	local := t.In(h.Zone)
	y, m, day := local.Date()
	left := d
	for i := range horizon {
		date := time.Date(y, m, day+i, 0, 0, 0, 0, time.UTC) // the calendar alone, so that no clock change moves it
		yy, mm, dd := date.Date()
		if h.Closed[Day{yy, mm, dd}] {
			continue
		}
		for _, s := range h.Week[date.Weekday()] {
			open := time.Date(yy, mm, dd, 0, s.From, 0, 0, h.Zone)
			shut := time.Date(yy, mm, dd, 0, s.To, 0, 0, h.Zone)
			if open.Before(t) {
				open = t
			}
			n := shut.Sub(open)
			if n <= 0 {
				continue
			}
			if left <= n {
				return open.Add(left).UTC()
			}
			left -= n
		}
	}
	return t.Add(d).UTC()
}
