package care

import (
	"context"
	"time"

	charted "github.com/mitral-health/mitral/clinical/internal/chart"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
)

// What pages draw comes from the chart: numbers by measure, newest first.

// reads are readings as the chart has them.
type reads = map[vitals.Measure][]charted.Point

const (
	todayReach = 8 * week // how far back the cards of trends reach
	eachToday  = 200      // readings of one measure that stand each for itself there; of more, the means of days
)

// lately reads what the cards of trends are made of.
func (c *Care) lately(ctx context.Context, page *records.Shown, patient string) (reads, error) {
	return charted.Since(ctx, page, patient, "", c.Clock.Now().Add(-todayReach))
}

func takenOf(m vitals.Measure, p *charted.Point) taken {
	at := p.Time()
	return taken{Reading: vitals.Reading{Measure: m, Values: p.Values, Has: p.Has, At: at, Order: at, Bound: p.Bound, Note: p.Note}, Unit: p.Unit}
}

// shownOf are readings as they are shown: each, or of more than most the means of days.
func shownOf(m vitals.Measure, list []charted.Point, most int, zone *time.Location) (out []taken, folded bool) {
	if len(list) <= most {
		out = make([]taken, len(list))
		for i := range list {
			out[i] = takenOf(m, &list[i])
		}
		return out, false
	}
	cal := charted.NewCalendar(zone)
	for i := 0; i < len(list); {
		today, j := cal.Day(list[i].Order), i
		one := takenOf(m, &list[i])
		one.Bound, one.Note, one.Values, one.Has = "", "", [vitals.MaxParts]vitals.Amount{}, [vitals.MaxParts]bool{}
		for ; j < len(list) && cal.Day(list[j].Order) == today; j++ {
			for part, has := range list[j].Has {
				if !has {
					continue
				}
				v := list[j].Values[part]
				if !one.Has[part] {
					one.Has[part], one.Low[part], one.High[part] = true, v, v
				}
				one.Low[part], one.High[part] = min(one.Low[part], v), max(one.High[part], v)
				one.Values[part] += v
				one.Of[part]++
			}
		}
		for part, n := range one.Of {
			if n > 0 {
				one.Values[part] = divide(one.Values[part], vitals.Amount(n))
			}
		}
		out = append(out, one)
		i = j
	}
	return out, true
}

// trendDrawn looks at the readings of one measure, of which at most most stand each for itself.
func trendDrawn(m vitals.Measure, list []charted.Point, most int, g goals, now time.Time, zone *time.Location) (t trend, folded bool) {
	shown, folded := shownOf(m, list, most, zone)
	t = trendOf(m, shown, g, now)
	if folded {
		newest := takenOf(m, &list[0])
		t.Newest = &newest
	}
	return t, folded
}

// trendsOf are all measures that a patient has readings of lately.
func trendsOf(read reads, agreed goals, now time.Time, zone *time.Location) (out []trend) {
	for _, m := range vitals.Measures() {
		if list := read[m]; len(list) > 0 {
			t, _ := trendDrawn(m, list, eachToday, agreed, now, zone)
			out = append(out, t)
		}
	}
	return out
}

// cards are the trends of a page that shows Observation and Goal.
func (c *Care) cards(ctx context.Context, page *records.Shown, patient string, zone *time.Location) ([]trend, error) {
	read, err := c.lately(ctx, page, patient)
	if err != nil {
		return nil, err
	}
	agreed, _, err := c.goalsOf(ctx, page, patient, time.Time{})
	return trendsOf(read, agreed, c.Clock.Now(), zone), err
}
