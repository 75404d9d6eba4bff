package posts

import (
	"strings"
	"testing"

	"github.com/mitral-health/mitral/gate"
)

func shown(kind Kind, body string) string {
	for _, f := range Shown(Content{Kind: kind, Title: "A title", Body: body}.GateDraft()) {
		if f.Name == "body" {
			return f.Text
		}
	}
	return ""
}

func TestShownIsWhatReadersSee(t *testing.T) {
	for _, c := range []struct {
		name, body, want string
		kind             Kind
	}{
		{"nothing but words", "We open at nine.\n\n- One\n- Two", "", Note},
		{"emphasis in a word", "12345**678Z** and 12*345*678Z", "12345678Z and 12345678Z", Note},
		{"elements and comments", "12<b></b>34<!-- a b c -->5678Z", "12345678Z", Note},
		{"entities", "1234&#53;678Z Mar&iacute;a", "12345678Z María", Note},
		{"escapes", `1234\-5678`, "1234-5678", Note},
		{"code", "1234`5678Z`", "12345678Z", Note},
		{"struck out", "1234~~5678Z~~", "12345678Z", Note},
		{"links in a row", "[1234](https://a.example/b)[5678Z](https://a.example/c)", "12345678Z", Note},
		{"a long address between words", "Ana [was](https://a.example/one/two/three) treated", "Ana was treated", Note},
		{"an address in percent signs", "[see](https://a.example/?n=Mar%C3%ADa+L%C3%B3pez%zz%00)", "see\n\nhttps://a.example/?n=María López%zz ", Note},
		{"blocks stay apart", "# One\n\ntwo\nthree\n\n> *four*\n\n* five\n* six", "One\n\n\n\ntwo\nthree\n\nfour\n\nfive\nsix", Note},
		{"cells stay apart", "|a|b|\n|-|-|\n|*c*|d|", "| a | b\n| c | d", Note},
		{"lines of emphasis stay apart", "*a*\n*b*", "a b", Note},
		{"parts in a row", "We treated Ana\n---\nfor diabetes", "We treated Ana\nfor diabetes", Thread},
		{"a comment across parts hides nothing", "<!--\n---\n12**34**\n---\n-->", "1234", Thread},
		{"no thread, no parts", "We treated Ana\n---\nfor diabetes", "", Note},
	} {
		got := shown(c.kind, c.body)
		if (c.want == "") != (got == "") || !strings.Contains(squeeze(got), squeeze(c.want)) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	if got := Shown(gate.Draft{Fields: []gate.Field{{Name: "title", Text: "**a**"}}}); got != nil {
		t.Errorf("only a body has Markdown: %v", got)
	}
}

// squeeze drops empty lines and spaces at the ends of lines.
func squeeze(s string) string {
	var out []string
	for line := range strings.SplitSeq(s, "\n") {
		if line = strings.Join(strings.Fields(line), " "); line != "" {
			out = append(out, line)
		}
	}
	return strings.Join(out, "\n")
}
