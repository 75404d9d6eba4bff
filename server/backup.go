package server

import (
	"context"
	"io"
	"os"

	"github.com/mitral-health/mitral/clinical"
	"github.com/mitral-health/mitral/gate"
	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/backup"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/social"
)

// steps is every store's schema.
func steps() map[string][]db.Migration {
	return map[string][]db.Migration{
		"identity": identity.Migrations(), "social": social.Migrations(),
		"clinical": clinical.Migrations(), "gate": gate.Migrations(),
	}
}

// Backup writes everything but the configuration and the key to w, also while the program runs.
func Backup(ctx context.Context, cfg Config, w io.Writer, clk clock.Clock, program string) (backup.Manifest, error) {
	stores, err := OpenStores(ctx, cfg)
	if err != nil {
		return backup.Manifest{}, err
	}
	defer stores.Close()
	files, err := cfg.Blobs.open(cfg.Data)
	if err != nil {
		return backup.Manifest{}, err
	}
	return backup.Backup(ctx, w, backup.Source{Stores: stores.InBackupOrder(), Files: files, Clock: clk, Program: program, Temp: cfg.Data})
}

// Restore puts a backup back into the empty place that cfg names.
func Restore(ctx context.Context, cfg Config, r *os.File) (backup.Manifest, error) {
	files, err := cfg.Blobs.open(cfg.Data)
	if err != nil {
		return backup.Manifest{}, err
	}
	return backup.Restore(ctx, r, backup.Target{Steps: steps(), Files: files, DSN: map[string]string{
		"identity": cfg.dsn("identity", cfg.Databases.Identity), "social": cfg.dsn("social", cfg.Databases.Social),
		"clinical": cfg.dsn("clinical", cfg.Databases.Clinical), "gate": cfg.dsn("gate", cfg.Databases.Gate),
	}})
}
