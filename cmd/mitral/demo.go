package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"runtime/debug"
	"time"

	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/server"
	"github.com/mitral-health/mitral/server/demo"
)

// ready is the line that "demo --json" prints once the program answers.
type ready struct {
	URL       string    `json:"url"`
	Data      string    `json:"data"`
	Accounts  []account `json:"accounts"`
	FHIRToken string    `json:"fhirToken"` // a bearer token for all of /fhir
}

type account struct {
	Role     identity.Role `json:"role"`
	Name     string        `json:"name"`
	Login    string        `json:"login"`
	Password string        `json:"password"`
}

func runDemo(ctx context.Context, args []string, std stdio) (err error) {
	fs := flags("demo", "an invented health centre on an embedded database; a password alone signs in", std)
	listen := fs.String("listen", "localhost:8080", "`address` to answer on; port 0 picks a free one")
	data := fs.String("data", "", "`folder` to keep it in; without one it is temporary and goes at the end")
	asJSON := fs.Bool("json", false, "print one line of JSON when it answers")
	if err := parse(fs, args, 0); err != nil {
		return err
	}
	if *data == "" {
		if *data, err = os.MkdirTemp("", "mitral-demo-"); err != nil {
			return err
		}
		defer os.RemoveAll(*data)
	}
	cfg := demo.Config(*listen, *data)
	cfg.Program = version
	if err := cfg.PrepareData(); err != nil {
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
	if !*asJSON {
		fmt.Fprintln(std.out, "Building an invented health centre …")
	}
	origin := cfg.Origin(ln.Addr())
	if err := cfg.RememberOrigin(origin); err != nil { // for the other verbs, beside it
		return err
	}
	accounts, err := demo.Build(ctx, cfg, origin, log, clock.System{})
	if err != nil {
		return err
	}
	debug.FreeOSMemory() // building the pictures took some
	srv, err := server.New(ctx, cfg, origin, log, clock.System{}, accounts)
	if err != nil {
		return err
	}
	defer srv.Close()

	// The listener is open already: whoever connects from here on is answered.
	token, err := srv.Clinical.Token(ctx, "demo", "system/*.cruds system/AuditEvent.cruds", "", 30*24*time.Hour)
	if err != nil {
		return err
	}
	out := ready{URL: origin, Data: *data, FHIRToken: token}
	for _, a := range accounts {
		out.Accounts = append(out.Accounts, account{a.Role, a.Name, a.Login, a.Password})
	}
	if *asJSON {
		if err := json.NewEncoder(std.out).Encode(out); err != nil {
			return err
		}
		return srv.Serve(ctx, ln)
	}
	fmt.Fprintf(std.out, "\nOpen %s\n\nSign in at %s/sign-in as\n", origin, origin)
	for _, a := range accounts {
		fmt.Fprintf(std.out, "  %-16s %-10s %s\n", a.Role, a.Login, a.Password)
	}
	fmt.Fprintf(std.out, "\nInvented patients, as FHIR R4:\n  curl -H 'Authorization: Bearer %s' '%s/fhir/Patient?_pretty=true'\n", token, origin)
	fmt.Fprintf(std.out, "\nEverything here is invented. It is kept in %s. Stop with Ctrl-C.\n", *data)
	return srv.Serve(ctx, ln)
}
