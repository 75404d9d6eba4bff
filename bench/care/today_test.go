// Package care_test measures the pages of patients and their team through the whole handler, on a real SQLite file and on
// the PostgreSQL that MITRAL_TEST_POSTGRES names.
//
//	go test -run '^$' -bench Today -benchtime 3s -count 5 ./bench/care
//	go test -run '^$' -bench Pages -benchtime 200x ./bench/care
//	go test -run FirstVisit -v ./bench/care
package care_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/mitral-health/mitral/clinical"
	"github.com/mitral-health/mitral/gate/review"
	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/blob"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/db/dbtest"
	"github.com/mitral-health/mitral/platform/mail"
	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/ui"
)

type noMail struct{}

func (noMail) Send(context.Context, mail.Message) error { return nil }

// app is the chamber's pages, with one patient who has measured for eight weeks, follows a plan, is followed, and had
// a decision about them this week. Of pulse they have so many readings besides, one an hour.
func app(b testing.TB, store *db.DB, pulse int) http.Handler {
	b.Helper()
	must := func(err error) {
		b.Helper()
		if err != nil {
			b.Fatal(err)
		}
	}
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	clk := clock.At(now)
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	site := &ui.Site{Name: "Orlena Health Centre", URL: "https://orlena.example", TimeZone: "Europe/Madrid", Langs: []string{"en", "es"}, Emergency: "112"}
	files, err := blob.Folder(b.TempDir())
	must(err)
	c, err := clinical.New(clinical.Deps{Store: store, Clock: clk, Log: log, URL: site.URL, Name: site.Name, Site: site, Mailer: noMail{}, Key: bytes.Repeat([]byte{7}, 32),
		Blobs: files, Hours: review.Weekdays(time.UTC, 8, 20), Within: 4 * time.Hour})
	must(err)
	must(c.Load(b.Context(), []byte(`{"resourceType":"Bundle","type":"transaction","entry":[
		{"resource":{"resourceType":"Patient","id":"edda","name":[{"given":["Edda"],"family":"Fernbrook"}],"birthDate":"1958-03-11"},"request":{"method":"PUT","url":"Patient/edda"}},
		{"resource":{"resourceType":"Practitioner","id":"marisol","name":[{"text":"Dr Marisol Quenby"}]},"request":{"method":"PUT","url":"Practitioner/marisol"}}]}`)))
	doctor := clinical.Staff{Ref: "Practitioner/marisol", Name: "Dr Marisol Quenby"}
	must(c.Follow(b.Context(), []clinical.Followed{{By: doctor, Patient: "edda", Conditions: []string{"hypertension", "heart-failure"}}}))
	must(c.Plan(b.Context(), doctor, "edda", "hypertension", now.AddDate(0, 0, -30)))
	var all []clinical.Measured
	for d := 56; d >= 0; d-- {
		at := func(h int) time.Time { return now.AddDate(0, 0, -d).Add(time.Duration(h-24) * time.Hour) }
		key := func(s string) string { return fmt.Sprintf("bench-%s-%02d", s, d) }
		all = append(all,
			clinical.Measured{Patient: "edda", Kind: "blood-pressure", Typed: []string{strconv.Itoa(126 + d%17), strconv.Itoa(76 + d%11)}, Unit: "mm[Hg]", At: at(7), Key: key("bp-morning")},
			clinical.Measured{Patient: "edda", Kind: "blood-pressure", Typed: []string{strconv.Itoa(124 + d%13), strconv.Itoa(74 + d%7)}, Unit: "mm[Hg]", At: at(20), Key: key("bp-evening")},
			clinical.Measured{Patient: "edda", Kind: "weight", Typed: []string{fmt.Sprintf("7%d.%d", d%3, d%10)}, Unit: "kg", At: at(8), Key: key("weight")})
	}
	for h := range pulse {
		all = append(all, clinical.Measured{Patient: "edda", Kind: "heart-rate", Typed: []string{strconv.Itoa(60 + h%24)}, Unit: "/min",
			At: now.Add(-time.Duration(h+1) * time.Hour), Key: fmt.Sprintf("bench-pulse-%06d", h)})
	}
	for some := range slices.Chunk(all, 500) {
		must(c.Measure(b.Context(), some))
	}
	patient := identity.NewPrincipal("Edda Fernbrook", identity.Patient)
	must(c.Connect(b.Context(), patient.Subject(identity.Clinical).String(), "Edda Fernbrook", "edda"))
	team := identity.NewPrincipal("Dr Marisol Quenby", identity.Clinician)
	inner := web.New(web.Config{Log: slog.New(slog.DiscardHandler), Clock: clk, Limit: web.NewRate(clk, 1<<30, time.Second, 1<<30)}, c.Routes(), ui.Routes())
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who := patient
		if strings.HasPrefix(r.URL.Path, "/care") {
			who = team
		}
		ctx := identity.With(r.Context(), who)
		inner.ServeHTTP(w, r.WithContext(ui.With(ctx, &ui.Setting{Site: site, Lang: "en", Path: r.URL.Path, Origin: site.URL})))
	})
}

func get(b testing.TB, h http.Handler, path string) *httptest.ResponseRecorder {
	b.Helper()
	r := httptest.NewRequest("GET", path, nil)
	r.Header.Set("Accept-Encoding", "gzip")
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	if rec.Code != 200 {
		b.Fatalf("GET %s: %d", path, rec.Code)
	}
	return rec
}

// BenchmarkToday is the page from the request to its last byte, its entries in the audit trail included.
// "cpu-µs/op" is what this process spent.
func BenchmarkToday(b *testing.B) {
	for name, open := range map[string]func(testing.TB, string, []db.Migration) *db.DB{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		b.Run(name, func(b *testing.B) {
			h := app(b, open(b, "clinical", clinical.Migrations()), 0)
			get(b, h, "/my")
			began := spent(b)
			for b.Loop() {
				get(b, h, "/my")
			}
			b.ReportMetric(float64((spent(b)-began).Microseconds())/float64(b.N), "cpu-µs/op")
		})
	}
}

func spent(b testing.TB) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

var fetched = regexp.MustCompile(`(?:href|src)="(/assets/[^"#]+)`)

// firstVisit is what the page and all that it names may weigh, as they travel.
const firstVisit = 100_000

func TestFirstVisit(t *testing.T) {
	h := app(t, dbtest.SQLite(t, "clinical", clinical.Migrations()), 0)
	rec := get(t, h, "/my")
	total := rec.Body.Len()
	t.Logf("%6d bytes: the page", total)
	page := plain(t, rec)
	if !strings.Contains(page, "Good morning, Edda") || !strings.Contains(page, "Blood pressure in the morning") {
		t.Fatal("this is not Today")
	}
	seen := map[string]bool{}
	for _, m := range fetched.FindAllStringSubmatch(page, -1) {
		if !seen[m[1]] {
			seen[m[1]] = true
			asset := get(t, h, m[1])
			t.Logf("%6d bytes: %s", asset.Body.Len(), m[1])
			total += asset.Body.Len()
		}
	}
	if t.Logf("%6d bytes in all, in %d files", total, len(seen)+1); total > firstVisit || len(seen) < 5 {
		t.Errorf("the first visit fetches %d bytes in %d files, at most %d are meant", total, len(seen), firstVisit)
	}
}

func plain(t *testing.T, rec *httptest.ResponseRecorder) string {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(rec.Body.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
