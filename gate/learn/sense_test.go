package learn

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/mitral-health/mitral/gate/measure"
	"github.com/mitral-health/mitral/gate/scan"
	"github.com/mitral-health/mitral/gate/sense"
)

// The same texts give the same bytes, and what was learned tells leaks from the rest.
func TestSenseLearnsTheSame(t *testing.T) {
	e, err := scan.New(scan.Config{})
	if err != nil {
		t.Fatal(err)
	}
	classes, err := sense.Make(sense.Parts{})
	if err != nil {
		t.Fatal(err)
	}
	var texts []Text
	for i := range 40 {
		r := measure.Record{ID: fmt.Sprint(i), Kind: scan.Reply, Verdict: "allow", Text: fmt.Sprintf("our doors open at %d for everybody", i)}
		if i%2 == 0 {
			r.Verdict, r.Class, r.Text = "hold", "care", fmt.Sprintf("your scan number %d was clear", i)
		}
		texts = append(texts, Text{Record: r, Studied: e.Study(classes, r.Text, scan.Context{Kind: r.Kind, Lang: "en"}), Weight: 1})
	}
	s := Settings{Cost: 2, Leak: 1.5, Bare: 0.3, Rounds: 10}
	var first []byte
	for range 2 {
		p, err := Sense(texts, nil, 1000, s)
		if err != nil {
			t.Fatal(err)
		}
		b, err := sense.Write(p)
		if err != nil {
			t.Fatal(err)
		}
		if first != nil && !bytes.Equal(b, first) {
			t.Fatal("the same texts give other bytes")
		}
		first = b
	}
	m, err := sense.Read(first)
	if err != nil {
		t.Fatal(err)
	}
	for text, leak := range map[string]bool{"your scan was clear": true, "our doors open at nine": false} {
		seen := e.Study(m, text, scan.Context{Kind: scan.Reply, Lang: "en"})
		var scratch sense.Scratch
		best, ok := m.Best(seen.Units, seen.In, &scratch)
		if !ok || (best.Score[0] > 0) != leak || leak && best.Score[m.Head("care")] <= 0 {
			t.Errorf("%q: %v", text, best.Score)
		}
	}
}
