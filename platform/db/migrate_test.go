package db_test

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/db/dbtest"
	"github.com/mitral-health/mitral/platform/fault"
)

var numbered = []db.Migration{
	{Name: "one", SQL: "CREATE TABLE one (id TEXT PRIMARY KEY);\nINSERT INTO one (id) VALUES ('first; with a semicolon')"},
	{Name: "two", SQL: "INSERT INTO one (id) VALUES ('second');\n"},
	{Name: "three", SQL: "INSERT INTO one (id) VALUES ('third')"},
}

func rowsOf(t *testing.T, store *db.DB) (ids []string) {
	t.Helper()
	err := store.Read(t.Context(), func(tx db.Tx) error {
		ids = nil
		return db.Each(t.Context(), tx, `SELECT id FROM one ORDER BY id`, nil, func(r db.Row) error {
			var s string
			err := r.Scan(&s)
			ids = append(ids, s)
			return err
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

func TestMigrateStepByStep(t *testing.T) {
	dbtest.Each(t, "social", numbered[:1], func(t *testing.T, store *db.DB) {
		for range 2 {
			if err := store.Migrate(t.Context(), numbered); err != nil {
				t.Fatal(err)
			}
		}
		if got, want := rowsOf(t, store), []string{"first; with a semicolon", "second", "third"}; !slices.Equal(got, want) {
			t.Errorf("rows %q, want %q", got, want)
		}
		if v, err := store.Version(t.Context()); v != 3 || err != nil {
			t.Errorf("version %d: %v", v, err)
		}
	})
}

func TestFailedStepLeavesNothing(t *testing.T) {
	dbtest.Each(t, "social", numbered, func(t *testing.T, store *db.DB) {
		bad := append(slices.Clone(numbered), db.Migration{Name: "bad", SQL: "INSERT INTO one (id) VALUES ('fourth');\nCREATE TABLE one (id TEXT)"})
		if err := store.Migrate(t.Context(), bad); err == nil {
			t.Fatal("no error")
		}
		if got := rowsOf(t, store); len(got) != 3 {
			t.Errorf("rows %q", got)
		}
		if v, _ := store.Version(t.Context()); v != 3 {
			t.Errorf("version %d", v)
		}
	})
}

func TestNewerStoreIsRefusedUntouched(t *testing.T) {
	dbtest.Each(t, "social", numbered, func(t *testing.T, store *db.DB) {
		older := []db.Migration{{Name: "one", SQL: "DROP TABLE one"}}
		if err := store.Migrate(t.Context(), older); !fault.Is(err, fault.Conflict) {
			t.Errorf("got %v", err)
		}
		if got := rowsOf(t, store); len(got) != 3 {
			t.Errorf("rows %q", got)
		}
	})
}

func TestProgramsThatStartTogether(t *testing.T) {
	for name, dsn := range map[string]func(*testing.T) string{
		"sqlite":   func(t *testing.T) string { return filepath.Join(t.TempDir(), "social.db") },
		"postgres": func(t *testing.T) string { return dbtest.URL(t, "social") },
	} {
		t.Run(name, func(t *testing.T) {
			dsn := dsn(t)
			const n = 6
			errs := make(chan error)
			for range n {
				go func() {
					store, err := db.Open(t.Context(), "social", dsn)
					if err == nil {
						defer store.Close()
						err = store.Migrate(t.Context(), numbered)
					}
					errs <- err
				}()
			}
			for range n {
				if err := <-errs; err != nil {
					t.Error(err)
				}
			}
			store, err := db.Open(t.Context(), "social", dsn)
			if err != nil {
				t.Fatal(err)
			}
			defer store.Close()
			if got := rowsOf(t, store); len(got) != 3 {
				t.Errorf("rows %q", got)
			}
		})
	}
}
