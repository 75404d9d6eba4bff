package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"strings"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// connector opens SQLite connections that can reach one file only and that keep their statements
// prepared: parsing costs more than running for nearly all of ours (bench/db: 45 µs against 12 µs
// for a row by its key).
type connector struct{ driver.Connector }

// Connect opens one connection and forbids ATTACH on it. The limit can be set only through a
// checked-out sql.Conn, so each connection sits alone in a pool of its own, from which it is never
// given back before Close.
func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	pool := sql.OpenDB(c.Connector)
	held, err := pool.Conn(ctx)
	if err == nil {
		_, err = sqlite.Limit(held, sqlite3.SQLITE_LIMIT_ATTACHED, 0)
	}
	out := &conn{stmts: map[string]*prepared{}, close: func() error { return errors.Join(held.Close(), pool.Close()) }}
	if err == nil {
		err = held.Raw(func(raw any) error {
			e, ok := raw.(engine)
			if !ok {
				return fmt.Errorf("the SQLite driver's %T lacks a method that is needed", raw)
			}
			out.engine = e
			return nil
		})
	}
	if err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	return out, nil
}

// engine is what the SQLite driver's connections can do.
type engine interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// conn is one connection with its prepared statements. database/sql never uses it from two
// goroutines at a time.
type conn struct {
	engine
	stmts  map[string]*prepared
	inside bool // a transaction of Write
	close  func() error
}

// The statements between which Write and Read run.
const (
	begin    = `BEGIN IMMEDIATE`
	commit   = `COMMIT`
	rollback = `ROLLBACK`
)

// BeginTx implements driver.ConnBeginTx. Within a transaction of Write what begins is a part of it
// that needs no end of its own.
func (c *conn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	if c.inside {
		return part{}, nil
	}
	return c.engine.BeginTx(ctx, o)
}

type part struct{}

func (part) Commit() error   { return nil }
func (part) Rollback() error { return nil }

// prepared is a statement that is kept. While rows of it are open it is busy, and the same text is
// run beside it in the ordinary way.
type prepared struct {
	stmt reusable
	busy bool
}

type reusable interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

const maxPrepared = 120 // a few kB each

// ExecContext implements driver.ExecerContext.
func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	p, err := c.prepared(ctx, query)
	if err != nil {
		return nil, err
	}
	if p == nil {
		return c.engine.ExecContext(ctx, query, args)
	}
	res, err := p.stmt.ExecContext(ctx, args)
	if err == nil {
		switch query {
		case begin:
			c.inside = true
		case commit, rollback:
			c.inside = false
		}
	}
	return res, err
}

// QueryContext implements driver.QueryerContext.
func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	p, err := c.prepared(ctx, query)
	if err != nil {
		return nil, err
	}
	var rows driver.Rows
	if p == nil {
		rows, err = c.engine.QueryContext(ctx, query, args)
		p = &prepared{}
	} else {
		rows, err = p.stmt.QueryContext(ctx, args)
	}
	if err != nil {
		return nil, err
	}
	p.busy = true
	return &openRows{typedRows: rows.(typedRows), of: p}, nil
}

// Close finalizes the statements and closes the connection.
func (c *conn) Close() error {
	c.drop()
	return c.close()
}

// prepared returns the kept statement for query, or nil if it is not to be kept or is busy.
func (c *conn) prepared(ctx context.Context, query string) (*prepared, error) {
	if p := c.stmts[query]; p != nil {
		if p.busy {
			return nil, nil
		}
		return p, nil
	}
	if !worthKeeping(query) {
		return nil, nil
	}
	if len(c.stmts) >= maxPrepared {
		c.drop()
	}
	s, err := c.engine.PrepareContext(ctx, positional(steady(query)))
	if err != nil {
		return nil, err
	}
	r, ok := s.(reusable)
	if !ok {
		return nil, s.Close()
	}
	p := &prepared{stmt: r}
	c.stmts[query] = p
	return p, nil
}

// steady writes LIMIT $1 as LIMIT $1+0. Of a bare placeholder SQLite looks at the value, to plan by it, and so
// parses the statement anew whenever it is given another: 57 µs for what runs in 4 (BenchmarkLimit).
func steady(query string) string {
	const limit = "LIMIT $"
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(query, limit)
		out.WriteString(before)
		if !found {
			return out.String()
		}
		end := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
		out.WriteString(limit + rest[:end])
		if strings.Count(out.String(), "'")%2 == 0 { // and not within a text
			out.WriteString("+0")
		}
		query = rest[end:]
	}
}

// positional writes $1, $2, $3 as ?, ?, ? if they stand in this order, each once. SQLite takes $1 for a
// name and looks through all names to bind each value; with 200 values that costs more than the rest.
func positional(query string) string {
	out := make([]byte, 0, len(query))
	next, quoted := 1, false
	for i := 0; i < len(query); i++ {
		c := query[i]
		if c == '\'' {
			quoted = !quoted
		}
		if c != '$' || quoted {
			out = append(out, c)
			continue
		}
		n := 0
		for i+1 < len(query) && query[i+1] >= '0' && query[i+1] <= '9' {
			i++
			n = 10*n + int(query[i]-'0')
		}
		if n != next {
			return query
		}
		next++
		out = append(out, '?')
	}
	return string(out)
}

// drop forgets the statements that are not busy. There are more than maxPrepared texts only if a
// list of placeholders varies, and then starting anew is as good as any order.
func (c *conn) drop() {
	for q, p := range c.stmts {
		if !p.busy {
			p.stmt.Close()
			delete(c.stmts, q)
		}
	}
}

// worthKeeping reports whether query is one statement that reads or changes rows, or one of ours.
func worthKeeping(query string) bool {
	q := strings.TrimSpace(query)
	for strings.HasPrefix(q, "--") {
		_, q, _ = strings.Cut(q, "\n")
		q = strings.TrimSpace(q)
	}
	word, _, _ := strings.Cut(q, " ")
	word, _, _ = strings.Cut(word, "\n")
	switch strings.ToUpper(word) {
	case "SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE":
		return !strings.Contains(strings.TrimRight(q, "; \n\t"), ";")
	}
	return false
}

// typedRows is what the SQLite driver's rows can do.
type typedRows interface {
	driver.Rows
	driver.RowsColumnTypeDatabaseTypeName
	driver.RowsColumnTypeLength
	driver.RowsColumnTypeNullable
	driver.RowsColumnTypePrecisionScale
	driver.RowsColumnTypeScanType
}

// openRows frees its statement when closed.
type openRows struct {
	typedRows
	of *prepared
}

func (r *openRows) Close() error {
	if r.of == nil {
		return nil
	}
	err := r.typedRows.Close()
	r.of.busy, r.of = false, nil
	return err
}

func (r *openRows) Next(dest []driver.Value) error {
	if r.of == nil {
		return io.EOF
	}
	err := r.typedRows.Next(dest)
	for i := range dest {
		if b, ok := dest[i].([]byte); ok && b == nil {
			dest[i] = []byte{} // the driver's way to say "no bytes", which would be read as NULL
		}
	}
	return err
}
