package web

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"maps"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/logs"
)

// HealthRoutes answers GET /healthz (the process lives) and GET /readyz (every part that checks names
// answers within two seconds; otherwise 503). The answer tells names and "ok" or "failing", no more:
// anybody may ask.
func HealthRoutes(checks map[string]func(context.Context) error) []Route {
	return []Route{
		{Pattern: "GET /healthz", Quiet: true, Handler: func(w http.ResponseWriter, _ *http.Request) error {
			return Text(w, http.StatusOK, "ok\n")
		}},
		{Pattern: "GET /readyz", Quiet: true, Handler: func(w http.ResponseWriter, r *http.Request) error {
			ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
			defer cancel()
			states := probe(ctx, checks)
			status := http.StatusOK
			for _, s := range states {
				if s != "ok" {
					status = http.StatusServiceUnavailable
				}
			}
			return JSON(w, status, map[string]any{"ready": status == http.StatusOK, "parts": states})
		}},
	}
}

// probe asks all parts at once. One that does not come back in time counts as failing.
func probe(ctx context.Context, checks map[string]func(context.Context) error) map[string]string {
	var mu sync.Mutex
	states := make(map[string]string, len(checks))
	done := make(chan struct{}, len(checks))
	for name := range checks {
		states[name] = "failing"
	}
	for name, check := range checks {
		go func() {
			defer func() { done <- struct{}{} }()
			if check(ctx) == nil {
				mu.Lock()
				states[name] = "ok"
				mu.Unlock()
			}
		}()
	}
	for range checks {
		select {
		case <-done:
		case <-ctx.Done():
		}
	}
	mu.Lock()
	defer mu.Unlock()
	return maps.Clone(states) // a late part may still write into its own
}

// MetricsRoute answers GET /metrics in Prometheus' text format. With a token the caller must send it
// as a bearer token. Without one only this machine may ask, and not through a proxy that says that it
// is one; behind a proxy that says nothing a token is needed. To others there is nothing at this
// address.
func MetricsRoute(reg *prometheus.Registry, token logs.Secret) []Route {
	h := promhttp.HandlerFor(reg, promhttp.HandlerOpts{DisableCompression: true})
	return []Route{{Pattern: "GET /metrics", Quiet: true, Handler: func(w http.ResponseWriter, r *http.Request) error {
		if !mayRead(r, token) {
			return fault.New(fault.NotFound, "There is nothing at this address.")
		}
		h.ServeHTTP(w, r)
		return nil
	}}}
}

func mayRead(r *http.Request, token logs.Secret) bool {
	if token == "" {
		for _, name := range []string{"X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "Forwarded", "Via"} {
			if r.Header.Get(name) != "" {
				return false
			}
		}
		return peer(r).IsLoopback()
	}
	want, got := sha256.Sum256([]byte("Bearer "+string(token))), sha256.Sum256([]byte(r.Header.Get("Authorization")))
	return subtle.ConstantTimeCompare(want[:], got[:]) == 1
}
