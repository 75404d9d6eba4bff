package records

import (
	"context"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/search"
)

type event struct{}
type late struct{}

// Do runs f in one transaction and commits it if f returns nil. f may run again, so it must set its
// results anew. What f reads it sees as it is committed when it reads; what it writes, others see at the end.
//
// Nothing is decided before: each call of the Tx is decided and audited by itself.
func (s *Store) Do(ctx context.Context, ask Ask, f func(*Tx) error) error { panic("") }

// Look is Do for f that only reads: many at a time on either database.
func (s *Store) Look(ctx context.Context, ask Ask, f func(*Tx) error) error { panic("") }

// Read returns the current version: 404 if there is none, 410 if it was deleted.
func (t *Tx) Read(ctx context.Context, typ, id string) (Record, error) { panic("") }

// Vread returns one version, 410 if it is a deletion.
func (t *Tx) Vread(ctx context.Context, typ, id string, version int64) (Record, error) { panic("") }

// History returns versions, newest first: of one record, of a type (id ""), or of all (both "").
func (t *Tx) History(ctx context.Context, typ, id string, q HistoryQuery) (HistoryPage, error) {
	panic("")
}

// Create stores n under a new id, or under id if it is from NewID. n is given id and meta.
func (t *Tx) Create(ctx context.Context, n *resource.Node) (Record, error) { panic("") }

// Update stores n as the next version of the record that its id names, or as the first if there is
// none. With the same content no version is made (Record.Same). The error is 412 if m does not match
// and 409 if somebody was faster.
func (t *Tx) Update(ctx context.Context, n *resource.Node, m IfMatch) (Record, bool, error) {
	panic("")
}

// Patch is Update after a patch: decided as one, and of a record that is there.
func (t *Tx) Patch(ctx context.Context, n *resource.Node, m IfMatch) (Record, error) { panic("") }

// Delete deletes a record. One that is deleted already stays so (Record.Same). Others may go on referring to it.
func (t *Tx) Delete(ctx context.Context, typ, id string, m IfMatch) (Record, error) { panic("") }

// WriteMany does many writes with few statements. The records come back in order. The first that
// fails fails all; its error is *Failed.
func (t *Tx) WriteMany(ctx context.Context, all []Write) ([]Record, error) { panic("") }

// Failed says which of several writes failed.
type Failed struct {
	Index int
	Err   error
}

func (f *Failed) Error() string { return f.Err.Error() }

// Unwrap returns what was wrong.
func (f *Failed) Unwrap() error { return f.Err }

// Search runs q. What would read too much is refused with 403 too-costly.
func (t *Tx) Search(ctx context.Context, q *search.Query) (Page, error) { panic("") }

// Match returns up to two records that meet q, for conditional interactions: no record, the one, or
// several. Until the end of the transaction nobody else gets past Match or Guard with the same q.
func (t *Tx) Match(ctx context.Context, q *search.Query) ([]Record, error) { panic("") }

// Guard makes Match of all these wait for whoever has them: at once and in one order, so that two
// bundles do not wait for each other. Only in Do.
func (t *Tx) Guard(ctx context.Context, all []*search.Query) error { panic("") }

// Note writes an AuditEvent for something that was done without a Tx method: an operation, a sign-in. typ and id may be "".
func (t *Tx) Note(do access.Interaction, name, typ, id string, failed error) { panic("") }
