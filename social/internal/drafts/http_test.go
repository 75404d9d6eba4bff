package drafts

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/db/dbtest"
	"github.com/mitral-health/mitral/platform/page"
	"github.com/mitral-health/mitral/platform/web"
)

// browser is a browser without scripts, in the hands of one person.
type browser struct {
	t    *testing.T
	h    http.Handler
	who  *identity.Principal
	code int
	body string
	to   string // where the answer redirects
}

func eachBrowser(t *testing.T, f func(t *testing.T, w *world, open func(*identity.Principal) *browser)) {
	dbtest.Each(t, "social", migrations(), func(t *testing.T, store *db.DB) {
		w := newWorld(t, store, clock.At(noon))
		h := web.New(web.Config{Log: slog.New(slog.DiscardHandler)}, w.Routes(), w.Media.Routes())
		f(t, w, func(p *identity.Principal) *browser {
			return &browser{t: t, who: p, h: http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				if p != nil {
					r = r.WithContext(identity.With(r.Context(), p))
				}
				h.ServeHTTP(rw, r)
			})}
		})
	})
}

func (b *browser) send(method, path, kind, accept string, body io.Reader) *browser {
	b.t.Helper()
	r := httptest.NewRequest(method, path, body)
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	r.Header.Set("Accept", accept)
	w := httptest.NewRecorder()
	b.h.ServeHTTP(w, r)
	b.code, b.body, b.to = w.Code, w.Body.String(), w.Header().Get("Location")
	return b
}

func (b *browser) get(path string) *browser {
	b.t.Helper()
	return b.send("GET", path, "", "text/html", nil)
}

func (b *browser) post(path string, fields ...string) *browser {
	b.t.Helper()
	v := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		v.Add(fields[i], fields[i+1])
	}
	return b.send("POST", path, "application/x-www-form-urlencoded", "text/html", strings.NewReader(v.Encode()))
}

// want fails unless the last answer had this status and its page holds the words.
func (b *browser) want(code int, words ...string) *browser {
	b.t.Helper()
	if b.code != code {
		b.t.Fatalf("status %d, want %d: %.400s", b.code, code, b.body)
	}
	for _, w := range words {
		if !strings.Contains(b.body, w) {
			b.t.Errorf("the page does not hold %q", w)
		}
	}
	return b
}

func (b *browser) lacks(words ...string) *browser {
	b.t.Helper()
	for _, w := range words {
		if strings.Contains(b.body, w) {
			b.t.Errorf("the page holds %q", w)
		}
	}
	return b
}

var revField = regexp.MustCompile(`name="rev" value="(\d+)"`)

func (b *browser) rev() string {
	b.t.Helper()
	m := revField.FindStringSubmatch(b.body)
	if m == nil {
		b.t.Fatal("the page has no revision")
	}
	return m[1]
}

func TestWriteAndPublishWithoutScripts(t *testing.T) {
	eachBrowser(t, func(t *testing.T, w *world, open func(*identity.Principal) *browser) {
		b := open(w.ama)
		b.get("/compose").want(200, "Post publicly", "A draft: not published yet")
		who := []string{"profile", w.org.String(), "kind", "note", "lang", "en"}
		b.post("/compose", append(who, "rev", "0", "body", "A [hold] and a [warn] <script>alert(1)</script>", "do", "check")...).want(303)
		page := b.to
		b.get(page).want(200, "Ask for approval", "Held for review", `value="use:body@2-8"`, `<mark class="f f-hold">[hold]`, "&lt;script&gt;").lacks("<script>alert", "Post publicly", "style=")
		b.post(page, append(who, "rev", b.rev(), "body", "A [hold] and a [warn]", "do", "use:body@2-8")...).want(303)
		b.get(page).want(200, "A something else and a [warn]", "Post publicly", "I have read the warnings")
		b.post(page, append(who, "rev", b.rev(), "body", "A something else and a [warn]", "do", "post")...).want(303)
		b.get(page).want(200, "The gate warns.")
		b.post(page, append(who, "rev", b.rev(), "body", "A something else and a [warn]", "attest", "yes", "do", "post")...).want(303)
		b.get(page).want(200, "It is public. Anyone can read it.", "Withdraw").lacks(`id="composer"`)
		if w.public() != 1 {
			t.Fatalf("%d public", w.public())
		}
		b.get("/drafts?show=public").want(200, "A something else")
		b.get("/calendar").want(200, "A something else", "November 2026")
		b.post(page+"/withdraw", "reason", "").want(400, "Say in a few words why")
		b.post(page+"/withdraw", "reason", "A mistake").want(303)
		b.get(page).want(200, "It is not public any more.", "A mistake")
	})
}

