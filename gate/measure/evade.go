package measure

import (
	"strings"
	"unicode"
)

// Evasion is a way in which people write so that no machine should read it.
type Evasion struct {
	Name string
	Do   func(string) string
}

// Evasions are the ways that are tried on each leak of a set.
func Evasions() []Evasion {
	return []Evasion{
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
