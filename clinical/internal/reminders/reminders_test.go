package reminders

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/people"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/db/dbtest"
	"github.com/mitral-health/mitral/platform/jobs"
	"github.com/mitral-health/mitral/platform/mail"
	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/ui"
)

type noMail struct{}

func (noMail) Send(context.Context, mail.Message) error { return nil }

// service is a push service as RFC 8030 describes one, and a browser that opens what came.
type service struct {
	mu     sync.Mutex
	status int
	retry  string
	got    []string // what was in them
	heads  []http.Header
	key    *ecdh.PrivateKey
	auth   []byte
}

func (s *service) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	rec := httptest.NewRecorder()
	if s.retry != "" {
		rec.Header().Set("Retry-After", s.retry)
	}
	rec.WriteHeader(s.status)
	if s.status == http.StatusCreated {
		text, err := open(body, s.key, s.auth)
		if err != nil {
			return nil, err
		}
		s.got, s.heads = append(s.got, string(text)), append(s.heads, r.Header)
	}
	return rec.Result(), nil
}

func (s *service) answer(status int, retry string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status, s.retry = status, retry
}

func (s *service) count() int { s.mu.Lock(); defer s.mu.Unlock(); return len(s.got) }

// open decrypts as a browser does (RFC 8188 and 8291).
func open(body []byte, key *ecdh.PrivateKey, auth []byte) ([]byte, error) {
	salt, n := body[:16], int(body[20])
	theirs, err := ecdh.P256().NewPublicKey(body[21 : 21+n])
	if err != nil {
		return nil, err
	}
	shared, err := key.ECDH(theirs)
	if err != nil {
		return nil, err
	}
	ikm, _ := hkdf.Key(sha256.New, shared, auth, "WebPush: info\x00"+string(key.PublicKey().Bytes())+string(theirs.Bytes()), 32)
	cek, _ := hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: aes128gcm\x00", 16)
	nonce, _ := hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: nonce\x00", 12)
	block, err := aes.NewCipher(cek)
	if err != nil {
		return nil, err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	text, err := gcm.Open(nil, nonce, body[21+n:], nil)
	return bytes.TrimRight(text, "\x02"), err
}

type world struct {
	*Reminders
	t       *testing.T
	h       http.Handler
	clock   *clock.Manual
	push    *service
	who     *identity.Principal
	patient string

	mu      sync.Mutex
	letters []string
	due     bool
	allowed bool
	unread  int
}

func each(t *testing.T, f func(w *world)) {
	dbtest.Each(t, "clinical", slices.Concat(records.Migrations(), people.Migrations(), people.CaringMigrations(), Migrations()), func(t *testing.T, store *db.DB) {
		// Jobs are run by the wall's clock; the world's stays behind it, so that what is due later here is due there.
		w := &world{t: t, clock: clock.At(time.Now().UTC().Add(-6 * time.Hour).Truncate(time.Second)), due: true, allowed: true, unread: 1}
		log := slog.New(slog.DiscardHandler)
		site := &ui.Site{Name: "Orlena", URL: "https://orlena.example", TimeZone: "UTC", Langs: []string{"en", "es"}}
		rec, err := records.Open(records.Deps{DB: store, Clock: w.clock, Log: log, Base: "https://orlena.example/fhir"})
		if err != nil {
			t.Fatal(err)
		}
		folk, err := people.Open(people.Deps{Records: rec, Store: store, Clock: w.clock, Mailer: noMail{}, Site: site, Key: bytes.Repeat([]byte{9}, 32)})
		if err != nil {
			t.Fatal(err)
		}
		key, err := ecdh.P256().GenerateKey(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		w.push = &service{status: http.StatusCreated, key: key, auth: bytes.Repeat([]byte{5}, 16)}
		say := func(b *bool) (bool, error) { w.mu.Lock(); defer w.mu.Unlock(); return *b, nil }
		w.Reminders, err = Open(Deps{Records: rec, People: folk, Store: store, Clock: w.clock, Log: log, Site: site, Key: bytes.Repeat([]byte{7}, 32),
			Client: &http.Client{Transport: w.push},
			Allows: func(context.Context, *records.Tx, string) (bool, error) { return say(&w.allowed) },
			Due: func(context.Context, *records.Tx, string, time.Time, *time.Location) (bool, error) {
				return say(&w.due)
			},
			Unread: func(context.Context, *records.Tx, string, string) (int, error) {
				w.mu.Lock()
				defer w.mu.Unlock()
				return w.unread, nil
			},
			Letter: func(_ context.Context, _, title, body string) error {
				w.mu.Lock()
				defer w.mu.Unlock()
				w.letters = append(w.letters, title+"\n"+body)
				return nil
			}})
		if err != nil {
			t.Fatal(err)
		}
		reg := jobs.NewRegistry()
		w.RegisterJobs(reg)
		queue, err := jobs.Open(t.Context(), store, reg, log)
		if err != nil {
			t.Fatal(err)
		}
		w.UseQueue(queue)
		if err := queue.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = queue.Stop(context.Background()) })
		w.who = identity.NewPrincipal("Edda Fernbrook", identity.Patient)
		err = rec.Do(t.Context(), records.Ask{Who: access.Who{Kind: access.Clinician, ID: "d"}}, func(tx *records.Tx) error {
			n, err := resource.Parse([]byte(`{"resourceType":"Patient","name":[{"family":"Fernbrook"}]}`))
			if err != nil {
				return err
			}
			r, err := tx.Create(t.Context(), n)
			w.patient = r.ID
			return err
		})
		if err == nil {
			err = folk.Connect(t.Context(), w.who.Subject(identity.Clinical).String(), "edda", w.patient)
		}
		if err != nil {
			t.Fatal(err)
		}
		inner := web.New(web.Config{Log: log, Clock: w.clock}, w.Routes(), ui.Routes())
		w.h = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			ctx := identity.With(r.Context(), w.who)
			inner.ServeHTTP(rw, r.WithContext(ui.With(ctx, &ui.Setting{Site: site, Lang: "en", Path: r.URL.Path, Origin: site.URL})))
		})
		f(w)
	})
}

