package policy

import (
	"bufio"
	"crypto/sha256"
	"encoding/json"
	"maps"
	"os"
	"slices"
	"testing"

	"github.com/mitral-health/mitral/gate/scan"
)

// gateItem is a line of testdata/gate.jsonl: texts written before their author had read the rules. The
// half whose id hashes to an even number is for changing rules by; of the other half, only the figures
// are looked at.
type gateItem struct {
	item
	Jurisdiction string `json:"jurisdiction"`
	Class        string `json:"class"` // what sort of leak, or of clean text
}

func (it gateItem) tune() bool { return sha256.Sum256([]byte(it.ID))[0]&1 == 0 }

// nameless says that nothing marked in the text names or numbers a person.
func (it gateItem) nameless() bool {
	for _, s := range it.Spans {
		switch s.Kind {
		case "name", "id", "phone", "email", "handle":
			return false
		}
	}
	return it.Class != "advice" && it.Class != "urgent"
}

func gateItems(t testing.TB) []gateItem {
	f, err := os.Open("testdata/gate.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	var out []gateItem
	for s := bufio.NewScanner(f); s.Scan(); {
		var it gateItem
		if err := json.Unmarshal(s.Bytes(), &it); err != nil {
			t.Fatalf("line %d: %v", len(out)+1, err)
		}
		out = append(out, it)
	}
	return out
}

// score counts a group of the gate set.
type score struct{ leaks, held, nameless, namelessHeld, clean, falsely, promises, warned, exact, all, spans, touched int }

func (s *score) add(it gateItem, v scan.Severity) {
	s.all++
	if v == it.Verdict {
		s.exact++
	}
	switch {
	case it.Verdict >= scan.Hold:
		s.leaks++
		if v >= scan.Hold {
			s.held++
		}
		if it.nameless() {
			s.nameless++
			if v >= scan.Hold {
				s.namelessHeld++
			}
		}
	case it.Verdict == scan.Warn:
		s.promises++
		if v >= scan.Warn {
			s.warned++
		}
	default:
		s.clean++
		if v >= scan.Hold {
			s.falsely++
		}
	}
}

func TestGateSet(t *testing.T) {
	e := exampleEngine(t)
	groups := map[string]*score{}
	in := func(key string) *score {
		if groups[key] == nil {
			groups[key] = &score{}
		}
		return groups[key]
	}
	for _, it := range gateItems(t) {
		found := e.Scan(it.Text, scan.Context{Kind: it.Kind, Lang: it.Lang, Jurisdiction: it.Jurisdiction, Parent: it.Parent, AuthorRole: it.AuthorRole})
		v := scan.Verdict(found)
		half := "report"
		if it.tune() {
			half = "tune"
			if (v >= scan.Hold) != (it.Verdict >= scan.Hold) || (it.Verdict == scan.Warn && v < scan.Warn) {
				t.Logf("%s %s %s %s: want %s, got %s\n\t%s\n\t%s", it.ID, it.Kind, it.AuthorRole, it.Class, it.Verdict, v, it.Text, told(it.Text, found))
			}
		}
		for _, key := range []string{half, half + " " + it.Lang, half + " " + it.Kind + " " + it.Lang, half + " class " + it.Class} {
			g := in(key)
			g.add(it, v)
			for _, s := range it.Spans {
				g.spans++
				if slices.ContainsFunc(found, func(f scan.Finding) bool { return f.Start < s.End && s.Start < f.End }) {
					g.touched++
				}
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(groups)) {
		g := groups[key]
		t.Logf("%-24s held %5.1f %% of %3d leaks, %5.1f %% of %3d nameless, falsely %5.1f %% of %3d clean, exact %5.1f %%, places %5.1f %% of %d", key,
			percent(g.held, g.leaks), g.leaks, percent(g.namelessHeld, g.nameless), g.nameless, percent(g.falsely, g.clean), g.clean,
			percent(g.exact, g.all), percent(g.touched, g.spans), g.spans)
	}
}
