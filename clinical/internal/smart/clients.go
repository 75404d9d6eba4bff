package smart

import (
	"context"
	"net/url"
	"strings"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
)

// Client is a registered program.
type Client struct {
	ID       string // what it calls itself in an assertion: client_id
	Name     string // what people call it; unique
	Scope    string // the most that it gets by itself
	Keys     string // "", "inline" or the address of its key set
	Disabled bool
	Made     time.Time
}

// NewClient is what to register. Without keys a client can't sign in by itself: it lives on tokens
// that an administrator issues.
type NewClient struct {
	Name    string
	Scope   string
	JWKS    []byte // its public keys (RFC 7517), or
	JWKSURI string // where they are
}

// Register adds a client.
func (c *Clients) Register(ctx context.Context, n NewClient) (Client, error) {
	n.Name = strings.TrimSpace(n.Name)
	if n.Name == "" || len(n.Name) > 200 {
		return Client{}, fault.New(fault.Invalid, "A client needs a name of at most 200 characters.")
	}
	if _, err := access.ParseScopes(n.Scope); err != nil {
		return Client{}, err
	}
	switch {
	case n.JWKS != nil && n.JWKSURI != "":
		return Client{}, fault.New(fault.Invalid, "Give the keys or their address, not both.")
	case n.JWKS != nil:
		if _, err := parseKeys(n.JWKS); err != nil {
			return Client{}, err
		}
	case n.JWKSURI != "":
		if u, err := url.Parse(n.JWKSURI); err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil {
			return Client{}, fault.New(fault.Invalid, "The address of the keys must begin with https://")
		}
	}
	made := Client{ID: newID(), Name: n.Name, Scope: n.Scope, Keys: keysWord(string(n.JWKS), n.JWKSURI), Made: c.clock.Now()}
	return made, c.store.Write(ctx, func(tx db.Tx) error {
		done, err := tx.Exec(ctx, `INSERT INTO smart_clients (id, name, scope, jwks, jwks_uri, disabled, made) VALUES ($1, $2, $3, $4, $5, FALSE, $6)
			ON CONFLICT (name) DO NOTHING`, made.ID, n.Name, n.Scope, string(n.JWKS), n.JWKSURI, db.Micros(made.Made))
		if err == nil && done == 0 {
			return fault.New(fault.Conflict, "There is a client of this name already.")
		}
		return err
	})
}

// Named returns the client of that name, registering it with the scope if there is none.
func (c *Clients) Named(ctx context.Context, name, scope string) (Client, error) {
	all, err := c.List(ctx)
	if err != nil {
		return Client{}, err
	}
	for _, one := range all {
		if one.Name == name {
			if one.Disabled {
				return Client{}, fault.New(fault.Conflict, "This client is disabled.")
			}
			return one, nil
		}
	}
	return c.Register(ctx, NewClient{Name: name, Scope: scope})
}

// List returns every client, by name.
func (c *Clients) List(ctx context.Context) ([]Client, error) {
	var out []Client
	err := c.store.Read(ctx, func(tx db.Tx) error {
		out = nil
		return db.Each(ctx, tx, `SELECT id, name, scope, jwks, jwks_uri, disabled, made FROM smart_clients ORDER BY name`, nil, func(r db.Row) error {
			var one Client
			var jwks, uri string
			var made int64
			err := r.Scan(&one.ID, &one.Name, &one.Scope, &jwks, &uri, &one.Disabled, &made)
			one.Keys, one.Made = keysWord(jwks, uri), db.FromMicros(made)
			out = append(out, one)
			return err
		})
	})
	return out, err
}

// Disable takes a client's access away, its tokens included, or gives it back.
func (c *Clients) Disable(ctx context.Context, name string, disabled bool) error {
	return c.store.Write(ctx, func(tx db.Tx) error {
		n, err := tx.Exec(ctx, `UPDATE smart_clients SET disabled = $2 WHERE name = $1`, name, disabled)
		if err == nil && n == 0 {
			return fault.New(fault.NotFound, "There is no client of this name.")
		}
		return err
	})
}

func keysWord(jwks, uri string) string {
	if uri == "" && jwks != "" {
		return "inline"
	}
	return uri
}
