package care

import (
	"context"
	"time"

	charted "github.com/mitral-health/mitral/clinical/internal/chart"
	"github.com/mitral-health/mitral/clinical/internal/records"
)

// Left reports whether something that Today would show is still to be done: of a plan, or what is usually measured.
func (c *Care) Left(ctx context.Context, t *records.Tx, patient string, now time.Time, zone *time.Location) (bool, error) {
	view := todayView{Now: now}
	page, err := t.Shows(ctx, "today", patient, "Observation", "CarePlan")
	if err != nil {
		return false, err
	}
	read, err := charted.Since(ctx, page, patient, "", now.Add(-todayReach))
	if err != nil {
		return false, err
	}
	todos, err := c.Plans.Today(ctx, page, patient, read, now, zone)
	if err != nil {
		return false, err
	}
	for _, todo := range todos {
		if !todo.Done {
			return true, nil
		}
	}
	view.Todos = todos
	view.fill(trendsOf(read, nil, now, zone), now, zone, "")
	for _, d := range view.Due {
		if d.Done == nil {
			return true, nil
		}
	}
	return false, nil
}
