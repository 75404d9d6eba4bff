package clinical

import (
	"context"

	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/thresholds"
	"github.com/mitral-health/mitral/clinical/internal/triage"
)

// consentChanged is what waits for the team when a patient has changed whether they may be followed.
const consentChanged = "consent"

// told is what control tells: from now on the patient is followed or not, and their line says so.
func (c *Clinical) told(ctx context.Context, t *records.Tx, patient, ref string, _ bool) error {
	followed, err := c.triage.Followed(ctx, t, patient)
	if followed == nil || err != nil {
		return err
	}
	if err := c.triage.Review(ctx, t, patient); err != nil {
		return err
	}
	return c.triage.Wait(ctx, t, triage.Waiting{Patient: patient, Kind: consentChanged, Ref: "Consent/" + ref, Severity: thresholds.Info, Since: t.Now()})
}

// noted is that somebody of the team has seen it.
func (c *Clinical) noted(ctx context.Context, t *records.Tx, patient string) error {
	return c.triage.Settle(ctx, t, patient, consentChanged, "")
}
