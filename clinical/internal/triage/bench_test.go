package triage

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/alerts"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/thresholds"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/db/dbtest"
)

func benchEach(b *testing.B, f func(b *testing.B, w *world)) {
	b.Run("sqlite", func(b *testing.B) { f(b, real(b, dbtest.SQLite(b, "clinical", steps()))) })
	b.Run("postgres", func(b *testing.B) { f(b, real(b, dbtest.Postgres(b, "clinical", steps()))) })
}

// real is a world in which time passes.
func real(b *testing.B, d *db.DB) *world {
	w := newWorld(b, d)
	w.clock.Set(clock.System{}.Now())
	w.Triage = copyOf(b, d, clock.System{}, nil)
	return w
}

// BenchmarkRules is what one reading costs in rules: reading the state of 96 readings, all rules of a patient with
// heart failure, writing the state.
func BenchmarkRules(b *testing.B) {
	set := thresholds.Default("p", mari, start, thresholds.HeartFailure, thresholds.Hypertension)
	var s alerts.State
	reading := func(i int) vitals.Reading {
		at := start.Add(time.Duration(i) * 8 * time.Hour)
		return vitals.Reading{Measure: vitals.Weight, Values: [2]vitals.Amount{vitals.Units(80 + i%3)}, Has: [2]bool{true}, Key: strconv.Itoa(i), At: at, Order: at}
	}
	i := 0
	for ; i < alerts.Kept; i++ {
		s = alerts.Evaluate(reading(i), &set, s).State
	}
	packed := s.Pack()
	for b.Loop() {
		s, err := alerts.Unpack(packed)
		if err != nil {
			b.Fatal(err)
		}
		packed = alerts.Evaluate(reading(i), &set, s).State.Pack()
		i++
	}
}

