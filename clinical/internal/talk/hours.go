package talk

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/mitral-health/mitral/gate/review"
	"github.com/mitral-health/mitral/ui/text"
)

// expected is by when an answer to a message of now can be expected: a full hour within the team's hours, if there
// is one.
func (k *Talk) expected(now time.Time) time.Time {
	due := k.Hours.Add(now, k.Within).In(k.Hours.Zone)
	full := due.Truncate(time.Hour)
	if full.Before(due) {
		full = full.Add(time.Hour)
	}
	if k.open(full.Add(-time.Second)) {
		return full
	}
	return due
}

// open reports whether the team reads messages at an instant.
func (k *Talk) open(at time.Time) bool {
	at = at.In(k.Hours.Zone)
	y, m, d := at.Date()
	if k.Hours.Closed[review.Day{Year: y, Month: m, Day: d}] {
		return false
	}
	minute := at.Hour()*60 + at.Minute()
	return slices.ContainsFunc(k.Hours.Week[at.Weekday()], func(s review.Span) bool { return s.From <= minute && minute < s.To })
}

// by is the instant in words, "today before 15:00".
func (k *Talk) by(ctx context.Context, at, now time.Time) string {
	zone := text.Zone(ctx)
	clock := text.Time(ctx, at)
	midnight := func(t time.Time) time.Time {
		y, m, d := t.In(zone).Date()
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	}
	switch days := int(midnight(at).Sub(midnight(now)).Hours() / 24); {
	case days <= 0:
		return text.T(ctx, "today before %s", clock)
	case days == 1:
		return text.T(ctx, "tomorrow before %s", clock)
	case days < 7:
		return text.T(ctx, "on %s before %s", text.Weekday(ctx, at.In(zone).Weekday()), clock)
	}
	return text.T(ctx, "before %s", text.Date(ctx, at))
}

// when says in words when the team reads messages: "Monday to Friday, 8:00 to 18:00".
func (k *Talk) when(ctx context.Context) string {
	week := []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday, time.Sunday}
	var groups []string
	for i := 0; i < len(week); {
		spans, end := k.Hours.Week[week[i]], i
		for end+1 < len(week) && slices.Equal(k.Hours.Week[week[end+1]], spans) {
			end++
		}
		if len(spans) > 0 {
			groups = append(groups, k.group(ctx, week[i], week[end], spans))
		}
		i = end + 1
	}
	if len(groups) == 1 && slices.Equal(k.Hours.Week[0], []review.Span{{From: 0, To: 1440}}) {
		return text.T(ctx, "The team reads messages at any hour.")
	}
	return text.T(ctx, "The team reads messages %s.", strings.Join(groups, "; "))
}

func (k *Talk) group(ctx context.Context, from, to time.Weekday, spans []review.Span) string {
	clock := func(minute int) string {
		return text.Time(ctx, time.Date(2026, 1, 5, 0, minute, 0, 0, text.Zone(ctx)))
	}
	var parts []string
	for _, s := range spans {
		parts = append(parts, text.T(ctx, "%s to %s", clock(s.From), clock(s.To)))
	}
	open := strings.Join(parts, ", ")
	if from == time.Monday && to == time.Sunday {
		return text.T(ctx, "every day, %s", open)
	}
	if from == to {
		return text.T(ctx, "on %s, %s", text.Weekday(ctx, from), open)
	}
	return text.T(ctx, "%s to %s, %s", text.Weekday(ctx, from), text.Weekday(ctx, to), open)
}
