package chart

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
	"github.com/mitral-health/mitral/platform/db"
)

// Watch keeps the table by what records are written; before the store is used.
func Watch(s *records.Store) { s.Watch(watch, "Observation") }

// row is a week of a measure of a patient.
type row struct {
	patient string
	week    int64
	measure vitals.Measure
}

func (a row) compare(b row) int {
	return cmp.Or(strings.Compare(a.patient, b.patient), cmp.Compare(a.week, b.week), strings.Compare(string(a.measure), string(b.measure)))
}

type change struct{ in, out []Point }

type changes map[row]*change

func (c changes) of(patient string, m vitals.Measure, p Point) *change {
	at := row{patient, weekOf(p.Order), m}
	if c[at] == nil {
		c[at] = &change{}
	}
	return c[at]
}

func watch(ctx context.Context, t *records.Tx, all []records.Written) error {
	todo := changes{}
	for i := range all {
		w := &all[i]
		if w.Version > 1 {
			body, err := t.Before(ctx, w)
			if err != nil {
				return err
			}
			if body != nil {
				n, err := resource.Parse(body)
				if err != nil {
					return err
				}
				at, err := time.Parse(time.RFC3339, n.Path("meta", "lastUpdated").Str())
				if err != nil {
					return err
				}
				if patient, m, p, ok := pointOf(n, w.Was, at); ok {
					c := todo.of(patient, m, p)
					if i := slices.Index(c.in, p); i >= 0 { // of this transaction
						c.in = slices.Delete(c.in, i, i+1)
					} else {
						c.out = append(c.out, p)
					}
				}
			}
		}
		if w.Node != nil {
			if patient, m, p, ok := pointOf(w.Node, w.Patients, w.Updated); ok {
				c := todo.of(patient, m, p)
				c.in = append(c.in, p)
			}
		}
	}
	return todo.write(ctx, t)
}

// pointOf is the reading that an Observation is, and whose.
func pointOf(n *resource.Node, patients []string, updated time.Time) (patient string, m vitals.Measure, p Point, ok bool) {
	r, err := vitals.Decode(n, updated)
	if err != nil {
		return "", "", p, false
	}
	patient, here := strings.CutPrefix(n.Path("subject", "reference").Str(), "Patient/")
	if !here || !slices.Contains(patients, patient) {
		if len(patients) != 1 {
			return "", "", p, false
		}
		patient = patients[0]
	}
	return patient, r.Measure, Point{Order: r.Order.UnixMicro(), Values: r.Values, Has: r.Has, Bound: r.Bound, Unit: vitals.ToldIn(n, r.Measure), Note: short(r.Note)}, true
}

// mostNote is how much of a note is drawn: as much as the app takes in. A week is written anew with each reading of it, and
// what another program notes may be a book.
const mostNote = 1000

func short(note string) string {
	n := 0
	for at := range note {
		if n++; n > mostNote {
			return note[:at] + "…"
		}
	}
	return note
}

// write brings the rows up to date, in one order: so two transactions that change the same rows wait for each other
// and never for ever.
func (c changes) write(ctx context.Context, t *records.Tx) error {
	if len(c) == 0 {
		return nil
	}
	for _, at := range slices.SortedFunc(maps.Keys(c), row.compare) {
		one := c[at]
		if len(one.in)+len(one.out) == 0 {
			continue
		}
		var body []byte
		// Made or locked: what is read stays so until the end.
		err := t.Beside().QueryRow(ctx, `INSERT INTO chart_weeks (patient, week, measure, body) VALUES ($1, $2, $3, $4)
			ON CONFLICT (patient, week, measure) DO UPDATE SET body = chart_weeks.body RETURNING body`, at.patient, at.week, string(at.measure), []byte{}).Scan(&body)
		if err != nil {
			return err
		}
		t.Wrote()
		list, err := unpack(nil, at.measure, at.week, body)
		if err != nil {
			return err
		}
		for _, p := range one.out {
			list = without(list, p)
		}
		list = append(list, one.in...)
		slices.SortFunc(list, compare)
		if len(list) == 0 {
			t.Along(db.Statement{SQL: `DELETE FROM chart_weeks WHERE patient = $1 AND week = $2 AND measure = $3`, Args: []any{at.patient, at.week, string(at.measure)}})
			continue
		}
		t.Along(db.Statement{SQL: `UPDATE chart_weeks SET body = $4 WHERE patient = $1 AND week = $2 AND measure = $3`,
			Args: []any{at.patient, at.week, string(at.measure), pack(at.week, at.measure, list)}})
	}
	return nil
}
