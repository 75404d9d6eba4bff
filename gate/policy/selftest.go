package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mitral-health/mitral/gate/scan"
)

// Failure is a test of a pack that did not come out as it says.
type Failure struct {
	Pack string
	File string
	Line int
	Text string
	Want string
	Got  string
}

func (f Failure) String() string {
	return fmt.Sprintf("%s:%d: want %s, got %s\n    %s", f.File, f.Line, f.Want, f.Got, f.Text)
}

// Example is the invented organisation for which the packs' tests are written.
func Example() Org {
	return Org{
		Name:    "Orlena Health Centre",
		Phones:  []string{"555-0142", "+34 955 555 014"},
		Emails:  []string{"hello@orlena.example"},
		Address: []string{"2 Bridge Street", "Calle del Puente 2"},
		Staff:   []string{"Marisol Quenby", "Tobias Arlenwick", "Nadira Solheim", "Ama Oseland", "Leonor Vask"},
		Places:  []string{"Orlena"},
		Handles: []string{"orlena"},
	}
}

// Test runs the tests of all packs against all packs together and returns those that fail.
func (s *Set) Test() []Failure { return s.TestPack("") }

// TestPack is Test for the tests of one pack.
func (s *Set) TestPack(id string) []Failure {
	engine, err := s.Engine(Example())
	if err != nil {
		return []Failure{{Want: "an engine", Got: err.Error()}}
	}
	var out []Failure
	for i := range s.Packs {
		p := &s.Packs[i]
		if id != "" && p.ID != id {
			continue
		}
		for _, t := range p.Tests {
			if f, ok := t.run(engine, p); !ok {
				out = append(out, f)
			}
		}
	}
	return out
}

func (t *Test) run(engine *scan.Engine, p *Pack) (Failure, bool) {
	found := engine.Scan(t.Text, t.Context)
	var rules, marks, all []string
	for _, f := range found {
		if strings.HasPrefix(f.Pack, p.ID+"@") {
			rules = append(rules, f.Rule)
		}
		marks = append(marks, t.Text[f.Start:f.End])
		all = append(all, fmt.Sprintf("%s %s %q", f.Severity, f.Rule, t.Text[f.Start:f.End]))
	}
	same := func(want, got []string) bool {
		if want == nil {
			return true
		}
		w, g := slices.Compact(slices.Sorted(slices.Values(want))), slices.Compact(slices.Sorted(slices.Values(got)))
		return slices.Equal(w, g)
	}
	if scan.Verdict(found) == t.Verdict && same(t.Rules, rules) && same(t.Marks, marks) {
		return Failure{}, true
	}
	want := t.Verdict.String()
	if t.Rules != nil {
		want += " by " + strings.Join(t.Rules, ", ")
	}
	if t.Marks != nil {
		want += fmt.Sprintf(" on %q", t.Marks)
	}
	got := scan.Verdict(found).String()
	if len(all) > 0 {
		got += ": " + strings.Join(all, "; ")
	}
	return Failure{Pack: p.ID, File: t.File, Line: t.Line, Text: t.Text, Want: want, Got: got}, false
}
