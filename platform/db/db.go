// Package db opens a store: one SQLite file, or one PostgreSQL schema with a role of its own. SQL is
// written once, with $1 placeholders, for both. Imports only platform/fault.
//
// Conventions that make one text serve both: ids are TEXT, instants are BIGINT microseconds since
// 1970 UTC (Micros, FromMicros), flags are BOOLEAN with TRUE and FALSE, bytes are BYTEA, structures
// are JSON in TEXT, given as a string. Where the two differ, SQLite is made to behave as PostgreSQL
// does: LIKE minds case, "x" is never a string, and after a statement failed its transaction is dead.
//
// It promises: what Write or WriteShared has returned nil for survives a power cut; Read sees one moment and can't
// write; a store never reads another store, because there is no connection that could.
package db

import (
	"context"
	"database/sql"
	"time"
)

// Tx is a transaction on one store, for one goroutine. It must not be kept after the function that
// got it returns. A statement that fails kills it: use ON CONFLICT rather than trying and looking.
// Within one, close the rows of a query before the next statement (Each does).
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
