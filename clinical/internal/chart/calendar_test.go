package chart

import (
	"math/rand/v2"
	"testing"
	"time"
	_ "time/tzdata" // the zones of the test, wherever it runs
)

// Whatever was asked before, the day is the one that a calendar on the wall shows; where midnight is skipped, too.
func TestCalendar(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	for _, name := range []string{"UTC", "Europe/Madrid", "America/Santiago", "Pacific/Apia", "America/Havana"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		c := NewCalendar(zone)
		at := time.Date(2011, 12, 1, 0, 0, 0, 0, time.UTC)
		for range 20_000 {
			at = at.Add(time.Duration(random.IntN(7200)-1200) * time.Second)
			y, m, d := at.In(zone).Date()
			if want := int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400); c.Day(at.UnixMicro()) != want {
				t.Fatalf("%s in %s: day %d, want %d", at, name, c.Day(at.UnixMicro()), want)
			}
		}
	}
}
