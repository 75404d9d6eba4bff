package alerts

import (
	"time"

	"github.com/mitral-health/mitral/clinical/internal/thresholds"
)

// Quiet is when a team is not at work. Its zero value is never.
type Quiet struct {
	From, To time.Duration // since local midnight; From later than To goes over midnight; equal is none
	Weekends bool          // Saturdays and Sundays whole
	Zone     *time.Location
}

func (q Quiet) zone() *time.Location {
	if q.Zone == nil {
		return time.UTC
	}
	return q.Zone
}

// Holds says whether it is quiet at t.
func (q Quiet) Holds(t time.Time) bool {
	t = t.In(q.zone())
	if q.Weekends && (t.Weekday() == time.Saturday || t.Weekday() == time.Sunday) {
		return true
	}
	hour, minute, second := t.Clock()
	at := time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute + time.Duration(second)*time.Second
	if q.From <= q.To {
		return at >= q.From && at < q.To
	}
	return at >= q.From || at < q.To
}

// turn is the first moment after t at which quiet may begin or end, as the clocks on the wall have it.
func (q Quiet) turn(t time.Time) time.Time {
	t = t.In(q.zone())
	year, month, date := t.Date()
	var next time.Time
	for plus := 0; plus < 2; plus++ {
		for _, at := range []time.Duration{0, q.From, q.To} {
			c := time.Date(year, month, date+plus, int(at/time.Hour), int(at%time.Hour/time.Minute), int(at%time.Minute/time.Second), 0, q.zone())
			if c.After(t) && (next.IsZero() || c.Before(next)) {
				next = c
			}
		}
	}
	return next
}

// After is t plus so much time that isn't quiet. Quiet that never ends is passed over.
func (q Quiet) After(t time.Time, d time.Duration) time.Time {
	at, left := t, d
	for range 200 {
		end := q.turn(at)
		if !q.Holds(at) {
			if open := end.Sub(at); open >= left {
				return at.Add(left).UTC()
			}
			left -= end.Sub(at)
		}
		at = end
	}
	return t.Add(d).UTC()
}

// Policy is when an alert that nobody acknowledges goes to the deputy.
type Policy struct {
	Urgent    time.Duration // by the clock, at any hour
	Attention time.Duration // of working time
	Info      time.Duration // of working time
	Quiet     Quiet
}

// DefaultPolicy is ours, without a source: a quarter of an hour for what is urgent, four working hours
// for what needs attention, never for what is only told.
func DefaultPolicy(q Quiet) Policy {
	return Policy{Urgent: 15 * time.Minute, Attention: 4 * time.Hour, Quiet: q}
}

// Due is when an alert is to be escalated; not, if it isn't waiting for anybody, or already was. A
// duration of zero is never.
func (p Policy) Due(a *Alert) (time.Time, bool) {
	if a.Status != Raised || a.Deputy != "" {
		return time.Time{}, false
	}
	from := a.Waiting()
	switch a.First.Severity {
	case thresholds.Urgent:
		return from.Add(p.Urgent).UTC(), p.Urgent > 0
	case thresholds.Attention:
		return p.Quiet.After(from, p.Attention), p.Attention > 0
	}
	return p.Quiet.After(from, p.Info), p.Info > 0
}
