package records

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"net/http"
	"slices"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/clinical/internal/search"
	"github.com/mitral-health/mitral/platform/db"
)

// Search runs q. What would look at too many records is refused with 403 too-costly; a page that was
// begun by then is returned, though not full.
//
// Without _sort the order is the search's own and the same on every page: newest record first if few records come
// into question, otherwise by the driving condition's values, greatest first.
func (t *Tx) Search(ctx context.Context, q *search.Query) (Page, error) {
	s, err := t.searching(ctx, q)
	if err != nil {
		return Page{}, err
	}
	p, err := s.page(ctx)
	if err == nil {
		err = s.total(ctx, &p)
	}
	if err == nil {
		err = s.include(ctx, &p)
	}
	if err == nil {
		err = t.texts(ctx, append(slices.Clone(s.hits), s.included...), &p)
	}
	if err != nil {
		if refusal(err) {
			t.note(event{do: access.Search, typ: q.Type, query: q.String(), outcome: failure})
		}
		return Page{}, err
	}
	seen := map[string]bool{}
	e := event{do: access.Search, typ: q.Type, query: q.String()}
	for _, h := range append(slices.Clone(s.hits), s.included...) {
		for _, who := range search.Patients(h.ref.Type, h.terms) {
			if !seen[who] {
				seen[who] = true
				e.patients = append(e.patients, who)
			}
		}
	}
	t.note(e)
	return p, nil
}

// searching is one search of somebody.
type searching struct {
	finder
	q        *search.Query
	gates    map[string]gate // by type
	nothing  bool            // the asker can find nothing
	hits     []hit
	included []hit
}

// searching narrows q to what the asker may find.
func (t *Tx) searching(ctx context.Context, q *search.Query) (*searching, error) {
	if err := t.flush(ctx); err != nil {
		return nil, err
	}
	c := *q
	c.Where = slices.Clone(q.Where)
	s := &searching{finder: finder{t: t, left: t.store.limits.budget, limits: t.store.limits}, q: &c, gates: map[string]gate{}}
	ok, err := s.narrow(s.q)
	if err != nil {
		return nil, err
	}
	if !ok {
		t.refused(access.Search, q.Type, "")
		return nil, outcome.Absent()
	}
	return s, nil
}

// gate is the decision about finding records of a type.
func (s *searching) gate(typ string) (gate, error) {
	if g, ok := s.gates[typ]; ok {
		return g, nil
	}
	g, err := s.t.decide(access.Search, typ)
	s.gates[typ] = g
	return g, err
}

// narrow adds to q and to the queries inside it what the decisions about their types ask for. It
// returns false if one of the types may not be searched.
func (s *searching) narrow(q *search.Query) (bool, error) {
	patient := ""
	for _, typ := range q.Types {
		g, err := s.gate(typ)
		if err != nil || !g.Allow {
			return false, err
		}
		if g.Patient != "" {
			patient = g.Patient
		}
		if g.Where == nil {
			continue
		}
		if len(q.Types) > 1 || len(g.where) != 1 {
			if len(g.where) == 0 {
				return false, nil
			}
			continue // admits decides for each record
		}
		q.Where = append(q.Where, g.where[0].Where...)
	}
	for _, c := range links(q) {
		for _, inner := range c.Link.Inner {
			ok, err := s.narrow(inner)
			if err != nil || !ok {
				return false, err
			}
			for _, typ := range inner.Types {
				if g := s.gates[typ]; len(g.where) > 1 {
					return false, nil // which of several scopes finds it can't be asked inside a chain
				}
			}
		}
	}
	if patient == "" {
		return true, nil
	}
	return q.Confine(patient, func(typ string) bool {
		g, err := s.gate(typ)
		return err == nil && g.Allow && g.Patient == ""
	}), nil
}

// keep reports whether the asker may see what was found: once more, at the last moment.
func (s *searching) keep(h *hit) bool {
	g, err := s.gate(h.ref.Type)
	return err == nil && g.admits(h.ref.Type, h.terms)
}

// The ways to go through what is found.
const (
	byRecord  = 'r' // few: newest record first
	byKey     = 'k' // many: by the driver's keys, downward
	bySort    = 's' // many: by the first sort's keys
	byMissing = 'm' // after bySort: those that have no value to sort by
	bySorted  = 'o' // few, sorted
)

