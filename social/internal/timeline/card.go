package timeline

import (
	"context"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/mitral-health/mitral/social/internal/posts"
	"github.com/mitral-health/mitral/social/internal/profiles"
	"github.com/mitral-health/mitral/social/internal/topics"
	"github.com/mitral-health/mitral/ui/text"
)

// card is a post as a list shows it.
type card struct {
	posts.Post
	by     *person
	topics []*topics.Topic
}

// listing is one page of a list.
type listing struct {
	cards []*piece
	now   time.Time
	next  string // address of the next page, "" on the last
	first bool
}

// stranger stands in for a speaker that the directory does not have; the database prevents it.
var stranger = &person{Profile: profiles.Profile{Name: profiles.Words{EN: "?"}}}

func (v *visit) card(p posts.Post) card {
	c := card{Post: p, by: v.byID[p.Profile]}
	if c.by == nil {
		c.by = stranger
	}
	for _, slug := range p.Topics {
		if t := v.bySlug[slug]; t != nil {
			c.topics = append(c.topics, t)
		}
	}
	return c
}

// path is where the post's page is.
func (c *card) path() string { return "/p/" + c.ID.String() }

// anchor is the part's place in the page of its thread.
func (c *card) anchor() string { return "p-" + c.ID.String() }

// foreign marks words in another language than the page.
func (c *card) foreign(ctx context.Context) templ.Attributes {
	if c.Lang != text.Lang(ctx) {
		return templ.Attributes{"lang": c.Lang}
	}
	return nil
}

// language is what the post's language is called, "" if it is the page's.
func (c *card) language(ctx context.Context) string {
	switch {
	case c.Lang == text.Lang(ctx):
		return ""
	case c.Lang == "es":
		return text.T(ctx, "In Spanish")
	}
	return text.T(ctx, "In English")
}

// heading is the post's title or, without one, who spoke and when: for titles of pages and feeds.
func (c *card) heading(ctx context.Context) string {
	if c.Title != "" {
		return c.Title
	}
	words, _, _ := strings.Cut(c.Excerpt, "\n")
	if r := []rune(words); len(r) > 70 {
		cut := strings.LastIndex(string(r[:70]), " ")
		if cut < 30 {
			cut = len(string(r[:70]))
		}
		words = strings.TrimRight(string(r[:70])[:cut], " ,.;:") + "…"
	}
	return words
}

// name is what the profile is called in the reader's language.
func (p *person) name(ctx context.Context) string { return p.Name.In(text.Lang(ctx)) }

// role is what stands below a speaker's name.
func role(ctx context.Context, p *person) string {
	if title := p.Title.In(text.Lang(ctx)); title != "" {
		return title
	}
	switch p.Kind {
	case profiles.Organisation:
		return text.T(ctx, "The organisation")
	case profiles.Department:
		return text.T(ctx, "Department")
	}
	return text.T(ctx, "Clinician")
}

// tone is the class that gives a picture's place its colour until the picture is there.
func tone(p posts.Picture) string {
	if len(p.Tone) != 3 {
		return ""
	}
	return "tone-" + p.Tone
}

// iso is an instant for machines.
func iso(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// tab marks the tab that is open.
func tab(open bool) templ.Attributes {
	if open {
		return templ.Attributes{"aria-current": "page"}
	}
	return nil
}
