package triage

import (
	"testing"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/alerts"
	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/thresholds"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
	"github.com/mitral-health/mitral/platform/fault"
)

func TestAReadingIsMissing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.followed("Bernat Ollersen", thresholds.HeartFailure) // weight, every three days
		if err := w.SetRule(w.ctx(), doc, p, mari, thresholds.Rule{ID: "weight-gone", Measure: vitals.Weight, Kind: thresholds.Missing, Severity: thresholds.Attention, Days: 30}, "Ours."); err != nil {
			t.Fatal(err)
		}
		w.clock.Advance(71 * time.Hour)
		w.tick()
		if n := len(w.alertsOf(p, true)); n != 0 {
			t.Fatalf("%d alerts too soon", n)
		}
		w.clock.Advance(2 * time.Hour)
		w.tick()
		w.tick()
		a := w.one(p)
		if a.First.Rule != "weight-missing" || w.line(p).Severity != thresholds.Info {
			t.Fatalf("%+v", a)
		}
		w.measure(p, vitals.Weight, "80")
		if all := w.alertsOf(p, true); len(all) != 1 || all[0].Status != alerts.Closed || all[0].Steps[1].Do != alerts.Answer {
			t.Fatalf("answered: %+v", all)
		}
		w.clock.Advance(73 * time.Hour)
		w.tick()
		b := w.one(p)
		w.act(b.ID, alerts.Step{Do: alerts.Decide, By: mari, Action: alerts.NoAction, Reason: "On holiday."})
		w.act(b.ID, alerts.Step{Do: alerts.Close, By: mari})
		w.tick()
		if n := len(w.alertsOf(p, false)); n != 0 {
			t.Errorf("asked again at once: %d", n)
		}
		w.clock.Advance(71 * time.Hour)
		w.tick()
		if n := len(w.alertsOf(p, false)); n != 0 {
			t.Errorf("asked again too soon: %d", n)
		}
		w.clock.Advance(2 * time.Hour)
		w.tick()
		c := w.one(p)
		if c.ID == b.ID {
			t.Error("nothing new after three more days")
		}
		w.clock.Advance(30 * 24 * time.Hour)
		w.tick()
		if all := w.alertsOf(p, false); len(all) != 2 || all[0].Repeats+all[1].Repeats != 0 {
			t.Errorf("the second rule too, and the first not again: %+v", all)
		}
	})
}

func TestNobodyActs(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		now, evening := w.followed("Now Urgent", thresholds.Hypertension), w.followed("Evening Calm", thresholds.Hypertension)
		w.measure(now, vitals.BloodPressure, "190", "100")
		w.clock.Advance(14 * time.Minute)
		w.tick()
		if a := w.one(now); a.Deputy != "" {
			t.Errorf("after 14 minutes: %+v", a)
		}
		w.clock.Advance(time.Minute)
		w.tick()
		w.tick()
		a := w.one(now)
		if a.Deputy != tobi || len(a.Steps) != 2 || w.line(now).Owner != tobi {
			t.Errorf("after 15: %+v", a)
		}
		if names(w.list(Query{Mine: tobi})) != "Now" || names(w.list(Query{Mine: mari})) != "Now Evening" {
			t.Errorf("tobias sees %q, marisol %q", names(w.list(Query{Mine: tobi})), names(w.list(Query{Mine: mari})))
		}

		// Four working hours from seven in the evening are eleven the next morning.
		w.clock.Set(start.Add(10 * time.Hour))
		w.measure(evening, vitals.BloodPressure, "88", "60")
		w.clock.Set(start.Add(25 * time.Hour))
		w.tick()
		if a := w.one(evening); a.Deputy != "" {
			t.Errorf("in the morning: %+v", a)
		}
		// The deputy is away by then: who stands in gets it.
		if _, err := w.HandOverAll(w.ctx(), doc, tobi, "Practitioner/ines", start.Add(72*time.Hour)); err != nil {
			t.Fatal(err)
		}
		w.clock.Set(start.Add(26*time.Hour + time.Minute))
		w.tick()
		if a := w.one(evening); a.Deputy != "Practitioner/ines" {
			t.Errorf("at eleven: %+v", a)
		}
	})
}

