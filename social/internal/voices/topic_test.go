package voices

import (
	"context"
	"strings"
	"testing"

	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/social/internal/topics"
)

func (w *world) topic(slug string) topics.Topic {
	w.Helper()
	t, err := w.storedTopic(context.Background(), slug)
	if err != nil {
		w.Fatalf("%s: %v", slug, err)
	}
	return t
}

func TestTopics(t *testing.T) {
	each(t, func(w *world) {
		w.says(w.page(200, "/admin/topics"), "No topics yet")
		before := w.directory()
		w.send(303, "/admin/topics", "name_en", "Blood pressure", "name_es", "Tensión")
		w.send(303, "/admin/topics", "name_en", "Sleep", "name_es", "Sueño", "slug", "sueno", "about_en", "Rest.")
		if w.directory() <= before || w.topic("blood-pressure").Name.ES != "Tensión" || w.topic("sueno").About.EN != "Rest." {
			t.Error("not stored")
		}
		for name, c := range map[string]struct {
			status int
			fields []string
			says   string
		}{
			"duplicate":    {409, []string{"name_en", "Sleeping", "name_es", "Dormir", "slug", "sueno"}, "Another topic has this address already."},
			"one language": {400, []string{"name_en", "Salt", "name_es", " "}, "Write the name in each language."},
			"climbing":     {400, []string{"name_en", "Salt", "name_es", "Sal", "slug", "../feed"}, "An address has 1 to 50"},
			"no letters":   {400, []string{"name_en", "?", "name_es", "?"}, "An address has 1 to 50"},
			"long":         {413, []string{"name_en", strings.Repeat("s", 61), "name_es", "Sal"}, "at most 60 characters"},
			"held":         {400, []string{"name_en", "Salt", "name_es", "Sal", "about_es", "[hold]"}, "let these words be public"},
		} {
			if body := w.send(c.status, "/admin/topics", c.fields...); !strings.Contains(body, c.says) {
				t.Errorf("%s: the page does not say %q: %s", name, c.says, excerpt(body))
			}
		}
		w.send(303, "/admin/topics/sueno", "do", "save", "rev", "1", "name_en", "Good sleep", "name_es", "Buen sueño")
		body := w.send(409, "/admin/topics/sueno", "do", "save", "rev", "1", "name_en", "Mine", "name_es", "Mío")
		w.says(body, "Somebody changed this meanwhile.", "Good sleep", "Mine")
		w.says(w.send(409, "/admin/topics/sueno", "do", "retire", "rev", "1"), "Somebody changed this meanwhile.")
		w.send(303, "/admin/topics/sueno", "do", "up")
		if a, b := w.topic("sueno"), w.topic("blood-pressure"); a.Position >= b.Position || a.Name.EN != "Good sleep" || a.Rev != 2 {
			t.Errorf("%+v stands behind %+v", a, b)
		}
		w.send(303, "/admin/topics/sueno", "do", "save", "rev", "2", "name_en", "Sleep", "name_es", "Sueño")
		if w.topic("sueno").Position >= w.topic("blood-pressure").Position {
			t.Error("saving moves a topic")
		}
	})
}

func TestARetiredTopicTakesNoPosts(t *testing.T) {
	each(t, func(w *world) {
		if err := w.Begin(context.Background()); err != nil {
			t.Fatal(err)
		}
		w.send(303, "/admin/topics", "name_en", "Sleep", "name_es", "Sueño")
		org := w.profile("orlena").ID
		kept, err := w.publish(org, "sleep")
		if err != nil {
			t.Fatal(err)
		}
		w.send(303, "/admin/topics/sleep", "do", "retire", "rev", "1")
		if _, err := w.publish(org, "sleep"); !fault.Is(err, fault.Conflict) {
			t.Errorf("published under a retired topic: %v", err)
		}
		err = w.Store.Read(context.Background(), func(tx db.Tx) error {
			c, _, err := w.Posts.Latest(context.Background(), tx, kept)
			if err != nil {
				return err
			}
			c.Edits = kept
			return w.Posts.CheckTopics(context.Background(), tx, c)
		})
		if err != nil {
			t.Errorf("an edit must give its topic up: %v", err)
		}
		w.says(w.page(200, "/admin/topics"), "Retired topics")
		w.send(303, "/admin/topics/sleep", "do", "restore", "rev", "2")
		if _, err := w.publish(org, "sleep"); err != nil {
			t.Errorf("open again, but closed: %v", err)
		}
	})
}

func TestWhatToDoNext(t *testing.T) {
	each(t, func(w *world) {
		w.says(w.page(200, "/admin/profiles"), "What to do next", "Nobody speaks here yet", "See who has the role")
		if err := w.Begin(context.Background()); err != nil {
			t.Fatal(err)
		}
		w.who = w.ama
		w.says(w.page(200, "/admin/profiles"), "Write the first post", "(done)")
		w.send(303, "/admin/profiles/new", w.doctorForm()...)
		w.send(303, "/admin/topics", "name_en", "Sleep", "name_es", "Sueño")
		if _, err := w.publish(w.profile("orlena").ID); err != nil {
			t.Fatal(err)
		}
		w.silent(w.page(200, "/admin/profiles"), "What to do next")
	})
}
