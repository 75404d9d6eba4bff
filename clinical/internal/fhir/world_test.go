package fhir_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/fhir"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/smart"
	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/db/dbtest"
	"github.com/mitral-health/mitral/platform/web"
)

const base = "https://orlena.example/fhir"

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// world is a program that answers below /fhir, and who can ask it.
type world struct {
	t       testing.TB
	h       http.Handler
	api     *fhir.API
	clock   *clock.Manual
	clients *smart.Clients
	records *records.Store
	db      *db.DB
	log     *bytes.Buffer
	tokens  map[string]string // by what rows call them
	staff   map[string]*identity.Principal
}

func migrations() []db.Migration {
	return slices.Concat(records.Migrations(), smart.Migrations(), records.WithheldMigrations())
}

func each(t *testing.T, f func(t *testing.T, w *world)) {
	dbtest.Each(t, "clinical", migrations(), func(t *testing.T, store *db.DB) { f(t, newWorld(t, store)) })
}

func newWorld(t testing.TB, store *db.DB) *world {
	t.Helper()
	w := &world{t: t, clock: clock.At(noon), db: store, log: &bytes.Buffer{}, tokens: map[string]string{}}
	log := slog.New(slog.NewTextHandler(w.log, nil))
	var err error
	if w.records, err = records.Open(records.Deps{DB: store, Clock: w.clock, Log: log, Base: base}); err != nil {
		t.Fatal(err)
	}
	if w.clients, err = smart.Open(smart.Deps{Store: store, Clock: w.clock, Log: log, Base: base}); err != nil {
		t.Fatal(err)
	}
	if w.api, err = fhir.New(fhir.Deps{Records: w.records, Clients: w.clients, Clock: w.clock, Log: log, Base: base, Version: "1", Publisher: "Orlena"}); err != nil {
		t.Fatal(err)
	}
	inner := web.New(web.Config{Log: log, Clock: w.clock, Areas: []web.Area{w.api.Area()}}, w.api.Routes(), w.clients.Routes())
	w.staff = map[string]*identity.Principal{
		"clinician": identity.NewPrincipal("Marisol Quenby", identity.Clinician), "officer": identity.NewPrincipal("Leonor Vask", identity.PrivacyOfficer),
		"both": identity.NewPrincipal("Iria Castlemoor", identity.Clinician, identity.PrivacyOfficer), "writer": identity.NewPrincipal("Ama Oseland", identity.Communications),
	}
	w.h = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if p := w.staff[r.Header.Get("Test-Session")]; p != nil { // as identity's middleware does for a cookie
			r = r.WithContext(identity.With(r.Context(), p))
		}
		inner.ServeHTTP(rw, r)
	})
	w.token("system", "system/*.cruds", "")
	return w
}

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }

