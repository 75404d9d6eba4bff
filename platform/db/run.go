package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
)

// Read runs f in a read-only transaction: every query in it sees the same moment. Like Write, it
// may run f again, so f must start its results anew.
func (d *DB) Read(ctx context.Context, f func(Tx) error) error {
	return again(ctx, func() error {
		if d.pool != nil {
			return d.inPostgres(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, f)
		}
		return d.inSQLite(ctx, d.read, d.readIn, f)
	})
}

// Write runs f in a transaction and commits it if f returns nil; transactions behave as if they ran
// one after the other. When the database asks for it (serialisation failure, deadlock, busy), the
// whole of f runs again, so f must change nothing outside the transaction but what it sets anew.
// Calling Write of the same store within f is a mistake: on SQLite it waits for itself and fails.
func (d *DB) Write(ctx context.Context, f func(Tx) error) error {
	return again(ctx, func() error {
		if d.pool != nil {
			return d.inPostgres(ctx, pgx.TxOptions{IsoLevel: pgx.Serializable}, f)
		}
		return d.inSQLite(ctx, d.write, d.writeIn, f)
	})
}

// WriteSoft is Write without the wait for the disk. What it wrote survives the end of the program
// however it ends, but of a power cut only once a later Write has returned: for steps on the way to
// something that a Write concludes.
func (d *DB) WriteSoft(ctx context.Context, f func(Tx) error) error {
	return again(ctx, func() error {
		if d.pool != nil {
			return d.inPostgres(ctx, pgx.TxOptions{IsoLevel: pgx.Serializable, BeginQuery: softBegin}, f)
		}
		return d.inSQLite(ctx, d.write, d.softIn, f)
	})
}

const softBegin = `BEGIN ISOLATION LEVEL SERIALIZABLE; SET LOCAL synchronous_commit = off`

// softIn is writeIn on a connection that does not wait for the disk meanwhile.
func (d *DB) softIn(ctx context.Context, conn *sql.Conn, f func(Tx) error) error {
	whole := context.WithoutCancel(ctx)
	if _, err := conn.ExecContext(whole, `PRAGMA synchronous = NORMAL`); err != nil {
		return unavailable(ctx, err)
	}
	defer func() {
		if _, err := conn.ExecContext(whole, `PRAGMA synchronous = FULL`); err != nil {
			drop(conn)
		}
	}()
	return d.writeIn(ctx, conn, f)
}

// drop takes a connection out of its pool.
func drop(conn *sql.Conn) { _ = conn.Raw(func(any) error { return driver.ErrBadConn }) }

// again runs f until it ends otherwise than by a failure that may pass, waiting up to 4, 8, 16 …
// milliseconds in between, by chance, so that those who met do not meet again.
func again(ctx context.Context, f func() error) error {
	const tries = 10
	for try := 1; ; try++ {
		err := f()
		if err == nil || try == tries || !retryable(err) {
			return err
		}
		most := min(4*time.Millisecond<<(try-1), 250*time.Millisecond)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(rand.N(most)):
		}
	}
}

// maxQueue is how long a transaction waits for a connection before the asker is told to come back.
const maxQueue = 10 * time.Second

func (d *DB) inSQLite(ctx context.Context, from *sql.DB, f func(context.Context, *sql.Conn, func(Tx) error) error, g func(Tx) error) error {
	patience, cancel := context.WithTimeout(ctx, maxQueue)
	conn, err := from.Conn(patience)
	cancel()
	if err != nil {
		return unavailable(ctx, err)
	}
	defer conn.Close()
	return f(ctx, conn, g)
}

func (d *DB) writeIn(ctx context.Context, conn *sql.Conn, f func(Tx) error) error {
	return d.between(ctx, conn, begin, commit, f)
}

func (d *DB) readIn(ctx context.Context, conn *sql.Conn, f func(Tx) error) error {
	return d.between(ctx, conn, `BEGIN`, rollback, f)
}

// between begins and ends a transaction on SQLite by statements, because a sql.Tx starts a goroutine
// for itself and one for each query.
func (d *DB) between(ctx context.Context, conn *sql.Conn, begin, end string, f func(Tx) error) (err error) {
	whole := context.WithoutCancel(ctx) // sqlTx says why
	if _, err := conn.ExecContext(whole, begin); err != nil {
		return unavailable(ctx, err)
	}
	t := &sqlTx{tx: conn, of: d}
	done := false
	defer func() {
		if done {
			return
		}
		t.close()
		if _, err := conn.ExecContext(whole, rollback); err != nil {
			drop(conn)
		}
	}()
	if err := f(t); err != nil {
		return err
	}
	if err := t.alive(ctx); err != nil {
		return err
	}
	t.close()
	_, err = conn.ExecContext(whole, end)
	done = err == nil
	return err
}

func (d *DB) inPostgres(ctx context.Context, o pgx.TxOptions, f func(Tx) error) error {
	patience, cancel := context.WithTimeout(ctx, maxQueue)
	conn, err := d.pool.Acquire(patience)
	cancel()
	if err != nil {
		return unavailable(ctx, err)
	}
	defer conn.Release()
	tx, err := conn.BeginTx(ctx, o)
	if err != nil {
		return unavailable(ctx, err)
	}
	defer tx.Rollback(context.WithoutCancel(ctx))
	if err := f(&pgTx{tx: tx, of: d}); err != nil {
		return err
	}
	err = tx.Commit(ctx)
	if errors.Is(err, pgx.ErrTxCommitRollback) {
		return errors.Join(errDead, err)
	}
	return err
}
