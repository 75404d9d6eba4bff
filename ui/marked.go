package ui

import (
	"context"
	"io"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/a-h/templ"

	"github.com/mitral-health/mitral/ui/text"
)

// Mark is a finding's place in a text: byte offsets, half open.
type Mark struct {
	Start, End int
	Severity   string
	N          int // the number that the list of findings gives it
}

// piece is a run of text with the mark that covers it, if any; last is where the badge stands.
type piece struct {
	text string
	mark *Mark
	last bool
}

// pieces cuts a text at its marks. Marks may touch or overlap: where two cover the same words the
// graver one wins, and the other keeps what is left of it. Offsets outside the text are drawn in,
// and none cuts a character.
func pieces(s string, marks []Mark) []piece {
	order := map[string]int{"note": 1, "warn": 2, "hold": 3, "block": 4, "urgent": 5}
	var cuts []int
	var valid []*Mark
	for i := range marks {
		m := marks[i]
		m.Start, m.End = boundary(s, m.Start), boundary(s, m.End)
		if m.Start < m.End {
			valid = append(valid, &m)
			cuts = append(cuts, m.Start, m.End)
		}
	}
	cuts = append(cuts, 0, len(s))
	sort.Ints(cuts)
	var out []piece
	for i := 1; i < len(cuts); i++ {
		from, to := cuts[i-1], cuts[i]
		if from == to {
			continue
		}
		var top *Mark
		for _, m := range valid {
			if m.Start <= from && to <= m.End && (top == nil || order[m.Severity] > order[top.Severity]) {
				top = m
			}
		}
		if n := len(out); n > 0 && out[n-1].mark == top {
			out[n-1].text += s[from:to]
			continue
		}
		out = append(out, piece{text: s[from:to], mark: top})
	}
	seen := map[*Mark]bool{}
	for i := len(out) - 1; i >= 0; i-- {
		if m := out[i].mark; m != nil && !seen[m] {
			out[i].last, seen[m] = true, true
		}
	}
	return out
}

func boundary(s string, i int) int {
	i = max(0, min(i, len(s)))
	for i > 0 && i < len(s) && !utf8.RuneStart(s[i]) {
		i--
	}
	return i
}

// Marked is a text with the gate's findings marked in it; line breaks show. Each mark ends in its
// number, which the list of Findings repeats. It is written by hand because white space counts here.
func Marked(words string, marks []Mark) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		var b strings.Builder
		b.WriteString(`<div class="marked">`)
		for _, p := range pieces(words, marks) {
			if p.mark == nil {
				b.WriteString(paragraphs(p.text))
				continue
			}
			severity := templ.EscapeString(p.mark.Severity)
			b.WriteString(`<mark class="f f-` + severity + `">` + paragraphs(p.text))
			if p.last && p.mark.N > 0 {
				b.WriteString("\u2060" + `<span class="at"><span class="n n-` + severity + `"><span class="vh">`)
				b.WriteString(templ.EscapeString(text.T(ctx, ", finding ")) + `</span>` + strconv.Itoa(p.mark.N) + `<span class="vh"> `)
				b.WriteString(templ.EscapeString(SeverityWord(ctx, p.mark.Severity)) + `</span></span></span>`)
			}
			b.WriteString(`</mark>`)
		}
		b.WriteString(`</div>`)
		_, err := io.WriteString(w, b.String())
		return err
	})
}

// paragraphs escapes a run of text and turns each empty line into half a line of space.
func paragraphs(s string) string {
	s = strings.ReplaceAll(templ.EscapeString(s), "\r\n", "\n")
	return strings.ReplaceAll(s, "\n\n", `<span class="gap"></span>`)
}
