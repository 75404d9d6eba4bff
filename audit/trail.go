package audit

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/page"
)

// Trail is one chain in one store. Make it with New.
type Trail struct{ prefix string }

// New names a trail; its tables are prefix_audit and prefix_audit_head. The prefix is a constant of
// the program: lower-case letters only, anything else panics.
func New(prefix string) Trail {
	if prefix == "" || strings.Trim(prefix, "abcdefghijklmnopqrstuvwxyz") != "" {
		panic("audit: prefix " + strconv.Quote(prefix))
	}
	return Trail{prefix}
}

// sql puts the trail's name into a statement.
func (t Trail) sql(s string) string { return strings.ReplaceAll(s, "{}", t.prefix) }

// Migration is the step that makes the trail's tables.
func (t Trail) Migration() db.Migration {
	return db.Migration{Name: t.prefix + " audit trail", SQL: t.sql(`
CREATE TABLE {}_audit (
	seq BIGINT PRIMARY KEY,
	at BIGINT NOT NULL,
	actor TEXT NOT NULL,
	act TEXT NOT NULL,
	object TEXT NOT NULL,
	detail TEXT NOT NULL,
	prev BYTEA NOT NULL,
	hash BYTEA NOT NULL
);
CREATE INDEX {}_audit_act ON {}_audit (act, seq);
CREATE INDEX {}_audit_object ON {}_audit (object, seq);
CREATE TABLE {}_audit_head (
	id INTEGER PRIMARY KEY,
	seq BIGINT NOT NULL,
	hash BYTEA NOT NULL
)`)}
}

// Append adds an entry to the chain inside the caller's transaction, so that there is no act without
// its entry and no entry without its act. Seq, Prev and Hash are set; the sealed entry is returned.
//
// The head row makes writers take turns: on PostgreSQL the second of two that meet is undone by the
// database and runs again (db.Write does that), on SQLite there is one writer at a time.
func (t Trail) Append(ctx context.Context, tx db.Tx, e Entry) (Entry, error) {
	if err := e.check(); err != nil {
		return Entry{}, err
	}
	var prev []byte
	err := tx.QueryRow(ctx, t.sql(`SELECT seq, hash FROM {}_audit_head WHERE id = 1`)).Scan(&e.Seq, &prev)
	if errors.Is(err, db.ErrNoRows) {
		prev = make([]byte, 32)
		_, err = tx.Exec(ctx, t.sql(`INSERT INTO {}_audit_head (id, seq, hash) VALUES (1, 0, $1) ON CONFLICT (id) DO NOTHING`), prev)
	}
	if err != nil {
		return Entry{}, err
	}
	if len(prev) != 32 {
		return Entry{}, errHead
	}
	e.Seq++
	e.Prev = [32]byte(prev)
	e.Hash = e.seal()
	// The head first: whoever comes second waits at its row and runs again, before anything else of
	// theirs could collide.
	n, err := tx.Exec(ctx, t.sql(`UPDATE {}_audit_head SET seq = $1, hash = $2 WHERE id = 1 AND seq = $3`), e.Seq, e.Hash[:], e.Seq-1)
	if err == nil && n != 1 {
		err = errHead
	}
	if err != nil {
		return Entry{}, err
	}
	_, err = tx.Exec(ctx, t.sql(`INSERT INTO {}_audit (seq, at, actor, act, object, detail, prev, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`),
		e.Seq, db.Micros(e.At), e.Actor, e.Act, e.Object, e.detail, e.Prev[:], e.Hash[:])
	return e, err
}

var errHead = errors.New("audit: the head of the chain is damaged")

const columns = `seq, at, actor, act, object, detail, prev, hash`

func scanEntry(row db.Row) (Entry, error) {
	var e Entry
	var at int64
	var prev, hash []byte
	if err := row.Scan(&e.Seq, &at, &e.Actor, &e.Act, &e.Object, &e.detail, &prev, &hash); err != nil {
		return Entry{}, err
	}
	e.At = db.FromMicros(at)
	// A damaged row is still shown and still verified: what can't be read stays empty, and the hash,
	// which covers the stored bytes, tells that it was changed.
	_ = json.Unmarshal([]byte(e.detail), &e.Detail)
	copy(e.Prev[:], prev)
	copy(e.Hash[:], hash)
	return e, nil
}

// Filter narrows a list. Empty fields match everything.
type Filter struct {
	Act    string
	Object string
}

// List returns up to n entries, the newest first, after the cursor.
func (t Trail) List(ctx context.Context, tx db.Tx, f Filter, after page.Cursor, n int) (page.Of[Entry], error) {
	before := int64(1) << 62
	if !after.IsZero() {
		var err error
		if before, err = strconv.ParseInt(after.ID, 10, 64); err != nil {
			return page.Of[Entry]{}, errCursor
		}
	}
	query, args := `SELECT `+columns+` FROM {}_audit WHERE seq < $1`, []any{before}
	if f.Act != "" {
		args = append(args, f.Act)
		query += ` AND act = $` + strconv.Itoa(len(args))
	}
	if f.Object != "" {
		args = append(args, f.Object)
		query += ` AND object = $` + strconv.Itoa(len(args))
	}
	args = append(args, n+1)
	query += ` ORDER BY seq DESC LIMIT $` + strconv.Itoa(len(args))
	var out []Entry
	err := db.Each(ctx, tx, t.sql(query), args, func(row db.Row) error {
		e, err := scanEntry(row)
		out = append(out, e)
		return err
	})
	if err != nil {
		return page.Of[Entry]{}, err
	}
	return page.Cut(out, n, func(e Entry) page.Cursor {
		return page.Cursor{At: e.At, ID: strconv.FormatInt(e.Seq, 10)}
	}), nil
}
