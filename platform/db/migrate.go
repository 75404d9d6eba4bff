package db

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/mitral-health/mitral/platform/fault"
)

// Migration is one numbered step of a store's schema. Steps are never edited once released, only
// added. SQL holds statements separated by ";\n"; it must run on both databases. How a table lies on
// the disk may differ: of {INTEGER|BIGINT} SQLite gets the first and PostgreSQL the second.
type Migration struct {
	Name string
	SQL  string
}

// Migrate brings the store to the last of the steps, each in a transaction of its own. A store that
// is further than the program knows was written by a newer Mitral: that is refused, untouched.
// Programs that start together take turns.
func (d *DB) Migrate(ctx context.Context, steps []Migration) error {
	if err := d.firstTable(ctx); err != nil {
		return fmt.Errorf("store %s: %w", d.name, err)
	}
	for done := false; !done; {
		err := d.inTurn(ctx, func(tx Tx) error {
			// The update locks the row until the step is done.
			var at int
			if err := tx.QueryRow(ctx, `UPDATE schema_version SET version = version WHERE id = 1 RETURNING version`).Scan(&at); err != nil {
				return err
			}
			if at > len(steps) {
				return fault.New(fault.Conflict,
					"The %s database is at version %d; this program knows %d. Start the newer Mitral that wrote it.", d.name, at, len(steps))
			}
			if done = at == len(steps); done {
				return nil
			}
			for _, stmt := range strings.Split(d.dialect(steps[at].SQL), ";\n") {
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
	}
	return nil
}

var either = regexp.MustCompile(`\{([^{}|]*)\|([^{}|]*)\}`)

func (d *DB) dialect(text string) string {
	if d.pool != nil {
		return either.ReplaceAllString(text, "$2")
	}
	return either.ReplaceAllString(text, "$1")
}

// Version returns how many steps the store has taken; 0 for an empty one.
func (d *DB) Version(ctx context.Context) (int, error) {
	if err := d.firstTable(ctx); err != nil {
		return 0, err
	}
	var at int
	err := d.Read(ctx, func(tx Tx) error {
		return tx.QueryRow(ctx, `SELECT version FROM schema_version WHERE id = 1`).Scan(&at)
	})
	return at, err
}

// firstTable creates the table that counts the steps. On PostgreSQL, of two that try at the same
// moment one can fail, in several ways, although it said IF NOT EXISTS; trying again is enough.
func (d *DB) firstTable(ctx context.Context) error {
	var err error
	for range 3 {
		err = d.inTurn(ctx, func(tx Tx) error {
			_, err := tx.Exec(ctx, `CREATE TABLE IF NOT EXISTS schema_version (id INTEGER PRIMARY KEY, version INTEGER NOT NULL)`)
			if err != nil {
				return err
			}
			_, err = tx.Exec(ctx, `INSERT INTO schema_version (id, version) VALUES (1, 0) ON CONFLICT (id) DO NOTHING`)
			return err
		})
		if err == nil || ctx.Err() != nil {
			break
		}
	}
	return err
}

// inTurn runs f in a transaction in which a locked row is waited for and then seen as it has become;
// at Write's level of isolation the wait would end in a failure.
func (d *DB) inTurn(ctx context.Context, f func(Tx) error) error {
	if d.pool == nil {
		return d.Write(ctx, f)
	}
	return again(ctx, func() error { return d.inPostgres(ctx, pgx.TxOptions{IsoLevel: pgx.ReadCommitted}, f) })
}
