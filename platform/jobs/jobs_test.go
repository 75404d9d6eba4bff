package jobs_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/db/dbtest"
	"github.com/mitral-health/mitral/platform/jobs"
)

// note is the job of these tests.
type note struct {
	ID string `json:"id"`
}

func (note) Kind() string { return "note" }

// tick is the periodic job.
type tick struct{}

func (tick) Kind() string { return "tick" }

// seen counts which notes ran.
type seen struct {
	mu   sync.Mutex
	runs map[string]int
}

func (s *seen) add(id string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.runs == nil {
		s.runs = map[string]int{}
	}
	s.runs[id]++
	return s.runs[id]
}

func (s *seen) count(id string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.runs[id]
}

func open(t *testing.T, store *db.DB, f func(context.Context, note) error) *jobs.Queue {
	t.Helper()
	r := jobs.NewRegistry()
	jobs.Handle(r, f)
	return openWith(t, store, r)
}

func openWith(t *testing.T, store *db.DB, r *jobs.Registry) *jobs.Queue {
	t.Helper()
	q, err := jobs.Open(t.Context(), store, r, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func start(t *testing.T, q *jobs.Queue) {
	t.Helper()
	if err := q.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := q.Stop(ctx); err != nil {
			t.Errorf("stop: %v", err)
		}
	})
}

func insert(t *testing.T, store *db.DB, q *jobs.Queue, id string, opts ...jobs.Option) {
	t.Helper()
	insertMany(t, store, q, 1, id, opts...)
}

// insertMany inserts the same job n times in one transaction.
func insertMany(t *testing.T, store *db.DB, q *jobs.Queue, n int, id string, opts ...jobs.Option) {
	t.Helper()
	err := store.Write(t.Context(), func(tx db.Tx) error {
		for range n {
			if err := q.Insert(t.Context(), tx, note{id}, opts...); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func eventually(t *testing.T, within time.Duration, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(within); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within %v: %s", within, what)
		}
	}
}

func TestCommittedJobRunsOnceAndRolledBackNever(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, "social", nil, func(t *testing.T, store *db.DB) {
		var s seen
		q := open(t, store, func(_ context.Context, n note) error { s.add(n.ID); return nil })
		undo := errors.New("undo")
		err := store.Write(t.Context(), func(tx db.Tx) error {
			if err := q.Insert(t.Context(), tx, note{"undone"}); err != nil {
				return err
			}
			return undo
		})
		if !errors.Is(err, undo) {
			t.Fatal(err)
		}
		insert(t, store, q, "kept")
		start(t, q)
		insert(t, store, q, "later")
		eventually(t, 3*time.Second, "both run", func() bool { return s.count("kept") == 1 && s.count("later") == 1 })
		time.Sleep(time.Second)
		if s.count("undone") != 0 || s.count("kept") != 1 || s.count("later") != 1 {
			t.Errorf("ran %v", s.runs)
		}
	})
}

func TestFailedJobIsTriedAgain(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, "social", nil, func(t *testing.T, store *db.DB) {
		var s seen
		q := open(t, store, func(_ context.Context, n note) error {
			switch {
			case n.ID == "hopeless":
				s.add(n.ID)
				return jobs.GiveUp(errors.New("no use"))
			case s.add(n.ID) == 1 && n.ID == "error":
				return errors.New("not yet")
			case n.ID == "panic" && s.count(n.ID) == 1:
				panic("secret")
			}
			return nil
		})
		start(t, q)
		for _, id := range []string{"error", "panic", "hopeless"} {
			insert(t, store, q, id)
		}
		eventually(t, 6*time.Second, "second tries", func() bool { return s.count("error") == 2 && s.count("panic") == 2 })
		time.Sleep(1500 * time.Millisecond)
		if s.count("hopeless") != 1 || s.count("error") != 2 {
			t.Errorf("ran %v", s.runs)
		}
	})
}

