package timeline

import (
	"context"
	"net/url"
	"strings"

	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/social/internal/posts"
	"github.com/mitral-health/mitral/social/internal/profiles"
	"github.com/mitral-health/mitral/ui"
	"github.com/mitral-health/mitral/ui/text"
)

func (t *Timeline) peoplePage(ctx context.Context, v *visit) (answer, error) {
	p := ui.Page{Title: text.T(ctx, "Our people"), Nav: "people", Canonical: "/people", Alternates: alternates("/people"),
		Description: text.T(ctx, "The departments and clinicians of %s.", v.site.Name)}
	return answer{body: peopleView(p, v.directory)}, nil
}

// named returns the profile that the request names.
func (v *visit) named() (*person, error) {
	if p := v.byHandle[v.r.PathValue("handle")]; p != nil {
		return p, nil
	}
	return nil, fault.New(fault.NotFound, "There is nobody here by that name.")
}

// profileView is what a profile's page shows.
type profileView struct {
	*person
	site       *ui.Site
	list       listing
	articles   bool
	department *person
	members    []*person // of a department
}

func (t *Timeline) profile(ctx context.Context, v *visit) (answer, error) {
	who, err := v.named()
	if err != nil {
		return answer{}, err
	}
	articles := strings.HasSuffix(v.r.URL.Path, "/articles")
	path := who.path()
	if articles {
		path += "/articles"
	}
	l, err := t.list(ctx, v, posts.List{Profile: who.ID, Articles: articles}, path)
	if err != nil {
		return answer{}, err
	}
	view := profileView{person: who, site: v.site, list: l, articles: articles, department: v.department(who)}
	if who.Kind == profiles.Department {
		view.members = v.of(who)
	}
	p := ui.Page{Title: who.name(ctx), Nav: "people", Type: "profile", Description: who.Bio.In(v.lang), Image: who.face, ImageAlt: who.name(ctx),
		Canonical: path, Alternates: alternates(path), JSONLD: v.profilePage(ctx, who), Feeds: v.feedsOf(ctx, who.path(), who.name(ctx)), NoIndex: !l.first || !who.Retired.IsZero()}
	return answer{body: profilePage(p, view)}, nil
}

func (t *Timeline) topicsPage(ctx context.Context, v *visit) (answer, error) {
	p := ui.Page{Title: text.T(ctx, "Topics"), Nav: "topics", Canonical: "/topics", Alternates: alternates("/topics"),
		Description: text.T(ctx, "What %s writes about.", v.site.Name)}
	return answer{body: topicsView(p, v.directory)}, nil
}

func (t *Timeline) topic(ctx context.Context, v *visit) (answer, error) {
	about := v.bySlug[v.r.PathValue("slug")]
	if about == nil {
		return answer{}, fault.New(fault.NotFound, "There is no such topic.")
	}
	path := "/topics/" + url.PathEscape(about.Slug)
	l, err := t.list(ctx, v, posts.List{Topic: about.Slug}, path)
	if err != nil {
		return answer{}, err
	}
	p := ui.Page{Title: about.Name.In(v.lang), Nav: "topics", Description: about.About.In(v.lang), Canonical: path,
		Alternates: alternates(path), Feeds: v.feedsOf(ctx, path, about.Name.In(v.lang)), NoIndex: !l.first || !about.Retired.IsZero()}
	return answer{body: topicPage(p, v.site, about, l, path)}, nil
}
