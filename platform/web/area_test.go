package web

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/mitral-health/mitral/platform/clock"
)

func TestAreaHasItsOwnManners(t *testing.T) {
	s := newSite(t, func(cfg *Config) {
		cfg.Limit = NewRate(clock.System{}, 1, time.Hour, 1)
		cfg.Areas = []Area{{Path: "/fault", Programs: true, Limit: NewRate(clock.System{}, 1, time.Hour, 3),
			Fail: func(w http.ResponseWriter, _ *http.Request, err error) {
				_ = Text(w, Status(err), fmt.Sprintf("own words for %d", Status(err)))
			}}}
	})
	do := func(method, path string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, path, nil)
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w
	}
	for i, c := range []struct {
		method, path string
		status       int
		own          bool
	}{
		{"GET", "/fault/conflict", 409, true},
		{"POST", "/fault/conflict", 405, true}, // reached the mux: not refused as a form from elsewhere
		{"GET", "/fault/a/b", 404, true},
		{"GET", "/fault/conflict", 429, true},
		{"GET", "/faulty", 404, false},
		{"GET", "/faulty", 429, false},
	} {
		w := do(c.method, c.path)
		if w.Code != c.status || strings.Contains(w.Body.String(), fmt.Sprintf("own words for %d", c.status)) != c.own {
			t.Errorf("%d: %s %s: %d %s", i, c.method, c.path, w.Code, w.Body)
		}
	}
}
