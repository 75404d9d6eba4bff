package social

import (
	"context"
	"strings"

	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/id"
	"github.com/mitral-health/mitral/social/internal/media"
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

// Picture returns the address of a picture as a draft names it (posts.Content.GateDraft: its id and
// its hash); "" if it can't be told.
func (s *Social) Picture(ctx context.Context, named string) (address string) {
	first, hash, _ := strings.Cut(named, " ")
	which, err := id.Parse[media.Image](first)
	if err != nil {
		return ""
	}
	_ = s.store.Read(ctx, func(tx db.Tx) error {
		i, err := s.media.Get(ctx, tx, which)
		if err == nil && i.Hash == hash {
			address = i.URL(480)
		}
		return err
	})
	return address
}