func TestMistakesInTheForm(t *testing.T) {
	eachBrowser(t, func(t *testing.T, w *world, open func(*identity.Principal) *browser) {
		b := open(w.ama)
		b.post("/compose", "profile", w.org.String(), "kind", "article", "lang", "en", "rev", "0", "body", "No title.", "do", "post").
			want(400, "An article needs a title.", `href="#title"`, "No title.")
		b.post("/compose", "profile", w.org.String(), "kind", "note", "lang", "en", "rev", "0", "body", "Soon", "plan_day", "2020-01-01", "plan_time", "09:00", "do", "schedule").
			want(400, "This time has passed already.")
		b.post("/compose", "rev", "0", "body", strings.Repeat("x", 1<<20), "do", "save")
		if b.code != 413 {
			t.Errorf("a text of a megabyte: %d", b.code)
		}
		b.post("/compose", "rev", "0", "body", "\xff", "do", "save").want(400)
		b.post("/compose", "rev", "0", "body", "a\x00b", "do", "save").want(400)
		if n := len(w.allOf(w.ama)); n != 2 {
			t.Errorf("%d drafts were stored, want the two that are only unfinished", n)
		}
	})
}

// allOf returns what lies on somebody's desk.
func (w *world) allOf(p *identity.Principal) []Draft {
	w.t.Helper()
	found, err := w.shelfOf(ctx, p, open, false, page.Cursor{})
	if err != nil {
		w.t.Fatal(err)
	}
	return found.Items
}

func TestGateDownTellsTheAuthor(t *testing.T) {
	eachBrowser(t, func(t *testing.T, w *world, open func(*identity.Principal) *browser) {
		b := open(w.ama)
		w.rules.fail(true)
		b.post("/compose", "profile", w.org.String(), "kind", "note", "lang", "en", "rev", "0", "body", "Hello.", "do", "post").
			want(503, "nothing is published", "Hello.")
		b.send("POST", "/compose/check", "application/json", "application/json", strings.NewReader(`{"id":"","kind":"note","lang":"en","title":"","body":"Hello.","pictures":[]}`)).want(503, "unavailable")
		if w.public() != 0 {
			t.Fatal("published")
		}
	})
}

func TestSecondWindowIsTold(t *testing.T) {
	eachBrowser(t, func(t *testing.T, w *world, open func(*identity.Principal) *browser) {
		b := open(w.ama)
		who := []string{"profile", w.org.String(), "kind", "note", "lang", "en"}
		b.post("/compose", append(who, "rev", "0", "body", "First", "do", "save")...).want(303)
		page := b.to
		b.post(page, append(who, "rev", "1", "body", "From one window", "do", "save")...).want(303)
		b.post(page, append(who, "rev", "1", "body", "From <b>another</b>", "do", "post")...).
			want(409, "Nothing was overwritten.", "From one window", "From &lt;b&gt;another&lt;/b&gt;", "Keep what you wrote")
		b.post(page, append(who, "rev", b.rev(), "body", "From <b>another</b>", "do", "save")...).want(303)
		b.get(page).want(200, "From &lt;b&gt;another&lt;/b&gt;")
		var form bytes.Buffer
		m := multipart.NewWriter(&form)
		for k, v := range map[string]string{"rev": "1", "body": "By itself", "kind": "note", "lang": "en", "profile": w.org.String(), "do": "save"} {
			_ = m.WriteField(k, v)
		}
		m.Close()
		b.send("POST", page, m.FormDataContentType(), "application/json", &form).want(409, `"kind":"conflict"`, `"rev":3`)
		b.post(page, append(who, "rev", "3", "body", "x", "do", "post")...).want(303)
		b.post(page, append(who, "rev", "3", "body", "y", "do", "save")...).want(409, "has been sent already")
	})
}

func TestPicturesWithoutScripts(t *testing.T) {
	eachBrowser(t, func(t *testing.T, w *world, open func(*identity.Principal) *browser) {
		b := open(w.ama)
		upload := func(path, rev, name string, data io.Reader) {
			t.Helper()
			var form bytes.Buffer
			m := multipart.NewWriter(&form)
			for k, v := range map[string]string{"rev": rev, "body": "With pictures", "kind": "note", "lang": "en", "profile": w.org.String(), "do": "picture"} {
				_ = m.WriteField(k, v)
			}
			for _, i := range regexp.MustCompile(`name="image" value="([^"]+)"`).FindAllStringSubmatch(b.body, -1) {
				_ = m.WriteField("image", i[1])
			}
			f, err := m.CreateFormFile("picture", name)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.Copy(f, data); err != nil {
				t.Fatal(err)
			}
			m.Close()
			b.send("POST", path, m.FormDataContentType(), "text/html", &form)
		}
		upload("/compose", "0", "../../etc/passwd.png", strings.NewReader("<svg onload=alert(1)>"))
		b.want(400, "not a picture")
		b.body = ""
		upload("/compose", "0", "one.png", picturePNG(t, 10))
		b.want(303)
		page := strings.TrimSuffix(b.to, "#pictures")
		b.get(page).want(200, "Description of picture 1")
		upload(page, b.rev(), "two.png", picturePNG(t, 90))
		b.want(303)
		b.get(page).want(200, "Description of picture 2")
		ids := regexp.MustCompile(`name="image" value="([^"]+)"`).FindAllStringSubmatch(b.body, -1)
		one, two := ids[0][1], ids[1][1]
		common := []string{"profile", w.org.String(), "kind", "note", "lang", "en", "body", "With pictures", "image", one, "image", two, "alt-" + two, "A grey field"}
		b.post(page, append(common, "rev", b.rev(), "do", "post")...).want(400, "Describe every picture")
		b.post(page, append(common, "rev", b.rev(), "do", "up:"+two)...).want(303)
		b.get(page)
		if first := regexp.MustCompile(`name="image" value="([^"]+)"`).FindStringSubmatch(b.body)[1]; first != two {
			t.Error("the picture did not move up")
		}
		b.post(page, append(common, "rev", b.rev(), "do", "drop:"+one)...).want(303)
		src := regexp.MustCompile(`/media/[0-9a-f]+-\d+\.(?:png|jpg)`).FindString(b.get(page).want(200, "A grey field").lacks("Description of picture 2").body)
		open(nil).get(src).want(404)
		b.get(src).want(200)
		b.post(page, "profile", w.org.String(), "kind", "note", "lang", "en", "body", "With pictures", "image", two, "alt-"+two, "A grey field", "rev", b.get(page).rev(), "do", "post").want(303)
		open(nil).get(src).want(200)
	})
}

