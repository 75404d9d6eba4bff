package backup

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/jobs"
)

// emptySchema reports an error if the store's schema holds a table.
func emptySchema(ctx context.Context, name, dsn string) error {
	store, err := db.Open(ctx, name, dsn)
	if err != nil {
		return err
	}
	defer store.Close()
	pool, schema, _ := store.Postgres()
	var n int
	err = pool.QueryRow(ctx, `SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'v', 'm', 'f')`, schema).Scan(&n)
	if err == nil && n > 0 {
		err = errHasSomething
	}
	return err
}

// postgresFilling fills the tables in one transaction.
type postgresFilling struct {
	want  Store
	store *db.DB
	conn  *pgxpool.Conn
	tx    pgx.Tx
	table string // that is being copied
	to    *io.PipeWriter
	done  chan error
}

func beginPostgres(ctx context.Context, s Store, dsn string, steps []db.Migration) (filling, error) {
	store, err := db.Open(ctx, s.Name, dsn)
	if err != nil {
		return nil, err
	}
	f := &postgresFilling{want: s, store: store}
	if err := f.prepare(ctx, steps); err != nil {
		f.abandon()
		return nil, err
	}
	return f, nil
}

// prepare makes the tables as they were when the backup was taken, without what a migration put in.
func (f *postgresFilling) prepare(ctx context.Context, steps []db.Migration) error {
	if err := f.store.Migrate(ctx, steps[:f.want.Version]); err != nil {
		return err
	}
	if f.want.Jobs > 0 {
		if err := jobs.Migrate(ctx, f.store); err != nil {
			return err
		}
	}
	pool, schema, _ := f.store.Postgres()
	var err error
	if f.conn, err = pool.Acquire(ctx); err != nil {
		return err
	}
	if f.tx, err = f.conn.Begin(ctx); err != nil {
		return err
	}
	have, err := catalog(ctx, f.tx, schema)
	if err != nil {
		return err
	}
	if _, river, err := versions(ctx, f.tx, have); err != nil {
		return err
	} else if f.want.Jobs > river {
		return fmt.Errorf("the backup's jobs are at version %d, this program knows %d: use the newer Mitral that wrote it", f.want.Jobs, river)
	}
	names := make([]string, 0, len(f.want.Tables))
	for _, t := range f.want.Tables {
		at := slices.IndexFunc(have, func(h Table) bool { return h.Name == t.Name })
		if at < 0 || slices.Contains(left, t.Name) || slices.ContainsFunc(t.Columns, func(c string) bool { return !slices.Contains(have[at].Columns, c) }) {
			return damaged("store %s has a table or column that its version has not", f.want.Name)
		}
		names = append(names, t.Name)
	}
	if len(names) > 0 {
		_, err = f.tx.Exec(ctx, `TRUNCATE `+quote(names...))
	}
	return err
}

func (f *postgresFilling) take(ctx context.Context, e entry, body io.Reader) error {
	if e.table == "" {
		return damaged("a database file in a backup of PostgreSQL")
	}
	if e.table != f.table {
		if err := f.endTable(); err != nil {
			return err
		}
		if err := f.beginTable(ctx, e.table); err != nil {
			return err
		}
	}
	if _, err := io.Copy(f.to, body); err != nil {
		return fmt.Errorf("table %s: %w", e.table, err)
	}
	return nil
}

func (f *postgresFilling) beginTable(ctx context.Context, name string) error {
	at := slices.IndexFunc(f.want.Tables, func(t Table) bool { return t.Name == name })
	if at < 0 {
		return damaged("store %s has a table that its manifest does not name", f.want.Name)
	}
	from, to := io.Pipe()
	f.table, f.to, f.done = name, to, make(chan error, 1)
	go func() {
		_, err := f.conn.Conn().PgConn().CopyFrom(ctx, from, copyStatement(f.want.Tables[at])+" FROM STDIN")
		from.CloseWithError(err) // so that take learns of it
		f.done <- err
	}()
	return nil
}

func (f *postgresFilling) endTable() error {
	if f.to == nil {
		return nil
	}
	f.to.Close()
	f.to = nil
	if err := <-f.done; err != nil {
		return fmt.Errorf("table %s: %w", f.table, err)
	}
	return nil
}

func (f *postgresFilling) commit(ctx context.Context) error {
	if err := f.endTable(); err != nil {
		return err
	}
	for _, s := range f.want.Sequences {
		if _, err := f.tx.Exec(ctx, `SELECT setval($1::text::regclass, $2)`, quote(s.Name), s.Last); err != nil {
			return err
		}
	}
	return f.tx.Commit(ctx)
}

func (f *postgresFilling) abandon() {
	if f.to != nil {
		f.to.CloseWithError(context.Canceled)
		<-f.done
		f.to = nil
	}
	if f.tx != nil {
		f.tx.Rollback(context.Background())
	}
	if f.conn != nil {
		f.conn.Release()
		f.conn = nil
	}
	f.store.Close()
}
