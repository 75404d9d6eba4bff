package posts

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/mitral-health/mitral/platform/clock"
)

func TestRenderMarkdown(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"paragraphs":    {"One.\n\nTwo.", "<p>One.</p>\n<p>Two.</p>"},
		"heading":       {"# Salt", "<h2>Salt</h2>"},
		"deep heading":  {"###### Salt", "<h2>Salt</h2>"},
		"levels":        {"# a\n### b\n## c", "<h2>a</h2>\n<h3>b</h3>\n<h3>c</h3>"},
		"same levels":   {"## a\n## b\n# c", "<h2>a</h2>\n<h2>b</h2>\n<h2>c</h2>"},
		"link":          {"[rules](/rules)", `<p><a href="/rules">rules</a></p>`},
		"bare link":     {"https://orlena.example/x", `<p><a href="https://orlena.example/x">https://orlena.example/x</a></p>`},
		"phone":         {"[call](tel:+34112)", `<p><a href="tel:+34112">call</a></p>`},
		"picture":       {"a ![x](https://evil.example/p.png) b", "<p>a  b</p>"},
		"raw html":      {"<b>no</b> <img src=x onerror=alert(1)>", "<p>no </p>"},
		"javascript":    {"[x](javascript:alert(1))", "<p>x</p>"},
		"javascript 2":  {"[x](java&#10;script:alert(1))", "<p>x</p>"},
		"data":          {"[x](data:text/html;base64,PHNjcmlwdD4=)", "<p>x</p>"},
		"style":         {"<style>*{display:none}</style>ok", ""},
		"ampersand":     {"salt & pepper < 5 g", "<p>salt &amp; pepper &lt; 5 g</p>"},
		"ordered":       {"3. c\n4. d", "<ol start=\"3\">\n<li>c</li>\n<li>d</li>\n</ol>"},
		"invalid utf-8": {"a\xffb", "<p>ab</p>"},
		"turned around": {"a\u202e4321\u202c &#8238;65&#x202c; \u2067b\u2069", "<p>a4321 65 b</p>"},
	} {
		if got := RenderMarkdown(c.in); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

// What takes a parser of Markdown the square of its length takes this program the length.
func TestTangledTextsAreQuick(t *testing.T) {
	began := clock.System{}.Now()
	for _, knot := range []string{"*a_", "[a](b", "[a", "![a", "[", "*_", "~a*", "**a _b ", "[a][b", "[*a", "`a``", "<!--", "<a ", "&#", "> ", "- ", "|a", "a\n", "*a\n", "[a](<b", "\\[", "1. ", "\t", "[x]: y\n"} {
		md := strings.Repeat(knot, 100_000/len(knot))
		RenderMarkdown(md)
	}
	// A minute without the limits; the slack is for slow machines.
	if took := (clock.System{}).Now().Sub(began); took > 15*time.Second {
		t.Errorf("rendering took %s", took)
	}
	if got := RenderMarkdown(strings.Repeat("*a_", 2000) + "<script>"); !strings.HasSuffix(got, "&lt;script&gt;</p>") {
		t.Errorf("not shown as it stands: %.80q", got)
	}
	if got := RenderMarkdown(strings.Repeat("-", 300) + "\n\n" + strings.Repeat("> ", 20) + "**a**"); !strings.Contains(got, "<strong>a</strong>") {
		t.Errorf("an honest quote is taken for a knot: %s", got)
	}
	if list := strings.Repeat("- **a** [b](/c)\n\n", 2000); !strings.Contains(RenderMarkdown(list), "<strong>a</strong>") {
		t.Error("an honest list is taken for a knot")
	}
}

// unsafe is what must never stand in a tag, or be a tag, of rendered text.
var unsafe = regexp.MustCompile(`(?i)<\s*(script|style|iframe|object|embed|form|input|svg|math|img|link|meta|base|video|audio)|<[^>]*\son[a-z]+\s*=|<[^>]*\sstyle\s*=|href\s*=\s*"?\s*(javascript|data|vbscript):`)

func FuzzRenderMarkdown(f *testing.F) {
	for _, s := range []string{"# a", "<script>alert(1)</script>", `<a href="x" onclick="y">z</a>`, "[a](javascript:b)", "![a](b)",
		"<svg/onload=alert(1)>", "[a]: javascript:b\n[a]", "<javascript:alert(1)>", "```\n<script>\n```", "| a |\n|---|\n| <p style=x> |",
		"<<script>script>", "[x](java\tscript:y)", "&lt;script&gt;", "<a href='jav&#x09;ascript:1'>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, md string) {
		html := RenderMarkdown(md)
		if m := unsafe.FindString(html); m != "" {
			t.Fatalf("%q is in the output of %q: %q", m, md, html)
		}
		_ = excerpt(plain(html), 280)
	})
}

func TestPlainAndExcerpt(t *testing.T) {
	got := plain(RenderMarkdown("Sit **still**, then:\n\n- feet flat\n- arm & hand"))
	if want := "Sit still, then: feet flat arm & hand"; got != want {
		t.Errorf("plain: got %q, want %q", got, want)
	}
	if got := summary(RenderMarkdown("# Head\n\nOne.\n\n## More\n\nTwo *three*.")); got != "One. Two three." {
		t.Errorf("summary: %q", got)
	}
	if got := summary(RenderMarkdown("# Only a head")); got != "Only a head" {
		t.Errorf("summary of a heading: %q", got)
	}
	if got := excerpt("one two, three four", 9); got != "one two…" {
		t.Errorf("excerpt: %q", got)
	}
	if got := excerpt(strings.Repeat("ñ", 20), 9); got != strings.Repeat("ñ", 4)+"…" {
		t.Errorf("a long word: %q", got)
	}
	if got := excerpt("short", 9); got != "short" {
		t.Errorf("short: %q", got)
	}
}

func TestDiff(t *testing.T) {
	got := Diff("The van comes on 3 December. A long day.", "The blue van comes on 4 December, to the square. Some short night.")
	want := []Span{{Kept, "The "}, {Added, "blue "}, {Kept, "van comes on "}, {Removed, "3"}, {Added, "4"}, {Kept, " December"},
		{Added, ", to the square"}, {Kept, ". "}, {Removed, "A long day"}, {Added, "Some short night"}, {Kept, "."}}
	if len(got) != len(want) {
		t.Fatalf("got %+v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("span %d: got %+v, want %+v", i, got[i], want[i])
		}
	}
	if d := Diff("", ""); len(d) != 0 {
		t.Errorf("nothing differs from nothing: %+v", d)
	}
}

func FuzzDiff(f *testing.F) {
	f.Add("a b c", "a c d")
	f.Add("", "x\n\ny")
	f.Fuzz(func(t *testing.T, a, b string) {
		var was, is string
		for _, s := range Diff(a, b) {
			if s.Change != Added {
				was += s.Text
			}
			if s.Change != Removed {
				is += s.Text
			}
		}
		if was != a || is != b {
			t.Fatalf("the spans of %q and %q make %q and %q", a, b, was, is)
		}
	})
}

func TestParts(t *testing.T) {
	c := Content{Kind: Thread, Body: "one\n\n---\n\ntwo\n --- \n---\nthree --- still three\n---"}
	got := c.Parts()
	if len(got) != 3 || got[0] != "one" || got[1] != "two" || got[2] != "three --- still three" {
		t.Errorf("parts: %q", got)
	}
	c.Kind = Note
	if got := c.Parts(); len(got) != 1 {
		t.Errorf("a note is one part: %q", got)
	}
}
