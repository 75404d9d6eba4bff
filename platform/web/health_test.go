package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/mitral-health/mitral/platform/logs"
)

func TestMetricsAreGuarded(t *testing.T) {
	reg := prometheus.NewRegistry()
	for _, c := range []struct {
		name  string
		token logs.Secret
		from  string
		head  [2]string
		want  int
	}{
		{"this machine", "", "127.0.0.1:1", [2]string{}, 200},
		{"this machine, IPv6", "", "[::1]:1", [2]string{}, 200},
		{"elsewhere", "", "192.0.2.1:1", [2]string{}, 404},
		{"through a proxy", "", "127.0.0.1:1", [2]string{"X-Forwarded-For", "127.0.0.1"}, 404},
		{"through another", "", "127.0.0.1:1", [2]string{"X-Real-IP", "192.0.2.1"}, 404},
		{"through a third", "", "127.0.0.1:1", [2]string{"Via", "1.1 proxy"}, 404},
		{"token", "t0ken", "192.0.2.1:1", [2]string{"Authorization", "Bearer t0ken"}, 200},
		{"wrong token", "t0ken", "127.0.0.1:1", [2]string{"Authorization", "Bearer t0ke"}, 404},
		{"no token", "t0ken", "127.0.0.1:1", [2]string{}, 404},
	} {
		h := New(Config{Log: slog.New(slog.DiscardHandler)}, MetricsRoute(reg, c.token))
		r := httptest.NewRequest("GET", "/metrics", nil)
		r.RemoteAddr = c.from
		if c.head[0] != "" {
			r.Header.Set(c.head[0], c.head[1])
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != c.want {
			t.Errorf("%s: %d", c.name, w.Code)
		}
	}
}

func TestHealth(t *testing.T) {
	stuck := make(chan struct{})
	defer close(stuck)
	h := New(Config{Log: slog.New(slog.DiscardHandler)}, HealthRoutes(map[string]func(context.Context) error{
		"social":   func(context.Context) error { return nil },
		"identity": func(context.Context) error { return errors.New("password of db-7 is wrong") },
		"gate":     func(context.Context) error { <-stuck; return nil },
	}))
	for path, c := range map[string]struct {
		status int
		body   string
	}{
		"/healthz": {200, "ok\n"},
		"/readyz":  {503, `{"parts":{"gate":"failing","identity":"failing","social":"ok"},"ready":false}`},
	} {
		w := httptest.NewRecorder()
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		h.ServeHTTP(w, httptest.NewRequestWithContext(ctx, "GET", path, nil))
		if w.Code != c.status || w.Body.String() != c.body {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}
