package drafts

import (
	"context"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/id"
	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/social/internal/media"
	"github.com/mitral-health/mitral/social/internal/posts"
	"github.com/mitral-health/mitral/social/internal/profiles"
	"github.com/mitral-health/mitral/ui/text"
)

// form is the editor's form as it was sent.
type form struct {
	values   url.Values
	rev      int
	content  posts.Content
	plan     Plan
	attested bool
	do       string // what the button says: save, check, preview, post, schedule, picture, up, down, drop, use, suggested
	what     string // and to what
}

// readForm reads the editor's form. A picture in it is stored as it arrives, so who may not write
// gets no further than this.
func (s *Drafts) readForm(r *http.Request) (*form, error) {
	if err := identity.From(r.Context()).MayPost(); err != nil {
		return nil, err
	}
	var added []media.ID
	var values url.Values
	var err error
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind == "multipart/form-data" {
		values, err = web.Upload(r, media.MaxBytes+1, func(f *web.File) error {
			if f.Field != "picture" || len(added) >= posts.MaxImages {
				return fault.New(fault.Invalid, "A post has at most %d pictures.", posts.MaxImages)
			}
			i, err := s.Media.Add(r.Context(), f)
			added = append(added, i.ID)
			return err
		})
	} else {
		values, err = web.Form(r)
	}
	if err != nil {
		return nil, err
	}
	f := &form{values: values, attested: values.Get("attest") == "yes"}
	f.do, f.what, _ = strings.Cut(values.Get("do"), ":")
	f.rev, _ = strconv.Atoi(values.Get("rev")) // 0 is no revision, so it clashes
	f.content = contentOf(values)
	for _, i := range added {
		if !slices.ContainsFunc(f.content.Images, func(have posts.Image) bool { return have.ID == i }) {
			f.content.Images = append(f.content.Images, posts.Image{ID: i})
		}
	}
	f.moveImages()
	f.plan = planOf(r.Context(), values)
	return f, nil
}

// contentOf reads the content. Ids that make no sense are no ids: what must be there is asked for
// when the text is submitted.
func contentOf(v url.Values) posts.Content {
	c := posts.Content{Kind: posts.Kind(v.Get("kind")), Lang: v.Get("lang"), Title: v.Get("title"), Body: v.Get("body")}
	switch c.Kind {
	case posts.Note, posts.Article, posts.Thread:
	default:
		c.Kind = posts.Note
	}
	if c.Lang != "es" {
		c.Lang = "en"
	}
	c.Profile, _ = id.Parse[profiles.Profile](v.Get("profile"))
	c.TranslationOf, _ = id.Parse[posts.Post](v.Get("translation"))
	c.Continues, _ = id.Parse[posts.Post](v.Get("continues"))
	for _, t := range v["topic"] {
		if t != "" && len(t) <= 50 && len(c.Topics) < posts.MaxTopics && !slices.Contains(c.Topics, t) {
			c.Topics = append(c.Topics, t)
		}
	}
	for _, one := range v["image"] {
		if i, err := id.Parse[media.Image](one); err == nil && !i.IsZero() && len(c.Images) < 2*posts.MaxImages {
			c.Images = append(c.Images, posts.Image{ID: i, Alt: v.Get("alt-" + one)})
		}
	}
	return c
}

// moveImages does what the buttons beside a picture say.
func (f *form) moveImages() {
	list := f.content.Images
	at := slices.IndexFunc(list, func(i posts.Image) bool { return i.ID.String() == f.what })
	if at < 0 {
		return
	}
	switch f.do {
	case "up":
		if at > 0 {
			list[at-1], list[at] = list[at], list[at-1]
		}
	case "down":
		if at+1 < len(list) {
			list[at+1], list[at] = list[at], list[at+1]
		}
	case "drop":
		f.content.Images = slices.Delete(list, at, at+1)
	}
}

// planOf reads the planned time as it was written; whether it makes sense is asked when the text is
// scheduled.
func planOf(ctx context.Context, v url.Values) Plan {
	day, clock := v.Get("plan_day"), v.Get("plan_time")
	if day == "" || len(day) > 10 || len(clock) > 8 {
		return Plan{}
	}
	if clock == "" {
		clock = "09:00"
	}
	zone := v.Get("plan_zone")
	if _, err := time.LoadLocation(zone); err != nil || zone == "" || zone == "Local" {
		zone = text.Zone(ctx).String()
	}
	wall := day + "T" + clock
	if _, err := time.Parse(wallForm, wall); err != nil {
		return Plan{}
	}
	return Plan{Wall: wall, Zone: zone}
}

func pageLang(ctx context.Context) string { return text.Lang(ctx) }

func savedAt(ctx context.Context, t time.Time) string {
	return text.T(ctx, "Saved %s", text.Time(ctx, t))
}
