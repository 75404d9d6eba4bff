package records

import (
	"bytes"
	"context"
	"slices"

	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/clinical/internal/search"
)

// Limits of _include and _revinclude.
const (
	maxIncluded = 1000 // records beside those of the page
	maxRounds   = 5    // of :iterate
)

// include finds what belongs to the page's records, under the decision about finding records of its type.
func (s *searching) include(ctx context.Context, p *Page) error {
	p.found = len(s.hits)
	if len(s.q.Include) == 0 && len(s.q.RevInclude) == 0 {
		return nil
	}
	have := map[search.Ref]bool{}
	for _, h := range s.hits {
		have[h.ref] = true
	}
	last := s.hits
	for round := 0; round < maxRounds && len(last) > 0; round++ {
		before := len(s.included)
		for _, inc := range s.q.Include {
			if round > 0 && !inc.Iterate {
				continue
			}
			if err := s.forward(ctx, inc, last, have); err != nil {
				return err
			}
		}
		for _, inc := range s.q.RevInclude {
			if round > 0 && !inc.Iterate {
				continue
			}
			if err := s.backward(ctx, inc, last, have); err != nil {
				return err
			}
		}
		last = s.included[before:]
	}
	return nil
}

// take includes a record, once.
func (s *searching) take(h hit, have map[search.Ref]bool) error {
	if have[h.ref] || !s.keep(&h) {
		return nil
	}
	if len(s.included) == maxIncluded {
		return errCostly("More records would be included than one answer holds. Ask for fewer on a page.")
	}
	have[h.ref] = true
	s.included = append(s.included, h)
	return nil
}

// forward includes what records refer to.
func (s *searching) forward(ctx context.Context, inc search.Include, from []hit, have map[search.Ref]bool) error {
	wanted := map[string][]string{}
	var order []search.Ref
	asked := map[search.Ref]bool{}
	for _, h := range from {
		if h.ref.Type != inc.Type {
			continue
		}
		for _, r := range inc.Refs(h.terms) {
			if have[r] || asked[r] {
				continue
			}
			asked[r] = true
			wanted[r.Type] = append(wanted[r.Type], r.ID)
			order = append(order, r)
		}
	}
	if err := s.spend(len(order)); err != nil {
		return err
	}
	there, err := s.t.currents(ctx, wanted)
	if err != nil {
		return err
	}
	for _, r := range order {
		if got, ok := there[r]; ok && !got.deleted {
			if err := s.take(hit{row: got, ref: r}, have); err != nil {
				return err
			}
		}
	}
	return nil
}

// backward includes what refers to records.
func (s *searching) backward(ctx context.Context, inc search.Include, from []hit, have map[search.Ref]bool) error {
	var refs []search.Ref
	for _, h := range from {
		refs = append(refs, h.ref)
	}
	q := inc.Pointing(refs)
	if q == nil {
		return nil
	}
	ok, err := s.narrow(q)
	if err != nil || !ok {
		return err
	}
	p, err := s.plan(ctx, q, -2)
	if err != nil || p.empty {
		return err
	}
	if p.driver < 0 {
		return errCostly(costly)
	}
	var failed error
	err = s.gather(ctx, p, s.limits.sorted, func(h hit) bool {
		failed = s.take(h, have)
		return failed == nil
	})
	if err == nil {
		err = failed
	}
	return err
}

// total counts what the search finds, if that was asked for or is known.
func (s *searching) total(ctx context.Context, p *Page) error {
	if s.q.Summary != "count" && s.q.Cursor == "" && p.Next == "" {
		n := len(s.hits)
		p.Total = &n
		return nil
	}
	if s.q.Summary != "count" && s.q.Total != "accurate" {
		return nil
	}
	n, err := s.countAll(ctx)
	if refused := outcome.Of(err); refused != nil && s.q.Summary != "count" {
		return errCostly("There are too many records to count. Ask without _total, or add a parameter that fewer records meet.")
	}
	p.Total = &n
	return err
}

func (s *searching) countAll(ctx context.Context) (int, error) {
	f := &finder{t: s.t, left: s.counted, limits: s.limits}
	p, err := f.plan(ctx, s.q, -2)
	if err != nil || p.empty {
		return 0, err
	}
	simple := len(s.q.Types) == 1 && s.t.withheld == nil && s.gates[s.q.Types[0]].Where == nil
	switch {
	case simple && len(p.all) == 0: // the list holds each record once
		return f.atMost(ctx, &condition{ranges: s.q.List()})
	case simple && len(p.all) > 0 && !slices.ContainsFunc(p.all, func(c condition) bool { return len(c.exact) != 1 || !bytes.Equal(c.exact[0], p.all[0].exact[0]) }):
		return f.atMost(ctx, &p.all[0]) // a key is there once for each record
	}
	n := 0
	one := func(h hit) bool {
		if s.keep(&h) {
			n++
		}
		return true
	}
	if p.driver >= 0 && p.size < s.few {
		return n, f.gather(ctx, p, s.few, one)
	}
	f.left = s.budget
	err = f.walk(ctx, p, f.ranges(p), true, spot{}, stop2(one))
	return n, err
}

// atMost counts entries, and refuses more than are worth counting.
func (f *finder) atMost(ctx context.Context, c *condition) (int, error) {
	n, err := f.count(ctx, c, f.counted)
	if err == nil && n >= f.counted {
		err = errCostly(costly)
	}
	return n, err
}
