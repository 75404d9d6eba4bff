package posts

import (
	"context"
	"fmt"
	"testing"

	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/page"
)

// What is made of a post is kept under its stamp: whatever changes what a list or a feed shows of it
// must change the stamp, and nothing else should.
func TestStampTellsEveryChange(t *testing.T) {
	each(t, func(b *bench) {
		type state struct {
			stamp int64
			shown string
		}
		was := map[ID]state{}
		// look returns which posts have another stamp than before.
		look := func(after string) (changed int) {
			b.Helper()
			b.write(func(ctx context.Context, tx db.Tx) error {
				got, err := b.posts.Page(ctx, tx, List{Lang: "en"}, page.Cursor{}, 50)
				for _, r := range got.Items {
					short, err := b.posts.Listed(ctx, tx, r.ID, false)
					if err != nil {
						return err
					}
					long, err := b.posts.Listed(ctx, tx, r.ID, true)
					if err != nil {
						return err
					}
					is := state{r.Stamp, fmt.Sprintf("%+v %+v", short, long)}
					old := was[r.ID]
					if is.stamp == old.stamp && is.shown != old.shown {
						b.Errorf("after %s: the stamp stayed, but the post changed from\n%s to\n%s", after, old.shown, is.shown)
					}
					if is.stamp != old.stamp {
						changed++
					}
					was[r.ID] = is
				}
				return err
			})
			return changed
		}
		thread := func(body string, change func(*Content)) ID {
			return b.publish(b.content(body, func(c *Content) { c.Kind = Thread; change(c) }))
		}
		var root, more, article ID
		for _, step := range []struct {
			name string
			do   func()
		}{
			{"a thread", func() { root = thread("a\n---\nb", func(*Content) {}) }},
			{"another post", func() {
				article = b.publish(b.content("words", func(c *Content) { c.Kind, c.Title = Article, "T" }))
			}},
			{"an edit", func() { thread("a\n---\nc", func(c *Content) { c.Edits, c.EditsVersion = root, 1 }) }},
			{"an addition", func() { more = thread("x\n---\ny", func(c *Content) { c.Continues = root }) }},
			{"an edit of the addition", func() { thread("x\n---\nz", func(c *Content) { c.Edits, c.EditsVersion = more, 1 }) }},
			{"withdrawal of the addition", func() {
				b.write(func(ctx context.Context, tx db.Tx) error { return b.posts.Withdraw(ctx, tx, more, "", b.now) })
			}},
			{"an edit of the article", func() {
				b.publish(b.content("other words", func(c *Content) { c.Kind, c.Title, c.Edits, c.EditsVersion = Article, "T", article, 1 }))
			}},
			{"a translation", func() { b.publish(b.content("palabras", func(c *Content) { c.Lang, c.TranslationOf = "es", root })) }},
		} {
			step.do()
			want := 1
			if step.name == "a translation" { // stands in the other list, and takes nothing from this one
				want = 0
			}
			if got := look(step.name); got != want {
				b.Errorf("after %s: %d posts have a new stamp, want %d", step.name, got, want)
			}
		}
	})
}
