package web

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/logs"
)

var start = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

// site is a chain with some routes, and what it logged.
type site struct {
	http.Handler
	log     *bytes.Buffer
	metrics *prometheus.Registry
	clock   *clock.Manual
}

func newSite(t *testing.T, change func(*Config)) *site {
	t.Helper()
	s := &site{log: &bytes.Buffer{}, metrics: prometheus.NewRegistry(), clock: clock.At(start)}
	cfg := Config{Log: logs.New(s.log, slog.LevelInfo, true), Clock: s.clock, Metrics: s.metrics}
	if change != nil {
		change(&cfg)
	}
	long := strings.Repeat("a long page ", 500)
	s.Handler = New(cfg, []Route{
		{Pattern: "GET /hello/{name}", Handler: func(w http.ResponseWriter, r *http.Request) error {
			return Text(w, http.StatusOK, "hello "+r.PathValue("name"))
		}},
		{Pattern: "GET /page", Handler: func(w http.ResponseWriter, r *http.Request) error {
			return Render(w, r, templ.Raw("<p>"+long+"</p>"))
		}},
		{Pattern: "GET /half", Handler: func(w http.ResponseWriter, r *http.Request) error {
			return Render(w, r, templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
				_, _ = io.WriteString(w, "half a page")
				return errors.New("template broke over Ana's record")
			}))
		}},
		{Pattern: "GET /fault/{kind}", Handler: func(_ http.ResponseWriter, r *http.Request) error {
			return fault.Wrap(errors.New("the cause with Ana's name"), kind(r.PathValue("kind")), "Said of %s.", "it")
		}},
		{Pattern: "GET /unknown", Handler: func(http.ResponseWriter, *http.Request) error { return errors.New("raw secret") }},
		{Pattern: "GET /slow", Timeout: time.Millisecond, Handler: func(_ http.ResponseWriter, r *http.Request) error {
			<-r.Context().Done()
			return r.Context().Err()
		}},
		{Pattern: "GET /panic", Handler: func(http.ResponseWriter, *http.Request) error { panic("Ana's secret") }},
		{Pattern: "GET /index", Handler: func(http.ResponseWriter, *http.Request) error {
			var none []int
			_ = none[len(s.log.Bytes())+3]
			return nil
		}},
		{Pattern: "GET /begun", Handler: func(w http.ResponseWriter, _ *http.Request) error {
			_, _ = io.WriteString(w, "begun")
			return errors.New("and broken")
		}},
		{Pattern: "GET /begun-panic", Handler: func(w http.ResponseWriter, _ *http.Request) error {
			_, _ = io.WriteString(w, "begun")
			panic("and broken")
		}},
		{Pattern: "POST /form", Handler: func(w http.ResponseWriter, r *http.Request) error {
			f, err := Form(r)
			if err != nil {
				return err
			}
			return Text(w, http.StatusOK, f.Get("text"))
		}},
		{Pattern: "POST /large", Body: 4 << 20, Handler: func(w http.ResponseWriter, r *http.Request) error {
			_, err := io.Copy(io.Discard, r.Body)
			return err
		}},
		{Pattern: "POST /rare", Limit: NewRate(s.clock, 1, time.Minute, 2), Handler: func(w http.ResponseWriter, r *http.Request) error {
			return Redirect(w, r, "/page")
		}},
		{Pattern: "GET /dir/", Handler: func(w http.ResponseWriter, _ *http.Request) error { return Text(w, 200, "dir") }},
	}, HealthRoutes(map[string]func(context.Context) error{
		"social": func(context.Context) error { return nil },
	}), MetricsRoute(s.metrics, ""))
	return s
}

func kind(name string) fault.Kind {
	for k := fault.Internal; k <= fault.Unavailable; k++ {
		if k.String() == name {
			return k
		}
	}
	panic("no such kind")
}

// do sends "GET /path", with "Name: value" headers and a body.
func (s *site) do(line, body string, headers ...string) *httptest.ResponseRecorder {
	method, target, _ := strings.Cut(line, " ")
	var in io.Reader
	if body != "" {
		in = strings.NewReader(body)
	}
	r := httptest.NewRequest(method, target, in)
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Add(name, value)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}
