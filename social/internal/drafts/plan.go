package drafts

import (
	"time"

	"github.com/mitral-health/mitral/platform/fault"
)

// Plan is when a text should go out, as the author said it: what the clock on the wall shows, in
// which zone. The instant follows from both.
type Plan struct {
	Wall string // 2006-01-02T15:04; "" is no plan
	Zone string // IANA name
	At   time.Time
}

const wallForm = "2006-01-02T15:04"

// Oddity is what the change of clocks does to a time.
type Oddity int

// The oddities.
const (
	Ordinary Oddity = iota
	Skipped         // the clocks go forward over it; the next instant that exists is taken
	Repeated        // the clocks go back over it; the first of the two is taken
)

// planAt works out the instant of a wall time in a zone.
func planAt(wall, zone string) (Plan, Oddity, error) {
	t, err := time.Parse(wallForm, wall)
	if err != nil {
		return Plan{}, Ordinary, fault.New(fault.Invalid, "Give the day and the time, for example 13 November 2026 at 09:00.")
	}
	loc, err := time.LoadLocation(zone)
	if err != nil || zone == "" || zone == "Local" {
		return Plan{}, Ordinary, fault.New(fault.Invalid, "This time zone is not known.")
	}
	at, odd := instant(t, loc)
	return Plan{Wall: wall, Zone: zone, At: at}, odd, nil
}

// instant returns when a clock in loc shows the date and time that t has in UTC.
func instant(t time.Time, loc *time.Location) (time.Time, Oddity) {
	// The offsets before and after any change of clocks nearby; even one that drops a whole day.
	const near = 36 * time.Hour
	_, before := t.Add(-near).In(loc).Zone()
	_, after := t.Add(near).In(loc).Zone()
	shows := func(at time.Time) bool {
		const exact = "2006-01-02T15:04:05"
		return at.In(loc).Format(exact) == t.Format(exact)
	}
	one, two := t.Add(-time.Duration(before)*time.Second), t.Add(-time.Duration(after)*time.Second)
	switch {
	case shows(one) && shows(two) && !one.Equal(two):
		if two.Before(one) {
			one = two
		}
		return one.UTC(), Repeated
	case shows(one):
		return one.UTC(), Ordinary
	case shows(two):
		return two.UTC(), Ordinary
	}
	// Between the two: reckoned by the old offset it lies behind the change, so the zone it is in
	// began at the change.
	start, _ := one.In(loc).ZoneBounds()
	return start.UTC(), Skipped
}
