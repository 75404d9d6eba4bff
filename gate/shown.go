package gate

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mitral-health/mitral/gate/scan"
)

// What an author writes and what readers see may differ: "12345**678Z**" is an identity number once
// the page is made, and a long address inside a link is gone between a name and an illness. So the
// engine reads both, each as a whole.

// UseShown connects what turns a draft into the fields as readers see them, before the first check;
// it returns nil where they see what is written. It must be pure. Without it fields are plain text.
func (g *Gate) UseShown(f func(Draft) []Field) { g.shown = f }

// alsoShown returns what the engine finds only in what readers see; text and found are the fields as
// they are written, and what was found in those.
func (g *Gate) alsoShown(e Engine, d Draft, text string, found []scan.Finding, c scan.Context) ([]Finding, error) {
	fields, err := g.fieldsShown(d)
	if err != nil || fields == nil {
		return nil, err
	}
	seen := Draft{Fields: fields}
	page, starts := seen.joined()
	more, err := g.scan(e, page, c)
	if err != nil {
		return nil, err
	}
	var out []Finding
	before := tell(found, text)
	for _, f := range more {
		if !sound(f, page) {
			g.log.Error(nonsense, "rule", f.Rule, "pack", f.Pack)
			return nil, ErrDown
		}
		if before.has(f, page) {
			continue
		}
		placed := seen.place(f, starts)
		words := page[f.Start:f.End]
		placed.Start, placed.End = 0, 0
		if len(out) < marked {
			placed.Start, placed.End = locate(d.text(placed.Field), words)
		}
		placed.Suggestion = scan.Message{} // it would stand in the wrong place
		out = append(out, placed)
	}
	return out, nil
}

// marked is how many of these findings get a mark: enough to see what is meant.
const marked = 30

func (g *Gate) fieldsShown(d Draft) (fields []Field, err error) {
	if g.shown == nil {
		return nil, nil
	}
	defer g.closed(&err)
	return g.shown(d), nil
}

// heard is what was found in a text as it is written: by rule, the letters and digits of each place.
type heard map[string]*places

type places struct {
	all   []string
	known map[string]bool
	next  int // where the search for the next goes on: both lists are in the order of the text
}

func tell(found []scan.Finding, text string) heard {
	out := heard{}
	for _, f := range found {
		p := out[key(f)]
		if p == nil {
			p = &places{known: map[string]bool{}}
			out[key(f)] = p
		}
		words := letters(text[f.Start:f.End])
		p.all, p.known[words] = append(p.all, words), true
	}
	return out
}

func key(f scan.Finding) string { return f.Pack + "/" + f.Rule + "/" + f.Severity.String() }

// ahead is how many places of a rule are compared with one finding, so that a text full of findings
// costs no more than its length.
const ahead = 32

// has reports whether the same rule found these words, or what holds them.
func (t heard) has(f scan.Finding, page string) bool {
	p := t[key(f)]
	if p == nil {
		return false
	}
	words := letters(page[f.Start:f.End])
	if p.known[words] {
		return true
	}
	for i := p.next; i < len(p.all) && i < p.next+ahead; i++ {
		if within(words, p.all[i]) {
			p.next = i + 1
			return true
		}
	}
	return false
}

// letters keeps of a text what no markup changes.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

// within reports whether all of a stands in b in its order.
func within(a, b string) bool {
	rest := []rune(a)
	for _, r := range b {
		if len(rest) > 0 && r == rest[0] {
			rest = rest[1:]
		}
	}
	return len(rest) == 0
}

// locate finds in what is written the words that readers see, whatever stands between their letters,
// or from the first of them to the last. 0, 0 is nowhere: the finding stands in the list without a mark.
func locate(written, words string) (start, end int) {
	want := []rune(strings.Join(strings.Fields(words), ""))
	if len(want) == 0 {
		return 0, 0
	}
	longest := 3*len(words) + 40
	for from, r := range written {
		if r != want[0] {
			continue
		}
		n := 0
		for i, r := range written[from:min(len(written), from+longest)] {
			if r == want[n] {
				if n++; n == len(want) {
					return from, min(from+i+utf8.RuneLen(r), len(written))
				}
			}
		}
	}
	all := strings.Fields(words)
	first, last := all[0], all[len(all)-1]
	if start = strings.Index(written, first); start < 0 {
		return 0, 0
	}
	if end = strings.Index(written[start:], last); end < 0 {
		return 0, 0
	}
	return start, start + end + len(last)
}

// text returns a field's text, "" if there is no such field.
func (d Draft) text(name string) string {
	for _, f := range d.Fields {
		if f.Name == name {
			return f.Text
		}
	}
	return ""
}
