package control

import (
	"context"
	"errors"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/platform/db"
)

// State is what holds for one purpose.
type State struct {
	Purpose Purpose
	Allowed bool
	Since   time.Time // zero: the patient has said nothing, it is Standing
	Consent string    // logical id; "" with a zero Since
}

// Said is one thing that a patient said about a purpose.
type Said struct {
	At      time.Time
	Allowed bool
}

// states are those of a patient, in the order of Purposes.
func states(ctx context.Context, tx db.Tx, patient string) ([]State, error) {
	all := make([]State, 0, len(Purposes()))
	for _, p := range Purposes() {
		s, err := stateOf(ctx, tx, patient, p)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

func stateOf(ctx context.Context, tx db.Tx, patient string, p Purpose) (State, error) {
	s := State{Purpose: p, Allowed: Standing(p)}
	var since int64
	err := tx.QueryRow(ctx, `SELECT allowed, since, consent FROM control_consents WHERE patient = $1 AND purpose = $2`, patient, string(p)).Scan(&s.Allowed, &since, &s.Consent)
	if errors.Is(err, db.ErrNoRows) {
		return s, nil
	}
	s.Since = db.FromMicros(since)
	return s, err
}

// Say writes what a patient allows from now on, and makes it hold: t's asker is the patient. To say the same again
// changes nothing.
func (c *Control) Say(ctx context.Context, t *records.Tx, patient string, p Purpose, allowed bool) error {
	before, err := stateOf(ctx, t.Beside(), patient, p)
	if err != nil {
		return err
	}
	if purposes[p].scope == "" {
		return outcome.Absent()
	}
	if before.Allowed == allowed {
		return nil
	}
	consent, err := statement(ctx, t, patient, before, allowed)
	if err != nil {
		return err
	}
	_, err = t.Beside().Exec(ctx, `INSERT INTO control_consents (patient, purpose, allowed, since, consent) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (patient, purpose) DO UPDATE SET allowed = excluded.allowed, since = excluded.since, consent = excluded.consent`,
		patient, string(p), allowed, db.Micros(t.Now()), consent)
	switch {
	case err != nil:
		return err
	case p == Sharing:
		return t.Withhold(ctx, patient, !allowed)
	case p == Following && c.Tell != nil:
		return c.Tell(ctx, t, patient, consent, allowed)
	}
	return nil
}

// purposes are how a purpose is coded: the scope of the Consent, and the reason (v3-ActReason) that it permits or denies.
var purposes = map[Purpose]struct{ scope, reason string }{
	Following: {"treatment", "TREAT"},
	Reminders: {"patient-privacy", "PATRQT"},
	Sharing:   {"patient-privacy", "COC"},
	Research:  {"research", "HRESCH"},
}

const terminology = "http://terminology.hl7.org/CodeSystem/"

// statement writes the patient's Consent for a purpose, as the next version of the one before, and returns its id.
func statement(ctx context.Context, t *records.Tx, patient string, before State, allowed bool) (string, error) {
	o, m, s, a := resource.O, resource.M, resource.S, resource.A
	concept := func(system, code string) resource.Node {
		return o(m("coding", a(o(m("system", s(system)), m("code", s(code))))))
	}
	kind, rule := "deny", "OPTOUT"
	if allowed {
		kind, rule = "permit", "OPTIN"
	}
	me := o(m("reference", s("Patient/"+patient)))
	code := purposes[before.Purpose]
	n := o(m("resourceType", s("Consent")))
	if before.Consent != "" {
		n.Set("id", s(before.Consent))
	}
	n.Set("identifier", a(o(m("system", s(access.ConsentSystem)), m("value", s(string(before.Purpose)+"-"+patient)))))
	n.Set("status", s("active"))
	n.Set("scope", concept(terminology+"consentscope", code.scope))
	n.Set("category", a(concept("http://loinc.org", "59284-0")))
	n.Set("patient", me)
	n.Set("dateTime", s(t.Now().UTC().Format("2006-01-02T15:04:05.000Z")))
	n.Set("performer", a(me))
	n.Set("policyRule", concept(terminology+"v3-ActCode", rule))
	n.Set("provision", o(m("type", s(kind)), m("purpose", a(o(m("system", s(terminology+"v3-ActReason")), m("code", s(code.reason)))))))
	if before.Consent == "" {
		r, err := t.Create(ctx, &n)
		return r.ID, err
	}
	r, _, err := t.Update(ctx, &n, records.Existing)
	return r.ID, err
}

// history is what a patient said about a purpose, newest first: the versions of its Consent.
func history(ctx context.Context, t *records.Tx, s State) ([]Said, error) {
	if s.Consent == "" {
		return nil, nil
	}
	page, err := t.History(ctx, "Consent", s.Consent, records.HistoryQuery{Count: 100})
	if err != nil {
		return nil, err
	}
	var all []Said
	for i := range page.Records {
		n, err := resource.Parse(page.Records[i].Body)
		if err != nil {
			return nil, err
		}
		at, err := time.Parse(time.RFC3339, n.Get("dateTime").Str())
		if err != nil {
			return nil, err
		}
		all = append(all, Said{at, n.Path("provision", "type").Str() == "permit"})
	}
	return all, nil
}

// Rejoined is for who comes back with a new invitation after leaving: it says on its first page that the team would
// like to follow what they measure, and to accept it is a yes.
func (c *Control) Rejoined(ctx context.Context, t *records.Tx, patient string) error {
	n, err := t.Beside().Exec(ctx, `DELETE FROM control_left WHERE patient = $1`, patient)
	if err != nil || n == 0 {
		return err
	}
	return c.Say(ctx, t, patient, Following, true)
}
