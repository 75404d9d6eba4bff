// Package server is the composition root: it opens the four stores, builds the chambers, the gate and
// identity, joins them by the few messages that may cross, and starts and stops everything in order.
// It may import everything; only cmd imports it.
package server

import (
	"context"

	"github.com/mitral-health/mitral/clinical"
	"github.com/mitral-health/mitral/gate"
	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/social"
)

// Stores are the four databases. Nothing but this package holds more than one of them.
type Stores struct{ Identity, Social, Clinical, Gate *db.DB }

// OpenStores opens the four stores without migrating them.
func OpenStores(ctx context.Context, cfg Config) (s Stores, err error) {
	for _, o := range []struct {
		name string
		dsn  string
		to   **db.DB
	}{
		{"identity", cfg.dsn("identity", cfg.Databases.Identity), &s.Identity},
		{"social", cfg.dsn("social", cfg.Databases.Social), &s.Social},
		{"clinical", cfg.dsn("clinical", cfg.Databases.Clinical), &s.Clinical},
		{"gate", cfg.dsn("gate", cfg.Databases.Gate), &s.Gate},
	} {
		if *o.to, err = db.Open(ctx, o.name, o.dsn); err != nil {
			s.Close()
			return Stores{}, err
		}
	}
	return s, nil
}

// Migrate brings every store to the schema that this program knows.
func (s Stores) Migrate(ctx context.Context) error {
	known := steps()
	for _, store := range []*db.DB{s.Identity, s.Social, s.Clinical, s.Gate} {
		if err := store.Migrate(ctx, known[store.Name()]); err != nil {
			return err
		}
	}
	return nil
}

// InBackupOrder lists the stores so that a replay heals: what the gate decided before what social
// did with it.
func (s Stores) InBackupOrder() []*db.DB { return []*db.DB{s.Gate, s.Social, s.Clinical, s.Identity} }

// Close closes those that are open.
func (s Stores) Close() {
	for _, d := range []*db.DB{s.Identity, s.Social, s.Clinical, s.Gate} {
		if d != nil {
			d.Close()
		}
	}
}

// steps is every store's schema.
func steps() map[string][]db.Migration {
	return map[string][]db.Migration{
		"identity": identity.Migrations(), "social": social.Migrations(),
		"clinical": clinical.Migrations(), "gate": gate.Migrations(),
	}
}
