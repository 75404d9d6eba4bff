package db

import (
	"context"
	"database/sql"
	"errors"
	"sync"

	"github.com/jackc/pgx/v5"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/mitral-health/mitral/platform/fault"
)

// WriteShared is Write for many small writers at a time. It promises the same about the disk and
// about all or nothing, and less about order:
//
//   - On PostgreSQL it runs at READ COMMITTED: each statement sees what was committed when it began.
//     A rule over several rows must be held by a constraint, by UPDATE … WHERE of what was read, or by
//     a row that is locked first; what was read and not locked may have changed by the end.
//   - On SQLite those who wait at the same time share one transaction and one wait for the disk, each
//     in a savepoint. They run one after the other, on their own goroutines.
//
// It returns after the commit. Like Write it may run f again.
func (d *DB) WriteShared(ctx context.Context, f func(Tx) error) error {
	return again(ctx, func() error {
		if d.pool != nil {
			return d.sharedPostgres(ctx, f)
		}
		return d.shared.write(ctx, d, f)
	})
}

// maxShared is how many may share a transaction: the first waits for the last.
const maxShared = 64

// sharing brings together those who want to write on SQLite.
type sharing struct {
	mu   sync.Mutex
	open *batch // to be joined; nil if the next one must begin a batch
}

// batch is one transaction of several writers. Whoever began it leads it: begins, gives the others
// their turns, commits.
type batch struct {
	waiting []chan *sql.Conn // turns to give; guarded by sharing.mu
	joined  int
	back    chan error    // what ends a turn: an error that breaks the batch, or nil
	done    chan struct{} // closed after the commit
	err     error         // of the batch; set before done
}

func (s *sharing) write(ctx context.Context, d *DB, f func(Tx) error) error {
	s.mu.Lock()
	b := s.open
	if b == nil {
		b = &batch{back: make(chan error), done: make(chan struct{}), joined: 1}
		s.open = b
		s.mu.Unlock()
		return s.lead(ctx, d, b, f)
	}
	turn := make(chan *sql.Conn, 1)
	b.waiting = append(b.waiting, turn)
	if b.joined++; b.joined == maxShared {
		s.open = nil
	}
	s.mu.Unlock()

	select {
	case conn := <-turn:
		return b.follow(ctx, d, conn, f)
	case <-b.done: // it broke before the turn came
		return b.err
	}
}

func (b *batch) follow(ctx context.Context, d *DB, conn *sql.Conn, f func(Tx) error) error {
	returned, broken, err := false, error(nil), error(nil)
	func() {
		defer func() {
			if !returned {
				broken = errPanic
			}
			b.back <- broken
		}()
		err, broken = d.part(ctx, conn, f)
		returned = true
	}()
	<-b.done
	if b.err != nil {
		return b.err
	}
	return err
}

var errPanic = errors.New("a function that shared the transaction did not return")

func (s *sharing) lead(ctx context.Context, d *DB, b *batch, f func(Tx) error) (err error) {
	whole := context.WithoutCancel(ctx) // the others' work does not end with the leader's patience
	end := func() {
		s.mu.Lock()
		if s.open == b {
			s.open = nil
		}
		s.mu.Unlock()
		close(b.done)
	}
	defer end()
	b.err = errShared // until the commit says otherwise
	patience, cancel := context.WithTimeout(whole, maxQueue)
	conn, err := d.write.Conn(patience)
	cancel()
	if err != nil {
		b.err = unavailable(whole, err)
		return b.err
	}
	defer conn.Close()
	if _, err := conn.ExecContext(whole, begin); err != nil {
		b.err = unavailable(whole, err)
		return b.err
	}
	committed := false
	defer func() {
		if committed {
			return
		}
		if _, err := conn.ExecContext(whole, rollback); err != nil {
			drop(conn)
		}
	}()
	mine, broken := d.first(ctx, conn, f)
	for broken == nil {
		s.mu.Lock()
		if len(b.waiting) == 0 {
			if s.open == b {
				s.open = nil
			}
			s.mu.Unlock()
			break
		}
		turn := b.waiting[0]
		b.waiting = b.waiting[1:]
		s.mu.Unlock()
		turn <- conn
		broken = <-b.back
	}
	if broken != nil {
		b.err = fault.Wrap(broken, fault.Unavailable, "The database does not answer. Try again in a minute.")
		if errors.Is(broken, errPanic) {
			b.err = errShared
		}
		return b.err
	}
	if _, err := conn.ExecContext(whole, commit); err != nil {
		b.err = err
		return err
	}
	committed, b.err = true, nil
	return mine
}

