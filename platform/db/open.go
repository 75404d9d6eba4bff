package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/mitral-health/mitral/platform/fault"
)

// DB is one open store. On SQLite there is one connection that writes and a few that read; on
// PostgreSQL a pool, whose search_path is the store's own schema.
type DB struct {
	name   string
	write  *sql.DB // SQLite
	read   *sql.DB
	pool   *pgxpool.Pool // PostgreSQL
	schema string
}

// Open opens the store called name (identity, social, clinical or gate) at dsn: a file's path, which
// is created when absent, or a postgres:// URL whose role owns the schema of that name.
func Open(ctx context.Context, name, dsn string) (*DB, error) {
	if strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://") {
		return openPostgres(ctx, name, dsn)
	}
	return openSQLite(name, dsn)
}

func openSQLite(name, path string) (*DB, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("store %s: %w", name, err)
	}
	// The file holds people's accounts and texts: nobody else on the machine may read it.
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("store %s: %w", name, err)
	}
	f.Close()
	// synchronous(FULL): what was answered survives a power cut, not only a crash of the program.
	pragmas := "_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)" +
		"&_pragma=foreign_keys(ON)&_pragma=cache_size(-2000)&_pragma=temp_store(MEMORY)"
	escaped := (&url.URL{Path: path}).EscapedPath()
	write, err := sql.Open("sqlite", "file:"+escaped+"?"+pragmas+"&_txlock=immediate")
	if err != nil {
		return nil, err
	}
	write.SetMaxOpenConns(1)
	read, err := sql.Open("sqlite", "file:"+escaped+"?"+pragmas+"&_pragma=query_only(ON)")
	if err != nil {
		write.Close()
		return nil, err
	}
	n := max(2, min(8, runtime.GOMAXPROCS(0)))
	read.SetMaxOpenConns(n)
	read.SetMaxIdleConns(n)
	if err := write.Ping(); err != nil {
		write.Close()
		read.Close()
		return nil, fmt.Errorf("store %s: %w", name, err)
	}
	return &DB{name: name, write: write, read: read}, nil
}

func openPostgres(ctx context.Context, name, dsn string) (*DB, error) {
	cfg, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("store %s: the database URL can't be read", name) // the cause may hold a password
	}
	if cfg.ConnConfig.RuntimeParams["search_path"] == "" {
		cfg.ConnConfig.RuntimeParams["search_path"] = name
	}
	cfg.ConnConfig.RuntimeParams["timezone"] = "UTC"
	cfg.ConnConfig.RuntimeParams["application_name"] = "mitral-" + name
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("store %s: %w", name, err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("store %s: %w", name, err)
	}
	return &DB{name: name, pool: pool, schema: cfg.ConnConfig.RuntimeParams["search_path"]}, nil
}

// Name returns which of the four stores this is.
func (d *DB) Name() string { return d.name }

// SQLite returns the connections below, if this store is on SQLite: for platform/jobs and backup.
func (d *DB) SQLite() (write *sql.DB, ok bool) { return d.write, d.write != nil }

// Postgres returns the pool and schema below, if this store is on PostgreSQL: for platform/jobs.
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

// Read runs f in a read-only transaction: every query in it sees the same moment.
func (d *DB) Read(ctx context.Context, f func(Tx) error) error {
	if d.pool != nil {
		return pgx.BeginTxFunc(ctx, d.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly},
			func(tx pgx.Tx) error { return f(pgTx{tx, d}) })
	}
	tx, err := d.read.BeginTx(ctx, nil)
	if err != nil {
		return unavailable(err)
	}
	defer tx.Rollback()
	return f(sqlTx{tx, d})
}

// Write runs f in a transaction and commits it if f returns nil. When the database asks for it
// (serialisation failure, deadlock, busy), the whole of f runs again, so f must change nothing
// outside the transaction.
func (d *DB) Write(ctx context.Context, f func(Tx) error) error {
	const tries = 8
	for try := 1; ; try++ {
		err := d.writeOnce(ctx, f)
		if err == nil || try == tries || !retryable(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Duration(try*try) * 2 * time.Millisecond):
		}
	}
}

func (d *DB) writeOnce(ctx context.Context, f func(Tx) error) error {
	if d.pool != nil {
		return pgx.BeginTxFunc(ctx, d.pool, pgx.TxOptions{IsoLevel: pgx.Serializable},
			func(tx pgx.Tx) error { return f(pgTx{tx, d}) })
	}
	tx, err := d.write.BeginTx(ctx, nil)
	if err != nil {
		return unavailable(err)
	}
	defer tx.Rollback()
	if err := f(sqlTx{tx, d}); err != nil {
		return err
	}
	return tx.Commit()
}

func unavailable(err error) error {
	if retryable(err) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return fault.Wrap(err, fault.Unavailable, "The database does not answer. Try again in a minute.")
}

// retryable reports whether the database undid the transaction for a reason that may have passed.
func retryable(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "40001" || pg.Code == "40P01" // serialization_failure, deadlock_detected
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
