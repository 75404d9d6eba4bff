package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/server"
)

const clientUsage = `mitral admin client: programs that sign in to the FHIR interface by themselves (SMART Backend Services)

  mitral admin client add --name N --jwks FILE|URL --scope S   register one by its public keys; prints its client_id
  mitral admin client list                                     who is registered
  mitral admin client disable --name N                         take access away, tokens included, within seconds
  mitral admin client enable --name N                          give it back
`

// adminToken makes a bearer token. It is all that goes to standard output.
func adminToken(ctx context.Context, args []string, std stdio) error {
	var s settings
	fs := flags("admin token", "a bearer token for the FHIR interface, printed once", std)
	s.register(fs)
	client := fs.String("client", "", "`name` of the program; it is registered if it is new")
	scope := fs.String("scope", "", "what it may do, as SMART `scopes`: 'system/*.cruds', or 'patient/*.rs' with --patient")
	patient := fs.String("patient", "", "logical `id` of the only patient that it reaches")
	hours := fs.Float64("hours", 24, "how long it works")
	if err := parse(fs, args, 0); err != nil {
		return err
	}
	if *client == "" || *scope == "" {
		return usageError("name the program with --client and say with --scope what it may do")
	}
	return withClinical(ctx, s, std, func(c clinicalStore) error {
		token, err := c.Token(ctx, *client, *scope, *patient, time.Duration(*hours*float64(time.Hour)))
		if err != nil {
			return err
		}
		fmt.Fprintf(std.err, "This token is shown only here. It works for %g hours:\n", *hours)
		fmt.Fprintln(std.out, token)
		return nil
	})
}

func adminClient(ctx context.Context, args []string, std stdio) error {
	if len(args) == 0 || args[0] == "-h" || args[0] == "--help" || args[0] == "help" {
		fmt.Fprint(std.err, clientUsage)
		if len(args) == 0 {
			return usageError("")
		}
		return nil
	}
	var s settings
	fs := flags("admin client "+args[0], "see mitral admin client -h", std)
	s.register(fs)
	name, jwks, scope := new(string), new(string), new(string)
	switch args[0] {
	case "add":
		fs.StringVar(jwks, "jwks", "", "`file` of its public keys (JWKS), or their https:// address")
		fs.StringVar(scope, "scope", "", "the most that it gets: 'system/*.rs system/Observation.cruds'")
		fallthrough
	case "disable", "enable":
		fs.StringVar(name, "name", "", "`name` of the program")
	case "list":
	default:
		fmt.Fprint(std.err, clientUsage)
		return usageError(fmt.Sprintf("there is no %q", args[0]))
	}
	if err := parse(fs, args[1:], 0); err != nil {
		return err
	}
	if args[0] != "list" && *name == "" || args[0] == "add" && (*jwks == "" || *scope == "") {
		return usageError("a flag is missing; see mitral admin client -h")
	}
	return withClinical(ctx, s, std, func(c clinicalStore) error {
		switch args[0] {
		case "add":
			return addClient(ctx, c, *name, *jwks, *scope, std)
		case "list":
			return listClients(ctx, c, std)
		}
		if err := c.DisableClient(ctx, *name, args[0] == "disable"); err != nil {
			return err
		}
		fmt.Fprintln(std.out, "Done. It takes effect everywhere within seconds.")
		return nil
	})
}

func addClient(ctx context.Context, c clinicalStore, name, jwks, scope string, std stdio) error {
	n := server.NewClient{Name: name, Scope: scope}
	if strings.Contains(jwks, "://") {
		n.JWKSURI = jwks
	} else {
		b, err := os.ReadFile(jwks)
		if err != nil {
			return err
		}
		n.JWKS = b
	}
	made, err := c.AddClient(ctx, n)
	if err != nil {
		return err
	}
	fmt.Fprintln(std.err, "It signs in with this client_id:")
	fmt.Fprintln(std.out, made.ID)
	return nil
}

func listClients(ctx context.Context, c clinicalStore, std stdio) error {
	all, err := c.Clients(ctx)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tCLIENT_ID\tSCOPE\tKEYS\tSINCE\tSTATE")
	for _, one := range all {
		state, keys := "active", one.Keys
		if one.Disabled {
			state = "disabled"
		}
		if keys == "" {
			keys = "none: tokens only"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", one.Name, one.ID, one.Scope, keys, one.Made.Format(time.DateOnly), state)
	}
	return w.Flush()
}

// withClinical opens the private chamber, without starting anything, for f.
func withClinical(ctx context.Context, s settings, std stdio, f func(clinicalStore) error) error {
	cfg, err := s.load(os.Environ())
	if err != nil {
		return err
	}
	if err := cfg.Built(); err != nil {
		return err
	}
	log, err := logger(cfg, std.err)
	if err != nil {
		return err
	}
	c, store, err := server.Clinical(ctx, cfg, log, clock.System{})
	if err != nil {
		return err
	}
	defer store.Close()
	return f(c)
}
