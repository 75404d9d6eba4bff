package care

import (
	"context"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
)

// Left reports whether something that Today would show is still to be done: of a plan, or what is usually measured.
func (c *Care) Left(ctx context.Context, t *records.Tx, patient string, now time.Time, zone *time.Location) (bool, error) {
	view := todayView{Now: now}
	todos, err := c.Plans.Today(ctx, t, patient, now, zone)
	if err != nil {
		return false, err
	}
	for _, todo := range todos {
		if !todo.Done {
			return true, nil
		}
	}
	list, _, err := c.readings(ctx, t, []string{patient}, vitals.Measures(), now.Add(-todayReach), manyDays)
	if err != nil {
		return false, err
	}
	view.Todos = todos
	view.fill(list, nil, now, zone, "")
	for _, d := range view.Due {
		if d.Done == nil {
			return true, nil
		}
	}
	return false, nil
}
