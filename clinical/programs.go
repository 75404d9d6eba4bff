package clinical

import (
	"context"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/bundle"
	"github.com/mitral-health/mitral/clinical/internal/intake"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/smart"
)

// Client is a program that is registered, NewClient one to register.
type (
	Client    = smart.Client
	NewClient = smart.NewClient
)

// Token returns a bearer token for the client of this name, which is registered with the scope if
// there is none. With a patient (the logical id) the scopes are patient/ ones.
func (c *Clinical) Token(ctx context.Context, client, scope, patient string, life time.Duration) (string, error) {
	found, err := c.clients.Named(ctx, client, scope)
	if err != nil {
		return "", err
	}
	return c.clients.Issue(ctx, found.ID, scope, patient, life)
}

// AddClient registers a program that signs in by itself.
func (c *Clinical) AddClient(ctx context.Context, n NewClient) (Client, error) {
	return c.clients.Register(ctx, n)
}

// Clients lists the registered programs by name.
func (c *Clinical) Clients(ctx context.Context) ([]Client, error) { return c.clients.List(ctx) }

// DisableClient takes a program's access away, its tokens included, or gives it back.
func (c *Clinical) DisableClient(ctx context.Context, name string, disabled bool) error {
	return c.clients.Disable(ctx, name, disabled)
}

// Load stores one transaction as the program itself, for the invented records of the demo.
func (c *Clinical) Load(ctx context.Context, transaction []byte) error {
	n, err := resource.Parse(transaction)
	if err != nil {
		return err
	}
	scopes, err := access.ParseScopes("system/*.cruds")
	if err != nil {
		return err
	}
	ask := records.Ask{Who: access.Who{Kind: access.System, ID: "mitral", Name: "Mitral", Scopes: scopes}, Purpose: access.Operations}
	runner := bundle.Runner{Store: c.records, Clock: c.intake.Clock, Log: c.intake.Log, Base: c.intake.Base}
	_, err = runner.Run(ctx, ask, n, false)
	return err
}

// What an import is told and tells.
type (
	ImportOptions  = intake.Options
	ImportRefusal  = intake.Refusal
	ImportProgress = intake.Progress
)

// Import takes in FHIR files and the files of folders.
func (c *Clinical) Import(ctx context.Context, paths []string, o ImportOptions) (ImportProgress, error) {
	return intake.Run(ctx, c.intake, paths, o)
}