func TestWhoSeesWhichPage(t *testing.T) {
	eachBrowser(t, func(t *testing.T, w *world, open func(*identity.Principal) *browser) {
		d := w.draft("A draft of Ama's.")
		page := "/compose/" + d.ID.String()
		open(nil).get(page).want(303)
		open(w.reviewer).get(page).want(403)
		open(w.doctor).get(page).want(404).lacks("Ama")
		open(w.luis).get(page).want(200, "Only its author can change it.", "Start a new draft").lacks(`id="composer"`, "Use this wording")
		open(w.luis).post(page, "rev", "1", "body", "Mine now", "do", "save").want(403)
		open(w.luis).post(page + "/copy").want(303)
		open(w.doctor).post(page+"/withdraw", "reason", "x").want(404)
		open(w.doctor).get("/drafts?who=team").want(200).lacks("A draft of Ama")
		open(w.luis).get("/drafts?who=team").want(200, "A draft of Ama")
		open(w.doctor).get("/compose").want(200, "Dr Quenby").lacks("Orlena Health Centre</option>")
		published := w.submit(d)
		open(w.doctor).get("/compose?edits=" + published.Post.String()).want(403)
		open(w.luis).get("/compose?edits="+published.Post.String()).want(200, "Edit a public post", "A draft of Ama")
		open(w.luis).get("/compose/not-an-id").want(404)
		open(w.luis).get("/calendar?month=2026-99").want(400)
		open(w.luis).get("/drafts?after=zzz").want(400)
	})
}

func TestLiveCheck(t *testing.T) {
	eachBrowser(t, func(t *testing.T, w *world, open func(*identity.Principal) *browser) {
		b := open(w.ama)
		ask := func(body string) *browser {
			return b.send("POST", "/compose/check", "application/json", "application/json", strings.NewReader(body))
		}
		text := "é😀 [hold] ñ [warn]"
		in, _ := json.Marshal(map[string]any{"id": "", "kind": "note", "lang": "en", "title": "", "body": text, "pictures": []map[string]string{{"id": "", "alt": "a [note]"}}})
		ask(string(in)).want(200)
		var out checkOut
		if err := json.Unmarshal([]byte(b.body), &out); err != nil {
			t.Fatal(err)
		}
		if out.Verdict != "hold" || len(out.Findings) != 3 || !strings.Contains(out.Says, "1 held, 1 warning, 1 note") {
			t.Fatalf("%+v", out)
		}
		// UTF-16: é is 1, 😀 is 2, a space: [hold] starts at 4; in bytes 2+4+1 = 7.
		if f := out.Findings[0]; f.Start != 4 || f.End != 10 || f.StartByte != 7 || f.EndByte != 13 || f.Field != "body" || f.N != 1 {
			t.Errorf("%+v", f)
		}
		if f := out.Findings[2]; f.Field != "alt:1" || f.Start != 2 {
			t.Errorf("%+v", f)
		}
		if !strings.Contains(out.HTML.Gate, "Use this wording") || !strings.Contains(out.HTML.Go, "Ask for approval") {
			t.Error("the parts of the page are missing")
		}
		// A new version of a post is told from a new post.
		const clear = `"kind":"note","lang":"en","title":"","body":"All is well.","pictures":[]}`
		ask(`{"id":"",`+clear).want(200, "Post publicly")
		ask(`{"id":"","edits":"01a20609-53f0-70a9-9369-ebe11f55fd44",`+clear).want(200, "Publish the new version")
		ask(`{"id":"","kind":"note","lang":"en","title":"","body":"x","body":"y","pictures":[]}`).want(400)
		ask(`{"extra":1}`).want(400)
		ask(`not json`).want(400)
		ask(`{"body":`+strconv.Quote(strings.Repeat("x", 110<<10))+`}`).want(413, "too-large")
		open(nil).send("POST", "/compose/check", "application/json", "application/json", strings.NewReader(string(in))).want(401)
		if n := len(w.allOf(w.ama)); n != 0 {
			t.Error("a check left something behind")
		}
	})
}
