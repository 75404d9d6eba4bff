// Package timeline is the public face: home, news, people, topics, posts and their history, feeds,
// sitemap, and the pages that say how the organisation behaves. Every page is a list that is one
// index range, works without a script, and is kept by the store's revision number until something
// public changes. May import media, profiles, topics, posts, revision, ui and platform.
package timeline

import (
	"bytes"
	"context"
	"net/http"
	"time"

	"github.com/a-h/templ"

	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/page"
	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/social/internal/media"
	"github.com/mitral-health/mitral/social/internal/posts"
	"github.com/mitral-health/mitral/social/internal/profiles"
	"github.com/mitral-health/mitral/social/internal/revision"
	"github.com/mitral-health/mitral/social/internal/topics"
	"github.com/mitral-health/mitral/ui"
)

const (
	perPage = 20 // how many posts a page or a feed shows
	atOnce  = 2  // how many of them are seen before anybody scrolls
)

// Deps is what the public pages are made from.
type Deps struct {
	Store    *db.DB
	Clock    clock.Clock
	Media    *media.Store
	Profiles *profiles.Store
	Topics   topics.Store
	Posts    *posts.Store
	Site     *ui.Site
}

// Timeline serves the public pages.
type Timeline struct {
	Deps
	people shelf         // the directory
	made   cache[*made]  // whole pages and feeds
	parts  cache[*piece] // what they are made of
}

// New returns the public pages of one social store.
func New(d Deps) *Timeline { return &Timeline{Deps: d} }

// Routes returns the public addresses.
func (t *Timeline) Routes() []web.Route {
	routes := []web.Route{
		{Pattern: "GET /{$}", Handler: t.page(t.home)},
		{Pattern: "GET /news", Handler: t.page(t.news)},
		{Pattern: "GET /people", Handler: t.page(t.peoplePage)},
		{Pattern: "GET /u/{handle}", Handler: t.page(t.profile)},
		{Pattern: "GET /u/{handle}/articles", Handler: t.page(t.profile)},
		{Pattern: "GET /p/{id}", Handler: t.page(t.post)},
		{Pattern: "GET /p/{id}/history", Handler: t.page(t.history)},
		{Pattern: "GET /topics", Handler: t.page(t.topicsPage)},
		{Pattern: "GET /topics/{slug}", Handler: t.page(t.topic)},
		{Pattern: "GET /about", Handler: t.page(t.about)},
		{Pattern: "GET /rules", Handler: t.page(t.rules)},
		{Pattern: "GET /privacy", Handler: t.page(t.privacy)},
		{Pattern: "GET /accessibility", Handler: t.page(t.accessibility)},
		{Pattern: "GET /lang/{lang}", Handler: t.lang},
		{Pattern: "GET /robots.txt", Handler: t.robots},
		{Pattern: "GET /sitemap.xml", Handler: t.document(t.sitemapIndex)},
		{Pattern: "GET /sitemap/{part}", Handler: t.document(t.sitemapPart)},
	}
	for _, f := range forms {
		routes = append(routes,
			web.Route{Pattern: "GET /news/feed." + f.ext, Handler: t.document(t.feed(f))},
			web.Route{Pattern: "GET /u/{handle}/feed." + f.ext, Handler: t.document(t.feed(f))},
			web.Route{Pattern: "GET /topics/{slug}/feed." + f.ext, Handler: t.document(t.feed(f))})
	}
	return routes
}

// visit is one request for a public page: everything that it reads is of one moment.
type visit struct {
	*directory
	r    *http.Request
	tx   db.Tx
	now  time.Time
	rev  revision.Number
	lang string   // of the interface
	site *ui.Site // in that language
	base string   // what makes a path an address: https://orlena.example
}

// answer is what a page handler found.
type answer struct {
	body   templ.Component
	status int    // 0 is 200
	to     string // redirect to this path instead
}

// begin reads where the store stands and starts a visit.
func (t *Timeline) begin(ctx context.Context, tx db.Tx, r *http.Request, lang string, rev revision.Number) (*visit, error) {
	dir, err := t.directory(ctx, tx, rev.Directory)
	if err != nil {
		return nil, err
	}
	set := ui.From(ctx)
	v := &visit{directory: dir, r: r, tx: tx, now: t.Clock.Now(), rev: rev, lang: lang, site: t.Site.In(lang), base: set.Origin}
	if v.base == "" {
		v.base = t.Site.URL
	}
	return v, nil
}

// from returns the place in a list that the request asks for.
func (v *visit) from() (page.Cursor, error) { return page.Parse(v.r.URL.Query().Get("after")) }

// list reads a page of a list and makes its cards and the address of the next page.
func (t *Timeline) list(ctx context.Context, v *visit, l posts.List, path string) (listing, error) {
	c, err := v.from()
	if err != nil {
		return listing{}, err
	}
	l.Lang = v.lang
	got, err := t.Posts.Page(ctx, v.tx, l, c, perPage)
	if err != nil {
		return listing{}, err
	}
	out := listing{first: c.IsZero(), now: v.now}
	soon := min(atOnce, len(got.Items))
	for _, some := range []struct {
		form string
		refs []posts.Ref
		soon bool
	}{{"first " + v.lang, got.Items[:soon], true}, {"later " + v.lang, got.Items[soon:], false}} {
		cards, err := t.pieces(ctx, v, some.form, false, some.refs, func(c card, b *bytes.Buffer) error {
			return postCard(c, some.soon).Render(ctx, b)
		})
		if err != nil {
			return listing{}, err
		}
		out.cards = append(out.cards, cards...)
	}
	if !got.Next.IsZero() {
		out.next = path + "?after=" + got.Next.String()
	}
	return out, nil
}

// lang remembers the language that a reader chose and leads back to where they were.
func (t *Timeline) lang(w http.ResponseWriter, r *http.Request) error {
	lang := r.PathValue("lang")
	if lang != "en" && lang != "es" {
		return fault.New(fault.NotFound, "There is nothing at this address.")
	}
	http.SetCookie(w, &http.Cookie{Name: "lang", Value: lang, Path: "/", MaxAge: 365 * 24 * 3600,
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: r.TLS != nil || len(t.Site.URL) > 8 && t.Site.URL[:8] == "https://"})
	return web.Redirect(w, r, withoutLang(web.LocalOr(r.URL.Query().Get("to"), "/")))
}
