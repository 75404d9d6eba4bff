package records

import (
	"context"
	"errors"
	"hash/fnv"
	"slices"

	"github.com/mitral-health/mitral/clinical/internal/search"
	"github.com/mitral-health/mitral/platform/db"
)

// Match returns up to two records that meet q, for conditional interactions: no record, the one, or
// several. Until the end of the transaction nobody else gets past Match or Guard with the same q.
func (t *Tx) Match(ctx context.Context, q *search.Query) ([]Record, error) {
	if !t.look {
		if err := t.Guard(ctx, []*search.Query{q}); err != nil {
			return nil, err
		}
	}
	c := *q
	c.Count, c.Cursor, c.Sort, c.Summary, c.Total, c.Include, c.RevInclude = 2, "", nil, "", "", nil, nil
	p, err := t.Search(ctx, &c)
	return p.Records, err
}

// buckets is how many locks the guards share.
const buckets = 4096

// Guard makes Match of all these wait for whoever has one of them: at once and in one order, so that
// two bundles do not wait for each other. Only in Do.
func (t *Tx) Guard(ctx context.Context, all []*search.Query) error {
	if _, lite := t.store.db.SQLite(); lite {
		return nil // writers take turns
	}
	var locks []int64
	for _, q := range all {
		c := *q
		h := fnv.New64a()
		for _, of := range c.Types {
			h.Write([]byte(of))
		}
		h.Write([]byte(c.String()))
		locks = append(locks, int64(h.Sum64()%buckets))
	}
	slices.Sort(locks)
	for _, b := range slices.Compact(locks) {
		var got int64
		const take = `UPDATE guard SET bucket = bucket WHERE bucket = $1 RETURNING bucket`
		err := t.db.QueryRow(ctx, take, b).Scan(&got)
		if errors.Is(err, db.ErrNoRows) {
			_, err = t.db.Exec(ctx, `INSERT INTO guard (bucket) VALUES ($1) ON CONFLICT (bucket) DO UPDATE SET bucket = guard.bucket`, b)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
