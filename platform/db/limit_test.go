package db_test

import (
	"strconv"
	"testing"

	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/db/dbtest"
)

const few = `SELECT n FROM numbers WHERE k = $1 AND n >= $2 ORDER BY n LIMIT $3`

func numbers(b testing.TB, store *db.DB) {
	err := store.Write(b.Context(), func(tx db.Tx) error {
		for i := range 500 {
			if _, err := tx.Exec(b.Context(), `INSERT INTO numbers (k, n) VALUES ('LIMIT $3', $1)`, i); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
}

var numbersTable = []db.Migration{{Name: "numbers", SQL: `CREATE TABLE numbers (k TEXT NOT NULL, n BIGINT NOT NULL, PRIMARY KEY (k, n))`}}

// The same statement with one limit after the other gives so many rows each time.
func TestLimit(t *testing.T) {
	dbtest.Each(t, "clinical", numbersTable, func(t *testing.T, store *db.DB) {
		numbers(t, store)
		for _, want := range []int{3, 0, 7, 1, 500} {
			got := 0
			err := store.Read(t.Context(), func(tx db.Tx) error {
				got = 0
				return db.Each(t.Context(), tx, few, []any{"LIMIT $3", 0, want}, func(r db.Row) error { got++; var n int; return r.Scan(&n) })
			})
			if err != nil || got != want {
				t.Errorf("limit %s: %d rows, %v", strconv.Itoa(want), got, err)
			}
		}
	})
}

func BenchmarkLimit(b *testing.B) {
	store := dbtest.SQLite(b, "clinical", numbersTable)
	numbers(b, store)
	err := store.Read(b.Context(), func(tx db.Tx) error {
		for i := 0; b.Loop(); i++ {
			if err := db.Each(b.Context(), tx, few, []any{"LIMIT $3", i % 400, 1 + i%3}, func(r db.Row) error { var n int; return r.Scan(&n) }); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
}
