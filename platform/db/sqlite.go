package db

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"

	"modernc.org/sqlite"
)

// pragmas of every connection. synchronous(FULL): what was answered survives a power cut, not only a
// crash of the program. secure_delete(FAST): deleted text is overwritten where that costs no extra
// writing. trusted_schema(OFF): a restored file can't make the program run functions. The cache is
// per connection, 2 MB.
const pragmas = "_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)" +
	"&_pragma=foreign_keys(ON)&_pragma=cache_size(-2000)&_pragma=temp_store(MEMORY)" +
	"&_pragma=secure_delete(FAST)&_pragma=trusted_schema(OFF)&_pragma=case_sensitive_like(ON)" +
	"&_pragma=journal_size_limit(67108864)&_dqs=0&_defensive=1"

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
	write, err := openFile(path, pragmas+"&_txlock=immediate")
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
