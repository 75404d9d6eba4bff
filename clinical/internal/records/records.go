// Package records holds the only handle to the clinical database. Everything of a patient is reached
// through a Tx of Store.Do or Store.Look: somebody who asks, a purpose, the decision of access, the
// effect, and an AuditEvent, in one. May import access, search, spec, resource, outcome and platform.
//
// It promises:
//
//   - What Do returned nil for is on the disk and in the audit trail. What Look returned was in the
//     audit trail before.
//   - Of a Do that failed nothing stays but the AuditEvents of what it tried.
//   - A record that somebody may not see and one that is not there have the same answer, found the same way.
//   - Every version of a record stays, byte for byte as it was answered.
//   - Two who change one record: one wins, the other gets 409 or, with IfMatch, 412.
//   - A Watcher is told of what a transaction wrote before it is committed, and what it writes is part of it.
//
// A write is on the disk before it is answered (db.WriteShared): SQLite runs with synchronous=FULL, and
// those who write at the same time share one wait; PostgreSQL does as its synchronous_commit says. It runs at READ COMMITTED: a
// record's version, the uniqueness of (type, id) and, for conditional writes, a locked row (Guard) hold what
// serialisation would. Decided besides:
//
//   - A change to the same content makes no version (Record.Same). An update brings a deleted record back.
//   - A deleted record may be referred to: what others say of it was true when it was written.
//   - Who is confined (to a compartment, or by a scope with a search) chooses no ids: they would learn which are taken.
//   - A search without _sort has an order of its own, the same on every page (Tx.Search).
//
// It does not validate and knows no HTTP but the status of an *outcome.Error.
package records

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/search"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/db"
)

// Deps is what a Store needs.
type Deps struct {
	DB    *db.DB // the clinical store, migrated
	Clock clock.Clock
	Log   *slog.Logger
	Base  string // address of the FHIR interface, without a final slash: references to below it are to records here
}

// Store is the records of one chamber. Safe for concurrent use.
type Store struct {
	db      *db.DB
	clock   clock.Clock
	log     *slog.Logger
	base    string
	decoy   []byte // terms of a record that there is not
	numbers numbers
	limits  limits
	arrays  bool // on PostgreSQL
	counts  counts

	withholding withholding
	watching    []watching
}

// Open opens the records.
func Open(d Deps) (*Store, error) {
	s := &Store{db: d.DB, clock: d.Clock, log: d.Log, base: strings.TrimRight(d.Base, "/"), limits: usual}
	_, _, s.arrays = d.DB.Postgres()
	s.numbers.restart()
	n := resource.O(resource.M("resourceType", resource.S("Basic")), resource.M("id", resource.S("none")))
	s.decoy = search.Extract(&n, time.Unix(0, 0), search.Options{}).Pack()
	return s, nil
}

// Ask is who asks for what purpose.
type Ask struct {
	Who     access.Who
	Purpose access.Purpose // "" is what the kind of principal asks for by default (access.Default)
	Request string         // the request's id, for the audit trail; may be ""

	// Stands is asked at the beginning of each Do and Look, in its transaction, whether who asks still may; its error is the
	// answer then. nil always does.
	Stands func(ctx context.Context, tx db.Tx) error
}

// Record is one version of a resource.
type Record struct {
	Type, ID string
	Version  int64
	Updated  time.Time // to the millisecond, as in meta.lastUpdated
	Method   string    // POST, PUT, PATCH or DELETE: what made this version
	Deleted  bool      // then Body is nil
	Body     []byte    // compact JSON, with id, meta.versionId and meta.lastUpdated; not to be changed
	Created  bool      // by Update and WriteMany: it was not there before
	Same     bool      // by Update and WriteMany: it was so already, no version was made
}

// IfMatch is the version that a change is meant for, or one of these.
type IfMatch int64

// What a change may be meant for besides one version.
const (
	Any      IfMatch = 0  // whatever there is, also nothing
	Existing IfMatch = -2 // whichever version there is
	Missing  IfMatch = -3 // that there is none, or that it was deleted
)

// meets reports whether the record is what the change is meant for.
func (m IfMatch) meets(r *row) bool {
	switch m {
	case Any:
		return true
	case Existing:
		return !r.deleted
	case Missing:
		return r.deleted
	}
	return int64(m) == r.version
}

// Write is one of several that WriteMany does.
type Write struct {
	Do      access.Interaction // access.Create, Update, Patch or Delete
	Node    *resource.Node     // the resource; nil for Delete. It is given id and meta, as Create and Update do
	Type    string             // of Delete
	ID      string             // of Delete; of Create one from NewID, or ""
	IfMatch IfMatch
}

// HistoryQuery is a page of history, newest first.
type HistoryQuery struct {
	Since  time.Time // only versions from then on; zero is all
	Count  int       // page size; 0 is search.DefaultCount
	Cursor string    // HistoryPage.Next of the page before
}

// HistoryPage is one page of history.
type HistoryPage struct {
	Records []Record
	Next    string // "" on the last page
	Total   *int   // of one record's history, if it is all on this page
}

// Page is one page of a search.
type Page struct {
	Records  []Record
	Included []Record
	Next     string // _cursor of the next page; "" on the last
	Total    *int   // if it was asked for or is known

	found int // of what was found, how many are Records
}

// Tx is what Do and Look lend: for one goroutine, until they return.
//
// What may not be seen is outcome.Absent (404), as is what is not there; who may not do something at all
// gets the same. A deleted record is 410 for whoever may see it.
type Tx struct {
	store *Store
	ask   Ask
	db    db.Tx
	look  bool      // no writing
	now   time.Time // to the millisecond
	*work

	withheld map[string]bool // patients of whom who asks sees nothing
}

// work is what a transaction has done and still has to, whoever asked for it.
type work struct {
	wrote   bool
	events  []event // to be written at the end
	late    late    // rows to be written together
	written []Written
	after   []func()
}

// NewID returns a fresh logical id, for entries of a bundle that refer to each other before they are written.
func (s *Store) NewID() string { return newID(s.clock.Now()) }

// NewID is Store.NewID.
func (t *Tx) NewID() string { return newID(t.now) }

// Now is the instant of the transaction, to the millisecond.
func (t *Tx) Now() time.Time { return t.now }

// Store returns where the transaction is.
func (t *Tx) Store() *Store { return t.store }

// Ask returns who asks.
func (t *Tx) Ask() Ask { return t.ask }
