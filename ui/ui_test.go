package ui

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"golang.org/x/net/html"

	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/ui/art"
)

func setting(lang string, viewer bool) context.Context {
	s := &Setting{
		Lang: lang, Path: "/p/1?x=\"&y", Origin: "https://orlena.example",
		Site: &Site{Name: "Orlena Health Centre", Address: "3 Weir Lane", Phone: "+34 600 000", Email: "a@b.example", Hours: "8 to 20",
			TimeZone: "Europe/Madrid", Demo: true, Mailbox: true, ES: &Site{Name: "Centro de Salud Orlena"}},
	}
	if viewer {
		s.Viewer = &Viewer{Name: "Leonor Vask", Role: "privacy_officer", Writes: true, Reviews: true, Admin: true, Ledger: true, Waiting: 4}
	}
	return With(context.Background(), s)
}

func render(t *testing.T, ctx context.Context, c templ.Component) string {
	t.Helper()
	var b strings.Builder
	if err := c.Render(ctx, &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// pages is every layout and every component, with awkward words in them.
func pages() map[string]templ.Component {
	odd := `<b>"&' onclick=x`
	return map[string]templ.Component{
		"parts": sheet(),
		"public": Public(Page{Title: odd, Description: odd, Nav: "news", Canonical: "/p/1", Image: "/i.jpg", ImageAlt: odd, Type: "article", Lang: "es",
			JSONLD: map[string]string{"headline": "</script><script>alert(1)"}, Feeds: []Feed{{"News", "/news/feed.rss", "application/rss+xml"}},
			Alternates: []Alternate{{"es", "/p/2"}}}),
		"desk":    Desk(Page{Title: odd, Nav: "review"}),
		"compose": Desk(Page{Title: odd, Nav: "compose", Chamber: ChamberPublic, Says: odd}),
		"plain":   Plain(Page{Title: odd, Art: "door"}),
		"private": Plain(Page{Title: odd, Chamber: ChamberPrivate}),
		"fields": templ.Join(
			ErrorSummary([]FieldError{{"a", odd}, {"", odd}}),
			Field(FieldSpec{Name: "a", Label: odd, Hint: odd, Error: odd, Value: odd, Required: true, Optional: true, Autocomplete: "email", MaxLength: 9, Lang: "es"}),
			TextArea(FieldSpec{Name: "b", Label: odd, Value: "\nfirst line"}), Checkbox(FieldSpec{Name: "c", Label: odd, Error: odd, Hint: odd}),
			Select(FieldSpec{Name: "d", Label: odd}, []Option{{Value: odd, Label: odd}}), Radios(FieldSpec{Name: "e", Label: odd, Hint: odd}, []Option{{Value: "1", Label: odd, Hint: odd}}),
			Checkboxes(FieldSpec{Name: "f", Label: odd}, []Option{{Value: "1", Label: odd}, {Value: "2", Label: odd}})),
		"others": templ.Join(Status("good", odd), Notice("urgent", odd), Pager("/news?after=x"), Pager(""), Face("/media/x.jpg", odd, "l"), Face("", odd, ""), Face("", "", "s"),
			Empty(odd, odd), ChipIcon("plain", "clock", odd), LinkButton("javascript:alert(1)", odd, "x", ""), Submit(odd, ""), Severity(""), Meter(odd, odd, 300, 100),
			Marked(odd, []Mark{{0, 5, "hold", 1}, {3, 9, "urgent", 2}}), art.Hero(odd), art.Frieze(),
			Findings([]FindingView{{N: 1, Severity: "hold", Word: odd, Reason: odd, Suggestion: odd, Rule: odd, Field: odd, Action: Submit(odd, "")}})),
	}
}

// TestNothingInline renders everything and fails on what the content security policy would refuse,
// on ids that are there twice and on labels that belong to nothing.
func TestNothingInline(t *testing.T) {
	all := pages()
	for k := fault.Internal; k <= fault.Unavailable; k++ {
		all["error "+k.String()] = ErrorPage(k, "")
	}
	for name, c := range all {
		for _, lang := range []string{"en", "es"} {
			page := render(t, setting(lang, name != "public"), c)
			doc, err := html.Parse(strings.NewReader(page))
			if err != nil {
				t.Fatal(err)
			}
			ids, fors := map[string]int{}, []string{}
			for n := range doc.Descendants() {
				if n.Type != html.ElementNode {
					continue
				}
				src, kind := false, ""
				for _, a := range n.Attr {
					switch {
					case a.Key == "style" || strings.HasPrefix(a.Key, "on"):
						t.Errorf("%s: <%s> has %s=%q", name, n.Data, a.Key, a.Val)
					case a.Key == "id":
						ids[a.Val]++
					case a.Key == "for":
						fors = append(fors, a.Val)
					case a.Key == "src":
						src = true
					case a.Key == "type":
						kind = a.Val
					case a.Key == "href" && strings.HasPrefix(a.Val, "javascript:"):
						t.Errorf("%s: a link to %s", name, a.Val)
					}
				}
				if n.Data == "style" || n.Data == "b" && n.FirstChild != nil && strings.HasPrefix(n.FirstChild.Data, `"&' onclick`) || n.Data == "script" && !src && kind != "application/ld+json" {
					t.Errorf("%s: inline <%s>", name, n.Data)
				}
			}
			for id, n := range ids {
				if n > 1 {
					t.Errorf("%s: the id %q is there %d times", name, id, n)
				}
			}
			for _, f := range fors {
				if ids[f] == 0 {
					t.Errorf("%s: a label for %q, which is not there", name, f)
				}
			}
		}
	}
}

func TestLayout(t *testing.T) {
	for _, tt := range []struct {
		name, lang string
		viewer     bool
		page       templ.Component
		has, not   []string
	}{
		{"public en", "en", false, Public(Page{Title: "News", Nav: "news", Canonical: "/news"}),
			[]string{`<html lang="en">`, `data-chamber="public"`, `<title>News: Orlena Health Centre</title>`, `Anyone can read this page`, `href="/sign-in"`, `aria-current="page">News`,
				`href="/lang/es?to=%2Fp%2F1%3Fx%3D%22%26y"`, `<link rel="canonical" href="https://orlena.example/news">`, `<main id="main" tabindex="-1">`, `Runs on Mitral`, `invented`},
			[]string{`noindex`, `Staff desk`, `Compose`}},
		{"public es", "es", true, Public(Page{Nav: "people"}),
			[]string{`<html lang="es">`, `<title>Centro de Salud Orlena</title>`, `Cualquiera puede leer`, `>English</a>`, `Mesa de trabajo`, `aria-current="page">Nuestro equipo`}, []string{`/sign-in`}},
		{"other language", "en", false, Public(Page{Lang: "es"}), []string{`<main id="main" tabindex="-1" lang="es">`}, nil},
		{"data", "en", false, Public(Page{JSONLD: map[string]string{"name": "</script>"}}), []string{`{"name":"\u003c/script\u003e"}</script>`}, nil},
		{"desk", "en", true, Desk(Page{Title: "Review", Nav: "review"}),
			[]string{`data-chamber="gate"`, `noindex`, `Nothing on this page is public`, `<span class="c num">4</span>`, `Privacy officer`, `action="/sign-out"`, `/gate/rules`, `"/mail"`}, []string{`og:title`}},
		{"draft", "en", true, Desk(Page{Nav: "compose", Chamber: ChamberPublic, Says: "A draft"}), []string{`data-chamber="public"`, `A draft`, `Public side`, `noindex`}, []string{`Anyone can read`}},
		{"desk signed out", "en", false, Desk(Page{}), nil, []string{`/sign-out`, `/compose`}},
		{"sign-in", "es", false, Plain(Page{Title: "Entrar", Art: "door"}), []string{`class="signin"`, `role="img"`, `Compuerta`}, []string{`topnav`}},
	} {
		got := render(t, setting(tt.lang, tt.viewer), tt.page)
		for _, w := range tt.has {
			if !strings.Contains(got, w) {
				t.Errorf("%s: no %s", tt.name, w)
			}
		}
		for _, w := range tt.not {
			if strings.Contains(got, w) {
				t.Errorf("%s: has %s", tt.name, w)
			}
		}
	}
}

// A new site has said nothing yet of where it is.
func TestNothingToFind(t *testing.T) {
	ctx := With(context.Background(), &Setting{Lang: "en", Site: &Site{Name: "Orlena Health Centre"}})
	if strings.Contains(render(t, ctx, Public(Page{})), "Find us") {
		t.Error("a heading stands above nothing")
	}
	ctx = With(ctx, &Setting{Lang: "en", Site: &Site{}, Viewer: &Viewer{Name: "Piet", Admin: true}})
	if strings.Contains(render(t, ctx, Desk(Page{})), `"/mail"`) {
		t.Error("with a mail server there are no letters to read")
	}
	if !strings.Contains(render(t, setting("en", false), Public(Page{})), "Find us") {
		t.Error("the address is missing")
	}
}

func TestMarked(t *testing.T) {
	strip := regexp.MustCompile(`<[^>]*>`)
	for _, tt := range []struct {
		name, words string
		marks       []Mark
		want        string
	}{
		{"none", "a < b", nil, `<div class="marked">a &lt; b</div>`},
		{"one", "see 12 now", []Mark{{4, 6, "warn", 0}}, `<div class="marked">see <mark class="f f-warn">12</mark> now</div>`},
		{"graver wins", "abcdef", []Mark{{0, 4, "note", 0}, {2, 6, "block", 0}}, `<div class="marked"><mark class="f f-note">ab</mark><mark class="f f-block">cdef</mark></div>`},
		{"inside", "abcdef", []Mark{{0, 6, "note", 0}, {2, 3, "hold", 0}}, `<div class="marked"><mark class="f f-note">ab</mark><mark class="f f-hold">c</mark><mark class="f f-note">def</mark></div>`},
		{"outside", "abc", []Mark{{-5, 99, "note", 0}, {2, 1, "hold", 0}}, `<div class="marked"><mark class="f f-note">abc</mark></div>`},
		{"character", "añb", []Mark{{2, 3, "note", 0}}, `<div class="marked">a<mark class="f f-note">ñ</mark>b</div>`},
	} {
		if got := render(t, setting("en", false), Marked(tt.words, tt.marks)); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
	got := render(t, setting("es", false), Marked("x y", []Mark{{0, 1, "hold", 7}}))
	if plain := strip.ReplaceAllString(got, ""); plain != "x\u2060, hallazgo 7 Retenido para revisión y" {
		t.Errorf("heard as %q", plain)
	}
}

// FuzzMarked looks for offsets that lose or repeat words.
func FuzzMarked(f *testing.F) {
	f.Add("añ<b", 0, 3, 1, 9)
	f.Fuzz(func(t *testing.T, s string, a, b, c, d int) {
		var out strings.Builder
		for _, p := range pieces(s, []Mark{{a, b, "hold", 1}, {c, d, "note", 2}}) {
			out.WriteString(p.text)
		}
		if out.String() != s {
			t.Errorf("%q became %q", s, out.String())
		}
	})
}

func TestInitials(t *testing.T) {
	for name, want := range map[string]string{"Dr Marisol Quenby": "MQ", "ama": "A", "María del Mar Ríos": "MR", "": "", "  ": "", "Ñandú 3": "Ñ", "Orlena Health Centre": "OC"} {
		if got := initials(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func TestAssets(t *testing.T) {
	mux := http.NewServeMux()
	for _, r := range Routes() {
		mux.HandleFunc(r.Pattern, func(w http.ResponseWriter, q *http.Request) {
			if err := r.Handler(w, q); err != nil {
				http.Error(w, "", http.StatusNotFound)
			}
		})
	}
	get := func(path string, header ...string) *http.Response {
		q := httptest.NewRequest("GET", path, nil)
		for i := 0; i < len(header); i += 2 {
			q.Header.Set(header[i], header[i+1])
		}
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, q)
		return w.Result()
	}
	css := Asset("css/mitral.css")
	if !regexp.MustCompile(`^/assets/css/mitral\.[0-9a-f]{10}\.css$`).MatchString(css) {
		t.Fatalf("the stylesheet is at %s", css)
	}
	plain, zipped := get(css), get(css, "Accept-Encoding", "gzip, br")
	body, _ := io.ReadAll(plain.Body)
	if plain.StatusCode != 200 || plain.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" || plain.Header.Get("Content-Type") != "text/css; charset=utf-8" {
		t.Errorf("%d %v", plain.StatusCode, plain.Header)
	}
	small, _ := io.ReadAll(zipped.Body)
	if zipped.Header.Get("Content-Encoding") != "gzip" {
		t.Errorf("%v", zipped.Header)
	}
	t.Logf("stylesheet: %d bytes, %d compressed", len(body), len(small))
	if len(small) > 13<<10 {
		t.Errorf("the stylesheet is %d bytes compressed", len(small))
	}
	for _, ref := range regexp.MustCompile(`url\(([^)]+)\)`).FindAllStringSubmatch(string(body), -1) {
		if r := get(ref[1]); r.StatusCode != 200 {
			t.Errorf("the stylesheet wants %s: %d", ref[1], r.StatusCode)
		}
	}
	if bytes.Count(body, []byte("{")) != bytes.Count(body, []byte("}")) {
		t.Error("the stylesheet has more braces on one side")
	}
	for path, want := range map[string]int{
		"/assets/css/mitral.css": 200, "/assets/css/mitral.0000000000.css": 404, "/assets/css/base.css": 404, "/assets/": 404,
		"/assets/..%2fcontext.go": 404, "/favicon.ico": 200, "/assets/icons.svg": 404,
	} {
		if r := get(path); r.StatusCode != want {
			t.Errorf("%s: %d, want %d", path, r.StatusCode, want)
		}
	}
	if r := get("/assets/css/mitral.css"); r.Header.Get("Cache-Control") != "no-cache" {
		t.Errorf("a name without a hash may be kept: %v", r.Header)
	}
	if r := get(css, "If-None-Match", plain.Header.Get("ETag")); r.StatusCode != 304 {
		t.Errorf("the same again: %d", r.StatusCode)
	}
}

func TestTheme(t *testing.T) {
	for theme, kept := range map[string]string{"dark": "dark", "light": "light", "device": "", "x": ""} {
		r := httptest.NewRequest("GET", "/theme/"+theme+"?to=/news", nil)
		r.SetPathValue("theme", theme)
		w := httptest.NewRecorder()
		if err := chooseTheme(w, r); err != nil || w.Header().Get("Location") != "/news" {
			t.Errorf("%s: %v %v", theme, err, w.Header())
		}
		next := httptest.NewRequest("GET", "/", nil)
		for _, c := range w.Result().Cookies() {
			next.AddCookie(c)
		}
		if got := ThemeOf(next); got != kept {
			t.Errorf("%s is remembered as %q", theme, got)
		}
	}
	r := httptest.NewRequest("GET", "/theme/dark?to=//evil.example", nil)
	if err := chooseTheme(httptest.NewRecorder(), r); fault.KindOf(err) != fault.Invalid {
		t.Errorf("led away: %v", err)
	}
}

// TestVendored compares the files of others with the sums that the vendoring script wrote.
func TestVendored(t *testing.T) {
	sums, err := os.ReadFile("vendor/files.sha256")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(sums)) {
		sum, name, _ := strings.Cut(strings.TrimSpace(line), " *")
		raw, err := os.ReadFile("../" + name)
		if err != nil {
			t.Error(err)
			continue
		}
		if got := sha256.Sum256(raw); hex.EncodeToString(got[:]) != sum {
			t.Errorf("%s is not what ui/vendor/vendor.sh fetched", name)
		}
	}
}

// TestIcons finds icons that pages ask for and nobody has drawn.
func TestIcons(t *testing.T) {
	have := map[string]bool{}
	for _, m := range regexp.MustCompile(`id="i-([a-z0-9-]+)"`).FindAllStringSubmatch(string(read("icons.svg")), -1) {
		have[m[1]] = true
	}
	for _, table := range []map[string]string{severityIcons, chipIcons, noticeIcons} {
		for _, name := range table {
			if !have[name] {
				t.Errorf("no icon %s", name)
			}
		}
	}
	asked := regexp.MustCompile(`\b(?:Icon|IconSmall)\("([^"]+)"|\bChipIcon\("[^"]*", "([^"]+)"|\bSubmit\(.*\), "([^"]+)"\)`)
	err := filepath.WalkDir("..", func(p string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(p) != ".templ" {
			return err
		}
		raw, err := os.ReadFile(p)
		for _, m := range asked.FindAllStringSubmatch(string(raw), -1) {
			if name := m[1] + m[2] + m[3]; !have[name] {
				t.Errorf("%s: no icon %s; the sprite's are in ui/vendor/icons.txt", p, name)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range pages() {
		if strings.Contains(render(t, setting("en", true), c), ` aria-hidden="true"></svg>`) {
			t.Errorf("%s: an icon of which nothing is drawn", name)
		}
	}
}

func BenchmarkPublic(b *testing.B) {
	ctx := setting("es", true)
	c := Public(Page{Title: "x", Nav: "news"})
	b.ReportAllocs()
	for range b.N {
		if err := c.Render(ctx, io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}
