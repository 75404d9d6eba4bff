// Package db opens a store: one SQLite file, or one PostgreSQL schema with a role of its own. SQL is
// written once, with $1 placeholders, for both. Imports only platform/fault.
//
// Conventions that make one text serve both: ids are TEXT, instants are BIGINT microseconds since
// 1970 UTC (Micros, FromMicros), flags are BOOLEAN with TRUE and FALSE, bytes are BYTEA, structures
// are JSON in TEXT. A store never reads another store: there is no connection that could.
package db

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
)

// Tx is a transaction on one store. It must not be kept after the function that got it returns.
type Tx interface {
	// Exec runs a statement and returns how many rows it changed.
	Exec(ctx context.Context, query string, args ...any) (int64, error)
	// Query runs a query; the caller closes the rows.
	Query(ctx context.Context, query string, args ...any) (Rows, error)
	// QueryRow runs a query for one row; its Scan returns ErrNoRows if there is none.
	QueryRow(ctx context.Context, query string, args ...any) Row
}

// Row is one row.
type Row interface{ Scan(dest ...any) error }

// Rows is a result to walk through: for rows.Next() { rows.Scan(…) }, then Err.
type Rows interface {
	Next() bool
	Scan(dest ...any) error
	Err() error
	Close()
}

// ErrNoRows is what Scan returns when a query found nothing, on either database.
var ErrNoRows = sql.ErrNoRows

// Micros is how an instant is stored; the zero time is stored as 0.
func Micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// FromMicros reads what Micros wrote.
func FromMicros(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}

// Each runs scan for every row of a query and closes it.
func Each(ctx context.Context, tx Tx, query string, args []any, scan func(Row) error) error {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// sqlTx is a Tx on database/sql (SQLite).
type sqlTx struct {
	*sql.Tx
	of *DB
}

func (t sqlTx) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	res, err := t.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

func (t sqlTx) Query(ctx context.Context, query string, args ...any) (Rows, error) {
	rows, err := t.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	return sqlRows{rows}, nil
}

func (t sqlTx) QueryRow(ctx context.Context, query string, args ...any) Row {
	return t.QueryRowContext(ctx, query, args...)
}

type sqlRows struct{ *sql.Rows }

func (r sqlRows) Close() { _ = r.Rows.Close() }

// pgTx is a Tx on pgx (PostgreSQL).
type pgTx struct {
	pgx.Tx
	of *DB
}

func (t pgTx) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	tag, err := t.Tx.Exec(ctx, query, args...)
	return tag.RowsAffected(), err
}

func (t pgTx) Query(ctx context.Context, query string, args ...any) (Rows, error) {
	return t.Tx.Query(ctx, query, args...)
}

func (t pgTx) QueryRow(ctx context.Context, query string, args ...any) Row {
	return pgRow{t.Tx.QueryRow(ctx, query, args...)}
}

type pgRow struct{ pgx.Row }

func (r pgRow) Scan(dest ...any) error {
	err := r.Row.Scan(dest...)
	if errors.Is(err, pgx.ErrNoRows) {
		return ErrNoRows
	}
	return err
}

// SQL returns the database/sql transaction below tx, if tx is one of this store and the store is on
// SQLite: for platform/jobs.
func (d *DB) SQL(tx Tx) (*sql.Tx, bool) { t, ok := tx.(sqlTx); return t.Tx, ok && t.of == d }

// PG returns the pgx transaction below tx, if tx is one of this store and the store is on
// PostgreSQL: for platform/jobs.
func (d *DB) PG(tx Tx) (pgx.Tx, bool) { t, ok := tx.(pgTx); return t.Tx, ok && t.of == d }
