package social

import (
	"context"

	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/id"
	"github.com/mitral-health/mitral/social/internal/profiles"
	"github.com/mitral-health/mitral/ui/text"
)

// Speaker returns what readers call the profile that a draft names, for the reviewers' page; "" if
// it can't be told.
func (s *Social) Speaker(ctx context.Context, profile string) (name string) {
	which, err := id.Parse[profiles.Profile](profile)
	if err != nil {
		return ""
	}
	_ = s.store.Read(ctx, func(tx db.Tx) error {
		p, err := s.profiles.Get(ctx, tx, which)
		name = p.Name.In(text.Lang(ctx))
		return err
	})
	return name
}

// Picture returns the address of the picture with this hash, as a draft names it; "" if it can't be
// told.
func (s *Social) Picture(ctx context.Context, hash string) (address string) {
	_ = s.store.Read(ctx, func(tx db.Tx) error {
		i, err := s.media.ByHash(ctx, tx, hash)
		if err == nil {
			address = i.URL(480)
		}
		return err
	})
	return address
}
