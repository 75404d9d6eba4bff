package voices

import (
	"context"
	"net/http"

	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/page"
	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/social/internal/media"
	"github.com/mitral-health/mitral/social/internal/posts"
	"github.com/mitral-health/mitral/social/internal/profiles"
	"github.com/mitral-health/mitral/ui/text"
)

// listView is every profile, and what is to be done next.
type listView struct {
	all   []profiles.Profile
	faces map[media.ID]media.Image
	staff []Person

	topics, posts  bool // there are some
	admin, compose bool // what whoever looks may do
}

func (s *Voices) list(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), identity.From(r.Context())
	v := listView{admin: who.Has(identity.Administrator), compose: who.Has(identity.Communications)}
	var err error
	if v.staff, err = s.Staff(ctx); err != nil {
		return err
	}
	err = s.Store.Read(ctx, func(tx db.Tx) error {
		if v.all, err = s.Profiles.All(ctx, tx); err != nil {
			return err
		}
		if v.faces, err = s.facesOf(ctx, tx, v.all); err != nil {
			return err
		}
		about, err := s.Topics.All(ctx, tx)
		if err != nil {
			return err
		}
		v.topics = len(about) > 0
		some, err := s.Posts.Page(ctx, tx, posts.List{Lang: "en"}, page.Cursor{}, 1)
		v.posts = len(some.Items) > 0
		return err
	})
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	return web.Render(w, r, listPage(say(ctx, text.T(ctx, "Profiles")), v))
}

// facesOf reads the portraits, some at a time: a query takes only so many arguments.
func (s *Voices) facesOf(ctx context.Context, tx db.Tx, all []profiles.Profile) (map[media.ID]media.Image, error) {
	out := map[media.ID]media.Image{}
	var ids []media.ID
	for i, p := range all {
		if !p.Avatar.IsZero() {
			ids = append(ids, p.Avatar)
		}
		if len(ids) < 500 && i < len(all)-1 {
			continue
		}
		some, err := s.Media.Many(ctx, tx, ids)
		if err != nil {
			return nil, err
		}
		for which, image := range some {
			out[which] = image
		}
		ids = ids[:0]
	}
	return out, nil
}

// group returns the profiles of a kind that speak.
func (v listView) group(k profiles.Kind) []profiles.Profile {
	var out []profiles.Profile
	for _, p := range v.all {
		if p.Kind == k && p.Retired.IsZero() {
			out = append(out, p)
		}
	}
	return out
}

// retired returns those that no longer do.
func (v listView) retired() []profiles.Profile {
	var out []profiles.Profile
	for _, p := range v.all {
		if !p.Retired.IsZero() {
			out = append(out, p)
		}
	}
	return out
}

func (v listView) face(p profiles.Profile) string {
	if i, ok := v.faces[p.Avatar]; ok {
		return i.URL(480)
	}
	return ""
}

// under is what stands below a profile's name: its title, and for a clinician where they work.
func (v listView) under(ctx context.Context, p profiles.Profile) string {
	title := p.Title.In(text.Lang(ctx))
	for _, dep := range v.all {
		if dep.ID == p.Department && !p.Department.IsZero() {
			if title == "" {
				return dep.Name.In(text.Lang(ctx))
			}
			return title + " · " + dep.Name.In(text.Lang(ctx))
		}
	}
	return title
}

// speakers says who may speak as a profile.
func speakers(ctx context.Context, p profiles.Profile, staff []Person) string {
	switch who := personOf(staff, p.Subject); {
	case !p.Retired.IsZero():
		return text.T(ctx, "Nobody")
	case who != nil:
		return text.T(ctx, "%s and communications", who.Name)
	}
	return text.T(ctx, "Communications")
}

// step is one thing to do before a new site can be read.
type step struct {
	done        bool
	name, words string
	href, link  string
}

// steps are what a new site still lacks; none once it has all of it.
func (v listView) steps(ctx context.Context) []step {
	out := []step{
		{done: len(v.group(profiles.Organisation)) > 0, name: text.T(ctx, "The organisation speaks"),
			words: text.T(ctx, "Its own profile, for news that nobody signs."), href: "/admin/profiles/new?kind=organisation", link: text.T(ctx, "Add the organisation")},
		{done: len(v.group(profiles.Department))+len(v.group(profiles.Clinician)) > 0, name: text.T(ctx, "Departments and clinicians"),
			words: text.T(ctx, "Readers trust a person whom they know. Each clinician speaks only as themselves."), href: "/admin/profiles/new", link: text.T(ctx, "Add a profile")},
		{done: v.topics, name: text.T(ctx, "Topics"),
			words: text.T(ctx, "What you write about. Readers follow a topic with any feed reader."), href: "/admin/topics", link: text.T(ctx, "Add topics")},
		{done: v.posts, name: text.T(ctx, "The first post"),
			words: text.T(ctx, "Somebody with the role communications writes it.")},
	}
	last := &out[len(out)-1]
	switch {
	case v.compose:
		last.words, last.href, last.link = text.T(ctx, "Say hello, and when you are open."), "/compose", text.T(ctx, "Write the first post")
	case v.admin:
		last.href, last.link = "/admin/staff", text.T(ctx, "See who has the role")
	}
	for _, s := range out {
		if !s.done {
			return out
		}
	}
	return nil
}

// next is the first step that is not done.
func next(all []step) int {
	for i, s := range all {
		if !s.done {
			return i
		}
	}
	return -1
}
