package timeline

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/mitral-health/mitral/gate"
	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/db/dbtest"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/id"
	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/social/internal/media"
	"github.com/mitral-health/mitral/social/internal/posts"
	"github.com/mitral-health/mitral/social/internal/profiles"
	"github.com/mitral-health/mitral/social/internal/revision"
	"github.com/mitral-health/mitral/social/internal/topics"
	"github.com/mitral-health/mitral/ui"
	"github.com/mitral-health/mitral/ui/text"
)

const origin = "https://orlena.example"

// world is a small public chamber behind the chain of a real server.
type world struct {
	*testing.T
	db       *db.DB
	clock    *clock.Manual
	posts    *posts.Store
	profiles *profiles.Store
	people   map[string]profiles.ID
	clear    func(posts.Content) gate.Cleared
	handler  http.Handler
	viewer   *ui.Viewer
	drafts   int
}

func each(t *testing.T, f func(w *world)) {
	steps := append(media.Migrations(), db.Migration{Name: "revision", SQL: revision.Schema}, db.Migration{Name: "profiles", SQL: profiles.Schema},
		db.Migration{Name: "topics", SQL: topics.Schema}, db.Migration{Name: "posts", SQL: posts.Schema},
		db.Migration{Name: "voices", SQL: profiles.SchemaRetired + topics.SchemaRetired})
	dbtest.Each(t, "social", steps, func(t *testing.T, store *db.DB) { f(newWorld(t, store)) })
}

func newWorld(t *testing.T, store *db.DB) *world {
	t.Helper()
	w := &world{T: t, db: store, clock: clock.At(time.Date(2026, 11, 12, 9, 0, 0, 0, time.UTC)), people: map[string]profiles.ID{}, clear: clearer(t)}
	m := media.New(store, nil, w.clock)
	w.profiles = profiles.New(m)
	w.posts = posts.New(m, w.profiles)
	for i, p := range []profiles.Profile{
		{Kind: profiles.Organisation, Handle: "orlena", Name: profiles.Words{EN: "Orlena"}},
		{Kind: profiles.Department, Handle: "family", Name: profiles.Words{EN: "Family medicine", ES: "Medicina de familia"}},
		{Kind: profiles.Clinician, Handle: "marisol", Name: profiles.Words{EN: "Dr Marisol Quenby"}, VerifiedOn: w.clock.Now()},
	} {
		p.ID, p.Position = id.New[profiles.Profile](w.clock.Now()), i
		if p.Kind == profiles.Clinician {
			p.Department = w.people["family"]
		}
		w.people[p.Handle] = p.ID
		w.write(func(ctx context.Context, tx db.Tx) error { return w.profiles.Save(ctx, tx, p) })
	}
	w.write(func(ctx context.Context, tx db.Tx) error {
		return topics.Store{}.Save(ctx, tx, topics.Topic{Slug: "salt", Name: profiles.Words{EN: "Salt", ES: "Sal"}})
	})
	site := &ui.Site{Name: "Orlena", URL: origin, Tagline: "Good health", Lead: "Plain answers.", Phone: "555 010 020", TimeZone: "Europe/Madrid", Langs: []string{"en", "es"}}
	tl := New(Deps{Store: store, Clock: w.clock, Media: m, Profiles: w.profiles, Posts: w.posts, Site: site})
	setting := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			lang := "en"
			if c, err := r.Cookie("lang"); err == nil {
				lang = c.Value
			}
			set := &ui.Setting{Site: site, Lang: lang, Path: r.URL.RequestURI(), Origin: origin, Viewer: w.viewer}
			next.ServeHTTP(rw, r.WithContext(ui.With(r.Context(), set)))
		})
	}
	fail := func(rw http.ResponseWriter, r *http.Request, err error) {
		_ = web.RenderStatus(rw, r, web.Status(err), ui.ErrorPage(fault.KindOf(err), text.Fault(r.Context(), err)))
	}
	w.handler = web.New(web.Config{Log: slog.New(slog.DiscardHandler), Fail: fail, Wrap: []func(http.Handler) http.Handler{setting}}, tl.Routes(), ui.Routes())
	return w
}

func (w *world) write(f func(context.Context, db.Tx) error) {
	w.Helper()
	if err := w.db.Write(context.Background(), func(tx db.Tx) error { return f(context.Background(), tx) }); err != nil {
		w.Fatal(err)
	}
}