func TestAt(t *testing.T) {
	dbtest.Each(t, "social", nil, func(t *testing.T, store *db.DB) {
		ran := make(chan time.Time, 10)
		q := open(t, store, func(context.Context, note) error { ran <- clock.System{}.Now(); return nil })
		start(t, q)
		for _, in := range []time.Duration{-time.Hour, 1200 * time.Millisecond} {
			due := clock.System{}.Now().Add(in)
			asked := clock.System{}.Now()
			insert(t, store, q, "x", jobs.At(due))
			select {
			case at := <-ran:
				if at.Before(due.Truncate(time.Millisecond)) {
					t.Errorf("due in %v: ran %v early", in, due.Sub(at))
				}
				if late := at.Sub(later(due, asked)); late > 1500*time.Millisecond { // a second, and a busy machine
					t.Errorf("due in %v: ran %v late", in, late)
				}
			case <-time.After(5 * time.Second):
				t.Fatalf("due in %v: did not run", in)
			}
		}
		insert(t, store, q, "x", jobs.At(clock.System{}.Now().Add(time.Hour)))
		select {
		case <-ran:
			t.Error("ran an hour early")
		case <-time.After(time.Second):
		}
	})
}

// What is due further ahead than the scheduler looks goes through it: no less on time.
func TestAtThroughScheduler(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes 12 seconds")
	}
	dbtest.Each(t, "social", nil, func(t *testing.T, store *db.DB) {
		t.Parallel()
		ran := make(chan time.Time, 10)
		q := open(t, store, func(context.Context, note) error { ran <- clock.System{}.Now(); return nil })
		start(t, q)
		due := clock.System{}.Now().Add(11 * time.Second)
		insert(t, store, q, "x", jobs.At(due), jobs.Unique())
		insert(t, store, q, "x", jobs.At(due), jobs.Unique())
		select {
		case at := <-ran:
			if late := at.Sub(due); late < -time.Millisecond || late > 1500*time.Millisecond {
				t.Errorf("%v late", late)
			}
		case <-time.After(15 * time.Second):
			t.Fatal("did not run")
		}
		select {
		case <-ran:
			t.Error("ran twice")
		case <-time.After(time.Second):
		}
	})
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func TestUnique(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, "social", nil, func(t *testing.T, store *db.DB) {
		var s seen
		begun, goOn := make(chan struct{}, 10), make(chan struct{})
		q := open(t, store, func(_ context.Context, n note) error {
			s.add(n.ID)
			if n.ID == "slow" {
				begun <- struct{}{}
				<-goOn
			}
			return nil
		})
		for range 3 {
			insert(t, store, q, "same", jobs.Unique())
			insert(t, store, q, "each")
		}
		insert(t, store, q, "other", jobs.Unique())
		insert(t, store, q, "slow", jobs.Unique())
		start(t, q)
		eventually(t, 3*time.Second, "all run", func() bool {
			return s.count("same") == 1 && s.count("each") == 3 && s.count("other") == 1
		})
		<-begun
		// It runs now and may have looked already: one more must follow, and only one.
		insertMany(t, store, q, 2, "slow", jobs.Unique())
		close(goOn)
		eventually(t, 3*time.Second, "slow runs again", func() bool { return s.count("slow") == 2 })
		insert(t, store, q, "same", jobs.Unique())
		eventually(t, 3*time.Second, "same runs again", func() bool { return s.count("same") == 2 })
		time.Sleep(time.Second)
		if s.count("slow") != 2 || s.count("same") != 2 {
			t.Errorf("ran %v", s.runs)
		}
	})
}

// A unique job that fails while another of its kind waits: neither blocks the other, none is lost.
func TestUniqueFailsWhileAnotherWaits(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, "social", nil, func(t *testing.T, store *db.DB) {
		var s seen
		begun, goOn := make(chan struct{}, 10), make(chan struct{})
		q := open(t, store, func(_ context.Context, n note) error {
			if s.add(n.ID) == 1 {
				begun <- struct{}{}
				<-goOn
				return errors.New("not yet")
			}
			return nil
		})
		start(t, q)
		insert(t, store, q, "x", jobs.Unique())
		<-begun
		insert(t, store, q, "x", jobs.Unique(), jobs.At(clock.System{}.Now().Add(-time.Second)))
		insert(t, store, q, "x", jobs.Unique())
		close(goOn)
		insert(t, store, q, "after")
		eventually(t, 3*time.Second, "the queue goes on", func() bool { return s.count("after") >= 1 && s.count("x") >= 2 })
	})
}

