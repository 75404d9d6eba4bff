package drafts

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/mitral-health/mitral/gate"
	"github.com/mitral-health/mitral/gate/review"
	"github.com/mitral-health/mitral/gate/scan"
	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/social/internal/posts"
	"github.com/mitral-health/mitral/social/internal/profiles"
)

var ctx = context.Background()

func TestAnswersOfTheGate(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, c := range []struct {
			body     string
			attested bool
			want     State
			public   int
		}{
			{"Come for your flu vaccine.", false, Published, 1},
			{"A [note] is fine.", false, Published, 1},
			{"A [warn] is not.", false, Warned, 0},
			{"A [warn] that is meant.", true, Published, 1},
			{"A [hold] waits.", true, Held, 0},
			{"A [block] never goes.", true, Blocked, 0},
		} {
			before := w.public()
			d := w.draft(c.body)
			d, err := w.Submit(ctx, w.ama, d.ID, d.Rev, c.attested, false)
			if err != nil {
				t.Fatalf("%s: %v", c.body, err)
			}
			w.want(d, c.want)
			if n := w.public() - before; n != c.public {
				t.Errorf("%s: %d became public, want %d", c.body, n, c.public)
			}
			if d.State == Published && d.Post.IsZero() {
				t.Errorf("%s: published without a post", c.body)
			}
		}
	})
}

// What is added to a thread is weighed together with what the thread says already.
func TestGateReadsTheThread(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.want(w.submit(w.draft("[other half] alone")), Published)
		first := w.want(w.submit(w.draft("The [half] of it.")), Published)
		c := w.note("And the [other half].")
		c.Continues = first.Post
		if r := w.read(ctx, w.ama, c); r.Down != nil || r.Verdict != scan.Hold {
			t.Errorf("while writing: %v %v", r.Verdict, r.Down)
		}
		d, err := w.Create(ctx, w.ama, c, Plan{})
		if err != nil {
			t.Fatal(err)
		}
		w.want(w.submit(d), Held)
		c.Body = "Nothing of the kind."
		if d, err = w.Create(ctx, w.ama, c, Plan{}); err != nil {
			t.Fatal(err)
		}
		w.want(w.submit(d), Published)
	})
}

// Killed wherever it hurts most: afterwards the sweep, or the job, brings it to exactly one post.
func TestKilledWhilePublishing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, at := range []string{"submitted", "answered", "publishing", "applied"} {
			before := w.public()
			d := w.draft("Killed when " + at)
			func() {
				defer func() {
					if recover() == nil {
						t.Fatalf("%s: the program did not get there", at)
					}
				}()
				w.step = func(s string) {
					if s == at {
						panic("killed")
					}
				}
				_, _ = w.Submit(ctx, w.ama, d.ID, d.Rev, false, false)
			}()
			w.step = func(string) {}
			w.clock.Advance(time.Minute)
			for range 3 { // the job, the sweep, and another copy's sweep
				w.sweep()
				if _, err := w.settle(ctx, d.ID); err != nil {
					t.Fatal(err)
				}
			}
			w.want(d, Published)
			if n := w.public() - before; n != 1 {
				t.Errorf("killed when %s: %d posts, want 1", at, n)
			}
		}
	})
}

func TestManyAtOnceMakeOnePost(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d := w.draft("Press the button many times.")
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				_, err := w.Submit(ctx, w.ama, d.ID, d.Rev, false, false)
				if err != nil && !fault.Is(err, fault.Conflict) {
					t.Error(err)
				}
			})
		}
		for range 4 {
			wg.Go(func() {
				if _, err := w.settle(ctx, d.ID); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		w.want(d, Published)
		if n := w.public(); n != 1 {
			t.Errorf("%d posts", n)
		}
	})
}