func (w *world) publish(by, body string, change func(*posts.Content)) (out posts.ID) {
	w.Helper()
	w.drafts++
	c := posts.Content{Draft: fmt.Sprint("d", w.drafts), Profile: w.people[by], Kind: posts.Note, Lang: "en", Body: body,
		Author: gate.Author{Subject: identity.NewPrincipal("Ama").Subject(identity.Social)}}
	if change != nil {
		change(&c)
	}
	w.clock.Advance(time.Minute)
	w.write(func(ctx context.Context, tx db.Tx) (err error) {
		out, err = w.posts.Publish(ctx, tx, w.clear(c), c, w.clock.Now())
		return err
	})
	return out
}

func (w *world) withdraw(p posts.ID) {
	w.Helper()
	w.write(func(ctx context.Context, tx db.Tx) error {
		return w.posts.Withdraw(ctx, tx, p, "secret reason", w.clock.Now())
	})
}

func (w *world) get(path string, headers ...string) *http.Response {
	w.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	return rec.Result()
}

// page asserts the status and returns the body.
func (w *world) page(status int, path string, headers ...string) string {
	w.Helper()
	res := w.get(path, headers...)
	b, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != status {
		w.Fatalf("%s: status %d, want %d (%v)", path, res.StatusCode, status, err)
	}
	return string(b)
}

// has asserts what a page holds; words after "!" must be missing.
func (w *world) has(page string, words ...string) {
	w.Helper()
	for _, word := range words {
		if no, ok := strings.CutPrefix(word, "!"); ok && strings.Contains(page, no) {
			w.Errorf("the page has %q", no)
		} else if !ok && !strings.Contains(page, word) {
			w.Errorf("the page lacks %q", word)
		}
	}
}

func TestPages(t *testing.T) {
	each(t, func(w *world) {
		w.has(w.page(200, "/"), "Nothing here yet", "Good health")
		note := w.publish("marisol", "Sit **still** first.", func(c *posts.Content) { c.Topics = []string{"salt"} })
		article := w.publish("marisol", "# Why\n\nIt hides in bread.", func(c *posts.Content) { c.Kind, c.Title = posts.Article, "Salt & bread" })
		es := w.publish("marisol", "Está en el pan.", func(c *posts.Content) {
			c.Kind, c.Title, c.Lang, c.TranslationOf = posts.Article, "La sal", "es", article
		})
		thread := w.publish("orlena", "First.\n\n---\n\nSecond.", func(c *posts.Content) { c.Kind = posts.Thread })

		w.has(w.page(200, "/"), "Sit <strong>still</strong> first.", "Salt &amp; bread", "It hides in bread.", "Thread of 2", "!Second.", "!La sal",
			`<link rel="canonical" href="https://orlena.example/"`, `"@type":"MedicalOrganization"`, `type="application/rss+xml"`)
		w.has(w.page(200, "/news", "Cookie", "lang=es"), "La sal", "!Salt &amp; bread", "En inglés", "Noticias", `lang="en"`)
		w.has(w.page(200, "/u/marisol"), "Verified clinician", "Sit <strong>still", "Salt &amp; bread", "Family medicine", `"ProfilePage"`, "Is it about your own health?", "tel:555010020")
		w.has(w.page(200, "/u/marisol/articles"), "Salt &amp; bread", "!Sit <strong>still")
		w.has(w.page(200, "/u/family", "Cookie", "lang=es"), "Medicina de familia", "Dr Marisol Quenby")
		w.has(w.page(200, "/people"), "Dr Marisol Quenby", "Family medicine")
		w.has(w.page(200, "/topics"), "/topics/salt")
		w.has(w.page(200, "/topics/salt"), "Sit <strong>still", "!bread")
		w.has(w.page(200, "/p/"+article.String()), "<h2>Why</h2>", "Leer en español", "/p/"+es.String(), `hreflang="es"`, `"@type":"Article"`, `property="og:type" content="article"`)
		w.has(w.page(200, "/p/"+thread.String()), "First.", "Second.")
		w.has(w.page(200, "/p/"+note.String()+"/history"), "Sit **still** first.")
		for _, path := range []string{"/about", "/rules", "/privacy", "/accessibility"} {
			w.has(w.page(200, path), "555 010 020", `rel="canonical"`)
		}
		for _, path := range []string{"/", "/u/marisol", "/p/" + article.String(), "/rules"} {
			w.has(w.page(200, path), "! style=", "! onclick", "!<script>")
		}
	})
}

