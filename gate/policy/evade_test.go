package policy

import (
	"testing"

	"github.com/mitral-health/mitral/gate/measure"
	"github.com/mitral-health/mitral/gate/scan"
)

// How many of the leaks that were held are let through when they are written so is what it costs.
func TestEvasionsCostLittle(t *testing.T) {
	e := exampleEngine(t)
	held := func(it gateItem, text string) bool {
		return scan.Verdict(e.Scan(text, scan.Context{Kind: it.Kind, Lang: it.Lang, Jurisdiction: it.Jurisdiction, Parent: it.Parent, AuthorRole: it.AuthorRole})) >= scan.Hold
	}
	for _, half := range []string{"tune", "report"} {
		for _, v := range measure.Evasions() {
			leaks, before, after := 0, 0, 0
			for _, it := range gateItems(t) {
				if it.Verdict < scan.Hold || it.tune() != (half == "tune") {
					continue
				}
				leaks++
				if held(it, it.Text) {
					before++
				}
				if held(it, v.Do(it.Text)) {
					after++
				}
			}
			loss := percent(before, leaks) - percent(after, leaks)
			t.Logf("%-6s %-28s %5.1f %% of %d held, %5.1f points fewer", half, v.Name, percent(after, leaks), leaks, loss)
			if loss > 5 {
				t.Errorf("%s: %s cost %.1f points, at most 5", half, v.Name, loss)
			}
		}
	}
}
