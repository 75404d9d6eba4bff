package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// sqlTx is a Tx on database/sql (SQLite). That a context has ended is seen before each statement and
// at each row, and not in between: database/sql and the driver would start a goroutine each for every
// statement to do so, which costs as much as finding a row by its key.
type sqlTx struct {
	tx     *sql.Conn
	of     *DB
	failed error // what killed it
	open   []*sql.Rows
	joined *sql.Tx // for SQL
}

// close closes the rows that somebody left open, for which the connection would wait.
func (t *sqlTx) close() {
	for _, r := range t.open {
		_ = r.Close()
	}
	if t.joined != nil {
		_ = t.joined.Rollback() // of nothing: see conn.BeginTx
	}
}

// dead remembers the first failure and refuses everything after it, as PostgreSQL does, so that a
// test on SQLite finds what would go wrong there.
func (t *sqlTx) dead(err error) error {
	if err != nil && t.failed == nil && !errors.Is(err, sql.ErrNoRows) {
		t.failed = err
	}
	return err
}

var errDead = errors.New("an earlier statement of this transaction failed")

func (t *sqlTx) alive(ctx context.Context) error {
	if t.failed != nil {
		return fmt.Errorf("%w: %w", errDead, t.failed)
	}
	return ctx.Err()
}

func (t *sqlTx) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	if err := t.alive(ctx); err != nil {
		return 0, err
	}
	res, err := t.tx.ExecContext(context.WithoutCancel(ctx), query, args...)
	if err != nil {
		return 0, t.dead(err)
	}
	return res.RowsAffected()
}

func (t *sqlTx) Query(ctx context.Context, query string, args ...any) (Rows, error) {
	return t.query(ctx, query, args)
}

func (t *sqlTx) query(ctx context.Context, query string, args []any) (*sqlRows, error) {
	if err := t.alive(ctx); err != nil {
		return nil, err
	}
	rows, err := t.tx.QueryContext(context.WithoutCancel(ctx), query, args...)
	if err != nil {
		return nil, t.dead(err)
	}
	t.open = append(t.open, rows)
	return &sqlRows{Rows: rows, of: t, ctx: ctx}, nil
}

func (t *sqlTx) QueryRow(ctx context.Context, query string, args ...any) Row {
	rows, err := t.query(ctx, query, args)
	return sqlRow{rows, err}
}

// sqlRow is the first row of a query, or why there is none.
type sqlRow struct {
	rows *sqlRows
	err  error
}

func (r sqlRow) Scan(dest ...any) error {
	if r.err != nil {
		return r.err
	}
	defer r.rows.Close()
	if !r.rows.Next() {
		if err := r.rows.Err(); err != nil {
			return err
		}
		return ErrNoRows
	}
	if err := r.rows.Scan(dest...); err != nil {
		return err
	}
	return r.rows.of.dead(r.rows.Rows.Close())
}

type sqlRows struct {
	*sql.Rows
	of  *sqlTx
	ctx context.Context
}

func (r *sqlRows) Next() bool { return r.ctx.Err() == nil && r.Rows.Next() }
func (r *sqlRows) Close()     { _ = r.Rows.Close() }
func (r *sqlRows) Err() error {
	if err := r.Rows.Err(); err != nil {
		return r.of.dead(err)
	}
	return r.of.dead(r.ctx.Err())
}

// pgTx is a Tx on pgx (PostgreSQL).
type pgTx struct {
	tx pgx.Tx
	of *DB
}

func (t *pgTx) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	tag, err := t.tx.Exec(ctx, query, args...)
	return tag.RowsAffected(), err
}

func (t *pgTx) Query(ctx context.Context, query string, args ...any) (Rows, error) {
	return t.tx.Query(ctx, query, args...)
}

func (t *pgTx) QueryRow(ctx context.Context, query string, args ...any) Row {
	return pgRow{t.tx.QueryRow(ctx, query, args...)}
}

type pgRow struct{ pgx.Row }

func (r pgRow) Scan(dest ...any) error {
	err := r.Row.Scan(dest...)
	if errors.Is(err, pgx.ErrNoRows) {
		return ErrNoRows
	}
	return err
}

// SQL returns tx as a database/sql transaction, if tx is one of Write on this store and the store is on
// SQLite: for platform/jobs. It must not be committed or rolled back: it ends with tx.
func (d *DB) SQL(tx Tx) (*sql.Tx, bool) {
	t, ok := tx.(*sqlTx)
	if !ok || t.of != d {
		return nil, false
	}
	if t.joined == nil {
		joined, err := t.tx.BeginTx(context.Background(), nil)
		if err != nil {
			return nil, false
		}
		t.joined = joined
	}
	return t.joined, true
}

// PG returns the pgx transaction below tx, if tx is one of this store and the store is on
// PostgreSQL: for platform/jobs.
func (d *DB) PG(tx Tx) (pgx.Tx, bool) {
	switch t := tx.(type) {
	case *pgTx:
		return t.tx, t.of == d
	case *sharedTx:
		if t.of == d {
			return t.asPGX()
		}
	}
	return nil, false
}
