package scan

import (
	"fmt"
	"strconv"
	"strings"
)

// cutPart cuts the first word, gap or bracket off a term.
func cutPart(s string) (part, rest string, err error) {
	if s[0] != '(' {
		n := strings.IndexAny(s, " (")
		if n < 0 {
			n = len(s)
		}
		return s[:n], s[n:], nil
	}
	depth := 0
	for i := range len(s) {
		switch s[i] {
		case '(':
			depth++
		case ')':
			depth--
		}
		if depth == 0 {
			if i++; i < len(s) && s[i] == '?' {
				i++
			}
			return s[:i], s[i:], nil
		}
	}
	return "", "", fmt.Errorf("a bracket is not closed")
}

func gap(part string) (int, error) {
	n, err := strconv.Atoi(part[1:])
	if err != nil || n < 1 || n > maxGap {
		return 0, fmt.Errorf("%q: a gap is ~1 to ~%d", part, maxGap)
	}
	return n, nil
}

// alternatives writes out what a bracket can stand for, brackets and gaps inside it included: a gap
// becomes that many times "_", any word.
func alternatives(bracket string) ([]string, error) {
	var out []string
	depth, from := 0, 1
	for i := range len(bracket) {
		switch bracket[i] {
		case '(':
			depth++
		case ')':
			depth--
		}
		if bracket[i] == '|' && depth == 1 || depth == 0 {
			all, err := sequences(strings.TrimSpace(bracket[from:i]))
			if err != nil {
				return nil, err
			}
			if out = append(out, all...); len(out) > maxAlternatives {
				return nil, fmt.Errorf("more than %d alternatives in a bracket", maxAlternatives)
			}
			from = i + 1
		}
	}
	return out, nil
}

func sequences(s string) ([]string, error) {
	out := []string{""}
	for s != "" {
		part, rest, err := cutPart(s)
		if err != nil {
			return nil, err
		}
		choices := []string{part}
		switch {
		case part[0] == '(':
			if choices, err = alternatives(strings.Trim(part, "?")); err != nil {
				return nil, err
			}
			if strings.HasSuffix(part, "?") {
				choices = append(choices, "")
			}
		case part[0] == '~':
			n, err := gap(part)
			if err != nil {
				return nil, err
			}
			choices = nil
			for k := range n + 1 {
				choices = append(choices, strings.Repeat("_ ", k))
			}
		}
		var next []string
		for _, have := range out {
			for _, c := range choices {
				next = append(next, strings.TrimSpace(have+" "+c))
			}
		}
		if out = next; len(out) > maxAlternatives {
			return nil, fmt.Errorf("more than %d alternatives in a bracket", maxAlternatives)
		}
		s = strings.TrimLeft(rest, " ")
	}
	return out, nil
}