// BenchmarkWrite stores one blood pressure: of a store without an engine, of somebody who is not followed, of
// somebody who is, and one that crosses a limit.
func BenchmarkWrite(b *testing.B) {
	benchEach(b, func(b *testing.B, w *world) {
		plain, err := records.Open(records.Deps{DB: w.Store, Clock: clock.System{}, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			b.Fatal(err)
		}
		alone, followed, crossing := w.patient("Alone Here"), w.followed("Is Followed", thresholds.Hypertension), w.followed("Is High", thresholds.Hypertension)
		for _, c := range []struct {
			name, patient, value string
			store                *records.Store
		}{{"no-engine", alone, "120", plain}, {"not-followed", alone, "120", w.Records}, {"followed", followed, "120", w.Records}, {"crossing", crossing, "190", w.Records}} {
			b.Run(c.name, func(b *testing.B) {
				ask := machine(b)
				for b.Loop() {
					w.n++
					w.clock.Set(clock.System{}.Now())
					n := w.observation(c.patient, vitals.BloodPressure, w.clock.Now(), fmt.Sprintf("key-%08d", w.n), c.value, "80")
					if err := c.store.Do(w.ctx(), ask, func(t *records.Tx) error {
						_, err := t.Create(w.ctx(), n)
						return err
					}); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	})
}

// BenchmarkList reads the first page of 50 of the list of 5,000 followed patients, of whom one in ten has an open
// alert: everybody's, one professional's, and one in the middle.
func BenchmarkList(b *testing.B) {
	benchEach(b, func(b *testing.B, w *world) {
		model := w.followed("Bernat Ollersen", thresholds.Hypertension)
		w.measure(model, vitals.BloodPressure, "190", "100")
		a := w.one(model)
		err := w.Store.Write(w.ctx(), func(tx db.Tx) error {
			for i := range 4999 {
				p, sort, rank, waits, head, by := fmt.Sprintf("p%05d", i), fmt.Sprintf("family %d", rand.IntN(9999)), int64(calm), int64(0), "", fmt.Sprintf("Practitioner/d%d", i%25)
				if i%10 == 0 {
					rank, waits, head = int64(i/10%4), db.Micros(start)+int64(i), "a"+p
					one := a
					one.ID, one.Patient = head, p
					n := alerts.Encode(&one)
					if _, err := tx.Exec(w.ctx(), `INSERT INTO triage_alert (id, patient, rule, open, status, rank, raised, quiet, responsible, waits, owner, deputy, repeats, over, decided, decider, acted, due, body)
						SELECT $1, $2, rule, open, status, $3, raised, quiet, $4, $5, owner, deputy, repeats, over, decided, decider, acted, due, $6 FROM triage_alert WHERE id = $7`,
						head, p, rank, by, waits, string(n.Bytes()), a.ID); err != nil {
						return err
					}
				}
				if _, err := tx.Exec(w.ctx(), `INSERT INTO triage_patient SELECT $1, $2, $3, born, followed, paused, since, $4, deputy, team, basic, stamp, open, $5, $6, views, $7,
					messages, message_kind, message_ref, message_rank, message_since, last_at, last_measure, last_has, last_first, last_second, changed FROM triage_patient WHERE patient = $8`,
					p, "Somebody "+sort, sort, by, rank, waits, head, model); err != nil {
					return err
				}
				for _, view := range []string{"", by} {
					if _, err := tx.Exec(w.ctx(), `INSERT INTO triage_line (view, rank, waits, sort, patient) VALUES ($1, $2, $3, $4, $5)`, view, rank, waits, sort, p); err != nil {
						return err
					}
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
		middle := w.list(Query{Count: 200}).Next
		for name, q := range map[string]Query{"all": {}, "mine": {Mine: "Practitioner/d7"}, "middle": {After: middle}} {
			b.Run(name, func(b *testing.B) {
				for b.Loop() {
					if p := w.list(q); len(p.Lines) != 50 || q.Mine == "" && p.Followed != 5000 {
						b.Fatalf("%d lines, %d followed", len(p.Lines), p.Followed)
					}
				}
			})
		}
	})
}

// BenchmarkFlood sends 200 measurements a second of 300 followed patients for ten seconds while a list is open, and
// says how long after it was sent, and after it was accepted, each is visible there. One in twenty crosses a limit.
// One round: -benchtime 1x.
func BenchmarkFlood(b *testing.B) {
	const perSecond, seconds, lists = 200, 10, 50
	benchEach(b, func(b *testing.B, w *world) {
		var patients []string
		for i := range 300 {
			patients = append(patients, w.followed(fmt.Sprintf("Number %03d", i), thresholds.Hypertension))
		}
		ask := machine(b)
		for b.Loop() {
			ctx, cancel := context.WithCancel(b.Context())
			for range lists - 1 {
				ch := w.Subscribe(ctx)
				go func() {
					for range ch {
					}
				}()
			}
			type sent struct{ order, at, accepted time.Time }
			var mu sync.Mutex
			pending := map[string][]*sent{}
			var fromSent, fromAccepted []time.Duration
			seen := make(chan struct{}, perSecond*seconds)
			ch := w.Subscribe(ctx)
			go func() {
				for c := range ch {
					if c.Patient == "" {
						continue
					}
					l, err := w.Line(ctx, doc, c.Patient)
					if err != nil || l == nil || l.Last == nil {
						continue
					}
					now := time.Now()
					mu.Lock()
					var left []*sent
					for _, s := range pending[c.Patient] {
						if s.order.After(l.Last.Order) {
							left = append(left, s)
							continue
						}
						fromSent = append(fromSent, now.Sub(s.at))
						if s.accepted.IsZero() {
							s.accepted = now // it was seen before its sender had the answer
						}
						fromAccepted = append(fromAccepted, now.Sub(s.accepted))
						seen <- struct{}{}
					}
					pending[c.Patient] = left
					mu.Unlock()
				}
			}()
			var group sync.WaitGroup
			tick := time.NewTicker(time.Second / perSecond)
			for i := range perSecond * seconds {
				<-tick.C
				p, value := patients[i%len(patients)], "120"
				if i%20 == 0 {
					value = "190"
				}
				w.n++
				at := clock.System{}.Now().Truncate(time.Millisecond)
				w.clock.Set(at)
				n := w.observation(p, vitals.BloodPressure, at, fmt.Sprintf("key-%08d", w.n), value, "80")
				s := &sent{order: at, at: time.Now()}
				mu.Lock()
				pending[p] = append(pending[p], s)
				mu.Unlock()
				group.Go(func() {
					if err := w.Records.Do(ctx, ask, func(t *records.Tx) error {
						_, err := t.Create(ctx, n)
						return err
					}); err != nil {
						b.Error(err)
					}
					mu.Lock()
					if s.accepted.IsZero() {
						s.accepted = time.Now()
					}
					mu.Unlock()
				})
			}
			tick.Stop()
			group.Wait()
			for range perSecond * seconds {
				select {
				case <-seen:
				case <-time.After(10 * time.Second):
					b.Fatal("some were never visible")
				}
			}
			cancel()
			for name, all := range map[string][]time.Duration{"sent": fromSent, "accepted": fromAccepted} {
				slices.Sort(all)
				b.ReportMetric(float64(all[len(all)/2].Microseconds())/1000, name+"-p50-ms")
				b.ReportMetric(float64(all[len(all)*99/100].Microseconds())/1000, name+"-p99-ms")
			}
		}
	})
}
