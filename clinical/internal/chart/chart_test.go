package chart

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/db/dbtest"
)

func machine(t testing.TB) records.Ask {
	t.Helper()
	s, err := access.ParseScopes("system/*.cruds")
	if err != nil {
		t.Fatal(err)
	}
	return records.Ask{Who: access.Who{Kind: access.System, ID: "lab", Scopes: s}}
}

type world struct {
	*testing.T
	s     *records.Store
	store *db.DB
	clock *clock.Manual
}

func each(t *testing.T, f func(w *world)) {
	dbtest.Each(t, "clinical", slices.Concat(records.Migrations(), records.WithheldMigrations(), Migrations()), func(t *testing.T, store *db.DB) {
		w := &world{T: t, store: store, clock: clock.At(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC))}
		var err error
		if w.s, err = records.Open(records.Deps{DB: store, Clock: w.clock, Log: slog.New(slog.DiscardHandler), Base: "https://orlena.example/fhir"}); err != nil {
			t.Fatal(err)
		}
		Watch(w.s)
		w.do(func(tx *records.Tx) error {
			for _, id := range []string{"edda", "ciro"} {
				n := resource.O(resource.M("resourceType", resource.S("Patient")), resource.M("id", resource.S(id)))
				if _, _, err := tx.Update(t.Context(), &n, records.Any); err != nil {
					return err
				}
			}
			return nil
		})
		f(w)
	})
}

func (w *world) do(f func(*records.Tx) error) {
	w.Helper()
	if err := w.s.Do(w.Context(), machine(w), f); err != nil {
		w.Fatal(err)
	}
}

func pulse(patient, id string, at time.Time, value int, note string) *resource.Node {
	text := fmt.Sprintf(`{"resourceType":"Observation","id":%q,"status":"final","code":{"coding":[{"system":"http://loinc.org","code":"8867-4"}]},
		"subject":{"reference":"Patient/%s"},"effectiveDateTime":%q,"valueQuantity":{"value":%d,"unit":"/min","system":"http://unitsofmeasure.org","code":"/min"}`,
		id, patient, at.Format(time.RFC3339), value)
	if note != "" {
		text += fmt.Sprintf(`,"note":[{"text":%q}]`, note)
	}
	n, err := resource.Parse([]byte(text + "}"))
	if err != nil {
		panic(err)
	}
	return n
}

