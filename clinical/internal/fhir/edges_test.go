package fhir_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/validate"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/db/dbtest"
	"github.com/mitral-health/mitral/platform/web"
)

func TestBundlesOnTheWire(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.token("ana", "patient/*.cruds", "ana")
		w.put(patient("ana", "Quenby"), patient("eva", "Brezo"))
		bundle := func(kind string, entries ...string) string {
			return `{"resourceType":"Bundle","type":"` + kind + `","entry":[` + strings.Join(entries, ",") + `]}`
		}
		ask := func(method, url string) string {
			return `{"request":{"method":"` + method + `","url":"` + url + `"}}`
		}
		post := `{"fullUrl":"urn:uuid:1","resource":{"resourceType":"Patient","name":[{"family":"New"}]},"request":{"method":"POST","url":"Patient"}}`
		refers := `{"resource":` + strings.Replace(observation("x", "y", "8867-4", "1", "2026-01-01"), "Patient/y", "urn:uuid:1", 1) + `,"request":{"method":"POST","url":"Observation"}}`
		w.run(t, []row{
			{name: "transaction", line: "POST /fhir", body: bundle("transaction", refers, post), code: 200, has: []string{"transaction-response", "201 Created", "Observation/"}},
			{name: "with a slash", line: "POST /fhir/", body: bundle("transaction", post), code: 200},
			{name: "representation", line: "POST /fhir", headers: []string{"Prefer: return=representation"}, body: bundle("transaction", post), code: 200, has: []string{`"family":"New"`}},
			{name: "minimal", line: "POST /fhir", headers: []string{"Prefer: return=minimal"}, body: bundle("transaction", post), code: 200, has: []string{"!New"}},
			{name: "outcome", line: "POST /fhir", headers: []string{"Prefer: return=OperationOutcome"}, body: bundle("transaction", post), code: 200, has: []string{"transaction-response"}},
			{name: "it stands with what it refers to", line: "GET /fhir/Observation?_include=Observation:subject", code: 200, has: []string{`"family":"New"`}},
			{name: "one is wrong", line: "POST /fhir", body: bundle("transaction", post, `{"resource":{"resourceType":"Patient","gender":"f"},"request":{"method":"POST","url":"Patient"}}`), code: 400, has: []string{"Bundle.entry[1].resource.gender"}},
			{name: "batch", line: "POST /fhir", body: bundle("batch", ask("GET", "Patient/ana"), ask("GET", "Patient/none"), ask("GET", "Observation?code=8867-4"), ask("GET", "Patient/ana/_history"), ask("GET", "metadata"), ask("GET", "Patient/ana/$everything"), ask("GET", "Patient/ana/Observation")), code: 200,
				has: []string{"batch-response", "Quenby", "404 Not Found", "searchset", `"type":"history"`, "CapabilityStatement"}},
			{name: "batch, what they have", line: "POST /fhir", body: bundle("batch", `{"request":{"method":"GET","url":"Patient/ana","ifNoneMatch":"W/\"1\""}}`), code: 200, has: []string{"304 Not Modified", "!Quenby"}},
			{name: "batch, a patient's", as: "ana", line: "POST /fhir", body: bundle("batch", ask("GET", "Patient/ana"), ask("GET", "Patient/eva")), code: 200, has: []string{"Quenby", "404 Not Found", "!Brezo"}},
			{name: "no type of bundle", line: "POST /fhir", body: bundle("collection"), code: 400},
			{name: "no bundle", line: "POST /fhir", body: patient("x", "y"), code: 400},
			{name: "no JSON", line: "POST /fhir", body: "x", code: 400},
			{name: "XML", line: "POST /fhir", headers: []string{"Content-Type: application/fhir+xml"}, body: "<x/>", code: 415},
			{name: "too many", line: "POST /fhir", body: bundle("batch", slices.Repeat([]string{ask("GET", "Patient/ana")}, 5001)...), code: 413},
			{name: "nobody's", as: "-", line: "POST /fhir", body: bundle("batch"), code: 401},
		})
	})
}

func TestMetadata(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t, "clinical", migrations()))
	w.run(t, []row{
		{name: "metadata", as: "-", line: "GET /fhir/metadata", code: 200, has: []string{`"fhirVersion":"4.0.1"`, "SMART-on-FHIR", `"publisher":"Orlena"`}},
		{name: "pretty", as: "-", line: "GET /fhir/metadata?_pretty=true&mode=full", code: 200, has: []string{"\n  \"rest\""}},
		{name: "terminology", as: "-", line: "GET /fhir/metadata?mode=terminology", code: 501},
		{name: "what mode", as: "-", line: "GET /fhir/metadata?mode=x", code: 400},
		{name: "XML", as: "-", line: "GET /fhir/metadata?_format=xml", code: 406},
		{name: "summary", as: "-", line: "GET /fhir/metadata?_elements=fhirVersion", code: 200, has: []string{"SUBSETTED", "fhirVersion", "!searchParam"}},
	})
	n, err := resource.Parse([]byte(w.do("-", "GET /fhir/metadata", "").body))
	if err != nil {
		t.Fatal(err)
	}
	for _, is := range validate.Resource(n) {
		if is.Severity == outcome.Err {
			t.Errorf("%s: %s", is.Expression, is.Diagnostics)
		}
	}
	// What it promises of search is so: each parameter can be asked for.
	asked := 0
	types := n.Get("rest").At(0).Get("resource").Each()
	for i := range types {
		typ := types[i].Get("type").Str()
		for _, p := range types[i].Get("searchParam").Each() {
			if typ == "Observation" || typ == "Patient" || typ == "Condition" {
				asked++
				value := map[string]string{"date": "2026", "number": "1", "quantity": "1", "uri": "urn:x", "reference": "Patient/x"}[p.Get("type").Str()]
				if p.Get("type").Str() == "composite" {
					continue
				}
				if value == "" {
					value = "x"
				}
				if got := w.do("system", "GET /fhir/"+typ+"?"+p.Get("name").Str()+"="+value, "", "Prefer: handling=strict"); got.code != 200 {
					t.Errorf("%s?%s: %d %s", typ, p.Get("name").Str(), got.code, got.body)
				}
			}
		}
	}
	if asked < 80 || len(types) < 140 {
		t.Errorf("%d types, %d parameters tried", len(types), asked)
	}

	got := w.do("-", "GET /fhir/.well-known/smart-configuration", "")
	var c struct {
		Endpoint string   `json:"token_endpoint"`
		Grants   []string `json:"grant_types_supported"`
		Can      []string `json:"capabilities"`
	}
	if err := json.Unmarshal([]byte(got.body), &c); err != nil || got.code != 200 || c.Endpoint != base+"/auth/token" || !slices.Contains(c.Grants, "client_credentials") || !slices.Contains(c.Can, "client-confidential-asymmetric") {
		t.Errorf("%d %s %v", got.code, got.body, err)
	}
	if got := w.do("-", "POST "+strings.TrimPrefix(c.Endpoint, "https://orlena.example"), "a=b", "Content-Type: application/x-www-form-urlencoded"); got.code != 400 || !strings.Contains(got.body, "invalid_request") {
		t.Errorf("the token endpoint: %d %s", got.code, got.body)
	}
}

