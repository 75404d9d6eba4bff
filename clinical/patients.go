package clinical

import (
	"context"
	"errors"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/control"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/reminders"
)

// openReminders joins the reminders with those who know what is allowed, due and unread.
func (c *Clinical) openReminders(d Deps) (err error) {
	c.remind, err = reminders.Open(reminders.Deps{Records: c.records, People: c.people, Store: d.Store, Clock: d.Clock, Log: d.Log, Site: d.Site, Key: d.Key, Letter: d.Letter,
		Allows: func(ctx context.Context, t *records.Tx, patient string) (bool, error) {
			return c.control.Allows(ctx, t, patient, control.Reminders)
		},
		Due: func(ctx context.Context, t *records.Tx, patient string, now time.Time, zone *time.Location) (bool, error) {
			return c.care.Left(ctx, t, patient, now, zone)
		},
		Unread: func(ctx context.Context, t *records.Tx, patient, ref string) (int, error) {
			return c.talk.Unread(ctx, t, patient, ref)
		}})
	return err
}

// forget ends what is kept for a patient who leaves.
func (c *Clinical) forget(ctx context.Context, t *records.Tx, patient string) error {
	return errors.Join(c.remind.Forget(ctx, t, patient), c.bring.Forget(ctx, t, patient))
}
