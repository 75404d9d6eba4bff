package posts

import (
	"context"
	"fmt"
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
	"github.com/mitral-health/mitral/platform/page"
	"github.com/mitral-health/mitral/social/internal/media"
	"github.com/mitral-health/mitral/social/internal/profiles"
	"github.com/mitral-health/mitral/social/internal/revision"
	"github.com/mitral-health/mitral/social/internal/topics"
)

func migrations() []db.Migration {
	return append(media.Migrations(), db.Migration{Name: "revision", SQL: revision.Schema},
		db.Migration{Name: "profiles", SQL: profiles.Schema}, db.Migration{Name: "topics", SQL: topics.Schema}, db.Migration{Name: "posts", SQL: Schema},
		db.Migration{Name: "voices", SQL: profiles.SchemaRetired + topics.SchemaRetired})
}

// bench is a store with a profile, two topics and a gate that lets everything pass.
type bench struct {
	*testing.T
	db      *db.DB
	posts   *Store
	profile profiles.ID
	clear   func(Content) gate.Cleared
	now     time.Time
	drafts  int
}

func newBench(t *testing.T, store *db.DB) *bench {
	t.Helper()
	m := media.New(store, nil, clock.System{})
	p := profiles.New(m)
	b := &bench{T: t, db: store, posts: New(m, p), clear: clearer(t), now: time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)}
	b.profile = id.New[profiles.Profile](b.now)
	b.write(func(ctx context.Context, tx db.Tx) error {
		err := p.Save(ctx, tx, profiles.Profile{ID: b.profile, Kind: profiles.Organisation, Handle: "orlena", Name: profiles.Words{EN: "Orlena"}})
		for _, slug := range []string{"sleep", "salt"} {
			if err == nil {
				err = topics.Store{}.Save(ctx, tx, topics.Topic{Slug: slug, Name: profiles.Words{EN: slug, ES: slug}})
			}
		}
		return err
	})
	return b
}

func (b *bench) write(f func(context.Context, db.Tx) error) {
	b.Helper()
	if err := b.db.Write(context.Background(), func(tx db.Tx) error { return f(context.Background(), tx) }); err != nil {
		b.Fatal(err)
	}
}

func (b *bench) content(body string, change func(*Content)) Content {
	b.drafts++
	c := Content{Draft: fmt.Sprint("draft-", b.drafts), Profile: b.profile, Kind: Note, Lang: "en", Body: body,
		Author: gate.Author{Subject: identity.NewPrincipal("Ama").Subject(identity.Social), Name: "Ama", Role: "communications"}}
	if change != nil {
		change(&c)
	}
	return c
}

func (b *bench) try(c Content, cleared gate.Cleared) (ID, error) {
	var out ID
	err := b.db.Write(context.Background(), func(tx db.Tx) error {
		var err error
		out, err = b.posts.Publish(context.Background(), tx, cleared, c, b.now)
		return err
	})
	b.now = b.now.Add(time.Minute)
	return out, err
}

func (b *bench) publish(c Content) ID {
	b.Helper()
	out, err := b.try(c, b.clear(c))
	if err != nil {
		b.Fatal(err)
	}
	return out
}

func (b *bench) get(id ID) (p Post) {
	b.Helper()
	b.write(func(ctx context.Context, tx db.Tx) (err error) { p, err = b.posts.Get(ctx, tx, id); return err })
	return p
}

func (b *bench) list(l List) string {
	b.Helper()
	var out []string
	b.write(func(ctx context.Context, tx db.Tx) error {
		var c page.Cursor
		for {
			got, err := b.posts.Page(ctx, tx, l, c, 2)
			for _, r := range got.Items {
				p, err := b.posts.Listed(ctx, tx, r.ID, false)
				if err != nil || !p.PublishedAt.Equal(r.PublishedAt) {
					return fmt.Errorf("%+v: %+v, %w", r, p, err)
				}
				out = append(out, p.Excerpt)
			}
			if err != nil || got.Next.IsZero() {
				return err
			}
			c = got.Next
		}
	})
	return strings.Join(out, " ")
}

