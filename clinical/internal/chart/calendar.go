package chart

import "time"

// Calendar tells the day, counted since 1970, of instants in a zone; quickly for many that lie near each other.
type Calendar struct {
	zone     *time.Location
	from, to int64 // microseconds: the day that was told last
	day      int
}

// NewCalendar makes one.
func NewCalendar(zone *time.Location) *Calendar { return &Calendar{zone: zone} }

// Day is the day that an instant falls on.
func (c *Calendar) Day(micros int64) int {
	if micros < c.from || micros >= c.to {
		y, m, d := time.UnixMicro(micros).In(c.zone).Date()
		c.from, c.to = time.Date(y, m, d, 0, 0, 0, 0, c.zone).UnixMicro(), time.Date(y, m, d+1, 0, 0, 0, 0, c.zone).UnixMicro()
		c.day = int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
		if micros < c.from || micros >= c.to { // a midnight that there is twice, or not at all
			c.from, c.to = micros, micros+1
		}
	}
	return c.day
}
