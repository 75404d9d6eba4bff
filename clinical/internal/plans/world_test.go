package plans

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/chart"
	"github.com/mitral-health/mitral/clinical/internal/people"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/triage"
	"github.com/mitral-health/mitral/clinical/internal/validate"
	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/db/dbtest"
	"github.com/mitral-health/mitral/platform/mail"
	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/ui"
)

type noMail struct{}

func (noMail) Send(context.Context, mail.Message) error { return nil }

// world is the pages as the program serves them, a doctor, two patients and somebody who cares for one.
type world struct {
	t      *testing.T
	h      http.Handler
	plans  *Plans
	clock  *clock.Manual
	who    map[string]*identity.Principal
	id     map[string]string // logical ids of the patients
	doctor records.Ask
}

// each runs f on every database, on Monday 23 November 2026 at 10:00 in Madrid.
func each(t *testing.T, f func(w *world)) {
	steps := append(records.Migrations(), people.Migrations()...)
	steps = append(steps, records.WithheldMigrations()...)
	steps = append(steps, people.CaringMigrations()...)
	steps = append(steps, triage.Migrations()...)
	steps = append(steps, Migrations()...)
	steps = append(steps, chart.Migrations()...)
	steps = append(steps, DoneMigrations()...)
	dbtest.Each(t, "clinical", steps, func(t *testing.T, store *db.DB) {
		w := &world{t: t, clock: clock.At(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)), id: map[string]string{}}
		log := slog.New(slog.DiscardHandler)
		zone, err := time.LoadLocation("Europe/Madrid")
		if err != nil {
			t.Fatal(err)
		}
		site := &ui.Site{Name: "Orlena", URL: "https://orlena.example", TimeZone: "Europe/Madrid", Langs: []string{"en", "es"}, Emergency: "112"}
		rec, err := records.Open(records.Deps{DB: store, Clock: w.clock, Log: log, Base: "https://orlena.example/fhir"})
		if err != nil {
			t.Fatal(err)
		}
		chart.Watch(rec)
		Watch(rec)
		engine, err := triage.Open(triage.Deps{Records: rec, Store: store, Clock: w.clock, Log: log})
		if err != nil {
			t.Fatal(err)
		}
		folk, err := people.Open(people.Deps{Records: rec, Store: store, Clock: w.clock, Mailer: noMail{}, Site: site, Key: bytes.Repeat([]byte{9}, 32)})
		if err != nil {
			t.Fatal(err)
		}
		if w.plans, err = New(Deps{Records: rec, Store: store, People: folk, Clock: w.clock, Triage: engine}); err != nil {
			t.Fatal(err)
		}
		w.who = map[string]*identity.Principal{"edda": identity.NewPrincipal("Edda Fernbrook", identity.Patient), "ciro": identity.NewPrincipal("Ciro Maldonbury", identity.Patient),
			"lena": identity.NewPrincipal("Lena Fernbrook", identity.Patient), "doctor": identity.NewPrincipal("Marisol Quenby", identity.Clinician)}
		inner := web.New(web.Config{Log: log, Clock: w.clock}, w.plans.Routes())
		w.h = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			ctx := r.Context()
			if p := w.who[r.Header.Get("Test-Session")]; p != nil {
				ctx = identity.With(ctx, p)
			}
			lang := r.Header.Get("Test-Lang")
			if lang == "" {
				lang = "en"
			}
			inner.ServeHTTP(rw, r.WithContext(ui.With(ctx, &ui.Setting{Site: site, Lang: lang, Zone: zone.String(), Path: r.URL.Path, Origin: site.URL})))
		})
		w.doctor = records.Ask{Who: access.Who{Kind: access.Clinician, ID: w.who["doctor"].Subject(identity.Clinical).String(), Name: "Marisol Quenby"}}
		for _, name := range []string{"edda", "ciro"} {
			err := rec.Do(t.Context(), w.doctor, func(tx *records.Tx) error {
				n, err := resource.Parse([]byte(`{"resourceType":"Patient","name":[{"given":["` + w.who[name].Name + `"]}],"birthDate":"1948-03-11"}`))
				if err != nil {
					return err
				}
				r, err := tx.Create(t.Context(), n)
				w.id[name] = r.ID
				return err
			})
			if err == nil {
				err = folk.Connect(t.Context(), w.who[name].Subject(identity.Clinical).String(), name, w.id[name])
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		f(w)
	})
}

// cares lets lena act for edda.
func (w *world) cares() {
	w.t.Helper()
	err := w.plans.Store.Write(w.t.Context(), func(tx db.Tx) error {
		_, err := tx.Exec(w.t.Context(), `INSERT INTO people_caregivers (subject, patient, person, name, since, until) VALUES ($1, $2, 'lena', 'Edda Fernbrook', 0, 0)`,
			w.who["lena"].Subject(identity.Clinical).String(), w.id["edda"])
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) start(name, template string) *Plan {
	w.t.Helper()
	plan, err := w.plans.Start(w.t.Context(), w.doctor, w.id[name], template, w.clock.Now())
	if err != nil {
		w.t.Fatal(err)
	}
	return plan
}

func (w *world) do(as, method, path string, nameValue ...string) *httptest.ResponseRecorder {
	form := url.Values{}
	for i := 0; i+1 < len(nameValue); i += 2 {
		form.Add(nameValue[i], nameValue[i+1])
	}
	return w.post(as, method, path, form)
}

func (w *world) post(as, method, path string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	if method == "POST" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	as, lang, _ := strings.Cut(as, "/")
	r.Header.Set("Test-Session", as)
	r.Header.Set("Test-Lang", lang)
	rec := httptest.NewRecorder()
	w.h.ServeHTTP(rec, r)
	return rec
}

func (w *world) want(as, method, path string, code int, has string, nameValue ...string) string {
	w.t.Helper()
	rec := w.do(as, method, path, nameValue...)
	page := rec.Body.String() + " to " + rec.Header().Get("Location")
	if rec.Code != code || !strings.Contains(page, has) {
		w.t.Errorf("%s %s as %q: %d, want %d with %q\n%.3000s", method, path, as, rec.Code, code, has, page)
	}
	return page
}

// stored are the current records of a type of a patient, each held against FHIR's definitions.
func (w *world) stored(name, typ string, nameValue ...string) []*resource.Node {
	w.t.Helper()
	var out []*resource.Node
	err := w.plans.Records.Look(w.t.Context(), w.doctor, func(tx *records.Tx) error {
		out = nil
		found, err := tx.Find(w.t.Context(), typ, append([]string{"patient", "Patient/" + w.id[name], "_count", "500"}, nameValue...)...)
		for i := range found.Records {
			n, err := resource.Parse(found.Records[i].Body)
			if err != nil {
				return err
			}
			out = append(out, n)
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, n := range out {
		if wrong := validate.Resource(n); len(wrong) > 0 {
			w.t.Errorf("%s is not valid: %v\n%s", typ, wrong, n.Bytes())
		}
	}
	return out
}

// measured stores a reading, as its page does.
func (w *world) measured(name, body string) {
	w.t.Helper()
	ask := records.Ask{Who: access.Who{Kind: access.Patient, ID: "x", Patient: w.id[name]}}
	err := w.plans.Records.Do(w.t.Context(), ask, func(tx *records.Tx) error {
		n, err := resource.Parse([]byte(strings.ReplaceAll(body, "PATIENT", "Patient/"+w.id[name])))
		if err == nil {
			_, err = tx.Create(w.t.Context(), n)
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
}
