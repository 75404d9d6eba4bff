// Package control is what patients hold in their own hands, below /my/me: who looked and why, what they consent to,
// who acts for them, everything there is about them to take away, and leaving. It may import what
// stands before it in the private chamber, identity, ui and platform.
//
// It promises: a consent is a FHIR Consent that its patient made, and what is asked of Allows is what the newest
// one says; giving, withdrawing and ending hold from the transaction on that they are in; whoever acts for a
// patient is named as such in whatever they do, and is let in by nothing but a look-up in that request.
package control

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/door"
	"github.com/mitral-health/mitral/clinical/internal/people"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/talk"
	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/web"
)

// Purpose is what a patient allows or does not.
type Purpose string

// The purposes, each with its state before the patient says anything (Standing).
const (
	Following Purpose = "following" // the team follows what is measured at home, and is alerted
	Reminders Purpose = "reminders" // the app reminds
	Sharing   Purpose = "sharing"   // programs of others read over the FHIR interface
	Research  Purpose = "research"
)

// Purposes are all of them, as the page lists them.
func Purposes() []Purpose { return []Purpose{Following, Reminders, Sharing, Research} }

// Standing is what holds as long as a patient has said nothing: what is part of care does, what is beside it
// does not.
func Standing(p Purpose) bool { return p == Following || p == Reminders || p == Sharing }

// Deps is what control needs. Those that say so, Tell, Noted and Left may be nil.
type Deps struct {
	Records *records.Store
	Store   *db.DB // the clinical one, migrated
	People  *people.People
	Talk    *talk.Talk // whose files are taken along; nil: there are none
	Clock   clock.Clock
	Base    string // of the FHIR interface

	// Tell has the engine of alerts look again at what the patient allows, and puts that it changed on the patient's
	// line of the team's list, in the same transaction. ref is the logical id of the Consent.
	Tell func(ctx context.Context, t *records.Tx, patient, ref string, following bool) error
	// Noted takes it off that line: somebody of the team has seen it.
	Noted func(ctx context.Context, t *records.Tx, patient string) error
	// Left ends what others keep for a patient who leaves, such as push subscriptions, in the same transaction.
	Left []func(ctx context.Context, t *records.Tx, patient string) error
	// Fresh asks whoever opens a page to prove once more who they are, if that is long ago. nil asks nobody.
	Fresh func(page string, h web.Handler) web.Handler
	// EndSessions signs the account behind a request out everywhere. nil leaves it signed in.
	EndSessions func(ctx context.Context) error
}

// Control is the pages and the answers. Make it with New.
type Control struct{ Deps }

// New makes it.
func New(d Deps) (*Control, error) {
	if d.Records == nil || d.Store == nil || d.People == nil || d.Clock == nil || d.Base == "" {
		return nil, errors.New("control: records, store, people, clock and base are needed")
	}
	c := &Control{d}
	d.People.Rejoined = c.Rejoined
	return c, nil
}

// Migrations returns the steps of the tables here.
func Migrations() []db.Migration { return []db.Migration{{Name: "control", SQL: schema}} }

// What the newest Consent of each patient and purpose says, so that nobody has to search for it.
const schema = `CREATE TABLE control_consents (patient TEXT NOT NULL, purpose TEXT NOT NULL, allowed BOOLEAN NOT NULL, since BIGINT NOT NULL, consent TEXT NOT NULL,
	PRIMARY KEY (patient, purpose));
CREATE TABLE control_left (patient TEXT PRIMARY KEY, at BIGINT NOT NULL)`

// Allows reports whether a patient allows this now, as this transaction sees it. It asks no leave of the
// asker: whoever has a transaction may know what they may do.
func (c *Control) Allows(ctx context.Context, t *records.Tx, patient string, p Purpose) (bool, error) {
	return allows(ctx, t.Beside(), patient, p)
}

// AllowsIn is Allows for whoever has only the store's transaction.
func (c *Control) AllowsIn(ctx context.Context, tx db.Tx, patient string, p Purpose) (bool, error) {
	return allows(ctx, tx, patient, p)
}

// Allowed is Allows outside of a transaction, for jobs.
func (c *Control) Allowed(ctx context.Context, patient string, p Purpose) (ok bool, err error) {
	err = c.Store.Read(ctx, func(tx db.Tx) error {
		ok, err = allows(ctx, tx, patient, p)
		return err
	})
	return ok, err
}

func allows(ctx context.Context, tx db.Tx, patient string, p Purpose) (ok bool, err error) {
	err = tx.QueryRow(ctx, `SELECT allowed FROM control_consents WHERE patient = $1 AND purpose = $2`, patient, string(p)).Scan(&ok)
	if errors.Is(err, db.ErrNoRows) {
		return Standing(p), nil
	}
	return ok, err
}

const formBody = 16 << 10

// Routes lists the pages.
func (c *Control) Routes() []web.Route {
	d := door.Door{People: c.People}
	// What hands a record over, or ends something for good, asks anew who it is.
	fresh := func(page string) func(*web.Route) {
		return func(r *web.Route) {
			if c.Fresh != nil {
				r.Handler = c.Fresh(page, r.Handler)
			}
		}
	}
	long := func(r *web.Route) { r.Timeout = archiveTime }
	few := func(r *web.Route) { r.Limit = web.NewRate(c.Clock, 5, time.Minute, 5) }
	return slices.Concat(
		d.App("GET", "/me", c.me),
		d.App("POST", "/me/stop", c.stop, door.Body(formBody)),
		d.Own("GET", "/me/looked", c.looked),
		d.Own("GET", "/me/consents", c.consents),
		d.Own("POST", "/me/consents", c.say, door.Body(formBody)),
		d.Own("GET", "/me/caregivers", c.caregivers),
		d.Own("POST", "/me/caregivers", c.caring, door.Body(formBody)),
		d.Own("GET", "/me/download", c.downloadPage, fresh("/my/me/download")),
		d.Own("POST", "/me/download", c.download, door.Body(formBody), fresh("/my/me/download"), long, few),
		d.Own("GET", "/me/leave", c.leavePage, fresh("/my/me/leave")),
		d.Own("POST", "/me/leave", c.leave, door.Body(formBody), fresh("/my/me/leave")),
		d.Staff("GET", "/{patient}/caregivers", c.caregivers),
		d.Staff("POST", "/{patient}/caregivers", c.caring, door.Body(formBody)),
		d.Staff("POST", "/{patient}/allows", c.noted, door.Body(formBody)),
		[]web.Route{
			{Pattern: "GET /for", Handler: identity.RequirePatient(c.actsFor)},
			{Pattern: "GET /left", Handler: c.left},
		})
}
