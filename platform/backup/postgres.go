package backup

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/mitral-health/mitral/platform/db"
)

// left are the tables that the restoring program makes for itself.
var left = []string{"schema_version", "river_migration", "river_leader"}

// dumpPostgres copies one store table by table, all seen at one moment.
func dumpPostgres(ctx context.Context, store *db.DB, a *writer) (Store, error) {
	s := Store{Name: store.Name()}
	pool, schema, _ := store.Postgres()
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return s, err
	}
	defer conn.Release()
	tx, err := conn.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return s, err
	}
	defer tx.Rollback(context.WithoutCancel(ctx))
	tables, err := catalog(ctx, tx, schema)
	if err != nil {
		return s, err
	}
	if s.Version, s.Jobs, err = versions(ctx, tx, tables); err != nil {
		return s, err
	}
	if s.Tables, err = inOrder(ctx, tx, schema, tables); err != nil {
		return s, err
	}
	if s.Sequences, err = sequences(ctx, tx, schema); err != nil {
		return s, err
	}
	for _, t := range s.Tables {
		a.begin(tablePart(store.Name(), t.Name))
		p := &pieces{to: a, store: store.Name(), table: t.Name}
		if _, err := conn.Conn().PgConn().CopyTo(ctx, p, copyStatement(t)+" TO STDOUT"); err != nil {
			return s, fmt.Errorf("table %s: %w", t.Name, err)
		}
		if err := p.flush(); err != nil {
			return s, err
		}
		a.end()
	}
	return s, nil
}

func copyStatement(t Table) string {
	return `COPY ` + quote(t.Name) + ` (` + quote(t.Columns...) + `)`
}

func quote(names ...string) string {
	q := make([]string, len(names))
	for i, n := range names {
		q[i] = pgx.Identifier{n}.Sanitize()
	}
	return strings.Join(q, ", ")
}

// pieces cuts a stream of unknown length into entries.
type pieces struct {
	to           *writer
	store, table string
	n            int
	buf          bytes.Buffer
}

const pieceSize = 4 << 20

func (p *pieces) Write(b []byte) (int, error) {
	p.buf.Write(b)
	if p.buf.Len() >= pieceSize {
		return len(b), p.flush()
	}
	return len(b), nil
}

func (p *pieces) flush() error {
	if p.buf.Len() == 0 {
		return nil
	}
	p.n++
	err := p.to.chunk(tableEntry(p.store, p.table, p.n), &p.buf, int64(p.buf.Len()), "")
	p.buf.Reset()
	return err
}

// catalog lists the tables of a schema and the columns that can be copied.
func catalog(ctx context.Context, tx pgx.Tx, schema string) ([]Table, error) {
	rows, err := tx.Query(ctx, `SELECT c.relname, array_agg(a.attname::text ORDER BY a.attnum)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
WHERE n.nspname = $1 AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
GROUP BY c.relname ORDER BY c.relname`, schema)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(r pgx.CollectableRow) (t Table, err error) {
		err = r.Scan(&t.Name, &t.Columns)
		return t, err
	})
}

func has(tables []Table, name string) bool {
	return slices.ContainsFunc(tables, func(t Table) bool { return t.Name == name })
}

func versions(ctx context.Context, tx pgx.Tx, tables []Table) (store, jobs int, err error) {
	if has(tables, "schema_version") {
		err = tx.QueryRow(ctx, `SELECT version FROM schema_version WHERE id = 1`).Scan(&store)
	}
	if err == nil && has(tables, "river_migration") {
		err = tx.QueryRow(ctx, `SELECT coalesce(max(version), 0) FROM river_migration WHERE line = 'main'`).Scan(&jobs)
	}
	return store, jobs, err
}

// inOrder leaves out what is not copied and puts each table after those that it refers to.
func inOrder(ctx context.Context, tx pgx.Tx, schema string, tables []Table) ([]Table, error) {
	rows, err := tx.Query(ctx, `SELECT DISTINCT c.relname, f.relname
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class f ON f.oid = k.confrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND k.contype = 'f' AND k.conrelid <> k.confrelid`, schema)
	if err != nil {
		return nil, err
	}
	needs := map[string][]string{}
	var from, to string
	if _, err := pgx.ForEachRow(rows, []any{&from, &to}, func() error { needs[from] = append(needs[from], to); return nil }); err != nil {
		return nil, err
	}
	var out []Table
	waiting := slices.DeleteFunc(slices.Clone(tables), func(t Table) bool { return slices.Contains(left, t.Name) })
	for len(waiting) > 0 {
		still := slices.Clone(waiting)
		waiting = slices.DeleteFunc(waiting, func(t Table) bool {
			free := !slices.ContainsFunc(needs[t.Name], func(n string) bool { return has(still, n) })
			if free {
				out = append(out, t)
			}
			return free
		})
		if len(waiting) == len(still) {
			return nil, fmt.Errorf("tables %s and others refer to each other in a circle", waiting[0].Name)
		}
	}
	return out, nil
}

func sequences(ctx context.Context, tx pgx.Tx, schema string) ([]Sequence, error) {
	rows, err := tx.Query(ctx, `SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = $1 AND last_value IS NOT NULL ORDER BY 1`, schema)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(r pgx.CollectableRow) (s Sequence, err error) {
		err = r.Scan(&s.Name, &s.Last)
		return s, err
	})
}
