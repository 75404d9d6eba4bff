package text

import (
	"encoding/json"
	"slices"
	"sort"
	"strings"
	"testing"
)

// TestSources reads the whole tree: every sentence that a page, a mail or a fault says has its
// Spanish, with the same placeholders; no Spanish is left over; and no template has bare words.
func TestSources(t *testing.T) {
	found := scan(t)
	if len(found.uses) < 50 {
		t.Fatalf("found %d sentences in the sources: the scan is broken", len(found.uses))
	}
	used := map[string]string{}
	for _, u := range found.uses {
		if used[u.key] == "" {
			used[u.key] = u.at
		}
	}

	t.Run("literals", func(t *testing.T) { report(t, found.other) })
	t.Run("bare words", func(t *testing.T) { report(t, found.bare) })

	t.Run("missing", func(t *testing.T) {
		var list []string
		for key, at := range used {
			if strings.TrimSpace(spanish()[key]) == "" {
				list = append(list, at+": no Spanish for "+quote(key)+"; put it into ui/text/es")
			}
		}
		report(t, list)
	})

	t.Run("unused", func(t *testing.T) {
		var list []string
		for key := range spanish() {
			if used[key] == "" {
				list = append(list, "nothing says "+quote(key)+" any more; take it out of ui/text/es")
			}
		}
		report(t, list)
	})

	t.Run("placeholders", func(t *testing.T) {
		var list []string
		for key, es := range spanish() {
			en, got := numbered(key), numbered(es)
			if !slices.Equal(en, got) {
				list = append(list, quote(key)+" takes "+strings.Join(en, " ")+", its Spanish "+quote(es)+" takes "+strings.Join(got, " "))
			}
		}
		report(t, list)
	})

	t.Run("arguments", func(t *testing.T) {
		var list []string
		for _, u := range found.uses {
			n := verbs(u.key)
			if u.args >= 0 && n != u.args && !(u.plural && n == u.args+1) {
				list = append(list, u.at+": "+quote(u.key)+" does not fit the number of its arguments")
			}
		}
		report(t, list)
	})
}

// TestAreas finds the same sentence said differently in two files.
func TestAreas(t *testing.T) {
	entries, _ := files.ReadDir("es")
	seen := map[string][2]string{}
	for _, e := range entries {
		raw, _ := files.ReadFile("es/" + e.Name())
		area := map[string]string{}
		if err := json.Unmarshal(raw, &area); err != nil {
			t.Errorf("es/%s: %v", e.Name(), err)
		}
		for k, v := range area {
			if o, ok := seen[k]; ok && o[1] != v {
				t.Errorf("%s is %q in %s and %q in %s", quote(k), o[1], o[0], v, e.Name())
			}
			seen[k] = [2]string{e.Name(), v}
			if strings.TrimSpace(v) == "" {
				t.Errorf("es/%s: %s is empty", e.Name(), quote(k))
			}
		}
	}
}

// TestBareWords proves that the scan sees what it must see.
func TestBareWords(t *testing.T) {
	for _, tt := range []struct {
		page string
		bad  int
	}{
		{`<p>` + dynamic + `</p>`, 0},
		{`<p>Hello</p>`, 1},
		{`<p>` + dynamic + ` · 3</p>`, 0},
		{`<p translate="no">mitral</p><p>mitral</p>`, 1},
		{`<b translate="no">x<br>y</b>`, 0},
		{`<img alt="A boat">`, 1},
		{`<img alt="">`, 0},
		{`<input placeholder="Name">`, 1},
		{`<div style="color:red">` + dynamic, 1},
		{`<div onclick="x()">` + dynamic, 1},
		{`<script>alert(1)</script>`, 1},
		{`<script src="/a.js"></script>`, 0},
		{`<script type="application/ld+json">{"a":1}</script>`, 0},
		{`<style>p{}</style>`, 2},
		{`<a href="` + dynamic + `" aria-label="Close">` + dynamic + `</a>`, 1},
	} {
		if got := bareWords(tt.page); len(got) != tt.bad {
			t.Errorf("%q: %q, want %d", tt.page, got, tt.bad)
		}
	}
}

// numbered returns the placeholders in the order of the arguments that they take.
func numbered(form string) []string {
	var out []string
	next := 1
	for _, p := range placeholders(form) {
		if p[0] == '[' {
			out = append(out, p)
			continue
		}
		out = append(out, "["+string(rune('0'+next))+"]"+p)
		next++
	}
	sort.Strings(out)
	return out
}

func report(t *testing.T, list []string) {
	t.Helper()
	sort.Strings(list)
	for _, l := range slices.Compact(list) {
		t.Error(l)
	}
}

func quote(s string) string { return "“" + s + "”" }
