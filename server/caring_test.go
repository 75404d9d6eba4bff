package server

import (
	"bufio"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/clock"
)

// house is the whole program with two patients, and Irune, who acts for one of them.
func house(t *testing.T) (*Server, func(login string) caller) {
	t.Helper()
	cfg := Defaults()
	cfg.Data, cfg.Demo, cfg.Site.Name = t.TempDir(), true, "Orlena"
	srv, err := New(t.Context(), cfg, "http://127.0.0.1:1", slog.New(slog.DiscardHandler), clock.System{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(srv.Close)
	var all strings.Builder
	for _, id := range []string{"bernat", "ciro"} {
		all.WriteString(`,{"resource":{"resourceType":"Patient","id":"` + id + `","name":[{"text":"` + id + ` Olza"}]},"request":{"method":"PUT","url":"Patient/` + id + `"}}`)
	}
	if err := srv.Clinical.Load(t.Context(), []byte(`{"resourceType":"Bundle","type":"transaction","entry":[`+all.String()[1:]+`]}`)); err != nil {
		t.Fatal(err)
	}
	for login, role := range map[string]identity.Role{"bernat": identity.Patient, "ciro": identity.Patient, "irune": identity.Patient, "marisol": identity.Clinician} {
		made, err := srv.Identity.CreateAccount(t.Context(), identity.NewAccount{Login: login, Name: login, Password: "orlena", Roles: []identity.Role{role}})
		if err != nil {
			t.Fatal(err)
		}
		subject := made.Subjects[identity.Clinical].String()
		switch login {
		case "irune":
			err = srv.Clinical.Caring(t.Context(), "bernat", subject, "Irune", "CHILD", "en")
		case "bernat", "ciro":
			err = srv.Clinical.Connect(t.Context(), subject, login, login)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	at := httptest.NewServer(srv.Handler())
	t.Cleanup(at.Close)
	return srv, func(login string) caller {
		c := newCaller(at.URL)
		if status, _ := c.send(t, "POST", "/sign-in", url.Values{"login": {login}, "password": {"orlena"}}.Encode()); status != http.StatusSeeOther {
			t.Fatalf("%s signs in: %d", login, status)
		}
		return c
	}
}

// Every route with a patient in its address, tried by another patient, by a caregiver of somebody else, and by a caregiver whose
// authority ended a moment ago: for each of them there is nothing.
func TestNobodyReachesAnotherPatient(t *testing.T) {
	srv, as := house(t)
	bernat, ciro, irune := as("bernat"), as("ciro"), as("irune")
	var paths [][2]string
	open := 0
	for _, r := range srv.everything(prometheus.NewRegistry()) {
		method, path, _ := strings.Cut(r.Pattern, " ")
		if !strings.HasPrefix(path, "/for/{patient}") && !strings.HasPrefix(path, "/care/{patient}") {
			continue
		}
		rest := regexp.MustCompile(`\{[^}]+\}`).ReplaceAllString(strings.Replace(path, "{patient}", "PATIENT", 1), "blood-pressure")
		paths = append(paths, [2]string{method, rest})
	}
	try := func(c caller, patient string, at [2]string) int {
		body := ""
		if at[0] == "POST" {
			body = "x=1"
		}
		status, _ := c.send(t, at[0], strings.Replace(at[1], "PATIENT", patient, 1), body)
		return status
	}
	none := func(c caller, who, patient string) {
		t.Helper()
		for _, at := range paths {
			if status := try(c, patient, at); status != http.StatusNotFound && status != http.StatusForbidden {
				t.Errorf("%s, %s for %s: %d", who, at, patient, status)
			}
		}
	}
	none(ciro, "ciro", "bernat")
	none(bernat, "bernat", "bernat") // a patient's own pages are below /my
	none(irune, "irune", "ciro")
	for _, at := range paths {
		if strings.HasPrefix(at[1], "/for/") && at[0] == "GET" && try(irune, "bernat", at) == http.StatusOK {
			open++
		}
	}
	if open < 7 || len(paths) < 30 {
		t.Errorf("irune reaches %d pages of bernat's, of %d routes", open, len(paths))
	}
	for _, private := range []string{"/me/looked", "/me/consents", "/me/caregivers", "/me/download", "/me/leave", "/me/reminders", "/import"} {
		for _, method := range []string{"GET", "POST"} {
			if status, _ := irune.send(t, method, "/for/bernat"+private, "sure=on"); status != http.StatusNotFound && status != http.StatusMethodNotAllowed {
				t.Errorf("irune, %s /for/bernat%s: %d", method, private, status)
			}
		}
	}
	_, page := bernat.send(t, "GET", "/my/me/caregivers", "")
	person := regexp.MustCompile(`name="person" value="([^"]+)"`).FindStringSubmatch(page)
	if person == nil {
		t.Fatalf("nobody acts for bernat\n%.600s", page)
	}
	if status, _ := bernat.send(t, "POST", "/my/me/caregivers", url.Values{"do": {"end"}, "person": {person[1]}}.Encode()); status != http.StatusSeeOther {
		t.Fatalf("ending it: %d", status)
	}
	none(irune, "irune, who was ended", "bernat")
}

// A phone is stolen: signed out from another device, it reaches nothing, what waited on it is not taken, and a stream that it
// has open ends.
func TestStolenPhone(t *testing.T) {
	_, as := house(t)
	phone, home := as("bernat"), as("bernat")
	if status, _ := phone.send(t, "GET", "/my/me", ""); status != http.StatusOK {
		t.Fatalf("the phone: %d", status)
	}
	if status, _ := home.send(t, "POST", "/account/sessions", "which=others"); status != http.StatusSeeOther {
		t.Fatalf("signing out: %d", status)
	}
	if status, _ := phone.send(t, "GET", "/my", ""); status != http.StatusSeeOther {
		t.Errorf("the phone reads: %d", status)
	}
	req, _ := http.NewRequest("POST", phone.base+"/my/sync", strings.NewReader(`{"owner":"x","sent":"2026-11-23T09:00:00Z","entries":[]}`))
	req.Header.Set("Content-Type", "application/json")
	res, err := phone.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusUnauthorized {
		t.Errorf("what waited on the phone: %d", res.StatusCode)
	}
	if status, _ := home.send(t, "GET", "/my/me", ""); status != http.StatusOK {
		t.Errorf("the other device: %d", status)
	}
}

func TestStreamsEndWithTheirSession(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for a beat of the stream")
	}
	_, as := house(t)
	phone, desk := as("marisol"), as("marisol")
	_, policy := phone.send(t, "GET", "/policy", "")
	version := regexp.MustCompile(`name="version" value="([0-9]+)"`).FindStringSubmatch(policy)
	if version == nil {
		t.Fatalf("no policy\n%.300s", policy)
	}
	if status, _ := phone.send(t, "POST", "/policy", "accept=yes&version="+version[1]); status != http.StatusSeeOther {
		t.Fatalf("the policy: %d", status)
	}
	res, err := phone.Get(phone.base + "/care/live")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Fatalf("the stream: %d", res.StatusCode)
	}
	lines := bufio.NewScanner(res.Body)
	if !lines.Scan() {
		t.Fatal("nothing arrives")
	}
	if status, _ := desk.send(t, "POST", "/account/sessions", "which=others"); status != http.StatusSeeOther {
		t.Fatalf("signing out: %d", status)
	}
	ended, began := make(chan bool), time.Now()
	go func() {
		for lines.Scan() {
		}
		close(ended)
	}()
	select {
	case <-ended:
		t.Logf("ended after %v", time.Since(began).Round(time.Second))
	case <-time.After(25 * time.Second):
		t.Error("the stream goes on without its session")
	}
}

// What a stolen phone has begun to send ends with its session: a body that dawdles is asked again when it is there.
func TestSlowBodiesEndWithTheirSession(t *testing.T) {
	_, as := house(t)
	phone, home := as("bernat"), as("bernat")
	send := func(meanwhile func()) int {
		r, w := io.Pipe()
		req, _ := http.NewRequest("POST", phone.base+"/my/messages", r)
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		go func() {
			_, _ = w.Write([]byte("key=0123456789abcdef&text=Good+mor"))
			meanwhile()
			_, _ = w.Write([]byte("ning"))
			_ = w.Close()
		}()
		res, err := phone.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		return res.StatusCode
	}
	if status := send(func() {}); status != http.StatusSeeOther {
		t.Fatalf("a message: %d", status)
	}
	status := send(func() {
		time.Sleep(1100 * time.Millisecond)
		if status, _ := home.send(t, "POST", "/account/sessions", "which=others"); status != http.StatusSeeOther {
			t.Errorf("signing out: %d", status)
		}
	})
	if status != http.StatusNotFound {
		t.Errorf("what the phone had begun to send: %d", status)
	}
}
