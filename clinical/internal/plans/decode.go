package plans

import (
	"strconv"
	"strings"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
)

func number(n int) string { return strconv.Itoa(n) }

// planOf reads a CarePlan; nil is one that was not made here: it stands in the record and is none of these
// pages'. The goals have only their ids.
func planOf(r *records.Record) (*Plan, error) {
	n, err := resource.Parse(r.Body)
	if err != nil {
		return nil, err
	}
	if c := n.Path("category", "coding"); c.At(0).Get("system").Str() != recordSystem || c.At(0).Get("code").Str() != homePlan {
		return nil, nil
	}
	p := &Plan{ID: r.ID, Version: r.Version, Patient: strings.TrimPrefix(n.Path("subject", "reference").Str(), "Patient/"),
		Status: Status(n.Get("status").Str()), Title: wordsOf(n, "title"),
		Template: strings.TrimPrefix(n.Get("instantiatesUri").At(0).Str(), templateURI)}
	p.From, _ = ParseDay(n.Path("period", "start").Str())
	p.Until, _ = ParseDay(n.Path("period", "end").Str())
	for _, g := range n.Get("goal").Each() {
		p.Goals = append(p.Goals, Goal{ID: strings.TrimPrefix(g.Get("reference").Str(), "Goal/")})
	}
	for _, a := range n.Get("activity").Each() {
		p.Activities = append(p.Activities, activityOf(&a))
	}
	for _, c := range n.Get("note").Each() {
		at, _ := time.Parse(time.RFC3339, c.Get("time").Str())
		p.Changes = append(p.Changes, Change{At: at, By: c.Path("authorReference", "reference").Str(), Who: c.Path("authorReference", "display").Str(), Why: c.Get("text").Str()})
	}
	return p, nil
}

func activityOf(n *resource.Node) Activity {
	d := n.Get("detail")
	a := Activity{ID: n.ID(), Title: wordsOf(d.Get("code"), "text"), Words: wordsOf(d, "description"), Rhythm: rhythmOf(d.Path("scheduledTiming", "repeat"))}
	for _, c := range d.Path("code", "coding").Each() {
		switch c.Get("system").Str() {
		case kindSystem:
			a.Kind = Kind(c.Get("code").Str())
		case loinc:
			a.Measure = measureOf(c.Get("code").Str())
		}
	}
	uri := d.Get("instantiatesUri").At(0).Str()
	switch a.Kind {
	case Exercise:
		a.Uses = strings.TrimPrefix(uri, exerciseURI)
	case Questions:
		a.Uses = strings.TrimPrefix(d.Get("instantiatesCanonical").At(0).Str(), checkURI)
	case Reading:
		a.Uses = uri
	}
	return a
}

// measureOf finds a measure by the code that it is told in.
func measureOf(code string) vitals.Measure {
	for _, m := range vitals.Measures() {
		if vitals.Of(m).Code.Code == code {
			return m
		}
	}
	return ""
}

func rhythmOf(n *resource.Node) Rhythm {
	digits := func(name string) int {
		v := n.Get(name)
		if v == nil {
			return 0
		}
		i, _ := strconv.Atoi(v.Text)
		return i
	}
	r := Rhythm{Once: digits("count") == 1, Minutes: digits("duration"), Part: n.Get("when").At(0).Str()}
	if n.Get("periodUnit").Str() == "wk" {
		r.Weekly = digits("frequency")
	}
	for _, d := range n.Get("dayOfWeek").Each() {
		for i, name := range weekdays {
			if d.Str() == name {
				r.Days[i] = true
			}
		}
	}
	r.From, _ = ParseDay(n.Path("boundsPeriod", "start").Str())
	r.Until, _ = ParseDay(n.Path("boundsPeriod", "end").Str())
	return r
}

// fill reads the rest of a goal.
func (g *Goal) fill(n *resource.Node) {
	g.Words = wordsOf(n.Get("description"), "text")
	for _, t := range n.Get("target").Each() {
		code := t.Path("measure", "coding", "code").Str()
		for _, m := range vitals.Measures() {
			for i, part := range vitals.Of(m).Parts {
				if part.Code.Code != code {
					continue
				}
				g.Measure = m
				for _, end := range []struct {
					name string
					to   *string
				}{{"low", &g.Low[i]}, {"high", &g.High[i]}} {
					if q := t.Path("detailRange", end.name); q.Get("value") != nil {
						*end.to, g.Unit = q.Get("value").Text, q.Get("code").Str()
					}
				}
			}
		}
	}
}
