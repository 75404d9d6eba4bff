// Package fhir_test measures the private chamber's FHIR interface through the whole handler, on a real
// SQLite file and on the PostgreSQL that MITRAL_TEST_POSTGRES names.
//
//	go test -run '^$' -bench . -benchtime 2s ./bench/fhir
//
// "cpu-µs/op" is what this process spent, garbage collection and the driver of the requests included;
// "pg-cpu-µs/op" is what the sessions of PostgreSQL spent for it, if they run on this machine and may be looked at.
// "per-core" is how many operations fit into a second of both together.
package fhir_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/mitral-health/mitral/clinical"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/db/dbtest"
	"github.com/mitral-health/mitral/platform/web"
)

// world is a private chamber behind the chain of a real server.
type world struct {
	b        testing.TB
	clinical *clinical.Clinical
	handler  http.Handler
	token    string
	database string // of PostgreSQL
}

// on runs f on each database; fresh makes an empty world there.
func on(b *testing.B, f func(b *testing.B, fresh func() *world)) {
	b.Run("sqlite", func(b *testing.B) {
		f(b, func() *world { return newWorld(b, dbtest.SQLite(b, "clinical", clinical.Migrations()), "") })
	})
	b.Run("postgres", func(b *testing.B) {
		f(b, func() *world {
			dsn := dbtest.URL(b, "clinical")
			store, err := db.Open(context.Background(), "clinical", dsn)
			if err == nil {
				err = store.Migrate(context.Background(), clinical.Migrations())
			}
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(store.Close)
			return newWorld(b, store, dsn)
		})
	})
}

const base = "https://orlena.example/fhir"

func newWorld(b testing.TB, store *db.DB, dsn string) *world {
	b.Helper()
	log := slog.New(slog.DiscardHandler)
	c, err := clinical.New(clinical.Deps{Store: store, Clock: clock.System{}, Log: log, URL: "https://orlena.example", Name: "Orlena Health Centre", PerSecond: 1 << 30})
	if err != nil {
		b.Fatal(err)
	}
	w := &world{b: b, clinical: c}
	w.handler = web.New(web.Config{Log: log, Areas: c.Areas(), Limit: web.NewRate(clock.System{}, 1<<30, time.Second, 1<<30)}, c.Routes())
	if w.token, err = c.Token(context.Background(), "bench", "system/*.cruds", "", time.Hour*24); err != nil {
		b.Fatal(err)
	}
	if u, err := url.Parse(dsn); err == nil && dsn != "" {
		w.database = strings.TrimPrefix(u.Path, "/")
	}
	return w
}

// do asks for something and returns the answer, which must have this status.
func (w *world) do(method, path, body string, status int) *httptest.ResponseRecorder {
	w.b.Helper()
	var content io.Reader
	if body != "" {
		content = strings.NewReader(body)
	}
	r := httptest.NewRequest(method, base+path, content)
	r.Header.Set("Authorization", "Bearer "+w.token)
	if method == http.MethodPost || method == http.MethodPut {
		r.Header.Set("Content-Type", "application/fhir+json")
	}
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	if rec.Code != status {
		w.b.Fatalf("%s %s: %d\n%.2000s", method, path, rec.Code, rec.Body)
	}
	return rec
}

// spent is the processor time of this process and of the database's sessions.
type spent struct{ own, pg time.Duration }

func (s spent) since(was spent) spent { return spent{s.own - was.own, s.pg - was.pg} }
func (s spent) plus(t spent) spent    { return spent{s.own + t.own, s.pg + t.pg} }

func (w *world) spent() spent {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		w.b.Fatal(err)
	}
	s := spent{own: time.Duration(u.Utime.Nano() + u.Stime.Nano())}
	if w.database == "" {
		return s
	}
	titles, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, name := range titles {
		title, err := os.ReadFile(name)
		if err != nil || !strings.HasPrefix(string(title), "postgres: ") || !strings.Contains(string(title), " "+w.database+" ") {
			continue
		}
		stat, err := os.ReadFile(filepath.Join(filepath.Dir(name), "stat"))
		if err != nil {
			continue
		}
		var user, system int64
		fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
		fmt.Sscan(fields[11], &user)
		fmt.Sscan(fields[12], &system)
		s.pg += time.Duration(user+system) * (time.Second / 100)
	}
	return s
}

// report gives what n operations cost.
func (s spent) report(b *testing.B, n int, what string) {
	b.ReportMetric(float64(s.own.Nanoseconds())/1e3/float64(n), "cpu-µs/"+what)
	if s.pg > 0 {
		b.ReportMetric(float64(s.pg.Nanoseconds())/1e3/float64(n), "pg-cpu-µs/"+what)
	}
	b.ReportMetric(float64(n)/(s.own+s.pg).Seconds(), what+"/s-per-core")
}

// durability says what is on the disk when a write is answered.
func (w *world) durability(b *testing.B) string {
	if w.database == "" {
		return "SQLite, WAL, synchronous=FULL: each answer waits for the disk, writers share the wait"
	}
	ctx := context.Background()
	u, err := url.Parse(os.Getenv("MITRAL_TEST_POSTGRES"))
	if err != nil {
		b.Fatal("MITRAL_TEST_POSTGRES is no URL")
	}
	conn, err := pgx.Connect(ctx, u.String())
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close(ctx)
	said := "PostgreSQL"
	for _, setting := range []string{"server_version", "fsync", "synchronous_commit", "full_page_writes"} {
		var value string
		if err := conn.QueryRow(ctx, "SHOW "+setting).Scan(&value); err != nil {
			b.Fatal(err)
		}
		said += ", " + setting + "=" + value
	}
	return said
}
