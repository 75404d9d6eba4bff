package fhir_test

import (
	"strings"
	"testing"

	"github.com/mitral-health/mitral/platform/db/dbtest"
)

func BenchmarkRead(b *testing.B) {
	w := newWorld(b, dbtest.SQLite(b, "clinical", migrations()))
	w.put(observation("o1", "ana", "8867-4", "60", "2026-01-01"))
	many(b, func() bool { return w.do("system", "GET /fhir/Observation/o1", "").code == 200 })
}

func BenchmarkCreate(b *testing.B) {
	w := newWorld(b, dbtest.SQLite(b, "clinical", migrations()))
	body := strings.Replace(observation("x", "ana", "8867-4", "60", "2026-01-01"), `"id":"x",`, "", 1)
	many(b, func() bool { return w.do("system", "POST /fhir/Observation", body).code == 201 })
}

// many asks from 32 clients at once.
func many(b *testing.B, ask func() bool) {
	b.SetParallelism(16)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if !ask() {
				b.Error("refused")
			}
		}
	})
}