func TestGateFails(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d := w.draft("Nothing is published unchecked.")
		w.rules.fail(true)
		got, err := w.Submit(ctx, w.ama, d.ID, d.Rev, false, false)
		if !fault.Is(err, fault.Unavailable) {
			t.Fatalf("the author was told %v", err)
		}
		w.want(d, Writing)
		if w.public() != 0 {
			t.Fatal("published without the gate")
		}
		w.clock.Advance(time.Minute)
		w.sweep()
		w.rules.fail(false)
		w.sweep() // the author was told that nothing was published, so nothing is later either
		w.want(d, Writing)
		w.submit(got)
		w.want(d, Published)
	})
}

func TestReviewerDecides(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		approved := w.submit(w.draft("One [hold] that is approved."))
		if approved.Deadline.IsZero() {
			t.Error("held without a deadline")
		}
		w.decide(approved, review.Approve, "")
		hash := w.stored(approved).Hash
		for range 2 { // a message may come twice
			if err := w.Released(ctx, approved.ID.String(), hash); err != nil {
				t.Fatal(err)
			}
		}
		if d := w.want(approved, Published); d.By != "Leonor Vidal" || w.public() != 1 {
			t.Errorf("approved by %q, %d public", d.By, w.public())
		}

		returned := w.submit(w.draft("One [hold] to change."))
		w.decide(returned, review.SendBack, "Leave the day out.")
		w.sweep() // the message is lost; the sweep finds it
		d := w.want(returned, Returned)
		if d.Comment != "Leave the day out." || d.By != "Leonor Vidal" {
			t.Errorf("the author reads %q by %q", d.Comment, d.By)
		}
		d, err := w.Save(ctx, w.ama, d.ID, d.Rev, w.note("Without the day."), Plan{})
		if err != nil {
			t.Fatal(err)
		}
		w.submit(d)
		w.want(d, Held) // what follows a text that was sent back goes to a reviewer again

		late := w.submit(w.draft("One [hold] nobody looks at."))
		w.clock.Advance(5 * time.Hour)
		if err := w.Gate.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		w.sweep()
		w.want(late, Expired)
		w.sweep()
		w.want(late, Expired) // it does not ask again by itself
		if n := w.public(); n != 1 {
			t.Errorf("%d public, want 1", n)
		}
	})
}

func TestTakenBackIsNotPublished(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d := w.submit(w.draft("One [hold] I regret."))
		old := w.stored(d).Hash
		w.decide(d, review.Approve, "")
		if _, err := w.TakeBack(ctx, w.ama, d.ID); err != nil {
			t.Fatal(err)
		}
		if err := w.Released(ctx, d.ID.String(), old); err != nil {
			t.Fatal(err)
		}
		w.sweep()
		d = w.want(d, Writing)
		if w.public() != 0 {
			t.Fatal("published although it was taken back")
		}
		d, err := w.Save(ctx, w.ama, d.ID, d.Rev, w.note("Another [hold]."), Plan{})
		if err != nil {
			t.Fatal(err)
		}
		w.submit(d)
		if err := w.Released(ctx, d.ID.String(), old); err != nil { // the old approval arrives late
			t.Fatal(err)
		}
		w.want(d, Held)

		waiting := w.submit(w.draft("A [hold] taken back."))
		if _, err := w.TakeBack(ctx, w.luis, waiting.ID); err != nil { // a colleague may stop it
			t.Fatal(err)
		}
		if err := w.supersede(ctx, waiting.ID); err != nil {
			t.Fatal(err)
		}
		if out, err := w.Gate.Status(ctx, waiting.ID.String(), w.stored(waiting).Hash); err != nil || out.State != gate.Withdrawn {
			t.Errorf("the gate still has it as %s, %v", out.State, err)
		}
	})
}

