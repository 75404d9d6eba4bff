package ui

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/a-h/templ"
)

// A first visit waits for nothing but the page: it carries its styles, under a hash that the policy knows, and names
// the sheets only where all that is drawn stands before them.
func TestFirstVisit(t *testing.T) {
	style := regexp.MustCompile(`(?s)<style>(.*?)</style>`)
	sheet := regexp.MustCompile(`<link rel="stylesheet"`)
	for _, tt := range []struct {
		name    string
		page    templ.Component
		carries bool
		sheets  int
	}{
		{"public", Public(Page{Title: "News"}), true, 1},
		{"app", App(Page{Title: "Today", Nav: "today"}), true, 2},
		{"sign-in", Plain(Page{Title: "Sign in", Art: "door"}), true, 1},
		{"joining", Plain(Page{Title: "Join", Chamber: ChamberPrivate}), true, 2},
		{"desk", Desk(Page{Title: "Review"}), false, 1},
	} {
		ctx := setting("en", false)
		again := render(t, ctx, tt.page)
		head, _, _ := strings.Cut(again, "</head>")
		if n := len(sheet.FindAllString(head, -1)); n != tt.sheets || style.MatchString(again) {
			t.Errorf("%s, from one of our pages: %d sheets in the head", tt.name, n)
		}
		set := *From(ctx)
		set.First = true
		page := render(t, With(ctx, &set), tt.page)
		m := style.FindStringSubmatch(page)
		if (m != nil) != tt.carries {
			t.Errorf("%s: carries styles: %v", tt.name, m != nil)
		}
		if m == nil {
			continue
		}
		sum := sha256.Sum256([]byte(m[1]))
		if hash := "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"; !slices.Contains(StyleHashes(), hash) {
			t.Errorf("%s: the policy does not know %s", tt.name, hash)
		}
		head, body, _ := strings.Cut(page, "</head>")
		if sheet.MatchString(head) || strings.Contains(head, `as="font"`) {
			t.Errorf("%s: the first screen waits for a file", tt.name)
		}
		i := strings.Index(body, "<link")
		if rest := body[i:]; len(sheet.FindAllString(rest, -1)) != tt.sheets || sheet.ReplaceAllString(regexp.MustCompile(` href="[^"]*">`).ReplaceAllString(rest, ""), "") != "</body></html>" {
			t.Errorf("%s: its end is %s", tt.name, rest)
		}
		if strings.Count(m[1], "{") != strings.Count(m[1], "}") {
			t.Errorf("%s: more braces on one side", tt.name)
		}
		var b strings.Builder
		z, _ := gzip.NewWriterLevel(&b, gzip.DefaultCompression)
		_, _ = io.WriteString(z, m[1])
		_ = z.Close()
		if t.Logf("%s: %d bytes of styles, %d compressed", tt.name, len(m[1]), b.Len()); b.Len() > 11<<10 {
			t.Errorf("%s carries %d bytes of styles: name what no first screen needs late", tt.name, b.Len())
		}
	}
	for from, want := range map[string]bool{"none": true, "cross-site": true, "same-site": true, "same-origin": false, "": false} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Sec-Fetch-Site", from)
		if FirstVisit(r) != want {
			t.Errorf("from %q: %v", from, !want)
		}
	}
}

// What a page carries has no section that is named late, and all others.
func TestLate(t *testing.T) {
	for part, want := range map[string][2]bool{".chamberbar{": {true, true}, ".org{": {true, true}, ".foot{": {true, false}, ".tabbar{": {false, true}, ".rail{": {}, ".timer{": {},
		".notice{": {true, true}, "Mitral Digits": {true, true}} {
		if open, own := strings.Contains(loaded().open.element, part), strings.Contains(loaded().own.element, part); open != want[0] || own != want[1] {
			t.Errorf("%s: %v in public pages, %v in private ones", part, open, own)
		}
	}
}
