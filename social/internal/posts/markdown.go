package posts

import (
	"bytes"
	"html"
	"strings"
	"sync"
	"unicode"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// The two halves of rendering: one makes HTML, the other throws away what is not on its list. Both
// are safe for concurrent use and never change after they were made.
var renderer = sync.OnceValues(func() (goldmark.Markdown, *bluemonday.Policy) {
	md := goldmark.New(
		goldmark.WithExtensions(extension.Linkify, extension.Table, extension.Strikethrough),
		goldmark.WithParserOptions(parser.WithASTTransformers(util.Prioritized(demote{}, 100))),
	)
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "strong", "em", "del", "blockquote", "ul", "ol", "li", "hr",
		"h2", "h3", "h4", "h5", "h6", "code", "pre", "table", "thead", "tbody", "tr", "th", "td")
	p.AllowAttrs("start").Matching(bluemonday.Integer).OnElements("ol")
	p.AllowAttrs("href").OnElements("a")
	p.AllowURLSchemes("https", "http", "mailto", "tel")
	p.AllowRelativeURLs(true)
	p.RequireParseableURLs(true)
	p.RequireNoReferrerOnLinks(false)
	return md, p
})

// RenderMarkdown returns the safe HTML of what an author wrote. Headings are demoted by one level,
// since the page has the first one. HTML in the text, and pictures, which come only through media,
// are left out. A text that would take seconds to read as Markdown is shown as it stands.
func RenderMarkdown(md string) string {
	if tangled(md) {
		return "<p>" + html.EscapeString(InOrder(strings.ToValidUTF8(md, ""))) + "</p>"
	}
	convert, policy := renderer()
	var b bytes.Buffer
	if err := convert.Convert([]byte(strings.ToValidUTF8(md, "")), &b); err != nil {
		return "<p>" + html.EscapeString(md) + "</p>" // a bytes.Buffer never fails; the text is kept all the same
	}
	return strings.TrimSpace(InOrder(string(policy.SanitizeBytes(b.Bytes()))))
}

// The limits of what is read as Markdown. The time to pair signs grows with the square of their
// number: these many take a hundredth of a second, ten times as many a whole one.
const (
	maxSigns = 2000 // that may open something, between two empty lines
	maxDepth = 100  // of quotes and lists that begin in one line
)

// tangled reports a text that nobody writes by hand, made to keep the program busy.
func tangled(md string) bool {
	signs := 0
	for line := range strings.Lines(md) {
		if strings.TrimSpace(line) == "" {
			signs = 0
			continue
		}
		signs += strings.Count(line, "*") + strings.Count(line, "_") + strings.Count(line, "~") + 3*strings.Count(line, "[")
		if signs > maxSigns || depth(line) > maxDepth {
			return true
		}
	}
	return false
}

// depth counts the quotes and lists that a line begins with.
func depth(line string) (n int) {
	for i := range len(line) {
		switch c := line[i]; {
		case c == '>', strings.IndexByte("-+*.)", c) >= 0 && i+1 < len(line) && (line[i+1] == ' ' || line[i+1] == '\t'):
			n++
		case strings.IndexByte(" \t-+*", c) < 0 && (c < '0' || c > '9'):
			return n
		}
	}
	return n
}

// InOrder leaves out what turns the direction of writing, so that everybody, the gate too, reads the
// characters in the order in which they stand. The languages of the site need none of it.
func InOrder(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' || r == '\u061c' || r == '\u200e' || r == '\u200f' {
			return -1
		}
		return r
	}, s)
}

// demote sets headings below the page's first one, without a gap in their levels whatever the author
// began with, so that who hears the page misses none; and leaves pictures out.
type demote struct{}

// Transform implements parser.ASTTransformer.
func (demote) Transform(doc *ast.Document, _ text.Reader, _ parser.Context) {
	var images []ast.Node
	var open []int // the author's levels above the present heading
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Heading:
			for len(open) > 0 && open[len(open)-1] >= n.Level {
				open = open[:len(open)-1]
			}
			open = append(open, n.Level)
			n.Level = min(1+len(open), 6)
		case *ast.Image:
			images = append(images, n)
		}
		return ast.WalkContinue, nil
	})
	for _, n := range images {
		n.Parent().RemoveChild(n.Parent(), n)
	}
}

// inline are the elements that RenderMarkdown lets stand inside a word.
var inline = map[string]bool{"a": true, "strong": true, "em": true, "del": true, "code": true}

// skipped are the elements whose words would mislead in an excerpt.
var skipped = map[string]bool{"h2": true, "h3": true, "h4": true, "h5": true, "h6": true, "table": true, "pre": true}

// summary returns the words of safe HTML for an excerpt: those between its headings and tables, or all
// if there are no others.
func summary(safe string) string {
	var b strings.Builder
	for rest := safe; rest != ""; {
		before, after, tagged := strings.Cut(rest, "<")
		b.WriteString(before)
		if !tagged {
			break
		}
		name, _, _ := strings.Cut(after, ">")
		name, _, _ = strings.Cut(name, " ")
		if skipped[name] {
			_, rest, _ = strings.Cut(after, "</"+name+">")
			continue
		}
		b.WriteString("<")
		rest = after
	}
	if words := plain(b.String()); words != "" {
		return words
	}
	return plain(safe)
}

// plain returns the words of safe HTML, blocks separated by spaces.
func plain(safe string) string {
	var b strings.Builder
	for len(safe) > 0 {
		text, rest, tagged := strings.Cut(safe, "<")
		b.WriteString(text)
		if !tagged {
			break
		}
		tag, after, _ := strings.Cut(rest, ">")
		name, _, _ := strings.Cut(strings.TrimPrefix(tag, "/"), " ")
		if !inline[name] {
			b.WriteByte(' ')
		}
		safe = after
	}
	return strings.Join(strings.Fields(html.UnescapeString(b.String())), " ")
}

// excerpt returns the beginning of text, cut after a word, at most max characters and an ellipsis.
func excerpt(text string, max int) string {
	runes := []rune(text)
	if len(runes) <= max {
		return text
	}
	cut := max
	for cut > max/2 && !unicode.IsSpace(runes[cut]) {
		cut--
	}
	return strings.TrimRightFunc(string(runes[:cut]), func(r rune) bool { return unicode.IsSpace(r) || unicode.IsPunct(r) }) + "…"
}

// minutes returns how long reading takes at 200 words a minute, the pace of an unhurried adult
// (Brysbaert 2019 finds 238 for non-fiction; health texts are read slower). At least 1.
func minutes(text string) int {
	return max(1, (len(strings.Fields(text))+100)/200)
}
