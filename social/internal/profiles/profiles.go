// Package profiles holds who speaks in public: the organisation, its departments and its clinicians.
// A profile is a voice, not an account; the person behind a clinician's profile is known here only by
// the social subject, so that they can speak as themselves and as nobody else. May import media,
// revision, identity and platform.
package profiles

import (
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/id"
	"github.com/mitral-health/mitral/social/internal/media"
)

// ID is the id of a profile.
type ID = id.Of[Profile]

// Kind is what sort of voice a profile is.
type Kind string

// The kinds.
const (
	Organisation Kind = "organisation"
	Department   Kind = "department"
	Clinician    Kind = "clinician"
)

// Words is a text in each language of the interface.
type Words struct{ EN, ES string }

// In returns the words in lang; if there are none, those of the other language.
func (w Words) In(lang string) string {
	if lang == "es" && w.ES != "" || w.EN == "" {
		return w.ES
	}
	return w.EN
}

// Limits in characters: of a name or a title, and of what is said about a profile.
const (
	MaxLine = 120
	MaxText = 600
)

func (w Words) longer(n int) bool {
	return utf8.RuneCountInString(w.EN) > n || utf8.RuneCountInString(w.ES) > n
}

// Profile is a public voice.
type Profile struct {
	ID         ID
	Kind       Kind
	Handle     string           // lower case, unique: the last part of the page's address
	Name       Words            // a person has one, in English; a department is called by each language
	Title      Words            // "Family doctor"
	Bio        Words            // a sentence or two
	Speaks     Words            // languages they speak with people
	Declares   Words            // interests declared: "Nothing to declare"
	Since      int              // year they began here, 0 when not said
	VerifiedOn time.Time        // when the organisation saw the registration; zero is not verified
	Avatar     media.ID         // none draws initials
	Department ID               // of a clinician, if any
	Position   int              // order on the page of people, low first
	Subject    identity.Subject // who may speak as this clinician; none is nobody but communications
	Retired    time.Time        // since when nobody speaks as this profile; zero while somebody may
	Rev        int              // counts every change; a change names the one that it saw, 0 makes the profile
}

// Verified reports whether the organisation vouches for the clinician's registration: it has seen it,
// and they still speak here.
func (p *Profile) Verified() bool { return !p.VerifiedOn.IsZero() && p.Retired.IsZero() }

var handleForm = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9_-]{0,28}[a-z0-9])?$`)

// CheckHandle returns nil if h can be a handle: 1 to 30 of a–z, 0–9, _ and -, not at the ends.
func CheckHandle(h string) error {
	if !handleForm.MatchString(h) {
		return fault.New(fault.Invalid, "A handle has 1 to 30 lower-case letters, digits, hyphens or underscores.")
	}
	return nil
}

// check returns nil if p can be stored.
func (p *Profile) check() error {
	if err := CheckHandle(p.Handle); err != nil {
		return err
	}
	if strings.TrimSpace(p.Name.EN) == "" || p.Name.longer(MaxLine) {
		return fault.New(fault.Invalid, "A profile needs a name of at most 120 characters.")
	}
	if p.Title.longer(MaxLine) || p.Speaks.longer(MaxText) || p.Declares.longer(MaxText) || p.Bio.longer(MaxText) {
		return fault.New(fault.TooLarge, "This is too long: at most %d characters.", MaxText)
	}
	switch p.Kind {
	case Organisation, Department, Clinician:
	default:
		return fault.New(fault.Invalid, "A profile is the organisation, a department or a clinician.")
	}
	if !p.Subject.IsZero() && p.Kind != Clinician {
		return fault.New(fault.Invalid, "Only a clinician's profile belongs to one person.")
	}
	return nil
}

// What somebody is told who may not speak as a profile.
var (
	ErrRetired = fault.New(fault.Forbidden, "This profile is retired: nobody speaks as it any more. What it said stays.")
	ErrOther   = fault.New(fault.Forbidden, "You can only speak for yourself here. Choose your own profile.")
)

// Lend returns nil if who may publish as p: communications as anybody, a clinician only as themselves,
// and nobody as a profile that is retired.
func (p *Profile) Lend(who *identity.Principal) error {
	if !p.Retired.IsZero() {
		return ErrRetired
	}
	if who == nil {
		return ErrOther
	}
	if who.Has(identity.Communications) {
		return nil
	}
	subject := who.Subject(identity.Social)
	if who.Has(identity.Clinician) && !subject.IsZero() && p.Subject == subject {
		return nil
	}
	return ErrOther
}

// MaySpeak reports whether Lend lets who publish as p.
func (p *Profile) MaySpeak(who *identity.Principal) bool { return p.Lend(who) == nil }
