package db

import (
	"context"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/mitral-health/mitral/platform/fault"
)

// unavailable turns the failure to begin a transaction into a fault, unless it is the asker who gave up.
func unavailable(ctx context.Context, err error) error {
	if ctx.Err() != nil || retryable(err) {
		return err
	}
	return fault.Wrap(err, fault.Unavailable, "The database does not answer. Try again in a minute.")
}

// retryable reports whether the database undid the transaction for a reason that may have passed.
func retryable(err error) bool {
	if errors.Is(err, errShared) {
		return true
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		switch pg.Code {
		case "40001", "40P01": // serialization_failure, deadlock_detected
			return true
		case "0A000": // another copy of the program has migrated a table that is in our statement cache
			return strings.Contains(pg.Message, "cached plan")
		}
		return false
	}
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		return lite.Code()&0xff == sqlite3.SQLITE_BUSY || lite.Code()&0xff == sqlite3.SQLITE_LOCKED
	}
	return false
}

// IsUnique reports whether err says that a row with the same unique key is already there.
func IsUnique(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "23505"
	}
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		return lite.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || lite.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
	}
	return false
}

// IsNull reports whether err says that a column which needs a value was given none.
func IsNull(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "23502"
	}
	var lite *sqlite.Error
	return errors.As(err, &lite) && lite.Code() == sqlite3.SQLITE_CONSTRAINT_NOTNULL
}