func (w *world) send(path, kind, body string) *httptest.ResponseRecorder {
	w.t.Helper()
	r := httptest.NewRequest("POST", path, strings.NewReader(body))
	r.Header.Set("Content-Type", kind)
	rec := httptest.NewRecorder()
	w.h.ServeHTTP(rec, r)
	return rec
}

func (w *world) subscribe(endpoint string) int {
	body, _ := json.Marshal(map[string]string{"endpoint": endpoint, "p256dh": base64.RawURLEncoding.EncodeToString(w.push.key.PublicKey().Bytes()),
		"auth": base64.RawURLEncoding.EncodeToString(w.push.auth), "name": "Android"})
	return w.send("/my/me/reminders/phone", "application/json", string(body)).Code
}

// choose saves a time in a minute and no quiet hours.
func (w *world) choose(more ...string) {
	w.t.Helper()
	form := url.Values{"day": {"0", "1", "2", "3", "4", "5", "6"}, "time0": {of(w.clock.Now().Add(time.Minute)).String()}, "from": {"00:00"}, "until": {"00:00"}}
	for _, m := range more {
		form.Set(m, "yes")
	}
	if rec := w.send("/my/me/reminders", "application/x-www-form-urlencoded", form.Encode()); rec.Code != http.StatusSeeOther {
		w.t.Fatalf("saving: %d %s", rec.Code, rec.Body)
	}
}

func (w *world) until(what string, ok func() bool) {
	w.t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if ok() {
			return
		}
	}
	w.t.Fatalf("never: %s", what)
}

func (w *world) mails() int { w.mu.Lock(); defer w.mu.Unlock(); return len(w.letters) }

func (w *world) queued() (n int) {
	w.t.Helper()
	if err := w.Store.Read(w.t.Context(), func(tx db.Tx) error {
		return tx.QueryRow(w.t.Context(), `SELECT count(*) FROM river_job WHERE kind = 'reminders.message'`).Scan(&n)
	}); err != nil {
		w.t.Fatal(err)
	}
	return n
}

func (w *world) phones() (n int) {
	w.t.Helper()
	if err := w.Store.Read(w.t.Context(), func(tx db.Tx) error {
		return tx.QueryRow(w.t.Context(), `SELECT count(*) FROM reminders_push`).Scan(&n)
	}); err != nil {
		w.t.Fatal(err)
	}
	return n
}

