package plans

import (
	"context"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/jobs"
	"github.com/mitral-health/mitral/platform/web"
)

// Migrations returns the steps of the tables here: drafts of answers.
func Migrations() []db.Migration { return nil }

// Routes lists the pages: /my/plan… and /for/{patient}/plan…, /care/{patient}/plan….
func (p *Plans) Routes() []web.Route { return nil }

// RegisterJobs adds the sweep of old drafts.
func (p *Plans) RegisterJobs(r *jobs.Registry) {}

// Start makes a plan of a template ("hypertension", "diabetes", "heart-failure", "copd", "joint-surgery"), as it is, in
// force from at on. ask is a clinician's.
func (p *Plans) Start(ctx context.Context, ask records.Ask, patient, template string, at time.Time) (*Plan, error) {
	return nil, nil
}

// Done says that an activity was done on a day: once, however often it is said. ask is the patient's or a
// caregiver's, by a reference to them ("Patient/x", "RelatedPerson/x").
func (p *Plans) Done(ctx context.Context, t *records.Tx, plan *Plan, activity, by string, day Day, at time.Time) error {
	return nil
}

// Answer stores the answers of a check-in that a plan asks for: item → value of the choice, as its form has them. Once for each
// day.
func (p *Plans) Answer(ctx context.Context, t *records.Tx, plan *Plan, activity, by string, day Day, at time.Time, answers map[string]string) error {
	return nil
}

// Active are the plans in force, oldest first.
func (p *Plans) Active(ctx context.Context, t *records.Tx, patient string) ([]*Plan, error) {
	return nil, nil
}

// Today is what the plans in force ask for on the day that now is in zone, done or not, in the order of the day.
func (p *Plans) Today(ctx context.Context, t *records.Tx, patient string, now time.Time, zone *time.Location) ([]Todo, error) {
	return nil, nil
}
