package db

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// sharedTx is a transaction of WriteShared on PostgreSQL. BEGIN goes with its first statement and, if
// Finish ends it, COMMIT with its last ones: a round trip costs both sides more than a row by its key.
type sharedTx struct {
	conn  *pgxpool.Conn
	of    *DB
	begun bool
	ended bool // committed by Finish
}

const (
	pgBegin  = `BEGIN ISOLATION LEVEL READ COMMITTED`
	pgCommit = `COMMIT`
)

func (d *DB) sharedPostgres(ctx context.Context, f func(Tx) error) (err error) {
	patience, cancel := context.WithTimeout(ctx, maxQueue)
	conn, err := d.pool.Acquire(patience)
	cancel()
	if err != nil {
		return unavailable(ctx, err)
	}
	defer conn.Release() // one that is still in a transaction is closed
	t := &sharedTx{conn: conn, of: d}
	defer func() {
		if t.begun && !t.ended {
			_, _ = conn.Exec(context.WithoutCancel(ctx), rollback)
		}
	}()
	if err := f(t); err != nil {
		if t.ended {
			return errors.Join(errEnded, err)
		}
		return err
	}
	if !t.begun || t.ended {
		return nil
	}
	tag, err := conn.Exec(ctx, pgCommit)
	if err != nil {
		return err
	}
	t.ended = true
	if tag.String() != pgCommit { // PostgreSQL rolls a dead transaction back and does not call it an error
		return errDead
	}
	return nil
}

var errEnded = errors.New("a function failed after it had finished its transaction")

// first sends BEGIN and one statement together; the caller reads the statement's answer and closes.
func (t *sharedTx) first(ctx context.Context, query string, args []any) (pgx.BatchResults, error) {
	t.begun = true
	var b pgx.Batch
	b.Queue(pgBegin)
	b.Queue(query, args...)
	r := t.conn.SendBatch(ctx, &b)
	if _, err := r.Exec(); err != nil {
		_ = r.Close()
		return nil, err
	}
	return r, nil
}

func (t *sharedTx) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	if t.begun {
		tag, err := t.conn.Exec(ctx, query, args...)
		return tag.RowsAffected(), err
	}
	r, err := t.first(ctx, query, args)
	if err != nil {
		return 0, err
	}
	tag, err := r.Exec()
	return tag.RowsAffected(), errors.Join(err, r.Close())
}

func (t *sharedTx) Query(ctx context.Context, query string, args ...any) (Rows, error) {
	if t.begun {
		return t.conn.Query(ctx, query, args...)
	}
	r, err := t.first(ctx, query, args)
	if err != nil {
		return nil, err
	}
	rows, err := r.Query()
	if err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return firstRows{rows, r}, nil
}

func (t *sharedTx) QueryRow(ctx context.Context, query string, args ...any) Row {
	rows, err := t.Query(ctx, query, args...)
	return oneRow{rows, err}
}

// firstRows are rows of a statement that went with BEGIN.
type firstRows struct {
	pgx.Rows
	batch pgx.BatchResults
}

func (r firstRows) Close() {
	r.Rows.Close()
	_ = r.batch.Close() // an error of the statement is that of the rows
}

// oneRow is the first of rows, or why there is none.
type oneRow struct {
	rows Rows
	err  error
}

func (r oneRow) Scan(dest ...any) error {
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
	r.rows.Close()
	return r.rows.Err()
}

// execAll runs statements in one round trip, after BEGIN if it is the first and before COMMIT if end.
func (t *sharedTx) execAll(ctx context.Context, statements []Statement, end bool) ([]int64, error) {
	var b pgx.Batch
	began := !t.begun
	if began {
		b.Queue(pgBegin)
		t.begun = true
	}
	for _, s := range statements {
		b.Queue(s.SQL, s.Args...)
	}
	if end {
		b.Queue(pgCommit)
	}
	r := t.conn.SendBatch(ctx, &b)
	changed, err := read(r, began, len(statements))
	if err == nil && end {
		_, err = r.Exec()
		t.ended = err == nil
	}
	return changed, errors.Join(err, r.Close())
}

// read reads how many rows each of n statements changed; skip leaves out the answer before them.
func read(r pgx.BatchResults, skip bool, n int) ([]int64, error) {
	if skip {
		if _, err := r.Exec(); err != nil {
			return nil, err
		}
	}
	changed := make([]int64, 0, n)
	for range n {
		tag, err := r.Exec()
		if err != nil {
			return changed, err
		}
		changed = append(changed, tag.RowsAffected())
	}
	return changed, nil
}

// joined is the transaction as pgx knows one, for platform/jobs.
type joined struct{ *pgConn }

type pgConn = pgx.Conn

var errJoined = errors.New("this transaction is ended by whoever began it")

func (joined) Commit(context.Context) error   { return errJoined }
func (joined) Rollback(context.Context) error { return errJoined }
func (joined) LargeObjects() pgx.LargeObjects { return pgx.LargeObjects{} }
func (j joined) Conn() *pgx.Conn              { return j.pgConn }

// asPGX begins the transaction, if nothing did, and shows it as pgx's.
func (t *sharedTx) asPGX() (pgx.Tx, bool) {
	if !t.begun {
		if _, err := t.conn.Exec(context.Background(), pgBegin); err != nil {
			return nil, false
		}
		t.begun = true
	}
	return joined{t.conn.Conn()}, true
}
