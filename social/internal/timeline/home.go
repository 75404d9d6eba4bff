package timeline

import (
	"context"
	"strings"

	"github.com/a-h/templ"

	"github.com/mitral-health/mitral/social/internal/posts"
	"github.com/mitral-health/mitral/social/internal/profiles"
	"github.com/mitral-health/mitral/ui"
	"github.com/mitral-health/mitral/ui/text"
)

// homeView is what the home page shows.
type homeView struct {
	site   *ui.Site
	list   listing
	people []*person // some of them
	total  int
	*directory
}

func (t *Timeline) home(ctx context.Context, v *visit) (answer, error) {
	l, err := t.list(ctx, v, posts.List{}, "/news")
	if err != nil {
		return answer{}, err
	}
	clinicians := v.kind(profiles.Clinician)
	h := homeView{site: v.site, list: l, total: len(clinicians), people: clinicians[:min(6, len(clinicians))], directory: v.directory}
	p := ui.Page{Description: v.site.Lead, Canonical: "/", Alternates: alternates("/"), JSONLD: v.organisation(ctx), Feeds: v.feedsOf(ctx, "/news", "")}
	return answer{body: homePage(p, h)}, nil
}

func (t *Timeline) news(ctx context.Context, v *visit) (answer, error) {
	l, err := t.list(ctx, v, posts.List{}, "/news")
	if err != nil {
		return answer{}, err
	}
	p := ui.Page{Title: text.T(ctx, "News"), Nav: "news", Description: text.T(ctx, "Everything that %s publishes, newest first.", v.site.Name),
		Canonical: "/news", Alternates: alternates("/news"), Feeds: v.feedsOf(ctx, "/news", ""), NoIndex: !l.first}
	return answer{body: newsPage(p, v.site, l, v.directory)}, nil
}

// alternates are the same page's addresses in each language.
func alternates(path string) []ui.Alternate {
	return []ui.Alternate{{Lang: "en", URL: path + "?lang=en"}, {Lang: "es", URL: path + "?lang=es"}, {Lang: "x-default", URL: path}}
}

// telephone makes a link of a number as people write it.
func telephone(number string) string {
	return "tel:" + strings.Map(func(r rune) rune {
		if r == '+' || '0' <= r && r <= '9' {
			return r
		}
		return -1
	}, number)
}

// whole keeps a number together at the end of a line.
func whole(number string) string { return strings.ReplaceAll(number, " ", "\u00a0") }

// feedPath is the address of a list's feed in the language of the page.
func feedPath(ctx context.Context, path, ext string) templ.SafeURL {
	return templ.SafeURL(path + "/feed." + ext + "?lang=" + text.Lang(ctx))
}

// feedsOf are the feeds of a list for the head of its page; name is "" for the organisation's own.
func (v *visit) feedsOf(ctx context.Context, path, name string) []ui.Feed {
	title := v.site.Name
	if name != "" {
		title = name + ": " + title
	}
	var out []ui.Feed
	for _, f := range forms {
		mime, _, _ := strings.Cut(f.mime, ";")
		out = append(out, ui.Feed{Title: title, URL: string(feedPath(ctx, path, f.ext)), Type: mime})
	}
	return out
}
