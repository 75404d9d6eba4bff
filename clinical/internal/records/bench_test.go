package records

import (
	"fmt"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/db/dbtest"
)

// Run: go test -run '^$' -bench . ./clinical/internal/records

func both(b *testing.B, f func(b *testing.B, s *Store)) {
	for _, kind := range []struct {
		name string
		open func(testing.TB, string, []db.Migration) *db.DB
	}{{"sqlite", dbtest.SQLite}, {"postgres", dbtest.Postgres}} {
		b.Run(kind.name, func(b *testing.B) { f(b, open(b, kind.open(b, "clinical", Migrations()), clock.System{})) })
	}
}

// cpu reports the processor time of this program per operation: all there is on SQLite, the client's half on PostgreSQL.
func cpu(b *testing.B) {
	spent := func() time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			b.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	from, start := spent(), time.Now()
	b.Cleanup(func() {
		b.ReportMetric(float64((spent()-from).Microseconds())/float64(b.N), "cpu-µs/op")
		b.ReportMetric(float64(b.N)/time.Since(start).Seconds(), "op/s")
	})
}

func observation(i int) string {
	return fmt.Sprintf(`{"resourceType":"Observation","status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs","display":"Vital Signs"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"85354-9","display":"Blood pressure panel with all children optional"}],"text":"Blood pressure"},"subject":{"reference":"Patient/p%d"},"encounter":{"reference":"Encounter/e%d"},"effectiveDateTime":"2026-%02d-%02dT10:%02d:00Z","issued":"2026-01-01T10:00:00.000Z","component":[{"code":{"coding":[{"system":"http://loinc.org","code":"8480-6"}]},"valueQuantity":{"value":%d,"unit":"mm[Hg]","system":"http://unitsofmeasure.org","code":"mm[Hg]"}},{"code":{"coding":[{"system":"http://loinc.org","code":"8462-4"}]},"valueQuantity":{"value":%d,"unit":"mm[Hg]","system":"http://unitsofmeasure.org","code":"mm[Hg]"}}]}`,
		i/100, i/30, 1+i%12, 1+i%28, i%60, 100+i%60, 60+i%40)
}

// BenchmarkMixed creates, reads, updates and deletes Observations in equal parts, each in a transaction
// of its own, audited, on the disk before it is answered; many at a time.
func BenchmarkMixed(b *testing.B) {
	both(b, func(b *testing.B, s *Store) {
		ask := machine(b)
		ctx := b.Context()
		var n atomic.Int64
		b.SetParallelism(16)
		cpu(b)
		b.ResetTimer()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				i := int(n.Add(1))
				var r Record
				err := s.Do(ctx, ask, func(tx *Tx) (err error) {
					node, err := resource.Parse([]byte(observation(i)))
					if err != nil {
						return err
					}
					r, err = tx.Create(ctx, node)
					return err
				})
				if err == nil && pb.Next() {
					err = s.Look(ctx, ask, func(tx *Tx) (err error) { r, err = tx.Read(ctx, r.Type, r.ID); return err })
				}
				if err == nil && pb.Next() {
					err = s.Do(ctx, ask, func(tx *Tx) error {
						node, err := resource.Parse(r.Body)
						if err != nil {
							return err
						}
						node.Set("status", resource.S("amended"))
						r, _, err = tx.Update(ctx, node, IfMatch(r.Version))
						return err
					})
				}
				if err == nil && pb.Next() {
					err = s.Do(ctx, ask, func(tx *Tx) error { _, err := tx.Delete(ctx, r.Type, r.ID, Any); return err })
				}
				if err != nil {
					b.Error(err)
					return
				}
			}
		})
	})
}

func one(b *testing.B, f func(s *Store, r Record, i int) error) {
	both(b, func(b *testing.B, s *Store) {
		r := put(b, s, `{"resourceType":"Observation","id":"x",`+observation(1)[len(`{"resourceType":"Observation",`):])
		b.SetParallelism(16)
		var n atomic.Int64
		cpu(b)
		b.ResetTimer()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if err := f(s, r, int(n.Add(1))); err != nil {
					b.Error(err)
					return
				}
			}
		})
	})
}

func BenchmarkRead(b *testing.B) {
	ask := machine(b)
	one(b, func(s *Store, r Record, i int) error {
		return s.Look(b.Context(), ask, func(tx *Tx) error { _, err := tx.Read(b.Context(), r.Type, r.ID); return err })
	})
}

func BenchmarkCreate(b *testing.B) {
	ask := machine(b)
	one(b, func(s *Store, r Record, i int) error {
		return s.Do(b.Context(), ask, func(tx *Tx) error {
			node, err := resource.Parse([]byte(observation(i)))
			if err == nil {
				_, err = tx.Create(b.Context(), node)
			}
			return err
		})
	})
}

// BenchmarkWriteMany is the cost per Observation of writing a hundred in one transaction.
func BenchmarkWriteMany(b *testing.B) {
	both(b, func(b *testing.B, s *Store) {
		ask := machine(b)
		cpu(b)
		b.ResetTimer()
		for i := 0; i < b.N; i += 100 {
			err := s.Do(b.Context(), ask, func(tx *Tx) error {
				var all []Write
				for j := range 100 {
					node, err := resource.Parse([]byte(observation(i + j)))
					if err != nil {
						return err
					}
					all = append(all, Write{Do: "create", Node: node})
				}
				_, err := tx.WriteMany(b.Context(), all)
				return err
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}
