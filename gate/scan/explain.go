package scan

import (
	"fmt"
	"maps"
	"slices"
)

// Mark is a stretch of text and the scanners and lists that know it. It serves people who write rules.
type Mark struct {
	Start, End int
	Name       string
}

// Marks returns what each scanner and named list finds in a text, in order of place.
func (e *Engine) Marks(text string) []Mark {
	s := e.state()
	defer e.pool.Put(s)
	s.read(text)
	names := map[class]string{}
	for _, n := range slices.Sorted(maps.Keys(e.names)) {
		names[e.names[n]] = n
	}
	var out []Mark
	for i := range s.heads {
		for m := s.heads[i]; m >= 0; m = s.marks[m].next {
			if name, ok := names[s.marks[m].class]; ok {
				start, end := s.text.span(text, s.marks[m].start, s.marks[m].end)
				out = append(out, Mark{start, end, name})
			}
		}
	}
	return out
}

// Language guesses the language of a text, "en" or "es". Suggestions are meant in that language.
func (e *Engine) Language(text string) string {
	s := e.state()
	defer e.pool.Put(s)
	s.text.fold(text, e.folds)
	s.tokenise()
	return s.language()
}

func (m Mark) String() string { return fmt.Sprintf("%d:%d <%s>", m.Start, m.End, m.Name) }
