package db

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"modernc.org/sqlite"
)

// pragmas of every connection. synchronous(FULL): what was answered survives a power cut, not only a
// crash of the program. secure_delete(FAST): deleted text is overwritten where that costs no extra
// writing. wal_autocheckpoint: pages that change all the time are copied back to the file once in 16 MB
// of log, not in 4. trusted_schema(OFF): a restored file can't make the program run functions. The cache is
// per connection: 2 MB, and up to 32 MB for the one that writes, which in an import changes pages all over an index.
const pragmas = "_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)" +
	"&_pragma=foreign_keys(ON)&_pragma=cache_size(-2000)&_pragma=temp_store(MEMORY)" +
	"&_pragma=secure_delete(FAST)&_pragma=trusted_schema(OFF)&_pragma=case_sensitive_like(ON)" +
	"&_pragma=journal_size_limit(67108864)&_pragma=wal_autocheckpoint(4000)&_dqs=0&_defensive=1"

func openSQLite(ctx context.Context, name, path string) (*DB, error) {
	fail := func(err error) (*DB, error) { return nil, fmt.Errorf("store %s: %w", name, err) }
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fail(err)
	}
	// The file holds people's accounts and texts: nobody else on the machine may read it.
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fail(err)
	}
	f.Close()
	write, err := openFile(path, strings.Replace(pragmas, "cache_size(-2000)", "cache_size(-32000)", 1)+"&_txlock=immediate")
	if err != nil {
		return fail(err)
	}
	write.SetMaxOpenConns(1)
	read, err := openFile(path, pragmas+"&_pragma=query_only(ON)")
	if err != nil {
		write.Close()
		return fail(err)
	}
	n := max(2, min(8, runtime.GOMAXPROCS(0)))
	read.SetMaxOpenConns(n)
	read.SetMaxIdleConns(n)
	// Of two that turn a new file to WAL at the same moment one is told "locked" at once.
	if err := again(ctx, func() error { return write.PingContext(ctx) }); err != nil {
		write.Close()
		read.Close()
		return fail(err)
	}
	return &DB{name: name, path: path, write: write, read: read}, nil
}

func uri(path, query string) string {
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + query
}

func openFile(path, query string) (*sql.DB, error) {
	c, err := sqlite.NewConnector(uri(path, query))
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector{c}), nil
}

// Snapshot writes a copy of a store on SQLite, as it is at one moment, to a new file, while others
// read and write: for platform/backup.
func (d *DB) Snapshot(ctx context.Context, path string) error {
	// VACUUM INTO attaches the target: a connection of its own, which may.
	c, err := sql.Open("sqlite", uri(d.path, "_pragma=busy_timeout(10000)&_pragma=trusted_schema(OFF)"))
	if err != nil {
		return err
	}
	defer c.Close()
	_, err = c.ExecContext(ctx, `VACUUM INTO $1`, path)
	return err
}

// Inspect checks that the file is a sound SQLite database that nothing has open, and returns how many
// migrations it has taken and the tables' names: for platform/backup.
func Inspect(ctx context.Context, path string) (version int, tables []string, err error) {
	c, err := sql.Open("sqlite", uri(path, "mode=ro&immutable=1&_pragma=trusted_schema(OFF)&_pragma=query_only(ON)&_defensive=1"))
	if err != nil {
		return 0, nil, err
	}
	defer c.Close()
	var verdict string
	if err := c.QueryRowContext(ctx, `PRAGMA quick_check(1)`).Scan(&verdict); err != nil {
		return 0, nil, err
	}
	if verdict != "ok" {
		return 0, nil, fmt.Errorf("the database file is damaged: %s", verdict)
	}
	rows, err := c.QueryContext(ctx, `SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name`)
	if err != nil {
		return 0, nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return 0, nil, err
		}
		tables = append(tables, name)
	}
	if err := rows.Err(); err != nil {
		return 0, nil, err
	}
	if slices.Contains(tables, "schema_version") {
		err = c.QueryRowContext(ctx, `SELECT version FROM schema_version WHERE id = 1`).Scan(&version)
	}
	return version, tables, err
}
