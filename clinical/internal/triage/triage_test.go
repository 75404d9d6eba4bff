package triage

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/alerts"
	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/thresholds"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
)

func TestAReadingBecomesADecision(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.followed("Bernat Ollersen", thresholds.Hypertension)
		if l := w.line(p); l.Alert != nil || l.Severity != "" || l.Name != "Bernat Ollersen" || l.Age(start) != 71 || l.Owner != mari || !l.Followed {
			t.Errorf("before anything: %+v", l)
		}
		w.measure(p, vitals.BloodPressure, "128", "79")
		if l := w.line(p); l.Alert != nil || l.Last == nil || l.Last.Values[0] != vitals.Units(128) {
			t.Errorf("an ordinary reading: %+v, last %+v", l, l.Last)
		}
		w.clock.Advance(time.Hour)
		id := w.measure(p, vitals.BloodPressure, "190", "100")
		a := w.one(p)
		if a.First.Rule != "bp-crisis" || a.First.Ref != "Observation/"+id || a.Status != alerts.Raised {
			t.Errorf("raised %+v", a)
		}
		l := w.line(p)
		if l.Severity != thresholds.Urgent || !l.Waits.Equal(w.clock.Now()) || l.Alert == nil || l.Alert.ID != a.ID || l.More != 0 {
			t.Errorf("on the list: %+v", l)
		}
		w.clock.Advance(time.Minute)
		w.measure(p, vitals.BloodPressure, "186", "99")
		if a = w.one(p); a.Repeats != 1 || a.Latest.Value != vitals.Units(186) {
			t.Errorf("a repeat is folded: %+v", a)
		}
		if page := w.list(Query{}); page.Urgent != 1 || page.Followed != 1 || len(page.Lines) != 1 {
			t.Errorf("list %+v", page)
		}

		task := ""
		a, err := w.Do(w.ctx(), doc, a.ID, alerts.Step{Do: alerts.Decide, By: mari, Action: alerts.MakeTask, Reason: "Measure again."}, func(tx *records.Tx, was *alerts.Alert) (string, error) {
			if was.Status != alerts.Raised {
				t.Errorf("the effect sees %s", was.Status)
			}
			n := parse(t, `{"resourceType":"Task","status":"requested","intent":"order","for":{"reference":"Patient/`+p+`"}}`)
			r, err := tx.Create(w.ctx(), n)
			task = "Task/" + r.ID
			return task, err
		})
		if err != nil || a.Status != alerts.Decided || a.Owner != mari || a.Decision().Result != task {
			t.Fatalf("decided: %v, %+v", err, a)
		}
		if l := w.line(p); l.Severity != "" || !l.Settled || l.Alert == nil {
			t.Errorf("settled: %+v", l)
		}
		w.measure(p, vitals.BloodPressure, "200", "99")
		if l := w.line(p); l.Severity != thresholds.Urgent || l.Alert.Status != alerts.Raised {
			t.Errorf("it got worse: %+v", l)
		}
		w.act(a.ID, alerts.Step{Do: alerts.Decide, By: mari, Action: alerts.CallNow})
		w.act(a.ID, alerts.Step{Do: alerts.Close, By: mari})
		if l := w.line(p); l.Alert != nil || l.Settled || !l.Waits.IsZero() {
			t.Errorf("closed: %+v", l)
		}
		w.measure(p, vitals.BloodPressure, "190", "99")
		if b := w.one(p); b.ID == a.ID {
			t.Error("a closed alert came back")
		}
		for _, typ := range []string{"DetectedIssue", "Basic", "CareTeam"} {
			w.valid(typ, p)
		}
	})
}

func TestEffectAndStepAreOne(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.followed("Irune Castelbay", thresholds.Hypertension)
		w.measure(p, vitals.BloodPressure, "190", "100")
		a := w.one(p)
		broken := errors.New("no")
		if _, err := w.Do(w.ctx(), doc, a.ID, alerts.Step{Do: alerts.Acknowledge, By: mari}, func(tx *records.Tx, _ *alerts.Alert) (string, error) {
			if err := w.Wait(w.ctx(), tx, Waiting{Patient: p, Kind: "task", Ref: "Task/x", Severity: thresholds.Info}); err != nil {
				return "", err
			}
			return "", broken
		}); !errors.Is(err, broken) {
			t.Errorf("failed with %v", err)
		}
		if l := w.line(p); w.one(p).Status != alerts.Raised || l.Messages != 0 {
			t.Errorf("something of it stayed: %+v", l)
		}
		// Somebody was quicker.
		w.act(a.ID, alerts.Step{Do: alerts.Decide, By: tobi, Action: alerts.CallNow})
		now, err := w.Do(w.ctx(), doc, a.ID, alerts.Step{Do: alerts.Acknowledge, By: mari}, nil)
		if !fault.Is(err, fault.Conflict) || now.Status != alerts.Decided || now.Owner != tobi {
			t.Errorf("the second gets %v and %+v", err, now)
		}
		if _, err := w.Do(w.ctx(), doc, a.ID, alerts.Step{Do: alerts.Close}, nil); !fault.Is(err, fault.Invalid) {
			t.Errorf("nobody closes: %v", err)
		}
		patient := records.Ask{Who: access.Who{Kind: access.Patient, ID: "s", Patient: p}}
		if _, err := w.Do(w.ctx(), patient, a.ID, alerts.Step{Do: alerts.Close, By: "Patient/" + p}, nil); err == nil {
			t.Error("a patient closed their alert")
		}
		if _, err := w.List(w.ctx(), patient, Query{}); err == nil {
			t.Error("a patient read the list")
		}
	})
}

func TestTwoAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.followed("Piers Lindqvale", thresholds.Diabetes2)
		const many = 16
		var group sync.WaitGroup
		failed := make(chan error, 2*many)
		for i := range many {
			n := w.observation(p, vitals.Glucose, w.clock.Now(), fmt.Sprintf("key-%08d", i), "40")
			group.Go(func() {
				failed <- w.Records.Do(w.ctx(), machine(t), func(tx *records.Tx) error {
					_, err := tx.Create(w.ctx(), n)
					return err
				})
			})
		}
		group.Wait()
		close(failed)
		for err := range failed {
			if err != nil {
				t.Fatal(err)
			}
		}
		all := w.alertsOf(p, true)
		if len(all) != 2 { // very low, and low
			t.Fatalf("%d alerts of %d readings", len(all), many)
		}
		for _, a := range all {
			if a.Repeats != many-1 {
				t.Errorf("%s has %d repeats", a.First.Rule, a.Repeats)
			}
		}

		// Of many who take it, one does.
		took := make(chan error, many)
		for i := range many {
			group.Go(func() {
				_, err := w.Do(w.ctx(), doc, all[0].ID, alerts.Step{Do: alerts.Acknowledge, By: fmt.Sprintf("Practitioner/p%d", i)}, nil)
				took <- err
			})
		}
		group.Wait()
		close(took)
		n := 0
		for err := range took {
			if err == nil {
				n++
			} else if !fault.Is(err, fault.Conflict) {
				t.Errorf("refused with %v", err)
			}
		}
		if n != 1 {
			t.Errorf("%d took it", n)
		}
	})
}

// A phone sends its queue three times, out of order; a transaction of another system holds all of it again.
func TestTheSameQueueAgain(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		once, thrice := w.followed("Once Only", thresholds.HeartFailure), w.followed("Thrice Over", thresholds.HeartFailure)
		weights := []string{"80.0", "80.4", "81.1", "82.6", "83.0", "83.1"}
		queue := func(p string) (all []*resource.Node) {
			for i, kg := range weights {
				all = append(all, w.observation(p, vitals.Weight, start.Add(time.Duration(i-6)*12*time.Hour), fmt.Sprintf("key-%s-%04d", p[:6], i), kg))
			}
			return all
		}
		for _, n := range queue(once) {
			w.store(once, n)
		}
		dice := rand.New(rand.NewPCG(3, 4))
		for range 3 {
			all := queue(thrice)
			dice.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
			for _, n := range all {
				w.store(thrice, n)
			}
		}
		var writes []records.Write
		for _, n := range queue(thrice) {
			writes = append(writes, records.Write{Do: access.Create, Node: n})
		}
		w.do(machine(t), func(tx *records.Tx) error {
			_, err := tx.WriteMany(w.ctx(), writes)
			return err
		})
		state := func(p string) (a alerts.State) {
			var b []byte
			err := w.Store.Read(w.ctx(), func(tx db.Tx) error {
				return tx.QueryRow(w.ctx(), `SELECT state FROM triage_state WHERE patient = $1 AND measure = $2`, p, string(vitals.Weight)).Scan(&b)
			})
			if err != nil {
				t.Fatal(err)
			}
			a, err = alerts.Unpack(b)
			if err != nil {
				t.Fatal(err)
			}
			return a
		}
		a, b := state(once), state(thrice)
		if a.Len() != 6 || b.Len() != 6 || a.Trend(vitals.Weight, vitals.Whole, 7) != b.Trend(vitals.Weight, vitals.Whole, 7) {
			t.Errorf("once %d readings, thrice %d", a.Len(), b.Len())
		}
		if x, y := w.alertsOf(once, true), w.alertsOf(thrice, true); len(x) != 1 || len(y) != 1 || x[0].First.Rule != y[0].First.Rule {
			t.Errorf("once %d alerts, thrice %d", len(x), len(y))
		}
	})
}

