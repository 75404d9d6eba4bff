package db

import (
	"context"
	"database/sql"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"
)

// DB is one open store. On SQLite there is one connection that writes and a few that read; on
// PostgreSQL a pool, whose search_path is the store's own schema.
type DB struct {
	name   string
	path   string // SQLite
	write  *sql.DB
	read   *sql.DB
	shared sharing
	pool   *pgxpool.Pool // PostgreSQL
	schema string
}

// Open opens the store called name (identity, social, clinical or gate) at dsn: a file's path, which
// is created when absent, or a postgres:// URL whose role owns the schema of that name.
func Open(ctx context.Context, name, dsn string) (*DB, error) {
	if IsPostgres(dsn) {
		return openPostgres(ctx, name, dsn)
	}
	return openSQLite(ctx, name, dsn)
}

// IsPostgres reports whether dsn names a PostgreSQL database; otherwise it is a file's path.
func IsPostgres(dsn string) bool {
	return strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://")
}

// Name returns which of the four stores this is.
func (d *DB) Name() string { return d.name }

// SQLite returns the writing connection, if this store is on SQLite: for platform/jobs. Whoever
// holds it keeps every Write waiting.
func (d *DB) SQLite() (write *sql.DB, ok bool) { return d.write, d.write != nil }

// Postgres returns the pool and schema below, if this store is on PostgreSQL: for platform/jobs and backup.
func (d *DB) Postgres() (pool *pgxpool.Pool, schema string, ok bool) {
	return d.pool, d.schema, d.pool != nil
}

// Ping reports whether the store answers.
func (d *DB) Ping(ctx context.Context) error {
	if d.pool != nil {
		return d.pool.Ping(ctx)
	}
	return d.read.PingContext(ctx)
}

// Close closes every connection.
func (d *DB) Close() {
	if d.pool != nil {
		d.pool.Close()
		return
	}
	d.read.Close()
	d.write.Close()
}
