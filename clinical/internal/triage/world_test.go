package triage

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/alerts"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/thresholds"
	"github.com/mitral-health/mitral/clinical/internal/validate"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/db/dbtest"
)

var (
	start = time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC) // a Monday
	doc   = records.Ask{Who: access.Who{Kind: access.Clinician, ID: "marisol", Name: "Dr Marisol Quenby"}}
	mari  = "Practitioner/marisol"
	tobi  = "Practitioner/tobias"
)

func steps() []db.Migration {
	return slices.Concat(records.Migrations(), records.WithheldMigrations(), Migrations())
}

// world is a chamber without pages.
type world struct {
	testing.TB
	*Triage
	clock   *clock.Manual
	allowed map[string]bool // patients who do not allow it: false
	n       int
}

func each(t *testing.T, f func(t *testing.T, w *world)) {
	t.Helper()
	dbtest.Each(t, "clinical", steps(), func(t *testing.T, d *db.DB) { f(t, newWorld(t, d)) })
}

func newWorld(t testing.TB, d *db.DB) *world {
	w := &world{TB: t, clock: clock.At(start), allowed: map[string]bool{}}
	w.Triage = copyOf(t, d, w.clock, func(_ context.Context, _ db.Tx, p string) (bool, error) {
		ok, said := w.allowed[p]
		return ok || !said, nil
	})
	return w
}

// copyOf is one copy of the program on a store.
func copyOf(t testing.TB, d *db.DB, c clock.Clock, allowed func(context.Context, db.Tx, string) (bool, error)) *Triage {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	s, err := records.Open(records.Deps{DB: d, Clock: c, Log: log, Base: "https://orlena.example/fhir"})
	if err != nil {
		t.Fatal(err)
	}
	g, err := Open(Deps{Records: s, Store: d, Clock: c, Log: log, Allowed: allowed,
		Policy: alerts.DefaultPolicy(alerts.Quiet{From: 20 * time.Hour, To: 8 * time.Hour, Weekends: true})})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func machine(t testing.TB) records.Ask {
	t.Helper()
	s, err := access.ParseScopes("system/*.cruds")
	if err != nil {
		t.Fatal(err)
	}
	return records.Ask{Who: access.Who{Kind: access.System, ID: "lab", Scopes: s}, Purpose: access.Treatment}
}

func (w *world) do(ask records.Ask, f func(t *records.Tx) error) {
	w.Helper()
	if err := w.Records.Do(w.ctx(), ask, f); err != nil {
		w.Fatal(err)
	}
}

func (w *world) ctx() context.Context { return w.Context() }

// patient makes one, who is not followed.
func (w *world) patient(name string) string {
	w.Helper()
	w.n++
	given, family, _ := strings.Cut(name, " ")
	n := parse(w, fmt.Sprintf(`{"resourceType":"Patient","name":[{"family":%q,"given":[%q]}],"birthDate":"1955-03-04"}`, family, given))
	id := ""
	w.do(machine(w), func(t *records.Tx) error {
		r, err := t.Create(w.ctx(), n)
		id = r.ID
		return err
	})
	return id
}

func (w *world) followed(name string, of ...thresholds.Condition) string {
	w.Helper()
	p := w.patient(name)
	if err := w.Follow(w.ctx(), doc, p, of, mari, tobi); err != nil {
		w.Fatal(err)
	}
	return p
}

func parse(t testing.TB, text string) *resource.Node {
	t.Helper()
	n, err := resource.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

var units = map[vitals.Measure]string{vitals.BloodPressure: "mm[Hg]", vitals.Weight: "kg", vitals.Glucose: "mg/dL", vitals.Oxygen: "%"}

// observation is a measurement as a phone sends it.
func (w *world) observation(patient string, m vitals.Measure, at time.Time, key string, typed ...string) *resource.Node {
	w.Helper()
	n, _, err := vitals.Observe(vitals.Entry{Measure: m, Typed: typed, Unit: units[m], At: at, Sent: w.clock.Now(), Received: w.clock.Now(), Patient: patient, Key: key, Sure: true})
	if err != nil {
		w.Fatal(err)
	}
	return &n
}

// measure stores one as the patient and returns its id.
func (w *world) measure(patient string, m vitals.Measure, typed ...string) string {
	w.Helper()
	w.n++
	return w.store(patient, w.observation(patient, m, w.clock.Now(), fmt.Sprintf("key-%08d", w.n), typed...))
}

func (w *world) store(patient string, n *resource.Node) string {
	w.Helper()
	id := ""
	w.do(records.Ask{Who: access.Who{Kind: access.Patient, ID: "s-" + patient, Patient: patient}}, func(t *records.Tx) error {
		r, err := t.Create(w.ctx(), n)
		id = r.ID
		return err
	})
	return id
}

// alertsOf are a patient's, as the records have them.
func (w *world) alertsOf(patient string, closedToo bool) (all []alerts.Alert) {
	w.Helper()
	w.do(doc, func(t *records.Tx) (err error) {
		all, err = w.Alerts(w.ctx(), t, patient, closedToo)
		return err
	})
	return all
}

func (w *world) line(patient string) Line {
	w.Helper()
	l, err := w.Line(w.ctx(), doc, patient)
	if err != nil {
		w.Fatal(err)
	}
	if l == nil {
		w.Fatalf("%s is not on the list", patient)
	}
	return *l
}

func (w *world) list(q Query) Page {
	w.Helper()
	p, err := w.List(w.ctx(), doc, q)
	if err != nil {
		w.Fatal(err)
	}
	return p
}

func names(p Page) string {
	var all []string
	for _, l := range p.Lines {
		all = append(all, strings.Fields(l.Name)[0])
	}
	return strings.Join(all, " ")
}

// one is the only open alert of a patient.
func (w *world) one(patient string) alerts.Alert {
	w.Helper()
	all := w.alertsOf(patient, false)
	if len(all) != 1 {
		w.Fatalf("%d open alerts, not 1: %+v", len(all), all)
	}
	return all[0]
}

func (w *world) act(id string, s alerts.Step) alerts.Alert {
	w.Helper()
	a, err := w.Do(w.ctx(), doc, id, s, nil)
	if err != nil {
		w.Fatalf("%s: %v", s.Do, err)
	}
	return a
}

func (w *world) tick() {
	w.Helper()
	if err := w.Tick(w.ctx()); err != nil {
		w.Fatal(err)
	}
}

// valid holds everything of a type that a patient's record has against FHIR.
func (w *world) valid(typ, patient string) {
	w.Helper()
	w.do(machine(w), func(t *records.Tx) error {
		h, err := t.History(w.ctx(), typ, "", records.HistoryQuery{Count: 200})
		if err != nil {
			return err
		}
		if len(h.Records) == 0 {
			w.Errorf("no %s", typ)
		}
		for _, r := range h.Records {
			for _, is := range validate.Resource(parse(w, string(r.Body))) {
				w.Errorf("%s: %+v", typ, is)
			}
		}
		return nil
	})
}
