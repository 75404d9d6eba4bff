package plans

import (
	"fmt"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the zones of the tests, wherever they run

	"github.com/mitral-health/mitral/clinical/internal/chart"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// TestDayOf holds days against the clocks of those who live them, through changes of the clock and over the date line.
func TestDayOf(t *testing.T) {
	for _, tt := range []struct{ at, zone, day string }{
		{"2026-11-23T22:59:59Z", "Europe/Madrid", "2026-11-23"},
		{"2026-11-23T23:00:00Z", "Europe/Madrid", "2026-11-24"},
		{"2026-03-29T00:59:59Z", "Europe/Madrid", "2026-03-29"}, // 01:59, the second before 03:00
		{"2026-03-29T21:59:59Z", "Europe/Madrid", "2026-03-29"}, // a day of 23 hours
		{"2026-03-29T22:00:00Z", "Europe/Madrid", "2026-03-30"},
		{"2026-10-25T22:59:59Z", "Europe/Madrid", "2026-10-25"}, // a day of 25 hours
		{"2026-10-25T23:00:00Z", "Europe/Madrid", "2026-10-26"},
		{"2026-11-23T09:59:59Z", "Pacific/Kiritimati", "2026-11-23"},
		{"2026-11-23T10:00:00Z", "Pacific/Kiritimati", "2026-11-24"},
		{"2026-11-23T10:59:59Z", "Pacific/Pago_Pago", "2026-11-22"},
		{"2026-09-06T03:59:59Z", "America/Santiago", "2026-09-05"}, // at midnight the clock goes to 01:00
		{"2026-09-06T04:00:00Z", "America/Santiago", "2026-09-06"},
		{"1969-12-31T23:59:59Z", "UTC", "1969-12-31"},
	} {
		at, err := time.Parse(time.RFC3339, tt.at)
		if err != nil {
			t.Fatal(err)
		}
		z := zone(t, tt.zone)
		d := DayOf(at, z)
		if d.String() != tt.day {
			t.Errorf("%s in %s is %s, want %s", tt.at, tt.zone, d, tt.day)
		}
		if back, ok := ParseDay(tt.day); !ok || back != d || DayOf(d.Noon(z), z) != d {
			t.Errorf("%s does not come back", tt.day)
		}
	}
	// A week of days, one after the other, whatever the clock does in it.
	d, _ := ParseDay("2026-10-19")
	for i := range Day(14) {
		if d.Monday() != d || (d+i).Monday() != d+i/7*7 || (d+i).Weekday() != time.Weekday((i+1)%7) {
			t.Errorf("day %d: %s %s", i, (d + i).Monday(), (d + i).Weekday())
		}
	}
}

// TestRecord writes four kinds of weeks: D done, x not done, o today, . to come, _ nothing.
func TestRecord(t *testing.T) {
	day := func(s string) Day { d, _ := ParseDay(s); return d }
	only := func(names ...time.Weekday) (out [7]bool) {
		for _, n := range names {
			out[n] = true
		}
		return out
	}
	for _, tt := range []struct {
		name   string
		rhythm Rhythm
		from   string
		done   string // days, relative to Monday 16 November: "0 1 8"
		want   string // two weeks, today is Wednesday 25 November
		week   string
		past   string
	}{
		{"every day", Rhythm{}, "2026-11-01", "0 1 2 4 6 7 8", "DDDxDxDDDo....", "2/7", "7/9"},
		{"every day, today done", Rhythm{}, "2026-11-01", "0 1 2 4 6 7 8 9", "DDDxDxDDDD....", "3/7", "8/10"},
		{"weekdays", Rhythm{Days: only(1, 2, 3, 4, 5)}, "2026-11-01", "0 3 7", "DxxDx__Dxo..__", "1/5", "3/7"},
		{"weekdays, done on a Saturday instead", Rhythm{Days: only(1, 2, 3, 4, 5)}, "2026-11-01", "0 1 2 3 5", "DDDDxD_xxo..__", "0/5", "5/7"},
		{"more than asked for is not more than all", Rhythm{Days: only(1)}, "2026-11-01", "0 1 2 3", "DDDD___x______", "0/1", "2/2"},
		{"three times a week", Rhythm{Weekly: 3}, "2026-11-01", "1 3 7", "_D_D___D_o....", "1/3", "3/4"},
		{"once", Rhythm{Once: true}, "2026-11-01", "8", "________D_____", "1/1", "1/1"},
		{"began last Friday", Rhythm{}, "2026-11-20", "4 5", "____DDxxxo....", "0/7", "2/5"},
		{"this activity began on Monday", Rhythm{From: day("2026-11-23")}, "2026-11-01", "7", "_______Dxo....", "1/7", "1/2"},
		{"ends on Thursday", Rhythm{Until: day("2026-11-26")}, "2026-11-01", "", "xxxxxxxxxo.___", "0/4", "0/9"},
		{"done before it was asked for", Rhythm{From: day("2026-11-23")}, "2026-11-01", "2", "__D____xxo....", "0/7", "1/2"},
	} {
		plan := &Plan{ID: "p", Patient: "x", Status: Active, From: day(tt.from)}
		a := &Activity{ID: "a", Kind: Task, Rhythm: tt.rhythm}
		m := &marks{said: map[string]map[Day]mark{"p.a": {}}, zone: time.UTC}
		for _, n := range strings.Fields(tt.done) {
			var i int
			fmt.Sscan(n, &i)
			m.said["p.a"][day("2026-11-16")+Day(i)] = mark{Turn: "0", Done: true}
		}
		r := m.weeks(plan, a, false, day("2026-11-25"), 2)
		got := ""
		for _, s := range r.Days {
			got += string("_Dxo."[s])
		}
		was, of := r.week(plan, a)
		before, all := r.past(plan, a)
		if week, past := fmt.Sprintf("%d/%d", was, of), fmt.Sprintf("%d/%d", before, all); got != tt.want || week != tt.week || past != tt.past {
			t.Errorf("%s: %s %s %s, want %s %s %s", tt.name, got, week, past, tt.want, tt.week, tt.past)
		}
	}
}

// TestReadings: a reading belongs to the day on which it was taken where the patient lives, and to the morning or the
// evening only where the plan asks for both.
func TestReadings(t *testing.T) {
	madrid := zone(t, "Europe/Madrid")
	at := func(s string) chart.Point {
		v, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return chart.Point{Order: v.UnixMicro()}
	}
	plan := &Plan{ID: "p", From: 1}
	early := &Activity{ID: "m", Kind: Measure, Measure: vitals.BloodPressure, Rhythm: Rhythm{Part: morning}}
	late := &Activity{ID: "e", Kind: Measure, Measure: vitals.BloodPressure, Rhythm: Rhythm{Part: evening}}
	weight := &Activity{ID: "w", Kind: Measure, Measure: vitals.Weight}
	for _, tt := range []struct {
		name, reading, day string
		a                  *Activity
		split, want        bool
	}{
		{"in the morning", "2026-10-25T06:00:00Z", "2026-10-25", early, true, true},
		{"not the evening's", "2026-10-25T06:00:00Z", "2026-10-25", late, true, false},
		{"the evening's", "2026-10-25T20:00:00Z", "2026-10-25", late, true, true},
		{"at any time if it is asked for once", "2026-10-25T20:00:00Z", "2026-10-25", early, false, true},
		{"after midnight there", "2026-10-24T22:30:00Z", "2026-10-25", early, false, true},
		{"the last of 25 hours", "2026-10-25T22:30:00Z", "2026-10-25", late, true, true},
		{"the next day there", "2026-10-25T23:30:00Z", "2026-10-25", late, true, false},
		{"another measure", "2026-10-25T06:00:00Z", "2026-10-25", weight, false, false},
	} {
		d, _ := ParseDay(tt.day)
		m := &marks{zone: madrid, taken: map[vitals.Measure][]moment{}}
		m.took(vitals.BloodPressure, []chart.Point{at(tt.reading)}, 0, chart.NewCalendar(madrid))
		if _, ok := m.of(plan, tt.a, d, tt.split); ok != tt.want {
			t.Errorf("%s: %v", tt.name, ok)
		}
	}
	if !twice([]*Plan{{Activities: []Activity{*early}}, {Activities: []Activity{*weight, *late}}})["blood-pressure"] || len(twice([]*Plan{{Activities: []Activity{*early, *early}}})) != 0 {
		t.Error("twice a day is told wrongly")
	}
}
