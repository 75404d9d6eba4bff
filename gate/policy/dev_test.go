package policy

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"testing"
	"unicode/utf8"

	"github.com/mitral-health/mitral/gate/scan"
)

// item is a line of testdata/dev.jsonl: a text, how it should be judged, and why. The set is for
// development: it was written with the rules in sight, so its figures flatter them.
type item struct {
	ID         string        `json:"id"`
	Lang       string        `json:"lang"`
	Kind       string        `json:"kind"`
	AuthorRole string        `json:"author_role"`
	Parent     string        `json:"parent"`
	Text       string        `json:"text"`
	Verdict    scan.Severity `json:"verdict"`
	Spans      []struct {
		Start, End int
		Kind       string
	} `json:"spans"`
	Reason string `json:"reason"`
}

func devItems(t testing.TB) []item {
	f, err := os.Open("testdata/dev.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	var out []item
	for s := bufio.NewScanner(f); s.Scan(); {
		var it item
		if err := json.Unmarshal(s.Bytes(), &it); err != nil {
			t.Fatalf("line %d: %v", len(out)+1, err)
		}
		out = append(out, it)
	}
	return out
}

func exampleEngine(t testing.TB) *scan.Engine { return engineWith(t, Builtin()) }

// engineWith has the rules of these folders and belongs to the example's organisation.
func engineWith(t testing.TB, folders ...fs.FS) *scan.Engine {
	set, err := Load(folders...)
	if err != nil {
		t.Fatal(err)
	}
	e, err := set.Engine(Example())
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// floors of each group (kind of text and language), in per cent.
const (
	minHeld     = 97 // of the leaks, how many are held, blocked or urgent
	maxFalse    = 4  // of the texts that may pass, how many are held
	minExact    = 93 // same verdict
	minOverlaps = 94 // marked places that a finding touches
)

type tally struct{ leaks, held, clean, falsely, exact, all, spans, touched int }

func percent(n, of int) float64 {
	if of == 0 {
		return 100
	}
	return 100 * float64(n) / float64(of)
}

func TestDevSet(t *testing.T) {
	e := exampleEngine(t)
	groups := map[string]*tally{}
	ids := map[string]bool{}
	clean := 0
	items := devItems(t)
	for _, it := range items {
		if ids[it.ID] {
			t.Errorf("%s stands twice", it.ID)
		}
		ids[it.ID] = true
		key := it.Kind + " " + it.Lang
		g := groups[key]
		if g == nil {
			g = &tally{}
			groups[key] = g
		}
		found := e.Scan(it.Text, scan.Context{Kind: it.Kind, Lang: it.Lang, Parent: it.Parent, AuthorRole: it.AuthorRole})
		v := scan.Verdict(found)
		g.all++
		if v == it.Verdict {
			g.exact++
		} else {
			t.Logf("%s: want %s, got %s (%s)\n\t%s\n\t%s", it.ID, it.Verdict, v, it.Reason, it.Text, told(it.Text, found))
		}
		if it.Verdict >= scan.Hold {
			g.leaks++
			if v >= scan.Hold {
				g.held++
			}
		} else {
			clean++
			g.clean++
			if v >= scan.Hold {
				g.falsely++
			}
		}
		for _, s := range it.Spans {
			if !utf8.ValidString(it.Text[s.Start:s.End]) || s.Start >= s.End {
				t.Errorf("%s: span %d:%d", it.ID, s.Start, s.End)
			}
			g.spans++
			if slices.ContainsFunc(found, func(f scan.Finding) bool { return f.Start < s.End && s.Start < f.End }) {
				g.touched++
			} else if v == it.Verdict {
				t.Logf("%s: nothing found at %q", it.ID, it.Text[s.Start:s.End])
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(groups)) {
		g := groups[key]
		t.Logf("%-10s held %5.1f %% of %3d leaks, falsely %4.1f %% of %3d others, exact %5.1f %%, places %5.1f %% of %d", key,
			percent(g.held, g.leaks), g.leaks, percent(g.falsely, g.clean), g.clean, percent(g.exact, g.all), percent(g.touched, g.spans), g.spans)
		if percent(g.held, g.leaks) < minHeld || percent(g.falsely, g.clean) > maxFalse && g.clean > 0 || percent(g.exact, g.all) < minExact || percent(g.touched, g.spans) < minOverlaps {
			t.Errorf("%s: below the floors (%d, %d, %d, %d)", key, minHeld, maxFalse, minExact, minOverlaps)
		}
	}
	if len(items) < 200 || percent(clean, len(items)) < 40 {
		t.Errorf("%d items, %.0f %% of them clean; want 200 and 40 %%", len(items), percent(clean, len(items)))
	}
}

func told(text string, found []scan.Finding) string {
	out := ""
	for _, f := range found {
		out += fmt.Sprintf("[%s %s %q] ", f.Severity, f.Rule, text[f.Start:f.End])
	}
	return out
}
