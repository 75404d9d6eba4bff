package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/server"
)

const adminUsage = `mitral admin: what an administrator does at the machine itself

  mitral admin first-link              a one-time link that makes the first administrator
  mitral admin list                    accounts and their roles
  mitral admin reset-factors --login L take second factors and sessions away from somebody who lost them
  mitral admin verify                  check the chains of the ledger, of identity's trail and of the audit trail
  mitral admin token --client N --scope S  a bearer token for another system
  mitral admin client                  other systems that sign in by themselves
  mitral admin postgres --url U        make the database, its four schemas and four roles
`

func runAdmin(ctx context.Context, args []string, std stdio) error {
	if len(args) == 0 {
		fmt.Fprint(std.err, adminUsage)
		return usageError("")
	}
	switch rest := args[1:]; args[0] {
	case "first-link":
		return withAccounts(ctx, "admin first-link", "a one-time link that makes the first administrator", rest, std, nil,
			func(_ server.Config, who *identity.Identity) error {
				link, err := who.FirstLink(ctx)
				if err != nil {
					return err
				}
				fmt.Fprintf(std.out, "Open this link in your browser within the day. It works once.\n\n%s\n", link)
				return nil
			})
	case "list":
		return withAccounts(ctx, "admin list", "accounts and their roles", rest, std, nil,
			func(_ server.Config, who *identity.Identity) error { return listAccounts(ctx, who, std) })
	case "reset-factors":
		var login *string
		return withAccounts(ctx, "admin reset-factors", "take second factors and sessions away from somebody who lost them", rest, std,
			func(fs flagSet) { login = fs.String("login", "", "whose: the `login` they sign in with") },
			func(_ server.Config, who *identity.Identity) error {
				if *login == "" {
					return usageError("name the account with --login")
				}
				if err := who.ResetFactors(ctx, *login); err != nil {
					return err
				}
				fmt.Fprintln(std.out, "Done. At the next sign-in a new second factor is set up.")
				return nil
			})
	case "verify":
		return withAccounts(ctx, "admin verify", "check the chains of the ledger, of identity's trail and of the audit trail", rest, std, nil,
			func(cfg server.Config, who *identity.Identity) error { return verify(ctx, cfg, who, std) })
	case "token":
		return adminToken(ctx, rest, std)
	case "client":
		return adminClient(ctx, rest, std)
	case "postgres":
		return setupPostgres(ctx, rest, std)
	case "help", "-h", "--help":
		fmt.Fprint(std.out, adminUsage)
		return nil
	}
	fmt.Fprint(std.err, adminUsage)
	return usageError(fmt.Sprintf("there is no %q", args[0]))
}

// flagSet is the part of flag.FlagSet with which a verb adds flags of its own.
type flagSet interface {
	String(name, value, usage string) *string
}

// withAccounts opens the accounts, without starting anything, for f.
func withAccounts(ctx context.Context, verb, about string, args []string, std stdio, own func(flagSet), f func(server.Config, *identity.Identity) error) error {
	var s settings
	fs := flags(verb, about, std)
	s.register(fs)
	if own != nil {
		own(fs)
	}
	if err := parse(fs, args, 0); err != nil {
		return err
	}
	cfg, err := s.load(os.Environ())
	if err != nil {
		return err
	}
	if verb != "admin first-link" {
		if err := cfg.Built(); err != nil {
			return err
		}
	}
	log, err := logger(cfg, std.err)
	if err != nil {
		return err
	}
	who, store, err := server.Accounts(ctx, cfg, log, clock.System{})
	if err != nil {
		return err
	}
	defer store.Close()
	return f(cfg, who)
}

func listAccounts(ctx context.Context, who *identity.Identity, std stdio) error {
	list, err := who.Accounts(ctx)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "LOGIN\tNAME\tROLES\tSECOND FACTOR\tPOLICY\tSTATE")
	for _, a := range list {
		roles := make([]string, len(a.Roles))
		for i, r := range a.Roles {
			roles[i] = string(r)
		}
		state := "active"
		if a.Suspended {
			state = "suspended"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", a.Login, a.Name, strings.Join(roles, ", "), yes(a.SecondFactor), strconv.Itoa(a.Accepted), state)
	}
	return w.Flush()
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func verify(ctx context.Context, cfg server.Config, who *identity.Identity, std stdio) error {
	log, err := logger(cfg, std.err)
	if err != nil {
		return err
	}
	chains, err := server.VerifyChains(ctx, cfg, who, log, clock.System{})
	if err != nil {
		return err
	}
	whole := true
	for _, c := range chains {
		if c.Broken == "" {
			fmt.Fprintf(std.out, "%-10s whole, %d entries\n", c.Name, c.Entries)
			continue
		}
		whole = false
		fmt.Fprintf(std.out, "%-10s BROKEN at %s\n", c.Name, c.Broken)
	}
	if !whole {
		return errors.New("a chain is broken: somebody changed the record, or a restore mixed two backups")
	}
	return nil
}

func setupPostgres(ctx context.Context, args []string, std stdio) error {
	fs := flags("admin postgres", "make the database, its four schemas and four roles, and print their URLs", std)
	url := fs.String("url", "", "postgres:// `URL` of a role that may create databases and roles")
	database := fs.String("database", "mitral", "`name` of the database")
	if err := parse(fs, args, 0); err != nil {
		return err
	}
	if *url == "" {
		return usageError("name the server with --url")
	}
	urls, err := db.SetupPostgres(ctx, *url, *database)
	if err != nil {
		return err
	}
	fmt.Fprintln(std.out, "# For the configuration file. The passwords are shown only here; run again for new ones.")
	fmt.Fprintln(std.out, "databases:")
	for _, name := range db.Stores() {
		fmt.Fprintf(std.out, "  %s: %q\n", name, urls[name])
	}
	return nil
}
