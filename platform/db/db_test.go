package db_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/db/dbtest"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/id"
)

var things = []db.Migration{{Name: "things", SQL: `
CREATE TABLE things (id TEXT PRIMARY KEY, n BIGINT NOT NULL, flag BOOLEAN, raw BYTEA, note TEXT UNIQUE);
CREATE TABLE parts (id TEXT PRIMARY KEY, thing TEXT NOT NULL REFERENCES things (id));
INSERT INTO things (id, n) VALUES ('a', 0);
`}}

type thing struct{}

func TestValuesComeBackAsTheyWent(t *testing.T) {
	dbtest.Each(t, "social", things, func(t *testing.T, store *db.DB) {
		ctx := t.Context()
		type row struct {
			n    int64
			flag *bool
			raw  []byte
			note *string
		}
		yes, no, text, empty := true, false, "naïve ☂ \U0001F600", ""
		rows := map[string]row{
			"full":  {db.Micros(time.Date(2026, 1, 2, 3, 4, 5, 678901000, time.UTC)), &yes, []byte{0, 1, 255}, &text},
			"null":  {-1 << 63, nil, nil, nil},
			"empty": {1<<63 - 1, &no, []byte{}, &empty},
		}
		for name, r := range rows {
			err := store.Write(ctx, func(tx db.Tx) error {
				n, err := tx.Exec(ctx, `INSERT INTO things (id, n, flag, raw, note) VALUES ($1, $2, $3, $4, $5)`, name, r.n, r.flag, r.raw, r.note)
				if n != 1 {
					t.Errorf("%s: %d rows inserted", name, n)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		for name, want := range rows {
			var got row
			err := store.Read(ctx, func(tx db.Tx) error {
				return tx.QueryRow(ctx, `SELECT n, flag, raw, note FROM things WHERE id = $1`, name).Scan(&got.n, &got.flag, &got.raw, &got.note)
			})
			if err != nil {
				t.Fatal(err)
			}
			if got.n != want.n || !same(got.flag, want.flag) || !bytes.Equal(got.raw, want.raw) || (got.raw == nil) != (want.raw == nil) || !same(got.note, want.note) {
				t.Errorf("%s: got %+v, want %+v", name, got, want)
			}
		}
		var n int
		err := store.Read(ctx, func(tx db.Tx) error {
			return tx.QueryRow(ctx, `SELECT count(*) FROM things WHERE flag = TRUE AND note LIKE 'na%' AND NOT note LIKE 'NA%'`).Scan(&n)
		})
		if err != nil || n != 1 {
			t.Errorf("flags or LIKE: %d, %v", n, err)
		}
	})
}

func same[T comparable](a, b *T) bool {
	return a == nil && b == nil || a != nil && b != nil && *a == *b
}

func TestIDs(t *testing.T) {
	dbtest.Each(t, "social", things, func(t *testing.T, store *db.DB) {
		ctx := t.Context()
		want := id.Random[thing]()
		var got, none id.Of[thing]
		err := store.Write(ctx, func(tx db.Tx) error {
			if _, err := tx.Exec(ctx, `INSERT INTO things (id, n, note) VALUES ($1, 0, $2)`, want, none); err != nil {
				return err
			}
			return tx.QueryRow(ctx, `SELECT id, note FROM things WHERE id = $1 AND note IS NULL`, want).Scan(&got, &none)
		})
		if err != nil || got != want || !none.IsZero() {
			t.Errorf("got %v %v, want %v: %v", got, none, want, err)
		}
	})
}

func TestErrors(t *testing.T) {
	dbtest.Each(t, "social", things, func(t *testing.T, store *db.DB) {
		ctx := t.Context()
		insert := `INSERT INTO things (id, n, note) VALUES ($1, 0, $2)`
		err := store.Read(ctx, func(tx db.Tx) error {
			var s string
			return tx.QueryRow(ctx, `SELECT id FROM things WHERE id = 'nobody'`).Scan(&s)
		})
		if !errors.Is(err, db.ErrNoRows) {
			t.Errorf("no row: %v", err)
		}
		for _, args := range [][]any{{"a", "x"}, {"b", "x"}, {"c", "x"}} {
			err = store.Write(ctx, func(tx db.Tx) error { _, err := tx.Exec(ctx, insert, args...); return err })
			if want := args[0] != "b"; db.IsUnique(err) != want {
				t.Errorf("%v: unique violation is %v: %v", args, !want, err)
			}
		}
		err = store.Write(ctx, func(tx db.Tx) error {
			var s string
			return tx.QueryRow(ctx, insert+` RETURNING id`, "a", "y").Scan(&s)
		})
		if !db.IsUnique(err) {
			t.Errorf("unique violation with RETURNING: %v", err)
		}
		err = store.Write(ctx, func(tx db.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO parts (id, thing) VALUES ('p', 'nothing')`)
			return err
		})
		if err == nil || db.IsUnique(err) {
			t.Errorf("foreign key: %v", err)
		}
		err = store.Write(ctx, func(tx db.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE things SET note = "a" WHERE id = 'a'`)
			return err
		})
		if err == nil {
			t.Error("a double-quoted string was taken")
		}
	})
}

// What PostgreSQL does by nature, SQLite must do too, or tests there prove nothing.
func TestFailedStatementKillsTheTransaction(t *testing.T) {
	dbtest.Each(t, "social", things, func(t *testing.T, store *db.DB) {
		ctx := t.Context()
		for name, swallow := range map[string]func(tx db.Tx) error{
			"exec": func(tx db.Tx) error { _, err := tx.Exec(ctx, `INSERT INTO things (id, n) VALUES ('a', 1)`); return err },
			"row": func(tx db.Tx) error {
				var s string
				return tx.QueryRow(ctx, `INSERT INTO things (id, n) VALUES ('a', 1) RETURNING id`).Scan(&s)
			},
			"syntax": func(tx db.Tx) error { _, err := tx.Exec(ctx, `SELEC`); return err },
		} {
			for _, further := range []bool{true, false} {
				err := store.Write(ctx, func(tx db.Tx) error {
					if _, err := tx.Exec(ctx, `INSERT INTO things (id, n) VALUES ('z', 1)`); err != nil {
						return err
					}
					if swallow(tx) == nil {
						t.Errorf("%s: no error", name)
					}
					if further {
						_, err := tx.Exec(ctx, `INSERT INTO things (id, n) VALUES ('y', 1)`)
						return err
					}
					return nil
				})
				if err == nil {
					t.Errorf("%s, further %v: committed", name, further)
				}
			}
		}
		var n int
		if err := store.Read(ctx, func(tx db.Tx) error { return tx.QueryRow(ctx, `SELECT count(*) FROM things`).Scan(&n) }); err != nil || n != 1 {
			t.Errorf("%d things, want 1: %v", n, err)
		}
	})
}

func TestConcurrentIncrements(t *testing.T) {
	dbtest.Each(t, "social", things, func(t *testing.T, store *db.DB) {
		const writers, each = 6, 15
		var wg sync.WaitGroup
		for range writers {
			wg.Go(func() {
				for range each {
					err := store.Write(t.Context(), func(tx db.Tx) error {
						var n int64
						if err := tx.QueryRow(t.Context(), `SELECT n FROM things WHERE id = 'a'`).Scan(&n); err != nil {
							return err
						}
						_, err := tx.Exec(t.Context(), `UPDATE things SET n = $1 WHERE id = 'a'`, n+1)
						return err
					})
					if err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		wg.Wait()
		var n int64
		err := store.Read(t.Context(), func(tx db.Tx) error {
			return tx.QueryRow(t.Context(), `SELECT n FROM things WHERE id = 'a'`).Scan(&n)
		})
		if err != nil || n != writers*each {
			t.Errorf("%d increments are left of %d: %v", n, writers*each, err)
		}
	})
}

func TestReadSeesOneMomentAndCannotWrite(t *testing.T) {
	dbtest.Each(t, "social", things, func(t *testing.T, store *db.DB) {
		ctx := t.Context()
		count := func(tx db.Tx) (n int) {
			if err := tx.QueryRow(ctx, `SELECT count(*) FROM things`).Scan(&n); err != nil {
				t.Error(err)
			}
			return n
		}
		err := store.Read(ctx, func(tx db.Tx) error {
			before := count(tx)
			err := store.Write(ctx, func(tx db.Tx) error {
				_, err := tx.Exec(ctx, `INSERT INTO things (id, n) VALUES ('new', 1)`)
				return err
			})
			if err != nil {
				return err
			}
			if after := count(tx); after != before {
				t.Errorf("%d rows, then %d in the same Read", before, after)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range []string{`DELETE FROM things`, `CREATE TABLE x (id TEXT)`, `INSERT INTO things (id, n) VALUES ('q', 1)`} {
			err := store.Read(ctx, func(tx db.Tx) error { _, err := tx.Exec(ctx, q); return err })
			if err == nil {
				t.Errorf("Read ran %s", q)
			}
		}
		if err := store.Read(ctx, func(tx db.Tx) error {
			if n := count(tx); n != 2 {
				t.Errorf("%d rows, want 2", n)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	})
}

func TestUndone(t *testing.T) {
	dbtest.Each(t, "social", things, func(t *testing.T, store *db.DB) {
		ctx := t.Context()
		count := func() (n int) {
			err := store.Read(ctx, func(tx db.Tx) error { return tx.QueryRow(ctx, `SELECT count(*) FROM things`).Scan(&n) })
			if err != nil {
				t.Error(err)
			}
			return n
		}
		add := func(ctx context.Context, tx db.Tx) {
			if _, err := tx.Exec(ctx, `INSERT INTO things (id, n) VALUES ('new', 1)`); err != nil {
				t.Error(err)
			}
		}
		want := errors.New("no")
		if err := store.Write(ctx, func(tx db.Tx) error { add(ctx, tx); return want }); !errors.Is(err, want) {
			t.Errorf("error: %v", err)
		}
		func() {
			defer func() { recover() }()
			store.Write(ctx, func(tx db.Tx) error { add(ctx, tx); panic("no") })
		}()
		short, cancel := context.WithCancel(ctx)
		if err := store.Write(short, func(tx db.Tx) error { add(ctx, tx); cancel(); return nil }); err == nil {
			t.Error("committed although its context had ended")
		}
		if n := count(); n != 1 {
			t.Errorf("%d things, want 1", n)
		}
	})
}

// WriteSoft writes as Write does, and Write waits for the disk again afterwards.
func TestWriteSoft(t *testing.T) {
	dbtest.Each(t, "social", things, func(t *testing.T, store *db.DB) {
		ctx := t.Context()
		waits := func(run func(context.Context, func(db.Tx) error) error) (level string) {
			query := `SHOW synchronous_commit`
			if isSQLite(store) {
				query = `PRAGMA synchronous`
			}
			if err := run(ctx, func(tx db.Tx) error { return tx.QueryRow(ctx, query).Scan(&level) }); err != nil {
				t.Fatal(err)
			}
			return level
		}
		before := waits(store.Write)
		if soft := waits(store.WriteSoft); soft != "off" && soft != "1" { // dbtest's PostgreSQL never waits
			t.Errorf("WriteSoft waits: %s", soft)
		}
		want := errors.New("no")
		if err := store.WriteSoft(ctx, func(tx db.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO things (id, n) VALUES ('lost', 1)`)
			return errors.Join(err, want)
		}); !errors.Is(err, want) {
			t.Error(err)
		}
		err := store.WriteSoft(ctx, func(tx db.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO things (id, n) VALUES ('kept', 1)`)
			return err
		})
		if err != nil {
			t.Error(err)
		}
		if after := waits(store.Write); after != before {
			t.Errorf("Write after WriteSoft: %s, was %s", after, before)
		}
		var n int
		err = store.Read(ctx, func(tx db.Tx) error { return tx.QueryRow(ctx, `SELECT COUNT(*) FROM things WHERE id <> 'a'`).Scan(&n) })
		if err != nil || n != 1 {
			t.Errorf("%d things, want 1: %v", n, err)
		}
	})
}

// Rows that were left open, and a panic among them, harm nobody afterwards.
func TestRowsLeftOpen(t *testing.T) {
	store := dbtest.SQLite(t, "social", things)
	ctx := t.Context()
	for name, run := range map[string]func(context.Context, func(db.Tx) error) error{"read": store.Read, "write": store.Write} {
		for range 20 {
			err := run(ctx, func(tx db.Tx) error {
				rows, err := tx.Query(ctx, `SELECT id FROM things`)
				if err == nil && !rows.Next() {
					t.Error("no row")
				}
				tx.QueryRow(ctx, `SELECT id FROM things WHERE n = $1`, 0)
				return err
			})
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			func() {
				defer func() { recover() }()
				_ = run(ctx, func(tx db.Tx) error {
					rows, err := tx.Query(ctx, `SELECT id FROM things`)
					if err == nil && rows.Next() {
						panic("no")
					}
					return err
				})
			}()
		}
	}
	err := store.Write(ctx, func(tx db.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM things`)
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// Who has gone needs no answer: neither the next statement nor the next row.
func TestEndedContext(t *testing.T) {
	dbtest.Each(t, "social", things, func(t *testing.T, store *db.DB) {
		insert := `INSERT INTO things (id, n) VALUES ($1, 1)`
		for i := range 5 {
			err := store.Write(t.Context(), func(tx db.Tx) error { _, err := tx.Exec(t.Context(), insert, fmt.Sprint("t", i)); return err })
			if err != nil {
				t.Fatal(err)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		rows := 0
		err := store.Read(ctx, func(tx db.Tx) error {
			return db.Each(ctx, tx, `SELECT id FROM things`, nil, func(r db.Row) error {
				var s string
				rows++
				if rows == 2 {
					cancel()
				}
				return r.Scan(&s)
			})
		})
		if !errors.Is(err, context.Canceled) || rows > 2 && isSQLite(store) {
			t.Errorf("%d rows, %v", rows, err)
		}
		ctx, cancel = context.WithCancel(t.Context())
		err = store.Write(ctx, func(tx db.Tx) error {
			cancel()
			_, err := tx.Exec(ctx, insert, "late")
			return err
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("a statement under an ended context: %v", err)
		}
	})
}

func isSQLite(store *db.DB) bool { _, lite := store.SQLite(); return lite }

// Rows of one query may be open while the same query runs again: the prepared statement is busy then.
func TestSameQueryInside(t *testing.T) {
	dbtest.Each(t, "social", things, func(t *testing.T, store *db.DB) {
		if _, lite := store.SQLite(); !lite {
			return // pgx has one query at a time in a connection
		}
		ctx := t.Context()
		var got []string
		err := store.Write(ctx, func(tx db.Tx) error {
			for i := range 5 {
				if _, err := tx.Exec(ctx, `INSERT INTO things (id, n) VALUES ($1, 1)`, fmt.Sprint("t", i)); err != nil {
					return err
				}
			}
			const q = `SELECT id FROM things WHERE n = $1 ORDER BY id`
			return db.Each(ctx, tx, q, []any{1}, func(r db.Row) error {
				var s string
				if err := r.Scan(&s); err != nil {
					return err
				}
				return db.Each(ctx, tx, q, []any{0}, func(r db.Row) error {
					var inner string
					err := r.Scan(&inner)
					got = append(got, s+inner)
					return err
				})
			})
		})
		if want := "t0a t1a t2a t3a t4a"; err != nil || strings.Join(got, " ") != want {
			t.Errorf("got %v, want %s: %v", got, want, err)
		}
	})
}

// More texts than are kept, also while one of them is being read.
func TestManyStatements(t *testing.T) {
	store := dbtest.SQLite(t, "social", things)
	ctx := t.Context()
	err := store.Read(ctx, func(tx db.Tx) error {
		return db.Each(ctx, tx, `SELECT id FROM things`, nil, func(db.Row) error {
			for i := range 500 {
				var n int
				if err := tx.QueryRow(ctx, fmt.Sprintf(`SELECT %d + n FROM things`, i)).Scan(&n); err != nil || n != i {
					return fmt.Errorf("%d: %d %w", i, n, err)
				}
			}
			return nil
		})
	})
	if err != nil {
		t.Error(err)
	}
}

func TestWriteWithinWriteFails(t *testing.T) {
	if testing.Short() {
		t.Skip("takes 10 seconds")
	}
	store := dbtest.SQLite(t, "social", things)
	err := store.Write(t.Context(), func(db.Tx) error {
		return store.Write(t.Context(), func(db.Tx) error { return nil })
	})
	if !fault.Is(err, fault.Unavailable) {
		t.Errorf("got %v", err)
	}
}

func TestFileIsPrivateAndAnyNameWorks(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a b?c%20#d", "ü")
	path := filepath.Join(dir, "social.db")
	store, err := db.Open(t.Context(), "social", path)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if err := store.Migrate(t.Context(), things); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) == 0 {
		t.Fatal("no file where it was asked for", err)
	}
	for _, f := range files {
		info, err := f.Info()
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", f.Name(), info.Mode())
		}
		if !strings.HasPrefix(f.Name(), "social.db") {
			t.Errorf("a stray file %s", f.Name())
		}
	}
	copied := filepath.Join(dir, "copy.db")
	if err := store.Snapshot(t.Context(), copied); err != nil {
		t.Fatal(err)
	}
	if err := store.Snapshot(t.Context(), copied); err == nil {
		t.Error("a snapshot overwrote a file")
	}
}
