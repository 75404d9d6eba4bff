package server

import (
	"context"
	"io"
	"os"

	"github.com/mitral-health/mitral/platform/backup"
	"github.com/mitral-health/mitral/platform/clock"
)

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
