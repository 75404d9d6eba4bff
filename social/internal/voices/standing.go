package voices

import (
	"context"

	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/page"
	"github.com/mitral-health/mitral/social/internal/posts"
	"github.com/mitral-health/mitral/social/internal/profiles"
)

// spoke reports whether anything is public under a profile's address, so that it must stay.
func (s *Voices) spoke(ctx context.Context, p profiles.ID) (yes bool, err error) {
	if p.IsZero() {
		return false, nil
	}
	err = s.Store.Read(ctx, func(tx db.Tx) error {
		yes = false
		for _, lang := range []string{"en", "es"} {
			some, err := s.Posts.Page(ctx, tx, posts.List{Profile: p, Lang: lang}, page.Cursor{}, 1)
			if err != nil {
				return err
			}
			yes = yes || len(some.Items) > 0
		}
		return nil
	})
	return yes, err
}

// retire takes a voice away or gives it back.
func (s *Voices) retire(ctx context.Context, which profiles.ID, rev int, retire bool) error {
	return s.Store.Write(ctx, func(tx db.Tx) error {
		p, err := s.Profiles.Get(ctx, tx, which)
		if err != nil {
			return err
		}
		if p.Rev != rev {
			return profiles.ErrChanged
		}
		if retire == !p.Retired.IsZero() {
			return nil
		}
		p.Retired = s.Clock.Now()
		if !retire {
			p.Retired = db.FromMicros(0)
		}
		return s.Profiles.Save(ctx, tx, p)
	})
}

// place moves a profile past its neighbour among those that stand beside it on the page of people.
func (s *Voices) place(ctx context.Context, which profiles.ID, up bool) error {
	return s.Store.Write(ctx, func(tx db.Tx) error {
		all, err := s.Profiles.All(ctx, tx)
		if err != nil {
			return err
		}
		from, to := -1, -1
		for i := range all {
			if all[i].ID == which {
				from = i
			}
		}
		for i := range all {
			if from < 0 || i == from || !beside(all[i], all[from]) {
				continue
			}
			if up && i < from || !up && i > from && to < 0 {
				to = i
			}
		}
		if to < 0 {
			return nil
		}
		all[from], all[to] = all[to], all[from]
		order := make([]profiles.ID, len(all))
		for i := range all {
			order[i] = all[i].ID
		}
		return s.Profiles.Order(ctx, tx, order)
	})
}

// beside reports whether two profiles stand in the same group on the page of people.
func beside(a, b profiles.Profile) bool {
	return a.Kind == b.Kind && a.Retired.IsZero() && (a.Kind != profiles.Clinician || a.Department == b.Department)
}
