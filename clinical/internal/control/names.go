package control

import (
	"context"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/people"
	"github.com/mitral-health/mitral/ui"
	"github.com/mitral-health/mitral/ui/text"
)

func (s *shown) over(now time.Time) bool { return !s.Until.IsZero() && !s.Until.After(now) }

func relationOptions(ctx context.Context) []ui.Option {
	var all []ui.Option
	for _, code := range people.Relations() {
		all = append(all, ui.Option{Value: code, Label: relationWord(ctx, code)})
	}
	return all
}

func untilOptions(ctx context.Context) []ui.Option {
	return []ui.Option{{Value: "", Label: text.T(ctx, "Until it is ended")}, {Value: "month", Label: text.T(ctx, "One month")},
		{Value: "half", Label: text.T(ctx, "Half a year")}, {Value: "year", Label: text.T(ctx, "One year")}}
}

// teamPurpose names a purpose for the team.
func teamPurpose(ctx context.Context, p Purpose) string {
	switch p {
	case Following:
		return text.T(ctx, "Following at home, with alerts")
	case Reminders:
		return text.T(ctx, "Reminders")
	case Sharing:
		return text.T(ctx, "Reading by programs of others")
	}
	return text.T(ctx, "Research")
}

func teamSince(ctx context.Context, s State) string {
	if s.Since.IsZero() {
		return text.T(ctx, "nothing said: this is what holds by itself")
	}
	return text.T(ctx, "Since %s.", text.DateTime(ctx, s.Since))
}
