package tag_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/mitral-health/mitral/gate/tag"
)

func builtin(t testing.TB) *tag.Model {
	m, err := tag.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func said(text string, spans []tag.Span) string {
	var b strings.Builder
	for _, s := range spans {
		b.WriteString(s.Entity.String() + "=" + text[s.Start:s.End] + ";")
	}
	return b.String()
}

func TestBuiltin(t *testing.T) {
	g := builtin(t).Tagger()
	for text, want := range map[string]string{
		"My name is Ngozi Adeyemi and I live in Leeds.":              "NAME=Ngozi Adeyemi;LOCATION=Leeds;",
		"Mi hermana Lucia tiene cancer de mama.":                     "NAME=Lucia;",
		"Nombre: Ernesto.\nApellidos: Rivera Bueno.\nNHC: 368503.\n": "NAME=Ernesto;NAME=Rivera Bueno;ID=368503;",
		"write to ana@example.org or see www.example.org":            "EMAIL=ana@example.org;URL=www.example.org;",
		"Wash your hands and stay home if you feel sick.":            "",
		"": "",
	} {
		if got := said(text, g.Tag([]byte(text))); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

// A day in figures is found whole, and marks of the sentence are no part of what is found.
func TestEnds(t *testing.T) {
	g := builtin(t).Tagger()
	for text, want := range map[string]string{
		"Se realiza una nueva TC (16/09/03), que muestra cambios.": "DATE=16/09/03;",
		"Is Graves' disease worse than Hashimoto thyroiditis?":     "",
		"Do the 2023 guidelines for Lyme disease still hold?":      "",
		"Effectiveness of Esomeprazole vs. Omeprazole in reflux":   "",
		"Vive en Teruel, con frio.":                                "LOCATION=Teruel;",
	} {
		if got := said(text, g.Tag([]byte(text))); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

// A small model learns what it is shown, and survives being written and read.
func TestLearn(t *testing.T) {
	words := tag.NewWords()
	words.Set(tag.Hash("ana"), 3)
	var xs []tag.Example
	for _, s := range []string{"saw Ana today", "met Eva today", "met Leo there"} {
		xs = append(xs, tag.Example{Text: []byte(s), Spans: []tag.Span{{Start: 4, End: 7, Entity: tag.Name}}})
	}
	xs = append(xs, tag.Example{Text: []byte("saw the sea today")})
	m := tag.Learn(xs, words, 5, func(int, int, int) {})
	b, err := m.Write()
	if err != nil {
		t.Fatal(err)
	}
	again := tag.Learn(xs, words, 5, func(int, int, int) {})
	if c, _ := again.Write(); !bytes.Equal(b, c) {
		t.Error("the same examples gave other weights")
	}
	read, err := tag.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	if got := said("met Ana there", read.Tagger().Tag([]byte("met Ana there"))); got != "NAME=Ana;" {
		t.Errorf("got %q", got)
	}
	if _, err := tag.Read(b[:len(b)/2]); err == nil {
		t.Error("half a model was read")
	}
}

func FuzzTag(f *testing.F) {
	f.Add("Dr Ana Ruiz, Calle Mayor 3, 28001 Madrid. a.b@c.de http://x.y/z 1.2.3.4 @me")
	f.Add(strings.Repeat("a.", 200) + "@" + strings.Repeat("b.", 200))
	g := builtin(f).Tagger()
	f.Fuzz(func(t *testing.T, text string) {
		end := int32(0)
		for _, s := range g.Tag([]byte(text)) {
			if s.Start < end || s.End <= s.Start || int(s.End) > len(text) {
				t.Fatalf("span %v after %d in %d bytes", s, end, len(text))
			}
			end = s.End
		}
	})
}

// 500 bytes of prose.
func BenchmarkTag(b *testing.B) {
	text := []byte(strings.Repeat("Ana Garcia went home last Tuesday after her bypass, call 612 345 678. ", 8)[:500])
	g := builtin(b).Tagger()
	b.ReportAllocs()
	for b.Loop() {
		g.Tag(text)
	}
}
