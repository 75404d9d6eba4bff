package records

import (
	"context"
	"math"
	"slices"
	"strconv"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/clinical/internal/search"
	"github.com/mitral-health/mitral/clinical/internal/spec"
	"github.com/mitral-health/mitral/platform/db"
)

// History returns versions, newest first: of one record, of a type (id ""), or of all types whose
// history may be seen (both ""). A version that may not be seen is left out.
func (t *Tx) History(ctx context.Context, typ, id string, q HistoryQuery) (HistoryPage, error) {
	before, err := parseSeq(q.Cursor)
	if err != nil {
		return HistoryPage{}, err
	}
	if q.Count <= 0 {
		q.Count = search.DefaultCount
	}
	q.Count = min(q.Count, search.MaxCount)
	if err := t.flush(ctx); err != nil {
		return HistoryPage{}, err
	}
	span := span{from(q.Since), before, q.Count}
	switch {
	case id != "":
		return t.historyOfOne(ctx, typ, id, span)
	case typ != "":
		return t.historyOfType(ctx, typ, span)
	}
	return t.historyOfAll(ctx, span)
}

// span is the numbers of versions from lo on and before hi, and how many of the last of them are asked for.
type span struct {
	lo, hi int64
	n      int
}

const noEnd = math.MaxInt64

func parseSeq(cursor string) (int64, error) {
	if cursor == "" {
		return noEnd, nil
	}
	n, err := strconv.ParseInt(cursor, 36, 64)
	if err != nil || n < 0 {
		return 0, errLink()
	}
	return n, nil
}

// entry is a version with its number.
type entry struct {
	Record
	seq int64
}

const versionColumns = `SELECT seq, type, id, version, at, method, body FROM version WHERE `

func (t *Tx) entries(ctx context.Context, query string, args ...any) ([]entry, error) {
	var out []entry
	err := db.Each(ctx, t.db, query, args, func(r db.Row) error {
		var e entry
		var at int64
		var body string
		if err := r.Scan(&e.seq, &e.Type, &e.ID, &e.Version, &at, &e.Method, &body); err != nil {
			return err
		}
		e.fill(at, body)
		out = append(out, e)
		return nil
	})
	return out, err
}

// cut makes a page of entries, of which there may be one more than asked for.
func (s span) cut(all []entry, of func(typ string) *gate, t *Tx) HistoryPage {
	var p HistoryPage
	more := len(all) > s.n
	if more {
		all = all[:s.n]
		p.Next = strconv.FormatInt(all[s.n-1].seq, 36)
	}
	for i := range all {
		if of(all[i].Type).admitsText(&all[i].Record, t) {
			p.Records = append(p.Records, all[i].Record)
		}
	}
	return p
}

func (t *Tx) historyOfOne(ctx context.Context, typ, id string, s span) (HistoryPage, error) {
	g, err := t.decide(access.HistoryInstance, typ)
	if err != nil {
		return HistoryPage{}, err
	}
	r, found, err := t.current(ctx, g, typ, id)
	if err != nil {
		return HistoryPage{}, err
	}
	if !g.admits(typ, r.terms) || !found {
		t.refused(access.HistoryInstance, typ, id)
		return HistoryPage{}, outcome.Absent()
	}
	all, err := t.entries(ctx, versionColumns+`res = $1 AND version <= $2 AND seq >= $3 AND seq < $4 ORDER BY version DESC LIMIT $5`, r.res, r.version, s.lo, s.hi, s.n+1)
	if err != nil {
		return HistoryPage{}, err
	}
	t.note(event{do: access.HistoryInstance, typ: typ, id: id, patients: search.Patients(typ, r.terms)})
	p := s.cut(all, func(string) *gate { return &g }, t)
	if s.hi == noEnd && p.Next == "" {
		n := len(p.Records)
		p.Total = &n
	}
	return p, nil
}

func (t *Tx) historyOfType(ctx context.Context, typ string, s span) (HistoryPage, error) {
	g, err := t.decide(access.HistoryType, typ)
	if err != nil {
		return HistoryPage{}, err
	}
	if !g.Allow {
		t.refused(access.HistoryType, typ, "")
		return HistoryPage{}, outcome.Absent()
	}
	all, err := t.entries(ctx, versionColumns+`type = $1 AND seq >= $2 AND seq < $3 ORDER BY seq DESC LIMIT $4`, typ, s.lo, s.hi, s.n+1)
	if err != nil {
		return HistoryPage{}, err
	}
	t.note(event{do: access.HistoryType, typ: typ})
	p := s.cut(all, func(string) *gate { return &g }, t)
	err = t.deletions(ctx, &g, typ, &p)
	return p, err
}

// deletions leaves out those of records that the decision does not cover: a deletion itself says nothing of the record.
func (t *Tx) deletions(ctx context.Context, g *gate, typ string, p *HistoryPage) error {
	if g.all() {
		return nil
	}
	var ids []string
	for _, r := range p.Records {
		if r.Type == typ && r.Deleted && !slices.Contains(ids, r.ID) {
			ids = append(ids, r.ID)
		}
	}
	if ids == nil {
		return nil
	}
	there, err := t.currents(ctx, map[string][]string{typ: ids})
	p.Records = slices.DeleteFunc(p.Records, func(r Record) bool {
		return r.Type == typ && r.Deleted && !g.admits(typ, there[search.Ref{Type: typ, ID: r.ID}].terms)
	})
	return err
}

// historyOfAll merges the types, because most of what is written is AuditEvents, which are nobody's history.
func (t *Tx) historyOfAll(ctx context.Context, s span) (HistoryPage, error) {
	g, err := t.decide(access.HistorySystem, "")
	if err != nil {
		return HistoryPage{}, err
	}
	if !g.Allow || g.Patient != "" || g.Where != nil {
		t.refused(access.HistorySystem, "", "")
		return HistoryPage{}, outcome.Absent()
	}
	var seqs []int64
	gates := map[string]*gate{}
	for _, typ := range spec.R4().Resources() {
		of, err := t.decide(access.HistoryType, typ)
		if err != nil {
			return HistoryPage{}, err
		}
		if !of.Allow || of.Patient != "" || of.Where != nil {
			continue
		}
		gates[typ] = &of
		err = db.Each(ctx, t.db, `SELECT seq FROM version WHERE type = $1 AND seq >= $2 AND seq < $3 ORDER BY seq DESC LIMIT $4`,
			[]any{typ, s.lo, s.hi, s.n + 1}, func(r db.Row) error {
				var seq int64
				err := r.Scan(&seq)
				seqs = append(seqs, seq)
				return err
			})
		if err != nil {
			return HistoryPage{}, err
		}
	}
	slices.SortFunc(seqs, func(a, b int64) int { return int(min(max(b-a, -1), 1)) })
	seqs = seqs[:min(len(seqs), s.n+1)]
	var all []entry
	for _, seq := range seqs {
		one, err := t.entries(ctx, versionColumns+`seq = $1`, seq)
		if err != nil {
			return HistoryPage{}, err
		}
		all = append(all, one...)
	}
	t.note(event{do: access.HistorySystem})
	p := s.cut(all, func(typ string) *gate { return gates[typ] }, t)
	if t.withheld != nil {
		for typ, of := range gates {
			if err := t.deletions(ctx, of, typ, &p); err != nil {
				return HistoryPage{}, err
			}
		}
	}
	return p, nil
}
