package talk

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/jpeg"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/people"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/triage"
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

const base = "https://orlena.example/fhir"

type noMail struct{}

func (noMail) Send(context.Context, mail.Message) error { return nil }

// world is the pages as the program serves them: Edda and Ciro, Rosa who cares for Edda, a doctor and a nurse.
type world struct {
	t       *testing.T
	h       http.Handler
	talk    *Talk
	records *records.Store
	store   *db.DB
	blobs   *blob.FolderStore
	clock   *clock.Manual
	who     map[string]*identity.Principal
	id      map[string]string // of the patients
}

var words1 = newDanger() // of all tests: it is made of nothing but what is compiled in

func each(t *testing.T, f func(w *world)) {
	steps := slices.Concat(records.Migrations(), people.Migrations(), records.WithheldMigrations(), people.CaringMigrations(), triage.Migrations(), Migrations(), FileMigrations())
	dbtest.Each(t, "clinical", steps, func(t *testing.T, store *db.DB) {
		w := &world{t: t, store: store, clock: clock.At(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)), id: map[string]string{}}
		log := slog.New(slog.DiscardHandler)
		site := &ui.Site{Name: "Orlena", URL: "https://orlena.example", TimeZone: "Europe/Madrid", Langs: []string{"en", "es"}, Emergency: "112", Crisis: "024", Phone: "+34 900 000 000"}
		fail := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		var err error
		w.records, err = records.Open(records.Deps{DB: store, Clock: w.clock, Log: log, Base: base})
		fail(err)
		p, err := people.Open(people.Deps{Records: w.records, Store: store, Clock: w.clock, Mailer: noMail{}, Site: site, Key: bytes.Repeat([]byte{9}, 32)})
		fail(err)
		g, err := triage.Open(triage.Deps{Records: w.records, Store: store, Clock: w.clock, Log: log})
		fail(err)
		w.blobs, err = blob.Folder(t.TempDir())
		fail(err)
		zone, err := time.LoadLocation("Europe/Madrid")
		fail(err)
		w.talk, err = open(Deps{Records: w.records, People: p, Triage: g, Store: store, Blobs: w.blobs, Clock: w.clock, Log: log, Base: base,
			Hours: review.Weekdays(zone, 8, 18), Within: 5 * time.Hour}, words1)
		fail(err)
		w.who = map[string]*identity.Principal{"edda": identity.NewPrincipal("Edda Fernbrook", identity.Patient), "ciro": identity.NewPrincipal("Ciro Maldonbury", identity.Patient),
			"rosa": identity.NewPrincipal("Rosa Fernbrook", identity.Patient), "doctor": identity.NewPrincipal("Marisol Quenby", identity.Clinician),
			"nurse": identity.NewPrincipal("Tobias Arlenwick", identity.Clinician), "writer": identity.NewPrincipal("Ama Oseland", identity.Communications)}
		inner := web.New(web.Config{Log: log, Clock: w.clock}, w.talk.Routes())
		w.h = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			ctx := r.Context()
			if p := w.who[r.Header.Get("Test-Session")]; p != nil {
				ctx = identity.With(ctx, p)
			}
			inner.ServeHTTP(rw, r.WithContext(ui.With(ctx, &ui.Setting{Site: site, Lang: "en", Path: r.URL.Path, Origin: site.URL})))
		})
		for _, name := range []string{"edda", "ciro"} {
			w.as(doctor, func(tx *records.Tx) {
				n := w.parse(`{"resourceType":"Patient","name":[{"text":"` + w.who[name].Name + `"}]}`)
				r, err := tx.Create(t.Context(), n)
				fail(err)
				w.id[name] = r.ID
			})
			fail(p.Connect(t.Context(), w.subject(name), name, w.id[name]))
		}
		fail(store.Write(t.Context(), func(tx db.Tx) error {
			_, err := tx.Exec(t.Context(), `INSERT INTO people_caregivers (subject, patient, person, name, since, until) VALUES ($1, $2, 'r1', 'Edda Fernbrook', 0, 0)`, w.subject("rosa"), w.id["edda"])
			return err
		}))
		f(w)
	})
}

