package fhir_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// BenchmarkImport takes in the patients of MITRAL_DATA/synthea, validated, audited and found by every search
// parameter, into an empty store. One op is one resource.
func BenchmarkImport(b *testing.B) {
	data := os.Getenv("MITRAL_DATA")
	if data == "" {
		b.Skip("Synthea: skipped, MITRAL_DATA is not set")
	}
	files, err := filepath.Glob(filepath.Join(data, "synthea", "*.json"))
	if err != nil || len(files) == 0 {
		b.Fatalf("%v: no bundles in %s", err, data)
	}
	on(b, func(b *testing.B, fresh func() *world) {
		w := fresh()
		b.Log(w.durability(b))
		was, begun := w.spent(), time.Now()
		n := w.take(files...)
		w.spent().since(was).report(b, n, "resource")
		b.ReportMetric(float64(n)/time.Since(begun).Seconds(), "resource/s")
		b.ReportMetric(0, "ns/op")
	})
}
