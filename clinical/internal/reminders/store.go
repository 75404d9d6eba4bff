package reminders

import (
	"context"
	"errors"
	"time"

	"github.com/mitral-health/mitral/platform/db"
)

// setting is what one patient chose.
type setting struct {
	patient, subject     string
	lang                 string
	zone                 *time.Location
	push, mail, messages bool
	week                 week
	due                  time.Time
}

// nextDue is the next time to look, in microseconds; 0 is never.
func (s *setting) nextDue(now time.Time) int64 {
	if at := s.week.next(now, s.zone); !at.IsZero() && (s.push || s.mail) {
		return db.Micros(at)
	}
	return 0
}

// find returns a patient's setting, nil if there is none.
func find(ctx context.Context, tx db.Tx, patient string) (*setting, error) {
	s := setting{patient: patient}
	var zone, week string
	var due int64
	err := tx.QueryRow(ctx, `SELECT subject, lang, zone, push, mail, messages, week, due FROM reminders WHERE patient = $1`, patient).
		Scan(&s.subject, &s.lang, &zone, &s.push, &s.mail, &s.messages, &week, &due)
	if errors.Is(err, db.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if s.week = readWeek(week); due > 0 {
		s.due = db.FromMicros(due)
	}
	if s.zone, err = time.LoadLocation(zone); err != nil {
		s.zone = time.UTC
	}
	return &s, nil
}

func (s *setting) save(ctx context.Context, tx db.Tx, now time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO reminders (patient, subject, lang, zone, push, mail, messages, week, due, noticed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0)
		ON CONFLICT (patient) DO UPDATE SET subject = excluded.subject, lang = excluded.lang, zone = excluded.zone, push = excluded.push, mail = excluded.mail,
		messages = excluded.messages, week = excluded.week, due = excluded.due`,
		s.patient, s.subject, s.lang, s.zone.String(), s.push, s.mail, s.messages, s.week.String(), s.nextDue(now))
	return err
}

func subscriptions(ctx context.Context, tx db.Tx, where string, args ...any) (all []subscription, err error) {
	err = db.Each(ctx, tx, `SELECT id, patient, subject, endpoint, p256dh, auth, name FROM reminders_push WHERE `+where+` ORDER BY made, id`, args, func(row db.Row) error {
		var s subscription
		err := row.Scan(&s.ID, &s.Patient, &s.Subject, &s.Endpoint, &s.P256dh, &s.Auth, &s.Name)
		all = append(all, s)
		return err
	})
	return all, err
}
