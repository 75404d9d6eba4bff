package people

import (
	"context"
	"errors"

	"github.com/mitral-health/mitral/platform/db"
)

// Authority is what lets somebody act for a patient.
type Authority struct {
	Person      string // logical id of the RelatedPerson that they are
	PatientName string
}

// Authority returns by what this subject may act for a patient now, nil if by nothing.
func (p *People) Authority(ctx context.Context, subject, patient string) (*Authority, error) {
	var a Authority
	now := db.Micros(p.Clock.Now())
	err := p.Store.Read(ctx, func(tx db.Tx) error {
		return tx.QueryRow(ctx, `SELECT person, name FROM people_caregivers WHERE subject = $1 AND patient = $2 AND since <= $3 AND (until = 0 OR until > $3)`,
			subject, patient, now).Scan(&a.Person, &a.PatientName)
	})
	if errors.Is(err, db.ErrNoRows) {
		return nil, nil
	}
	return &a, err
}
