package gate

import (
	"context"
	"time"

	"github.com/mitral-health/mitral/gate/ledger"
	"github.com/mitral-health/mitral/platform/db"
)

// Supersede closes what waits for a reviewer: the author took the draft back or edits it.
func (g *Gate) Supersede(ctx context.Context, draftID string) error {
	return g.down(g.store.Write(ctx, func(tx db.Tx) error {
		return g.supersede(ctx, tx, draftID, g.clock.Now())
	}))
}

func (g *Gate) supersede(ctx context.Context, tx db.Tx, draftID string, now time.Time) error {
	var open []*submission
	err := db.Each(ctx, tx, `SELECT `+submissionColumns+` FROM submissions WHERE draft_id = $1 AND state IN ('held', 'claimed', 'escalated')`,
		[]any{draftID}, func(row db.Row) error {
			s, err := scanSubmission(row)
			open = append(open, s)
			return err
		})
	if err != nil {
		return err
	}
	for _, s := range open {
		s.State = Withdrawn
		if err := s.update(ctx, tx); err != nil {
			return err
		}
		if err := move(ctx, tx, s, now, s.Author, ledger.Withdrawn, ""); err != nil {
			return err
		}
		err := ledger.Record(ctx, tx, now, s.Author.String(), ledger.Withdrawn, s.id.String(), map[string]string{"draft": draftID})
		if err != nil {
			return err
		}
	}
	return nil
}