// errShared makes the others of a broken batch try again.
var errShared = fault.New(fault.Unavailable, "The database was interrupted. Try again.")

// first runs f at the beginning of the transaction, where it needs no savepoint, which would have
// SQLite remember every page as it was.
func (d *DB) first(ctx context.Context, conn *sql.Conn, f func(Tx) error) (err, broken error) {
	if err := ctx.Err(); err != nil {
		return err, nil
	}
	t := &sqlTx{tx: conn, of: d}
	err = f(t)
	if err == nil {
		err = t.alive(ctx)
	}
	t.close()
	if ends(t.failed) {
		return err, t.failed
	}
	if err == nil {
		return nil, nil
	}
	whole := context.WithoutCancel(ctx)
	if _, broken := conn.ExecContext(whole, rollback); broken != nil {
		return err, broken
	}
	_, broken = conn.ExecContext(whole, begin)
	return err, broken
}

// part runs f in a savepoint. broken is set when the whole transaction can't go on.
func (d *DB) part(ctx context.Context, conn *sql.Conn, f func(Tx) error) (err, broken error) {
	if err := ctx.Err(); err != nil {
		return err, nil
	}
	whole := context.WithoutCancel(ctx)
	if _, err := conn.ExecContext(whole, `SAVEPOINT part`); err != nil {
		return err, err
	}
	t := &sqlTx{tx: conn, of: d}
	err = f(t)
	if err == nil {
		err = t.alive(ctx)
	}
	t.close()
	if ends(t.failed) {
		return err, t.failed
	}
	if err != nil {
		if _, broken := conn.ExecContext(whole, `ROLLBACK TO part`); broken != nil {
			return err, broken
		}
	}
	if _, broken := conn.ExecContext(whole, `RELEASE part`); broken != nil {
		return err, broken
	}
	return err, nil
}

// ends reports whether SQLite may have rolled the whole transaction back by itself.
func ends(err error) bool {
	var lite *sqlite.Error
	if !errors.As(err, &lite) {
		return false
	}
	switch lite.Code() & 0xff {
	case sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_RANGE:
		return false
	}
	return true
}

// Statement is one to run in ExecAll.
type Statement struct {
	SQL  string
	Args []any
}

// ExecAll runs statements in order, on PostgreSQL in one round trip, and returns how many rows each
// changed. The first that fails kills the transaction.
func ExecAll(ctx context.Context, tx Tx, statements []Statement) ([]int64, error) {
	return run(ctx, tx, statements, false)
}

// Finish is ExecAll for the last statements of WriteShared, which on PostgreSQL commits in the same round
// trip. Nothing may follow it, and f must not fail after it: what must hold for the commit is a
// constraint, not a look at what Finish returns.
func Finish(ctx context.Context, tx Tx, statements []Statement) ([]int64, error) {
	return run(ctx, tx, statements, true)
}

func run(ctx context.Context, tx Tx, statements []Statement, end bool) ([]int64, error) {
	switch pg := tx.(type) {
	case *sharedTx:
		return pg.execAll(ctx, statements, end)
	case *pgTx:
		var b pgx.Batch
		for _, s := range statements {
			b.Queue(s.SQL, s.Args...)
		}
		r := pg.tx.SendBatch(ctx, &b)
		changed, err := read(r, false, len(statements))
		return changed, errors.Join(err, r.Close())
	}
	changed := make([]int64, 0, len(statements))
	for _, s := range statements {
		n, err := tx.Exec(ctx, s.SQL, s.Args...)
		if err != nil {
			return changed, err
		}
		changed = append(changed, n)
	}
	return changed, nil
}