func (b *bench) lists(want map[List]string) {
	b.Helper()
	for l, w := range want {
		if got := b.list(l); got != w {
			b.Errorf("%+v: got %q, want %q", l, got, w)
		}
	}
}

func each(t *testing.T, f func(b *bench)) {
	dbtest.Each(t, "social", migrations(), func(t *testing.T, store *db.DB) { f(newBench(t, store)) })
}

func TestPublishNeedsItsClearance(t *testing.T) {
	each(t, func(b *bench) {
		c := b.content("one", nil)
		for name, cleared := range map[string]gate.Cleared{"none": {}, "of another text": b.clear(b.content("two", nil))} {
			if _, err := b.try(c, cleared); !fault.Is(err, fault.Forbidden) {
				b.Errorf("clearance %s: %v", name, err)
			}
		}
		changes := map[string]func(*Content){
			"body": func(c *Content) { c.Body = "One" }, "title": func(c *Content) { c.Title = "x" },
			"topic": func(c *Content) { c.Topics = []string{"salt"} }, "lang": func(c *Content) { c.Lang = "es" },
			"kind": func(c *Content) { c.Kind = Thread }, "speaker": func(c *Content) { c.Profile = id.New[profiles.Profile](b.now) },
			"image": func(c *Content) { c.Images = []Image{{Alt: "x"}} }, "edits": func(c *Content) { c.Edits = id.New[Post](b.now) },
			"version": func(c *Content) { c.EditsVersion = 1 }, "continues": func(c *Content) { c.Continues = id.New[Post](b.now) },
			"translation": func(c *Content) { c.TranslationOf = id.New[Post](b.now) },
		}
		cleared := b.clear(c)
		for name, change := range changes {
			other := c
			change(&other)
			if _, err := b.try(other, cleared); !fault.Is(err, fault.Forbidden) {
				b.Errorf("%s changed after clearing: %v", name, err)
			}
		}
		if got := b.list(List{Lang: "en"}); got != "" {
			b.Errorf("published without clearance: %q", got)
		}
	})
}

func TestPublishTwiceIsOnce(t *testing.T) {
	each(t, func(b *bench) {
		c := b.content("one", nil)
		first := b.publish(c)
		if again := b.publish(c); again != first {
			b.Errorf("published again as %v, was %v", again, first)
		}
		b.lists(map[List]string{{Lang: "en"}: "one"})
	})
}

func TestLists(t *testing.T) {
	each(t, func(b *bench) {
		b.publish(b.content("a", func(c *Content) { c.Topics = []string{"salt", "sleep"} }))
		b.publish(b.content("b", func(c *Content) { c.Kind, c.Title = Article, "B" }))
		c := b.publish(b.content("c", func(c *Content) { c.Topics = []string{"salt"} }))
		b.publish(b.content("d", func(c *Content) { c.Lang, c.Topics = "es", []string{"salt"} }))
		e := b.publish(b.content("e", func(n *Content) { n.TranslationOf, n.Lang, n.Topics = c, "es", []string{"salt"} }))
		b.lists(map[List]string{
			{Lang: "en"}:                     "d c b a",
			{Lang: "es"}:                     "e d b a",
			{Lang: "en", Profile: b.profile}: "d c b a",
			{Lang: "es", Profile: b.profile, Articles: true}: "b",
			{Lang: "en", Topic: "salt"}:                      "d c a",
			{Lang: "es", Topic: "salt"}:                      "e d a",
			{Lang: "es", Topic: "sleep"}:                     "a",
			{Lang: "es", Topic: "none"}:                      "",
		})
		b.write(func(ctx context.Context, tx db.Tx) error { return b.posts.Withdraw(ctx, tx, c, "a reason", b.now) })
		b.write(func(ctx context.Context, tx db.Tx) error { return b.posts.Withdraw(ctx, tx, c, "again", b.now) })
		b.lists(map[List]string{
			{Lang: "en"}:                "e d b a", // the translation stands in for it
			{Lang: "en", Topic: "salt"}: "e d a",
			{Lang: "es", Topic: "salt"}: "e d a",
		})
		b.write(func(ctx context.Context, tx db.Tx) error { return b.posts.Withdraw(ctx, tx, e, "a reason", b.now) })
		b.lists(map[List]string{{Lang: "en"}: "d b a", {Lang: "es"}: "d b a"})
		if b.get(c).WithdrawnAt.IsZero() {
			b.Error("withdrawn, but does not say so")
		}
	})
}