func TestEvery(t *testing.T) {
	dbtest.Each(t, "social", nil, func(t *testing.T, store *db.DB) {
		var n atomic.Int32
		for range 2 { // two copies
			r := jobs.NewRegistry()
			jobs.Handle(r, func(context.Context, tick) error { n.Add(1); return nil })
			jobs.Every(r, time.Second, func() jobs.Args { return tick{} })
			q := openWith(t, store, r)
			start(t, q)
			if _, lite := store.SQLite(); lite {
				break // one program only
			}
		}
		eventually(t, 6*time.Second, "first tick", func() bool { return n.Load() >= 1 })
		from := n.Load()
		time.Sleep(3 * time.Second)
		if got := n.Load() - from; got < 2 || got > 4 {
			t.Errorf("%d ticks in 3 s, want about 3", got)
		}
	})
}

func TestTwoCopiesShareTheWork(t *testing.T) {
	t.Parallel()
	store := dbtest.Postgres(t, "social", nil)
	var s seen
	var by [2]atomic.Int32
	var last *jobs.Queue
	for i := range 2 {
		q := open(t, store, func(_ context.Context, n note) error {
			s.add(n.ID)
			by[i].Add(1)
			time.Sleep(2 * time.Millisecond)
			return nil
		})
		start(t, q)
		last = q
	}
	const n = 300
	ids := make([]string, n)
	for i := range n {
		ids[i] = string(rune('A'+i/26)) + string(rune('a'+i%26))
	}
	for i := 0; i < n; i += 20 {
		err := store.Write(t.Context(), func(tx db.Tx) error {
			for _, id := range ids[i : i+20] {
				if err := last.Insert(t.Context(), tx, note{id}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, 20*time.Second, "all run", func() bool { return by[0].Load()+by[1].Load() >= n })
	for _, id := range ids {
		if s.count(id) != 1 {
			t.Errorf("%s ran %d times", id, s.count(id))
		}
	}
	if by[0].Load() == 0 || by[1].Load() == 0 {
		t.Errorf("one copy did nothing: %d, %d", by[0].Load(), by[1].Load())
	}
}

func TestStopWaitsForRunningJobs(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, "social", nil, func(t *testing.T, store *db.DB) {
		begun := make(chan struct{}, 2)
		var ended atomic.Bool
		q := open(t, store, func(ctx context.Context, n note) error {
			begun <- struct{}{}
			if n.ID == "stubborn" {
				<-ctx.Done()
				return ctx.Err()
			}
			time.Sleep(400 * time.Millisecond)
			ended.Store(ctx.Err() == nil)
			return nil
		})
		ctx, cancel := context.WithCancel(t.Context())
		if err := q.Start(ctx); err != nil {
			t.Fatal(err)
		}
		insert(t, store, q, "x")
		<-begun
		cancel() // Start's context is not what ends it
		if err := q.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		if !ended.Load() {
			t.Error("Stop did not let the job end")
		}
		if err := q.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		insert(t, store, q, "stubborn")
		<-begun
		short, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer cancel()
		if err := q.Stop(short); err != nil {
			t.Errorf("Stop without patience: %v", err)
		}
	})
}

func TestUnknownKindAndForeignTransaction(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, "social", nil, func(t *testing.T, store *db.DB) {
		q := open(t, store, func(context.Context, note) error { return nil })
		err := store.Write(t.Context(), func(tx db.Tx) error { return q.Insert(t.Context(), tx, tick{}) })
		if err == nil {
			t.Error("a kind without a handler was taken")
		}
		other := dbtest.SQLite(t, "gate", nil)
		open(t, other, func(context.Context, note) error { return nil })
		err = other.Write(t.Context(), func(tx db.Tx) error { return q.Insert(t.Context(), tx, note{"x"}) })
		if err == nil {
			t.Error("a job went into another store")
		}
	})
}
