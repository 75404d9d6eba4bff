package learn

import (
	"slices"
	"strings"
	"unicode"

	"github.com/mitral-health/mitral/gate/measure"
)

// swapped is a record with other persons and places in it, so that what stands around them is learned, and
// not who they are. It reports false where there is nobody to swap.
func (f *filler) swapped(r *measure.Record) (measure.Record, bool) {
	out := *r
	out.Text, out.Spans = "", nil
	spans := slices.SortedFunc(slices.Values(r.Spans), func(a, b measure.Mark) int { return a.Start - b.Start })
	at, changed := 0, false
	for _, m := range spans {
		if m.Start < at {
			return out, false
		}
		was := r.Text[m.Start:m.End]
		now := was
		switch m.U {
		case "NAME", "STAFF_NAME":
			now = f.person(was)
		case "LOCATION":
			if f.next(2) == 0 && alphabetic(strings.ReplaceAll(was, " ", "")) {
				now = like(was, f.of(f.cities))
			}
		}
		changed = changed || now != was
		out.Text += r.Text[at:m.Start]
		at = m.End
		m.Start, m.End = len(out.Text), len(out.Text)+len(now)
		out.Text += now
		out.Spans = append(out.Spans, m)
	}
	out.Text += r.Text[at:]
	return out, changed
}

// person is somebody else with as many names.
func (f *filler) person(was string) string {
	words := strings.Fields(was)
	full := 0
	for _, w := range words {
		if alphabetic(w) && len(w) > 2 {
			full++
		}
	}
	first := full > 1 || f.next(3) > 0
	for i, w := range words {
		if !alphabetic(w) || len(w) < 3 || besideName(w) {
			continue
		}
		given, surnames := f.givenEN, f.surnamesEN
		switch f.next(4) {
		case 0:
			given, surnames = f.given, f.surnames
		case 1:
			given, surnames = f.rareGiven, f.rareSurnames
		}
		if first {
			words[i], first = like(w, f.of(given)), false
		} else {
			words[i] = like(w, f.of(surnames))
		}
	}
	return strings.Join(words, " ")
}

// besideName says that a word is a title or the like, not a name.
func besideName(w string) bool {
	switch strings.ToLower(w) {
	case "mrs", "miss", "sra", "doctor", "the", "los", "las", "del", "van", "von", "der":
		return true
	}
	return false
}

// like writes a name in the case of another.
func like(was, name string) string {
	switch {
	case was == strings.ToLower(was):
		return strings.ToLower(name)
	case was == strings.ToUpper(was) && len(was) > 2:
		return strings.ToUpper(name)
	}
	return name
}

func alphabetic(s string) bool {
	return s != "" && strings.IndexFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && r != '\'' && r != '-' }) < 0
}
