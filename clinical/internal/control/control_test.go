package control

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/door"
	"github.com/mitral-health/mitral/clinical/internal/people"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/search"
	"github.com/mitral-health/mitral/clinical/internal/validate"
	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/db/dbtest"
	"github.com/mitral-health/mitral/platform/mail"
	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/ui"
)

const base = "https://orlena.example/fhir"

type noMail struct{}

func (noMail) Send(context.Context, mail.Message) error { return nil }

// world is the pages as the program serves them: Bernat and Ciro are patients, Irune has an account and no
// record, and the doctor looks after both.
type world struct {
	t       *testing.T
	h       http.Handler
	records *records.Store
	people  *people.People
	control *Control
	clock   *clock.Manual
	who     map[string]*identity.Principal
	id      map[string]string
	told    []string // what the team was told
	left    int      // hooks of leaving that ran
	out     int      // accounts that were signed out
}

func each(t *testing.T, f func(w *world)) {
	steps := slices.Concat(records.Migrations(), people.Migrations(), records.WithheldMigrations(), people.CaringMigrations(), Migrations())
	dbtest.Each(t, "clinical", steps, func(t *testing.T, store *db.DB) {
		w := &world{t: t, clock: clock.At(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)), id: map[string]string{}}
		log := slog.New(slog.DiscardHandler)
		site := &ui.Site{Name: "Orlena", URL: "https://orlena.example", TimeZone: "Europe/Madrid", Langs: []string{"en", "es"}, Emergency: "112"}
		var err error
		if w.records, err = records.Open(records.Deps{DB: store, Clock: w.clock, Log: log, Base: base}); err != nil {
			t.Fatal(err)
		}
		w.people, err = people.Open(people.Deps{Records: w.records, Store: store, Clock: w.clock, Mailer: noMail{}, Site: site, Key: bytes.Repeat([]byte{9}, 32)})
		if err != nil {
			t.Fatal(err)
		}
		w.control, err = New(Deps{Records: w.records, Store: store, People: w.people, Clock: w.clock, Base: base,
			Tell: func(_ context.Context, _ *records.Tx, patient, ref string, following bool) error {
				w.told = append(w.told, fmt.Sprint(patient, " ", following))
				return nil
			},
			Left:        []func(context.Context, *records.Tx, string) error{func(context.Context, *records.Tx, string) error { w.left++; return nil }},
			EndSessions: func(context.Context) error { w.out++; return nil }})
		if err != nil {
			t.Fatal(err)
		}
		w.who = map[string]*identity.Principal{"bernat": identity.NewPrincipal("Bernat Olza", identity.Patient), "ciro": identity.NewPrincipal("Ciro Maldonbury", identity.Patient),
			"irune": identity.NewPrincipal("Irune Otxoa", identity.Patient), "new": identity.NewPrincipal("Frida", identity.Patient),
			"doctor": identity.NewPrincipal("Marisol Quenby", identity.Clinician), "writer": identity.NewPrincipal("Ama Oseland", identity.Communications)}
		d := door.Door{People: w.people}
		inner := web.New(web.Config{Log: log, Clock: w.clock}, w.control.Routes(), d.App("GET", "", w.home), d.App("GET", "/stream", w.stream), d.App("POST", "/add", w.add))
		w.h = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			ctx := r.Context()
			if p := w.who[r.Header.Get("Test-Session")]; p != nil {
				ctx = identity.With(ctx, p)
			}
			inner.ServeHTTP(rw, r.WithContext(ui.With(ctx, &ui.Setting{Site: site, Lang: r.Header.Get("Accept-Language"), Path: r.URL.Path, Origin: site.URL})))
		})
		for _, name := range []string{"bernat", "ciro"} {
			err := w.records.Do(t.Context(), w.doctor(), func(tx *records.Tx) error {
				n, err := resource.Parse([]byte(`{"resourceType":"Patient","name":[{"text":"` + w.who[name].Name + `"}],"birthDate":"1948-03-11"}`))
				if err != nil {
					return err
				}
				r, err := tx.Create(t.Context(), n)
				w.id[name] = r.ID
				return err
			})
			if err == nil {
				err = w.people.Connect(t.Context(), w.subject(name), w.who[name].Name, w.id[name])
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		f(w)
	})
}

func (w *world) subject(name string) string { return w.who[name].Subject(identity.Clinical).String() }

func (w *world) doctor() records.Ask {
	return records.Ask{Who: access.Who{Kind: access.Clinician, ID: "d", Name: "Marisol Quenby"}}
}

// home is a page of the app, as care has them: it reads the record.
func (w *world) home(v *door.Visit) error {
	return w.records.Look(v.Ctx(), v.Ask, func(t *records.Tx) error {
		_, err := t.Read(v.Ctx(), "Patient", v.Patient)
		return err
	})
}

// stream answers until its visitor may no longer be here.
func (w *world) stream(v *door.Visit) error {
	v.W.WriteHeader(http.StatusOK)
	_ = http.NewResponseController(v.W).Flush()
	for range 500 {
		if ok, err := v.Still(); !ok {
			return err
		}
		time.Sleep(10 * time.Millisecond)
	}
	w.t.Error("a stream never ended")
	return nil
}

// add stores a reading as care does.
func (w *world) add(v *door.Visit) error {
	if _, err := web.Form(v.R); err != nil {
		return err
	}
	return w.records.Do(v.Ctx(), v.Ask, func(t *records.Tx) error {
		n, err := resource.Parse([]byte(`{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"8867-4"}]},"subject":{"reference":"Patient/` + v.Patient +
			`"},"performer":[{"reference":"` + v.Ref + `"}],"effectiveDateTime":"2026-11-22T08:00:00Z","valueQuantity":{"value":61,"unit":"/min","system":"http://unitsofmeasure.org","code":"/min"}}`))
		if err == nil {
			_, err = t.Create(v.Ctx(), n)
		}
		return err
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

// all are the records of a type that the doctor sees.
func (w *world) all(typ, patient string) []*resource.Node {
	w.t.Helper()
	var out []*resource.Node
	err := w.records.Look(w.t.Context(), w.doctor(), func(t *records.Tx) error {
		out = nil
		q, err := search.Parse(typ, url.Values{"_count": {"100"}}, search.Asked{Strict: true, Patient: w.id[patient], Base: base, Now: t.Now()})
		if err != nil {
			return err
		}
		page, err := t.Search(w.t.Context(), q)
		for i := range page.Records {
			n, wrong := resource.Parse(page.Records[i].Body)
			if wrong != nil {
				return wrong
			}
			if issues := validate.Resource(n); len(issues) > 0 {
				w.t.Errorf("%s is not valid: %v\n%s", typ, issues, page.Records[i].Body)
			}
			out = append(out, n)
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

// invite lets Irune act for Bernat.
func (w *world) invite(until string) (code string) {
	w.t.Helper()
	w.want("bernat", "POST", "/my/me/caregivers", 303, "/my/me/caregivers", "name", "Irune", "relation", "CHILD", "until", until)
	page := w.want("bernat", "GET", "/my/me/caregivers", 200, "data:image/png")
	return regexp.MustCompile(`joincode" translate="no">([^<]+)<`).FindStringSubmatch(page)[1]
}

func (w *world) accept(as, code string) error {
	_, err := w.people.Accept(w.t.Context(), w.subject(as), w.who[as].Name, code)
	return err
}
