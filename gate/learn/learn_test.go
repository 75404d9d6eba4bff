package learn

import (
	"strings"
	"testing"

	"github.com/mitral-health/mitral/gate/measure"
	"github.com/mitral-health/mitral/gate/tag"
)

// Every gap of every sentence is filled, and marked where it stands.
func TestProse(t *testing.T) {
	one := func(s string) []string { return []string{s} }
	f := &filler{given: one("Begoña"), surnames: one("Ñíguez"), common: one("Ruiz"), towns: one("Ávila"), givenEN: one("Kwame"), surnamesEN: one("Boateng"), townsEN: one("Leeds"),
		cities: one("Oslo"), kinds: map[string][]string{}}
	for _, k := range []string{"nobody", "firm", "kin-es", "job", "job-es", "country", "country-es", "demonym", "demonym-es", "sex-es", "sex"} {
		f.kinds[k] = one(k)
	}
	n := 0
	for l := range strings.Lines(proseText) {
		if l = strings.TrimSpace(l); l == "" || l[0] == ';' || l[0] == '[' {
			f.spanish = l == "[es]"
			continue
		}
		n++
		x := f.fill(l)
		if strings.ContainsAny(string(x.Text), "{}") || len(x.Spans) != strings.Count(l, "{")-strings.Count(l, "{E}") {
			t.Errorf("%s became %s", l, x.Text)
		}
		for _, s := range x.Spans {
			if s.Entity == tag.Name && !strings.ContainsAny(string(x.Text[s.Start:s.Start+1]), "BNRK") {
				t.Errorf("%s: %q is marked", x.Text, x.Text[s.Start:s.End])
			}
		}
	}
	if n < 60 {
		t.Errorf("%d sentences", n)
	}
}

func TestExampleMapsToFoldedBytes(t *testing.T) {
	r := measure.Record{Src: "x", Text: "Año: Íñigo Núñez.", Spans: []measure.Mark{{Start: 6, End: 21, U: "NAME"}}}
	x := example(&r)
	if got := string(x.Text[x.Spans[0].Start:x.Spans[0].End]); got != "Inigo Nunez" {
		t.Errorf("marked %q", got)
	}
}

func TestVaryKeepsPlaces(t *testing.T) {
	r := measure.Record{Src: "meddocan", Text: "Nombre: Ana.\nInforme clínico del paciente: Ana vino.", Spans: []measure.Mark{{Start: 8, End: 11, U: "NAME"}, {Start: 44, End: 47, U: "NAME"}}}
	for n := range 48 {
		for _, x := range vary(&r, n) {
			for _, s := range x.Spans {
				if got := strings.ToLower(string(x.Text[s.Start:s.End])); got != "ana" {
					t.Errorf("%d: marked %q in %q", n, got, x.Text)
				}
			}
		}
	}
}

func TestNoData(t *testing.T) {
	if _, err := Run(t.TempDir(), 1, nil, nil); err == nil || !strings.Contains(err.Error(), "MITRAL_DATA") {
		t.Errorf("without data: %v", err)
	}
}

// Swapped persons stand where the others stood, in the same case, and the rest of the text stays.
func TestSwappedKeepsPlaces(t *testing.T) {
	one := func(s string) []string { return []string{s} }
	f := &filler{given: one("Begoña"), surnames: one("Ñíguez"), givenEN: one("Kwame"), surnamesEN: one("Boateng"), rareGiven: one("Zsófia"), rareSurnames: one("Ødegård"), cities: one("Łódź")}
	text := "saw JOHN SMITH and mary, at Hull"
	r := measure.Record{Text: text, Spans: []measure.Mark{{Start: 4, End: 14, U: "NAME"}, {Start: 19, End: 23, U: "NAME"}, {Start: 28, End: 32, U: "LOCATION"}}}
	moved := false
	for range 20 {
		s, ok := f.swapped(&r)
		if !ok || len(s.Spans) != 3 {
			t.Fatalf("%q %v", s.Text, s.Spans)
		}
		part := func(i int) string { return s.Text[s.Spans[i].Start:s.Spans[i].End] }
		if part(0) != strings.ToUpper(part(0)) || len(strings.Fields(part(0))) != 2 || part(1) != strings.ToLower(part(1)) || part(1) == "mary" {
			t.Errorf("%q", s.Text)
		}
		moved = moved || part(2) == "Łódź"
		if s.Text != "saw "+part(0)+" and "+part(1)+", at "+part(2) {
			t.Errorf("%q", s.Text)
		}
	}
	if !moved {
		t.Error("no place was swapped")
	}
	if _, ok := f.swapped(&measure.Record{Text: "nobody"}); ok {
		t.Error("nobody was swapped")
	}
}
