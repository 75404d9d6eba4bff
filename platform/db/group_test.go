package db_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/db/dbtest"
)

func count(t *testing.T, store *db.DB, q string, args ...any) (n int) {
	t.Helper()
	err := store.Read(t.Context(), func(tx db.Tx) error { return tx.QueryRow(t.Context(), q, args...).Scan(&n) })
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Many at once: what succeeded is there, what failed, gave up or panicked is not, and nobody's failure
// touches somebody else's work.
func TestSharedWritersAreApart(t *testing.T) {
	dbtest.Each(t, "social", things, func(t *testing.T, store *db.DB) {
		ctx := t.Context()
		undo := errors.New("undo")
		insert := func(tx db.Tx, id string) error {
			_, err := tx.Exec(ctx, `INSERT INTO things (id, n) VALUES ($1, 1)`, id)
			return err
		}
		var wg sync.WaitGroup
		panics := make(chan any, 1000)
		for i := range 150 {
			wg.Go(func() {
				defer func() {
					if p := recover(); p != nil {
						panics <- p
					}
				}()
				ctx, cancel := context.WithCancel(ctx)
				defer cancel()
				err := store.WriteShared(ctx, func(tx db.Tx) error {
					if err := insert(tx, fmt.Sprint(i)); err != nil {
						return err
					}
					switch i % 5 {
					case 1:
						return undo
					case 2:
						return insert(tx, "a") // there already
					case 3:
						cancel()
					}
					return nil
				})
				switch i % 5 {
				case 1:
					if !errors.Is(err, undo) {
						t.Error(err)
					}
				case 2:
					if !db.IsUnique(err) {
						t.Error(err)
					}
				case 3:
					if err == nil {
						t.Error("a context that ended was not seen")
					}
				default:
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		if n := count(t, store, `SELECT count(*) FROM things`); n != 61 {
			t.Errorf("%d rows, want 61", n)
		}
	})
}

// A function that panics takes nobody down who shares its transaction for good: they try again.
func TestSharedPanic(t *testing.T) {
	dbtest.Each(t, "social", things, func(t *testing.T, store *db.DB) {
		ctx := t.Context()
		var wg sync.WaitGroup
		for i := range 40 {
			wg.Go(func() {
				defer func() { _ = recover() }()
				err := store.WriteShared(ctx, func(tx db.Tx) error {
					_, err := tx.Exec(ctx, `INSERT INTO things (id, n) VALUES ($1, 1)`, fmt.Sprint(i))
					if i%8 == 3 {
						panic("on purpose")
					}
					return err
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if n := count(t, store, `SELECT count(*) FROM things WHERE id <> 'a'`); n != 35 {
			t.Errorf("%d rows, want 35", n)
		}
	})
}

// Two that change one row: one sees what the other did.
func TestSharedUpdatesOfOneRow(t *testing.T) {
	dbtest.Each(t, "social", things, func(t *testing.T, store *db.DB) {
		ctx := t.Context()
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				err := store.WriteShared(ctx, func(tx db.Tx) error {
					_, err := tx.Exec(ctx, `UPDATE things SET n = n + 1 WHERE id = 'a'`)
					return err
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if n := count(t, store, `SELECT n FROM things WHERE id = 'a'`); n != 20 {
			t.Errorf("%d, want 20", n)
		}
	})
}

func TestExecAll(t *testing.T) {
	dbtest.Each(t, "social", things, func(t *testing.T, store *db.DB) {
		ctx := t.Context()
		run := func(ids ...string) (n []int64, err error) {
			err = store.WriteShared(ctx, func(tx db.Tx) error {
				var all []db.Statement
				for _, id := range ids {
					all = append(all, db.Statement{SQL: `INSERT INTO things (id, n) VALUES ($1, 5)`, Args: []any{id}})
				}
				all = append(all, db.Statement{SQL: `UPDATE things SET n = 6 WHERE n = 5`})
				n, err = db.ExecAll(ctx, tx, all)
				return err
			})
			return n, err
		}
		if n, err := run("x", "y"); err != nil || fmt.Sprint(n) != "[1 1 2]" {
			t.Errorf("%v %v", n, err)
		}
		if _, err := run("z", "x"); !db.IsUnique(err) {
			t.Errorf("a row twice: %v", err)
		}
		if n := count(t, store, `SELECT count(*) FROM things WHERE id = 'z'`); n != 0 {
			t.Error("half of a failed list stayed")
		}
	})
}

func TestDialect(t *testing.T) {
	steps := []db.Migration{{Name: "x", SQL: `CREATE TABLE x (k {INTEGER|BIGINT} PRIMARY KEY, note TEXT DEFAULT '{}');
CREATE TABLE y (k BYTEA PRIMARY KEY){ WITHOUT ROWID|}`}}
	dbtest.Each(t, "social", steps, func(t *testing.T, store *db.DB) {
		ctx := t.Context()
		err := store.Write(ctx, func(tx db.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO x (k) VALUES ($1)`, db.Micros(time.Unix(1<<33, 0)))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if n := count(t, store, `SELECT count(*) FROM x WHERE note = '{}' AND k = $1`, int64(1<<33)*1_000_000); n != 1 {
			t.Error("lost")
		}
	})
}

func TestValuesInAnyOrder(t *testing.T) {
	dbtest.Each(t, "social", things, func(t *testing.T, store *db.DB) {
		for q, args := range map[string][]any{
			`SELECT count(*) FROM things WHERE id = $1 AND n = $2`:                 {"a", 0},
			`SELECT count(*) FROM things WHERE id = $2 AND n = $1`:                 {0, "a"},
			`SELECT count(*) FROM things WHERE id = $1 AND (n = $2 OR id = $1)`:    {"a", 9},
			`SELECT count(*) FROM things WHERE id = $1 AND n = $2 AND '$3?' <> id`: {"a", 0},
		} {
			if n := count(t, store, q, args...); n != 1 {
				t.Errorf("%s: %d", q, n)
			}
		}
	})
}

// TestFinish: what Finish is given is committed with it, once; what fails in it leaves nothing.
func TestFinish(t *testing.T) {
	dbtest.Each(t, "clinical", []db.Migration{{Name: "a", SQL: `CREATE TABLE a (id TEXT PRIMARY KEY)`}}, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		insert := func(ids ...string) (all []db.Statement) {
			for _, id := range ids {
				all = append(all, db.Statement{SQL: `INSERT INTO a (id) VALUES ($1)`, Args: []any{id}})
			}
			return all
		}
		count := func() (n int) {
			if err := d.Read(ctx, func(tx db.Tx) error { return tx.QueryRow(ctx, `SELECT COUNT(*) FROM a`).Scan(&n) }); err != nil {
				t.Fatal(err)
			}
			return n
		}
		for i, f := range []func(db.Tx) error{
			func(tx db.Tx) error { // first and last in one
				n, err := db.Finish(ctx, tx, insert("a", "b"))
				if len(n) != 2 || n[0] != 1 || n[1] != 1 {
					t.Errorf("changed %v", n)
				}
				return err
			},
			func(tx db.Tx) error { // after a query, which began it
				var n int
				if err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM a`).Scan(&n); err != nil {
					return err
				}
				_, err := db.Finish(ctx, tx, insert("c"))
				return err
			},
			func(tx db.Tx) error { // after statements, and after a query for nothing
				if _, err := db.ExecAll(ctx, tx, insert("d")); err != nil {
					return err
				}
				var id string
				if err := tx.QueryRow(ctx, `SELECT id FROM a WHERE id = $1`, "none").Scan(&id); !errors.Is(err, db.ErrNoRows) {
					t.Errorf("%v", err)
				}
				return db.Each(ctx, tx, `SELECT id FROM a`, nil, func(r db.Row) error { return r.Scan(&id) })
			},
			func(tx db.Tx) error { return nil },
			func(tx db.Tx) error {
				_, err := tx.Exec(ctx, `INSERT INTO a (id) VALUES ($1)`, "e")
				return err
			},
		} {
			if err := d.WriteShared(ctx, f); err != nil {
				t.Fatalf("%d: %v", i, err)
			}
		}
		if n := count(); n != 5 {
			t.Fatalf("%d rows", n)
		}
		for i, f := range []func(db.Tx) error{
			func(tx db.Tx) error { _, err := db.Finish(ctx, tx, insert("f", "a")); return err },
			func(tx db.Tx) error { _, err := db.ExecAll(ctx, tx, insert("f", "a")); return err },
			func(tx db.Tx) error {
				if _, err := db.ExecAll(ctx, tx, insert("f")); err != nil {
					return err
				}
				_, err := db.Finish(ctx, tx, insert("g", "a"))
				return err
			},
			func(tx db.Tx) error { _, _ = tx.Exec(ctx, `INSERT INTO a (id) VALUES ('a')`); return nil }, // a dead transaction is not committed
			func(tx db.Tx) error { _, err := tx.Query(ctx, `SELECT nonsense FROM a`); return err },
		} {
			if err := d.WriteShared(ctx, f); err == nil {
				t.Errorf("%d: no error", i)
			}
			if n := count(); n != 5 {
				t.Fatalf("%d: %d rows", i, n)
			}
		}
	})
}
