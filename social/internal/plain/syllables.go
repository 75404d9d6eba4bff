package plain

import "strings"

// syllablesEN estimates the syllables of an English word: groups of vowels, less what is silent,
// plus what is split. On common words it is right about nine times in ten, which is as close as the
// formula can tell.
func syllablesEN(word string) int {
	w := strings.ToLower(strings.NewReplacer("'", "", "’", "").Replace(word))
	if strings.Contains(w, "-") {
		n := 0
		for _, part := range strings.Split(w, "-") {
			if part != "" {
				n += syllablesEN(part)
			}
		}
		return max(1, n)
	}
	if n, ok := exceptionsEN[w]; ok {
		return n
	}
	n, vowel := 0, false
	for _, c := range w {
		v := strings.ContainsRune("aeiouyáéíóúàèìòùäëïöüâêîôû", c)
		if v && !vowel {
			n++
		}
		vowel = v
	}
	has := func(ends ...string) bool {
		for _, e := range ends {
			if strings.HasSuffix(w, e) && len(w) > len(e) {
				return true
			}
		}
		return false
	}
	switch {
	case has("ted", "ded", "les", "ches", "shes", "sses", "xes", "zes", "ces", "ges", "ses"):
	case has("le", "re") && len(w) > 3 && !strings.ContainsRune("aeiouy", rune(w[len(w)-3])): // table, centre
	case has("ed", "es", "e") && !has("ee", "ie", "oe", "ye", "ue", "ees", "ies", "oes", "yes", "ues", "eed", "ied", "oed", "yed", "ued"):
		n--
	}
	for _, split := range []string{"ia", "io", "iu", "eo", "ua", "uou", "dnt", "snt", "ism"} {
		if i := strings.Index(w, split); i >= 0 && i+len(split) <= len(w) && !fused(w, i, split) {
			n++
		}
	}
	return max(1, n)
}

// fused reports whether two vowels that are often said apart are one syllable here: -tion, -cial, qua-.
func fused(w string, i int, pair string) bool {
	before := byte(0)
	if i > 0 {
		before = w[i-1]
	}
	switch pair {
	case "io", "ia", "iu":
		return before == 't' || before == 'c' || before == 's' || before == 'g' || before == 'x'
	case "ua", "uou":
		return before == 'q' || before == 'g'
	case "eo":
		return strings.HasPrefix(w, "people") || before == 'g'
	}
	return false
}

var exceptionsEN = map[string]int{
	"every": 2, "everyone": 3, "everything": 3, "area": 3, "idea": 3, "being": 2, "doing": 2, "going": 2, "seeing": 2,
	"science": 2, "quiet": 2, "diet": 2, "client": 2, "patient": 2, "patients": 2, "medicine": 3, "medicines": 3,
	"business": 2, "evening": 2, "people": 2, "recipe": 3, "something": 2, "sometimes": 2, "someone": 2, "somewhere": 2,
	"therefore": 2, "therefor": 2, "create": 2, "created": 3, "really": 2, "real": 1, "usually": 4, "vegetable": 4,
	"hospital": 3, "clothes": 1, "eye": 1, "eyes": 1, "eight": 1, "one": 1, "once": 1, "does": 1, "goes": 1, "shoes": 1,
	"lives": 1, "times": 1, "minutes": 2, "likes": 1, "takes": 1, "makes": 1, "comes": 1, "rules": 1, "whole": 1,
}

// syllablesES counts the syllables of a Spanish word by its spelling, which is regular (Ortografía de
// la lengua española, RAE 2010, 3.4.2): a, e, o and an accented í or ú are strong, and two of them are
// two syllables; i, u, ü and a final y are weak and join their neighbour. An h between vowels
// changes nothing.
func syllablesES(word string) int {
	rs := []rune(strings.ToLower(word))
	at := func(i int) rune {
		if i < 0 || i >= len(rs) {
			return 0
		}
		return rs[i]
	}
	isVowel := func(c rune) bool { return c != 0 && strings.ContainsRune("aeiouáéíóúü", c) }
	n, inside, strong := 0, false, false // of the group of vowels that we are in
	for i, c := range rs {
		switch {
		case strings.ContainsRune("aeoáéóíú", c):
			if !inside || strong {
				n++
			}
			inside, strong = true, true
		case c == 'u' && (at(i-1) == 'q' || at(i-1) == 'g') && strings.ContainsRune("eiéí", at(i+1)) && at(i+1) != 0:
			// que, qui, gue, gui: silent
		case c == 'i', c == 'u', c == 'ü', c == 'y' && !isVowel(at(i+1)):
			if !inside {
				n++
			}
			inside = true
		case c == 'h' && inside && isVowel(at(i+1)):
		default:
			inside, strong = false, false
		}
	}
	return max(1, n)
}
