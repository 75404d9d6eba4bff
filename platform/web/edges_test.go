package web

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"github.com/mitral-health/mitral/platform/fault"
)

func TestChainAnswersProgramsInJSON(t *testing.T) {
	s := newSite(t, func(cfg *Config) {
		cfg.Text = func(_ *http.Request, err error) string { text, _ := fault.Text(err); return "[" + text + "]" }
	})
	w := s.do("GET /fault/conflict", "", "Accept: application/json")
	want := `{"error":{"kind":"conflict","text":"[Said of %s.]","request":"` + w.Header().Get("X-Request-Id") + `"}}`
	if w.Code != 409 || w.Body.String() != want || w.Header().Get("Content-Type") != "application/json" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := s.do("GET /fault/conflict", "", "Accept: text/html, application/json"); strings.Contains(w.Body.String(), "{") {
		t.Errorf("a browser got %s", w.Body)
	}
}

func TestChainFailsThroughTheSite(t *testing.T) {
	s := newSite(t, func(cfg *Config) {
		cfg.HSTS = true
		cfg.Fail = func(w http.ResponseWriter, r *http.Request, err error) {
			_ = RenderStatus(w, r, Status(err), templ.Raw("<h1>"+r.Header.Get("X-Lang")+fault.KindOf(err).String()+RequestID(r.Context())+"</h1>"))
		}
		cfg.Wrap = []func(http.Handler) http.Handler{
			func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if r.URL.Path == "/locked" {
						Fail(w, r, fault.New(fault.Forbidden, "No."))
						return
					}
					r = r.Clone(r.Context())
					r.Header.Set("X-Lang", "es ")
					next.ServeHTTP(w, r)
				})
			},
			func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if r.Header.Get("X-Lang") == "" {
						t.Error("the first of Wrap is not outermost")
					}
					next.ServeHTTP(w, r)
				})
			},
		}
	})
	for path, want := range map[string]string{
		"/nothing": "<h1>es not-found", "/panic": "<h1>internal", "/unknown": "<h1>es internal", "/locked": "<h1>forbidden", "/fault/conflict": "<h1>es conflict",
	} {
		w := s.do("GET "+path, "")
		if got := w.Body.String(); got != want+w.Header().Get("X-Request-Id")+"</h1>" || w.Header().Get("Strict-Transport-Security") == "" {
			t.Errorf("%s: %d %s", path, w.Code, got)
		}
	}
}

func TestChainCompresses(t *testing.T) {
	s := newSite(t, nil)
	plain, zipped := s.do("GET /page", ""), s.do("GET /page", "", "Accept-Encoding: br, gzip")
	if plain.Header().Get("Content-Encoding") != "" || zipped.Header().Get("Content-Encoding") != "gzip" || zipped.Header().Get("Content-Length") != "" {
		t.Fatalf("headers %v and %v", plain.Header(), zipped.Header())
	}
	if plain.Header().Get("Vary") != "Accept-Encoding" || zipped.Header().Get("Vary") != "Accept-Encoding" {
		t.Error("no Vary")
	}
	if zipped.Body.Len() > plain.Body.Len()/5 {
		t.Errorf("%d of %d bytes left", zipped.Body.Len(), plain.Body.Len())
	}
	z, err := gzip.NewReader(zipped.Body)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(z); err != nil || string(got) != plain.Body.String() {
		t.Errorf("unzipped %d bytes, %v", len(got), err)
	}
	for _, c := range []struct{ line, accept string }{
		{"GET /hello/ana", "gzip"}, {"HEAD /page", "gzip"}, {"GET /page", "gzip;q=0"}, {"GET /page", "gzip; q=0.000"}, {"GET /page", "br"},
	} {
		if w := s.do(c.line, "", "Accept-Encoding: "+c.accept); w.Header().Get("Content-Encoding") != "" {
			t.Errorf("%s with %s is compressed", c.line, c.accept)
		}
	}
}

func TestChainLimitsRates(t *testing.T) {
	s := newSite(t, func(cfg *Config) { cfg.Limit = NewRate(cfg.Clock, 1, time.Second, 5) })
	for i, want := range []int{303, 303, 429} {
		w := s.do("POST /rare", "")
		if w.Code != want {
			t.Errorf("request %d: %d", i, w.Code)
		}
		if want == 429 && w.Header().Get("Retry-After") != "60" {
			t.Errorf("Retry-After %q", w.Header().Get("Retry-After"))
		}
	}
	for _, want := range []int{200, 200, 429} {
		if w := s.do("GET /hello/ana", ""); w.Code != want {
			t.Errorf("got %d, want %d", w.Code, want)
		}
	}
	s.clock.Advance(time.Second)
	if w := s.do("GET /hello/ana", ""); w.Code != 200 {
		t.Errorf("a second later: %d", w.Code)
	}
}

func TestChainMeasures(t *testing.T) {
	s := newSite(t, nil)
	s.do("GET /hello/ana", "")
	s.do("GET /hello/eva", "")
	s.do("GET /secret-path", "")
	if w := s.do("GET /metrics", ""); w.Code != 404 {
		t.Errorf("a stranger reads metrics: %d", w.Code)
	}
	out := metricsText(t, s, "127.0.0.1:99")
	for _, want := range []string{
		`mitral_http_request_duration_seconds_count{method="GET",route="GET /hello/{name}",status="2xx"} 2`,
		`mitral_http_request_duration_seconds_count{method="GET",route="none",status="4xx"} 1`,
		`mitral_http_requests_in_flight 1`,
	} {
		if !strings.Contains(out, want+"\n") {
			t.Errorf("no %s", want)
		}
	}
	if strings.Contains(out, "secret-path") || strings.Contains(out, "eva") {
		t.Error("metrics tell a path")
	}
}

func metricsText(t *testing.T, h http.Handler, from string) string {
	t.Helper()
	r := httptest.NewRequest("GET", "/metrics", nil)
	r.RemoteAddr = from
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		t.Fatalf("metrics: %d %s", w.Code, w.Body)
	}
	return w.Body.String()
}