func TestWithdrawnIsGoneAtOnce(t *testing.T) {
	each(t, func(w *world) {
		post := w.publish("orlena", "Wrong words.", func(c *posts.Content) { c.Topics = []string{"salt"} })
		lists := []string{"/", "/news", "/u/orlena", "/topics/salt", "/news/feed.rss", "/news/feed.atom", "/u/orlena/feed.json", "/topics/salt/feed.rss"}
		for _, path := range lists {
			w.has(w.page(200, path), "Wrong words.")
		}
		w.page(200, "/p/"+post.String())
		w.withdraw(post)
		for _, path := range lists {
			w.has(w.page(200, path), "!Wrong words.")
		}
		for _, path := range []string{"/p/" + post.String(), "/p/" + post.String() + "/history"} {
			w.has(w.page(410, path), "This post was withdrawn", "!Wrong words.", "!secret reason")
		}
		w.has(w.page(200, "/sitemap/en-2026-11.xml"), "!"+post.String())
	})
}

func TestEditedShowsItsHistory(t *testing.T) {
	each(t, func(w *world) {
		post := w.publish("orlena", "The van comes on 3 December.", nil)
		w.page(200, "/") // is kept
		w.publish("orlena", "The van comes on 4 December.", func(c *posts.Content) { c.Edits, c.EditsVersion = post, 1 })
		w.has(w.page(200, "/"), "4 December", "!3 December", "/p/"+post.String()+"/history")
		w.has(w.page(200, "/p/"+post.String()+"/history"), "<del>3</del>", "<ins>4</ins>")
	})
}

func TestOlderPosts(t *testing.T) {
	each(t, func(w *world) {
		for i := range perPage + 3 {
			w.publish("orlena", fmt.Sprintf("Post number %d.", i), nil)
		}
		first := w.page(200, "/u/orlena")
		w.has(first, fmt.Sprintf("Post number %d.", perPage+2), "!Post number 2.")
		_, rest, _ := strings.Cut(first, `rel="next" href="`)
		next, _, _ := strings.Cut(rest, `"`)
		w.has(w.page(200, next), "Post number 2.", "Post number 0.", "!Post number 3.", "Back to the newest")
	})
}

func TestStrangeAddresses(t *testing.T) {
	each(t, func(w *world) {
		for path, status := range map[string]int{
			"/u/nobody": 404, "/u/ORLENA": 404, "/u/..%2f..%2fetc%2fpasswd": 404, "/u/%00": 404, "/u/nobody/feed.rss": 404,
			"/p/1": 404, "/p/zzzzzzzz-zzzz-zzzz-zzzz-zzzzzzzzzzzz": 404, "/p/01A20253-EE81-797D-A037-8172D98144B4": 404,
			"/p/01a20253-ee81-797d-a037-8172d98144b4": 404, "/p/x/history": 404, "/p/" + strings.Repeat("a", 3000): 404,
			"/topics/none": 404, "/topics/none/feed.json": 404, "/topics/..%2f": 404, "/lang/xx": 404,
			"/news?after=%00": 400, "/news?after=zzz": 400, "/?after=" + strings.Repeat("A", 500): 400, "/u/orlena?after=!": 400,
			"/sitemap/none": 404, "/sitemap/en-2026-13.xml": 404, "/sitemap/..%2fpages.xml": 404, "/sitemap/fr-2026-11.xml": 404,
		} {
			w.has(w.page(status, path), "<h1>")
		}
	})
}

func TestLanguage(t *testing.T) {
	each(t, func(w *world) {
		for to, want := range map[string]string{"/news?after=x": "/news?after=x", "//evil.example": "/", "https://evil.example": "/",
			"/news?lang=en": "/news", "": "/", "/a\\b": "/"} {
			res := w.get("/lang/es?to=" + strings.NewReplacer("\\", "%5C", "?", "%3F", "=", "%3D").Replace(to))
			if got := res.Header.Get("Location"); res.StatusCode != 303 || got != want {
				w.Errorf("to %q: %d %q, want %q", to, res.StatusCode, got, want)
			}
			if c := res.Cookies(); len(c) != 1 || c[0].Value != "es" || !c[0].HttpOnly || !c[0].Secure {
				w.Errorf("cookie: %v", c)
			}
		}
	})
}