func (w *world) drawn(patient string) (out map[vitals.Measure][]Point) {
	w.Helper()
	err := w.s.Look(w.Context(), machine(w), func(t *records.Tx) error {
		page, err := t.Shows(w.Context(), "test", patient, "Observation")
		if err == nil {
			out, err = Since(w.Context(), page, patient, "", time.Unix(0, 0))
		}
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
	return out
}

// told is what the records say of a patient, newest first.
func (w *world) told(patient string) map[vitals.Measure][]Point {
	w.Helper()
	out := map[vitals.Measure][]Point{}
	w.do(func(t *records.Tx) error {
		clear(out)
		for cursor := ""; ; {
			page, err := t.Find(w.Context(), "Observation", "patient", "Patient/"+patient, "_count", pageSize, "_cursor", cursor)
			if err != nil {
				return err
			}
			for i := range page.Records {
				n, err := resource.Parse(page.Records[i].Body)
				if err != nil {
					return err
				}
				if r, err := vitals.Decode(n, page.Records[i].Updated); err == nil {
					out[r.Measure] = append(out[r.Measure], Point{r.Order.UnixMicro(), r.Values, r.Has, r.Bound, vitals.ToldIn(n, r.Measure), r.Note})
				}
			}
			if cursor = page.Next; cursor == "" {
				break
			}
		}
		for _, list := range out {
			slices.SortFunc(list, func(a, b Point) int { return compare(b, a) })
		}
		return nil
	})
	return out
}

func (w *world) same(when string) {
	w.Helper()
	for _, patient := range []string{"edda", "ciro"} {
		drawn, told := w.drawn(patient), w.told(patient)
		if !reflect.DeepEqual(drawn, told) {
			w.Fatalf("%s: of %s stands here %d times %v, the records say %d times %v", when, patient, len(drawn[vitals.HeartRate]), drawn, len(told[vitals.HeartRate]), told)
		}
	}
}

// Whatever is written, in whatever order and by how many at a time, the table says what the records say.
func TestSameAsTheRecords(t *testing.T) {
	each(t, func(w *world) {
		ctx, now := w.Context(), w.clock.Now()
		random := rand.New(rand.NewPCG(1, 2))
		ids := []string{}
		for turn := range 12 {
			w.clock.Advance(time.Minute)
			w.do(func(tx *records.Tx) error { // several versions of one record in one transaction, too
				for range 8 {
					id, patient := fmt.Sprintf("o%d", random.IntN(30)), []string{"edda", "ciro"}[random.IntN(2)]
					at := now.Add(-time.Duration(random.IntN(24*60)) * time.Hour)
					ids = append(ids, id)
					if random.IntN(5) == 0 {
						if _, err := tx.Delete(ctx, "Observation", id, records.Any); err != nil && turn > 100 {
							return err
						}
						continue
					}
					n := pulse(patient, id, at, 60+random.IntN(3), []string{"", "", "after the stairs"}[random.IntN(3)])
					if random.IntN(6) == 0 {
						n.Set("status", resource.S("entered-in-error"))
					}
					if _, _, err := tx.Update(ctx, n, records.Any); err != nil {
						return err
					}
				}
				return nil
			})
			w.same(fmt.Sprintf("turn %d", turn))
		}
		var all []records.Write // as an import writes
		for i := range 300 {
			all = append(all, records.Write{Do: access.Create, Node: pulse("edda", "", now.Add(-time.Duration(i)*time.Hour), 60+i%20, "")})
		}
		w.do(func(tx *records.Tx) error { _, err := tx.WriteMany(ctx, all); return err })
		w.same("imported")
		before := w.drawn("edda")
		if len(before[vitals.HeartRate]) < 300 {
			w.Fatalf("%d readings", len(before[vitals.HeartRate]))
		}
		if err := w.store.Write(ctx, func(tx db.Tx) error { _, err := tx.Exec(ctx, `DELETE FROM chart_weeks`); return err }); err != nil {
			w.Fatal(err)
		}
		if err := Build(ctx, w.store, w.s, Rebuild); err != nil {
			w.Fatal(err)
		}
		w.same("built anew")
		w.do(func(tx *records.Tx) error {
			for _, id := range slices.Compact(slices.Sorted(slices.Values(ids))) {
				if _, err := tx.Delete(ctx, "Observation", id, records.Any); err != nil {
					continue // it never was
				}
			}
			return nil
		})
		w.same("deleted")
	})
}

// Many who write readings of one week at a time: each is there once.
func TestAtTheSameTime(t *testing.T) {
	each(t, func(w *world) {
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				for j := range 5 {
					err := w.s.Do(w.Context(), machine(w), func(tx *records.Tx) error {
						for _, p := range []string{"edda", "ciro"} {
							if _, err := tx.Create(w.Context(), pulse(p, "", w.clock.Now().Add(-time.Duration(i+j*100)*time.Minute), 60+i, "")); err != nil {
								return err
							}
						}
						return nil
					})
					if err != nil {
						w.Error(err)
					}
				}
			})
		}
		all.Wait()
		w.same("afterwards")
		if n := len(w.drawn("edda")[vitals.HeartRate]); n != 40 {
			w.Errorf("%d of 40", n)
		}
	})
}

// What is read is bounded by the time asked for.
func TestSince(t *testing.T) {
	each(t, func(w *world) {
		now := w.clock.Now()
		w.do(func(tx *records.Tx) error {
			for i := range 60 {
				if _, err := tx.Create(w.Context(), pulse("edda", "", now.Add(-time.Duration(i)*24*time.Hour), 50+i, "")); err != nil {
					return err
				}
			}
			return nil
		})
		err := w.s.Look(w.Context(), machine(w), func(t *records.Tx) error {
			page, err := t.Shows(w.Context(), "test", "edda", "Observation", "Goal")
			if err != nil {
				return err
			}
			for _, of := range []vitals.Measure{"", vitals.HeartRate} {
				got, err := Since(w.Context(), page, "edda", of, now.Add(-10*24*time.Hour))
				if list := got[vitals.HeartRate]; err != nil || len(list) != 11 || list[0].Values[0] != vitals.Units(50) || list[10].Values[0] != vitals.Units(60) {
					w.Errorf("%q: %v %v", of, list, err)
				}
			}
			if _, err := Since(w.Context(), page, "ciro", "", now); err == nil {
				w.Error("read of somebody who was not asked for")
			}
			return nil
		})
		if err != nil {
			w.Fatal(err)
		}
	})
}

func FuzzUnpack(f *testing.F) {
	f.Add(int64(2900), pack(2900, vitals.HeartRate, []Point{{Order: 2900*week + 5, Values: [2]vitals.Amount{-7}, Has: [2]bool{true}, Bound: "<", Unit: "/min", Note: "x"}}))
	f.Fuzz(func(t *testing.T, n int64, body []byte) {
		all, err := unpack(nil, vitals.HeartRate, n%100_000, body)
		if err != nil {
			return
		}
		again, err := unpack(nil, vitals.HeartRate, n%100_000, pack(n%100_000, vitals.HeartRate, all))
		if err != nil || !slices.Equal(all, again) {
			t.Errorf("%v, then %v, %v", all, again, err)
		}
	})
}
