package records

import (
	"bytes"
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/mitral-health/mitral/clinical/internal/search"
	"github.com/mitral-health/mitral/platform/db"
)

// count counts a condition's entries, up to most.
func (f *finder) count(ctx context.Context, c *condition, most int) (int, error) {
	n := 0
	one := func(query string, args ...any) error {
		var some int
		err := f.t.db.QueryRow(ctx, query, args...).Scan(&some)
		n += some
		return err
	}
	if c.exact != nil {
		for keys := range slices.Chunk(c.exact, 128) {
			args := append(make([]any, 0, len(keys)+1), most-n)
			for i := range size(len(keys)) {
				args = append(args, keys[min(i, len(keys)-1)])
			}
			err := one(list(`SELECT count(*) FROM (SELECT 1 FROM idx WHERE key IN (`, 2, size(len(keys)), `) LIMIT $1) AS few`), args...)
			if err != nil || n >= most {
				return n, err
			}
		}
		return n, nil
	}
	for _, r := range c.ranges {
		err := one(`SELECT count(*) FROM (SELECT 1 FROM idx WHERE key >= $1 AND key < $2 LIMIT $3) AS few`, r.Lo, r.Hi, most-n)
		if err != nil || n >= most {
			return n, err
		}
	}
	return n, nil
}

// gather reads the driver's entries, at most most, and gives keep what meets the plan, newest record
// first, until it returns false.
func (f *finder) gather(ctx context.Context, p *plan, most int, keep func(hit) bool) error {
	return f.gatherAfter(ctx, p, most, 0, keep)
}

// gatherAfter begins below the record before; 0 is the beginning.
func (f *finder) gatherAfter(ctx context.Context, p *plan, most int, before int64, keep func(hit) bool) error {
	res, err := f.entries(ctx, p, most)
	if err != nil {
		return err
	}
	slices.Sort(res)
	res = slices.Compact(res)
	slices.Reverse(res)
	if before != 0 {
		i, _ := slices.BinarySearchFunc(res, before, func(r, b int64) int { return int(min(max(b-r, -1), 1)) })
		for i < len(res) && res[i] >= before {
			i++
		}
		res = res[i:]
	}
	step := 32
	for len(res) > 0 {
		n := min(step, len(res))
		hits, err := f.load(ctx, res[:n])
		if err != nil {
			return err
		}
		for _, h := range hits {
			ok, err := f.meets(ctx, p, &h)
			if err != nil {
				return err
			}
			if ok && !keep(h) {
				return nil
			}
		}
		res, step = res[n:], min(2*step, 512)
	}
	return nil
}

// entries are the records of the driver's entries, in any order, some of them more than once.
func (f *finder) entries(ctx context.Context, p *plan, most int) ([]int64, error) {
	var res []int64
	scan := func(r db.Row) error {
		var one int64
		err := r.Scan(&one)
		res = append(res, one)
		return err
	}
	c := &p.all[p.driver]
	if c.exact != nil {
		for keys := range slices.Chunk(c.exact, 128) {
			args := append(make([]any, 0, len(keys)+1), most+1-len(res))
			for i := range size(len(keys)) {
				args = append(args, keys[min(i, len(keys)-1)])
			}
			if err := db.Each(ctx, f.t.db, list(`SELECT res FROM idx WHERE key IN (`, 2, size(len(keys)), `) LIMIT $1`), args, scan); err != nil {
				return nil, err
			}
		}
	} else {
		for _, r := range c.ranges {
			if err := db.Each(ctx, f.t.db, `SELECT res FROM idx WHERE key >= $1 AND key < $2 LIMIT $3`, []any{r.Lo, r.Hi, most + 1 - len(res)}, scan); err != nil {
				return nil, err
			}
		}
	}
	if len(res) > most { // it has grown since it was counted
		return nil, errCostly(costly)
	}
	return res, nil
}

// spot is where a walk stands: behind this entry. The zero spot is the beginning.
type spot struct {
	key []byte
	res int64
}

