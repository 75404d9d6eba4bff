// Package db_test measures what one read and one write of a store cost.
// Run: go test -run '^$' -bench . -benchmem ./bench/db
package db_test

import (
	"context"
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/db/dbtest"
)

var steps = []db.Migration{{Name: "posts", SQL: `
CREATE TABLE posts (id TEXT PRIMARY KEY, author TEXT NOT NULL, title TEXT NOT NULL, body TEXT NOT NULL, at BIGINT NOT NULL, shown BOOLEAN NOT NULL);
CREATE INDEX posts_shown ON posts (shown, at, id)`}}

const posts = 10_000

func each(b *testing.B, f func(b *testing.B, store *db.DB)) {
	for _, kind := range []struct {
		name string
		open func(testing.TB, string, []db.Migration) *db.DB
	}{{"sqlite", dbtest.SQLite}, {"postgres", dbtest.Postgres}} {
		b.Run(kind.name, func(b *testing.B) {
			store := kind.open(b, "social", steps)
			for from := 0; from < posts; from += 1000 {
				err := store.Write(b.Context(), func(tx db.Tx) error {
					for i := from; i < from+1000; i++ {
						_, err := tx.Exec(b.Context(), `INSERT INTO posts (id, author, title, body, at, shown) VALUES ($1, $2, $3, $4, $5, $6)`,
							id(i), "author", "A title of the usual length", "A body of three hundred bytes or so.", i, true)
						if err != nil {
							return err
						}
					}
					return nil
				})
				if err != nil {
					b.Fatal(err)
				}
			}
			b.ReportAllocs()
			b.ResetTimer()
			f(b, store)
		})
	}
}

// cpu reports the processor time of this program per operation, which other programs on the machine
// disturb less than the time that passes.
func cpu(b *testing.B) {
	spent := func() time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			b.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	from := spent()
	b.Cleanup(func() { b.ReportMetric(float64((spent()-from).Microseconds())/float64(b.N), "cpu-µs/op") })
}

func id(i int) string { return fmt.Sprintf("post-%08d", i) }

// BenchmarkRead is the cost of an empty read-only transaction, and of one with one row and with a page of twenty.
func BenchmarkRead(b *testing.B) {
	each(b, func(b *testing.B, store *db.DB) {
		ctx, cancel := context.WithCancel(b.Context()) // as a request's context: it can end
		defer cancel()
		b.Run("nothing", func(b *testing.B) {
			cpu(b)
			for range b.N {
				if err := store.Read(ctx, func(db.Tx) error { return nil }); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("row", func(b *testing.B) {
			cpu(b)
			for i := range b.N {
				err := store.Read(ctx, func(tx db.Tx) error {
					var title string
					return tx.QueryRow(ctx, `SELECT title FROM posts WHERE id = $1`, id(i%posts)).Scan(&title)
				})
				if err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("page", func(b *testing.B) {
			cpu(b)
			for i := range b.N {
				n := 0
				err := store.Read(ctx, func(tx db.Tx) error {
					return db.Each(ctx, tx, `SELECT id, author, title, body, at FROM posts WHERE shown = TRUE AND at < $1 ORDER BY at DESC, id DESC LIMIT 20`,
						[]any{20 + i%(posts-20)}, func(r db.Row) error {
							var id, author, title, body string
							var at int64
							n++
							return r.Scan(&id, &author, &title, &body, &at)
						})
				})
				if err != nil || n != 20 {
					b.Fatal(n, err)
				}
			}
		})
	})
}

// BenchmarkWrite is the cost of a transaction that changes one row, with the wait for the disk.
func BenchmarkWrite(b *testing.B) {
	each(b, func(b *testing.B, store *db.DB) {
		cpu(b)
		for i := range b.N {
			err := store.Write(b.Context(), func(tx db.Tx) error {
				_, err := tx.Exec(b.Context(), `UPDATE posts SET title = $2 WHERE id = $1`, id(i%posts), "Another title")
				return err
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}
