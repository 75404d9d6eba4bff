package records

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/search"
	"github.com/mitral-health/mitral/platform/db"
)

// late is what a transaction writes at once: before it reads, and at its end.
type late struct {
	fresh    [][]any        // rows of resource whose id somebody else may have taken
	own      [][]any        // rows of resource with an id of ours
	changed  []db.Statement // of resource, each of one row
	versions [][]any
	added    []key
	removed  []db.Statement
	along    []db.Statement // of others
}

type key struct {
	key []byte
	res int64
}

func (l *late) empty() bool { return len(l.versions) == 0 && len(l.changed) == 0 && len(l.along) == 0 }

// errNumber says that another process makes the same numbers.
var errNumber = errors.New("records: a number is taken")

// errFaster is for the second of two who change a record.
func errFaster() error {
	return outcome.New(http.StatusConflict, outcome.Conflict, "", "Somebody else has changed this record meanwhile. Read it again.")
}

// made is a version to be written, with what it is found by.
type made struct {
	Record
	terms search.Terms
	own   bool // its id is ours
	node  *resource.Node
}

// make gives n id and meta and says what row it will be. Nothing is written yet.
func (t *Tx) make(typ, id, method string, version int64, updated time.Time, n *resource.Node) made {
	stamp(n, id, version, updated)
	return made{
		Record: Record{Type: typ, ID: id, Version: version, Updated: updated, Method: method, Body: n.Bytes(), Created: version == 1},
		terms:  search.Extract(n, updated, search.Options{Base: t.store.base}),
		node:   n,
	}
}

// insert puts a new record among the rows to be written, under the number that it returns.
func (t *Tx) insert(m made) int64 {
	seq, at := t.number(), db.Micros(m.Updated)
	t.watch(m, seq, nil)
	row := []any{seq, m.Type, m.ID, m.Version, seq, at, false, m.terms.Pack()}
	if m.own {
		t.late.own = append(t.late.own, row)
	} else {
		t.late.fresh = append(t.late.fresh, row)
	}
	t.late.versions = append(t.late.versions, []any{seq, seq, m.Type, m.ID, m.Version, at, m.Method, string(m.Body)})
	for k := range m.terms.Index() {
		t.late.added = append(t.late.added, key{k, seq})
	}
	return seq
}

// replace puts the next version of old among the rows to be written.
func (t *Tx) replace(old row, m made) {
	seq, at := t.number(), db.Micros(m.Updated)
	t.watch(m, old.res, &old.terms)
	before, now := old.terms, m.terms
	if old.deleted {
		before = search.Terms{}
	}
	if m.Deleted {
		now = search.Terms{}
	}
	t.late.changed = append(t.late.changed, db.Statement{
		// Whoever comes second gives the version no value, which kills the transaction, wherever it is.
		SQL:  `UPDATE resource SET version = CASE WHEN version = $2 THEN CAST($3 AS BIGINT) END, seq = $4, updated = $5, deleted = $6, terms = $7 WHERE res = $1`,
		Args: []any{old.res, old.version, m.Version, seq, at, m.Deleted, m.terms.Pack()},
	})
	t.late.versions = append(t.late.versions, []any{seq, old.res, m.Type, m.ID, m.Version, at, m.Method, string(m.Body)})
	removed, added := search.Diff(before, now)
	t.late.removed = append(t.late.removed, t.store.unindexing(old.res, removed)...)
	for _, k := range added {
		t.late.added = append(t.late.added, key{k, old.res})
	}
}

func (t *Tx) number() int64 { return t.store.numbers.next(t.store.clock.Now()) }

// flush writes the rows. On PostgreSQL it takes one round trip.
func (t *Tx) flush(ctx context.Context) error { return t.put(ctx, db.ExecAll) }

// finish is flush at the end. Where nothing that was written can turn out to be in vain, it commits.
func (t *Tx) finish(ctx context.Context) error {
	if len(t.late.fresh) > 0 {
		return t.flush(ctx)
	}
	return t.put(ctx, db.Finish)
}

