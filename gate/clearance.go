package gate

import (
	"context"
	"errors"

	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
)

// Clearance returns the permission to publish exactly this content, if a stored decision gives it:
// there is no other way to get one. fault.Forbidden if the decision was another or is not there yet.
func (g *Gate) Clearance(ctx context.Context, draftID string, hash [32]byte) (Cleared, error) {
	out, err := g.Status(ctx, draftID, hash)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return Cleared{}, err
	}
	if err != nil || !out.State.Clears() {
		return Cleared{}, fault.New(fault.Forbidden, "The gate has not cleared this text, so it can't be published.")
	}
	return out.Cleared, nil
}

// Status returns what the gate last answered for exactly this content; fault.NotFound if it was
// never submitted.
func (g *Gate) Status(ctx context.Context, draftID string, hash [32]byte) (Outcome, error) {
	var out Outcome
	err := g.store.Read(ctx, func(tx db.Tx) error {
		s, err := latest(ctx, tx, draftID, hash)
		if err != nil {
			return err
		}
		out, err = answer(ctx, tx, s)
		return err
	})
	if errors.Is(err, db.ErrNoRows) {
		return Outcome{}, fault.New(fault.NotFound, "The gate has not seen this text.")
	}
	return out, g.down(err)
}

func answer(ctx context.Context, tx db.Tx, s *submission) (Outcome, error) {
	who, err := names(ctx, tx, s.decider)
	if err != nil {
		return Outcome{}, err
	}
	return s.outcome(who[s.decider]), nil
}
