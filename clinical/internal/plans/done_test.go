package plans

import (
	"maps"
	"testing"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/chart"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/platform/db"
)

// The table of what was done says what the Observations say: written, taken back by hand, deleted, and built anew.
func TestDoneIsWhatTheRecordsSay(t *testing.T) {
	each(t, func(w *world) {
		ctx, edda := t.Context(), w.id["edda"]
		say := func(id, step, day, turn, done, status string) *resource.Node {
			when := `"effectiveDateTime":"` + day + `"`
			if step == "p.once" {
				when = `"effectivePeriod":{"start":"` + day + `"}`
			}
			n, err := resource.Parse([]byte(`{"resourceType":"Observation","id":"` + id + `","status":"` + status + `","identifier":[{"system":"` + keySystem + `","value":"` + step + "." + day + "." + turn + `"}],
				"code":{"coding":[{"system":"` + recordSystem + `","code":"` + planDone + `"},{"system":"` + stepSystem + `","code":"` + step + `"}]},
				"subject":{"reference":"Patient/` + edda + `"},` + when + `,"issued":"` + day + `T10:00:00Z","performer":[{"reference":"Patient/` + edda + `"}],"valueBoolean":` + done + `}`))
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		said := func() map[string]map[Day]mark {
			m := &marks{said: map[string]map[Day]mark{}, zone: time.UTC}
			err := w.plans.Records.Look(ctx, w.doctor, func(tx *records.Tx) error {
				page, err := tx.Shows(ctx, "test", edda, "Observation")
				if err != nil {
					return err
				}
				monday, _ := ParseDay("2026-11-16")
				return m.done(ctx, page, edda, monday)
			})
			if err != nil {
				t.Fatal(err)
			}
			return m.said
		}
		scopes, err := access.ParseScopes("system/Observation.cruds")
		if err != nil {
			t.Fatal(err)
		}
		loader := records.Ask{Who: access.Who{Kind: access.System, ID: "lab", Scopes: scopes}}
		do := func(f func(tx *records.Tx) error) {
			t.Helper()
			if err := w.plans.Records.Do(ctx, loader, f); err != nil {
				t.Fatal(err)
			}
		}
		put := func(n *resource.Node) {
			t.Helper()
			do(func(tx *records.Tx) error { _, _, err := tx.Update(ctx, n, records.Any); return err })
		}
		put(say("a", "p.walk", "2026-11-17", "0", "true", "final"))
		put(say("b", "p.walk", "2026-11-17", "1", "false", "final"))
		put(say("c", "p.walk", "2026-11-18", "0", "true", "final"))
		put(say("d", "p.once", "2025-01-01", "0", "true", "final"))
		put(say("e", "p.walk", "2026-11-02", "0", "true", "final")) // too long ago
		put(say("f", "p.walk", "2026-11-19", "0", "true", "entered-in-error"))
		want := func(when string, days ...string) {
			t.Helper()
			got := map[string]bool{}
			for step, of := range said() {
				for d, m := range of {
					if m.Done {
						got[step+" "+d.String()] = true
					}
				}
			}
			all := map[string]bool{}
			for _, d := range days {
				all[d] = true
			}
			if !maps.Equal(got, all) {
				t.Errorf("%s: %v, want %v", when, got, all)
			}
		}
		want("written", "p.walk 2026-11-18", "p.once 2025-01-01")
		put(say("b", "p.walk", "2026-11-17", "1", "true", "final"))
		do(func(tx *records.Tx) error { _, err := tx.Delete(ctx, "Observation", "c", records.Any); return err })
		want("changed", "p.walk 2026-11-17", "p.once 2025-01-01")
		put(say("c", "p.walk", "2026-11-20", "0", "true", "final"))
		want("brought back", "p.walk 2026-11-17", "p.walk 2026-11-20", "p.once 2025-01-01")
		if err := w.plans.Store.Write(ctx, func(tx db.Tx) error { _, err := tx.Exec(ctx, `DELETE FROM plans_done`); return err }); err != nil {
			t.Fatal(err)
		}
		want("lost")
		if err := chart.Build(ctx, w.plans.Store, w.plans.Records, Rebuild); err != nil {
			t.Fatal(err)
		}
		want("built anew", "p.walk 2026-11-17", "p.walk 2026-11-20", "p.once 2025-01-01")
	})
}
