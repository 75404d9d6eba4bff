package wearables

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/vitals"
)

// stepDays adds up steps, which devices count in short pieces, to days. A telephone and a watch count the
// same steps: the source with most of them on a day is taken. A day that may not be over is left for
// the next import, so that a day has one number for ever.
type stepDays struct {
	days  map[int64]map[string]int64 // by day and source
	zones map[int64]*time.Location   // in which a day began
	size  int
	until int64 // the first day that is not over; 0: the last day seen
}

// maxDays bounds the days and sources that are kept: ninety years of three sources.
const maxDays = 100_000

func dayOf(t time.Time) int64 {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400
}

func (s *stepDays) add(at time.Time, source string, n int64) bool {
	if s.days == nil {
		s.days, s.zones = map[int64]map[string]int64{}, map[int64]*time.Location{}
	}
	day := dayOf(at)
	if s.days[day] == nil {
		s.days[day], s.zones[day] = map[string]int64{}, at.Location()
	}
	if _, known := s.days[day][source]; !known {
		if s.size++; s.size > maxDays {
			return false
		}
	}
	s.days[day][source] = min(s.days[day][source]+n, 1<<40)
	return true
}

// flush gives the days that are over, in order.
func (s *stepDays) flush(k *sink) error {
	days := make([]int64, 0, len(s.days))
	for day := range s.days {
		days = append(days, day)
	}
	slices.Sort(days)
	for i, day := range days {
		if s.until == 0 && i == len(days)-1 || s.until != 0 && day >= s.until {
			k.sum.Passed++
			continue
		}
		var source string
		var n int64 = -1
		for name, count := range s.days[day] {
			if count > n || count == n && strings.Compare(name, source) < 0 {
				source, n = name, count
			}
		}
		date := time.Unix(day*86400, 0).UTC()
		begin := time.Date(date.Year(), date.Month(), date.Day(), 0, 0, 0, 0, s.zones[day])
		err := k.give(Sample{Measure: vitals.Steps, Values: []string{strconv.FormatInt(n, 10)}, Unit: "{steps}", At: begin, End: begin.AddDate(0, 0, 1), NoTime: true, Source: source,
			Key: hashed([]byte("steps of " + date.Format(time.DateOnly)))})
		if err != nil {
			return err
		}
	}
	return nil
}
