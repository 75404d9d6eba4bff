// Package jobs_test measures what a job costs: to insert, to run, and to wait for.
// Run: go test -run '^$' -bench . -benchmem ./bench/jobs
package jobs_test

import (
	"context"
	"fmt"
	"log/slog"
	"syscall"
	"testing"
	"time"

	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/db/dbtest"
	"github.com/mitral-health/mitral/platform/jobs"
)

type note struct {
	N int `json:"n"`
}

func (note) Kind() string { return "note" }

func each(b *testing.B, f func(b *testing.B, store *db.DB, q *jobs.Queue, done <-chan int)) {
	for _, kind := range []struct {
		name string
		open func(testing.TB, string, []db.Migration) *db.DB
	}{{"sqlite", dbtest.SQLite}, {"postgres", dbtest.Postgres}} {
		b.Run(kind.name, func(b *testing.B) {
			store := kind.open(b, "social", nil)
			done := make(chan int, 1000)
			r := jobs.NewRegistry()
			jobs.Handle(r, func(_ context.Context, n note) error { done <- n.N; return nil })
			q, err := jobs.Open(b.Context(), store, r, slog.New(slog.DiscardHandler))
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { q.Stop(context.Background()) })
			b.ResetTimer()
			f(b, store, q, done)
		})
	}
}

func insert(b *testing.B, store *db.DB, q *jobs.Queue, from, to int, opts ...jobs.Option) {
	err := store.Write(b.Context(), func(tx db.Tx) error {
		for i := from; i < to; i++ {
			if err := q.Insert(b.Context(), tx, note{i}, opts...); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
}

func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkInsert is one job more in a transaction of a hundred.
func BenchmarkInsert(b *testing.B) {
	for name, opts := range map[string][]jobs.Option{"plain": nil, "unique": {jobs.Unique()}} {
		b.Run(name, func(b *testing.B) {
			each(b, func(b *testing.B, store *db.DB, q *jobs.Queue, _ <-chan int) {
				from := cpu(b)
				for i := 0; i < b.N; i += 100 {
					insert(b, store, q, i, min(i+100, b.N), opts...)
				}
				b.ReportMetric(float64((cpu(b)-from).Microseconds())/float64(b.N), "cpu-µs/op")
			})
		})
	}
}

// BenchmarkRun is one of many waiting jobs, from available to completed.
func BenchmarkRun(b *testing.B) {
	each(b, func(b *testing.B, store *db.DB, q *jobs.Queue, done <-chan int) {
		for i := 0; i < b.N; i += 500 {
			insert(b, store, q, i, min(i+500, b.N))
		}
		b.ResetTimer()
		from := cpu(b)
		if err := q.Start(b.Context()); err != nil {
			b.Fatal(err)
		}
		for range b.N {
			<-done
		}
		b.ReportMetric(float64((cpu(b)-from).Microseconds())/float64(b.N), "cpu-µs/op")
	})
}

// BenchmarkLatency is from the commit of a job to its start in an idle queue.
func BenchmarkLatency(b *testing.B) {
	each(b, func(b *testing.B, store *db.DB, q *jobs.Queue, done <-chan int) {
		if err := q.Start(b.Context()); err != nil {
			b.Fatal(err)
		}
		time.Sleep(500 * time.Millisecond)
		b.ResetTimer()
		for i := range b.N {
			insert(b, store, q, i, i+1)
			if got := <-done; got != i {
				b.Fatal(fmt.Errorf("job %d ran, want %d", got, i))
			}
		}
	})
}

// BenchmarkIdle is what a started queue with nothing to do takes of one processor, in thousandths.
func BenchmarkIdle(b *testing.B) {
	each(b, func(b *testing.B, store *db.DB, q *jobs.Queue, _ <-chan int) {
		if err := q.Start(b.Context()); err != nil {
			b.Fatal(err)
		}
		time.Sleep(2 * time.Second) // elections
		b.ResetTimer()
		from, at := cpu(b), time.Now()
		time.Sleep(5 * time.Second)
		b.ReportMetric(float64(cpu(b)-from)/float64(time.Since(at))*1000, "cpu-‰")
	})
}