func TestEditsAndWithdrawal(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		first := w.submit(w.draft("The clinic opens at 8."))
		edit := func(p *identity.Principal, body string, version int) (Draft, error) {
			c := w.note(body)
			c.Edits, c.EditsVersion = first.Post, version
			d, err := w.Create(ctx, p, c, Plan{})
			if err != nil {
				t.Fatal(err)
			}
			return w.Submit(ctx, p, d.ID, d.Rev, false, false)
		}
		if d, err := edit(w.ama, "The clinic opens at 9.", 1); err != nil || d.State != Published || d.Post != first.Post {
			t.Fatalf("%v %v", d.State, err)
		}
		if d, err := edit(w.luis, "The clinic opens at 10.", 1); err != nil || d.State != Back || d.Comment == "" {
			t.Fatalf("the second of two edits is %s, %v", d.State, err)
		}
		if d, err := edit(w.luis, "The clinic opens at [block].", 2); err != nil || d.State != Blocked {
			t.Fatalf("an edit went past the gate: %s, %v", d.State, err)
		}
		var versions []posts.Version
		w.write(func(ctx context.Context, tx db.Tx) (err error) {
			versions, err = w.Posts.Versions(ctx, tx, first.Post)
			return err
		})
		if len(versions) != 2 || versions[1].Body != "The clinic opens at 9." {
			t.Fatalf("history %v", versions)
		}
		if err := w.Recall(ctx, w.ama, first.ID, " "); !fault.Is(err, fault.Invalid) {
			t.Errorf("withdrawn without a reason: %v", err)
		}
		for range 2 {
			if err := w.Recall(ctx, w.luis, first.ID, "The hours were wrong."); err != nil {
				t.Fatal(err)
			}
		}
		if d := w.want(first, Withdrawn); d.By != "Luis Prado" || w.public() != 0 {
			t.Errorf("by %q, %d public", d.By, w.public())
		}

		other := w.submit(w.draft("The reviewer takes this down."))
		for range 2 {
			if err := w.Withdraw(ctx, other.ID.String(), "A name in the picture."); err != nil {
				t.Fatal(err)
			}
		}
		w.want(other, Withdrawn)
	})
}

func TestConcurrentEdits(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d := w.draft("One.")
		if _, err := w.Save(ctx, w.ama, d.ID, d.Rev, w.note("Two, from one window."), Plan{}); err != nil {
			t.Fatal(err)
		}
		_, err := w.Save(ctx, w.ama, d.ID, d.Rev, w.note("Two, from another."), Plan{})
		var clash *Clash
		if !errors.As(err, &clash) || !fault.Is(err, fault.Conflict) {
			t.Fatalf("the second was told %v", err)
		}
		if clash.Mine.Content.Body != "Two, from another." || clash.Theirs.Content.Body != "Two, from one window." {
			t.Errorf("shown %q and %q", clash.Mine.Content.Body, clash.Theirs.Content.Body)
		}
		if got := w.stored(d); got.Content.Body != "Two, from one window." || got.Rev != 2 {
			t.Errorf("stored %q at %d", got.Content.Body, got.Rev)
		}
		if again, err := w.Save(ctx, w.ama, d.ID, d.Rev, w.note("Two, from one window."), Plan{}); err != nil || again.Rev != 2 {
			t.Errorf("saving what is saved already: %d, %v", again.Rev, err)
		}
		var wg sync.WaitGroup
		var mu sync.Mutex
		won := 0
		for n := range 8 {
			wg.Go(func() {
				_, err := w.Save(ctx, w.ama, d.ID, 2, w.note(string(rune('a'+n))), Plan{})
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					won++
				} else if !fault.Is(err, fault.Conflict) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if won != 1 {
			t.Errorf("%d of 8 overwrote each other", won)
		}
	})
}

