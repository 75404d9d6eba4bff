package care

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/access"
	charted "github.com/mitral-health/mitral/clinical/internal/chart"
	"github.com/mitral-health/mitral/clinical/internal/people"
	"github.com/mitral-health/mitral/clinical/internal/plans"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/talk"
	"github.com/mitral-health/mitral/clinical/internal/triage"
	"github.com/mitral-health/mitral/clinical/internal/validate"
	"github.com/mitral-health/mitral/gate/review"
	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/blob"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/db/dbtest"
	"github.com/mitral-health/mitral/platform/mail"
	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/ui"
)

type noMail struct{}

func (noMail) Send(context.Context, mail.Message) error { return nil }

// world is the pages as the program serves them, a doctor and two patients.
type world struct {
	t       *testing.T
	h       http.Handler
	records *records.Store
	people  *people.People
	triage  *triage.Triage
	pages   *Care
	clock   *clock.Manual
	who     map[string]*identity.Principal
	id      map[string]string // logical ids of the patients
}

func each(t *testing.T, f func(w *world)) {
	steps := slices.Concat(records.Migrations(), people.Migrations(), records.WithheldMigrations(), people.CaringMigrations(), triage.Migrations(), plans.Migrations(), talk.Migrations(),
		charted.Migrations(), plans.DoneMigrations(), triage.DecidedMigrations())
	dbtest.Each(t, "clinical", steps, func(t *testing.T, store *db.DB) {
		w := &world{t: t, clock: clock.At(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)), id: map[string]string{}}
		log := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError}))
		site := &ui.Site{Name: "Orlena", URL: "https://orlena.example", TimeZone: "Europe/Madrid", Langs: []string{"en", "es"}, Emergency: "112"}
		var err error
		if w.records, err = records.Open(records.Deps{DB: store, Clock: w.clock, Log: log, Base: "https://orlena.example/fhir"}); err != nil {
			t.Fatal(err)
		}
		charted.Watch(w.records)
		plans.Watch(w.records)
		w.people, err = people.Open(people.Deps{Records: w.records, Store: store, Clock: w.clock, Mailer: noMail{}, Site: site, Key: bytes.Repeat([]byte{9}, 32)})
		if err != nil {
			t.Fatal(err)
		}
		const base = "https://orlena.example/fhir"
		if w.triage, err = triage.Open(triage.Deps{Records: w.records, Store: store, Clock: w.clock, Log: log}); err != nil {
			t.Fatal(err)
		}
		files, err := blob.Folder(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		messages, err := talk.Open(talk.Deps{Records: w.records, People: w.people, Triage: w.triage, Store: store, Blobs: files, Clock: w.clock, Log: log, Base: base,
			Hours: review.Always(time.UTC), Within: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		planned, err := plans.New(plans.Deps{Records: w.records, Store: store, People: w.people, Clock: w.clock, Triage: w.triage})
		if err != nil {
			t.Fatal(err)
		}
		w.pages, err = New(Deps{Records: w.records, People: w.people, Clock: w.clock, Base: base, Site: site, Triage: w.triage, Talk: messages, Plans: planned})
		if err != nil {
			t.Fatal(err)
		}
		w.who = map[string]*identity.Principal{"edda": identity.NewPrincipal("Edda Fernbrook", identity.Patient), "ciro": identity.NewPrincipal("Ciro Maldonbury", identity.Patient),
			"new": identity.NewPrincipal("Frida", identity.Patient), "doctor": identity.NewPrincipal("Marisol Quenby", identity.Clinician), "nurse": identity.NewPrincipal("Tobias Arlenwick", identity.Clinician),
			"writer": identity.NewPrincipal("Ama Oseland", identity.Communications)}
		inner := web.New(web.Config{Log: log, Clock: w.clock}, w.pages.Routes())
		w.h = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			ctx := r.Context()
			if p := w.who[r.Header.Get("Test-Session")]; p != nil {
				ctx = identity.With(ctx, p)
			}
			inner.ServeHTTP(rw, r.WithContext(ui.With(ctx, &ui.Setting{Site: site, Lang: r.Header.Get("Accept-Language"), Path: r.URL.Path, Origin: site.URL})))
		})
		doctor := records.Ask{Who: access.Who{Kind: access.Clinician, ID: "d"}}
		for _, name := range []string{"edda", "ciro"} {
			err := w.records.Do(t.Context(), doctor, func(tx *records.Tx) error {
				n, err := resource.Parse([]byte(`{"resourceType":"Patient","name":[{"given":["` + given(w.who[name].Name) + `"],"family":"Fernbrook"}],"birthDate":"1948-03-11"}`))
				if err != nil {
					return err
				}
				r, err := tx.Create(t.Context(), n)
				w.id[name] = r.ID
				return err
			})
			if err == nil {
				err = w.people.Connect(t.Context(), w.who[name].Subject(identity.Clinical).String(), name, w.id[name])
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		f(w)
	})
}

