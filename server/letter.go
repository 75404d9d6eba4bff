package server

import (
	"regexp"
	"strings"
)

// paragraphs splits a letter at its empty lines.
func paragraphs(s string) []string {
	var out []string
	for p := range strings.SplitSeq(strings.ReplaceAll(s, "\r\n", "\n"), "\n\n") {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

type piece struct {
	text string
	link bool
}

var address = regexp.MustCompile(`https?://[^\s<>"]*[^\s<>".,;:!?)]`)

// linked splits a paragraph into words and addresses.
func linked(s string) []piece {
	var out []piece
	for {
		at := address.FindStringIndex(s)
		if at == nil {
			return append(out, piece{text: s})
		}
		out = append(out, piece{text: s[:at[0]]}, piece{text: s[at[0]:at[1]], link: true})
		s = s[at[1]:]
	}
}
