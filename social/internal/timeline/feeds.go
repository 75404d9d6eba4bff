package timeline

import (
	"bytes"
	"context"
	"encoding/json"
	"html"
	"net/url"
	"strings"
	"time"

	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/page"
	"github.com/mitral-health/mitral/social/internal/posts"
	"github.com/mitral-health/mitral/ui/text"
)

// form is one format of feeds.
type form struct {
	ext, mime string
	item      func(item, *bytes.Buffer) error
	whole     func(*feed, *bytes.Buffer) error
}

// The formats: RSS 2.0, Atom (RFC 4287), JSON Feed 1.1.
var forms = [...]form{
	{"rss", "application/rss+xml; charset=utf-8", item.rss, (*feed).rss},
	{"atom", "application/atom+xml; charset=utf-8", item.atom, (*feed).atom},
	{"json", "application/feed+json; charset=utf-8", item.json, (*feed).json},
}

// feed is a list for programs, with the whole text of each post.
type feed struct {
	title, about string
	home, self   string // addresses of the page and of this feed
	lang         string
	updated      time.Time
	items        []*piece
	organisation string
}

// item is one post in a feed.
type item struct {
	card
	title   string
	address string
	author  string
	page    string // of the author
	html    string
	topics  []string
	images  []posts.Picture // with full addresses
}

// feed makes the function that writes the feed of the list that the request names.
func (t *Timeline) feed(f form) func(context.Context, *visit, *bytes.Buffer) (string, error) {
	return func(ctx context.Context, v *visit, b *bytes.Buffer) (string, error) {
		l := posts.List{Lang: v.lang}
		out := &feed{title: v.site.Name, about: v.site.Lead, home: "/news", lang: v.lang, organisation: v.site.Name}
		switch {
		case v.r.PathValue("handle") != "":
			who, err := v.named()
			if err != nil {
				return "", err
			}
			l.Profile, out.title, out.about, out.home = who.ID, who.name(ctx)+": "+v.site.Name, who.Bio.In(v.lang), who.path()
		case v.r.PathValue("slug") != "":
			about := v.bySlug[v.r.PathValue("slug")]
			if about == nil {
				return "", fault.New(fault.NotFound, "There is no such topic.")
			}
			l.Topic, out.title, out.about = about.Slug, about.Name.In(v.lang)+": "+v.site.Name, about.About.In(v.lang)
			out.home = "/topics/" + url.PathEscape(about.Slug)
		}
		if out.about == "" {
			out.about = out.title
		}
		out.self = v.base + out.home + "/feed." + f.ext + "?lang=" + v.lang
		out.home = v.base + out.home
		got, err := t.Posts.Page(ctx, v.tx, l, page.Cursor{}, perPage)
		if err != nil {
			return "", err
		}
		out.items, err = t.pieces(ctx, v, f.ext+" "+v.lang+" "+v.base, true, got.Items, func(c card, b *bytes.Buffer) error {
			return f.item(v.item(ctx, c), b)
		})
		if err != nil {
			return "", err
		}
		for _, p := range out.items {
			if p.changed.After(out.updated) {
				out.updated = p.changed
			}
		}
		if out.updated.IsZero() {
			out.updated = time.Unix(0, 0).UTC()
		}
		return f.mime, f.whole(out, b)
	}
}

func (v *visit) item(ctx context.Context, c card) item {
	i := item{card: c, title: c.heading(ctx), address: v.base + c.path(), author: c.by.name(ctx), page: v.base + c.by.path()}
	for _, t := range c.topics {
		i.topics = append(i.topics, t.Name.In(text.Lang(ctx)))
	}
	var body strings.Builder
	body.WriteString(v.absolute(c.HTML))
	for _, image := range c.Images {
		image.Src = v.address(image.Src)
		i.images = append(i.images, image)
		body.WriteString(`<p><img src="` + html.EscapeString(image.Src) + `" alt="` + html.EscapeString(image.Alt) + `"></p>`)
	}
	i.html = body.String()
	return i
}

// absolute makes the local links of safe HTML addresses: a feed is read elsewhere.
func (v *visit) absolute(safe string) string {
	return strings.ReplaceAll(safe, ` href="/`, ` href="`+v.base+`/`)
}

// jsonAuthor is who speaks, in a JSON Feed.
type jsonAuthor struct {
	Name string `json:"name"`
	URL  string `json:"url,omitempty"`
}

func (i item) json(b *bytes.Buffer) error {
	type attachment struct {
		URL   string `json:"url"`
		MIME  string `json:"mime_type"`
		Title string `json:"title,omitempty"`
	}
	e := struct {
		ID          string       `json:"id"`
		URL         string       `json:"url"`
		Title       string       `json:"title"`
		HTML        string       `json:"content_html"`
		Summary     string       `json:"summary,omitempty"`
		Image       string       `json:"image,omitempty"`
		Published   string       `json:"date_published"`
		Modified    string       `json:"date_modified"`
		Authors     []jsonAuthor `json:"authors"`
		Tags        []string     `json:"tags,omitempty"`
		Language    string       `json:"language"`
		Attachments []attachment `json:"attachments,omitempty"`
	}{ID: i.address, URL: i.address, Title: i.title, HTML: i.html, Summary: i.Excerpt, Published: iso(i.PublishedAt),
		Modified: iso(newest(i.Post)), Authors: []jsonAuthor{{i.author, i.page}}, Tags: i.topics, Language: i.Lang}
	for _, p := range i.images {
		e.Attachments = append(e.Attachments, attachment{p.Src, p.Type, p.Alt})
	}
	if len(i.images) > 0 {
		e.Image = i.images[0].Src
	}
	return encode(b, e)
}

func (f *feed) json(b *bytes.Buffer) error {
	err := encode(b, struct {
		Version     string       `json:"version"`
		Title       string       `json:"title"`
		Home        string       `json:"home_page_url"`
		Self        string       `json:"feed_url"`
		Description string       `json:"description"`
		Language    string       `json:"language"`
		Authors     []jsonAuthor `json:"authors"`
	}{"https://jsonfeed.org/version/1.1", f.title, f.home, f.self, f.about, f.lang, []jsonAuthor{{f.organisation, f.home}}})
	b.Truncate(bytes.LastIndexByte(b.Bytes(), '}')) // the items are made already
	b.WriteString(`,"items":[`)
	for i, p := range f.items {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(p.text)
	}
	b.WriteString("]}\n")
	return err
}

func encode(b *bytes.Buffer, v any) error {
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}
