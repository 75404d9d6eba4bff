package records

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/search"
	"github.com/mitral-health/mitral/platform/db"
)

// row is a record as the table resource has it.
type row struct {
	res, version, seq, updated int64
	deleted                    bool
	terms                      search.Terms
	method, body               string // of the current version, if it was read with the row
	whole                      bool   // it was
}

// current looks for a record, and reads its text with it unless g may turn out not to cover it: what
// is denied costs what finding nothing does.
func (t *Tx) current(ctx context.Context, g gate, typ, id string) (r row, found bool, err error) {
	if err := t.flush(ctx); err != nil {
		return row{}, false, err
	}
	var packed []byte
	if g.all() {
		r.whole = true
		err = t.db.QueryRow(ctx, `SELECT r.res, r.version, r.seq, r.updated, r.deleted, r.terms, v.method, v.body
			FROM resource r JOIN version v ON v.seq = r.seq WHERE r.type = $1 AND r.id = $2`, typ, id).
			Scan(&r.res, &r.version, &r.seq, &r.updated, &r.deleted, &packed, &r.method, &r.body)
	} else {
		err = t.db.QueryRow(ctx, `SELECT res, version, seq, updated, deleted, terms FROM resource WHERE type = $1 AND id = $2`, typ, id).
			Scan(&r.res, &r.version, &r.seq, &r.updated, &r.deleted, &packed)
	}
	found = err == nil
	if errors.Is(err, db.ErrNoRows) {
		packed, err = t.store.decoy, nil
	}
	if err == nil {
		r.terms, err = search.Unpack(packed)
	}
	return r, found, err
}

// gate is a decision, ready to be held against records.
type gate struct {
	access.Decision
	where []*search.Query
	hides func(typ string, terms search.Terms) bool // nil hides nothing
}

// all reports whether the decision covers every record of its type.
func (g *gate) all() bool { return g.Allow && g.Patient == "" && g.Where == nil && g.hides == nil }

func (t *Tx) decide(do access.Interaction, typ string) (gate, error) {
	g := gate{Decision: access.Decide(t.ask.Who, t.ask.Purpose, do, typ)}
	if g.Shared && len(t.withheld) > 0 {
		g.hides = t.hides
	}
	for _, w := range g.Where {
		params, err := url.ParseQuery(w)
		if err == nil {
			var q *search.Query
			if q, err = search.Parse(typ, params, search.Asked{Strict: true, Base: t.store.base, Now: t.now}); err == nil {
				g.where = append(g.where, q)
			}
		}
		if err != nil && outcome.Of(err) == nil {
			return g, err
		} // a scope that this type can't be searched by grants nothing
	}
	return g, nil
}

// admits reports whether the decision covers the record with these terms.
func (g *gate) admits(typ string, terms search.Terms) bool {
	if g.hides != nil && g.hides(typ, terms) {
		return false
	}
	within := g.Patient == "" || search.Within(typ, terms, g.Patient)
	if g.Where == nil {
		return g.Allow && within
	}
	met := false
	for _, q := range g.where {
		met = q.Match(terms) && len(links(q)) == 0 || met
	}
	return g.Allow && within && met
}

// intrudes reports whether somebody who is confined to one patient puts a record among what is another's:
// an Observation about Patient/b that says Patient/a made it is in both compartments. before is what the record was.
func (g *gate) intrudes(typ string, now, before search.Terms) bool {
	if g.Patient == "" {
		return false
	}
	had := search.Patients(typ, before)
	return slices.ContainsFunc(search.Patients(typ, now), func(id string) bool { return id != g.Patient && !slices.Contains(had, id) })
}

// links are the conditions of q on other records.
func links(q *search.Query) []*search.Condition {
	var out []*search.Condition
	for i := range q.Where {
		if q.Where[i].Link != nil {
			out = append(out, &q.Where[i])
		}
	}
	return out
}

func errGone() error {
	return outcome.New(http.StatusGone, outcome.Deleted, "", "This record was deleted.")
}

// Read returns the current version: 404 if there is none that may be seen, 410 if it was deleted.
func (t *Tx) Read(ctx context.Context, typ, id string) (Record, error) {
	g, err := t.decide(access.Read, typ)
	if err != nil {
		return Record{}, err
	}
	r, found, err := t.current(ctx, g, typ, id)
	if err != nil {
		return Record{}, err
	}
	if !g.admits(typ, r.terms) || !found {
		t.refused(access.Read, typ, id)
		return Record{}, outcome.Absent()
	}
	if r.deleted {
		t.refused(access.Read, typ, id)
		return Record{}, errGone()
	}
	out := Record{Type: typ, ID: id, Version: r.version, Updated: db.FromMicros(r.updated)}
	if err := t.text(ctx, &r, &out); err != nil {
		return Record{}, err
	}
	t.note(event{do: access.Read, typ: typ, id: id, patients: search.Patients(typ, r.terms)})
	return out, nil
}

// text gives out the text of the current version.
func (t *Tx) text(ctx context.Context, r *row, out *Record) error {
	if !r.whole {
		if err := t.db.QueryRow(ctx, `SELECT method, body FROM version WHERE seq = $1`, r.seq).Scan(&r.method, &r.body); err != nil {
			return err
		}
		r.whole = true
	}
	out.Method, out.Body = r.method, []byte(r.body)
	return nil
}

// Vread returns one version, 410 if it is a deletion.
func (t *Tx) Vread(ctx context.Context, typ, id string, version int64) (Record, error) {
	g, err := t.decide(access.Vread, typ)
	if err != nil {
		return Record{}, err
	}
	r, found, err := t.current(ctx, g, typ, id)
	if err != nil {
		return Record{}, err
	}
	out := Record{Type: typ, ID: id, Version: version}
	if found = found && g.admits(typ, r.terms); found {
		var body string
		var at int64
		err = t.db.QueryRow(ctx, `SELECT at, method, body FROM version WHERE res = $1 AND version = $2`, r.res, version).Scan(&at, &out.Method, &body)
		if errors.Is(err, db.ErrNoRows) {
			found = false
		} else if err != nil {
			return Record{}, err
		}
		out.fill(at, body)
		if found && version != r.version && !g.admitsText(&out, t) {
			found = false
		}
	}
	if !found {
		t.refused(access.Vread, typ, id)
		return Record{}, outcome.Absent()
	}
	t.note(event{do: access.Vread, typ: typ, id: id, patients: search.Patients(typ, r.terms)})
	if out.Deleted {
		return Record{}, errGone()
	}
	return out, nil
}

func (r *Record) fill(at int64, body string) {
	r.Updated, r.Deleted, r.Body = db.FromMicros(at), body == "", []byte(body)
	if r.Deleted {
		r.Body = nil
	}
}

// admitsText reports whether the decision covers a version that is not the current one: whose the record is may have been corrected.
func (g *gate) admitsText(r *Record, t *Tx) bool {
	if r.Deleted || g.all() {
		return g.Allow
	}
	n, err := resource.Parse(r.Body)
	return err == nil && g.admits(r.Type, search.Extract(n, r.Updated, search.Options{Base: t.store.base}))
}