// Limits, panics and whatever else the chain answers come as OperationOutcomes too.
func TestTheChainSpeaksFHIR(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t, "clinical", migrations()))
	area := w.api.Area()
	area.Limit = web.NewRate(clock.At(noon), 1, 1e9, 3)
	h := web.New(web.Config{Log: discard(), Areas: []web.Area{area}}, w.api.Routes(),
		[]web.Route{{Pattern: "GET /fhir/broken/by/a/panic", Handler: func(http.ResponseWriter, *http.Request) error { panic("Ana Quenby") }}})
	for i, want := range []int{500, 404, 401, 429, 429} {
		path := []string{"/fhir/broken/by/a/panic", "/fhir/a/b/c/d/e", "/fhir/Patient/ana", "/fhir/metadata", "/fhir"}[i]
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, httptest.NewRequest("GET", path, nil))
		got := reply{rec.Code, rec.Result().Header, rec.Body.String()}
		if got.code != want || strings.Contains(got.body, "Ana") || want == 429 && got.header.Get("Retry-After") == "" {
			t.Errorf("%s: %d %v %s", path, got.code, got.header, got.body)
		}
		got.wellFormed(t, path)
	}
}

// The log tells neither ids nor what was searched for.
func TestLogIsBlind(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t, "clinical", migrations()))
	w.put(patient("ana-secret-id", "Quenbysecret"))
	for _, line := range []string{"GET /fhir/Patient/ana-secret-id", "GET /fhir/Patient?family=Quenbysecret", "GET /fhir/Patient/ana-secret-id/_history", "GET /fhir/Patient/ana-secret-id/a/b/c",
		"GET /fhir/Patient/ana-secret-id/Observation", "PUT /fhir/Patient/ana-secret-id", "DELETE /fhir/Patient/ana-secret-id", "GET /fhir/Patient/ana-secret-id?a=%zz"} {
		w.do("system", line, "")
	}
	for _, secret := range []string{"ana-secret-id", "Quenbysecret", w.tokens["system"]} {
		if strings.Contains(w.log.String(), secret) {
			t.Errorf("the log tells %s: %s", secret, w.log)
		}
	}
	if !strings.Contains(w.log.String(), "GET /fhir/{type}/{id}") {
		t.Errorf("the log tells nothing: %s", w.log)
	}
}

// A signed-in member of staff looks, from this site only, and changes nothing.
func TestSessions(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t, "clinical", migrations()))
	w.put(patient("ana", "Quenby"))
	w.run(t, []row{
		{name: "looks", as: "session:clinician", line: "GET /fhir/Patient/ana", code: 200},
		{name: "from this site", as: "session:clinician", line: "GET /fhir/Patient/ana", headers: []string{"Sec-Fetch-Site: same-origin"}, code: 200},
		{name: "from another", as: "session:clinician", line: "GET /fhir/Patient/ana", headers: []string{"Sec-Fetch-Site: cross-site"}, code: 401},
		{name: "from a neighbour", as: "session:clinician", line: "GET /fhir/Patient/ana", headers: []string{"Sec-Fetch-Site: same-site"}, code: 401},
		{name: "writes", as: "session:clinician", line: "PUT /fhir/Patient/ana", body: patient("ana", "x"), code: 401},
		{name: "deletes", as: "session:clinician", line: "DELETE /fhir/Patient/ana", code: 401},
		{name: "sends a bundle", as: "session:clinician", line: "POST /fhir", body: `{"resourceType":"Bundle","type":"batch"}`, code: 401},
		{name: "a token goes before the session", as: "session:clinician", line: "GET /fhir/Patient/ana", headers: []string{"Authorization: Bearer mt_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}, code: 401},
		{name: "who writes posts", as: "session:writer", line: "GET /fhir/Patient/ana", code: 401},
	})
}

func TestTooLargeAsTheySay(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t, "clinical", migrations()))
	r := httptest.NewRequest(http.MethodPost, "/fhir/Patient", strings.NewReader(unsent))
	r.ContentLength = 99 << 30
	rec := httptest.NewRecorder()
	w.h.ServeHTTP(rec, r)
	if rec.Code != http.StatusRequestEntityTooLarge || !strings.Contains(rec.Body.String(), "16384 KB") {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
}
