package triage

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/thresholds"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/db/dbtest"
)

// next is the next change about a patient.
func next(t *testing.T, ch <-chan Change, patient string) Change {
	t.Helper()
	timeout := time.After(20 * time.Second)
	for {
		select {
		case c, open := <-ch:
			if !open {
				t.Fatal("the feed ended")
			}
			if c.Patient == patient {
				return c
			}
		case <-timeout:
			t.Fatal("nobody told")
		}
	}
}

// rest waits until everything was told.
func (w *world) rest() {
	for busy := true; busy; time.Sleep(time.Millisecond) {
		w.hub.mu.Lock()
		busy = w.hub.pumping
		w.hub.mu.Unlock()
	}
}

func TestListsHear(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.followed("Bernat Ollersen", thresholds.Hypertension)
		ctx, cancel := context.WithCancel(t.Context())
		ch := w.Subscribe(ctx)
		w.measure(p, vitals.BloodPressure, "120", "80")
		if c := next(t, ch, p); !slices.Equal(c.For, []string{mari}) || c.Seq == 0 || !c.At.Equal(w.clock.Now()) {
			t.Errorf("change %+v", c)
		}
		// Nothing is told of what was undone.
		w.rest()
		for len(ch) > 0 {
			<-ch
		}
		_ = w.Records.Do(w.ctx(), doc, func(tx *records.Tx) error {
			if err := w.Wait(w.ctx(), tx, Waiting{Patient: p, Kind: "message", Ref: "Communication/1"}); err != nil {
				return err
			}
			return context.Canceled
		})
		select {
		case c := <-ch:
			t.Errorf("told %+v", c)
		case <-time.After(50 * time.Millisecond):
		}
		cancel()
		for range ch { // it is closed
		}
		w.measure(p, vitals.BloodPressure, "121", "80")
	})
}

func TestASlowListIsToldToReload(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t, "clinical", steps()))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	slow := w.Subscribe(ctx)
	const many = 1000
	for range many {
		w.Subscribe(ctx) // who never reads
	}
	began := time.Now()
	for i := range 20_000 {
		w.hub.publish(Change{Patient: fmt.Sprint("p", i), At: start.Add(time.Duration(i))})
		if i%500 == 0 {
			time.Sleep(time.Millisecond)
		}
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("with %d slow subscribers 20,000 changes took %s", many, took)
	}
	w.rest()
	reload := 0
	for len(slow) > 0 {
		if c := <-slow; c.Reload {
			reload++
		}
	}
	if reload == 0 {
		t.Error("nobody said that changes were missed")
	}
	w.hub.publish(Change{Patient: "last", At: start})
	next(t, slow, "last")
}

func TestTwoCopies(t *testing.T) {
	dsn := dbtest.URL(t, "clinical")
	connect := func() *db.DB {
		d, err := db.Open(t.Context(), "clinical", dsn)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(d.Close)
		return d
	}
	one, other := connect(), connect()
	if err := one.Migrate(t.Context(), steps()); err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, one)
	p := w.followed("Bernat Ollersen", thresholds.Hypertension)
	b := copyOf(t, other, clock.At(start), nil)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	here, there := w.Subscribe(ctx), b.Subscribe(ctx)
	w.measure(p, vitals.BloodPressure, "190", "100")
	next(t, here, p)
	c := next(t, there, p)
	if !slices.Equal(c.For, []string{mari}) {
		t.Errorf("change %+v", c)
	}
	l, err := b.Line(t.Context(), doc, p)
	if err != nil || l == nil || l.Severity != thresholds.Urgent {
		t.Errorf("at the other copy: %v, %+v", err, l)
	}

	// The same reading comes to both at once: one alert, and one repeat at most for each reading.
	n1 := w.observation(p, vitals.BloodPressure, start, "key-both-0001", "195", "100")
	n2 := n1.Clone()
	ended := make(chan error, 2)
	for g, n := range map[*Triage]*resource.Node{w.Triage: n1, b: &n2} {
		go func() {
			ended <- g.Records.Do(t.Context(), machine(t), func(tx *records.Tx) error {
				_, err := tx.Create(t.Context(), n)
				return err
			})
		}()
	}
	for range 2 {
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
	}
	if a := w.one(p); a.Repeats != 1 {
		t.Errorf("the same reading at both copies is %d repeats", a.Repeats)
	}

	// A copy that was killed before it could tell: the others look.
	if err := one.WriteShared(t.Context(), func(tx db.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE triage_patient SET changed = $2 WHERE patient = $1`, p, db.Micros(start.Add(time.Second)))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for {
		if c := next(t, there, p); c.At.Equal(start.Add(time.Second)) {
			break
		}
	}
}
