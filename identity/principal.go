// Package identity knows who signs in: accounts, credentials, sessions, roles and the acceptance of
// the acceptable-use policy. It knows no patients and nothing that anybody wrote. May import
// platform, audit and ui.
package identity

import (
	"context"
	"slices"

	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/id"
)

// Account is the noun of an account's id. The id never leaves this package: every chamber knows the
// person under a Subject of its own.
type Account struct{}

// Chamber names a place that has its own subjects.
type Chamber string

// The chambers that know people.
const (
	Social   Chamber = "social"
	Clinical Chamber = "clinical"
	Gate     Chamber = "gate"
)

type subject struct{}

// Subject is what one chamber calls one person: random, and different in every chamber (a pairwise
// identifier, OpenID Connect Core 8.1). Only identity holds the mapping.
type Subject = id.Of[subject]

// Role is something that a member of staff may do, or Patient.
type Role string

// The roles of staff.
const (
	Communications Role = "communications"
	Reviewer       Role = "reviewer"
	PrivacyOfficer Role = "privacy_officer"
	Moderator      Role = "moderator"
	Clinician      Role = "clinician"
	Administrator  Role = "administrator"
)

// Patient is the role of somebody whom the organisation looks after. It stands alone: nobody has it
// beside a role of staff, and From returns nobody who has it.
const Patient Role = "patient"

// Roles lists every role of staff, in the order in which pages show them.
var Roles = []Role{Communications, Reviewer, PrivacyOfficer, Moderator, Clinician, Administrator}

// Principal is who makes a request, already authenticated, second factor included.
type Principal struct {
	account  id.Of[Account]
	subjects map[Chamber]Subject
	Name     string // as colleagues know them
	Roles    []Role
	Lang     string // "en" or "es"; "" follows the browser
	TimeZone string // IANA name; "" is the organisation's
	Accepted bool   // has accepted the present version of the acceptable-use policy
}

// Subject returns what chamber calls this person.
func (p *Principal) Subject(c Chamber) Subject { return p.subjects[c] }

// Has reports whether the person has any of the roles.
func (p *Principal) Has(roles ...Role) bool {
	for _, have := range p.Roles {
		for _, want := range roles {
			if have == want {
				return true
			}
		}
	}
	return false
}

// MayPost returns nil if the person may write in public for the organisation: a role that writes,
// and the present acceptable-use policy accepted.
func (p *Principal) MayPost() error {
	if !p.Has(Communications, Clinician) {
		return fault.New(fault.Forbidden, "Your role does not write public posts. Ask an administrator if it should.")
	}
	if !p.Accepted {
		return fault.New(fault.Forbidden, "Accept the acceptable-use policy first. Without it nobody can post.")
	}
	return nil
}

type contextKey struct{}

// From returns which member of staff makes the request of ctx, or nil: a reader without an account, or
// a patient. So whatever was made for staff is closed to patients.
func From(ctx context.Context) *Principal {
	if p, _ := ctx.Value(contextKey{}).(*Principal); p != nil && !isPatient(p.Roles) {
		return p
	}
	return nil
}

// PatientFrom returns which patient makes the request of ctx, or nil: anybody else.
func PatientFrom(ctx context.Context) *Principal {
	if p, _ := ctx.Value(contextKey{}).(*Principal); p != nil && isPatient(p.Roles) {
		return p
	}
	return nil
}

func isPatient(roles []Role) bool { return slices.Contains(roles, Patient) }

// With returns ctx carrying p. Only the session middleware and tests call it.
func With(ctx context.Context, p *Principal) context.Context {
	return context.WithValue(ctx, contextKey{}, p)
}

// NewPrincipal makes a principal that no account stands behind, for tests of other packages.
func NewPrincipal(name string, roles ...Role) *Principal {
	return &Principal{
		subjects: map[Chamber]Subject{Social: id.Random[subject](), Clinical: id.Random[subject](), Gate: id.Random[subject]()},
		Name:     name, Roles: roles, Accepted: true,
	}
}
