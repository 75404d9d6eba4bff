package identity

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mitral-health/mitral/identity/internal/onetime"
	"github.com/mitral-health/mitral/identity/internal/password"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/db/dbtest"
	"github.com/mitral-health/mitral/platform/jobs"
	"github.com/mitral-health/mitral/platform/mail"
	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/ui"
	"github.com/mitral-health/mitral/ui/text"
)

// house is identity served as the program serves it: the real chain, middleware, store and jobs.
type house struct {
	t     *testing.T
	ids   *Identity
	store *db.DB
	clock *clock.Manual
	post  *letters
	url   string
	log   *bytes.Buffer
}

// letters keeps what was mailed.
type letters struct {
	mu   sync.Mutex
	sent []mail.Message
}

func (l *letters) Send(_ context.Context, m mail.Message) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sent = append(l.sent, m)
	return nil
}

func (l *letters) to(address string) (out []mail.Message) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, m := range l.sent {
		if m.To == address {
			out = append(out, m)
		}
	}
	return out
}

var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func open(t *testing.T, store *db.DB, change func(*Deps)) *house {
	t.Helper()
	h := &house{t: t, store: store, clock: clock.At(start), post: &letters{}, log: &bytes.Buffer{}}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	h.url = "http://localhost:" + port // a name: browsers allow passkeys there
	log := slog.New(slog.NewTextHandler(&lockedWriter{w: h.log}, nil))
	deps := Deps{
		Store: store, Clock: h.clock, Mailer: h.post, Log: log, Key: bytes.Repeat([]byte{7}, 32),
		Site: &ui.Site{Name: "Orlena Health Centre", URL: h.url, Langs: []string{"en", "es"}, TimeZone: "Europe/Madrid"},
	}
	if change != nil {
		change(&deps)
	}
	if h.ids, err = New(deps); err != nil {
		t.Fatal(err)
	}
	h.ids.passwords = password.WithParams(password.Params{Memory: 64, Passes: 1, Threads: 1})
	registry := jobs.NewRegistry()
	h.ids.RegisterJobs(registry)
	queue, err := jobs.Open(context.Background(), store, registry, log)
	if err != nil {
		t.Fatal(err)
	}
	h.ids.UseQueue(queue)

	setting := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			s := &ui.Setting{Site: deps.Site, Lang: "en", Viewer: ViewerOf(From(r.Context())), Origin: deps.Site.URL}
			if r.Header.Get("Accept-Language") == "es" {
				s.Lang = "es"
			}
			next.ServeHTTP(w, r.WithContext(ui.With(r.Context(), s)))
		})
	}
	desk := func(w http.ResponseWriter, r *http.Request) error { return web.Text(w, 200, "at "+r.URL.Path) }
	server := &http.Server{Handler: web.New(web.Config{
		Log: log, Clock: h.clock, Wrap: []func(http.Handler) http.Handler{h.ids.Middleware, setting},
		Text: func(r *http.Request, err error) string { return text.Fault(r.Context(), err) },
	}, h.ids.Routes(), []web.Route{
		{Pattern: "GET /drafts", Handler: Require(desk, Communications, Clinician)},
		{Pattern: "GET /review", Handler: Require(desk, Reviewer, PrivacyOfficer)},
		{Pattern: "POST /desk", Handler: Require(desk)},
		{Pattern: "POST /compose/check", Handler: Require(func(w http.ResponseWriter, r *http.Request) error {
			if err := From(r.Context()).MayPost(); err != nil {
				return err
			}
			return desk(w, r)
		})},
	})}
	go server.Serve(listener)
	t.Cleanup(func() { server.Close() })
	return h
}

type lockedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

// each runs a scenario on every database.
func each(t *testing.T, f func(h *house)) {
	dbtest.Each(t, "identity", Migrations(), func(t *testing.T, store *db.DB) { f(open(t, store, nil)) })
}

func lite(t *testing.T, change func(*Deps)) *house {
	return open(t, dbtest.SQLite(t, "identity", Migrations()), change)
}

// browser is one person's browser: it keeps cookies and does not follow redirects.
type browser struct {
	h      *house
	client *http.Client
	agent  string
	lang   string
	page   string // the last answer
	status int
	at     string // where the last answer sent the browser
}

