package people

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
)

// Authority is what lets somebody act for a patient.
type Authority struct {
	Person      string // logical id of the RelatedPerson that they are
	PatientName string
	Since       time.Time
	Until       time.Time // zero is until somebody ends it
}

// Acting is one whom somebody acts for.
type Acting struct {
	Authority
	Patient string
}

const authority = `SELECT patient, person, name, since, until FROM people_caregivers WHERE subject = $1 AND since <= $2 AND (until = 0 OR until > $2)`

// Authority returns by what this subject may act for a patient now, nil if by nothing.
func (p *People) Authority(ctx context.Context, subject, patient string) (a *Authority, err error) {
	err = p.Store.Read(ctx, func(tx db.Tx) (err error) {
		a, err = p.AuthorityIn(ctx, tx, subject, patient)
		return err
	})
	return a, err
}

// AuthorityIn is Authority in a transaction of the clinical store.
func (p *People) AuthorityIn(ctx context.Context, tx db.Tx, subject, patient string) (*Authority, error) {
	all, err := acting(ctx, tx, authority+` AND patient = $3`, subject, db.Micros(p.Clock.Now()), patient)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return &all[0].Authority, nil
}

// ActsFor lists the patients whom this subject may act for now.
func (p *People) ActsFor(ctx context.Context, subject string) (all []Acting, err error) {
	err = p.Store.Read(ctx, func(tx db.Tx) (err error) {
		all, err = acting(ctx, tx, authority+` ORDER BY name, patient`, subject, db.Micros(p.Clock.Now()))
		return err
	})
	return all, err
}

func acting(ctx context.Context, tx db.Tx, query string, args ...any) (all []Acting, err error) {
	err = db.Each(ctx, tx, query, args, func(r db.Row) error {
		var a Acting
		var since, until int64
		err := r.Scan(&a.Patient, &a.Person, &a.PatientName, &since, &until)
		a.Since = db.FromMicros(since)
		if until != 0 {
			a.Until = db.FromMicros(until)
		}
		all = append(all, a)
		return err
	})
	return all, err
}

// begin lets a subject act for the patient of an invitation from now on.
func (p *People) begin(ctx context.Context, t *records.Tx, subject string, v *Invitation) error {
	tx := t.Beside()
	var own string
	if err := tx.QueryRow(ctx, `SELECT patient FROM people WHERE subject = $1`, subject).Scan(&own); err != nil && !errors.Is(err, db.ErrNoRows) {
		return err
	}
	if own == v.Patient {
		return fault.New(fault.Invalid, "This code is for somebody else: you are signed in as the person whom it lets act for.")
	}
	who, err := t.Read(ctx, "Patient", v.Patient)
	if err != nil {
		return err
	}
	n, err := resource.Parse(who.Body)
	if err != nil {
		return err
	}
	var consent string
	var until int64
	err = tx.QueryRow(ctx, `SELECT consent, until FROM people_caring WHERE person = $1 AND ended = 0`, v.Person).Scan(&consent, &until)
	if errors.Is(err, db.ErrNoRows) || err == nil && until != 0 && until <= db.Micros(t.Now()) {
		return ErrCode
	}
	if err != nil {
		return err
	}
	var before string // a second invitation takes the place of the first
	err = tx.QueryRow(ctx, `SELECT person FROM people_caregivers WHERE subject = $1 AND patient = $2`, subject, v.Patient).Scan(&before)
	if err == nil {
		err = p.endCaregiver(ctx, t, v.Patient, before)
	}
	if err != nil && !errors.Is(err, db.ErrNoRows) {
		return err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO people_caregivers (subject, patient, person, name, since, until) VALUES ($1, $2, $3, $4, $5, $6)`,
		subject, v.Patient, v.Person, cmp.Or(Called(n), "Patient/"+n.ID()), db.Micros(t.Now()), until); err != nil {
		return err
	}
	t.Note(access.Operation, "accept-caregiver", "Patient", v.Patient, "")
	return p.settle(ctx, t, v.Person, consent, true)
}
