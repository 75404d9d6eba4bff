package posts

import (
	"strings"
	"unicode"
)

// Change is what became of a run of words between two versions.
type Change int8

// The changes.
const (
	Kept Change = iota
	Removed
	Added
)

// Span is a run of words with one fate.
type Span struct {
	Change Change
	Text   string
}

// maxCells bounds the work of Diff: texts that differ in more words than this allows are shown as
// one removal and one addition.
const maxCells = 1_000_000

// Diff returns what to keep, remove and add, word by word, to come from a to b. The kept and removed
// spans together are a, the kept and added ones b.
func Diff(a, b string) []Span {
	x, y := words(a), words(b)
	head := 0
	for head < len(x) && head < len(y) && x[head] == y[head] {
		head++
	}
	tail := 0
	for tail < len(x)-head && tail < len(y)-head && x[len(x)-1-tail] == y[len(y)-1-tail] {
		tail++
	}
	out := add(nil, Kept, x[:head]...)
	for _, s := range gather(middle(nil, x[head:len(x)-tail], y[head:len(y)-tail])) {
		out = add(out, s.Change, s.Text)
	}
	return add(out, Kept, x[len(x)-tail:]...)
}

// gather joins neighbouring changes into one removal and one addition, also across what was kept
// between them if that is no word: otherwise a new sentence would show as a word out, a word in.
func gather(spans []Span) []Span {
	var out []Span
	var removed, added string
	end := func() {
		if removed != "" {
			out = append(out, Span{Removed, removed})
		}
		if added != "" {
			out = append(out, Span{Added, added})
		}
		removed, added = "", ""
	}
	for i, s := range spans {
		switch {
		case s.Change == Removed:
			removed += s.Text
		case s.Change == Added:
			added += s.Text
		case removed != "" && added != "" && i < len(spans)-1 && strings.IndexFunc(s.Text, inWord) < 0:
			removed, added = removed+s.Text, added+s.Text
		default:
			end()
			out = append(out, s)
		}
	}
	end()
	return out
}

// middle appends the difference of x and y by their longest common subsequence.
func middle(out []Span, x, y []string) []Span {
	if len(x)*len(y) > maxCells {
		return add(add(out, Removed, x...), Added, y...)
	}
	width := len(y) + 1
	best := make([]int32, (len(x)+1)*width) // of the rests from i and j on
	for i := len(x) - 1; i >= 0; i-- {
		for j := len(y) - 1; j >= 0; j-- {
			if x[i] == y[j] {
				best[i*width+j] = best[(i+1)*width+j+1] + 1
			} else {
				best[i*width+j] = max(best[(i+1)*width+j], best[i*width+j+1])
			}
		}
	}
	i, j := 0, 0
	for i < len(x) && j < len(y) {
		switch {
		case x[i] == y[j]:
			out = add(out, Kept, x[i])
			i, j = i+1, j+1
		case best[(i+1)*width+j] >= best[i*width+j+1]:
			out = add(out, Removed, x[i])
			i++
		default:
			out = add(out, Added, y[j])
			j++
		}
	}
	return add(add(out, Removed, x[i:]...), Added, y[j:]...)
}

func add(out []Span, c Change, ws ...string) []Span {
	if len(ws) == 0 {
		return out
	}
	text := strings.Join(ws, "")
	if n := len(out); n > 0 && out[n-1].Change == c {
		out[n-1].Text += text
		return out
	}
	return append(out, Span{c, text})
}

// words splits s into words and what stands between them; joined again they are s.
func words(s string) []string {
	var all []string
	start, was := 0, false
	for i, r := range s {
		if is := inWord(r); is != was {
			if i > start {
				all = append(all, s[start:i])
			}
			start, was = i, is
		}
	}
	if start < len(s) {
		all = append(all, s[start:])
	}
	return all
}

func inWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) }
