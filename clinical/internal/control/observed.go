package control

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/show"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
	"github.com/mitral-health/mitral/ui/text"
)

// observation says what stands in one: a measure as the app shows it, anything else by its own words.
func (a *archive) observation(n *resource.Node, r *records.Record) (when, what, value, note string) {
	ctx := a.v.Ctx()
	for _, one := range n.Get("note").Each() {
		note = strings.TrimSpace(note + " " + one.Get("text").Str())
	}
	if got, err := vitals.Decode(n, r.Updated); err == nil {
		d := vitals.Of(got.Measure)
		u := cmp.Or(d.Unit(vitals.ToldIn(n, got.Measure)), d.Canonical())
		return text.DateTime(ctx, got.At), show.Label(ctx, got.Measure), strings.TrimSpace(got.Bound + show.Value(ctx, u, got.Values, got.Has, len(d.Parts)) + " " + show.Symbol(ctx, u)), note
	}
	when = moment(ctx, n.Get("effectiveDateTime").Str())
	if day, err := time.ParseInLocation(time.DateOnly, when, text.Zone(ctx)); err == nil {
		when = text.Date(ctx, day)
	}
	if b := n.Get("valueBoolean"); b != nil {
		if b.Text == "true" {
			return when, words(n.Get("code")), text.T(ctx, "yes"), note
		}
		return when, words(n.Get("code")), text.T(ctx, "no"), note
	}
	return when, words(n.Get("code")), valueOf(n), note
}

// moment is an instant as people read it; what is none stays as it was written.
func moment(ctx context.Context, written string) string {
	if at, err := time.Parse(time.RFC3339, written); err == nil {
		return text.DateTime(ctx, at)
	}
	return written
}

// words are those of a CodeableConcept.
func words(n *resource.Node) string {
	if s := n.Get("text").Str(); s != "" {
		return s
	}
	c := n.Get("coding").At(0)
	if s := c.Get("display").Str(); s != "" {
		return s
	}
	return c.Get("code").Str()
}

// valueOf is the value of an Observation or of an answer, in its own words.
func valueOf(n *resource.Node) string {
	for _, kid := range n.Kids {
		if !strings.HasPrefix(kid.Name, "value") {
			continue
		}
		v := n.Get(kid.Name)
		switch kid.Name {
		case "valueQuantity":
			unit := v.Get("unit").Str()
			if unit == "" {
				unit = v.Get("code").Str()
			}
			if d := v.Get("value"); d != nil {
				return strings.TrimSpace(d.Text + " " + unit)
			}
		case "valueCodeableConcept":
			return words(v)
		case "valueCoding":
			if s := v.Get("display").Str(); s != "" {
				return s
			}
			return v.Get("code").Str()
		}
		return v.Text
	}
	var parts []string
	for _, c := range n.Get("component").Each() {
		if s := valueOf(&c); s != "" {
			parts = append(parts, words(c.Get("code"))+": "+s)
		}
	}
	return strings.Join(parts, ", ")
}

// performer says who wrote an Observation: "Irune Otxoa, for you" of somebody who acts for the patient.
func (a *archive) performer(n *resource.Node) string {
	ctx := a.v.Ctx()
	ref := n.Get("performer").At(0).Get("reference").Str()
	switch {
	case ref == "Patient/"+a.v.Patient:
		return a.v.Name
	case strings.HasPrefix(ref, "RelatedPerson/") && a.names[ref] != "":
		return text.T(ctx, "%s, for %s", a.names[ref], a.v.Name)
	}
	return a.names[ref]
}

// answers says each question that was answered, with its answers.
func answers(n *resource.Node, say func(string) error) error {
	for _, q := range n.Get("item").Each() {
		var all []string
		for _, one := range q.Get("answer").Each() {
			all = append(all, valueOf(&one))
		}
		line := q.Get("text").Str()
		if line == "" {
			line = q.Get("linkId").Str()
		}
		if len(all) > 0 {
			if err := say(line + ": " + strings.Join(all, ", ")); err != nil {
				return err
			}
		}
		if err := answers(&q, say); err != nil {
			return err
		}
	}
	return nil
}