func TestStaffSeeTheirOwnBar(t *testing.T) {
	each(t, func(w *world) {
		w.page(200, "/")
		w.viewer = &ui.Viewer{Name: "Ama", Writes: true}
		res := w.get("/")
		b, _ := io.ReadAll(res.Body)
		w.has(string(b), "Staff desk")
		if got := res.Header.Get("Cache-Control"); !strings.Contains(got, "no-store") {
			w.Errorf("a page with a viewer may be kept: %q", got)
		}
		w.viewer = nil
		w.has(w.page(200, "/"), "!Staff desk")
	})
}

func TestKeptPagesFollowTheStore(t *testing.T) {
	each(t, func(w *world) {
		w.has(w.page(200, "/people"), "Dr Marisol Quenby")
		w.write(func(ctx context.Context, tx db.Tx) error {
			p, err := w.profiles.ByHandle(ctx, tx, "marisol")
			p.Name.EN = "Dr Marisol Other"
			if err == nil {
				err = w.profiles.Save(ctx, tx, p)
			}
			return err
		})
		w.has(w.page(200, "/people"), "Dr Marisol Other", "!Quenby")
		w.publish("orlena", "Just said.", nil)
		w.has(w.page(200, "/"), "just now")
		w.clock.Advance(10 * time.Minute)
		w.has(w.page(200, "/"), "10 minutes ago")
	})
}

func TestNotModified(t *testing.T) {
	each(t, func(w *world) {
		w.publish("orlena", "One.", nil)
		w.clock.Advance(time.Hour)
		for _, path := range []string{"/news/feed.rss", "/u/orlena/feed.atom", "/news/feed.json", "/news", "/sitemap.xml"} {
			first := w.get(path)
			tag, date := first.Header.Get("Etag"), first.Header.Get("Last-Modified")
			w.page(304, path, "If-None-Match", tag)
			w.page(200, path, "If-None-Match", `W/"other"`)
			if strings.Contains(path, "feed") {
				w.page(304, path, "If-Modified-Since", date)
				w.page(200, path, "If-Modified-Since", "Thu, 12 Nov 2026 00:00:00 GMT")
				w.page(200, path, "If-None-Match", `W/"other"`, "If-Modified-Since", date)
			}
		}
		tag := w.get("/news/feed.rss").Header.Get("Etag")
		w.publish("orlena", "Two.", nil)
		w.page(200, "/news/feed.rss", "If-None-Match", tag)
	})
}

// The feeds are read back by an independent parser: encoding/xml with namespaces, encoding/json.
func TestFeedsParse(t *testing.T) {
	each(t, func(w *world) {
		article := w.publish("marisol", "Less salt & <more> taste. See [the rules](/rules).", func(c *posts.Content) {
			c.Kind, c.Title, c.Topics = posts.Article, "Salt & \x01taste", []string{"salt"}
		})
		w.publish("orlena", "Uno.\n\n---\n\nDos ]]> tres.", func(c *posts.Content) { c.Kind, c.Lang = posts.Thread, "es" })
		link := origin + "/p/" + article.String()

		var rss struct {
			Channel struct {
				Language string `xml:"language"`
				Items    []struct {
					Title   string   `xml:"title"`
					Link    string   `xml:"link"`
					GUID    string   `xml:"guid"`
					Date    string   `xml:"pubDate"`
					Creator string   `xml:"http://purl.org/dc/elements/1.1/ creator"`
					Topics  []string `xml:"category"`
					Content string   `xml:"http://purl.org/rss/1.0/modules/content/ encoded"`
				} `xml:"item"`
			} `xml:"channel"`
		}
		if err := xml.Unmarshal([]byte(w.page(200, "/news/feed.rss?lang=es")), &rss); err != nil {
			w.Fatal(err)
		}
		if rss.Channel.Language != "es" || len(rss.Channel.Items) != 2 {
			w.Fatalf("RSS: %+v", rss)
		}
		i := rss.Channel.Items[1]
		if i.Title != "Salt & \uFFFDtaste" || i.Link != link || i.GUID != link || i.Creator != "Dr Marisol Quenby" || len(i.Topics) != 1 || i.Topics[0] != "Sal" {
			w.Errorf("RSS item: %+v", i)
		}
		if want := `<p>Less salt &amp;  taste. See <a href="https://orlena.example/rules">the rules</a>.</p>`; i.Content != want {
			w.Errorf("RSS content: %q", i.Content)
		}
		if _, err := time.Parse(time.RFC1123, i.Date); err != nil {
			w.Errorf("RSS date: %v", err)
		}
		w.has(rss.Channel.Items[0].Content, "Uno.", "Dos ]]&gt; tres.")

		var atom struct {
			XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
			Lang    string   `xml:"http://www.w3.org/XML/1998/namespace lang,attr"`
			Updated time.Time
			ID      string `xml:"id"`
			Entries []struct {
				ID        string    `xml:"id"`
				Published time.Time `xml:"published"`
				Updated   time.Time `xml:"updated"`
				Content   string    `xml:"content"`
				Author    string    `xml:"author>name"`
			} `xml:"entry"`
		}
		if err := xml.Unmarshal([]byte(w.page(200, "/u/marisol/feed.atom")), &atom); err != nil {
			w.Fatal(err)
		}
		if atom.Lang != "en" || len(atom.Entries) != 1 || atom.Entries[0].ID != link || atom.Entries[0].Author != "Dr Marisol Quenby" || atom.Entries[0].Published.IsZero() {
			w.Errorf("Atom: %+v", atom)
		}

		var feed struct {
			Version  string `json:"version"`
			Language string `json:"language"`
			Self     string `json:"feed_url"`
			Items    []struct {
				ID   string   `json:"id"`
				HTML string   `json:"content_html"`
				Tags []string `json:"tags"`
			} `json:"items"`
		}
		if err := json.Unmarshal([]byte(w.page(200, "/topics/salt/feed.json")), &feed); err != nil {
			w.Fatal(err)
		}
		if feed.Version != "https://jsonfeed.org/version/1.1" || feed.Language != "en" || len(feed.Items) != 1 || feed.Items[0].Tags[0] != "Salt" ||
			feed.Self != origin+"/topics/salt/feed.json?lang=en" {
			w.Errorf("JSON Feed: %+v", feed)
		}
	})
}

