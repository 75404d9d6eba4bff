// Package door lets people into the rooms of the private chamber: a patient to their own record, somebody who
// cares for a patient to that one's, a clinician to the team's pages. It may import what stands before
// it in the private chamber, identity, ui and platform.
//
// It promises: whoever passes has been looked up in this request, and who acts for somebody in each transaction of it, so an
// authority that ended a moment ago is none; a request that takes long ends with its session; what a room does is asked of records as this person; a refusal says nothing of what is there.
package door

import (
	"context"
	"net/http"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/clinical/internal/people"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/ui"
)

// Door knows who may pass.
type Door struct{ People *people.People }

// Visit is one request of somebody who may be here.
type Visit struct {
	W       http.ResponseWriter
	R       *http.Request
	Ask     records.Ask
	Name    string // of who looks
	Ref     string // of who looks, as records name them: "Patient/x", "RelatedPerson/x", "Practitioner/x"
	Patient string // logical id of the Patient whose record the page is about; "" for pages about many
	For     string // name of the patient whom a caregiver acts for; "" if nobody is

	still func(context.Context, db.Tx) (bool, error) // may they still be here, as when they came in; nil as long as their session stands
	store *db.DB
}

// Still reports whether this visitor may be here now: their session stands, and so does what let them in. For answers that
// take longer than a moment; a stream asks every few seconds, and ends when it is told no.
func (v *Visit) Still() (bool, error) {
	ok, err := identity.Still(v.Ctx())
	if ok && err == nil && v.still != nil {
		err = v.store.Read(v.Ctx(), func(tx db.Tx) (err error) {
			ok, err = v.still(v.Ctx(), tx)
			return err
		})
	}
	return ok && err == nil, err
}

// soon is how old a request may be and be believed: what it asks of records later, as when its body came slowly, is
// asked again of the session, and of what let its sender in.
const soon = time.Second

// let begins a visit. What it asks of records is decided anew in each transaction once the request isn't young any more,
// and for who acts for somebody always.
func (d *Door) let(v *Visit, room Room) error {
	came := d.People.Clock.Now()
	v.store, v.Ask.Request = d.People.Store, web.RequestID(v.Ctx())
	v.Ask.Stands = func(ctx context.Context, tx db.Tx) error {
		ok, old := true, d.People.Clock.Now().Sub(came) >= soon
		var err error
		if old {
			ok, err = identity.Still(v.Ctx())
		}
		if ok && err == nil && v.still != nil && (old || v.For != "") {
			ok, err = v.still(ctx, tx)
		}
		if err == nil && !ok {
			err = fault.New(fault.NotFound, "There is no such page.")
		}
		return err
	}
	return Said(room(v))
}

// Ctx is the request's context.
func (v *Visit) Ctx() context.Context { return v.R.Context() }

// Path is the address of a page of the patient's app as this visitor reaches it: Path("/add") is "/my/add" for
// the patient, "/for/x/add" for whoever cares for Patient x. In templates: ui.AppPath(ctx, "/add").
func (v *Visit) Path(rest string) string { return ui.AppPath(v.Ctx(), rest) }

// Room is a page of the patient's app or of the team.
type Room func(*Visit) error

// App returns the routes of one page of the patient's app: under /my for the patient and under /for/{patient}
// for whoever cares for one. path is below the app's: "/add/{measure}"; "" is its first page.
func (d *Door) App(method, path string, room Room, settings ...func(*web.Route)) []web.Route {
	both := append(d.Own(method, path, room), web.Route{Pattern: method + " /for/{patient}" + path, Handler: d.caring(room)})
	return with(both, settings)
}

// Own is App for what only the patient may do.
func (d *Door) Own(method, path string, room Room, settings ...func(*web.Route)) []web.Route {
	return with([]web.Route{{Pattern: method + " /my" + path, Handler: d.own(room)}}, settings)
}

// Staff returns the route of one page of the team, below /care.
func (d *Door) Staff(method, path string, room Room, settings ...func(*web.Route)) []web.Route {
	return with([]web.Route{{Pattern: method + " /care" + path, Handler: d.team(room)}}, settings)
}