// token makes a token that rows call name.
func (w *world) token(name, scope, patient string) {
	w.t.Helper()
	c, err := w.clients.Named(w.t.Context(), "program "+name, scope)
	if err == nil {
		w.tokens[name], err = w.clients.Issue(w.t.Context(), c.ID, scope, patient, 1000*time.Hour)
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// reply is an answer.
type reply struct {
	code   int
	header http.Header
	body   string
}

// do sends "METHOD /path"; headers are "Name: value". A body brings application/fhir+json unless a
// header says otherwise; as names a token or, as "session:…", a member of staff.
func (w *world) do(as, line, body string, headers ...string) reply {
	w.t.Helper()
	method, path, _ := strings.Cut(line, " ")
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if body == "" {
		r.Body, r.ContentLength = http.NoBody, 0
	} else {
		r.Header.Set("Content-Type", "application/fhir+json")
	}
	if method == "PATCH" && strings.HasPrefix(body, "[") {
		r.Header.Set("Content-Type", "application/json-patch+json")
	}
	if session, ok := strings.CutPrefix(as, "session:"); ok {
		r.Header.Set("Test-Session", session)
	} else if token := w.tokens[as]; token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if value == "" {
			r.Header.Del(strings.TrimSuffix(name, ":"))
		} else {
			r.Header.Set(name, value)
		}
	}
	rec := httptest.NewRecorder()
	w.h.ServeHTTP(rec, r)
	return reply{rec.Code, rec.Result().Header, rec.Body.String()}
}

// row is one request and what its answer must be.
type row struct {
	name    string
	as      string // "" is the system's token, "-" nobody
	line    string
	headers []string
	body    string
	code    int
	has     []string // in the body; "Name: value" in the header, value "*" is any; "!…" is not there
}

func (w *world) run(t *testing.T, rows []row) {
	t.Helper()
	for _, x := range rows {
		as := x.as
		if as == "" {
			as = "system"
		}
		w.clock.Advance(time.Second)
		got := w.do(as, x.line, x.body, x.headers...)
		if got.code != x.code {
			t.Errorf("%s: %s: %d, want %d: %.600s", x.name, x.line, got.code, x.code, got.body)
			continue
		}
		for _, want := range x.has {
			want, not := strings.CutPrefix(want, "!")
			if got.holds(want) == not {
				t.Errorf("%s: %s: %q is %v, in\n%v\n%.1500s", x.name, x.line, want, !not, got.header, got.body)
			}
		}
		got.wellFormed(t, x.name)
	}
}

func (r reply) holds(want string) bool {
	if name, value, ok := strings.Cut(want, ": "); ok && http.CanonicalHeaderKey(name) == name && !strings.ContainsAny(name, `{" `) {
		got := r.header[name]
		return len(got) > 0 && (value == "*" || slices.Contains(got, value))
	}
	return strings.Contains(r.body, want)
}

// wellFormed is what every answer must be.
func (r reply) wellFormed(t *testing.T, name string) {
	t.Helper()
	if r.header.Get("Access-Control-Allow-Origin") != "*" || r.header.Get("Access-Control-Allow-Credentials") != "" {
		t.Errorf("%s: CORS: %v", name, r.header)
	}
	if r.code >= 400 && r.body != "" {
		var o struct {
			ResourceType string
			Issue        []struct{ Severity, Code, Diagnostics string }
		}
		if err := json.Unmarshal([]byte(r.body), &o); err != nil || o.ResourceType != "OperationOutcome" || len(o.Issue) == 0 || o.Issue[0].Diagnostics == "" {
			t.Errorf("%s: %d is no OperationOutcome: %s", name, r.code, r.body)
		}
	}
	if r.body != "" && r.header.Get("Content-Type") != "application/fhir+json; charset=utf-8" && !strings.Contains(r.body, "token_endpoint") {
		t.Errorf("%s: Content-Type %q", name, r.header.Get("Content-Type"))
	}
	if r.code == 401 && !strings.HasPrefix(r.header.Get("Www-Authenticate"), "Bearer ") {
		t.Errorf("%s: 401 without WWW-Authenticate", name)
	}
}

// put stores a resource under its id.
func (w *world) put(bodies ...string) {
	w.t.Helper()
	for _, b := range bodies {
		var r struct{ ResourceType, ID string }
		if err := json.Unmarshal([]byte(b), &r); err != nil {
			w.t.Fatal(err)
		}
		if got := w.do("system", "PUT /fhir/"+r.ResourceType+"/"+r.ID, b); got.code != 200 && got.code != 201 {
			w.t.Fatalf("%s/%s: %d %s", r.ResourceType, r.ID, got.code, got.body)
		}
	}
}

func patient(id, family string) string {
	return `{"resourceType":"Patient","id":"` + id + `","active":true,"name":[{"family":"` + family + `","given":["Ana"]}],"gender":"female","birthDate":"1970-01-02"}`
}

func observation(id, of, code, value, day string) string {
	return `{"resourceType":"Observation","id":"` + id + `","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"` + code + `"}]},"subject":{"reference":"Patient/` + of +
		`"},"effectiveDateTime":"` + day + `","valueQuantity":{"value":` + value + `,"unit":"/min","system":"http://unitsofmeasure.org","code":"/min"}}`
}
