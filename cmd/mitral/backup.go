package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/mitral-health/mitral/platform/backup"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/server"
)

// files counts the files of a backup.
func files(m backup.Manifest) int {
	for _, p := range m.Parts {
		if p.Name == "files" {
			return p.Entries
		}
	}
	return 0
}

func runBackup(ctx context.Context, args []string, std stdio) error {
	var s settings
	fs := flags("backup", "everything into one new file, also while the server runs: mitral backup [flags] FILE", std)
	s.register(fs)
	if err := parse(fs, args, 1); err != nil {
		return err
	}
	cfg, err := s.load(os.Environ())
	if err != nil {
		return err
	}
	if err := cfg.Built(); err != nil {
		return err
	}
	name := fs.Arg(0)
	// The file appears under its name only when it is whole.
	tmp, err := os.CreateTemp(filepath.Dir(name), ".mitral-backup-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	if _, err := os.Stat(name); err == nil {
		return fmt.Errorf("%s exists already: choose another name", name)
	}
	m, err := server.Backup(ctx, cfg, tmp, clock.System{}, version)
	if err := errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	if err := os.Rename(tmp.Name(), name); err != nil {
		return err
	}
	fmt.Fprintf(std.out, "%s holds %d stores and %d files, taken %s.\nKeep the key (%s) somewhere else too.\n",
		name, len(m.Stores), files(m), m.Taken.Format("2006-01-02 15:04:05 MST"), filepath.Join(cfg.Data, "key"))
	return nil
}

func runRestore(ctx context.Context, args []string, std stdio) error {
	var s settings
	fs := flags("restore", "back from a backup, into an empty place: mitral restore [flags] FILE", std)
	s.register(fs)
	if err := parse(fs, args, 1); err != nil {
		return err
	}
	cfg, err := s.load(os.Environ())
	if err != nil {
		return err
	}
	f, err := os.Open(fs.Arg(0))
	if err != nil {
		return err
	}
	defer f.Close()
	m, err := server.Restore(ctx, cfg, f)
	if err != nil {
		return err
	}
	fmt.Fprintf(std.out, "Restored %d stores and %d files as they were at %s.\n", len(m.Stores), files(m), m.Taken.Format("2006-01-02 15:04:05 MST"))
	if _, err := os.Stat(filepath.Join(cfg.Data, "key")); err != nil && cfg.Key == "" {
		fmt.Fprintf(std.out, "Now put the key of the old server at %s, before it starts.\n", filepath.Join(cfg.Data, "key"))
	}
	return nil
}
