package records

import (
	"slices"

	"github.com/mitral-health/mitral/platform/db"
)

// What PostgreSQL is told in another way than SQLite: a list of keys. As one array it costs a third of
// what it costs as a hundred values, and SQLite has no arrays.

// indexing inserts rows of the index.
func (s *Store) indexing(all []key) []db.Statement {
	if s.arrays {
		if len(all) == 0 {
			return nil
		}
		keys, res := make([][]byte, len(all)), make([]int64, len(all))
		for i, k := range all {
			keys[i], res[i] = k.key, k.res
		}
		return []db.Statement{{SQL: `INSERT INTO idx (key, res) SELECT k, r FROM unnest($1::bytea[], $2::bigint[]) AS rows (k, r)`, Args: []any{keys, res}}}
	}
	var out []db.Statement
	for keys := range slices.Chunk(all, 128) {
		n := size(len(keys))
		args := make([]any, 0, 2*n)
		for i := range n {
			k := keys[min(i, len(keys)-1)]
			args = append(args, k.key, k.res)
		}
		out = append(out, db.Statement{SQL: text(indexRow, n), Args: args})
	}
	return out
}

// unindexing deletes keys of one record.
func (s *Store) unindexing(res int64, keys [][]byte) []db.Statement {
	if s.arrays {
		if len(keys) == 0 {
			return nil
		}
		return []db.Statement{{SQL: `DELETE FROM idx WHERE res = $1 AND key = ANY($2)`, Args: []any{res, keys}}}
	}
	var out []db.Statement
	for some := range slices.Chunk(keys, 128) {
		n := size(len(some))
		args := append(make([]any, 0, n+1), res)
		for i := range n {
			args = append(args, some[min(i, len(some)-1)])
		}
		out = append(out, db.Statement{SQL: list(`DELETE FROM idx WHERE res = $1 AND key IN (`, 2, n, `)`), Args: args})
	}
	return out
}
