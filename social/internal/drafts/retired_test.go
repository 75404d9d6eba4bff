package drafts

import (
	"context"
	"errors"
	"testing"

	"github.com/mitral-health/mitral/gate/review"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/social/internal/profiles"
)

// TestARetiredProfileSpeaksNoMore: neither what is written after it retired nor what a reviewer still
// held then; and what comes back says why.
func TestARetiredProfileSpeaksNoMore(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		held := w.submit(w.draft("A [hold] text"))
		w.want(held, Held)
		w.write(func(ctx context.Context, tx db.Tx) error {
			p, err := w.Profiles.Get(ctx, tx, w.org)
			if err != nil {
				return err
			}
			p.Retired = noon
			return w.Profiles.Save(ctx, tx, p)
		})
		d := w.draft("Hello")
		if _, err := w.Submit(context.Background(), w.ama, d.ID, d.Rev, false, false); !errors.Is(err, profiles.ErrRetired) {
			t.Errorf("told %v", err)
		}
		w.want(d, Writing)
		w.decide(held, review.Approve, "")
		if err := w.Released(context.Background(), held.ID.String(), w.stored(held).Hash); err != nil {
			t.Fatal(err)
		}
		back := w.want(held, Back)
		if why, _ := fault.Text(profiles.ErrRetired); back.Comment != why {
			t.Errorf("it came back with %q", back.Comment)
		}
		if n := w.public(); n != 0 {
			t.Errorf("%d posts are public", n)
		}
	})
}
