package voices

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mitral-health/mitral/gate"
	"github.com/mitral-health/mitral/gate/review"
	"github.com/mitral-health/mitral/gate/scan"
	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/blob"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/db/dbtest"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/social/internal/media"
	"github.com/mitral-health/mitral/social/internal/posts"
	"github.com/mitral-health/mitral/social/internal/profiles"
	"github.com/mitral-health/mitral/social/internal/revision"
	"github.com/mitral-health/mitral/social/internal/topics"
	"github.com/mitral-health/mitral/ui"
	"github.com/mitral-health/mitral/ui/text"
)

var noon = time.Date(2026, 11, 12, 12, 0, 0, 0, time.UTC)

// words is an engine that finds [warn] and [hold]; with "[panic]" in the text it throws.
type words struct{}

func (words) Scan(s string, _ scan.Context) (out []scan.Finding) {
	if strings.Contains(s, "[panic]") {
		panic("engine")
	}
	for word, severity := range map[string]scan.Severity{"[warn]": scan.Warn, "[hold]": scan.Hold} {
		if at := strings.Index(s, word); at >= 0 {
			out = append(out, scan.Finding{Start: at, End: at + len(word), Severity: severity, Rule: "word", Pack: "test@1",
				Reason: scan.Message{EN: "The engine's reason.", ES: "El motivo."}})
		}
	}
	return out
}

// world is the pages behind the chain of a real server, with people.
type world struct {
	*testing.T
	*Voices
	clock   *clock.Manual
	handler http.Handler
	who     *identity.Principal // makes the requests
	lang    string

	admin, ama, officer, doctor, reviewer *identity.Principal
	staff                                 []Person
}

func each(t *testing.T, f func(w *world)) {
	steps := append(media.Migrations(), db.Migration{Name: "revision", SQL: revision.Schema}, db.Migration{Name: "profiles", SQL: profiles.Schema},
		db.Migration{Name: "topics", SQL: topics.Schema}, db.Migration{Name: "posts", SQL: posts.Schema},
		db.Migration{Name: "voices", SQL: profiles.SchemaRetired + topics.SchemaRetired})
	dbtest.Each(t, "social", steps, func(t *testing.T, store *db.DB) { f(newWorld(t, store)) })
}

