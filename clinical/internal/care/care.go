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
	"slices"
	"strings"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/door"
	"github.com/mitral-health/mitral/clinical/internal/people"
	"github.com/mitral-health/mitral/clinical/internal/plans"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/talk"
	"github.com/mitral-health/mitral/clinical/internal/triage"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/ui"
)

// Deps is what the rooms need. All but Enrol are required.
type Deps struct {
	Records *records.Store
	People  *people.People
	Clock   clock.Clock
	Base    string // of the FHIR interface
	Site    *ui.Site
	Triage  *triage.Triage
	Talk    *talk.Talk
	Plans   *plans.Plans
	// Enrol lets somebody make an account for a patient and says where. Without it nobody new can come in.
	Enrol func(ctx context.Context, login, lang string) (path string, err error)
}

// Care is the pages. Make it with New.
type Care struct {
	Deps
	names   names
	live    *live
	program records.Ask // the program itself, for what all open lists are told
}

// New makes the pages.
func New(d Deps) (*Care, error) {
	if d.Records == nil || d.People == nil || d.Clock == nil || d.Base == "" || d.Site == nil || d.Triage == nil || d.Talk == nil || d.Plans == nil {
		return nil, errors.New("care: all but Enrol is needed")
	}
	scopes, err := access.ParseScopes(liveScopes)
	c := &Care{Deps: d, program: records.Ask{Who: access.Who{Kind: access.System, ID: "live-list", Name: "Mitral", Scopes: scopes}}}
	c.live = newLive(c)
	return c, err
}

const formBody = 16 << 10

// Routes lists the pages.
func (c *Care) Routes() []web.Route {
	// A code has 50 bits; this is so that trying them is no fun either.
	codes := web.NewRate(c.Clock, 10, time.Minute, 20)
	kept := web.NewRate(c.Clock, 30, time.Minute, 60) // the page reads a code from a cookie, and says whether it is one
	d := door.Door{People: c.People}
	return slices.Concat(
		[]web.Route{
			{Pattern: "GET /join", Handler: c.joinPage, Limit: kept},
			{Pattern: "GET /join/{code}", Handler: c.joinLink, Limit: codes},
			{Pattern: "POST /join", Handler: c.join, Limit: codes, Body: formBody},
		},

		d.App("GET", "", c.today, door.Kept),
		d.App("GET", "/add", c.kinds, door.Kept),
		d.App("GET", "/add/{measure}", c.addPage, door.Kept),
		d.App("POST", "/add/{measure}", c.add, door.Body(formBody)),
		d.App("GET", "/trends", c.trends),
		d.App("GET", "/trends/{measure}", c.trend),

		d.Staff("GET", "", c.list),
		d.Staff("GET", "/live", c.liveList, stream),
		d.Staff("GET", "/patients", c.directory),
		d.Staff("GET", "/{patient}", c.patient),
		d.Staff("GET", "/{patient}/trends/{measure}", c.patientTrend),
		d.Staff("GET", "/work", c.work),
		d.Staff("POST", "/work", c.handOver, door.Body(formBody)),
		d.Staff("POST", "/{patient}/alerts/{alert}", c.decide, door.Body(formBody)),
		d.Staff("POST", "/{patient}/tasks/{task}", c.finish, door.Body(formBody)),
		d.Staff("GET", "/{patient}/thresholds", c.limits),
		d.Staff("POST", "/{patient}/follow", c.follow, door.Body(formBody)),
		d.Staff("POST", "/{patient}/quieter", c.quieter, door.Body(formBody)),
		d.Staff("GET", "/{patient}/thresholds/{rule}", c.rulePage),
		d.Staff("POST", "/{patient}/thresholds/{rule}", c.setRule, door.Body(formBody)),
		d.Staff("GET", "/{patient}/invite", c.invitePage),
		d.Staff("POST", "/{patient}/invite", c.invite, door.Body(formBody)))
}

// given is the name to greet somebody with.
func given(name string) string {
	first, _, _ := strings.Cut(name, " ")
	return first
}
