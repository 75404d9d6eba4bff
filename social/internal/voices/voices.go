// Package voices is where administrators and communications decide who speaks in public and about what:
// the pages that make, change and retire profiles and topics, and the organisation's own profile on the
// first start. May import media, profiles, topics, posts, gate, identity, ui and platform.
//
// It promises: what is said about a profile or a topic is read by the gate before it is public; a seal
// stands only on what somebody who may give it has seen; of two people who change the same thing the
// second is told and nothing is overwritten; what retires speaks no more and keeps what it said.
package voices

import (
	"context"
	"errors"
	"time"

	"github.com/mitral-health/mitral/gate"
	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/social/internal/media"
	"github.com/mitral-health/mitral/social/internal/posts"
	"github.com/mitral-health/mitral/social/internal/profiles"
	"github.com/mitral-health/mitral/social/internal/topics"
	"github.com/mitral-health/mitral/ui"
)

// Person is a clinician on the staff, as the public chamber knows them.
type Person struct {
	Subject identity.Subject
	Name    string // as colleagues know them
}

// Deps is what these pages need.
type Deps struct {
	Store    *db.DB
	Clock    clock.Clock
	Gate     *gate.Gate
	Media    *media.Store
	Profiles *profiles.Store
	Topics   topics.Store
	Posts    *posts.Store
	Site     *ui.Site
	Staff    func(context.Context) ([]Person, error) // the clinicians who can sign in, by name; nil is nobody
}

// Voices serves the pages of profiles and topics.
type Voices struct{ Deps }

// New returns the pages of one social store.
func New(d Deps) *Voices {
	if d.Staff == nil {
		d.Staff = func(context.Context) ([]Person, error) { return nil, nil }
	}
	return &Voices{Deps: d}
}

// Routes returns the addresses of the pages.
func (s *Voices) Routes() []web.Route {
	staff := func(h web.Handler) web.Handler {
		return identity.Require(h, identity.Administrator, identity.Communications)
	}
	const form = media.MaxBytes + 1<<20 // a portrait, and the words around it
	uploads := web.NewRate(s.Clock, 2, time.Second, 60)
	return []web.Route{
		{Pattern: "GET /admin/profiles", Handler: staff(s.list)},
		{Pattern: "GET /admin/profiles/new", Handler: staff(s.fresh)},
		{Pattern: "POST /admin/profiles/new", Handler: staff(s.make), Body: form, Limit: uploads},
		{Pattern: "GET /admin/profiles/{handle}", Handler: staff(s.show)},
		{Pattern: "POST /admin/profiles/{handle}", Handler: staff(s.change), Body: form, Limit: uploads},
		{Pattern: "GET /admin/topics", Handler: staff(s.listTopics)},
		{Pattern: "POST /admin/topics", Handler: staff(s.makeTopic)},
		{Pattern: "GET /admin/topics/{slug}", Handler: staff(s.showTopic)},
		{Pattern: "POST /admin/topics/{slug}", Handler: staff(s.changeTopic)},
	}
}

// mayVerify reports whether who may say that a clinician's registration was seen.
func mayVerify(who *identity.Principal) bool {
	return who.Has(identity.Administrator, identity.PrivacyOfficer)
}

// mayChange returns nil if who has accepted what holds for everybody who writes in public.
func mayChange(who *identity.Principal) error {
	if !who.Accepted {
		return fault.New(fault.Forbidden, "Accept the acceptable-use policy first. Without it nobody can post.")
	}
	return nil
}

// problem is something that keeps a form from being stored, and the field that it is about.
type problem struct {
	field string // "" is the whole form
	err   error
}

// problems are those of one form. As an error, it is of the kind of the first.
type problems []problem

// Error implements error.
func (p problems) Error() string { return "voices: the form has problems" }

// Unwrap returns the first.
func (p problems) Unwrap() error { return p[0].err }

// of returns what is wrong with a field, nil if nothing.
func (p problems) of(field string) error {
	for _, one := range p {
		if one.field == field {
			return one.err
		}
	}
	return nil
}

// about turns a refusal of a store into the problem of a field; other errors stay what they are.
func about(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, profiles.ErrTaken):
		return problems{{"handle", err}}
	case errors.Is(err, topics.ErrTaken):
		return problems{{"slug", err}}
	case errors.Is(err, profiles.ErrPerson):
		return problems{{"account", err}}
	}
	switch fault.KindOf(err) {
	case fault.Invalid, fault.TooLarge, fault.Conflict:
		return problems{{"", err}}
	}
	return err
}