func newWorld(t *testing.T, store *db.DB) *world {
	t.Helper()
	w := &world{T: t, clock: clock.At(noon), lang: "en"}
	w.admin = identity.NewPrincipal("Piet", identity.Administrator)
	w.ama = identity.NewPrincipal("Ama", identity.Communications)
	w.officer = identity.NewPrincipal("Esteban", identity.Communications, identity.PrivacyOfficer)
	w.doctor = identity.NewPrincipal("Dr Quenby", identity.Clinician)
	w.reviewer = identity.NewPrincipal("Leonor", identity.Reviewer)
	w.staff = []Person{{w.doctor.Subject(identity.Social), w.doctor.Name}}
	w.who = w.admin
	folder, err := blob.Folder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	gates, err := db.Open(context.Background(), "gate", filepath.Join(t.TempDir(), "gate.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(gates.Close)
	if err := gates.Migrate(context.Background(), gate.Migrations()); err != nil {
		t.Fatal(err)
	}
	g, err := gate.New(gate.Deps{Store: gates, Clock: w.clock, Engine: words{}, PackVersion: "test@1", Log: slog.New(slog.DiscardHandler), Hours: review.Always(time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	site := &ui.Site{Name: "Orlena Health Centre", URL: "https://www.orlena.example", Lead: "Plain answers.", TimeZone: "UTC", Langs: []string{"en", "es"},
		ES: &ui.Site{Name: "Centro de Salud de Orlena"}}
	m := media.New(store, folder, w.clock)
	p := profiles.New(m)
	w.Voices = New(Deps{Store: store, Clock: w.clock, Gate: g, Media: m, Profiles: p, Posts: posts.New(m, p), Site: site,
		Staff: func(context.Context) ([]Person, error) { return w.staff, nil }})
	setting := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			ctx := r.Context()
			if w.who != nil {
				ctx = identity.With(ctx, w.who)
			}
			set := &ui.Setting{Site: site, Lang: w.lang, Path: r.URL.RequestURI(), Origin: site.URL, Viewer: identity.ViewerOf(w.who)}
			next.ServeHTTP(rw, r.WithContext(ui.With(ctx, set)))
		})
	}
	fail := func(rw http.ResponseWriter, r *http.Request, err error) {
		_ = web.RenderStatus(rw, r, web.Status(err), ui.ErrorPage(fault.KindOf(err), text.Fault(r.Context(), err)))
	}
	w.handler = web.New(web.Config{Log: slog.New(slog.DiscardHandler), Fail: fail, Wrap: []func(http.Handler) http.Handler{setting}}, w.Routes(), ui.Routes())
	return w
}

// answer sends a request and returns the status, where it leads and the body.
func (w *world) answer(r *http.Request) (int, string, string) {
	w.Helper()
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	body, err := io.ReadAll(rec.Result().Body)
	if err != nil {
		w.Fatal(err)
	}
	return rec.Code, rec.Header().Get("Location"), string(body)
}

// page asserts the status of a page and returns its body.
func (w *world) page(status int, path string) string {
	w.Helper()
	got, _, body := w.answer(httptest.NewRequest(http.MethodGet, path, nil))
	if got != status {
		w.Fatalf("GET %s is %d, want %d: %.300s", path, got, status, body)
	}
	return body
}

// send posts a form, its fields in pairs, asserts the status and returns where it leads or the body.
func (w *world) send(status int, path string, fields ...string) string {
	w.Helper()
	v := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		v.Add(fields[i], fields[i+1])
	}
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(v.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return w.posted(status, r)
}

// upload is send with a file in the field portrait.
func (w *world) upload(status int, path string, file []byte, fields ...string) string {
	w.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	part, err := m.CreateFormFile("portrait", "../../me.png")
	if err != nil {
		w.Fatal(err)
	}
	_, _ = part.Write(file)
	for i := 0; i < len(fields); i += 2 {
		_ = m.WriteField(fields[i], fields[i+1])
	}
	m.Close()
	r := httptest.NewRequest(http.MethodPost, path, &b)
	r.Header.Set("Content-Type", m.FormDataContentType())
	return w.posted(status, r)
}

func (w *world) posted(status int, r *http.Request) string {
	w.Helper()
	got, to, body := w.answer(r)
	if got != status {
		w.Fatalf("POST %s is %d to %q, want %d: %s", r.URL.Path, got, to, status, excerpt(body))
	}
	if to != "" {
		return to
	}
	return body
}

// excerpt is the words of a page from its heading on.
func excerpt(body string) string {
	if at := strings.Index(body, "errsum"); at >= 0 {
		body = body[at:]
	}
	return body[:min(len(body), 600)]
}

func (w *world) says(body string, all ...string) {
	w.Helper()
	for _, s := range all {
		if !strings.Contains(body, s) {
			w.Errorf("the page does not say %q: %s", s, excerpt(body))
		}
	}
}

func (w *world) silent(body string, all ...string) {
	w.Helper()
	for _, s := range all {
		if strings.Contains(body, s) {
			w.Errorf("the page says %q", s)
		}
	}
}

func (w *world) profile(handle string) (p profiles.Profile) {
	w.Helper()
	p, err := w.stored(context.Background(), handle, profiles.ID{})
	if err != nil {
		w.Fatalf("%s: %v", handle, err)
	}
	return p
}

// directory is the revision by which public pages know that they are out of date.
func (w *world) directory() int64 {
	w.Helper()
	var n revision.Number
	err := w.Store.Read(context.Background(), func(tx db.Tx) (err error) {
		n, err = revision.Now(context.Background(), tx)
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
	return n.Directory
}

// doctorForm is a whole clinician's form, with changes in pairs behind it.
func (w *world) doctorForm(changes ...string) []string {
	fields := map[string]string{"do": "save", "kind": "clinician", "name_en": "Dr Marisol Quenby", "name_es": "Dra. Marisol Quenby", "handle": "marisol",
		"title_en": "Family doctor", "title_es": "Médica de familia", "bio_en": "I write about hearts.", "bio_es": "Escribo sobre corazones.",
		"speaks_en": "Spanish", "speaks_es": "Español", "declares_en": "Nothing", "declares_es": "Nada", "since": "2012",
		"account": w.doctor.Subject(identity.Social).String(), "rev": "0"}
	for i := 0; i < len(changes); i += 2 {
		fields[changes[i]] = changes[i+1]
	}
	var out []string
	for k, v := range fields {
		out = append(out, k, v)
	}
	return out
}

func picture(t testing.TB) []byte {
	t.Helper()
	m := image.NewGray(image.Rect(0, 0, 60, 60))
	for i := range m.Pix {
		m.Pix[i] = byte(i % 11 * 20)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
