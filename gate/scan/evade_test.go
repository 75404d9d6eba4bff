package scan_test

import (
	"testing"

	"github.com/mitral-health/mitral/gate/scan"
)

// "55yo" once made ages() read past the end.
func TestAgesAtTheEnd(t *testing.T) {
	e := lists(t)
	for _, text := range []string{"55yo", "55 yo", "55y", "aged 55", "a 55", "55 y", "noventa y", "ninety", "100 y", "5yo 55yo"} {
		for i := range len(text) + 1 {
			e.Scan(text[:i], scan.Context{})
		}
	}
}

func TestDisguisedWords(t *testing.T) {
	e := lists(t)
	for text, want := range map[string]string{
		"it is l e u k e m i a again": "l e u k e m i a", "he has L.e.u.k.e.m.i.a": "L.e.u.k.e.m.i.a", "L-E-U-K-E-M-I-A here": "L-E-U-K-E-M-I-A",
		"l\u200beuke\u00admia": "l\u200beuke\u00admia", "leuk3mi4": "leuk3mi4", "lеukеmiа": "lеukеmiа", // Cyrillic vowels
	} {
		found := e.Scan(text, scan.Context{})
		if len(found) != 1 || text[found[0].Start:found[0].End] != want {
			t.Errorf("%q: %+v", text, found)
		}
	}
	for _, text := range []string{"A B C D of first aid", "plan a b c", "U S A", "J. R. R. Tolkien", "a e i o u"} {
		if found := e.Scan(text, scan.Context{}); len(found) != 0 {
			t.Errorf("%q: %+v", text, found)
		}
	}
}

// lists is an engine that knows one word.
func lists(t *testing.T) *scan.Engine {
	e, err := scan.New(scan.Config{Rules: []scan.Rule{{ID: "word", Pack: "p@1", Kind: "condition", Severity: scan.Hold, Any: []string{"leukemia"},
		Reason: scan.Message{EN: "a", ES: "b"}}}})
	if err != nil {
		t.Fatal(err)
	}
	return e
}
