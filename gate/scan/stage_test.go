package scan_test

import (
	"strings"
	"testing"

	"github.com/mitral-health/mitral/gate/policy"
	"github.com/mitral-health/mitral/gate/scan"
)

func engine(b *testing.B) *scan.Engine {
	set, err := policy.Load(policy.Builtin())
	if err != nil {
		b.Fatal(err)
	}
	e, err := set.Engine(policy.Example())
	if err != nil {
		b.Fatal(err)
	}
	return e
}

// Each part of a scan of 500 bytes with leaks, with all packs.
func BenchmarkStage(b *testing.B) {
	text := strings.Repeat("Ana García went home last Tuesday after her bypass, call 612 345 678. ", 8)[:500]
	for _, name := range []string{"fold", "tokenise", "scanners", "marks", "index", "sense", "judge"} {
		b.Run(name, func(b *testing.B) {
			f := engine(b).Stage(name, text)
			b.ReportAllocs()
			for b.Loop() {
				f()
			}
		})
	}
}
