package validate

import (
	"testing"

	"github.com/mitral-health/mitral/clinical/internal/spec"
)

// TestEveryInvariantIsLookedAt: natively, by FHIRPath (which compiles), or there is a reason not to.
func TestEveryInvariantIsLookedAt(t *testing.T) {
	known := map[string]bool{}
	compiled := map[string]bool{}
	for _, p := range plans().byName {
		lists := [][]spec.Constraint{p.typ.Constraints}
		mine := []*rules{p.rules}
		for _, f := range p.fields {
			lists = append(lists, f.element.Constraints)
			mine = append(mine, f.rules)
		}
		for i, cs := range lists {
			l := &rules{constraints: mine[i].constraints}
			l.compile()
			for _, c := range l.compiled {
				compiled[c.Key] = true
			}
			for _, c := range cs {
				known[c.Key] = true
			}
		}
		if len(p.typ.Elements) > 64 {
			t.Errorf("%s has more elements than there are bits", p.typ.Name)
		}
	}
	for _, t2 := range []string{"Element", "Extension"} {
		for _, c := range spec.R4().Type(t2).Constraints {
			known[c.Key] = true
		}
	}
	if len(known) < 200 {
		t.Errorf("only %d invariants", len(known))
	}
	for key := range known {
		if !compiled[key] && native[key] == "" && undecided[key] == "" {
			t.Errorf("nobody looks at %s", key)
		}
	}
	for key := range native {
		if !known[key] {
			t.Errorf("R4 has no %s", key)
		}
	}
	for key := range undecided {
		if !known[key] {
			t.Errorf("R4 has no %s", key)
		}
	}
}
