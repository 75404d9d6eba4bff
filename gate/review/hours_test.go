package review

import (
	"testing"
	"time"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestAdd(t *testing.T) {
	madrid := zone(t, "Europe/Madrid")
	week := Weekdays(madrid, 8, 20)
	week.Closed = map[Day]bool{{2026, time.December, 8}: true}
	split := Hours{Zone: madrid}
	for d := time.Monday; d <= time.Friday; d++ {
		split.Week[d] = []Span{{9 * 60, 13 * 60}, {16*60 + 30, 19 * 60}}
	}
	always := Always(madrid)
	night := Hours{Zone: madrid, Week: [7][]Span{time.Sunday: {{0, 300}}, time.Saturday: {{1200, 1440}}}}
	apia := Always(zone(t, "Pacific/Apia")) // skipped 30 December 2011 altogether

	cases := []struct {
		name string
		h    Hours
		from string
		d    time.Duration
		want string
	}{
		{"inside a day", week, "2026-11-12T09:00:00+01:00", 4 * time.Hour, "2026-11-12T13:00:00+01:00"},
		{"up to the last minute", week, "2026-11-12T16:00:00+01:00", 4 * time.Hour, "2026-11-12T20:00:00+01:00"},
		{"into the next day", week, "2026-11-12T18:30:00+01:00", 4 * time.Hour, "2026-11-13T10:30:00+01:00"},
		{"before opening", week, "2026-11-12T03:00:00+01:00", 15 * time.Minute, "2026-11-12T08:15:00+01:00"},
		{"after closing", week, "2026-11-12T22:00:00+01:00", 15 * time.Minute, "2026-11-13T08:15:00+01:00"},
		{"at closing", week, "2026-11-12T20:00:00+01:00", 15 * time.Minute, "2026-11-13T08:15:00+01:00"},
		{"over the weekend", week, "2026-11-13T19:00:00+01:00", 4 * time.Hour, "2026-11-16T11:00:00+01:00"},
		{"on Sunday", week, "2026-11-15T12:00:00+01:00", 4 * time.Hour, "2026-11-16T12:00:00+01:00"},
		{"over a closed day", week, "2026-12-07T19:00:00+01:00", 2 * time.Hour, "2026-12-09T09:00:00+01:00"},
		{"several days", week, "2026-11-12T08:00:00+01:00", 30 * time.Hour, "2026-11-16T14:00:00+01:00"},
		{"over the siesta", split, "2026-11-12T12:00:00+01:00", 2 * time.Hour, "2026-11-12T17:30:00+01:00"},
		{"in the siesta", split, "2026-11-12T14:00:00+01:00", 15 * time.Minute, "2026-11-12T16:45:00+01:00"},
		{"given in UTC, another day here", week, "2026-11-12T23:30:00Z", 15 * time.Minute, "2026-11-13T08:15:00+01:00"},
		{"seconds count", week, "2026-11-12T19:59:30+01:00", time.Minute, "2026-11-13T08:00:30+01:00"},

		{"open hours move with the clocks", week, "2026-03-27T18:00:00+01:00", 4 * time.Hour, "2026-03-30T10:00:00+02:00"},
		{"the skipped hour is no time", always, "2026-03-29T01:30:00+01:00", 2 * time.Hour, "2026-03-29T04:30:00+02:00"},
		{"the repeated hour is two", always, "2026-10-25T01:30:00+02:00", 3 * time.Hour, "2026-10-25T03:30:00+01:00"},
		{"the night the clocks go forward has four hours", night, "2026-03-28T20:00:00+01:00", 8*time.Hour + time.Minute, "2026-04-04T20:01:00+02:00"},
		{"the night they go back has six", night, "2026-10-24T20:00:00+02:00", 10 * time.Hour, "2026-10-25T05:00:00+01:00"},
		{"a day that never was", apia, "2011-12-29T23:00:00-10:00", 2 * time.Hour, "2011-12-31T01:00:00+14:00"},
		{"never open", Hours{Zone: madrid}, "2026-11-12T09:00:00Z", 4 * time.Hour, "2026-11-12T13:00:00Z"},
	}
	for _, c := range cases {
		from, err := time.Parse(time.RFC3339, c.from)
		if err != nil {
			t.Fatal(err)
		}
		want, err := time.Parse(time.RFC3339, c.want)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.h.Add(from.UTC(), c.d); !got.Equal(want) {
			t.Errorf("%s: %s, want %s", c.name, got.In(c.h.Zone).Format(time.RFC3339), c.want)
		}
	}
}

// However the hours are cut, adding in two steps ends where adding at once does, and never before
// the time has really passed.
func TestAddInSteps(t *testing.T) {
	h := Weekdays(zone(t, "Europe/Madrid"), 8, 20)
	from := time.Date(2026, 3, 24, 0, 0, 0, 0, time.UTC)
	for i := range 24 * 14 {
		at := from.Add(time.Duration(i)*time.Hour + time.Duration(i)*time.Second)
		once := h.Add(at, 4*time.Hour)
		if twice := h.Add(h.Add(at, 90*time.Minute), 150*time.Minute); !twice.Equal(once) {
			t.Fatalf("%s: %s in steps, %s at once", at, twice, once)
		}
		if once.Before(at.Add(4 * time.Hour)) {
			t.Fatalf("%s: due at %s already", at, once)
		}
	}
}

func TestHoursCheck(t *testing.T) {
	if err := Weekdays(time.UTC, 8, 20).Check(); err != nil {
		t.Error(err)
	}
	bad := map[string]Hours{
		"no zone":    {},
		"never open": {Zone: time.UTC},
		"backwards":  {Zone: time.UTC, Week: [7][]Span{{{600, 500}}}},
		"empty":      {Zone: time.UTC, Week: [7][]Span{{{600, 600}}}},
		"overlap":    {Zone: time.UTC, Week: [7][]Span{{{0, 600}, {500, 700}}}},
		"too long":   {Zone: time.UTC, Week: [7][]Span{{{0, 1441}}}},
		"negative":   {Zone: time.UTC, Week: [7][]Span{{{-1, 60}}}},
	}
	for name, h := range bad {
		if h.Check() == nil {
			t.Errorf("%s was taken", name)
		}
	}
}
