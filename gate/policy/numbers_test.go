package policy

import (
	"slices"
	"testing"

	"github.com/mitral-health/mitral/gate/measure"
	"github.com/mitral-health/mitral/gate/scan"
)

// Of the numbers with a checksum or strict rules all right ones are found, and of what is found 99 in 100
// are right, though as many wrong ones were written.
func TestNumbersWithChecksums(t *testing.T) {
	e := exampleEngine(t)
	for _, m := range measure.Registers() {
		const n = 500
		found, falsely := 0, 0
		missed, wrongly := "", ""
		m.Texts(n, func(text string, right bool) {
			hit := slices.ContainsFunc(e.Marks(text), func(k scan.Mark) bool { return k.Name == m.Name || k.Name == m.Name+"-like" })
			switch {
			case right && hit:
				found++
			case right:
				missed = text
			case hit:
				falsely++
				wrongly = text
			}
		})
		precision := percent(found, found+falsely)
		t.Logf("%-10s recall %.3f, precision %.3f", m.Name, float64(found)/n, precision/100)
		if found < n || precision < 99 {
			t.Errorf("%s: %d of %d found (%q not), %d wrong ones (%q)", m.Name, found, n, missed, falsely, wrongly)
		}
	}
}