func (t *Tx) put(ctx context.Context, run func(context.Context, db.Tx, []db.Statement) ([]int64, error)) error {
	l := &t.late
	if l.empty() {
		return nil
	}
	var all []db.Statement
	var want []int64 // rows that must change; -1: any number
	add := func(n int64, s db.Statement) { all, want = append(all, s), append(want, n) }
	for _, s := range l.changed {
		add(-1, s)
	}
	for rows := range slices.Chunk(l.fresh, 64) {
		add(int64(len(rows)), insertion(resourceRow, rows))
	}
	for rows := range slices.Chunk(l.own, 64) {
		add(-1, insertion(ownRow, rows))
	}
	for rows := range slices.Chunk(l.versions, 64) {
		add(-1, insertion(versionRow, rows))
	}
	for _, s := range l.removed {
		add(-1, s)
	}
	if len(l.added) > 64 { // in the order of the index
		slices.SortFunc(l.added, func(a, b key) int { return bytes.Compare(a.key, b.key) })
	}
	for _, s := range t.store.indexing(l.added) {
		add(-1, s)
	}
	for _, s := range l.along {
		add(-1, s)
	}
	*l = late{}
	t.wrote = true
	changed, err := run(ctx, t.db, all)
	for i, n := range changed {
		if want[i] >= 0 && n != want[i] {
			return errFaster()
		}
	}
	if db.IsNull(err) {
		return errFaster()
	}
	if db.IsUnique(err) {
		return errors.Join(errNumber, err)
	}
	return err
}

// table is an INSERT of several rows: its beginning, columns and end.
type table struct {
	into    string
	columns int
	end     string
}

var (
	resourceRow = table{`INSERT INTO resource (res, type, id, version, seq, updated, deleted, terms) VALUES `, 8, ` ON CONFLICT (type, id) DO NOTHING`}
	ownRow      = table{`INSERT INTO resource (res, type, id, version, seq, updated, deleted, terms) VALUES `, 8, ``}
	versionRow  = table{`INSERT INTO version (seq, res, type, id, version, at, method, body) VALUES `, 8, ``}
	indexRow    = table{`INSERT INTO idx (key, res) VALUES `, 2, ` ON CONFLICT DO NOTHING`}
)

func insertion(of table, rows [][]any) db.Statement {
	args := make([]any, 0, len(rows)*of.columns)
	for _, r := range rows {
		args = append(args, r...)
	}
	return db.Statement{SQL: text(of, len(rows)), Args: args}
}

// sizes are how many rows an INSERT into the index has, so that few statements stay prepared. What is
// missing is filled with the last row again, which is not inserted twice.
var sizes = []int{1, 2, 4, 6, 8, 12, 16, 20, 24, 32, 40, 48, 64, 96, 128}

func size(n int) int {
	i, _ := slices.BinarySearch(sizes, n)
	return sizes[i]
}

// texts are statements by their beginning and number of rows.
var texts sync.Map

type textKey struct {
	of string
	n  int
}

// text is an INSERT of n rows.
func text(of table, n int) string {
	if s, ok := texts.Load(textKey{of.into + of.end, n}); ok {
		return s.(string)
	}
	var b strings.Builder
	b.WriteString(of.into)
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteByte('(')
		for c := range of.columns {
			if c > 0 {
				b.WriteString(", ")
			}
			b.WriteString("$" + strconv.Itoa(i*of.columns+c+1))
		}
		b.WriteByte(')')
	}
	b.WriteString(of.end)
	texts.Store(textKey{of.into + of.end, n}, b.String())
	return b.String()
}

// list is a statement with n placeholders from $first on in the middle.
func list(before string, first, n int, after string) string {
	if s, ok := texts.Load(textKey{before + after, n<<16 | first}); ok {
		return s.(string)
	}
	var b strings.Builder
	b.WriteString(before)
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString("$" + strconv.Itoa(first+i))
	}
	b.WriteString(after)
	texts.Store(textKey{before + after, n<<16 | first}, b.String())
	return b.String()
}
