// Package web measures what the HTTP chain costs a request, apart from the page itself.
//
//	go test ./bench/web -bench . -benchmem
//
// The budget of a page is half a millisecond of CPU in all; results.md has the last figures.
package web

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/logs"
	"github.com/mitral-health/mitral/platform/web"
)

// chain has 80 routes, as the program does, and logs to nowhere, but formats each line.
func chain() http.Handler {
	page := page()
	routes := []web.Route{
		{Pattern: "GET /hello", Handler: func(w http.ResponseWriter, _ *http.Request) error {
			return web.Text(w, http.StatusOK, "hello")
		}},
		{Pattern: "GET /p/{id}", Handler: func(w http.ResponseWriter, r *http.Request) error {
			return web.Render(w, r, templ.Raw(page))
		}},
	}
	for i := range 80 {
		routes = append(routes, web.Route{Pattern: fmt.Sprintf("GET /area%d/{id}/part", i), Handler: routes[0].Handler})
	}
	return web.New(web.Config{
		Log: logs.New(io.Discard, slog.LevelInfo, true), Metrics: prometheus.NewRegistry(), HSTS: true,
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")},
		Limit:          web.NewRate(clock.System{}, 1e6, time.Second, 1e8),
	}, routes)
}

// page is 20 kB of lines that are alike but not the same, as a timeline is.
func page() string {
	var b strings.Builder
	for i := 0; b.Len() < 20_000; i++ {
		fmt.Fprintf(&b, "<article class=\"post\" id=\"p%d\"><h2><a href=\"/p/%x\">Vaccination on day %d</a></h2><p>Room %d opens at %d. Bring your card.</p></article>\n", i*7919, i*104729, i, i*31%97, i%12)
	}
	return b.String()
}

// sink is a ResponseWriter that costs nothing, so that the chain is measured and not the recorder.
type sink struct{ header http.Header }

func (s *sink) Header() http.Header         { return s.header }
func (s *sink) Write(b []byte) (int, error) { return len(b), nil }
func (s *sink) WriteHeader(int)             {}

func run(b *testing.B, h http.Handler, path, accept string) {
	r := httptest.NewRequest("GET", path, nil)
	r.Header.Set("X-Forwarded-For", "198.51.100.7")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if accept != "" {
		r.Header.Set("Accept-Encoding", accept)
	}
	w := &sink{http.Header{}}
	b.ReportAllocs()
	before := spent()
	for b.Loop() {
		clear(w.header)
		h.ServeHTTP(w, r)
	}
	b.ReportMetric(float64(spent()-before)/float64(b.N), "cpu-ns/op")
}

// spent is the processor time of this process: unlike the clock on the wall it stays right while the
// machine is busy with something else.
func spent() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func BenchmarkHello(b *testing.B)     { run(b, chain(), "/hello", "") }
func BenchmarkNotFound(b *testing.B)  { run(b, chain(), "/nothing/here", "") }
func BenchmarkPage20k(b *testing.B)   { run(b, chain(), "/p/1", "") }
func BenchmarkPage20kGz(b *testing.B) { run(b, chain(), "/p/1", "gzip") }

func BenchmarkHelloBare(b *testing.B) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /hello", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") })
	run(b, mux, "/hello", "")
}
