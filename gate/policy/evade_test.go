package policy

import (
	"strings"
	"testing"
	"unicode"

	"github.com/mitral-health/mitral/gate/scan"
)

// The ways in which people write so that no machine should read it. Each is applied to all leaks of the
// gate set; how many of those that were held are let through then is what it costs.
var evasions = []struct {
	name string
	do   func(string) string
}{
	{"small letters", strings.ToLower},
	{"capitals", strings.ToUpper},
	{"invisible characters", func(s string) string { return inWords(s, 1, 4, func(w []rune) []rune { return between(w, '\u200b') }) }},
	{"letters of other alphabets", func(s string) string {
		return strings.NewReplacer("a", "а", "e", "е", "o", "о", "p", "р", "c", "с", "x", "х", "A", "А", "E", "Е", "O", "О").Replace(s)
	}},
	{"full-width letters", func(s string) string {
		return strings.Map(func(r rune) rune {
			if r > ' ' && r < 0x7f {
				return r + 0xfee0
			}
			return r
		}, s)
	}},
	{"digits for letters", func(s string) string {
		return inWords(s, 2, 5, func(w []rune) []rune {
			for i := 1; i < len(w)-1; i++ {
				if k := strings.IndexRune("aeio", w[i]); k >= 0 {
					w[i] = rune("4310"[k])
					break
				}
			}
			return w
		})
	}},
	{"letters apart", func(s string) string { return inWords(s, 3, 5, func(w []rune) []rune { return between(w, ' ') }) }},
	{"hyphens apart", func(s string) string { return inWords(s, 3, 5, func(w []rune) []rune { return between(w, '-') }) }},
	{"without accents", func(s string) string {
		return strings.NewReplacer("á", "a", "é", "e", "í", "i", "ó", "o", "ú", "u", "ñ", "n").Replace(s)
	}},
	{"soft hyphens", func(s string) string { return inWords(s, 1, 6, func(w []rune) []rune { return between(w, '\u00ad') }) }},
}

// inWords changes each nth word of so many letters or more.
func inWords(s string, nth, least int, do func([]rune) []rune) string {
	words := strings.Split(s, " ")
	n := 0
	for i, w := range words {
		letters := strings.TrimRightFunc(w, func(r rune) bool { return !unicode.IsLetter(r) })
		plain := strings.IndexFunc(letters, func(r rune) bool { return !unicode.IsLetter(r) }) < 0
		if plain && len([]rune(letters)) >= least {
			if n++; n%nth == 0 {
				words[i] = string(do([]rune(letters))) + w[len(letters):]
			}
		}
	}
	return strings.Join(words, " ")
}

func between(w []rune, sep rune) []rune {
	var out []rune
	for i, r := range w {
		if i > 0 {
			out = append(out, sep)
		}
		out = append(out, r)
	}
	return out
}

func TestEvasionsCostLittle(t *testing.T) {
	e := exampleEngine(t)
	held := func(it gateItem, text string) bool {
		return scan.Verdict(e.Scan(text, scan.Context{Kind: it.Kind, Lang: it.Lang, Jurisdiction: it.Jurisdiction, Parent: it.Parent, AuthorRole: it.AuthorRole})) >= scan.Hold
	}
	for _, half := range []string{"tune", "report"} {
		for _, v := range evasions {
			leaks, before, after := 0, 0, 0
			for _, it := range gateItems(t) {
				if it.Verdict < scan.Hold || it.tune() != (half == "tune") {
					continue
				}
				leaks++
				if held(it, it.Text) {
					before++
				}
				if held(it, v.do(it.Text)) {
					after++
				}
			}
			loss := percent(before, leaks) - percent(after, leaks)
			t.Logf("%-6s %-28s %5.1f %% of %d held, %5.1f points fewer", half, v.name, percent(after, leaks), leaks, loss)
			if loss > 5 {
				t.Errorf("%s: %s cost %.1f points, at most 5", half, v.name, loss)
			}
		}
	}
}