// walk goes through the entries of ranges, downward or upward, and gives keep each record that meets
// the plan, with its key, where it is met first, until keep returns false.
func (f *finder) walk(ctx context.Context, p *plan, ranges []search.Range, down bool, at spot, keep func(hit, []byte) bool) error {
	order := slices.Clone(ranges)
	slices.SortFunc(order, func(a, b search.Range) int { return bytes.Compare(a.Lo, b.Lo) }) // a query's list is in the order of its types
	if down {
		slices.Reverse(order)
	}
	probe := f.probes(p)
	step := 2 * max(16, min(p.q.Count, 200))
	for i, r := range order {
		from := spot{r.Hi, 0}
		if !down {
			from = spot{r.Lo, 0}
		}
		if at.key != nil {
			if down && bytes.Compare(at.key, r.Lo) < 0 || !down && bytes.Compare(at.key, r.Hi) >= 0 {
				continue // this range is behind us
			}
			if r.Has(at.key) {
				from = at
			}
		}
		for {
			met, err := f.step(ctx, r, from, down, probe, step)
			if err != nil {
				return err
			}
			var res []int64
			for _, e := range met {
				if e.ok {
					res = append(res, e.res)
				}
			}
			if err := f.spend((len(met) - len(res)) / 4); err != nil {
				return err
			}
			hits, err := f.load(ctx, res)
			if err != nil {
				return err
			}
			of := map[int64]*hit{}
			for j := range hits {
				of[hits[j].res] = &hits[j]
			}
			for _, e := range met {
				h := of[e.res]
				if h == nil || !e.ok || !firstMet(h.terms, order[:i+1], e.key, down) {
					continue
				}
				ok, err := f.meets(ctx, p, h)
				if err != nil {
					return err
				}
				if ok && !keep(*h, e.key) {
					return nil
				}
			}
			if len(met) < step {
				break
			}
			from = met[len(met)-1].spot
			step = min(2*step, 512)
		}
	}
	return nil
}

// firstMet reports whether a walk through ranges meets the record at this key for the first time.
func firstMet(t search.Terms, ranges []search.Range, key []byte, down bool) bool {
	for _, r := range ranges {
		k := t.First(r)
		if down {
			k = t.Last(r)
		}
		if k != nil {
			return bytes.Equal(k, key)
		}
	}
	return false
}

// met is an entry on the way; ok says that the probes do not rule it out.
type met struct {
	spot
	ok bool
}

// probes are exact conditions that the database looks up for each entry, so that less is read.
func (f *finder) probes(p *plan) []*condition {
	var out []*condition
	for i := range p.all {
		c := &p.all[i]
		if i != p.driver && c.link == nil && len(c.exact) > 0 && len(c.exact) <= 8 && len(out) < 3 {
			out = append(out, c)
		}
	}
	return out
}

func (f *finder) step(ctx context.Context, r search.Range, from spot, down bool, probes []*condition, n int) ([]met, error) {
	args := []any{r.Lo, from.key, from.res, n}
	if !down {
		args[0] = r.Hi
	}
	name := strings.Builder{}
	for _, c := range probes {
		name.WriteByte(' ')
		name.WriteString(strconv.Itoa(size(len(c.exact))))
		for i := range size(len(c.exact)) {
			args = append(args, c.exact[min(i, len(c.exact)-1)])
		}
	}
	out := make([]met, 0, n)
	err := db.Each(ctx, f.t.db, stepText(down, name.String()), args, func(r db.Row) error {
		var m met
		if err := r.Scan(&m.key, &m.res, &m.ok); err != nil {
			return err
		}
		out = append(out, m)
		return nil
	})
	return out, err
}

// stepText is the query of one step; probes says how many keys each probe has.
func stepText(down bool, probes string) string {
	kept := textKey{"step " + strconv.FormatBool(down) + probes, 0}
	if s, ok := texts.Load(kept); ok {
		return s.(string)
	}
	flag, at := "TRUE", 5
	for _, n := range strings.Fields(probes) {
		keys, _ := strconv.Atoi(n)
		flag += list(` AND EXISTS (SELECT 1 FROM idx AS o WHERE o.res = i.res AND o.key IN (`, at, keys, `))`)
		at += keys
	}
	where := `i.key >= $1 AND (i.key, i.res) < ($2, $3) ORDER BY i.key DESC, i.res DESC`
	if !down {
		where = `i.key < $1 AND (i.key, i.res) > ($2, $3) ORDER BY i.key, i.res`
	}
	s := `SELECT i.key, i.res, ` + flag + ` FROM idx AS i WHERE ` + where + ` LIMIT $4`
	texts.Store(kept, s)
	return s
}
