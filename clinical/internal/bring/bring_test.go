package bring

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/people"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/validate"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
	"github.com/mitral-health/mitral/clinical/internal/wearables"
	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/blob"
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

// world is two patients' phones and the program that they send to.
type world struct {
	*Bring
	t     *testing.T
	h     http.Handler
	clock *clock.Manual
	files *blob.FolderStore
	who   map[string]*identity.Principal
	id    map[string]string
}

func each(t *testing.T, f func(w *world)) {
	dbtest.Each(t, "clinical", slices.Concat(records.Migrations(), people.Migrations(), people.CaringMigrations(), Migrations()), func(t *testing.T, store *db.DB) {
		w := &world{t: t, clock: clock.At(time.Now().UTC().Add(-48 * time.Hour).Truncate(time.Second)), id: map[string]string{}}
		log := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
		site := &ui.Site{Name: "Orlena", URL: "https://orlena.example", TimeZone: "Europe/Madrid", Langs: []string{"en", "es"}}
		rec, err := records.Open(records.Deps{DB: store, Clock: w.clock, Log: log, Base: "https://orlena.example/fhir"})
		if err != nil {
			t.Fatal(err)
		}
		folk, err := people.Open(people.Deps{Records: rec, Store: store, Clock: w.clock, Mailer: noMail{}, Site: site, Key: bytes.Repeat([]byte{9}, 32)})
		if err != nil {
			t.Fatal(err)
		}
		if w.files, err = blob.Folder(t.TempDir()); err != nil {
			t.Fatal(err)
		}
		if w.Bring, err = Open(Deps{Records: rec, People: folk, Store: store, Blobs: w.files, Clock: w.clock, Log: log}); err != nil {
			t.Fatal(err)
		}
		reg := jobs.NewRegistry()
		w.RegisterJobs(reg)
		queue, err := jobs.Open(t.Context(), store, reg, log)
		if err == nil {
			err = queue.Start(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = queue.Stop(context.Background()) })
		w.UseQueue(queue)
		w.who = map[string]*identity.Principal{"edda": identity.NewPrincipal("Edda Fernbrook", identity.Patient), "ciro": identity.NewPrincipal("Ciro Maldonbury", identity.Patient)}
		for name, p := range w.who {
			err := rec.Do(t.Context(), records.Ask{Who: access.Who{Kind: access.Clinician, ID: "d"}}, func(tx *records.Tx) error {
				n, err := resource.Parse([]byte(`{"resourceType":"Patient","name":[{"family":"Fernbrook"}]}`))
				if err != nil {
					return err
				}
				r, err := tx.Create(t.Context(), n)
				w.id[name] = r.ID
				return err
			})
			if err == nil {
				err = folk.Connect(t.Context(), p.Subject(identity.Clinical).String(), name, w.id[name])
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		inner := web.New(web.Config{Log: log}, w.Routes(), ui.Routes())
		w.h = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			ctx := r.Context()
			if p := w.who[r.Header.Get("Test-Session")]; p != nil {
				ctx = identity.With(ctx, p)
			}
			inner.ServeHTTP(rw, r.WithContext(ui.With(ctx, &ui.Setting{Site: site, Lang: "en", Path: r.URL.Path, Origin: site.URL})))
		})
		f(w)
	})
}

func (w *world) do(as, method, path, kind string, body []byte) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, bytes.NewReader(body))
	if kind != "" {
		r.Header.Set("Content-Type", kind)
		r.Header.Set("Accept", "application/json")
	}
	r.Header.Set("Test-Session", as)
	rec := httptest.NewRecorder()
	w.h.ServeHTTP(rec, r)
	return rec
}

func (w *world) owner(as string) string {
	return w.door.Owner(w.who[as].Subject(identity.Clinical).String(), w.id[as]).Tag
}

// sync sends a queue and returns what became of each, by key.
func (w *world) sync(as string, sent time.Time, entries ...waiting) map[string]answer {
	w.t.Helper()
	body, err := json.Marshal(sending{Owner: w.owner(as), Sent: sent.Format(time.RFC3339), Entries: entries})
	if err != nil {
		w.t.Fatal(err)
	}
	rec := w.do(as, "POST", "/my/sync", "application/json", body)
	var out struct{ Answers []answer }
	if err := json.Unmarshal(rec.Body.Bytes(), &out); err != nil || rec.Code != http.StatusOK {
		w.t.Fatalf("%d %s", rec.Code, rec.Body)
	}
	all := map[string]answer{}
	for _, a := range out.Answers {
		all[a.Key] = a
	}
	return all
}

