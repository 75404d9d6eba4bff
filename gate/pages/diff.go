package pages

import "strings"

// run is a piece of text that both versions have, or only one.
type run struct {
	Kind byte // '=' both, '-' only the older, '+' only the newer, '.' left out here
	Text string
}

// maxCells bounds the table of the comparison: texts whose middles differ more are shown as one
// removal and one insertion.
const maxCells = 1 << 20

// diff compares two texts word by word. The runs without '+' make up a, those without '-' make up b.
func diff(a, b string) []run {
	x, y := tokens(a), tokens(b)
	head := 0
	for head < len(x) && head < len(y) && x[head] == y[head] {
		head++
	}
	tail := 0
	for tail < len(x)-head && tail < len(y)-head && x[len(x)-1-tail] == y[len(y)-1-tail] {
		tail++
	}
	var out []run
	out = push(out, '=', x[:head]...)
	out = compare(out, x[head:len(x)-tail], y[head:len(y)-tail])
	return push(out, '=', x[len(x)-tail:]...)
}

// compare appends the difference by the longest common subsequence.
func compare(out []run, x, y []string) []run {
	if len(x)*len(y) > maxCells {
		return push(push(out, '-', x...), '+', y...)
	}
	w := len(y) + 1
	common := make([]int32, (len(x)+1)*w)
	for i := len(x) - 1; i >= 0; i-- {
		for j := len(y) - 1; j >= 0; j-- {
			if x[i] == y[j] {
				common[i*w+j] = common[(i+1)*w+j+1] + 1
			} else {
				common[i*w+j] = max(common[(i+1)*w+j], common[i*w+j+1])
			}
		}
	}
	i, j := 0, 0
	for i < len(x) && j < len(y) {
		switch {
		case x[i] == y[j]:
			out = push(out, '=', x[i])
			i, j = i+1, j+1
		case common[(i+1)*w+j] >= common[i*w+j+1]:
			out = push(out, '-', x[i])
			i++
		default:
			out = push(out, '+', y[j])
			j++
		}
	}
	return push(push(out, '-', x[i:]...), '+', y[j:]...)
}

// push appends words to the last run if it is of the same kind.
func push(out []run, kind byte, words ...string) []run {
	if len(words) == 0 {
		return out
	}
	s := strings.Join(words, "")
	if n := len(out); n > 0 && out[n-1].Kind == kind {
		out[n-1].Text += s
		return out
	}
	return append(out, run{kind, s})
}

// tokens cuts a text into words, each with the white space that follows it.
func tokens(s string) (out []string) {
	start, space := 0, false
	for i, c := range s {
		white := c == ' ' || c == '\n' || c == '\t'
		if space && !white {
			out = append(out, s[start:i])
			start = i
		}
		space = white
	}
	if start < len(s) {
		out = append(out, s[start:])
	}
	return out
}

// around is how many words are shown on either side of a change.
const around = 8

// shorten leaves out the middle of long stretches that did not change.
func shorten(runs []run) (out []run) {
	for i, r := range runs {
		words := tokens(r.Text)
		if r.Kind != '=' || len(words) <= 2*around+4 {
			out = append(out, r)
			continue
		}
		if i > 0 {
			out = append(out, run{'=', strings.Join(words[:around], "")})
		}
		out = append(out, run{Kind: '.'})
		if i < len(runs)-1 {
			out = append(out, run{'=', strings.Join(words[len(words)-around:], "")})
		}
	}
	return out
}