// mark is where a page ended: the cursor.
type mark struct {
	way    byte
	driver int // -1 is the list
	res    int64
	key    []byte
}

func (m mark) String() string {
	b := []byte{m.way, byte(m.driver + 1)}
	b = binary.BigEndian.AppendUint64(b, uint64(m.res))
	return base64.RawURLEncoding.EncodeToString(append(b, m.key...))
}

func parseMark(s string) (mark, error) {
	if s == "" {
		return mark{driver: -2}, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(b) < 10 {
		return mark{}, errLink()
	}
	return mark{b[0], int(b[1]) - 1, int64(binary.BigEndian.Uint64(b[2:])), b[10:]}, nil
}

// page finds the page's records.
func (s *searching) page(ctx context.Context) (Page, error) {
	at, err := parseMark(s.q.Cursor)
	if err != nil || s.nothing || s.q.Summary == "count" {
		return Page{}, err
	}
	p, err := s.plan(ctx, s.q, at.driver)
	if err != nil || p.empty {
		return Page{}, err
	}
	next := ""
	var last mark
	take := func(h hit, m mark) bool {
		if !s.keep(&h) {
			return true
		}
		if len(s.hits) == s.q.Count {
			next = last.String()
			return false
		}
		s.hits, last = append(s.hits, h), m
		return true
	}
	err = s.through(ctx, p, at, take)
	if refused := outcome.Of(err); refused != nil && len(s.hits) > 0 {
		next, err = last.String(), nil
	}
	return Page{Next: next}, err
}

// through gives take what is found, in order, from the mark on.
func (s *searching) through(ctx context.Context, p *plan, at mark, take func(hit, mark) bool) error {
	way := at.way
	if way == 0 {
		way = s.way(p)
	}
	driver := p.driver
	if driver < 0 && (way == byRecord || way == bySorted) {
		return errLink()
	}
	switch way {
	case byRecord:
		return s.gatherAfter(ctx, p, s.limits.sorted, at.res, func(h hit) bool { return take(h, mark{byRecord, driver, h.res, nil}) })
	case byKey:
		return s.walk(ctx, p, s.ranges(p), true, spot{at.key, at.res}.start(), func(h hit, key []byte) bool {
			return take(h, mark{byKey, driver, h.res, key})
		})
	case bySorted:
		return s.inOrder(ctx, p, at, take)
	case bySort, byMissing:
		return s.bySort(ctx, p, at, way, take)
	}
	return errLink()
}

func errLink() error {
	return outcome.New(http.StatusBadRequest, outcome.Value, "", "This link to a further page is broken. Start again from the first page.")
}

func (a spot) start() spot {
	if len(a.key) == 0 {
		return spot{}
	}
	return a
}

func (s *searching) way(p *plan) byte {
	small := p.driver >= 0 && p.size < s.few
	switch {
	case len(s.q.Sort) == 0 && small:
		return byRecord
	case len(s.q.Sort) == 0:
		return byKey
	case small:
		return bySorted
	}
	return bySort
}

// texts reads the texts of what was found into the page.
func (t *Tx) texts(ctx context.Context, hits []hit, p *Page) error {
	of := map[int64]*Record{}
	var seqs []any
	for _, h := range hits {
		of[h.seq] = &Record{Type: h.ref.Type, ID: h.ref.ID, Version: h.version, Updated: db.FromMicros(h.updated)}
		seqs = append(seqs, h.seq)
	}
	for some := range slices.Chunk(seqs, 128) {
		n := size(len(some))
		for len(some) < n {
			some = append(some[:len(some):len(some)], some[0])
		}
		err := db.Each(ctx, t.db, list(`SELECT seq, method, body FROM version WHERE seq IN (`, 1, n, `)`), some, func(r db.Row) error {
			var seq int64
			var method, body string
			if err := r.Scan(&seq, &method, &body); err != nil {
				return err
			}
			of[seq].Method, of[seq].Body = method, []byte(body)
			return nil
		})
		if err != nil {
			return err
		}
	}
	for i, h := range hits {
		if i < p.found {
			p.Records = append(p.Records, *of[h.seq])
		} else {
			p.Included = append(p.Included, *of[h.seq])
		}
	}
	return nil
}
