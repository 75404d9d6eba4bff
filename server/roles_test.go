package server

import (
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/mitral-health/mitral/identity"
)

// private are the beginnings of the addresses behind which something of patients is.
var private = []string{"/my", "/for", "/care", "/fhir"}

// Whoever of the staff is no clinician reaches nothing of the private chamber, by no route; what patients and clinicians
// are answered may be kept by nobody, and is for no search engine.
func TestPrivateIsForFew(t *testing.T) {
	srv, as := house(t)
	callers := map[string]caller{"nobody": newCaller(as("bernat").base)}
	for login, role := range map[string]identity.Role{"ama": identity.Communications, "leonor": identity.Reviewer, "esteban": identity.PrivacyOfficer, "piet": identity.Administrator, "nadia": identity.Moderator} {
		if _, err := srv.Identity.CreateAccount(t.Context(), identity.NewAccount{Login: login, Name: login, Password: "orlena", Roles: []identity.Role{role}, Accepted: true}); err != nil {
			t.Fatal(err)
		}
		callers[login] = as(login)
	}
	clinician := as("marisol")
	_, policy := clinician.send(t, "GET", "/policy", "")
	clinician.send(t, "POST", "/policy", url.Values{"accept": {"yes"}, "version": {regexp.MustCompile(`name="version" value="([0-9]+)"`).FindStringSubmatch(policy)[1]}}.Encode())
	insiders := map[string]caller{"bernat": as("bernat"), "irune": as("irune"), "marisol": clinician}
	open, tried := 0, 0
	for _, r := range srv.everything(prometheus.NewRegistry()) {
		method, path, ok := strings.Cut(r.Pattern, " ")
		if !ok {
			method, path = "GET", r.Pattern
		}
		inside := false
		for _, p := range private {
			inside = inside || path == p || strings.HasPrefix(path, p+"/")
		}
		if !inside || path == "/fhir/metadata" || path == "/my/sw.js" || path == "/my/app.webmanifest" {
			continue
		}
		tried++
		path = strings.Replace(strings.Replace(path, "{patient}", "bernat", 1), "{measure}", "weight", 1)
		path = regexp.MustCompile(`\{[^}]+\}`).ReplaceAllString(path, "x")
		body := ""
		if method == "POST" {
			body = "x=1"
		}
		for who, c := range callers {
			status, page := c.send(t, method, path, body)
			if strings.Contains(page, "Olza") || status == http.StatusOK && !strings.HasPrefix(path, "/fhir") {
				t.Errorf("%s, as %s: %d\n%.200s", r.Pattern, who, status, page)
			}
		}
		if method != "GET" || strings.HasSuffix(path, "/live") || strings.HasPrefix(path, "/fhir") {
			continue
		}
		for who, c := range insiders {
			res, err := c.Get(c.base + path)
			if err != nil {
				t.Fatal(err)
			}
			b, _ := io.ReadAll(res.Body)
			res.Body.Close()
			if res.StatusCode != http.StatusOK {
				continue
			}
			open++
			page := string(b)
			if !strings.Contains(res.Header.Get("Cache-Control"), "no-store") || res.Header.Get("Etag") != "" || res.Header.Get("Referrer-Policy") != "same-origin" {
				t.Errorf("%s, as %s: %v", path, who, res.Header)
			}
			if strings.Contains(res.Header.Get("Content-Type"), "html") && (!strings.Contains(page, `name="robots" content="noindex"`) || strings.Contains(page, "og:") || strings.Contains(page, "ld+json")) {
				t.Errorf("%s, as %s, is for search engines", path, who)
			}
			title := regexp.MustCompile(`(?s)<title>(.*?)</title>`).FindStringSubmatch(page)
			if title != nil && who != "marisol" && regexp.MustCompile(`(?i)olza|[0-9]{2,}`).MatchString(title[1]) {
				t.Errorf("%s, as %s, says in its title: %s", path, who, title[1])
			}
			for _, out := range regexp.MustCompile(`(?:href|src|action)="(https?:)?//[^"]*"`).FindAllString(page, -1) {
				if !strings.Contains(out, srv.site.URL) {
					t.Errorf("%s, as %s, leads away: %s", path, who, out)
				}
			}
		}
	}
	if open < 30 || tried < 60 {
		t.Errorf("%d routes were tried, %d pages were open", tried, open)
	}
}
