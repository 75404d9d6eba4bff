package plans

import "time"

// Rhythm is when something is to be done. The zero value is every day.
type Rhythm struct {
	Days    [7]bool // by time.Weekday; none is any day
	Weekly  int     // so many times a week, on days of one's choice; 0 is on each of Days
	Once    bool    // once, from the first day on
	Part    string  // of the day: "" any, "MORN", "EVE" (codes of event-timing)
	Minutes int     // how long; 0 is not said
	From    Day     // 0 is from the plan's first day
	Until   Day     // the last day; 0 is as long as the plan
}

// Day is a day of the calendar, whatever the zone: days since 1970-01-01.
type Day int32

// DayOf is the day that t falls on in zone.
func DayOf(t time.Time, zone *time.Location) Day {
	y, m, d := t.In(zone).Date()
	return Day(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// ParseDay reads what String writes; 0 and false if s is none.
func ParseDay(s string) (Day, bool) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return 0, false
	}
	return Day(t.Unix() / 86400), true
}

// String writes 2026-11-23.
func (d Day) String() string { return d.utc().Format(time.DateOnly) }

func (d Day) utc() time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

// Weekday is its weekday.
func (d Day) Weekday() time.Weekday { return d.utc().Weekday() }

// Monday is the first day of its week.
func (d Day) Monday() Day { return d - Day((d.Weekday()+6)%7) }

// Noon is an instant of the day in zone, for writing its name.
func (d Day) Noon(zone *time.Location) time.Time {
	y, m, day := d.utc().Date()
	return time.Date(y, m, day, 12, 0, 0, 0, zone)
}

// on reports whether the rhythm names this day.
func (r *Rhythm) on(d Day) bool {
	if r.From != 0 && d < r.From || r.Until != 0 && d > r.Until {
		return false
	}
	return r.Once || r.Weekly > 0 || r.Days == [7]bool{} || r.Days[d.Weekday()]
}