// TestSomebodyIsThereLater: an alert that nobody could be given goes to the deputy who is named afterwards.
func TestSomebodyIsThereLater(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.patient("Leandra Oswick")
		follow := func(deputy string) {
			t.Helper()
			if err := w.Follow(w.ctx(), doc, p, []thresholds.Condition{thresholds.Hypertension}, mari, deputy); err != nil {
				t.Fatal(err)
			}
		}
		follow("")
		w.measure(p, vitals.BloodPressure, "190", "100")
		w.clock.Advance(20 * time.Minute)
		w.tick()
		if a := w.one(p); a.Deputy != "" || a.Status != alerts.Raised {
			t.Errorf("with nobody there: %+v", a)
		}
		follow(tobi)
		w.clock.Advance(15 * time.Minute)
		w.tick()
		if a := w.one(p); a.Deputy != tobi {
			t.Errorf("with a deputy: %+v", a)
		}
	})
}

func TestSnoozeEnds(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.followed("Irune Castelbay", thresholds.Hypertension)
		w.measure(p, vitals.BloodPressure, "88", "60")
		a := w.one(p)
		if _, err := w.Do(w.ctx(), doc, a.ID, alerts.Step{Do: alerts.Snooze, By: mari, Until: start.Add(5 * time.Hour)}, nil); !fault.Is(err, fault.Invalid) {
			t.Errorf("without a reason: %v", err)
		}
		w.act(a.ID, alerts.Step{Do: alerts.Snooze, By: mari, Reason: "Comes in today.", Until: start.Add(5 * time.Hour)})
		if l := w.line(p); !l.Settled {
			t.Errorf("put off: %+v", l)
		}
		w.clock.Advance(6 * time.Hour)
		w.tick()
		w.tick()
		a = w.one(p)
		if a.Status != alerts.Raised || len(a.Steps) != 3 {
			t.Errorf("woken: %+v", a)
		}
		if l := w.line(p); l.Severity != thresholds.Attention || !l.Waits.Equal(w.clock.Now()) {
			t.Errorf("on the list again: %+v", l)
		}
	})
}

func TestFollowingBeginsWithWhatIsKnown(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.patient("Rosa Ferrandel")
		w.measure(p, vitals.BloodPressure, "200", "110") // was seen when it was
		for range 14 {
			w.clock.Advance(12 * time.Hour)
			w.measure(p, vitals.BloodPressure, "150", "90")
		}
		if err := w.Follow(w.ctx(), doc, p, []thresholds.Condition{thresholds.Hypertension}, mari, tobi); err != nil {
			t.Fatal(err)
		}
		if a := w.one(p); a.First.Rule != "bp-mean" || a.First.Row < 12 {
			t.Errorf("what is so now: %+v", a)
		}
		if l := w.line(p); l.Last == nil || l.Last.Values[0] != vitals.Units(150) {
			t.Errorf("line %+v", l)
		}
		late := w.patient("Long Ago")
		for range 14 {
			w.measure(late, vitals.BloodPressure, "150", "90")
			w.clock.Advance(12 * time.Hour)
		}
		w.clock.Advance(8 * 24 * time.Hour)
		if err := w.Follow(w.ctx(), doc, late, []thresholds.Condition{thresholds.Hypertension}, mari, tobi); err != nil {
			t.Fatal(err)
		}
		if all := w.alertsOf(late, true); len(all) != 0 {
			t.Errorf("stale alerts: %+v", all)
		}
	})
}

