package media

import (
	"context"
	"errors"

	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
)

// ByHash finds the picture that a clearance is bound to; fault.NotFound if there is none.
func (s *Store) ByHash(ctx context.Context, tx db.Tx, hash string) (Image, error) {
	if len(hash) < 32 {
		return Image{}, fault.New(fault.NotFound, "There is no such picture.")
	}
	i, _, err := s.byKey(ctx, tx, hash[:32])
	if errors.Is(err, db.ErrNoRows) || err == nil && i.Hash != hash {
		return Image{}, fault.New(fault.NotFound, "There is no such picture.")
	}
	return i, err
}