func TestWhoMayWhat(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d := w.draft("A draft of Ama's.")
		moderator, idle := identity.NewPrincipal("M", identity.Moderator), identity.NewPrincipal("I", identity.Communications)
		idle.Accepted = false
		if _, err := w.Create(ctx, moderator, w.note("x"), Plan{}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a moderator wrote: %v", err)
		}
		if _, err := w.Create(ctx, idle, w.note("x"), Plan{}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("wrote without accepting the policy: %v", err)
		}
		if _, err := w.Read(ctx, w.luis, d.ID); err != nil {
			t.Errorf("a colleague: %v", err)
		}
		for _, p := range []*identity.Principal{w.doctor, w.reviewer, nil} {
			if _, err := w.Read(ctx, p, d.ID); !fault.Is(err, fault.NotFound) {
				t.Errorf("somebody else: %v", err)
			}
		}
		if _, err := w.Save(ctx, w.luis, d.ID, d.Rev, w.note("x"), Plan{}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a colleague changed it: %v", err)
		}
		if _, err := w.Submit(ctx, w.luis, d.ID, d.Rev, false, false); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a colleague sent it: %v", err)
		}
		for profile, want := range map[bool]fault.Kind{false: fault.Forbidden, true: fault.Internal} {
			c := w.note("As a doctor.")
			if profile {
				c.Profile = w.own
			}
			mine, err := w.Create(ctx, w.doctor, c, Plan{})
			if err != nil {
				t.Fatal(err)
			}
			mine, err = w.Submit(ctx, w.doctor, mine.ID, mine.Rev, false, false)
			if profile && (err != nil || mine.State != Published) || !profile && !fault.Is(err, want) {
				t.Errorf("a clinician, own profile %v: %v %v", profile, mine.State, err)
			}
		}
	})
}

// Nothing that is kept turns the direction of writing: it would show other words than the gate reads.
func TestWritingKeepsItsDirection(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.note("\u202eZ87654321\u202c \u2067b\u2069")
		c.Title = "\u202eeltit"
		d, err := w.Create(ctx, w.ama, c, Plan{})
		if err != nil || d.Content.Title != "eltit" || d.Content.Body != "Z87654321 b" {
			t.Errorf("%q %q %v", d.Content.Title, d.Content.Body, err)
		}
	})
}

// A translation stands in the place of the original in the lists of its language, so nobody may put
// their own words there.
func TestNobodyTranslatesOthers(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		theirs := w.draft("What the organisation says.")
		theirs, err := w.Submit(ctx, w.ama, theirs.ID, theirs.Rev, false, false)
		if err != nil || theirs.State != Published {
			t.Fatal(theirs.State, err)
		}
		for _, c := range []struct {
			who  *identity.Principal
			as   profiles.ID
			want State
		}{{w.doctor, w.own, ""}, {w.ama, w.own, ""}, {w.ama, w.org, Published}} {
			words := w.note("Otra cosa.")
			words.Lang, words.Profile, words.TranslationOf = "es", c.as, theirs.Post
			d, err := w.Create(ctx, c.who, words, Plan{})
			if err != nil {
				t.Fatal(err)
			}
			d, err = w.Submit(ctx, c.who, d.ID, d.Rev, false, false)
			if c.want == "" && !fault.Is(err, fault.Forbidden) || c.want != "" && (err != nil || d.State != c.want) {
				t.Errorf("%s as %s: %s %v", c.who.Name, c.as, d.State, err)
			}
		}
	})
}

func TestUnfinishedIsRefused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		picture, err := w.Media.Add(ctx, picturePNG(t, 10))
		if err != nil {
			t.Fatal(err)
		}
		image := []posts.Image{{ID: picture.ID}}
		for name, c := range map[string]posts.Content{
			"empty":                   w.note("  "),
			"article without a title": {Profile: w.org, Kind: posts.Article, Lang: "en", Body: "x"},
			"picture without words":   {Profile: w.org, Kind: posts.Note, Lang: "en", Body: "x", Images: image},
		} {
			d, err := w.Create(ctx, w.ama, c, Plan{})
			if err != nil {
				t.Fatal(name, err)
			}
			if _, err := w.Submit(ctx, w.ama, d.ID, d.Rev, false, false); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", name, err)
			}
			w.want(d, Writing)
		}
		image[0].Alt = "A grey field"
		d, err := w.Create(ctx, w.ama, posts.Content{Profile: w.org, Kind: posts.Note, Lang: "en", Body: "With a picture.", Images: image}, Plan{})
		if err != nil {
			t.Fatal(err)
		}
		w.submit(d)
		w.want(d, Published)
	})
}
