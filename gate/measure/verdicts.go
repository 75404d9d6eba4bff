package measure

import (
	"fmt"
	"io"
	"maps"
	"slices"
)

// Verdicts adds up a set whose records carry the verdict that they should get.
type Verdicts struct {
	groups map[string]*group
	mixed  map[[2]string]int
	wrong  []string
}

type group struct{ leaks, held, clean, falsely, exact, all int }

// NewVerdicts counts one set.
func NewVerdicts() *Verdicts {
	return &Verdicts{groups: map[string]*group{}, mixed: map[[2]string]int{}}
}

func stops(verdict string) bool {
	return verdict == "hold" || verdict == "block" || verdict == "urgent"
}

// Add compares a verdict with the one that a record should get; a note passes.
func (v *Verdicts) Add(r *Record, got string) {
	if got == "note" {
		got = "allow"
	}
	want := r.Verdict
	if want == "note" {
		want = "allow"
	}
	v.mixed[[2]string{want, got}]++
	keys := []string{"all", "lang " + r.Lang, "kind " + r.Kind, "kind " + r.Kind + " " + r.Lang}
	if r.Class != "" {
		keys = append(keys, "class "+r.Class)
		if stops(want) && !r.named() {
			keys = append(keys, "without a name")
		}
	}
	for _, key := range keys {
		g := v.groups[key]
		if g == nil {
			g = &group{}
			v.groups[key] = g
		}
		g.all++
		if got == want {
			g.exact++
		}
		switch {
		case stops(want):
			g.leaks++
			if stops(got) {
				g.held++
			}
		default:
			g.clean++
			if stops(got) {
				g.falsely++
			}
		}
	}
	switch {
	case stops(want) && !stops(got):
		v.wrong = append(v.wrong, fmt.Sprintf("  let through %s (%s, got %s): %s", r.ID, want, got, r.Text))
	case !stops(want) && stops(got):
		v.wrong = append(v.wrong, fmt.Sprintf("  held %s (%s, got %s): %s", r.ID, want, got, r.Text))
	}
}

// Rates are how much of the leaks and of the clean texts of a group is held: "all", "without a name", "lang es" …
func (v *Verdicts) Rates(key string) (leaks, clean float64) {
	g := v.groups[key]
	if g == nil {
		g = &group{}
	}
	return Ratio(g.held, g.leaks), Ratio(g.falsely, max(g.clean, 1))
}

// Write prints the figures of the set.
func (v *Verdicts) Write(w io.Writer, misses int) {
	p := func(format string, a ...any) { _, _ = fmt.Fprintf(w, format, a...) }
	p("%-20s %6s | leaks held %13s | clean held %14s | same verdict\n", "", "texts", "", "")
	for _, key := range slices.Sorted(maps.Keys(v.groups)) {
		g := v.groups[key]
		p("%-20s %6d | %5d of %5d %.3f | %5d of %5d %.3f | %.3f\n", key, g.all, g.held, g.leaks, Ratio(g.held, g.leaks),
			g.falsely, g.clean, Ratio(g.falsely, max(g.clean, 1)), Ratio(g.exact, g.all))
	}
	p("should be, and is:\n")
	order := []string{"allow", "warn", "hold", "block", "urgent"}
	for _, want := range order {
		p("  %-7s", want)
		for _, got := range order {
			p(" %s %d", got, v.mixed[[2]string{want, got}])
		}
		p("\n")
	}
	p("wrongly let through or held:\n")
	for i, line := range v.wrong {
		if i == misses {
			p("  and %d more\n", len(v.wrong)-i)
			break
		}
		p("%s\n", line)
	}
}
