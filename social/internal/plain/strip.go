package plain

import (
	"regexp"
	"strings"
)

var (
	link  = regexp.MustCompile(`!?\[([^\]\n]*)\]\([^)\n]*\)`)
	bare  = regexp.MustCompile(`https?://\S+`)
	head  = regexp.MustCompile(`(?m)^[ \t]*#+[ \t]+(.*)$`)
	lead  = regexp.MustCompile(`(?m)^[ \t]*(?:>+|[-*+]|\d{1,3}[.)])[ \t]+`)
	fence = regexp.MustCompile("(?m)^[ \t]*(?:```|~~~|---+$|\\*\\*\\*+$).*$")
)

// strip takes Markdown's signs away and joins the lines of a paragraph, so that only what is read remains.
func strip(s string) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	s = fence.ReplaceAllString(s, "\n")
	s = link.ReplaceAllString(s, "$1")
	s = bare.ReplaceAllString(s, "")
	s = strings.ReplaceAll(s, "\x00", "")
	s = head.ReplaceAllString(s, "\n\n$1\n\n")
	marked := lead.ReplaceAllString(s, "\x00") // a list item starts a sentence of its own
	marked = strings.NewReplacer("**", "", "__", "", "*", "", "`", "", "~~", "").Replace(marked)
	var b strings.Builder
	for _, para := range strings.Split(marked, "\n\n") {
		for n, line := range strings.Split(para, "\n") {
			switch {
			case strings.HasPrefix(line, "\x00"):
				b.WriteString("\n")
			case n > 0:
				b.WriteString(" ")
			}
			b.WriteString(strings.ReplaceAll(line, "\x00", ""))
		}
		b.WriteString("\n")
	}
	return b.String()
}
