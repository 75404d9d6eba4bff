package plans

import (
	"encoding/json"
	"io/fs"
	"strings"
	"testing"

	"github.com/mitral-health/mitral/clinical/internal/vitals"
)

// TestLibrary reads every file strictly, and holds what it says against what there is.
func TestLibrary(t *testing.T) {
	strict := func(name string, into any) {
		f, err := library.Open("library/" + name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		d := json.NewDecoder(f)
		d.DisallowUnknownFields()
		if err := d.Decode(into); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	both := func(where string, w Words) {
		if w.EN == "" || w.ES == "" || w.EN == w.ES && strings.Contains(w.EN, " ") {
			t.Errorf("%s: %+v is not in two languages", where, w)
		}
	}
	files := 0
	_ = fs.WalkDir(library, "library", func(_ string, d fs.DirEntry, _ error) error {
		if !d.IsDir() {
			files++
		}
		return nil
	})
	if want := len(templateNames) + len(exerciseNames) + len(checkNames); files != want {
		t.Errorf("%d files, %d named", files, want)
	}
	used := map[string]bool{}
	for _, name := range exerciseNames {
		var d Drill
		strict("exercises/"+name+".json", &d)
		both(name, d.Title)
		both(name, d.Why)
		both(name, d.Again)
		both(name, d.Care)
		if d.Name != name || len(d.Steps) < 2 || d.Minutes < 1 {
			t.Errorf("%s: %+v", name, d)
		}
		for _, s := range d.Steps {
			both(name, s.Words)
			used[s.Picture] = true
			if _, ok := poses[s.Picture]; !ok {
				t.Errorf("%s: there is no drawing %q", name, s.Picture)
			}
		}
	}
	for name := range poses {
		if !used[name] {
			t.Errorf("nobody does %q", name)
		}
	}
	for _, name := range checkNames {
		var c Check
		strict("checks/"+name+".json", &c)
		both(name, c.Title)
		both(name, c.Intro)
		waits := 0
		for _, it := range c.Items {
			both(name, it.Ask)
			values := map[string]bool{}
			for _, o := range it.Choices {
				both(name, o.Label)
				if values[o.Value] {
					t.Errorf("%s, %s: %q twice", name, it.ID, o.Value)
				}
				values[o.Value] = true
				if o.Wait != "" {
					waits++
				}
				if o.Wait != "" && rank[o.Wait] == 0 {
					t.Errorf("%s: %q is no severity", name, o.Wait)
				}
			}
			if len(it.Choices) == 0 && it.To <= it.From {
				t.Errorf("%s, %s: no answers", name, it.ID)
			}
		}
		if c.Name != name || c.Version == "" || waits == 0 || len(c.Waits) == 0 {
			t.Errorf("%s: nothing ever asks for the team", name)
		}
	}
	for _, name := range templateNames {
		var tpl Template
		strict("plans/"+name+".json", &tpl)
		both(name, tpl.Title)
		both(name, tpl.For)
		cited := map[string]bool{"": true}
		for _, g := range tpl.Goals {
			both(name, g.Words)
			cited[g.Source] = true
			if len(g.Ranges) > 0 && tpl.Sources[g.Source] == "" {
				t.Errorf("%s: the numbers of %q have no source", name, g.Words.EN)
			}
			if d := vitals.Of(g.Measure); len(g.Ranges) > 0 && (d == nil || d.Unit(g.Unit) == nil || len(g.Ranges) != len(d.Parts)) {
				t.Errorf("%s: %+v can't be drawn", name, g)
			}
		}
		seen := map[string]bool{}
		for _, a := range tpl.Activities {
			cited[a.Source] = true
			ok := idOf.MatchString(a.ID) && !seen[a.ID]
			switch a.Kind {
			case Measure:
				ok = ok && vitals.Of(a.Measure) != nil
			case Exercise:
				ok = ok && books().exercises[a.Uses] != nil
			case Questions:
				ok = ok && books().checks[a.Uses] != nil
			case Task, Reading:
			default:
				ok = false
			}
			if seen[a.ID] = true; !ok {
				t.Errorf("%s: %+v", name, a)
			}
			if a.Kind != Exercise && a.Kind != Questions {
				both(name, a.Title)
				both(name, a.Words)
			}
		}
		for s := range tpl.Sources {
			if !cited[s] {
				t.Errorf("%s: nobody cites %s", name, s)
			}
		}
		for s := range cited {
			if s != "" && tpl.Sources[s] == "" {
				t.Errorf("%s: there is no source %s", name, s)
			}
		}
		if tpl.Name != name {
			t.Errorf("%s is called %s", name, tpl.Name)
		}
	}
}