func TestWhatWasNoReading(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.followed("Rosa Ferrandel", thresholds.Hypertension)
		id := w.measure(p, vitals.BloodPressure, "190", "100")
		fix := func(change func(*resource.Node)) {
			w.do(doc, func(tx *records.Tx) error {
				r, err := tx.Read(w.ctx(), "Observation", id)
				if err != nil {
					return err
				}
				n := parse(t, string(r.Body))
				change(n)
				_, _, err = tx.Update(w.ctx(), n, records.Existing)
				return err
			})
		}
		status := func(s string) func(*resource.Node) {
			return func(n *resource.Node) { n.Set("status", resource.S(s)) }
		}
		fix(status("entered-in-error"))
		all := w.alertsOf(p, true)
		if len(all) != 1 || all[0].Status != alerts.Closed || all[0].Steps[1].Do != alerts.Withdraw {
			t.Fatalf("withdrawn: %+v", all)
		}
		if l := w.line(p); l.Alert != nil {
			t.Errorf("still on the list: %+v", l)
		}
		fix(status("corrected"))
		a := w.one(p)
		if a.First.Value != vitals.Units(190) {
			t.Errorf("it was one after all: %+v", a)
		}
		w.clock.Advance(time.Minute)
		w.measure(p, vitals.BloodPressure, "195", "100")
		w.do(machine(t), func(tx *records.Tx) error {
			_, err := tx.Delete(w.ctx(), "Observation", id, records.Existing)
			return err
		})
		if b := w.one(p); b.ID != a.ID || b.Status != alerts.Raised {
			t.Errorf("another reading crosses it too: %+v", b)
		}
	})
}

func TestConsentEnds(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.followed("Adaeze Morholt", thresholds.Hypertension)
		w.measure(p, vitals.BloodPressure, "120", "80")
		w.allowed[p] = false
		w.measure(p, vitals.BloodPressure, "190", "100")
		if l := w.line(p); !l.Paused || l.Alert != nil {
			t.Errorf("paused: %+v", l)
		}
		w.clock.Advance(8 * 24 * time.Hour)
		w.tick()
		if all := w.alertsOf(p, true); len(all) != 0 {
			t.Errorf("alerts of somebody who isn't followed at present: %+v", all)
		}
		w.allowed[p] = true
		w.do(doc, func(tx *records.Tx) error { return w.Review(w.ctx(), tx, p) })
		if l := w.line(p); l.Paused || l.Alert != nil {
			t.Errorf("it is allowed again: %+v", l)
		}
		w.tick()
		if a := w.one(p); a.First.Kind != thresholds.Missing {
			t.Errorf("what is missing is said: %+v", a)
		}
		w.measure(p, vitals.BloodPressure, "190", "100")
		if a := w.one(p); a.First.Rule != "bp-crisis" {
			t.Errorf("and answered: %+v", a)
		}
	})
}

func TestWhoIsNotFollowed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.patient("Nobody Looks")
		w.measure(p, vitals.BloodPressure, "190", "100")
		if page := w.list(Query{}); page.Followed != 0 || len(w.alertsOf(p, true)) != 0 {
			t.Errorf("on the list: %+v", page)
		}
		patient := records.Ask{Who: access.Who{Kind: access.Patient, ID: "s", Patient: p}}
		if err := w.Follow(w.ctx(), patient, p, []thresholds.Condition{thresholds.Hypertension}, mari, ""); err == nil {
			t.Error("a patient had themselves followed")
		}
		if page := w.list(Query{}); page.Followed != 0 {
			t.Errorf("on the list after a refusal: %+v", page)
		}
		// A message waits all the same.
		w.do(patient, func(tx *records.Tx) error {
			return w.Wait(w.ctx(), tx, Waiting{Patient: p, Kind: "message", Ref: "Communication/1", Severity: thresholds.Attention})
		})
		if l := w.line(p); l.Followed || l.Message == nil || l.Message.Ref != "Communication/1" || l.Severity != thresholds.Attention {
			t.Errorf("a message: %+v", l)
		}
		// Of a transaction that ends in a refusal nothing stays.
		if err := w.Records.Do(w.ctx(), doc, func(tx *records.Tx) error {
			if err := w.Settle(w.ctx(), tx, p, "message", ""); err != nil {
				return err
			}
			return outcome.Absent()
		}); outcome.Of(err) == nil || w.line(p).Messages != 1 {
			t.Errorf("it was undone: %v, %+v", err, w.line(p))
		}
		w.do(doc, func(tx *records.Tx) error { return w.Settle(w.ctx(), tx, p, "message", "") })
		if page := w.list(Query{}); page.Followed != 0 || len(page.Lines) != 0 {
			t.Errorf("settled: %+v", page)
		}
	})
}

func TestTheProgramsActsAreTheProgramsInTheTrail(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.followed("Bernat Ollersen", thresholds.Hypertension)
		w.measure(p, vitals.BloodPressure, "190", "100")
		var who []string
		err := w.Store.Read(w.ctx(), func(tx db.Tx) error {
			who = nil
			return db.Each(w.ctx(), tx, `SELECT body FROM version WHERE type = 'AuditEvent' ORDER BY seq DESC LIMIT 2`, nil, func(r db.Row) error {
				var body string
				err := r.Scan(&body)
				who = append(who, body)
				return err
			})
		})
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(who[0], `"altId":"triage"`) || !strings.Contains(who[0], "DetectedIssue/") || !strings.Contains(who[1], `"altId":"s-`+p) || !strings.Contains(who[1], "Observation/") {
			t.Errorf("the trail says\n%s", strings.Join(who, "\n"))
		}
	})
}
