package care

import (
	"math/rand/v2"
	"testing"
	"time"

	charted "github.com/mitral-health/mitral/clinical/internal/chart"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// weights makes readings, newest first: each so many hours before noon.
func weights(kgByHour ...float64) []taken {
	var out []taken
	for i := 0; i+1 < len(kgByHour); i += 2 {
		r := taken{Unit: "kg"}
		r.Measure, r.Order = vitals.Weight, noon.Add(-time.Duration(kgByHour[i]*float64(time.Hour)))
		r.Values[0], r.Has[0] = vitals.Amount(kgByHour[i+1]*1000), true
		out = append(out, r)
	}
	return out
}

func TestWay(t *testing.T) {
	const d = 24.
	for name, c := range map[string]struct {
		list []taken
		want way
	}{
		"none":      {nil, unknown},
		"few":       {weights(1, 80, d, 80, 8*d, 70, 9*d, 70, 10*d, 70), unknown},
		"few once":  {weights(1, 80, d, 80, 2*d, 80, 8*d, 70, 9*d, 70), unknown},
		"up":        {weights(1, 80.8, d, 80.8, 2*d, 80.8, 8*d, 80, 9*d, 80, 10*d, 80), up},
		"just less": {weights(1, 80.79, d, 80.79, 2*d, 80.79, 8*d, 80, 9*d, 80, 10*d, 80), steady},
		"down":      {weights(1, 79, d, 79, 2*d, 79, 8*d, 80, 9*d, 80, 10*d, 80), down},
		"long ago":  {weights(1, 80, d, 80, 2*d, 80, 29*d, 70, 30*d, 70, 31*d, 70), unknown},
	} {
		if got := trendOf(vitals.Weight, c.list, nil, noon).Way; got != c.want {
			t.Errorf("%s: way %d, want %d", name, got, c.want)
		}
	}
}

func TestStanding(t *testing.T) {
	g := goal{Low: vitals.Units(70), High: vitals.Units(80), HasLow: true, HasHigh: true}
	one := trend{Measure: vitals.Weight, Unit: vitals.Of(vitals.Weight).Canonical(), Goals: [vitals.MaxParts]goal{g}}
	for kg, want := range map[int]int{69: -1, 70: 0, 80: 0, 81: 1} {
		if side, known := one.standing([vitals.MaxParts]vitals.Amount{vitals.Units(kg)}, [vitals.MaxParts]bool{true}); side != want || !known {
			t.Errorf("%d kg stands at %d (%v), want %d", kg, side, known, want)
		}
	}
	if _, known := one.standing([vitals.MaxParts]vitals.Amount{}, [vitals.MaxParts]bool{}); known {
		t.Error("nothing measured stands somewhere")
	}
	// Of two numbers the one above counts.
	two := trend{Measure: vitals.BloodPressure, Unit: vitals.Of(vitals.BloodPressure).Canonical(), Goals: [vitals.MaxParts]goal{{Low: vitals.Units(110), HasLow: true}, {High: vitals.Units(85), HasHigh: true}}}
	if side, _ := two.standing([vitals.MaxParts]vitals.Amount{vitals.Units(100), vitals.Units(90)}, [vitals.MaxParts]bool{true, true}); side != 1 {
		t.Errorf("100/90 stands at %d, want above", side)
	}
	// What is written 85 is in a goal of up to 85.
	if side, _ := two.standing([vitals.MaxParts]vitals.Amount{vitals.Units(120), vitals.Units(854) / 10}, [vitals.MaxParts]bool{true, true}); side != 0 {
		t.Errorf("85.4, written 85, stands at %d, want in the goal", side)
	}
}

func TestEvery(t *testing.T) {
	for name, c := range map[string]struct {
		list []taken
		want int
	}{
		"daily, twice on one day": {weights(1, 80, 2, 80, 25, 80, 49, 80), 1},
		"weekly":                  {weights(1, 80, 7*24, 80, 14*24, 80, 21*24, 80), 7},
		"two days only":           {weights(1, 80, 25, 80), 0},
	} {
		one := trend{Measure: vitals.Weight, List: c.list}
		if got := one.every(time.UTC); got != c.want {
			t.Errorf("%s: every %d days, want %d", name, got, c.want)
		}
	}
}

func TestWeeks(t *testing.T) {
	one := trend{Measure: vitals.Weight, List: weights(0, 80, 6*24, 82, 7*24, 90, 20*24, 70)}
	rows := one.weeks(noon, time.UTC, 4)
	if len(rows) != 3 || rows[0].N != 2 || rows[0].Values[0] != vitals.Units(81) || rows[1].N != 1 || rows[2].Values[0] != vitals.Units(70) {
		t.Errorf("%+v", rows)
	}
	if got := rows[0].From.Format(time.DateOnly) + " " + rows[0].To.Format(time.DateOnly); got != "2026-11-17 2026-11-23" {
		t.Errorf("the newest week is %s", got)
	}
}

// days are these readings where none stands for itself.
func days(all []taken) []taken {
	points := make([]charted.Point, len(all))
	for i, r := range all {
		points[i] = charted.Point{Order: r.Order.UnixMicro(), Values: r.Values, Has: r.Has, Unit: r.Unit}
	}
	out, _ := shownOf(vitals.Weight, points, 0, time.UTC)
	return out
}

// What days say together is what their readings say, however many they are.
func TestDaily(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var all []taken
	for i := range 5000 {
		all = append(all, weights(float64(i)*.1, 70+10*r.Float64())[0])
	}
	list := days(all)
	if len(list) != 22 {
		t.Fatalf("%d days", len(list))
	}
	n := 0
	for i, d := range list {
		n += d.Of[0]
		if d.Low[0] > d.Values[0] || d.High[0] < d.Values[0] || i > 0 && !d.Order.Before(list[i-1].Order) {
			t.Errorf("day %d: %+v", i, d)
		}
	}
	a, b := average(all), average(list)
	if n != len(all) || b.N != a.N || b.Values[0]-a.Values[0] > 1 || a.Values[0]-b.Values[0] > 1 {
		t.Errorf("%d readings in the days; average %v of %d, want %v of %d", n, b.Values[0], b.N, a.Values[0], a.N)
	}
	if !list[0].Order.Equal(all[0].Order) {
		t.Error("the newest day isn't where its newest reading is")
	}
}

func TestDivide(t *testing.T) {
	for _, c := range [][3]vitals.Amount{{5, 2, 3}, {-5, 2, -3}, {4, 3, 1}, {-4, 3, -1}, {0, 7, 0}} {
		if got := divide(c[0], c[1]); got != c[2] {
			t.Errorf("%d / %d = %d, want %d", c[0], c[1], got, c[2])
		}
	}
}