func TestEdit(t *testing.T) {
	each(t, func(b *bench) {
		post := b.publish(b.content("first words", func(c *Content) { c.Topics = []string{"salt"} }))
		edit := func(body string, version int) (ID, error) {
			c := b.content(body, func(c *Content) { c.Edits, c.EditsVersion, c.Topics = post, version, []string{"sleep"} })
			return b.try(c, b.clear(c))
		}
		if got, err := edit("second words", 1); err != nil || got != post {
			b.Fatalf("edit: %v, %v", got, err)
		}
		if _, err := edit("third words", 1); !fault.Is(err, fault.Conflict) {
			b.Errorf("an edit of an old version: %v", err)
		}
		p := b.get(post)
		if p.Excerpt != "second words" || p.EditedAt.IsZero() || p.Version != 2 {
			b.Errorf("after the edit: %+v", p)
		}
		b.lists(map[List]string{{Lang: "en", Topic: "salt"}: "", {Lang: "es", Topic: "sleep"}: "second words"})
		b.write(func(ctx context.Context, tx db.Tx) error {
			vs, err := b.posts.Versions(ctx, tx, post)
			if len(vs) != 2 || vs[0].Body != "first words" || vs[1].Body != "second words" || !vs[1].At.Equal(p.EditedAt) {
				b.Errorf("history: %+v", vs)
			}
			c, n, lerr := b.posts.Latest(ctx, tx, post)
			if lerr != nil || n != 2 || c.Body != "second words" || c.EditsVersion != 2 || c.Topics[0] != "sleep" || c.Profile != b.profile {
				b.Errorf("latest: %+v %d %v", c, n, lerr)
			}
			return err
		})
		b.write(func(ctx context.Context, tx db.Tx) error { return b.posts.Withdraw(ctx, tx, post, "", b.now) })
		if _, err := edit("fourth words", 2); !fault.Is(err, fault.Conflict) {
			b.Errorf("an edit of what was withdrawn: %v", err)
		}
	})
}

func TestThread(t *testing.T) {
	each(t, func(b *bench) {
		body := func(id ID) string {
			var out []string
			b.write(func(ctx context.Context, tx db.Tx) error {
				all, err := b.posts.Thread(ctx, tx, id)
				for _, p := range all {
					out = append(out, p.Excerpt)
				}
				return err
			})
			return strings.Join(out, " ")
		}
		thread := func(text string, change func(*Content)) ID {
			return b.publish(b.content(text, func(c *Content) {
				c.Kind = Thread
				if change != nil {
					change(c)
				}
			}))
		}
		root := thread("a\n\n---\n\nb", nil)
		more := thread("x\n---\ny", func(c *Content) { c.Continues = root })
		if got := body(root); got != "a b x y" {
			b.Errorf("thread: %q", got)
		}
		thread("a\n---\nB\n---\nc", func(c *Content) { c.Edits, c.EditsVersion = root, 1 })
		if got := body(root); got != "a B c x y" {
			b.Errorf("with a part more: %q", got)
		}
		thread("A", func(c *Content) { c.Edits, c.EditsVersion = root, 2 })
		thread("A\n---\nbb", func(c *Content) { c.Edits, c.EditsVersion = root, 3 })
		if got, p := body(root), b.get(root); got != "A bb x y" || p.Parts != 4 {
			b.Errorf("after fewer and more parts: %q, %d", got, p.Parts)
		}
		b.lists(map[List]string{{Lang: "en"}: "A", {Lang: "es"}: "A"})
		b.write(func(ctx context.Context, tx db.Tx) error { return b.posts.Withdraw(ctx, tx, more, "", b.now) })
		if got, p := body(root), b.get(root); got != "A bb" || p.Parts != 2 {
			b.Errorf("after withdrawing what was added: %q, %d", got, p.Parts)
		}
		b.write(func(ctx context.Context, tx db.Tx) error {
			got, err := b.posts.Listed(ctx, tx, root, true)
			if want := "<p>A</p>\n<hr>\n<p>bb</p>"; got.HTML != want {
				b.Errorf("whole text: %q, want %q", got.HTML, want)
			}
			return err
		})
		b.write(func(ctx context.Context, tx db.Tx) error { return b.posts.Withdraw(ctx, tx, root, "", b.now) })
		if got := body(root) + b.list(List{Lang: "en"}); got != "" {
			b.Errorf("after withdrawing the thread: %q", got)
		}
	})
}

