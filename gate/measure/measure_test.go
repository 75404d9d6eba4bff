package measure_test

import (
	"strings"
	"testing"

	"github.com/mitral-health/mitral/gate/measure"
)

func TestTally(t *testing.T) {
	r := measure.Record{ID: "a", Lang: "en", Text: "Ana in Leeds on Monday", Spans: []measure.Mark{{Start: 0, End: 3, U: "NAME"}, {Start: 7, End: 12, U: "LOCATION"}}}
	clean := measure.Record{ID: "b", Lang: "en", Text: "nothing"}
	tally := measure.NewTally([]measure.Record{r, clean})
	tally.Add(&r, []measure.Mark{{Start: 0, End: 6, U: "NAME"}, {Start: 16, End: 22, U: "DATE"}})
	tally.Add(&clean, []measure.Mark{{Start: 0, End: 7, U: "NAME"}})
	all := tally.Rows["all"]
	if *all != (measure.Count{Gold: 2, Found: 2, Touched: 1, Useful: 1}) {
		t.Errorf("all: %+v", *all)
	}
	if tally.Flagged != 1 || tally.Clean != 1 {
		t.Errorf("%d of %d clean texts flagged", tally.Flagged, tally.Clean)
	}
	if tally.Mixed["LOCATION"]["nothing"] != 1 || tally.Mixed["NAME"]["NAME"] != 1 {
		t.Errorf("mixed: %v", tally.Mixed)
	}
	var b strings.Builder
	tally.Write(&b, 5)
	for _, want := range []string{`LOCATION "Leeds"`, "entity NAME", "lang en"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the report does not say %q:\n%s", want, b.String())
		}
	}
}

func TestVerdicts(t *testing.T) {
	v := measure.NewVerdicts()
	v.Add(&measure.Record{ID: "leak", Kind: "post", Lang: "es", Verdict: "hold"}, "note")
	v.Add(&measure.Record{ID: "fine", Kind: "post", Lang: "es", Verdict: "allow"}, "note")
	var b strings.Builder
	v.Write(&b, 5)
	for _, want := range []string{"let through leak", "0 of     1 0.000"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the report does not say %q:\n%s", want, b.String())
		}
	}
}

func TestF(t *testing.T) {
	if f := measure.F(0.5, 1, 1); f < 0.666 || f > 0.667 {
		t.Error(f)
	}
	if f := measure.F(0.5, 1, 2); f < 0.833 || f > 0.834 {
		t.Error(f)
	}
}

// Texts from one template must not be on both sides.
func TestFoldKeepsTemplatesTogether(t *testing.T) {
	a := measure.Record{ID: "generated_large-0001", Src: "presidio-generated_large", Template: 7}
	b := measure.Record{ID: "synth_v2-0099", Src: "presidio-synth_v2", Template: 7}
	if a.Fold() != b.Fold() {
		t.Error("one template in two parts")
	}
}

// The same numbers each time, right and wrong in turn, each in some form.
func TestRegisters(t *testing.T) {
	for _, m := range measure.Registers() {
		var first, again []string
		right := 0
		m.Texts(20, func(text string, ok bool) {
			first = append(first, text)
			if ok {
				right++
			}
		})
		m.Texts(20, func(text string, ok bool) { again = append(again, text) })
		if len(first) != 40 || right != 20 || strings.Join(first, "|") != strings.Join(again, "|") {
			t.Errorf("%s: %d texts, %d right", m.Name, len(first), right)
		}
	}
}

// Each evasion changes a text in which it can.
func TestEvasions(t *testing.T) {
	const text = "María García está otra vez ingresada en nuestra planta"
	for _, e := range measure.Evasions() {
		if e.Do(text) == text {
			t.Errorf("%s changes nothing", e.Name)
		}
	}
}
