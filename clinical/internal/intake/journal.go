package intake

import (
	"context"

	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/platform/db"
)

// Migrations returns the table of what was taken in: one row per file, known by the hash of its content.
func Migrations() []db.Migration {
	return []db.Migration{{Name: "intake", SQL: `CREATE TABLE intake (source BYTEA PRIMARY KEY, done BIGINT NOT NULL,
	refused BIGINT NOT NULL, complete BOOLEAN NOT NULL, at BIGINT NOT NULL)`}}
}

// begin looks how far a file was taken before.
func (r *run) begin(ctx context.Context, s *source) error {
	if r.DryRun {
		return nil
	}
	return r.Store.Do(ctx, r.ask, func(t *records.Tx) error {
		tx := t.Beside()
		_, err := tx.Exec(ctx, `INSERT INTO intake (source, done, refused, complete, at) VALUES ($1, 0, 0, FALSE, $2) ON CONFLICT (source) DO NOTHING`,
			s.hash[:], db.Micros(t.Now()))
		if err == nil && r.Again && !r.again {
			_, err = tx.Exec(ctx, `UPDATE intake SET done = 0, refused = 0, complete = FALSE WHERE source = $1`, s.hash[:])
		}
		if err != nil {
			return err
		}
		return tx.QueryRow(ctx, `SELECT done, refused, complete FROM intake WHERE source = $1`, s.hash[:]).Scan(&s.done, &s.refused, &s.complete)
	})
}

// advance writes that a file was taken from one position to another. It is false if somebody else has
// been there meanwhile.
func advance(ctx context.Context, t *records.Tx, p *part, refused int) (bool, error) {
	n, err := t.Beside().Exec(ctx, `UPDATE intake SET done = $3, refused = refused + $4, complete = $5, at = $6 WHERE source = $1 AND done = $2`,
		p.source.hash[:], p.from, p.to, refused, p.last, db.Micros(t.Now()))
	return n == 1, err
}
