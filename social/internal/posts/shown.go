package posts

import (
	"html"
	"slices"
	"strconv"
	"strings"

	"github.com/mitral-health/mitral/gate"
)

// Shown returns the fields of a draft as readers see them, nil where that is what is written: the
// body without its Markdown, the parts of a thread in a row, and where links lead if their address
// spells words in percent signs. The gate reads it beside what is written.
func Shown(d gate.Draft) []gate.Field {
	at := slices.IndexFunc(d.Fields, func(f gate.Field) bool { return f.Name == "body" })
	if at < 0 {
		return nil
	}
	body := d.Fields[at].Text
	parts := []string{body}
	if slices.Contains(d.Extra, "kind:"+string(Thread)) {
		parts = Content{Kind: Thread, Body: body}.Parts()
	}
	if len(parts) == 1 && !strings.ContainsAny(body, "&<\\*_~`[%") {
		return nil
	}
	var words []string
	for _, p := range parts {
		words = append(words, laidOut(RenderMarkdown(p)))
	}
	out := slices.Clone(d.Fields)
	out[at].Text = strings.Join(words, "\n")
	return out
}

// laidOut returns the words of safe HTML as they stand on the page, a line for each row and item and a
// paragraph for each block, and below them the addresses that must be decoded to be read.
func laidOut(safe string) string {
	var b, links strings.Builder
	for len(safe) > 0 {
		text, rest, tagged := strings.Cut(safe, "<")
		if strings.TrimSpace(text) == "" && text != "" {
			text = " " // between tags a line's end is only for whoever reads the source
		}
		b.WriteString(html.UnescapeString(text))
		if !tagged {
			break
		}
		tag, after, _ := strings.Cut(rest, ">")
		safe = after
		tag, ends := strings.CutPrefix(tag, "/")
		name, attrs, _ := strings.Cut(tag, " ")
		switch {
		case name == "a":
			if to := decoded(attrs); to != "" {
				links.WriteString("\n\n" + to)
			}
		case inline[name]:
		case name == "td" || name == "th":
			if !ends {
				b.WriteString(" | ")
			}
		case name == "br" || name == "br/" || name == "li" || name == "tr":
			b.WriteString("\n")
		default:
			b.WriteString("\n\n")
		}
	}
	return strings.TrimSpace(b.String()) + links.String()
}

// decoded returns the address among an element's attributes if it spells something in percent signs.
func decoded(attrs string) string {
	_, value, _ := strings.Cut(attrs, `href="`)
	value, _, _ = strings.Cut(value, `"`)
	if !strings.Contains(value, "%") {
		return ""
	}
	value = html.UnescapeString(value)
	var b strings.Builder
	for i := 0; i < len(value); i++ {
		c := value[i]
		if c == '+' {
			c = ' '
		}
		if c == '%' && i+2 < len(value) {
			if n, err := strconv.ParseUint(value[i+1:i+3], 16, 8); err == nil {
				c, i = byte(n), i+2
			}
		}
		b.WriteByte(c)
	}
	return strings.ReplaceAll(strings.ToValidUTF8(b.String(), " "), "\x00", " ")
}
