package records

import (
	"context"
	"errors"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/search"
	"github.com/mitral-health/mitral/platform/db"
)

// Shown is what somebody may see of one patient on a page. Make it with Tx.Shows; it lives as long as the Tx.
type Shown struct {
	t       *Tx
	patient string
	types   map[string]bool
}

// Trail, among the types of Shows, is who looked: it is decided as Looks is.
const Trail = "AuditEvent"

// Shows decides once for a whole page whether who asks may find all records of these types of a patient, and names page and
// types in one AuditEvent. What the page then reads of this patient, by the Shown or out of a table that a package keeps
// beside the records, is told of by that. Whoever may find only some of them (by a scope with a search) gets 404.
func (t *Tx) Shows(ctx context.Context, page, patient string, types ...string) (*Shown, error) {
	s := &Shown{t: t, patient: patient, types: map[string]bool{}}
	if err := t.flush(ctx); err != nil {
		return nil, err
	}
	for _, typ := range types {
		do, of := access.Search, typ
		if typ == Trail {
			do, of = access.Operation, "Patient"
		}
		ok, err := t.whole(do, of, patient)
		if err != nil {
			return nil, err
		}
		if !ok {
			t.refused(do, typ, "")
			return nil, outcome.Absent()
		}
		s.types[typ] = true
	}
	t.note(event{do: access.Search, types: types, page: page, patients: []string{patient}})
	return s, nil
}

// whole reports whether who asks may do this to all records of a type of this patient.
func (t *Tx) whole(do access.Interaction, typ, patient string) (bool, error) {
	g, err := t.decide(do, typ)
	return g.Allow && patient != "" && (g.Patient == "" || g.Patient == patient) && g.Where == nil && !t.withheld[patient], err
}

// errShown is for a page that reads what it did not say that it shows.
var errShown = errors.New("records: this type is not among those of Shows")

// All are the current records of a type in the patient's compartment, newest first, at most most: for types of which a
// patient has few. An index range and their texts in one query.
func (s *Shown) All(ctx context.Context, typ string, most int) (all []Record, err error) {
	if !s.types[typ] || typ == Trail {
		return nil, errShown
	}
	err = db.Each(ctx, s.t.db, `SELECT r.id, r.version, r.updated, v.method, v.body FROM idx i JOIN resource r ON r.res = i.res JOIN version v ON v.seq = r.seq
		WHERE i.key = $1 ORDER BY i.res DESC LIMIT $2`, []any{search.Compartment(typ, s.patient), most}, func(row db.Row) error {
		r := Record{Type: typ}
		var updated int64
		var body string
		err := row.Scan(&r.ID, &r.Version, &updated, &r.Method, &body)
		r.Updated, r.Body = db.FromMicros(updated), []byte(body)
		all = append(all, r)
		return err
	})
	return all, err
}

// One is the current record of a type and id, if it is in the patient's compartment; found is false for any other.
func (s *Shown) One(ctx context.Context, typ, id string) (r Record, found bool, err error) {
	if !s.types[typ] || typ == Trail {
		return r, false, errShown
	}
	r = Record{Type: typ, ID: id}
	var updated int64
	var body string
	err = s.t.db.QueryRow(ctx, `SELECT r.version, r.updated, v.method, v.body FROM resource r JOIN idx i ON i.key = $1 AND i.res = r.res JOIN version v ON v.seq = r.seq
		WHERE r.type = $2 AND r.id = $3`, search.Compartment(typ, s.patient), typ, id).Scan(&r.Version, &updated, &r.Method, &body)
	if errors.Is(err, db.ErrNoRows) {
		return Record{}, false, nil
	}
	r.Updated, r.Body = db.FromMicros(updated), []byte(body)
	return r, err == nil, err
}

// May reports whether all these types were asked for: for packages that answer out of a table of their own.
func (s *Shown) May(patient string, types ...string) error {
	for _, typ := range types {
		if !s.types[typ] || s.patient != patient {
			return errShown
		}
	}
	return nil
}

// LastLook is the newest look of the care team at the record, nil if there was none.
func (s *Shown) LastLook(ctx context.Context) (*LookedAt, error) {
	if !s.types[Trail] {
		return nil, errShown
	}
	var body string
	err := s.t.db.QueryRow(ctx, `SELECT v.body FROM idx i JOIN version v ON v.seq = i.res WHERE i.key = $1 ORDER BY i.res DESC LIMIT 1`, search.Looked(s.patient)).Scan(&body)
	if errors.Is(err, db.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	n, err := resource.Parse([]byte(body))
	if err != nil {
		return nil, err
	}
	l := lookedAt(n)
	return &l, nil
}

// Beside is the transaction, for a package that reads its own table for this page.
func (s *Shown) Beside() db.Tx { return s.t.db }
