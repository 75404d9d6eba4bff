package triage

import (
	"testing"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/alerts"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/thresholds"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
)

func TestTheListsOrder(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		zoe, ana := w.followed("Zoe Zuber", thresholds.Hypertension), w.followed("Ana Abad", thresholds.Hypertension)
		low, high, later := w.followed("Low Mid", thresholds.Hypertension), w.followed("High Up", thresholds.Hypertension), w.followed("Later Low", thresholds.Hypertension)
		w.measure(low, vitals.BloodPressure, "88", "60")
		w.clock.Advance(time.Minute)
		w.measure(later, vitals.BloodPressure, "88", "60")
		w.clock.Advance(time.Minute)
		w.measure(high, vitals.BloodPressure, "190", "100")
		w.do(doc, func(tx *records.Tx) error {
			return w.Wait(w.ctx(), tx, Waiting{Patient: zoe, Kind: "message", Ref: "Communication/1", Severity: thresholds.Info})
		})
		const want = "High Low Later Zoe Ana"
		all := w.list(Query{})
		if names(all) != want || all.Urgent != 1 || all.Today != 2 || all.Week != 1 || all.Followed != 5 || all.Next != "" {
			t.Errorf("the list is %q: %+v", names(all), all)
		}
		got, q := "", Query{Count: 2}
		for range 3 {
			p := w.list(q)
			got, q.After = got+" "+names(p), p.Next
		}
		if got != " "+want || q.After != "" {
			t.Errorf("page by page it is %q", got)
		}
		// A name that is corrected is another place.
		w.do(doc, func(tx *records.Tx) error {
			r, err := tx.Read(w.ctx(), "Patient", ana)
			if err != nil {
				return err
			}
			n := parse(t, string(r.Body))
			n.Set("name", resource.A(resource.O(resource.M("text", resource.S("Anna Abad")))))
			_, _, err = tx.Update(w.ctx(), n, records.Existing)
			return err
		})
		if p := w.list(Query{}); names(p) != "High Low Later Zoe Anna" {
			t.Errorf("now %q", names(p))
		}
		if _, err := w.List(w.ctx(), doc, Query{After: "nonsense"}); err == nil {
			t.Error("a broken link works")
		}
	})
}

func TestGoingOffDuty(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		taken, raised := w.followed("Taken One", thresholds.Hypertension), w.followed("Raised One", thresholds.Hypertension)
		w.measure(taken, vitals.BloodPressure, "190", "100")
		w.measure(raised, vitals.BloodPressure, "190", "100")
		w.act(w.one(taken).ID, alerts.Step{Do: alerts.Acknowledge, By: mari})
		if p := w.list(Query{Mine: tobi}); p.Followed != 0 {
			t.Errorf("tobias has %+v", p)
		}
		until := start.Add(6 * time.Hour)
		if _, err := w.HandOverAll(w.ctx(), doc, mari, mari, until); err == nil {
			t.Error("to themselves")
		}
		n, err := w.HandOverAll(w.ctx(), doc, mari, tobi, until)
		if err != nil || n != 1 {
			t.Fatalf("handed over %d: %v", n, err)
		}
		if a := w.one(taken); a.Owner != tobi {
			t.Errorf("owner %s", a.Owner)
		}
		if p := w.list(Query{Mine: tobi}); names(p) != "Taken Raised" && names(p) != "Raised Taken" || p.Followed != 2 || p.Urgent != 2 {
			t.Errorf("tobias has %q, %+v", names(p), p)
		}
		if _, err := w.HandOverAll(w.ctx(), doc, tobi, mari, until); err == nil {
			t.Error("to somebody who is away")
		}
		who := func() (who string) {
			w.do(doc, func(tx *records.Tx) (err error) { who, err = w.OnDuty(w.ctx(), tx.Beside(), mari); return err })
			return who
		}
		if who() != tobi {
			t.Errorf("on duty is %s", who())
		}
		w.clock.Set(until)
		if who() != mari || names(w.list(Query{Mine: tobi})) != "Taken" {
			t.Errorf("back on duty: %s; tobias has %q", who(), names(w.list(Query{Mine: tobi})))
		}
	})
}

func TestLoadAndWorkload(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.followed("Bernat Ollersen", thresholds.Hypertension)
		w.clock.Advance(13 * time.Hour) // ten in the evening
		for i := range 5 {
			w.measure(p, vitals.BloodPressure, "88", "60")
			a := w.one(p)
			w.clock.Advance(10 * time.Minute)
			s := alerts.Step{Do: alerts.Decide, By: mari, Action: alerts.NoAction, Reason: "As usual."}
			if i == 4 {
				s.Action = alerts.CallNow
			}
			w.act(a.ID, s)
			w.act(a.ID, alerts.Step{Do: alerts.Close, By: mari})
		}
		w.measure(p, vitals.BloodPressure, "190", "100")
		w.clock.Advance(30 * time.Minute)
		var l Load
		w.do(doc, func(tx *records.Tx) (err error) { l, err = w.Load(w.ctx(), tx, p); return err })
		if l.Alerts != 6 || l.NoAction != 4 || l.Acted != 1 || l.Open != 1 || l.Week.Alerts != 6 {
			t.Errorf("load %+v", l)
		}
		k, err := w.Workload(w.ctx(), doc, mari)
		if err != nil {
			t.Fatal(err)
		}
		want := Workload{Waiting: 1, Urgent: 1, Median: 30 * time.Minute, Longest: 30 * time.Minute, Raised7: 6, Raised28: 6, Quiet7: 6, Quiet28: 6,
			Decided7: 5, Decided28: 5, Acted28: 1, ToDecide: 10 * time.Minute}
		if k != want {
			t.Errorf("workload %+v\nnot %+v", k, want)
		}
	})
}
