package jobs

import (
	"context"
	"log/slog"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/mitral-health/mitral/platform/db"
)

// This file holds what differs between the two databases.

// Migrate creates or updates River's tables in a migrated store, as Open does: for platform/backup.
func Migrate(ctx context.Context, store *db.DB) error {
	return migrate(ctx, store, slog.New(slog.DiscardHandler))
}

func migrate(ctx context.Context, store *db.DB, log *slog.Logger) error {
	if conns, ok := store.SQLite(); ok {
		return toLatest(ctx, riversqlite.New(conns), "", log)
	}
	pool, schema, _ := store.Postgres()
	return taketurns(ctx, pool, schema, func() error { return toLatest(ctx, riverpgxv5.New(pool), schema, log) })
}

func toLatest[T any](ctx context.Context, driver riverdriver.Driver[T], schema string, log *slog.Logger) error {
	m, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: log, Schema: schema})
	if err != nil {
		return err
	}
	_, err = m.Migrate(ctx, rivermigrate.DirectionUp, nil)
	return err
}

// taketurns runs f while no other copy of the program that starts on the same PostgreSQL schema
// does: River's migrations are not made to meet themselves.
func taketurns(ctx context.Context, pool *pgxpool.Pool, schema string, f func() error) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	const key = `hashtextextended('mitral-jobs-' || $1, 0)`
	if _, err := conn.Exec(ctx, `SELECT pg_advisory_lock(`+key+`)`, schema); err != nil {
		return err
	}
	defer conn.Exec(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock(`+key+`)`, schema)
	return f()
}

// recoverOwn puts jobs that were running when the program was killed back in line, on SQLite, where
// only one program runs jobs and so nobody else can be at them. They go through 'retryable', which
// River's scheduler compares with unique jobs that wait. The dead program's lead ends too.
func recoverOwn(ctx context.Context, store *db.DB) error {
	return store.Write(ctx, func(tx db.Tx) error {
		if _, err := tx.Exec(ctx, `DELETE FROM river_leader`); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE river_job SET state = 'retryable', scheduled_at = datetime('now', 'subsec') WHERE state = 'running'`)
		return err
	})
}