func TestPublishRefuses(t *testing.T) {
	each(t, func(b *bench) {
		note := b.publish(b.content("note", nil))
		article := b.publish(b.content("article", func(c *Content) { c.Kind, c.Title = Article, "T" }))
		other := id.New[profiles.Profile](b.now)
		b.write(func(ctx context.Context, tx db.Tx) error {
			return profiles.New(media.New(b.db, nil, clock.System{})).Save(ctx, tx,
				profiles.Profile{ID: other, Kind: profiles.Department, Handle: "other", Name: profiles.Words{EN: "Other"}})
		})
		for name, change := range map[string]func(*Content){
			"nothing":                      func(c *Content) { c.Body = " \n" },
			"too much":                     func(c *Content) { c.Body = strings.Repeat("a", MaxNote+1) },
			"a book":                       func(c *Content) { c.Kind, c.Title, c.Body = Article, "T", strings.Repeat("a", MaxArticle+1) },
			"no title":                     func(c *Content) { c.Kind = Article },
			"no alt":                       func(c *Content) { c.Images = []Image{{ID: id.New[media.Image](b.now)}} },
			"unknown picture":              func(c *Content) { c.Images = []Image{{ID: id.New[media.Image](b.now), Hash: "x", Alt: "x"}} },
			"unknown topic":                func(c *Content) { c.Topics = []string{"none"} },
			"unknown speaker":              func(c *Content) { c.Profile = id.New[profiles.Profile](b.now) },
			"unknown post":                 func(c *Content) { c.Edits = id.New[Post](b.now) },
			"another kind":                 func(c *Content) { c.Edits, c.EditsVersion, c.Kind, c.Title = note, 1, Article, "T" },
			"more of an article":           func(c *Content) { c.Continues = article },
			"translation, same language":   func(c *Content) { c.TranslationOf = note },
			"translation of others' words": func(c *Content) { c.TranslationOf, c.Lang, c.Profile = note, "es", other },
			"a clinician as another":       func(c *Content) { c.Author.Role = "clinician" },
			"thread in another language":   func(c *Content) { c.Continues, c.Lang = note, "es" },
			"a language nobody here reads": func(c *Content) { c.Lang = "xx" },
			"26 parts":                     func(c *Content) { c.Kind, c.Body = Thread, strings.Repeat("a\n---\n", 26) },
		} {
			c := b.content("text", change)
			if _, err := b.try(c, b.clear(c)); err == nil || fault.KindOf(err) == fault.Internal {
				b.Errorf("%s: %v", name, err)
			}
		}
		b.lists(map[List]string{{Lang: "en"}: "article note"})
	})
}

func TestRevisionCountsWhatReadersSee(t *testing.T) {
	each(t, func(b *bench) {
		number := func() (n revision.Number) {
			b.write(func(ctx context.Context, tx db.Tx) (err error) { n, err = revision.Now(ctx, tx); return err })
			return n
		}
		n := number()
		step := func(name string) {
			b.Helper()
			next := number()
			if next.Posts <= n.Posts {
				b.Errorf("%s did not count", name)
			}
			n = next
		}
		post := b.publish(b.content("a", nil))
		step("publishing")
		b.publish(b.content("b", func(c *Content) { c.Edits, c.EditsVersion = post, 1 }))
		step("an edit")
		b.write(func(ctx context.Context, tx db.Tx) error { return b.posts.Withdraw(ctx, tx, post, "", b.now) })
		step("withdrawing")
	})
}
