// Package care is the rooms of the private chamber: the patient's app (Today, adding a reading, Trends, who
// looked), the way in with a code, and the pages on which the team sees the same. It may import what
// stands before it in the private chamber, identity, ui and platform.
//
// It promises: every page reads and writes through records, as whoever looks, and so leaves its mark in
// the audit trail; a reading that is sent twice is stored once; nothing needs a script but a phone's own key.
package care

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/clinical/internal/people"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/web"
)

// Deps is what the rooms need. All but Enrol are required.
type Deps struct {
	Records *records.Store
	People  *people.People
	Clock   clock.Clock
	Base    string // of the FHIR interface
	// Enrol lets somebody make an account for a patient and says where. Without it nobody new can come in.
	Enrol func(ctx context.Context, login, lang string) (path string, err error)
}

// Care is the pages. Make it with New.
type Care struct{ Deps }

// New makes the pages.
func New(d Deps) (*Care, error) {
	if d.Records == nil || d.People == nil || d.Clock == nil || d.Base == "" {
		return nil, errors.New("care: records, people, clock and base are needed")
	}
	return &Care{d}, nil
}

const formBody = 16 << 10

// Routes lists the pages.
func (c *Care) Routes() []web.Route {
	// A code has 50 bits; this is so that trying them is no fun either.
	codes := web.NewRate(c.Clock, 10, time.Minute, 20)
	return []web.Route{
		{Pattern: "GET /join", Handler: c.joinPage},
		{Pattern: "GET /join/{code}", Handler: c.joinLink, Limit: codes},
		{Pattern: "POST /join", Handler: c.join, Limit: codes, Body: formBody},

		{Pattern: "GET /my", Handler: c.own(c.today)},
		{Pattern: "GET /my/add", Handler: c.own(c.kinds)},
		{Pattern: "GET /my/add/{measure}", Handler: c.own(c.addPage)},
		{Pattern: "POST /my/add/{measure}", Handler: c.own(c.add), Body: formBody},
		{Pattern: "GET /my/trends", Handler: c.own(c.trends)},
		{Pattern: "GET /my/trends/{measure}", Handler: c.own(c.trend)},
		{Pattern: "GET /my/looked", Handler: c.own(c.looked)},

		{Pattern: "GET /care", Handler: c.team(c.list)},
		{Pattern: "GET /care/{patient}", Handler: c.team(c.patient)},
		{Pattern: "GET /care/{patient}/trends/{measure}", Handler: c.team(c.patientTrend)},
		{Pattern: "GET /care/{patient}/invite", Handler: c.team(c.invitePage)},
		{Pattern: "POST /care/{patient}/invite", Handler: c.team(c.invite), Body: formBody},
	}
}

// visit is one request of somebody who may be here.
type visit struct {
	w       http.ResponseWriter
	r       *http.Request
	ask     records.Ask
	name    string // of who looks
	patient string // whose record the page is about; "" for the list
}

func (v *visit) ctx() context.Context { return v.r.Context() }

// own lets a patient in, to their own record. One whose account is connected with none yet is led to where it
// will be.
func (c *Care) own(h func(*visit) error) web.Handler {
	return identity.RequirePatient(func(w http.ResponseWriter, r *http.Request) error {
		p := identity.PatientFrom(r.Context())
		subject := p.Subject(identity.Clinical).String()
		patient, err := c.People.PatientOf(r.Context(), subject)
		if err != nil {
			return err
		}
		if patient == "" {
			if r.Method == http.MethodGet {
				return web.Redirect(w, r, "/join")
			}
			return fault.New(fault.Forbidden, "Your account is not connected with your care team. Ask them for a code.")
		}
		who := access.Who{Kind: access.Patient, ID: subject, Name: p.Name, Patient: patient}
		return said(h(&visit{w, r, records.Ask{Who: who, Request: web.RequestID(r.Context())}, p.Name, patient}))
	})
}

// team lets a clinician in.
func (c *Care) team(h func(*visit) error) web.Handler {
	return identity.Require(func(w http.ResponseWriter, r *http.Request) error {
		p := identity.From(r.Context())
		who := access.Who{Kind: access.Clinician, ID: p.Subject(identity.Clinical).String(), Name: p.Name}
		return said(h(&visit{w, r, records.Ask{Who: who, Request: web.RequestID(r.Context())}, p.Name, r.PathValue("patient")}))
	}, identity.Clinician)
}

// said turns a refusal of the records into one that pages know.
func said(err error) error {
	refused := outcome.Of(err)
	switch {
	case refused == nil:
		return err
	case refused.Status == http.StatusNotFound || refused.Status == http.StatusGone || refused.Status == http.StatusBadRequest:
		return fault.Wrap(err, fault.NotFound, "There is no such page.")
	case refused.Status == http.StatusConflict || refused.Status == http.StatusPreconditionFailed:
		return fault.Wrap(err, fault.Conflict, "Somebody else changed this at the same moment. Open the page again.")
	}
	return err
}

// given is the name to greet somebody with.
func given(name string) string {
	first, _, _ := strings.Cut(name, " ")
	return first
}
