package reminders

import (
	"context"
	"strconv"

	"github.com/mitral-health/mitral/ui"
	"github.com/mitral-health/mitral/ui/text"
)

func (v *view) days(ctx context.Context) (all []ui.Option) {
	for _, d := range v.Days {
		all = append(all, ui.Option{Value: strconv.Itoa(int(d)), Label: text.Weekday(ctx, d), Selected: v.week.Days[d]})
	}
	return all
}

func phoneName(ctx context.Context, s subscription, i int) string {
	if s.Name != "" {
		return s.Name
	}
	return text.T(ctx, "Phone or computer %d", i+1)
}
