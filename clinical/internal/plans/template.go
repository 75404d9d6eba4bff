package plans

import (
	"embed"
	"encoding/json"
	"strings"
	"sync"

	"github.com/mitral-health/mitral/clinical/internal/vitals"
)

//go:embed library
var library embed.FS

// Template is a plan for a condition, before it is anybody's: a file of library/plans.
type Template struct {
	Name       string
	Edition    string // changes with any number or word of it
	Title      Words
	For        Words // whom it is for, and what the clinician should look at
	Sources    map[string]string
	Goals      []TemplateGoal
	Activities []TemplateActivity
}

// TemplateGoal is a goal as the file has it; Source names where its numbers come from.
type TemplateGoal struct {
	Words   Words
	Measure vitals.Measure
	Unit    string
	Ranges  []struct{ Low, High string } // one for each part of the measure
	Source  string
}

// TemplateActivity is an activity as the file has it.
type TemplateActivity struct {
	ID      string
	Kind    Kind
	Title   Words
	Words   Words
	Measure vitals.Measure
	Uses    string
	Days    string // "weekdays", "mon wed fri"; "" is every day
	Weekly  int
	Once    bool
	Part    string // "MORN", "EVE"
	Minutes int
	After   int // days from the plan's first one on
	For     int // days; 0 is as long as the plan
	Source  string
}

// The templates, in the order in which clinicians are shown them.
var templateNames = []string{"hypertension", "diabetes", "heart-failure", "copd", "joint-surgery"}

// exerciseNames and checkNames are what plans can use besides what their template does.
var (
	exerciseNames = []string{"chair-stand", "heel-raise", "march", "wall-push", "arm-raise", "pursed-lips", "ankle-pump", "thigh-press", "heel-slide", "leg-raise"}
	checkNames    = []string{"pressure", "diabetes", "heart-failure", "copd", "joint-surgery"}
)

// shelf is everything of the library, read once.
type shelf struct {
	templates map[string]*Template
	exercises map[string]*Drill
	checks    map[string]*Check
}

var books = sync.OnceValue(func() *shelf {
	s := &shelf{map[string]*Template{}, map[string]*Drill{}, map[string]*Check{}}
	for _, name := range templateNames {
		s.templates[name] = load[Template]("plans/" + name)
	}
	for _, name := range exerciseNames {
		s.exercises[name] = load[Drill]("exercises/" + name)
	}
	for _, name := range checkNames {
		s.checks[name] = load[Check]("checks/" + name)
	}
	return s
})

// load reads one file of the library. What can't be read is a mistake in the program, found by its tests.
func load[T any](name string) *T {
	raw, err := library.ReadFile("library/" + name + ".json")
	out := new(T)
	if err == nil {
		err = json.Unmarshal(raw, out)
	}
	if err != nil {
		panic("plans: " + name + ": " + err.Error())
	}
	return out
}

// TemplateOf returns a template by its name, or nil. It is shared: read it only.
func TemplateOf(name string) *Template { return books().templates[name] }

// Templates lists them.
func Templates() []*Template {
	var out []*Template
	for _, name := range templateNames {
		out = append(out, books().templates[name])
	}
	return out
}

// plan makes a draft of a template for somebody, from a day on.
func (t *Template) plan(patient string, from Day) *Plan {
	p := &Plan{Patient: patient, Status: Draft, Title: t.Title, Template: t.Name, From: from}
	for _, g := range t.Goals {
		goal := Goal{Words: g.Words, Measure: g.Measure, Unit: g.Unit}
		for i, r := range g.Ranges {
			goal.Low[i], goal.High[i] = r.Low, r.High
		}
		p.Goals = append(p.Goals, goal)
	}
	for _, a := range t.Activities {
		r := Rhythm{Days: daysOf(a.Days), Weekly: a.Weekly, Once: a.Once, Part: a.Part, Minutes: a.Minutes}
		if a.After > 0 {
			r.From = from + Day(a.After)
		}
		if a.For > 0 {
			r.Until = from + Day(a.After+a.For-1)
		}
		made := Activity{ID: a.ID, Kind: a.Kind, Title: a.Title, Words: a.Words, Measure: a.Measure, Uses: a.Uses, Rhythm: r}
		if d := books().exercises[a.Uses]; d != nil && a.Kind == Exercise && made.Title == (Words{}) {
			made.Title = d.Title
		}
		if c := books().checks[a.Uses]; c != nil && a.Kind == Questions && made.Title == (Words{}) {
			made.Title = c.Title
		}
		p.Activities = append(p.Activities, made)
	}
	return p
}

// daysOf reads "weekdays" and "mon wed fri".
func daysOf(s string) (out [7]bool) {
	if s == "weekdays" {
		s = "mon tue wed thu fri"
	}
	for i, name := range weekdays {
		for _, word := range strings.Fields(s) {
			out[i] = out[i] || word == name
		}
	}
	return out
}
