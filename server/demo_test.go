package server

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/clock"
)

// What lets invented readings arrive is there in a demonstration only, and for clinicians only.
func TestOnlyTheDemoInventsReadings(t *testing.T) {
	const path = "/care/demo/reading"
	for _, demo := range []bool{true, false} {
		cfg := Defaults()
		cfg.Data, cfg.Demo, cfg.Site.Name = t.TempDir(), demo, "Orlena"
		srv, err := New(t.Context(), cfg, "http://127.0.0.1:1", slog.New(slog.DiscardHandler), clock.System{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(srv.Close)
		there := false
		for _, r := range srv.everything(prometheus.NewRegistry()) {
			there = there || r.Pattern == "POST "+path
		}
		if there != demo {
			t.Errorf("a demonstration: %v, and the route is there: %v", demo, there)
		}
		if !demo {
			continue
		}
		at := httptest.NewServer(srv.Handler())
		t.Cleanup(at.Close)
		for login, want := range map[string]int{"ciro": http.StatusForbidden, "nadia": http.StatusForbidden, "marisol": http.StatusNotFound} { // she follows nobody
			role := map[string]identity.Role{"ciro": identity.Patient, "nadia": identity.Moderator, "marisol": identity.Clinician}[login]
			if _, err := srv.Identity.CreateAccount(t.Context(), identity.NewAccount{Login: login, Name: login, Password: "orlena", Roles: []identity.Role{role}, Accepted: true}); err != nil {
				t.Fatal(err)
			}
			c := newCaller(at.URL)
			if status, _ := c.send(t, "POST", "/sign-in", url.Values{"login": {login}, "password": {"orlena"}}.Encode()); status != http.StatusSeeOther {
				t.Fatalf("%s signs in: %d", login, status)
			}
			if status, _ := c.send(t, "POST", path, ""); status != want {
				t.Errorf("%s: %d, want %d", login, status, want)
			}
		}
	}
}
