package records

import (
	"context"
	"net/http"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/search"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
)

// Create stores n under a new id, whatever id it has. n is given id and meta.
func (t *Tx) Create(ctx context.Context, n *resource.Node) (Record, error) {
	return t.one(ctx, Write{Do: access.Create, Node: n})
}

// Update stores n as the next version of the record that its id names, or as the first if there is
// none. n is given meta. With the same content no version is made (Record.Same). The error is 412 if m does
// not match and 409 if somebody was faster.
func (t *Tx) Update(ctx context.Context, n *resource.Node, m IfMatch) (Record, bool, error) {
	r, err := t.one(ctx, Write{Do: access.Update, Node: n, IfMatch: m})
	return r, r.Created, err
}

// Patch is Update of a record that is there, with what a patch made of it.
func (t *Tx) Patch(ctx context.Context, n *resource.Node, m IfMatch) (Record, error) {
	return t.one(ctx, Write{Do: access.Patch, Node: n, IfMatch: m})
}

// Delete deletes a record. One that is deleted already stays so (Record.Same). Others may go on
// referring to it: what they say was true when it was written.
func (t *Tx) Delete(ctx context.Context, typ, id string, m IfMatch) (Record, error) {
	return t.one(ctx, Write{Do: access.Delete, Type: typ, ID: id, IfMatch: m})
}

func (t *Tx) one(ctx context.Context, w Write) (Record, error) {
	if t.look {
		return Record{}, errLook
	}
	w.name()
	g, err := t.decide(w.Do, w.Type)
	if err != nil {
		return Record{}, err
	}
	var old row
	found := false
	if w.Do != access.Create {
		if old, found, err = t.current(ctx, g, w.Type, w.ID); err != nil {
			return Record{}, err
		}
	}
	m, err := t.write(ctx, w, g, old, found)
	if err != nil {
		if refusal(err) {
			t.refused(w.Do, w.Type, w.ID)
		}
		return Record{}, err
	}
	t.note(event{do: w.Do, typ: m.Type, id: m.ID, patients: search.Patients(m.Type, m.terms)})
	return m.Record, nil
}

var errLook = fault.New(fault.Internal, "A look can't write.")

// name fills in Type and ID from the resource.
func (w *Write) name() {
	if w.Node != nil {
		w.Type = w.Node.Type()
		if w.Do != access.Create {
			w.ID = w.Node.ID()
		}
	}
}

// write decides and prepares one write of the record that current found.
func (t *Tx) write(ctx context.Context, w Write, g gate, old row, found bool) (made, error) {
	if !g.Allow || found && !g.admits(w.Type, old.terms) {
		return made{}, outcome.Absent()
	}
	switch {
	case w.Do == access.Create:
		return t.create(w, g)
	case !found && w.Do == access.Update:
		// Whoever is confined makes no record under an id of their own choice: they would learn which ids are taken.
		may, err := t.decide(access.Create, w.Type)
		if err != nil {
			return made{}, err
		}
		if !may.Allow || g.Patient != "" || g.Where != nil {
			return made{}, outcome.Absent()
		}
		if w.IfMatch != Any && w.IfMatch != Missing {
			return made{}, errMatch()
		}
		return t.create(w, may)
	case !found:
		return made{}, outcome.Absent()
	case !w.IfMatch.meets(&old):
		return made{}, errMatch()
	case w.Do == access.Patch && old.deleted:
		return made{}, errGone()
	}
	return t.next(ctx, w, g, old)
}

func errMatch() error {
	return outcome.New(http.StatusPreconditionFailed, outcome.Conflict, "", "The record has another version than the one that this change is meant for.")
}

func (t *Tx) create(w Write, g gate) (made, error) {
	id, method, own := w.ID, "PUT", false
	if w.Do == access.Create {
		method = "POST"
		if id == "" {
			id, own = newID(t.now), true
		}
	}
	m := t.make(w.Type, id, method, 1, t.now, w.Node)
	m.own = own
	if !g.admits(w.Type, m.terms) || g.intrudes(w.Type, m.terms, search.Terms{}) {
		return made{}, outcome.Absent()
	}
	t.insert(m)
	return m, nil
}

// next prepares the version after old.
func (t *Tx) next(ctx context.Context, w Write, g gate, old row) (made, error) {
	updated := t.now
	if was := db.FromMicros(old.updated); was.After(updated) {
		updated = was
	}
	if w.Do == access.Delete {
		m := made{Record: Record{Type: w.Type, ID: w.ID, Version: old.version, Updated: db.FromMicros(old.updated), Method: "DELETE", Deleted: true, Same: true}, terms: old.terms}
		if old.deleted {
			return m, nil
		}
		m.Version, m.Updated, m.Same = old.version+1, updated, false
		t.replace(old, m)
		return m, nil
	}
	if !old.deleted {
		same, err := t.same(ctx, w, old)
		if err != nil || same.Same {
			return same, err
		}
	}
	if w.Type == "AuditEvent" { // what was said stays said
		return made{}, outcome.Absent()
	}
	method := "PUT"
	if w.Do == access.Patch {
		method = "PATCH"
	}
	m := t.make(w.Type, w.ID, method, old.version+1, updated, w.Node)
	if !g.admits(w.Type, m.terms) || g.intrudes(w.Type, m.terms, old.terms) {
		return made{}, outcome.Absent()
	}
	m.Created = old.deleted
	t.replace(old, m)
	return m, nil
}

// same tells whether w changes nothing: whether its text, given the current version's meta, is the current text.
func (t *Tx) same(ctx context.Context, w Write, old row) (made, error) {
	m := made{Record: Record{Type: w.Type, ID: w.ID, Version: old.version, Updated: db.FromMicros(old.updated)}, terms: old.terms}
	if err := t.text(ctx, &old, &m.Record); err != nil {
		return made{}, err
	}
	stamp(w.Node, w.ID, old.version, m.Updated)
	m.Same = string(w.Node.Bytes()) == string(m.Body)
	return m, nil
}
