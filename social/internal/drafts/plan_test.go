package drafts

import (
	"testing"
	"time"
)

func TestPlanAt(t *testing.T) {
	for _, c := range []struct {
		name, wall, zone, want string
		odd                    Oddity
	}{
		{"winter", "2026-11-13T09:00", "Europe/Madrid", "2026-11-13T08:00:00Z", Ordinary},
		{"summer", "2026-07-13T09:00", "Europe/Madrid", "2026-07-13T07:00:00Z", Ordinary},
		{"hour skipped in spring", "2026-03-29T02:30", "Europe/Madrid", "2026-03-29T01:00:00Z", Skipped},
		{"the first skipped minute", "2026-03-29T02:00", "Europe/Madrid", "2026-03-29T01:00:00Z", Skipped},
		{"the minute before", "2026-03-29T01:59", "Europe/Madrid", "2026-03-29T00:59:00Z", Ordinary},
		{"the minute after", "2026-03-29T03:00", "Europe/Madrid", "2026-03-29T01:00:00Z", Ordinary},
		{"hour repeated in autumn: the first", "2026-10-25T02:30", "Europe/Madrid", "2026-10-25T00:30:00Z", Repeated},
		{"just before it", "2026-10-25T01:59", "Europe/Madrid", "2026-10-24T23:59:00Z", Ordinary},
		{"just after it", "2026-10-25T03:00", "Europe/Madrid", "2026-10-25T02:00:00Z", Ordinary},
		{"America, skipped", "2026-03-08T02:30", "America/New_York", "2026-03-08T07:00:00Z", Skipped},
		{"America, repeated", "2026-11-01T01:30", "America/New_York", "2026-11-01T05:30:00Z", Repeated},
		{"half an hour of change", "2026-10-04T02:15", "Australia/Lord_Howe", "2026-10-03T15:30:00Z", Skipped},
		{"a whole day that Samoa left out", "2011-12-30T12:00", "Pacific/Apia", "2011-12-30T10:00:00Z", Skipped},
		{"no change of clocks", "2026-03-29T02:30", "UTC", "2026-03-29T02:30:00Z", Ordinary},
		{"east of it all", "2026-01-01T00:30", "Pacific/Kiritimati", "2025-12-31T10:30:00Z", Ordinary},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, odd, err := planAt(c.wall, c.zone)
			if err != nil {
				t.Fatal(err)
			}
			if got := p.At.Format(time.RFC3339); got != c.want || odd != c.odd {
				t.Errorf("%s, oddity %d; want %s, %d", got, odd, c.want, c.odd)
			}
		})
	}
	for _, bad := range [][2]string{{"", "UTC"}, {"2026-02-30T09:00", "UTC"}, {"2026-11-13T09:00", ""}, {"2026-11-13T09:00", "Local"}, {"2026-11-13T09:00", "../etc/passwd"}, {"2026-11-13T09:00", "Mars/Olympus"}} {
		if _, _, err := planAt(bad[0], bad[1]); err == nil {
			t.Errorf("%q in %q was taken", bad[0], bad[1])
		}
	}
}

// Whatever is planned: the instant shows the wall time in its zone, or the wall time does not exist.
func FuzzPlanAt(f *testing.F) {
	f.Add("2026-03-29T02:30", "Europe/Madrid")
	f.Add("2011-12-30T12:00", "Pacific/Apia")
	f.Fuzz(func(t *testing.T, wall, zone string) {
		p, odd, err := planAt(wall, zone)
		if err != nil {
			return
		}
		loc, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		at, err := time.Parse(wallForm, wall)
		if err != nil {
			t.Fatal(err)
		}
		if shown := p.At.In(loc).Format(wallForm); (shown == at.Format(wallForm)) != (odd != Skipped) {
			t.Fatalf("%s in %s shows as %s, oddity %d", wall, zone, shown, odd)
		}
	})
}