func TestRulesOfOnePatient(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.followed("Piers Lindqvale", thresholds.Hypertension)
		rules := func() (set *thresholds.Set) {
			w.do(doc, func(tx *records.Tx) (err error) { set, err = w.Thresholds(w.ctx(), tx, p); return err })
			return set
		}
		mine := *rules().Rule("bp-crisis")
		mine.Limits = []thresholds.Limit{{Part: vitals.Systolic, Op: thresholds.Above, Value: vitals.Units(160)}}
		if err := w.SetRule(w.ctx(), doc, p, mari, mine, "A stroke in 2024."); err != nil {
			t.Fatal(err)
		}
		if r := rules(); r.Version != 2 || r.Rule("bp-crisis").Reason != "A stroke in 2024." || r.Author != mari {
			t.Errorf("thresholds %+v", r)
		}
		w.measure(p, vitals.BloodPressure, "170", "90")
		a := w.one(p)
		if a.First.Version != 2 || a.First.Rule != "bp-crisis" {
			t.Errorf("by the new rule: %+v", a)
		}
		// Decided by dropping the rule, in one.
		if _, err := w.Do(w.ctx(), doc, a.ID, alerts.Step{Do: alerts.Decide, By: mari, Action: alerts.ChangeThreshold}, func(tx *records.Tx, _ *alerts.Alert) (string, error) {
			return "", w.DropRuleIn(w.ctx(), tx, p, mari, "bp-crisis", "Too many.")
		}); err != nil {
			t.Fatal(err)
		}
		w.act(a.ID, alerts.Step{Do: alerts.Close, By: mari})
		w.measure(p, vitals.BloodPressure, "190", "110")
		if n := len(w.alertsOf(p, false)); n != 0 {
			t.Errorf("%d alerts of a rule that is gone", n)
		}
		if err := w.SetRule(w.ctx(), doc, p, mari, thresholds.Rule{ID: "x"}, "?"); !fault.Is(err, fault.Invalid) {
			t.Errorf("a rule that says nothing: %v", err)
		}
		// Another condition besides; what a clinician set stays.
		if err := w.SetRule(w.ctx(), doc, p, mari, mine, "Again."); err != nil {
			t.Fatal(err)
		}
		if err := w.Follow(w.ctx(), doc, p, []thresholds.Condition{thresholds.Diabetes2, thresholds.Hypertension}, tobi, mari); err != nil {
			t.Fatal(err)
		}
		if r := rules(); r.Rule("glucose-low") == nil || r.Rule("bp-crisis").Reason != "Again." {
			t.Errorf("both conditions: %+v", r)
		}
		if l := w.line(p); l.Responsible != tobi || l.Deputy != mari {
			t.Errorf("line %+v", l)
		}
		// Over the wire, thresholds that are none are refused.
		basic := rules().ID
		err := w.Records.Do(w.ctx(), machine(t), func(tx *records.Tx) error {
			r, err := tx.Read(w.ctx(), "Basic", basic)
			if err != nil {
				return err
			}
			n := parse(t, string(r.Body))
			n.Remove("extension")
			_, _, err = tx.Update(w.ctx(), n, records.Existing)
			return err
		})
		if outcome.Of(err) == nil || rules().Rule("bp-crisis") == nil {
			t.Errorf("thresholds without rules: %v", err)
		}
	})
}

func TestUnfollow(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.followed("Adaeze Morholt", thresholds.Hypertension)
		w.measure(p, vitals.BloodPressure, "190", "110")
		if err := w.Unfollow(w.ctx(), doc, p, mari, "Moved away."); err != nil {
			t.Fatal(err)
		}
		if all := w.alertsOf(p, true); len(all) != 1 || all[0].Status != alerts.Closed {
			t.Errorf("alerts %+v", all)
		}
		w.measure(p, vitals.BloodPressure, "195", "110")
		w.clock.Advance(30 * 24 * time.Hour)
		w.tick()
		if page := w.list(Query{}); page.Followed != 0 || len(w.alertsOf(p, false)) != 0 {
			t.Errorf("still followed: %+v", page)
		}
		w.valid("CareTeam", p)
		if err := w.Follow(w.ctx(), doc, p, []thresholds.Condition{thresholds.Hypertension}, mari, ""); err != nil {
			t.Fatal(err)
		}
		w.measure(p, vitals.BloodPressure, "195", "110")
		if a := w.one(p); a.First.Rule != "bp-crisis" {
			t.Errorf("followed again: %+v", a)
		}
	})
}