func (w *world) do(as, method, path string, nameValue ...string) *httptest.ResponseRecorder {
	form := url.Values{}
	for i := 0; i+1 < len(nameValue); i += 2 {
		form.Set(nameValue[i], nameValue[i+1])
	}
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	if method == "POST" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("Test-Session", as)
	rec := httptest.NewRecorder()
	w.h.ServeHTTP(rec, r)
	return rec
}

func (w *world) want(as, method, path string, code int, has string, nameValue ...string) string {
	w.t.Helper()
	rec := w.do(as, method, path, nameValue...)
	page := rec.Body.String() + " to " + rec.Header().Get("Location")
	if rec.Code != code || !strings.Contains(page, has) {
		w.t.Errorf("%s %s as %q: %d, want %d with %q\n%.1500s", method, path, as, rec.Code, code, has, page)
	}
	return page
}

// stored are the patient's Observations.
func (w *world) stored(name string) []records.Record {
	w.t.Helper()
	var page records.Page
	err := w.records.Look(w.t.Context(), records.Ask{Who: access.Who{Kind: access.Clinician, ID: "d"}}, func(tx *records.Tx) (err error) {
		page, err = tx.Find(w.t.Context(), "Observation", "patient", "Patient/"+w.id[name])
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return page.Records
}

const bp = "/my/add/blood-pressure"

func TestReading(t *testing.T) {
	each(t, func(w *world) {
		page := w.want("edda", "GET", bp, 200, "Top number")
		key := regexp.MustCompile(`name="key" value="([0-9a-f]{32})"`).FindStringSubmatch(page)[1]

		// What can't be is refused, what is unlikely asked about, and nothing is stored.
		w.want("edda", "POST", bp, 422, "whole numbers", "key", key, "n0", "12,8", "n1", "80")
		w.want("edda", "POST", bp, 422, "128 mmHg", "key", key, "n0", "12,8", "n1", "80")
		w.want("edda", "POST", bp, 422, "be more than 350", "key", key, "n0", "900", "n1", "80")
		w.want("edda", "POST", bp, 422, "wrong way round", "key", key, "n0", "80", "n1", "120")
		w.want("edda", "POST", bp, 422, "Is this right?", "key", key, "n0", "240", "n1", "130")
		w.want("edda", "POST", bp, 422, "Is this right?", "key", key, "n0", "240", "n1", "130", "sure", "235 130 mm[Hg]") // a yes to something else
		w.want("edda", "POST", bp, 422, "incomplete", "n0", "128", "n1", "79")
		w.want("edda", "POST", bp, 422, "Choose the day", "key", key, "n0", "128", "n1", "79", "at", "never")
		if n := len(w.stored("edda")); n != 0 {
			t.Fatalf("%d stored", n)
		}

		// Sent five times at once and once more later: stored once, the same answer.
		var wg sync.WaitGroup
		for range 5 {
			wg.Go(func() {
				w.want("edda", "POST", bp, 303, "/my?sent=blood-pressure", "key", key, "n0", "131", "n1", "82")
			})
		}
		wg.Wait()
		w.clock.Advance(time.Hour)
		w.want("edda", "POST", bp, 303, "/my?sent=blood-pressure", "key", key, "n0", "131", "n1", "82")
		all := w.stored("edda")
		if len(all) != 1 {
			t.Fatalf("%d stored, want 1", len(all))
		}
		n, err := resource.Parse(all[0].Body)
		if err != nil {
			t.Fatal(err)
		}
		if wrong := validate.Resource(n); len(wrong) > 0 {
			t.Errorf("not valid: %v", wrong)
		}
		w.want("edda", "GET", "/my?sent=blood-pressure", 200, "Blood pressure: 131/82. Your team can see it now.")

		// The unlikely with a yes; the button of what was meant; a comma; the other unit.
		w.want("edda", "POST", bp, 303, "/my", "key", "key-number-2", "n0", "240", "n1", "130", "sure", "240 130 mm[Hg]")
		w.want("edda", "POST", bp, 303, "/my", "key", "key-number-3", "n0", "12,8", "n1", "80", "take", "0|128|mm[Hg]")
		w.want("edda", "POST", "/my/add/weight", 303, "/my", "key", "key-number-4", "n0", "72,4", "unit", "kg")
		w.want("edda", "POST", "/my/add/glucose", 422, "Choose the unit", "key", "key-number-5", "n0", "5,6")
		w.want("edda", "POST", "/my/add/glucose", 303, "/my", "key", "key-number-5", "n0", "5,6", "unit", "mmol/L")
		w.want("edda", "GET", "/my/add/glucose", 200, `value="mmol/L" checked`)
		w.want("edda", "GET", "/my/trends/glucose", 200, "mmol/L")
		if n := len(w.stored("edda")); n != 5 {
			t.Errorf("%d stored, want 5", n)
		}
		w.want("edda", "GET", "/my/add/respiratory-rate", 404, "")
		w.want("edda", "GET", "/my/trends/nonsense", 404, "")
	})
}

func TestWhoSeesWhat(t *testing.T) {
	each(t, func(w *world) {
		w.want("edda", "POST", bp, 303, "/my", "key", "key-number-1", "n0", "131", "n1", "82")
		if page := w.want("ciro", "GET", "/my", 200, "Your first reading"); strings.Contains(page, "131/82") {
			t.Error("one patient sees another's")
		}
		for _, path := range []string{"/my", "/my/add", bp, "/my/trends"} {
			w.want("doctor", "GET", path, 403, "")
			w.want("new", "GET", path, 303, "/join")
			w.want("", "GET", path, 303, "/sign-in?next=")
		}
		w.want("new", "POST", bp, 403, "", "key", "key-number-9", "n0", "131", "n1", "82")
		edda := "/care/" + w.id["edda"]
		for _, path := range []string{"/care", "/care/live", "/care/patients", "/care/work", edda, edda + "/trends/blood-pressure", edda + "/invite", edda + "/thresholds", edda + "/thresholds/new"} {
			for _, as := range []string{"edda", "writer"} {
				w.want(as, "GET", path, 403, "")
			}
			w.want("", "GET", path, 303, "/sign-in?next=")
		}
		w.want("writer", "POST", edda+"/invite", 403, "")

		// The team sees it, and the patient sees that.
		w.want("doctor", "GET", "/care/patients?name=Fern", 200, "131/82")
		w.want("doctor", "GET", edda, 200, "131/82")
		w.want("doctor", "GET", "/care/nobody", 404, "")
		w.want("edda", "GET", "/my", 200, "Marisol Quenby, your care team")
		err := w.records.Look(t.Context(), records.Ask{Who: access.Who{Kind: access.Patient, ID: "x", Patient: w.id["ciro"]}}, func(tx *records.Tx) error {
			_, _, err := tx.Looks(t.Context(), w.id["edda"], "", 10)
			return err
		})
		if err == nil {
			t.Error("one patient reads who looked at another")
		}
	})
}

func TestWayIn(t *testing.T) {
	each(t, func(w *world) {
		edda := "/care/" + w.id["edda"] + "/invite"
		w.want("doctor", "POST", edda, 303, edda, "lang", "en")
		page := w.want("doctor", "GET", edda, 200, "data:image/png")
		code := regexp.MustCompile(`joincode" translate="no">([^<]+)<`).FindStringSubmatch(page)[1]
		w.want("", "GET", "/join/"+strings.ReplaceAll(code, "-", ""), 303, "/join")
		w.want("", "GET", "/join/AAAAAAAAAA", 422, "used already")
		w.want("doctor", "GET", "/join", 403, "")
		w.want("new", "POST", "/join", 422, "used already", "code", "AAAAA-AAAAA", "do", "connect")
		w.want("new", "POST", "/join", 303, "/my", "code", code, "do", "connect")
		w.want("new", "POST", "/join", 303, "/my", "code", code, "do", "connect") // the second press
		w.want("ciro", "POST", "/join", 303, "/my", "code", code, "do", "connect")
		w.want("new", "GET", "/my", 200, "Your first reading")
		w.want("edda", "GET", "/my", 303, "/join") // the account before sees nothing more
		for range 30 {
			w.do("", "GET", "/join/AAAAAAAAAA")
		}
		w.want("", "GET", "/join/AAAAAAAAAA", 429, "")
	})
}