func TestSitemapAndRobots(t *testing.T) {
	each(t, func(w *world) {
		post := w.publish("orlena", "One.", nil)
		w.clock.Set(time.Date(2027, 1, 3, 9, 0, 0, 0, time.UTC))
		w.publish("orlena", "Dos.", func(c *posts.Content) { c.Lang = "es" })
		w.has(w.page(200, "/robots.txt"), "Sitemap: https://orlena.example/sitemap.xml", "Disallow: /compose")
		index := w.page(200, "/sitemap.xml")
		w.has(index, "/sitemap/pages.xml", "/sitemap/en-2026-11.xml", "/sitemap/es-2027-01.xml")
		w.has(w.page(200, "/sitemap/pages.xml"), origin+"/u/marisol", origin+"/topics/salt", origin+"/rules")
		w.has(w.page(200, "/sitemap/en-2026-11.xml"), origin+"/p/"+post.String())
		w.has(w.page(200, "/sitemap/es-2026-11.xml"), "!/p/")
		for _, path := range []string{"/sitemap.xml", "/sitemap/pages.xml", "/sitemap/es-2027-01.xml"} {
			if err := xml.Unmarshal([]byte(w.page(200, path)), new(struct{})); err != nil {
				w.Errorf("%s: %v", path, err)
			}
		}
	})
}

// TestTwoCopies has two copies of the program on one store: what one publishes the other shows.
func TestTwoCopies(t *testing.T) {
	each(t, func(w *world) {
		other := newTimeline(w)
		w.has(w.page(200, "/news"), "Nothing here yet")
		here := w.handler
		w.handler = other
		w.has(w.page(200, "/news"), "Nothing here yet")
		w.handler = here
		post := w.publish("orlena", "From the first copy.", nil)
		w.handler = other
		w.has(w.page(200, "/news"), "From the first copy.")
		w.handler = here
		w.withdraw(post)
		w.handler = other
		w.has(w.page(200, "/news"), "!From the first copy.")
	})
}

func newTimeline(w *world) http.Handler {
	site := &ui.Site{Name: "Orlena", URL: origin, Langs: []string{"en", "es"}, TimeZone: "UTC"}
	m := media.New(w.db, nil, w.clock)
	return web.New(web.Config{Log: slog.New(slog.DiscardHandler)},
		New(Deps{Store: w.db, Clock: w.clock, Media: m, Profiles: w.profiles, Posts: w.posts, Site: site}).Routes())
}
