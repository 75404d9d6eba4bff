package e2e

import (
	"bytes"
	"html"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// visitor is a browser without a screen: it keeps cookies, follows no redirect, and reads forms.
type visitor struct {
	base string
	http *http.Client
}

func newVisitor(base string) *visitor {
	jar, _ := cookiejar.New(nil)
	return &visitor{base: base, http: &http.Client{Jar: jar, Timeout: 30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// at is the same person at another address: another copy, or the program started again.
func (v *visitor) at(base string) *visitor {
	from, _ := url.Parse(v.base)
	to, _ := url.Parse(base)
	other := newVisitor(base)
	other.http.Jar.SetCookies(to, v.http.Jar.Cookies(from))
	return other
}

// as returns a visitor who has signed in to the demo with this role. Tests share it: signing in is
// slowed down by design.
func (p *program) as(t testing.TB, role string) *visitor {
	t.Helper()
	login, password := p.account(t, role)
	p.mu.Lock()
	defer p.mu.Unlock()
	if v := p.known[login]; v != nil {
		return v
	}
	v := p.signedIn(t, login, password)
	p.known[login] = v
	return v
}

// anew is as, signed in just now: pages with sensitive forms open only for a while after that.
func (p *program) anew(t testing.TB, role string) *visitor {
	t.Helper()
	login, password := p.account(t, role)
	return p.signedIn(t, login, password)
}

func (p *program) signedIn(t testing.TB, login, password string) *visitor {
	t.Helper()
	v := newVisitor(p.URL)
	if a := v.post(t, "/sign-in", "login", login, "password", password); a.status != 303 {
		t.Fatalf("signing in as %s: %d\n%s", login, a.status, a.body)
	}
	return v
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
	to     string // where a redirect leads
}

func (v *visitor) do(req *http.Request) (answer, error) {
	res, err := v.http.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	return answer{res.StatusCode, res.Header, string(b), res.Header.Get("Location")}, err
}

// try is send for a program that may die meanwhile.
func (v *visitor) try(method, path, contentType string, body io.Reader) (answer, error) {
	req, err := http.NewRequest(method, v.base+path, body)
	if err != nil {
		return answer{}, err
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	return v.do(req)
}

func (v *visitor) get(t testing.TB, path string) answer {
	t.Helper()
	return v.patient(t, "GET", path, "", "")
}

// patient sends again when it was too fast: tests are faster than people.
func (v *visitor) patient(t testing.TB, method, path, contentType, body string) answer {
	t.Helper()
	for {
		a, err := v.try(method, path, contentType, strings.NewReader(body))
		if err != nil {
			t.Fatalf("%s %s: %v", method, path, err)
		}
		if a.status != http.StatusTooManyRequests {
			return a
		}
		time.Sleep(250 * time.Millisecond)
	}
}

// pairs makes form values of names and values that take turns.
func pairs(nameValue ...string) url.Values {
	f := url.Values{}
	for i := 0; i+1 < len(nameValue); i += 2 {
		f.Add(nameValue[i], nameValue[i+1])
	}
	return f
}

func (v *visitor) post(t testing.TB, path string, nameValue ...string) answer {
	t.Helper()
	return v.patient(t, "POST", path, "application/x-www-form-urlencoded", pairs(nameValue...).Encode())
}

// upload posts a form with a file in the field picture.
func (v *visitor) upload(t testing.TB, path, name string, file []byte, nameValue ...string) answer {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for i := 0; i+1 < len(nameValue); i += 2 {
		w.WriteField(nameValue[i], nameValue[i+1])
	}
	part, _ := w.CreateFormFile("picture", name)
	part.Write(file)
	w.Close()
	a, err := v.try("POST", path, w.FormDataContentType(), &body)
	if err != nil {
		t.Fatalf("POST %s: %v", path, err)
	}
	return a
}

// want fails unless the answer has this status.
func (a answer) want(t testing.TB, status int) answer {
	t.Helper()
	if a.status != status {
		t.Fatalf("answer %d to %q, want %d\n%s", a.status, a.to, status, a.words())
	}
	return a
}

var (
	notShown = regexp.MustCompile(`(?s)<(script|style|head|svg)\b.*?</(script|style|head|svg)>`)
	tags     = regexp.MustCompile(`(?s)<[^>]*>`)
	spaces   = regexp.MustCompile(`\s+`)
)

// words is the text of a page.
func (a answer) words() string {
	s := tags.ReplaceAllString(notShown.ReplaceAllString(a.body, " "), " ")
	return strings.TrimSpace(spaces.ReplaceAllString(html.UnescapeString(s), " "))
}

// find returns the first group of a pattern in the page, unescaped.
func (a answer) find(t testing.TB, pattern string) string {
	t.Helper()
	m := regexp.MustCompile(pattern).FindStringSubmatch(a.body)
	if m == nil {
		t.Fatalf("no %s in\n%s", pattern, a.body)
	}
	return html.UnescapeString(m[len(m)-1])
}

// all returns the first group of every match.
func (a answer) all(pattern string) []string {
	var out []string
	for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(a.body, -1) {
		out = append(out, html.UnescapeString(m[len(m)-1]))
	}
	return out
}

// voice returns the value of the profile with this name in the composer.
func (v *visitor) voice(t testing.TB, name string) string {
	t.Helper()
	return v.get(t, "/compose").want(t, 200).find(t, `<option value="([^"]+)"[^>]*>`+regexp.QuoteMeta(name))
}
