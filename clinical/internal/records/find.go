package records

import (
	"bytes"
	"context"
	"net/http"
	"slices"

	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/clinical/internal/search"
	"github.com/mitral-health/mitral/platform/db"
)

// How a search is run. One condition drives: its index entries are the candidates; each candidate's
// terms decide the rest. The driver is the condition with the fewest entries, counted up to a limit.
//
// If it has few, they are all read, and the page is cut from them, newest record first or in the order asked for.
// If all have many, the driver's keys are walked downward, or the keys to sort by in their direction, until
// the page is full. Either way what a search costs follows from the page and from what it asks,
// not from how many records there are. limits are tried small by the tests.
type limits struct {
	tiny    int // a driver of fewer entries needs no better one
	few     int // so many entries are read at once, so many records of an inner query enumerated
	sorted  int // so many entries are read to be sorted
	many    int // so many entries are counted to tell two big conditions apart
	budget  int // so many candidates one search looks at, those of inner queries included
	counted int // so many entries are counted for a total
}

var usual = limits{tiny: 50, few: 1000, sorted: 5000, many: 10_000, budget: 20_000, counted: 200_000}

func errCostly(diagnostics string) error {
	return outcome.New(http.StatusForbidden, outcome.TooCostly, "", diagnostics)
}

const costly = "This search would have to look at too many records. Add a parameter that fewer records meet."

// hit is a record that was found.
type hit struct {
	row
	ref search.Ref
}

// finder runs one search and the searches inside it, within one budget.
type finder struct {
	t    *Tx
	left int
	limits
}

func (f *finder) spend(n int) error {
	if f.left -= n; f.left < 0 {
		return errCostly(costly)
	}
	return nil
}

// condition is a condition of a query, as far as it was resolved.
type condition struct {
	search.Condition
	ranges []search.Range
	exact  [][]byte
	link   *search.Link // decided for each candidate
	size   int          // entries, counted up to a limit
	joined bool         // of two others, see between
}

func conditionOf(c search.Condition) condition {
	if c.Link != nil {
		return condition{Condition: c, link: c.Link}
	}
	return condition{Condition: c, ranges: c.Ranges(), exact: c.Exact()}
}

// none reports whether no record can meet c.
func (c *condition) none() bool { return c.link == nil && c.ranges != nil && len(c.ranges) == 0 }

// plan is a query made ready: its conditions, and which of them drives.
type plan struct {
	q      *search.Query
	all    []condition
	driver int // in all; -1: q.List drives
	size   int // entries of the driver, counted up to a limit
	empty  bool
}

// plan chooses the driver. want is the driver that a cursor names, or -2.
func (f *finder) plan(ctx context.Context, q *search.Query, want int) (*plan, error) {
	p := &plan{q: q, driver: -1, size: f.many}
	for _, c := range q.Where {
		p.all = append(p.all, conditionOf(c))
	}
	p.between()
	if err := f.choose(ctx, p); err != nil || p.empty {
		return p, err
	}
	if p.size > f.tiny || want >= 0 && want < len(p.all) && p.all[want].link != nil {
		if err := f.enumerate(ctx, p); err != nil || p.empty {
			return p, err
		}
	}
	if want >= -1 && want < len(p.all) && (want == -1 || p.all[want].ranges != nil) && want != p.driver {
		p.driver, p.size = want, f.many
	}
	return p, nil
}

// enumerate puts what their inner queries find in the place of links, where that is little, and drives by it if it is less.
func (f *finder) enumerate(ctx context.Context, p *plan) error {
	for i := range p.all {
		c := &p.all[i]
		if c.link == nil {
			continue
		}
		keys, little, err := f.keysOf(ctx, c.link)
		if err != nil {
			return err
		}
		if !little {
			continue
		}
		reverse := c.link.Reverse
		*c = conditionOf(c.Bind(keys))
		if p.empty = c.none(); p.empty {
			return nil
		}
		n := len(keys)
		if !reverse { // of _has each key is of one record
			if n, err = f.count(ctx, c, f.few); err != nil {
				return err
			}
		}
		c.size = n
		if n < p.size {
			p.driver, p.size = i, n
		}
	}
	return nil
}

