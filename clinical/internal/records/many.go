package records

import (
	"context"
	"slices"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/clinical/internal/search"
	"github.com/mitral-health/mitral/platform/db"
)

// Failed says which of several writes failed.
type Failed struct {
	Index int
	Err   error
}

func (f *Failed) Error() string { return f.Err.Error() }

// Unwrap returns what was wrong.
func (f *Failed) Unwrap() error { return f.Err }

// WriteMany does many writes with few statements, each decided by itself, with one AuditEvent for each patient
// whose records they change and one for the rest. The records come back in order. The first that
// fails fails the transaction; its error is a *Failed. No record may be written twice.
func (t *Tx) WriteMany(ctx context.Context, all []Write) ([]Record, error) {
	if t.look {
		return nil, errLook
	}
	gates := map[string]gate{}
	wanted := map[string][]string{} // ids by type
	for i := range all {
		w := &all[i]
		w.name()
		if _, ok := gates[string(w.Do)+w.Type]; !ok {
			g, err := t.decide(w.Do, w.Type)
			if err != nil {
				return nil, err
			}
			gates[string(w.Do)+w.Type] = g
		}
		if w.Do != access.Create {
			wanted[w.Type] = append(wanted[w.Type], w.ID)
		}
	}
	there, err := t.currents(ctx, wanted)
	if err != nil {
		return nil, err
	}
	out := make([]Record, len(all))
	logs := changes{of: map[string]*event{}}
	seen := map[search.Ref]bool{}
	for i, w := range all {
		ref := search.Ref{Type: w.Type, ID: w.ID}
		if w.ID != "" && seen[ref] {
			return nil, &Failed{i, outcome.New(400, outcome.Duplicate, "", "One record is written twice.")}
		}
		seen[ref] = true
		old, found := there[ref]
		m, err := t.write(ctx, w, gates[string(w.Do)+w.Type], old, found)
		if err != nil {
			if refusal(err) {
				t.refused(w.Do, w.Type, w.ID)
			}
			return nil, &Failed{i, err}
		}
		out[i] = m.Record
		logs.add(w.Do, m)
	}
	for _, e := range logs.order {
		t.note(*e)
	}
	return out, nil
}

// currents looks for many records, with their texts.
func (t *Tx) currents(ctx context.Context, wanted map[string][]string) (map[search.Ref]row, error) {
	there := map[search.Ref]row{}
	if len(wanted) == 0 {
		return there, nil
	}
	if err := t.flush(ctx); err != nil {
		return nil, err
	}
	for typ, ids := range wanted {
		for some := range slices.Chunk(ids, 128) {
			err := t.chunk(ctx, `SELECT r.id, r.res, r.version, r.seq, r.updated, r.deleted, r.terms, v.method, v.body
				FROM resource r JOIN version v ON v.seq = r.seq WHERE r.type = $1 AND r.id IN (`, typ, some, func(scan db.Row) error {
				r := row{whole: true}
				var id string
				var packed []byte
				if err := scan.Scan(&id, &r.res, &r.version, &r.seq, &r.updated, &r.deleted, &packed, &r.method, &r.body); err != nil {
					return err
				}
				var err error
				r.terms, err = search.Unpack(packed)
				there[search.Ref{Type: typ, ID: id}] = r
				return err
			})
			if err != nil {
				return nil, err
			}
		}
	}
	return there, nil
}

// chunk runs a query whose end is a list of up to 128 values.
func (t *Tx) chunk(ctx context.Context, query string, first any, values []string, scan func(db.Row) error) error {
	n := size(len(values))
	args := append(make([]any, 0, n+1), first)
	for i := range n {
		args = append(args, values[min(i, len(values)-1)])
	}
	return db.Each(ctx, t.db, list(query, 2, n, `)`), args, scan)
}

// changes gathers what a set of writes did, by patient.
type changes struct {
	of    map[string]*event
	order []*event
}

// maxWritten is how many records one AuditEvent names.
const maxWritten = 200

func (c *changes) add(do access.Interaction, m made) {
	patients := search.Patients(m.Type, m.terms)
	if len(patients) == 0 {
		patients = []string{""}
	}
	for _, p := range patients {
		e := c.of[p]
		if e == nil || len(e.written) >= maxWritten {
			e = &event{do: do, typ: m.Type, id: m.ID}
			if p != "" {
				e.patients = []string{p}
			}
			c.of[p] = e
			c.order = append(c.order, e)
		} else if e.id != "" { // no longer of one record alone
			e.written = append(e.written, e.typ+"/"+e.id)
			e.typ, e.id, e.do, e.name = "Bundle", "", access.Update, "transaction"
		}
		if e.id == "" {
			e.written = append(e.written, m.Type+"/"+m.ID)
		}
	}
}