func (h *house) browser() *browser {
	jar, _ := cookiejar.New(nil)
	return &browser{h: h, agent: "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0", client: &http.Client{Jar: jar,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

func (b *browser) do(method, path, contentType, body string) *browser {
	b.h.t.Helper()
	if strings.HasPrefix(path, "/") {
		path = b.h.url + path
	}
	req, err := http.NewRequest(method, path, strings.NewReader(body))
	if err != nil {
		b.h.t.Fatal(err)
	}
	req.Header.Set("User-Agent", b.agent)
	req.Header.Set("Accept-Language", b.lang)
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
		req.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	if contentType == "application/json" {
		req.Header.Set("Accept", contentType)
	}
	res, err := b.client.Do(req)
	if err != nil {
		b.h.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		b.h.t.Fatal(err)
	}
	b.page, b.status, b.at = string(raw), res.StatusCode, res.Header.Get("Location")
	return b
}

func (b *browser) get(path string) *browser { b.h.t.Helper(); return b.do("GET", path, "", "") }

// send posts a form; fields come in pairs.
func (b *browser) send(path string, pairs ...string) *browser {
	b.h.t.Helper()
	v := url.Values{}
	for n := 0; n+1 < len(pairs); n += 2 {
		v.Add(pairs[n], pairs[n+1])
	}
	return b.do("POST", path, "application/x-www-form-urlencoded", v.Encode())
}

// follow goes where the last answer sent the browser.
func (b *browser) follow() *browser {
	b.h.t.Helper()
	if b.at == "" {
		b.h.t.Fatalf("no redirect, but %d: %s", b.status, b.page)
	}
	return b.get(b.at)
}

func (b *browser) sees(status int, words ...string) *browser {
	b.h.t.Helper()
	if b.status != status {
		b.h.t.Fatalf("status %d, want %d; to %q; %s", b.status, status, b.at, b.words())
	}
	for _, w := range words {
		if !strings.Contains(b.words(), w) {
			b.h.t.Fatalf("%q is not on the page: %s", w, b.words())
		}
	}
	return b
}

func (b *browser) sentTo(path string) *browser {
	b.h.t.Helper()
	if b.status != http.StatusSeeOther || b.at != path {
		b.h.t.Fatalf("status %d to %q, want %q: %s", b.status, b.at, path, b.words())
	}
	return b
}

var (
	tags   = regexp.MustCompile(`(?s)<(script|style|svg)\b.*?</(script|style|svg)>|<[^>]*>`)
	spaces = regexp.MustCompile(`\s+`)
	keyRow = regexp.MustCompile(`<p class="key"[^>]*>([A-Z2-7 ]+)</p>`)
	codeRe = regexp.MustCompile(`<code>([0-9A-Z-]+)</code>`)
	linkRe = regexp.MustCompile(`http://\S+`)
)

// words is the page's text as people read it.
func (b *browser) words() string {
	s := tags.ReplaceAllString(b.page, " ")
	s = strings.NewReplacer("&#39;", "'", "&#34;", `"`, "&amp;", "&").Replace(s)
	return spaces.ReplaceAllString(s, " ")
}

func (b *browser) cookie(name string) string {
	u, _ := url.Parse(b.h.url)
	for _, c := range b.client.Jar.Cookies(u) {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

// phone is a person's authenticator app.
type phone struct {
	h      *house
	secret string
}

// scan reads the key off the page, as a person would type it.
func (b *browser) scan() *phone {
	b.h.t.Helper()
	m := keyRow.FindStringSubmatch(b.page)
	if m == nil {
		b.h.t.Fatalf("no key on the page: %s", b.words())
	}
	return &phone{b.h, strings.ReplaceAll(m[1], " ", "")}
}

// code waits for the next step and returns its code.
func (p *phone) code() string {
	p.h.clock.Advance(30 * time.Second)
	c, err := onetime.Code(p.secret, p.h.clock.Now())
	if err != nil {
		p.h.t.Fatal(err)
	}
	return c
}

const good = "lemon river window"

// person makes an account and signs in, second factor and policy included.
func (h *house) person(login string, roles ...Role) (*browser, *phone) {
	h.t.Helper()
	_, err := h.ids.CreateAccount(context.Background(), NewAccount{Login: login, Name: "Ama Oseland", Password: good, Roles: roles, Accepted: true})
	if err != nil {
		h.t.Fatal(err)
	}
	b := h.browser()
	b.send("/sign-in", "login", login, "password", good).sentTo("/sign-in/set-up").follow()
	p := b.scan()
	b.send("/sign-in/set-up", "code", p.code()).sentTo("/account/codes")
	return b, p
}

// acts returns identity's trail, oldest first, after verifying it.
func (h *house) acts() (out []string) {
	h.t.Helper()
	ctx := context.Background()
	if _, broken, err := h.ids.VerifyTrail(ctx); err != nil || broken != nil {
		h.t.Fatalf("the trail is broken: %v %v", broken, err)
	}
	err := h.store.Read(ctx, func(tx db.Tx) error {
		return db.Each(ctx, tx, `SELECT act FROM identity_audit ORDER BY seq`, nil, func(row db.Row) error {
			var act string
			err := row.Scan(&act)
			out = append(out, act)
			return err
		})
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return out
}

func (h *house) count(query string, args ...any) (n int) {
	h.t.Helper()
	err := h.store.Read(context.Background(), func(tx db.Tx) error { return tx.QueryRow(context.Background(), query, args...).Scan(&n) })
	if err != nil {
		h.t.Fatal(err)
	}
	return n
}

// mailed runs what waits in the queue until something was mailed to the address for the nth time.
func (h *house) mailed(address string, n int) mail.Message {
	h.t.Helper()
	ctx := context.Background()
	if err := h.ids.queue.Start(ctx); err != nil {
		h.t.Fatal(err)
	}
	for range 200 {
		if m := h.post.to(address); len(m) >= n {
			stop, cancel := context.WithTimeout(ctx, 5*time.Second)
			defer cancel()
			if err := h.ids.queue.Stop(stop); err != nil {
				h.t.Fatal(err)
			}
			return m[n-1]
		}
		time.Sleep(20 * time.Millisecond)
	}
	h.t.Fatalf("nothing was mailed to %s", address)
	return mail.Message{}
}

func linkIn(t *testing.T, m mail.Message) string {
	t.Helper()
	u, err := url.Parse(linkRe.FindString(m.Text))
	if err != nil || u.Path == "" {
		t.Fatalf("no link in the mail: %s", m.Text)
	}
	return u.Path
}
