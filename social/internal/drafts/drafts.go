// Package drafts is where staff write: drafts with their revisions, the way of a text through the
// gate to the public, the schedule and the calendar, and their pages. May import media, profiles,
// topics, posts, plain, gate, identity, ui and platform.
//
// It promises: nothing is published that the gate has not cleared in exactly this form; nothing is
// lost and nothing published twice, whenever the program is killed; of two people who change the
// same draft the second is told and nothing is overwritten. docs/adr/0010-publishing-flow.md says how.
package drafts

import (
	"log/slog"
	"time"

	"github.com/mitral-health/mitral/gate"
	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/id"
	"github.com/mitral-health/mitral/platform/jobs"
	"github.com/mitral-health/mitral/social/internal/media"
	"github.com/mitral-health/mitral/social/internal/posts"
	"github.com/mitral-health/mitral/social/internal/profiles"
	"github.com/mitral-health/mitral/social/internal/topics"
	"github.com/mitral-health/mitral/ui"
)

// ID is the id of a draft; as text it is what the gate knows it by.
type ID = id.Of[Draft]

// State says where a draft stands.
type State string

// The states. A draft can be changed in those that Editable reports; from Checking on its content is
// fixed until the author takes it back.
const (
	Writing   State = "draft"
	Warned    State = "warned"    // the gate warns; the author changes it or attests
	Blocked   State = "blocked"   // it can't go out as it is
	Returned  State = "returned"  // a reviewer says what to change
	Rejected  State = "rejected"  // a reviewer refused it
	Expired   State = "expired"   // no reviewer decided in time
	Back      State = "back"      // cleared, but it could not go out; the comment says why
	Checking  State = "checking"  // the gate is being asked
	Held      State = "held"      // waits for a reviewer
	Scheduled State = "scheduled" // cleared, waits for its time
	Published State = "published"
	Withdrawn State = "withdrawn" // was public
)

// Editable reports whether the author may change the text.
func (s State) Editable() bool {
	switch s {
	case Writing, Warned, Blocked, Returned, Rejected, Expired, Back:
		return true
	}
	return false
}

// shelf is the list in which a draft stands.
type shelf string

const (
	open    shelf = "open"    // the author's turn
	waiting shelf = "waiting" // the gate's or a reviewer's turn
	planned shelf = "planned"
	public  shelf = "public"
	gone    shelf = "gone"
)

func (s State) shelf() shelf {
	switch s {
	case Checking, Held:
		return waiting
	case Scheduled:
		return planned
	case Published:
		return public
	case Withdrawn:
		return gone
	}
	return open
}

// Draft is a text on its way.
type Draft struct {
	ID        ID
	Author    identity.Subject
	State     State
	Rev       int // counts every change; a change names the one that it saw
	Content   posts.Content
	Plan      Plan
	Attested  bool     // the author confirmed the warnings of this content
	Hash      [32]byte // of what was last submitted
	Comment   string   // why it came back, or why it was withdrawn
	By        string   // the name of who decided
	Deadline  time.Time
	Post      posts.ID // once it was public
	Created   time.Time
	Updated   time.Time
	Published time.Time
}

// mine reports whether p wrote the draft: only the author changes it, because the gate lets nobody
// decide on what they wrote.
func (d *Draft) mine(p *identity.Principal) bool {
	return p != nil && !d.Author.IsZero() && d.Author == p.Subject(identity.Social)
}

// visible reports whether p may read the draft: the author, and colleagues of communications.
func (d *Draft) visible(p *identity.Principal) bool {
	return d.mine(p) || p != nil && p.Has(identity.Communications)
}

// Clash is what the second of two people gets who changed the same draft: both texts, nothing lost.
type Clash struct{ Mine, Theirs Draft }

// Error implements error.
func (*Clash) Error() string { return "drafts: changed meanwhile" }

// Unwrap makes a Clash a conflict to whoever does not look closer.
func (*Clash) Unwrap() error {
	return fault.New(fault.Conflict, "This draft was changed meanwhile. Nothing was overwritten.")
}

// Deps is what drafts need.
type Deps struct {
	Store    *db.DB
	Clock    clock.Clock
	Gate     *gate.Gate
	Media    *media.Store
	Profiles *profiles.Store
	Topics   topics.Store
	Posts    *posts.Store
	Site     *ui.Site // whose time zone holds where a person has none
	Log      *slog.Logger
}

// Drafts keeps drafts and brings them through the gate.
type Drafts struct {
	Deps
	queue *jobs.Queue
	step  func(string) // tests stop the program here
}

// New returns the drafts of one social store. UseQueue must follow before anything is submitted.
func New(d Deps) *Drafts { return &Drafts{Deps: d, step: func(string) {}} }

// UseQueue says where jobs go.
func (s *Drafts) UseQueue(q *jobs.Queue) { s.queue = q }

var (
	errNoDraft  = fault.New(fault.NotFound, "There is no such draft.")
	errNotYours = fault.New(fault.Forbidden, "Only its author can change a draft. Make a copy of your own.")
	errFixed    = fault.New(fault.Conflict, "This text has been sent already. Take it back first, then change it.")
)