// keysOf runs a link's inner queries, if they have few candidates.
func (f *finder) keysOf(ctx context.Context, l *search.Link) (keys [][]byte, little bool, err error) {
	for _, q := range l.Inner {
		p, err := f.plan(ctx, q, -2)
		if err != nil {
			return nil, false, err
		}
		if p.empty {
			continue
		}
		if p.driver < 0 || p.size >= f.few {
			return nil, false, nil
		}
		err = f.gather(ctx, p, f.few, func(h hit) bool {
			keys = append(keys, l.Keys(h.ref.Type, h.ref.ID, h.terms)...)
			return true
		})
		if err != nil {
			return nil, false, err
		}
	}
	slices.SortFunc(keys, bytes.Compare)
	return slices.CompactFunc(keys, bytes.Equal), true, nil
}

// meets decides all conditions of p for a candidate.
func (f *finder) meets(ctx context.Context, p *plan, h *hit) (bool, error) {
	if f.t.hides(h.ref.Type, h.terms) || !p.q.Match(h.terms) {
		return false, nil
	}
	for i := range p.all {
		c := &p.all[i]
		if c.link == nil && !c.joined && p.q.Where[i].Link != nil && !c.Match(h.terms) {
			return false, nil // a link that was enumerated
		}
	}
	for i := range p.all {
		if p.all[i].link == nil {
			continue
		}
		ok, err := f.linked(ctx, p.all[i].link, h)
		if err != nil || !ok {
			return false, err
		}
	}
	return true, nil
}

// linked decides a link for one candidate.
func (f *finder) linked(ctx context.Context, l *search.Link, h *hit) (bool, error) {
	for _, q := range l.Probe(h.ref.ID, h.terms) {
		p, err := f.plan(ctx, q, -2)
		if err != nil {
			return false, err
		}
		if p.empty {
			continue
		}
		found := false
		stop := func(hit) bool { found = true; return false }
		if p.size < f.few {
			err = f.gather(ctx, p, f.few, stop)
		} else {
			err = f.walk(ctx, p, f.ranges(p), true, spot{}, stop2(stop))
		}
		if err != nil || found {
			return found, err
		}
	}
	return false, nil
}

func stop2(f func(hit) bool) func(hit, []byte) bool {
	return func(h hit, _ []byte) bool { return f(h) }
}

// ranges are the driver's.
func (f *finder) ranges(p *plan) []search.Range {
	if p.driver < 0 {
		return p.q.List()
	}
	return p.all[p.driver].ranges
}

// wide is how many bytes of terms make a record as dear as another candidate: one with thousands of names takes as
// long as thousands of records, and again for each of its entries that is walked by.
const wide = 16 << 10

// load reads candidates, in the order of res given.
func (f *finder) load(ctx context.Context, res []int64) ([]hit, error) {
	if err := f.spend(len(res)); err != nil {
		return nil, err
	}
	found := make(map[int64]hit, len(res))
	for some := range slices.Chunk(res, 128) {
		n := size(len(some))
		args := make([]any, n)
		for i := range n {
			args[i] = some[min(i, len(some)-1)]
		}
		err := db.Each(ctx, f.t.db, list(`SELECT res, type, id, version, seq, updated, terms FROM resource WHERE res IN (`, 1, n, `)`), args, func(r db.Row) error {
			var h hit
			var packed []byte
			if err := r.Scan(&h.res, &h.ref.Type, &h.ref.ID, &h.version, &h.seq, &h.updated, &packed); err != nil {
				return err
			}
			if err := f.spend(len(packed) / wide); err != nil {
				return err
			}
			var err error
			h.terms, err = search.Unpack(packed)
			found[h.res] = h
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	out := make([]hit, 0, len(res))
	for _, r := range res {
		if h, ok := found[r]; ok {
			out = append(out, h)
		}
	}
	return out, nil
}
