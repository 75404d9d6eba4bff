package main

import (
	"cmp"
	"io"
	"slices"
	"sync"

	"github.com/go-json-experiment/json"

	"github.com/mitral-health/mitral/gate/scan"
	"github.com/mitral-health/mitral/gate/tag"
)

// entities are the names that labelled sets use for what a finding of a kind is.
var entities = map[string]string{"name": "NAME", "new-name": "NAME", "date": "DATE", "age": "AGE", "minor": "AGE", "place": "LOCATION", "address": "ADDRESS",
	"postcode": "ZIP", "room": "FACILITY", "phone": "PHONE", "email": "EMAIL", "url": "URL", "ip": "IP", "handle": "HANDLE", "id": "ID"}

// withEntities adds what identifies somebody: where a finding marks the same bytes, its entity becomes the
// exact one; the others become findings of severity "note" and rule "entity".
func withEntities(found []findingOut, all []scan.Entity) []findingOut {
	for i := range found {
		found[i].Entity = "" // only exact places carry an entity
	}
	for _, e := range all {
		at := slices.IndexFunc(found, func(f findingOut) bool { return f.Start == e.Start && f.End == e.End && f.Entity == "" })
		if at >= 0 {
			found[at].Entity = e.Name
			continue
		}
		found = append(found, findingOut{Start: e.Start, End: e.End, Kind: "entity", Severity: scan.Note, Rule: "entity", Pack: "engine", Entity: e.Name})
	}
	slices.SortStableFunc(found, func(a, b findingOut) int { return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(b.End, a.End)) })
	return found
}

// verdictOut is how a judgement looks in JSON. Others measure through it: it keeps its shape.
type verdictOut struct {
	ID       any          `json:"id,omitzero"`
	Verdict  string       `json:"verdict"`
	Findings []findingOut `json:"findings"`
}

type findingOut struct {
	Start      int           `json:"start"`
	End        int           `json:"end"`
	Kind       string        `json:"kind"`
	Severity   scan.Severity `json:"severity"`
	Rule       string        `json:"rule"`
	Pack       string        `json:"pack"`
	Entity     string        `json:"entity,omitzero"`
	Reason     *scan.Message `json:"reason,omitzero"`
	Suggestion *scan.Message `json:"suggestion,omitzero"`
}

func findingsOut(found []scan.Finding, words bool) []findingOut {
	out := []findingOut{}
	for _, x := range found {
		o := findingOut{Start: x.Start, End: x.End, Kind: x.Kind, Severity: x.Severity, Rule: x.Rule, Pack: x.Pack, Entity: entities[x.Kind]}
		if words {
			o.Reason, o.Suggestion = &x.Reason, &x.Suggestion
			if x.Suggestion == (scan.Message{}) {
				o.Suggestion = nil
			}
		}
		out = append(out, o)
	}
	return out
}

// tagger reads the learned weights when they are first asked for: only listing entities needs them.
var tagger = sync.OnceValue(func() *tag.Model {
	m, err := tag.Builtin()
	if err != nil {
		panic(err) // they are compiled in
	}
	return m
})

func writeVerdict(w io.Writer, id any, found []scan.Finding, engine *scan.Engine, text string, entities bool) error {
	v := verdictOut{ID: id, Verdict: scan.Verdict(found).String(), Findings: findingsOut(found, id == nil)}
	if entities {
		v.Findings = withEntities(v.Findings, engine.Entities(tagger(), text))
	}
	if err := json.MarshalWrite(w, v); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}