var doctor = records.Ask{Who: access.Who{Kind: access.Clinician, ID: "d", Name: "Marisol Quenby"}}

func (w *world) subject(name string) string { return w.who[name].Subject(identity.Clinical).String() }

func (w *world) parse(s string) *resource.Node {
	w.t.Helper()
	n, err := resource.Parse([]byte(s))
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

func (w *world) as(ask records.Ask, f func(tx *records.Tx)) {
	w.t.Helper()
	if err := w.records.Do(w.t.Context(), ask, func(tx *records.Tx) error { f(tx); return nil }); err != nil {
		w.t.Fatal(err)
	}
}

// patient is who asks for herself.
func (w *world) patient(name string) records.Ask {
	return records.Ask{Who: access.Who{Kind: access.Patient, ID: w.subject(name), Name: w.who[name].Name, Patient: w.id[name]}}
}

func (w *world) serve(as string, r *http.Request) *httptest.ResponseRecorder {
	r.Header.Set("Test-Session", as)
	rec := httptest.NewRecorder()
	w.h.ServeHTTP(rec, r)
	return rec
}

func (w *world) do(as, method, path string, nameValue ...string) *httptest.ResponseRecorder {
	form := url.Values{}
	for i := 0; i+1 < len(nameValue); i += 2 {
		form.Add(nameValue[i], nameValue[i+1])
	}
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	if method == "POST" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return w.serve(as, r)
}

func (w *world) want(as, method, path string, code int, has string, nameValue ...string) string {
	w.t.Helper()
	return w.check(w.do(as, method, path, nameValue...), code, has, as+" "+method+" "+path)
}

func (w *world) check(rec *httptest.ResponseRecorder, code int, has, what string) string {
	w.t.Helper()
	page := rec.Body.String() + " to " + rec.Header().Get("Location")
	if rec.Code != code || !strings.Contains(page, has) {
		w.t.Errorf("%s: %d, want %d with %q\n%.1800s", what, rec.Code, code, has, page)
	}
	return page
}

type part struct {
	name, kind string
	data       []byte
}

// post sends a form with files.
func (w *world) post(as, path string, fields map[string]string, files ...part) *httptest.ResponseRecorder {
	w.t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for name, value := range fields {
		_ = m.WriteField(name, value)
	}
	for _, f := range files {
		h := textproto.MIMEHeader{"Content-Disposition": {`form-data; name="file"; filename="` + f.name + `"`}, "Content-Type": {f.kind}}
		p, err := m.CreatePart(h)
		if err != nil {
			w.t.Fatal(err)
		}
		_, _ = p.Write(f.data)
	}
	_ = m.Close()
	r := httptest.NewRequest("POST", path, &b)
	r.Header.Set("Content-Type", m.FormDataContentType())
	return w.serve(as, r)
}

func (w *world) count(query string, args ...any) (n int) {
	w.t.Helper()
	err := w.store.Read(w.t.Context(), func(tx db.Tx) error { return tx.QueryRow(w.t.Context(), query, args...).Scan(&n) })
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

// blobsKept counts the files in the store.
func (w *world) blobsKept() (n int) {
	_ = w.blobs.List(w.t.Context(), func(string, int64) error { n++; return nil })
	return n
}

func (w *world) team(name string) string { return "/care/" + w.id[name] + "/messages" }

func find(t *testing.T, page, pattern string) string {
	t.Helper()
	m := regexp.MustCompile(pattern).FindStringSubmatch(page)
	if m == nil {
		t.Fatalf("no %s in\n%.2000s", pattern, page)
	}
	return m[1]
}

// snapshot is a picture with a bright corner.
func snapshot(w, h int) []byte {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range m.Pix {
		m.Pix[i] = uint8(i*31) | 128
	}
	m.Set(0, 0, color.White)
	var b bytes.Buffer
	_ = jpeg.Encode(&b, m, nil)
	return b.Bytes()
}
