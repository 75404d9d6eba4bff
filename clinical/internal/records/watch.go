package records

import (
	"context"
	"slices"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/search"
	"github.com/mitral-health/mitral/platform/db"
)

// Written is a version that a transaction made.
type Written struct {
	Record
	Node     *resource.Node // of Body; nil of a deletion. Not to be changed
	Patients []string       // in whose compartments it is; of a deletion, was
	Was      []string       // in whose the version before was; none of the first

	res int64
}

// Watcher is told, before the transaction is committed, of what it wrote of the types that Watch named; of
// several versions of one record, of each. What it returns ends the transaction. It writes as t.As somebody;
// of what it writes nobody is told. It runs again when the transaction does.
type Watcher func(ctx context.Context, t *Tx, all []Written) error

// watching is a watcher and the types that it is told of.
type watching struct {
	tell  Watcher
	types []string
}

// Watch makes w a watcher of these types; before the store is used.
func (s *Store) Watch(w Watcher, types ...string) {
	s.watching = append(s.watching, watching{w, types})
}

func (w *watching) of(typ string) bool { return slices.Contains(w.types, typ) }

// watch remembers a version for the watcher. was is by what the version before was found, nil if there is none.
func (t *Tx) watch(m made, res int64, was *search.Terms) {
	if !slices.ContainsFunc(t.store.watching, func(w watching) bool { return w.of(m.Type) }) {
		return
	}
	w := Written{Record: m.Record, Node: m.node, Patients: search.Patients(m.Type, m.terms), res: res}
	if was != nil {
		w.Was = search.Patients(m.Type, *was)
	}
	if m.Deleted {
		w.Patients = w.Was
	}
	t.written = append(t.written, w)
}

// tell tells the watchers, in the order in which they came.
func (t *Tx) tell(ctx context.Context) error {
	if len(t.written) == 0 {
		return nil
	}
	all := t.written
	t.written = nil
	for _, w := range t.store.watching {
		var some []Written
		for i := range all {
			if w.of(all[i].Type) {
				some = append(some, all[i])
			}
		}
		if some == nil {
			continue
		}
		err := w.tell(ctx, t, some)
		t.written = nil
		if err != nil {
			return err
		}
	}
	return nil
}

// Before returns the text of the version before, nil if there is none or it was a deletion. It asks nobody's
// leave and is for the watcher.
func (t *Tx) Before(ctx context.Context, w *Written) ([]byte, error) {
	if w.Version < 2 {
		return nil, nil
	}
	if err := t.flush(ctx); err != nil {
		return nil, err
	}
	var body string
	err := t.db.QueryRow(ctx, `SELECT body FROM version WHERE res = $1 AND version = $2`, w.res, w.Version-1).Scan(&body)
	if body == "" {
		return nil, err
	}
	return []byte(body), err
}

// As returns a Tx of the same transaction for somebody else: what the program does because of what a person
// did is decided and in the audit trail as the program's.
func (t *Tx) As(ask Ask) *Tx {
	if ask.Purpose == "" {
		ask.Purpose = access.Default(ask.Who.Kind)
	}
	ask.Request = t.ask.Request
	return &Tx{store: t.store, ask: ask, db: t.db, look: t.look, now: t.now, work: t.work}
}

// Along has statements about a package's own table run with the rows of records that are still to be written:
// on PostgreSQL in the same round trip, usually the last. Nobody looks at how many rows they change.
func (t *Tx) Along(all ...db.Statement) { t.late.along = append(t.late.along, all...) }

// After has f run when the transaction was committed.
func (t *Tx) After(f func()) { t.after = append(t.after, f) }

// Wrote says that something was written Beside: should f fail, it is undone, as a record is.
func (t *Tx) Wrote() { t.wrote = true }

// Catch writes what was put Along so far, so that a look Beside finds it.
func (t *Tx) Catch(ctx context.Context) error {
	if len(t.late.along) == 0 {
		return nil
	}
	return t.flush(ctx)
}