// readings are all of a patient's, in the order that rules go by.
func (w *world) readings(as string) []vitals.Reading {
	w.t.Helper()
	var out []vitals.Reading
	who := records.Ask{Who: access.Who{Kind: access.Patient, ID: "x", Patient: w.id[as]}}
	err := w.Records.Look(w.t.Context(), who, func(t *records.Tx) error {
		out = nil
		page, err := t.Find(w.t.Context(), "Observation", "patient", "Patient/"+w.id[as], "_count", "500")
		for i := range page.Records {
			n, err := resource.Parse(page.Records[i].Body)
			if err != nil {
				return err
			}
			if found := validate.Resource(n); validate.Refused(found) {
				w.t.Errorf("%s: %v", page.Records[i].Body, found)
			}
			r, err := vitals.Decode(n, page.Records[i].Updated)
			if err != nil {
				return err
			}
			out = append(out, r)
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	slices.SortFunc(out, func(a, b vitals.Reading) int { return a.Order.Compare(b.Order) })
	return out
}

func bp(key, at, up, down string) waiting {
	return waiting{Key: key, Measure: "blood-pressure", Values: []string{up, down}, Unit: "mm[Hg]", At: at, Zone: "Europe/Madrid"}
}

// TestQueue: the same queue three times, out of order, from a phone whose clock is two hours behind.
func TestQueue(t *testing.T) {
	each(t, func(w *world) {
		now := w.clock.Now()
		wrong := now.Add(-2 * time.Hour).In(time.FixedZone("", 3600))
		at := func(ago time.Duration) string { return wrong.Add(-ago).Format(time.RFC3339) }
		queue := []waiting{bp("key-number-1", at(3*time.Hour), "131", "82"), bp("key-number-2", at(2*time.Hour), "128", "80"), bp("key-number-3", at(time.Hour), "125", "79")}
		got := w.sync("edda", wrong, queue[2], queue[0])
		if got["key-number-3"].Result != stored || got["key-number-1"].Result != stored {
			w.t.Fatalf("%+v", got)
		}
		w.clock.Advance(time.Minute)
		got = w.sync("edda", wrong.Add(time.Minute), queue...)
		if got["key-number-1"].Result != same || got["key-number-2"].Result != stored || got["key-number-3"].Result != same {
			w.t.Fatalf("%+v", got)
		}
		for _, a := range w.sync("edda", wrong.Add(time.Minute), queue[1], queue[2], queue[0], queue[0]) {
			if a.Result != same {
				w.t.Errorf("%+v", a)
			}
		}
		all := w.readings("edda")
		if len(all) != 3 {
			w.t.Fatalf("%d readings", len(all))
		}
		for i, want := range []time.Duration{3 * time.Hour, 2 * time.Hour, time.Hour} {
			r := all[i]
			if r.Key != queue[i].Key || r.Clock != vitals.Skewed || r.Order.Sub(now.Add(-want)).Abs() > time.Second || r.At.Format(time.RFC3339) != queue[i].At {
				w.t.Errorf("%d: %+v", i, r)
			}
		}
	})
}

// TestJudged: each by itself, by the questions of the form.
func TestJudged(t *testing.T) {
	each(t, func(w *world) {
		now := w.clock.Now()
		at := now.Format(time.RFC3339)
		sure := bp("key-is-sure-1", at, "231", "82")
		sure.Sure = true
		got := w.sync("edda", now, bp("key-upside-1", at, "80", "120"), bp("key-unusual1", at, "231", "82"), sure, bp("key-no-time1", "yesterday", "120", "80"),
			bp("bad", at, "120", "80"), waiting{Key: "key-no-unit1", Measure: "glucose", Values: []string{"5,6"}, At: at}, waiting{Key: "key-foreign1", Measure: "mood", Values: []string{"9"}, Unit: "1", At: at},
			bp("key-a-week-1", now.Add(-9*24*time.Hour).Format(time.RFC3339), "120", "80"),
			waiting{Key: "key-weight-1", Measure: "weight", Values: []string{"70"}, Unit: "kg", At: at})
		for key, want := range map[string]result{"key-upside-1": refused, "key-unusual1": ask, "key-is-sure-1": stored, "key-no-time1": refused, "bad": refused, "key-no-unit1": refused,
			"key-foreign1": refused, "key-a-week-1": stored, "key-weight-1": stored} {
			if a := got[key]; a.Result != want || (want == refused || want == ask) != (len(a.Why) > 0) {
				w.t.Errorf("%s: %+v, want %s", key, a, want)
			}
		}
		if a := w.sync("edda", now, waiting{Key: "key-weight-2", Measure: "weight", Values: []string{"60"}, Unit: "kg", At: at})["key-weight-2"]; a.Result != ask {
			w.t.Errorf("ten kilograms less: %+v", a)
		}
		if all := w.readings("edda"); len(all) != 3 || all[0].Clock != vitals.History {
			w.t.Errorf("%+v", all)
		}
		if all := w.readings("ciro"); len(all) != 0 {
			w.t.Errorf("somebody else's: %+v", all)
		}
	})
}

// TestOthers: what waits belongs to one account, whoever is signed in on the phone.
func TestOthers(t *testing.T) {
	each(t, func(w *world) {
		body, _ := json.Marshal(sending{Owner: w.owner("edda"), Sent: w.clock.Now().Format(time.RFC3339), Entries: []waiting{bp("key-number-1", w.clock.Now().Format(time.RFC3339), "131", "82")}})
		for as, want := range map[string]int{"ciro": http.StatusConflict, "nobody": http.StatusUnauthorized, "edda": http.StatusOK} {
			if rec := w.do(as, "POST", "/my/sync", "application/json", body); rec.Code != want {
				w.t.Errorf("%s: %d %s", as, rec.Code, rec.Body)
			}
		}
		many := sending{Owner: w.owner("edda"), Sent: w.clock.Now().Format(time.RFC3339), Entries: make([]waiting, maxEntries+1)}
		body, _ = json.Marshal(many)
		for _, bad := range [][]byte{body, []byte(`{`), []byte(`{"owner":"` + w.owner("edda") + `","sent":"now","entries":[]}`), []byte(`{"owner":"` + w.owner("edda") + `","extra":1}`)} {
			if rec := w.do("edda", "POST", "/my/sync", "application/json", bad); rec.Code < 400 || rec.Code >= 500 {
				w.t.Errorf("%.60s: %d", bad, rec.Code)
			}
		}
		if rec := w.do("edda", "POST", "/my/sync", "application/json", bytes.Repeat([]byte(" "), syncBody+1)); rec.Code != http.StatusRequestEntityTooLarge {
			w.t.Errorf("too large: %d", rec.Code)
		}
		if n := len(w.readings("edda")); n != 1 {
			w.t.Errorf("%d readings", n)
		}
	})
}

// FuzzSync: whatever a phone sends, it is refused or is a reading that can be.
func FuzzSync(f *testing.F) {
	f.Add([]byte(`{"owner":"a","sent":"2026-11-23T08:00:00+01:00","entries":[{"key":"key-number-1","measure":"blood-pressure","values":["131","82"],"unit":"mm[Hg]","at":"2026-11-23T08:00:00+01:00","sure":true}]}`))
	f.Add([]byte(`{"entries":[{"key":"key-number-1","measure":"weight","values":["7,2e1"],"unit":"kg","at":"9999-12-31T23:59:59-23:59"}]}`))
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, body []byte) {
		r := httptest.NewRequest("POST", "/my/sync", bytes.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		var in sending
		if web.ReadJSON(r, &in) != nil {
			return
		}
		sent, _ := time.Parse(time.RFC3339, in.Sent)
		for i := range in.Entries {
			e := in.Entries[i].entry(sent)
			e.Received, e.Patient = now, "p"
			got, _, err := vitals.Read(e, nil)
			if err != nil {
				continue
			}
			if got.Order.After(now) {
				t.Fatalf("ordered after it came: %s", got.Order)
			}
			n, _, err := vitals.Observe(e)
			if err != nil {
				t.Fatal(err)
			}
			if found := validate.Resource(&n); validate.Refused(found) {
				t.Fatalf("%s: %v", n.Bytes(), found)
			}
		}
	})
}

func FuzzFHIR(f *testing.F) {
	f.Add([]byte(`{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"2339-0"}]},"effectiveDateTime":"2026","valueQuantity":{"value":88.5,"code":"mg/dL"}}}]}`))
	f.Add([]byte("{\"resourceType\":\"Observation\"}\n{}\n"))
	f.Fuzz(func(t *testing.T, body []byte) {
		_, _ = read(t.Context(), "fhir", bytes.NewReader(body), int64(len(body)), (&file{zone: time.UTC}).options(), sampled(t))
	})
}

func sampled(t *testing.T) func(wearables.Sample) error {
	return func(s wearables.Sample) error {
		e := s.Entry()
		e.Received = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
		if _, _, err := vitals.Read(e, nil); err != nil && vitals.Of(s.Measure) == nil {
			t.Fatal(err)
		}
		return nil
	}
}
