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

type floor struct{ held, nameless, falsely float64 }

// gateFloors are of each half, langFloors of each language in it, kindFloors of each kind and language.
// They lie a little below what is reached, so that going backwards fails. Aimed at is 98, 95, 8.
var (
	gateFloors = map[string]floor{"tune": {98, 98, 3}, "report": {98, 95, 8}}
	langFloors = map[string]floor{"tune": {98, 98, 3}, "report": {96, 95, 8}}
	kindFloors = map[string]floor{"tune": {97, 0, 7}, "report": {88, 0, 15}}
)

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
	for name, want := range gateFloors {
		for _, g := range []string{name, name + " en", name + " es"} {
			if g != name {
				want = langFloors[name]
			}
			if s := in(g); percent(s.held, s.leaks) < want.held || percent(s.namelessHeld, s.nameless) < want.nameless || percent(s.falsely, s.clean) > want.falsely {
				t.Errorf("%s: below the floors %+v: %+v", g, want, *s)
			}
		}
	}
	for _, kind := range []string{"post", "reply", "comment"} {
		for _, lang := range []string{"en", "es"} {
			for half, want := range kindFloors {
				s := in(half + " " + kind + " " + lang)
				if percent(s.held, s.leaks) < want.held || percent(s.falsely, s.clean) > want.falsely {
					t.Errorf("%s %s %s: below the floors %+v: %+v", half, kind, lang, want, *s)
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

// Talk about pay, staffing and unions is never flagged, whoever writes it and wherever.
func TestLabourTalkPasses(t *testing.T) {
	e := exampleEngine(t)
	texts := []string{
		"We asked for a raise and got pizza. Again.", "Nobody covered the night shift, two nurses for thirty beds.",
		"Our union won back pay for the whole emergency room. Thank you all!", "They wrote me up for talking about wages.",
		"Strike vote tomorrow at 6. Bring a friend from your ward.", "Management cancelled my leave after I worked a double shift.",
		"Pedimos una subida y nos trajeron pizza. Otra vez.", "Nadie cubrió el turno de noche, dos enfermeras para treinta camas.",
		"El sindicato ha ganado los atrasos de toda la planta. ¡Gracias!", "Me han sancionado por hablar del sueldo.",
		"Mañana votamos la huelga a las seis. Traed a alguien de vuestra planta.", "Me anularon las vacaciones después de doblar turno.",
	}
	for _, it := range gateItems(t) {
		if it.Class == "labour" {
			texts = append(texts, it.Text)
		}
	}
	for _, text := range texts {
		for _, kind := range []string{scan.Post, scan.Comment} {
			for _, role := range []string{"member", "clinician"} {
				if found := e.Scan(text, scan.Context{Kind: kind, AuthorRole: role}); scan.Verdict(found) >= scan.Warn {
					t.Errorf("%s by %s: %s\n\t%s", kind, role, text, told(text, found))
				}
			}
		}
	}
}
