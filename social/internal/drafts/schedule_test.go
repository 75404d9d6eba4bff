package drafts

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/mitral-health/mitral/gate/review"
	"github.com/mitral-health/mitral/gate/scan"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/db/dbtest"
	"github.com/mitral-health/mitral/platform/fault"
)

func TestSchedule(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		plan := func(d Draft, wall string) Draft {
			t.Helper()
			d, err := w.Save(ctx, w.ama, d.ID, d.Rev, d.Content, Plan{Wall: wall, Zone: "Europe/Madrid"})
			if err == nil {
				d, err = w.Submit(ctx, w.ama, d.ID, d.Rev, false, true)
			}
			if err != nil {
				t.Fatal(err)
			}
			return d
		}
		d := plan(w.draft("At nine."), "2026-11-13T09:00")
		w.want(d, Scheduled)
		w.clock.Set(time.Date(2026, 11, 13, 7, 59, 59, 0, time.UTC))
		w.sweep()
		w.want(d, Scheduled)
		w.clock.Advance(time.Second)
		var wg sync.WaitGroup
		for range 6 { // several copies at once
			wg.Go(func() {
				if _, err := w.settle(ctx, d.ID); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		w.want(d, Published)
		if w.public() != 1 {
			t.Fatalf("%d posts", w.public())
		}

		// Held, and approved before its time: it goes out at its time.
		early := plan(w.draft("A [hold] in time."), "2026-11-13T12:00")
		w.want(early, Held)
		w.decide(early, review.Approve, "")
		w.sweep()
		w.want(early, Scheduled)
		w.clock.Set(time.Date(2026, 11, 13, 11, 0, 1, 0, time.UTC))
		w.sweep()
		w.want(early, Published)

		// Approved after its time: it does not publish by itself, and the author can send it at once.
		late := plan(w.draft("A [hold] too late."), "2026-11-13T12:30")
		w.clock.Set(time.Date(2026, 11, 13, 11, 31, 0, 0, time.UTC))
		w.decide(late, review.Approve, "")
		w.sweep()
		late = w.want(late, Back)
		w.submit(late)
		w.want(late, Published)

		// The rules change between scheduling and the time.
		changed := plan(w.draft("Our miracle cure."), "2026-11-14T09:00")
		w.want(changed, Scheduled)
		meant := w.draft("A [warn] that is meant.")
		meant, err := w.Save(ctx, w.ama, meant.ID, meant.Rev, meant.Content, Plan{Wall: "2026-11-14T09:00", Zone: "Europe/Madrid"})
		if err == nil {
			meant, err = w.Submit(ctx, w.ama, meant.ID, meant.Rev, true, true)
		}
		if err != nil {
			t.Fatal(err)
		}
		w.want(meant, Scheduled)
		w.rules.set("miracle", scan.Hold)
		w.rules.set("meant", scan.Warn)
		w.rulesVersion("test@2")
		w.clock.Set(time.Date(2026, 11, 14, 8, 0, 1, 0, time.UTC))
		w.sweep()
		w.want(changed, Held)
		w.want(meant, Warned) // the confirmation was of other warnings

		// What was confirmed goes out as long as the same rules hold.
		again := w.draft("A [warn] that is confirmed.")
		if again, err = w.Save(ctx, w.ama, again.ID, again.Rev, again.Content, Plan{Wall: "2026-11-14T09:30", Zone: "Europe/Madrid"}); err == nil {
			again, err = w.Submit(ctx, w.ama, again.ID, again.Rev, true, true)
		}
		if err != nil {
			t.Fatal(err)
		}
		w.clock.Set(time.Date(2026, 11, 14, 8, 30, 1, 0, time.UTC))
		w.sweep()
		w.want(again, Published)

		// The program was down when it was due: a short while does not matter, a long one does.
		soon, tomorrow := plan(w.draft("Down for an hour."), "2026-11-14T10:00"), plan(w.draft("Down for a day."), "2026-11-14T10:00")
		w.clock.Set(time.Date(2026, 11, 14, 10, 0, 0, 0, time.UTC))
		if _, err := w.settle(ctx, soon.ID); err != nil {
			t.Fatal(err)
		}
		w.want(soon, Published)
		w.clock.Advance(24 * time.Hour)
		w.sweep()
		w.want(tomorrow, Back)

		past := w.draft("Yesterday.")
		past, err = w.Save(ctx, w.ama, past.ID, past.Rev, past.Content, Plan{Wall: "2026-11-12T09:00", Zone: "Europe/Madrid"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Submit(ctx, w.ama, past.ID, past.Rev, false, true); !fault.Is(err, fault.Invalid) {
			t.Errorf("scheduled for the past: %v", err)
		}
	})
}

// Two running copies of the program on one store publish a due text once.
func TestDueJobRunsByItself(t *testing.T) {
	dbtest.Each(t, "social", migrations(), func(t *testing.T, store *db.DB) {
		w := newWorld(t, store, nil)
		d := w.draft("In a second.")
		w.write(func(ctx context.Context, tx db.Tx) error { // plans have minutes; a test has seconds
			d, err := get(ctx, tx, d.ID)
			if err != nil {
				return err
			}
			d.State, d.Plan = Checking, Plan{Wall: "2026-11-12T12:00", Zone: "UTC", At: clock.System{}.Now().Add(1500 * time.Millisecond)}
			d.Hash = d.Content.GateDraft().Hash()
			return w.put(ctx, tx, &d)
		})
		if _, err := w.settle(ctx, d.ID); err != nil {
			t.Fatal(err)
		}
		w.want(d, Scheduled)
		if err := w.queue.Start(ctx); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := w.queue.Stop(ctx); err != nil {
				t.Error(err)
			}
		})
		for try := 0; w.stored(d).State != Published; try++ {
			if try > 200 {
				t.Fatalf("still %s", w.stored(d).State)
			}
			time.Sleep(50 * time.Millisecond)
		}
		if w.public() != 1 {
			t.Errorf("%d posts", w.public())
		}
	})
}
