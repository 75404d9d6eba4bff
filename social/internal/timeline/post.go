package timeline

import (
	"context"
	"net/http"
	"time"

	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/id"
	"github.com/mitral-health/mitral/social/internal/posts"
	"github.com/mitral-health/mitral/ui"
	"github.com/mitral-health/mitral/ui/text"
)

// postView is what a post's page shows.
type postView struct {
	card
	parts  []card // of a thread, from the second on
	others []card // the same in other languages
	site   *ui.Site
}

// asked returns the post that the request names. An id of any other form names none.
func (t *Timeline) asked(ctx context.Context, v *visit) (posts.Post, error) {
	which, err := id.Parse[posts.Post](v.r.PathValue("id"))
	if err != nil || which.IsZero() {
		return posts.Post{}, fault.New(fault.NotFound, "There is no such post.")
	}
	return t.Posts.Get(ctx, v.tx, which)
}

func (t *Timeline) post(ctx context.Context, v *visit) (answer, error) {
	p, err := t.asked(ctx, v)
	if err != nil {
		return answer{}, err
	}
	if !p.WithdrawnAt.IsZero() {
		return gone(ctx, v, p), nil
	}
	c := v.card(p)
	if p.Root != p.ID {
		root := card{Post: posts.Post{ID: p.Root}}
		return answer{to: root.path() + "#" + c.anchor()}, nil
	}
	view := postView{card: c, site: v.site}
	if p.Parts > 1 {
		all, err := t.Posts.Thread(ctx, v.tx, p.ID)
		if err != nil {
			return answer{}, err
		}
		for _, part := range all {
			if part.ID != p.ID {
				view.parts = append(view.parts, v.card(part))
			}
		}
	}
	same, err := t.Posts.Translations(ctx, v.tx, p.Original)
	if err != nil {
		return answer{}, err
	}
	alternates := []ui.Alternate{{Lang: p.Lang, URL: c.path()}}
	for _, o := range same {
		if o.ID != p.ID && o.Lang != p.Lang {
			other := v.card(o)
			view.others = append(view.others, other)
			alternates = append(alternates, ui.Alternate{Lang: o.Lang, URL: other.path()})
		}
	}
	if len(alternates) == 1 {
		alternates = nil
	}
	page := ui.Page{Title: c.heading(ctx), Nav: "news", Description: p.Excerpt, Type: "article", Lang: p.Lang, Canonical: c.path(),
		Alternates: alternates, JSONLD: v.article(ctx, c), Feeds: v.feedsOf(ctx, c.by.path(), c.by.name(ctx))}
	if len(p.Images) > 0 {
		page.Image, page.ImageAlt = p.Images[0].Src, p.Images[0].Alt
	}
	page.Lang = "" // the post's own words are marked; what surrounds them is in the reader's language
	return answer{body: postPage(page, view)}, nil
}

// gone answers for a withdrawn post: that it was here, and nothing of what it said.
func gone(ctx context.Context, v *visit, p posts.Post) answer {
	page := ui.Page{Title: text.T(ctx, "This post was withdrawn"), NoIndex: true}
	return answer{status: http.StatusGone, body: gonePage(page, v.card(posts.Post{ID: p.ID, Profile: p.Profile, WithdrawnAt: p.WithdrawnAt, Lang: p.Lang}))}
}

// change is one version of a post and what became of the one before it.
type change struct {
	posts.Version
	first bool
	title []posts.Span
	body  []posts.Span
	alts  []posts.Span
}

func (t *Timeline) history(ctx context.Context, v *visit) (answer, error) {
	p, err := t.asked(ctx, v)
	if err != nil {
		return answer{}, err
	}
	if !p.WithdrawnAt.IsZero() {
		return gone(ctx, v, p), nil
	}
	if p.Version == 0 { // a further part: the history is that of what it was published with
		root := card{Post: posts.Post{ID: p.Root}}
		return answer{to: root.path() + "/history"}, nil
	}
	versions, err := t.Posts.Versions(ctx, v.tx, p.ID)
	if err != nil {
		return answer{}, err
	}
	var changes []change
	for i, n := range versions {
		c := change{Version: n, first: i == 0}
		if i > 0 {
			was := versions[i-1]
			c.title, c.body, c.alts = diff(was.Title, n.Title), posts.Diff(was.Body, n.Body), diff(was.Alts, n.Alts)
		}
		changes = append([]change{c}, changes...)
	}
	c := v.card(p)
	page := ui.Page{Title: text.T(ctx, "What changed: %s", c.heading(ctx)), Nav: "news", NoIndex: true}
	return answer{body: historyPage(page, c, changes)}, nil
}

// diff is posts.Diff of what may be unchanged, which needs no showing.
func diff(was, is string) []posts.Span {
	if was == is {
		return nil
	}
	return posts.Diff(was, is)
}

// newest is when a post last changed.
func newest(p posts.Post) time.Time {
	if p.EditedAt.After(p.PublishedAt) {
		return p.EditedAt
	}
	return p.PublishedAt
}
