package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/mitral-health/mitral/platform/fault"
)

func TestRedirect(t *testing.T) {
	for _, target := range []string{"/", "/posts/1?a=b#c", "/p/ñ", "/a?next=//b", "/?q=https://x"} {
		w := httptest.NewRecorder()
		if err := Redirect(w, nil, target); err != nil || w.Code != http.StatusSeeOther {
			t.Errorf("%q: %d, %v", target, w.Code, err)
		}
	}
	w := httptest.NewRecorder()
	if _ = Redirect(w, nil, "/p/ñ"); w.Header().Get("Location") != "/p/%C3%B1" {
		t.Errorf("Location %q", w.Header().Get("Location"))
	}
	for _, target := range []string{
		"", "posts", "//evil", "///evil", "/\\evil", "\\\\evil", "/\t/evil", "/\n/evil", " /a", "https://evil", "javascript:alert(1)",
		"/a//b", "/.//evil", "/%zz", "/a\r\nSet-Cookie: x", "/\xff", "/\x7f", "/" + strings.Repeat("a", 2048),
	} {
		if err := Redirect(httptest.NewRecorder(), nil, target); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", target, err)
		}
		if got := LocalOr(target, "/home"); got != "/home" {
			t.Errorf("%q: goes to %q", target, got)
		}
	}
}

func FuzzRedirect(f *testing.F) {
	for _, s := range []string{"/", "//evil", "/\\evil", "/\t/evil", "/a?b#c", "/;@evil", "/\u2028/x", "http:/x", "/%2f/evil"} {
		f.Add(s)
	}
	base, err := url.Parse("https://orlena.example/sign-in")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !Local(s) {
			return
		}
		// As a browser does: drop tabs and line ends, take "\" for "/".
		seen := strings.NewReplacer("\t", "", "\n", "", "\r", "", "\\", "/").Replace(strings.TrimSpace(s))
		u, err := base.Parse(seen)
		if err != nil || u.Host != base.Host || u.Scheme != base.Scheme || strings.HasPrefix(u.Path, "//") && !strings.HasPrefix(seen, "/%2") {
			t.Errorf("%q leads to %v, %v", s, u, err)
		}
		w := httptest.NewRecorder()
		if err := Redirect(w, nil, s); err != nil {
			t.Fatal(err)
		}
		for _, c := range []byte(w.Header().Get("Location")) {
			if c <= ' ' || c >= 0x7f {
				t.Errorf("Location %q", w.Header().Get("Location"))
			}
		}
	})
}

func TestNotModified(t *testing.T) {
	for _, c := range []struct {
		method, sent string
		want         bool
	}{
		{"GET", "", false}, {"GET", `W/"v_1"`, true}, {"GET", `"v_1"`, true}, {"GET", `"x", W/"v_1"`, true},
		{"HEAD", "*", true}, {"GET", `W/"v_2"`, false}, {"GET", `v_1`, false}, {"POST", `W/"v_1"`, false},
	} {
		r, w := httptest.NewRequest(c.method, "/", nil), httptest.NewRecorder()
		r.Header.Set("If-None-Match", c.sent)
		got := NotModified(w, r, `v"1`)
		if got != c.want || got != (w.Code == http.StatusNotModified) || w.Header().Get("Etag") != `W/"v_1"` {
			t.Errorf("%s %q: %v %d", c.method, c.sent, got, w.Code)
		}
	}
}
