package server

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/clock"
)

// forPatients are the routes on which a patient's session means something. A route that is not here must
// answer a patient as it answers somebody without an account, or refuse.
var forPatients = map[string]bool{
	"GET /join": true, "POST /join": true, "GET /my": true, "GET /my/add": true, "GET /my/add/{measure}": true, "POST /my/add/{measure}": true,
	"GET /my/trends": true, "GET /my/trends/{measure}": true,

	"GET /my/me": true, "GET /my/me/looked": true, "GET /my/me/consents": true, "POST /my/me/consents": true, "GET /my/me/caregivers": true, "POST /my/me/caregivers": true,
	"GET /my/me/download": true, "POST /my/me/download": true, "GET /my/me/leave": true, "POST /my/me/leave": true, "GET /for": true,

	"GET /my/plan": true, "GET /my/plan/{plan}/{activity}": true, "POST /my/plan/{plan}/{activity}/done": true,
	"GET /my/plan/{plan}/{activity}/answer": true, "POST /my/plan/{plan}/{activity}/answer": true,

	"GET /my/messages": true, "POST /my/messages": true, "GET /my/messages/state": true, "POST /my/messages/check": true, "GET /my/messages/files/{file}": true,

	"POST /my/sync": true, "GET /my/import": true, "POST /my/import": true, "GET /my/import/{file}": true, "POST /my/import/{file}": true,
	"GET /my/me/reminders": true, "POST /my/me/reminders": true, "POST /my/me/reminders/phone": true, "POST /my/me/reminders/phone/end": true,

	"GET /sign-in": true, "POST /sign-in": true, "POST /sign-out": true, "GET /sign-in/again": true, "POST /sign-in/again": true,
	"POST /passkeys/begin": true, "GET /account": true, "POST /account": true, "GET /account/password": true, "POST /account/password": true,
	"GET /account/passkeys": true, "POST /account/passkeys": true, "GET /account/app": true, "POST /account/app": true,
	"GET /account/codes": true, "POST /account/codes": true, "POST /account/sessions": true,
}

// caller sends requests with or without a session.
type caller struct {
	*http.Client
	base string
}

func newCaller(base string) caller {
	jar, _ := cookiejar.New(nil)
	return caller{&http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, base}
}

func (c caller) send(t *testing.T, method, path, body string) (status int, page string) {
	t.Helper()
	req, err := http.NewRequest(method, c.base+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, _ := io.ReadAll(res.Body)
	return res.StatusCode, string(b)
}

// TestPatientsReachOnlyTheirOwn goes through every route of the program as a patient.
func TestPatientsReachOnlyTheirOwn(t *testing.T) {
	cfg := Defaults()
	cfg.Data, cfg.Demo, cfg.Site.Name = t.TempDir(), true, "Orlena"
	log := slog.New(slog.DiscardHandler)
	srv, err := New(t.Context(), cfg, "http://127.0.0.1:1", log, clock.System{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Close()
	for login, role := range map[string]identity.Role{"edda": identity.Patient, "piet": identity.Administrator} {
		if _, err := srv.Identity.CreateAccount(t.Context(), identity.NewAccount{Login: login, Name: "Somebody", Password: "orlena", Roles: []identity.Role{role}}); err != nil {
			t.Fatal(err)
		}
	}
	// A patient's role stands alone.
	both := identity.NewAccount{Login: "both", Name: "Both", Password: "orlena", Roles: []identity.Role{identity.Patient, identity.Clinician}}
	if made, err := srv.Identity.CreateAccount(t.Context(), both); err != nil || len(made.Roles) != 1 || made.Roles[0] != identity.Clinician {
		t.Errorf("an account with both: %v, %v", made.Roles, err)
	}
	house := httptest.NewServer(srv.Handler())
	defer house.Close()
	patient, nobody := newCaller(house.URL), newCaller(house.URL)
	if status, _ := patient.send(t, "POST", "/sign-in", url.Values{"login": {"edda"}, "password": {"orlena"}}.Encode()); status != http.StatusSeeOther {
		t.Fatalf("signing in: %d", status)
	}
	if status, _ := patient.send(t, "GET", "/account", ""); status != http.StatusOK {
		t.Fatalf("the patient is not signed in: %d", status)
	}
	seen := map[string]bool{}
	for _, r := range srv.everything(prometheus.NewRegistry()) {
		seen[r.Pattern] = true
		if forPatients[r.Pattern] {
			continue
		}
		method, path, ok := strings.Cut(r.Pattern, " ")
		if !ok {
			method, path = "GET", r.Pattern
		}
		for strings.Contains(path, "{") {
			open, rest, _ := strings.Cut(path, "{")
			_, rest, _ = strings.Cut(rest, "}")
			path = open + "x" + rest
		}
		body := ""
		if method == "POST" {
			body = "x=1"
		}
		as, _ := patient.send(t, method, path, body)
		without, _ := nobody.send(t, method, path, body)
		switch {
		case as == without || as == http.StatusForbidden || as == http.StatusNotFound:
		case as == http.StatusUnauthorized || as == http.StatusTooManyRequests || without == http.StatusTooManyRequests:
		default:
			t.Errorf("%s: a patient gets %d, a stranger %d", r.Pattern, as, without)
		}
	}
	for pattern := range forPatients {
		if !seen[pattern] {
			t.Errorf("%s is in the list and no route", pattern)
		}
	}
	// Some by name: what would be worst.
	for _, path := range []string{"/review", "/compose", "/drafts", "/gate/rules", "/ledger", "/admin/staff", "/admin/policy", "/policy", "/care", "/care/resident-01", "/mail"} {
		if status, page := patient.send(t, "GET", path, ""); status != http.StatusForbidden {
			t.Errorf("GET %s: %d\n%.200s", path, status, page)
		}
	}
	for _, path := range []string{"/fhir/Patient", "/fhir/Patient/resident-01", "/fhir/Observation", "/fhir/AuditEvent"} {
		if status, _ := patient.send(t, "GET", path, ""); status != http.StatusUnauthorized {
			t.Errorf("GET %s: %d", path, status)
		}
	}
	// Nor does a patient stand among the staff.
	admin := newCaller(house.URL)
	admin.send(t, "POST", "/sign-in", url.Values{"login": {"piet"}, "password": {"orlena"}}.Encode())
	all, err := srv.Identity.Accounts(t.Context())
	if err != nil || len(all) != 2 {
		t.Errorf("%d accounts of staff, %v", len(all), err)
	}
}