func with(routes []web.Route, settings []func(*web.Route)) []web.Route {
	for i := range routes {
		for _, set := range settings {
			set(&routes[i])
		}
	}
	return routes
}

// Body limits what a form may send, in bytes.
func Body(bytes int64) func(*web.Route) { return func(r *web.Route) { r.Body = bytes } }

// own lets a patient in, to their own record. One whose account is connected with none yet is led to where it
// will be.
func (d *Door) own(room Room) web.Handler {
	return identity.RequirePatient(func(w http.ResponseWriter, r *http.Request) error {
		p := identity.PatientFrom(r.Context())
		subject := p.Subject(identity.Clinical).String()
		patient, err := d.People.PatientOf(r.Context(), subject)
		if err != nil {
			return err
		}
		if patient == "" {
			if r.Method == http.MethodGet {
				return d.elsewhere(w, r, subject)
			}
			return fault.New(fault.Forbidden, "Your account is not connected with your care team. Ask them for a code.")
		}
		r = d.app(w, r, subject, patient)
		who := access.Who{Kind: access.Patient, ID: subject, Name: p.Name, Patient: patient}
		return d.let(&Visit{W: w, R: r, Ask: records.Ask{Who: who}, Name: p.Name, Ref: "Patient/" + patient, Patient: patient,
			still: func(ctx context.Context, tx db.Tx) (bool, error) {
				now, err := d.People.PatientIn(ctx, tx, subject)
				return now == patient, err
			}}, room)
	})
}

// elsewhere leads somebody who has no record of their own to whom they act for, or to where they are connected.
func (d *Door) elsewhere(w http.ResponseWriter, r *http.Request, subject string) error {
	all, err := d.People.ActsFor(r.Context(), subject)
	if err != nil {
		return err
	}
	if len(all) > 0 {
		return web.Redirect(w, r, "/for")
	}
	return web.Redirect(w, r, "/join")
}

// caring lets somebody in to the record of a patient whom they care for, as long as they may.
func (d *Door) caring(room Room) web.Handler {
	return identity.RequirePatient(func(w http.ResponseWriter, r *http.Request) error {
		p := identity.PatientFrom(r.Context())
		subject, patient := p.Subject(identity.Clinical).String(), r.PathValue("patient")
		a, err := d.People.Authority(r.Context(), subject, patient)
		if err != nil {
			return err
		}
		if a == nil {
			return fault.New(fault.NotFound, "There is no such page.")
		}
		r = d.app(w, r.WithContext(ui.WithApp(r.Context(), "/for/"+patient, a.PatientName)), subject, patient)
		who := access.Who{Kind: access.Caregiver, ID: subject, Name: p.Name, Patient: patient}
		return d.let(&Visit{W: w, R: r, Ask: records.Ask{Who: who}, Name: p.Name, Ref: "RelatedPerson/" + a.Person,
			Patient: patient, For: a.PatientName,
			still: func(ctx context.Context, tx db.Tx) (bool, error) {
				now, err := d.People.AuthorityIn(ctx, tx, subject, patient)
				return now != nil && now.Person == a.Person, err
			}}, room)
	})
}

// team lets a clinician in. The {patient} of the path, if it has one, is the Visit's.
func (d *Door) team(room Room) web.Handler {
	return identity.Require(func(w http.ResponseWriter, r *http.Request) error {
		p := identity.From(r.Context())
		subject := p.Subject(identity.Clinical).String()
		ref, err := d.People.Practitioner(r.Context(), subject, p.Name)
		if err != nil {
			return err
		}
		who := access.Who{Kind: access.Clinician, ID: subject, Name: p.Name}
		return d.let(&Visit{W: w, R: r, Ask: records.Ask{Who: who}, Name: p.Name, Ref: ref, Patient: r.PathValue("patient")}, room)
	}, identity.Clinician)
}

// Said turns a refusal of the records into one that pages know.
func Said(err error) error {
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
