// Package dbtest gives tests a real, empty store: on SQLite always, on PostgreSQL when
// MITRAL_TEST_POSTGRES names a server (a URL whose role may create databases). Imports platform/db.
package dbtest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/mitral-health/mitral/platform/db"
)

// Each runs f once for every database there is, on a migrated, empty store.
func Each(t *testing.T, name string, steps []db.Migration, f func(t *testing.T, store *db.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { f(t, SQLite(t, name, steps)) })
	t.Run("postgres", func(t *testing.T) { f(t, Postgres(t, name, steps)) })
}

// SQLite returns a migrated, empty store in a temporary file.
func SQLite(t testing.TB, name string, steps []db.Migration) *db.DB {
	t.Helper()
	return open(t, name, filepath.Join(t.TempDir(), name+".db"), steps)
}

// Postgres returns a migrated, empty store in a database of its own, dropped at the end. Without a
// server the test is skipped, saying so.
func Postgres(t testing.TB, name string, steps []db.Migration) *db.DB {
	t.Helper()
	return open(t, name, URL(t, name), steps)
}

// URL creates an empty PostgreSQL database that holds the named schemas and returns its URL, or
// skips the test when there is no server.
func URL(t testing.TB, schemas ...string) string {
	t.Helper()
	server := os.Getenv("MITRAL_TEST_POSTGRES")
	if server == "" {
		t.Skip("PostgreSQL: skipped, MITRAL_TEST_POSTGRES is not set")
	}
	ctx := context.Background()
	admin, err := pgx.Connect(ctx, server)
	if err != nil {
		t.Fatalf("PostgreSQL: %v", err)
	}
	var b [6]byte
	rand.Read(b[:])
	database := "mitral_test_" + hex.EncodeToString(b[:])
	if _, err := admin.Exec(ctx, `CREATE DATABASE `+database); err != nil {
		t.Fatalf("PostgreSQL: %v", err)
	}
	t.Cleanup(func() {
		admin.Exec(ctx, `DROP DATABASE `+database+` WITH (FORCE)`)
		admin.Close(ctx)
	})
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal("MITRAL_TEST_POSTGRES is no URL")
	}
	u.Path = "/" + database
	conn, err := pgx.Connect(ctx, u.String())
	if err != nil {
		t.Fatalf("PostgreSQL: %v", err)
	}
	defer conn.Close(ctx)
	for _, s := range schemas {
		if _, err := conn.Exec(ctx, `CREATE SCHEMA `+s); err != nil {
			t.Fatalf("PostgreSQL: %v", err)
		}
	}
	return u.String()
}

// Roles prepares a database as db.SetupPostgres does for a real one and returns the URL of each store;
// database and roles are dropped at the end. Without a server the test is skipped.
func Roles(t testing.TB) map[string]string {
	t.Helper()
	ctx := context.Background()
	inside := URL(t)
	u, err := url.Parse(inside)
	if err != nil {
		t.Fatal(err)
	}
	database := strings.TrimPrefix(u.Path, "/")
	urls, err := db.SetupPostgres(ctx, os.Getenv("MITRAL_TEST_POSTGRES"), database)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		conn, err := pgx.Connect(ctx, inside)
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close(ctx)
		for _, name := range db.Stores() {
			role := database + "_" + name
			for _, q := range []string{`DROP OWNED BY ` + role + ` CASCADE`, `DROP ROLE ` + role} {
				if _, err := conn.Exec(ctx, q); err != nil {
					t.Error(err)
				}
			}
		}
	})
	return urls
}

func open(t testing.TB, name, dsn string, steps []db.Migration) *db.DB {
	t.Helper()
	store, err := db.Open(context.Background(), name, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	if err := store.Migrate(context.Background(), steps); err != nil {
		t.Fatal(err)
	}
	return store
}
