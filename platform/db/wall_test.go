package db_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/db/dbtest"
)

// The fourth lock, on SQLite: a connection of one store can't reach the file of another.
func TestNoStoreReachesAnotherFile(t *testing.T) {
	clinical := filepath.Join(t.TempDir(), "clinical.db")
	other, err := db.Open(t.Context(), "clinical", clinical)
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Migrate(t.Context(), things); err != nil {
		t.Fatal(err)
	}
	other.Close()
	store := dbtest.SQLite(t, "social", things)
	ctx := t.Context()
	stolen := filepath.Join(t.TempDir(), "stolen.db")
	for name, run := range map[string]func(context.Context, func(db.Tx) error) error{"read": store.Read, "write": store.Write} {
		for _, q := range []string{`ATTACH DATABASE '` + clinical + `' AS c`, `ATTACH DATABASE ':memory:' AS c`, `VACUUM INTO '` + stolen + `'`} {
			err := run(ctx, func(tx db.Tx) error { _, err := tx.Exec(ctx, q); return err })
			if err == nil {
				t.Errorf("%s ran %s", name, q)
			}
		}
		err := run(ctx, func(tx db.Tx) error {
			var n int
			return tx.QueryRow(ctx, `SELECT count(*) FROM c.things`).Scan(&n)
		})
		if err == nil {
			t.Errorf("%s read the other store", name)
		}
	}
	conn, _ := store.SQLite() // without a transaction, where ATTACH is allowed by SQLite itself
	if _, err := conn.ExecContext(ctx, `ATTACH DATABASE '`+clinical+`' AS c`); err == nil || !strings.Contains(err.Error(), "too many attached") {
		t.Errorf("ATTACH: %v", err)
	}
	if _, err := os.Stat(stolen); err == nil {
		t.Error("VACUUM INTO wrote a file")
	}
}

// The fourth lock, on PostgreSQL: a role owns its schema and can read no other.
func TestNoRoleReadsAnotherSchema(t *testing.T) {
	ctx := context.Background()
	urls := dbtest.Roles(t)
	u, err := url.Parse(urls["social"])
	if err != nil {
		t.Fatal(err)
	}
	database := strings.TrimPrefix(u.Path, "/")
	again, err := db.SetupPostgres(ctx, os.Getenv("MITRAL_TEST_POSTGRES"), database)
	if err != nil {
		t.Fatalf("the second time: %v", err)
	}
	urls, first := again, urls
	stores := map[string]*db.DB{}
	for _, name := range db.Stores() {
		if first[name] == urls[name] {
			t.Errorf("%s kept its password", name)
		}
		if stores[name], err = db.Open(ctx, name, urls[name]); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(stores[name].Close)
		if err := stores[name].Migrate(ctx, things); err != nil {
			t.Fatal(err)
		}
	}
	for from, store := range stores {
		attempts := []string{
			`CREATE TABLE public.x (id TEXT)`, `CREATE SCHEMA mine`, `CREATE ROLE mine`, `CREATE TEMPORARY TABLE x (id TEXT)`,
			`SELECT pg_read_file('PG_VERSION')`, `COPY things TO '/tmp/mitral-stolen'`, `SET ROLE postgres`,
		}
		for _, to := range db.Stores() {
			if to == from {
				continue
			}
			attempts = append(attempts,
				`SELECT * FROM `+to+`.things`, `INSERT INTO `+to+`.things (id, n) VALUES ('x', 1)`, `DELETE FROM `+to+`.things`,
				`CREATE TABLE `+to+`.x (id TEXT)`, `SET ROLE `+database+`_`+to, `ALTER SCHEMA `+to+` OWNER TO CURRENT_USER`,
				`CREATE VIEW v AS SELECT * FROM `+to+`.things`, `GRANT `+database+`_`+to+` TO CURRENT_USER`)
		}
		for _, q := range attempts {
			err := store.Write(ctx, func(tx db.Tx) error { _, err := tx.Exec(ctx, q); return err })
			if err == nil {
				t.Errorf("the role of %s ran: %s", from, q)
			}
		}
		var n int
		err := store.Read(ctx, func(tx db.Tx) error {
			return tx.QueryRow(ctx, fmt.Sprintf(`SELECT count(*) FROM %s.things`, from)).Scan(&n)
		})
		if err != nil || n != 1 {
			t.Errorf("%s can't read itself: %d, %v", from, n, err)
		}
	}
}

func TestSetupRefusesOddNames(t *testing.T) {
	for _, name := range []string{"", "x; DROP DATABASE y", "Mitral", `a"b`, strings.Repeat("a", 41)} {
		if _, err := db.SetupPostgres(t.Context(), "postgres://127.0.0.1:1/x", name); err == nil {
			t.Errorf("took %q", name)
		}
	}
}
