package records

import (
	"bytes"
	"context"
	"slices"

	"github.com/mitral-health/mitral/clinical/internal/search"
	"github.com/mitral-health/mitral/platform/db"
)

// inOrder reads all that is found and orders it: for a driver that has few entries.
func (s *searching) inOrder(ctx context.Context, p *plan, at mark, take func(hit, mark) bool) error {
	type one struct {
		hit
		key []byte
	}
	var all []one
	err := s.gather(ctx, p, s.limits.sorted, func(h hit) bool {
		all = append(all, one{h, s.order(&h)})
		return true
	})
	if err != nil {
		return err
	}
	slices.SortFunc(all, func(a, b one) int {
		if c := bytes.Compare(a.key, b.key); c != 0 {
			return c
		}
		return int(min(max(b.res-a.res, -1), 1))
	})
	for _, o := range all {
		if at.way != 0 {
			if c := bytes.Compare(o.key, at.key); c < 0 || c == 0 && o.res >= at.res {
				continue
			}
		}
		if !take(o.hit, mark{bySorted, p.driver, o.res, o.key}) {
			return nil
		}
	}
	return nil
}

// order is a key by which records compare as _sort asks: for each sort, whether there is a value, and
// the value, so written that none is the beginning of another, and turned around if it is to fall.
func (s *searching) order(h *hit) []byte {
	var out []byte
	for i := range s.q.Sort {
		by := &s.q.Sort[i]
		k := by.Key(h.terms)
		if k == nil {
			out = append(out, 0xff)
			continue
		}
		out = append(out, 0)
		start := len(out)
		for _, c := range k {
			out = append(out, c)
			if c == 0 {
				out = append(out, 0xff)
			}
		}
		out = append(out, 0, 0)
		if by.Desc {
			for j := start; j < len(out); j++ {
				out[j] = ^out[j]
			}
		}
	}
	return out
}

// bySort walks the values to sort by, where the driver has many entries, and then finds those without
// a value. Of one patient's records by date it walks only theirs.
func (s *searching) bySort(ctx context.Context, p *plan, at mark, way byte, take func(hit, mark) bool) error {
	if len(s.q.Sort) != 1 {
		return errCostly("So many records can be sorted by one parameter only. Leave one in _sort, or add a parameter that fewer records meet.")
	}
	by := &s.q.Sort[0]
	driver := p.driver
	stopped := false
	series, one := s.q.Series()
	if way == bySort {
		walk := *p
		walk.driver = -1
		in := by.Range()
		if one {
			var err error
			if in, err = s.within(ctx, &walk, series); err != nil {
				return err
			}
		}
		err := s.walk(ctx, &walk, []search.Range{in}, by.Desc, spot{at.key, at.res}.start(), func(h hit, key []byte) bool {
			stopped = !take(h, mark{bySort, driver, h.res, key})
			return !stopped
		})
		if err != nil || stopped {
			return err
		}
		at = mark{}
	}
	if series.Dated { // nothing without a value meets the query
		return nil
	}
	return s.walk(ctx, p, s.ranges(p), true, spot{at.key, at.res}.start(), func(h hit, key []byte) bool {
		if !by.Missing.Match(h.terms) {
			return true
		}
		return take(h, mark{byMissing, driver, h.res, key})
	})
}

// within is the part of a patient's series that is to be walked: from the start of whatever takes longer than a day and
// reaches into it.
func (s *searching) within(ctx context.Context, p *plan, series search.Series) (search.Range, error) {
	in := series.In
	if series.Long.Lo == nil {
		return in, nil
	}
	var long []int64
	err := db.Each(ctx, s.t.db, `SELECT res FROM idx WHERE key >= $1 AND key < $2 LIMIT $3`, []any{series.Long.Lo, series.Long.Hi, s.few + 1}, func(r db.Row) error {
		var one int64
		err := r.Scan(&one)
		long = append(long, one)
		return err
	})
	if err != nil {
		return in, err
	}
	if len(long) > s.few {
		in.Lo = series.Whole.Lo
		return in, nil
	}
	hits, err := s.load(ctx, long)
	for i := range hits {
		ok, wrong := s.meets(ctx, p, &hits[i])
		if wrong != nil {
			return in, wrong
		}
		if k := hits[i].terms.First(series.Whole); ok && k != nil && bytes.Compare(k, in.Lo) < 0 {
			in.Lo = k
		}
	}
	return in, err
}