// TestReminded goes from the browser's subscription to what it shows, and through what may keep it away.
func TestReminded(t *testing.T) {
	each(t, func(w *world) {
		t := w.t
		for _, bad := range []string{"https://10.0.0.1/x", "http://push.example.org/x", "https://localhost/x"} {
			if c := w.subscribe(bad); c != http.StatusUnprocessableEntity && c != http.StatusBadRequest {
				t.Errorf("%s: %d", bad, c)
			}
		}
		if c := w.subscribe("https://push.example.org/one"); c != http.StatusOK {
			t.Fatalf("subscribing: %d", c)
		}
		w.subscribe("https://push.example.org/one") // again: it is one
		if n := w.phones(); n != 1 {
			t.Fatalf("%d phones", n)
		}
		w.choose("push", "mail", "messages")
		if err := w.look(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := w.push.count(); n != 0 {
			t.Fatalf("%d before the time", n)
		}
		w.clock.Advance(time.Minute)
		for range 3 { // several copies of the program, at once
			if err := w.look(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		w.until("a push and a letter", func() bool { return w.push.count() == 1 && w.mails() == 1 })
		said, head := w.push.got[0], w.push.heads[0]
		if !strings.Contains(said, `"body":"You have something to do in your app."`) || strings.Contains(said, "Fernbrook") || head.Get("TTL") != "7200" || head.Get("Content-Encoding") != "aes128gcm" || head.Get("Topic") != "mitral-todo" {
			t.Errorf("%s %v", said, head)
		}
		if l := w.letters[0]; strings.Contains(l, "Fernbrook") || !strings.Contains(l, "https://orlena.example/my\n") || !strings.Contains(l, "Orlena has something for you") {
			t.Errorf("%s", l)
		}

		quiet := func(what string) {
			t.Helper()
			w.choose("push", "messages")
			w.clock.Advance(time.Minute)
			if err := w.look(t.Context()); err != nil {
				t.Fatal(err)
			}
			time.Sleep(300 * time.Millisecond)
			if n := w.push.count(); n != 1 {
				t.Fatalf("%s: %d pushes", what, n)
			}
		}
		w.due = false
		quiet("everything is done")
		w.due, w.allowed = true, false
		quiet("consent was withdrawn")
		w.allowed = true

		// The service is busy, then says that there is no such browser.
		w.push.answer(http.StatusTooManyRequests, "1")
		w.choose("push")
		w.clock.Advance(time.Minute)
		if err := w.look(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(500 * time.Millisecond)
		w.push.answer(http.StatusCreated, "")
		w.until("it came after the wait", func() bool { return w.push.count() == 2 })
		w.push.answer(http.StatusGone, "")
		w.choose("push")
		w.clock.Advance(time.Minute)
		if err := w.look(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.until("the subscription is removed", func() bool { return w.phones() == 0 })
	})
}

// TestMessageWaits: one notice an hour, none for what was read.
func TestMessageWaits(t *testing.T) {
	each(t, func(w *world) {
		t, ctx := w.t, w.t.Context()
		w.subscribe("https://push.example.org/one")
		w.choose("push", "messages")
		for range 3 {
			if err := w.notify(ctx, waiting{w.patient}); err != nil {
				t.Fatal(err)
			}
		}
		w.until("one notice", func() bool { return w.push.count() == 1 })
		if !strings.Contains(w.push.got[0], `"url":"/my/messages"`) || !strings.Contains(w.push.got[0], "A message waits in your app.") {
			t.Errorf("%s", w.push.got[0])
		}
		w.clock.Advance(2 * time.Hour)
		w.mu.Lock()
		w.unread = 0
		w.mu.Unlock()
		if err := w.notify(ctx, waiting{w.patient}); err != nil {
			t.Fatal(err)
		}
		// A message of the team puts it on the queue, with the message; the patient's own does not.
		ask := records.Ask{Who: access.Who{Kind: access.Patient, ID: "x", Patient: w.patient}}
		for sender, jobs := range map[string]int{"Practitioner/d": 1, "Patient/" + w.patient: 0} {
			before := w.queued()
			err := w.Records.Do(ctx, records.Ask{Who: access.Who{Kind: access.Clinician, ID: "d"}}, func(tx *records.Tx) error {
				n, err := resource.Parse([]byte(`{"resourceType":"Communication","status":"completed","subject":{"reference":"Patient/` + w.patient + `"},"sender":{"reference":"` + sender + `"}}`))
				if err == nil {
					_, err = tx.Create(ctx, n)
				}
				return err
			})
			if err != nil || w.queued()-before != jobs {
				t.Fatalf("a message of %s: %v, %d jobs", sender, err, w.queued()-before)
			}
		}
		if err := w.Records.Do(ctx, ask, func(tx *records.Tx) error { return w.Forget(ctx, tx, w.patient) }); err != nil || w.phones() != 0 {
			t.Fatalf("%v, %d phones", err, w.phones())
		}
		time.Sleep(200 * time.Millisecond)
		if n := w.push.count(); n != 1 {
			t.Errorf("%d notices", n)
		}
	})
}

func TestPage(t *testing.T) {
	each(t, func(w *world) {
		w.subscribe("https://push.example.org/one")
		rec := httptest.NewRecorder()
		w.h.ServeHTTP(rec, httptest.NewRequest("GET", "/my/me/reminders", nil))
		for _, want := range []string{`value="09:00"`, `value="22:00"`, "Android", `data-key="B`, `name="push" value="yes" checked`} {
			if !strings.Contains(rec.Body.String(), want) {
				w.t.Errorf("%d: no %s", rec.Code, want)
			}
		}
		if rec := w.send("/my/me/reminders", "application/x-www-form-urlencoded", url.Values{"time0": {"25:00"}, "from": {"22:00"}, "until": {"07:00"}}.Encode()); rec.Code != http.StatusUnprocessableEntity {
			w.t.Errorf("25:00: %d", rec.Code)
		}
	})
}
