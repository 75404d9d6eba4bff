package main

import (
	"context"
	"fmt"
	"net"
	"os"

	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/server"
)

func runServe(ctx context.Context, args []string, std stdio) error {
	var s settings
	fs := flags("serve", "answer on the web until a signal ends it", std)
	s.register(fs)
	if err := parse(fs, args, 0); err != nil {
		return err
	}
	cfg, err := s.load(os.Environ())
	if err != nil {
		return err
	}
	log, err := logger(cfg, std.err)
	if err != nil {
		return err
	}
	ln, err := net.Listen("tcp", cfg.Listen)
	if err != nil {
		return err
	}
	defer ln.Close()
	cfg.Program = version
	origin := cfg.Origin(ln.Addr())
	if err := cfg.RememberOrigin(origin); err != nil {
		return err
	}
	srv, err := server.New(ctx, cfg, origin, log, clock.System{}, nil)
	if err != nil {
		return err
	}
	defer srv.Close()
	fmt.Fprintf(std.out, "Mitral answers at %s\n", origin)
	if first, err := srv.Identity.Empty(ctx); err == nil && first {
		fmt.Fprintln(std.out, "There is no account yet. Make the first administrator's link with: mitral admin first-link")
	}
	return srv.Serve(ctx, ln)
}

func runMigrate(ctx context.Context, args []string, std stdio) error {
	var s settings
	fs := flags("migrate", "bring the databases to this program's version; a newer one is refused", std)
	s.register(fs)
	if err := parse(fs, args, 0); err != nil {
		return err
	}
	cfg, err := s.load(os.Environ())
	if err != nil {
		return err
	}
	stores, err := server.OpenStores(ctx, cfg)
	if err != nil {
		return err
	}
	defer stores.Close()
	if err := stores.Migrate(ctx); err != nil {
		return err
	}
	fmt.Fprintln(std.out, "The databases are at this program's version.")
	return nil
}
