package learn

import (
	"maps"
	"slices"
	"strings"

	"github.com/mitral-health/mitral/gate/measure"
	"github.com/mitral-health/mitral/gate/tag"
)

func sorted(f facts) []string { return sortedKeys(f) }

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// vary returns what is learnt from one record: itself, and now and then a copy in small letters or in
// capitals, and clinical cases without their header, since people seldom write as the sets do. n makes
// the choice.
func vary(r *measure.Record, n int) []tag.Example {
	x := example(r)
	out := []tag.Example{x}
	if r.Src == "meddocan" {
		if y, ok := headless(x); ok && n%3 == 0 {
			out = append(out, y)
		}
		if n%8 == 1 {
			out = append(out, cased(x, lower))
		}
		if n%16 == 2 {
			out = append(out, cased(x, upper))
		}
		return out
	}
	switch {
	case n%4 == 0:
		out = append(out, cased(x, lower))
	case n%10 == 1:
		out = append(out, cased(x, upper))
	}
	if r.Src == "asq-phi" {
		out = append(out, x)
	}
	return out
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}

func upper(c byte) byte {
	if c >= 'a' && c <= 'z' {
		c -= 'a' - 'A'
	}
	return c
}

func cased(x tag.Example, as func(byte) byte) tag.Example {
	b := slices.Clone(x.Text)
	for i, c := range b {
		b[i] = as(c)
	}
	x.Text = b
	return x
}

// headless cuts the lines "Nombre: …" away.
func headless(x tag.Example) (tag.Example, bool) {
	at := strings.Index(string(x.Text), "Informe clinico")
	if at < 0 {
		return x, false
	}
	y := tag.Example{Text: x.Text[at:], Free: x.Free}
	for _, s := range x.Spans {
		if int(s.Start) >= at {
			s.Start, s.End = s.Start-int32(at), s.End-int32(at)
			y.Spans = append(y.Spans, s)
		}
	}
	return y, true
}
