package db

import (
	"context"
	"fmt"
	"strings"

	"github.com/mitral-health/mitral/platform/fault"
)

// Migration is one numbered step of a store's schema. Steps are never edited once released, only
// added. SQL holds statements separated by ";\n"; it must run on both databases.
type Migration struct {
	Name string
	SQL  string
}

// Migrate brings the store to the last of the steps, each in a transaction of its own. A store that
// is further than the program knows was written by a newer Mitral: that is refused, untouched.
func (d *DB) Migrate(ctx context.Context, steps []Migration) error {
	err := d.Write(ctx, func(tx Tx) error {
		_, err := tx.Exec(ctx, `CREATE TABLE IF NOT EXISTS schema_version (id INTEGER PRIMARY KEY, version INTEGER NOT NULL)`)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO schema_version (id, version) VALUES (1, 0) ON CONFLICT (id) DO NOTHING`)
		return err
	})
	if err != nil {
		return fmt.Errorf("store %s: %w", d.name, err)
	}
	for {
		done := false
		err := d.Write(ctx, func(tx Tx) error {
			done = false
			// The update locks the row, so that two programs starting together take turns.
			var at int
			if err := tx.QueryRow(ctx, `UPDATE schema_version SET version = version WHERE id = 1 RETURNING version`).Scan(&at); err != nil {
				return err
			}
			if at > len(steps) {
				return fault.New(fault.Conflict,
					"The %s database is at version %d; this program knows %d. Start the newer Mitral that wrote it.", d.name, at, len(steps))
			}
			if at == len(steps) {
				done = true
				return nil
			}
			for _, stmt := range strings.Split(steps[at].SQL, ";\n") {
				if strings.TrimSpace(stmt) == "" {
					continue
				}
				if _, err := tx.Exec(ctx, stmt); err != nil {
					return fmt.Errorf("migration %d (%s): %w", at+1, steps[at].Name, err)
				}
			}
			_, err := tx.Exec(ctx, `UPDATE schema_version SET version = $1 WHERE id = 1`, at+1)
			return err
		})
		if err != nil {
			return fmt.Errorf("store %s: %w", d.name, err)
		}
		if done {
			return nil
		}
	}
}
