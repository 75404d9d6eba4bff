package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/mitral-health/mitral/audit"
	"github.com/mitral-health/mitral/gate/ledger"
	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/mail"
)

// originFile remembers in the data folder under which address the server was last started, so that
// the command line makes links that work.
const originFile = "origin"

// RememberOrigin is called when the address is known.
func (c *Config) RememberOrigin(origin string) error {
	return os.WriteFile(filepath.Join(c.Data, originFile), []byte(origin+"\n"), 0o600)
}

// Built refuses a data folder that holds no Mitral: a name that was mistyped must not look like an
// empty server, nor give an empty backup.
func (c *Config) Built() error {
	if c.Databases.Identity != "" {
		return nil
	}
	_, err := os.Stat(c.dsn("identity", ""))
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s holds no Mitral: check --data, or start mitral serve there first", c.Data)
	}
	return err
}

// lastOrigin is the configured address, or the one of the last start.
func (c *Config) lastOrigin() (string, error) {
	if c.URL != "" {
		return c.URL, nil
	}
	b, err := os.ReadFile(filepath.Join(c.Data, originFile))
	if errors.Is(err, fs.ErrNotExist) {
		return "", errors.New("set url in the configuration, or start mitral serve once: links need the address that people type")
	}
	return strings.TrimSpace(string(b)), err
}

// Accounts opens the identity store alone, for the command line: it starts no jobs, so it can be used
// beside a running server. Close the returned store.
func Accounts(ctx context.Context, cfg Config, log *slog.Logger, clk clock.Clock) (*identity.Identity, *db.DB, error) {
	origin, err := cfg.lastOrigin()
	if err != nil {
		return nil, nil, err
	}
	key, err := cfg.key()
	if err != nil {
		return nil, nil, err
	}
	store, err := db.Open(ctx, "identity", cfg.dsn("identity", cfg.Databases.Identity))
	if err != nil {
		return nil, nil, err
	}
	if err := store.Migrate(ctx, identity.Migrations()); err != nil {
		store.Close()
		return nil, nil, err
	}
	who, err := identity.New(identity.Deps{Store: store, Clock: clk, Mailer: noMail{}, Site: cfg.site(origin),
		Log: log, Key: derive(key, "identity")})
	if err != nil {
		store.Close()
		return nil, nil, err
	}
	return who, store, nil
}

// noMail refuses to send: the command line prints links instead.
type noMail struct{}

func (noMail) Send(context.Context, mail.Message) error {
	return errors.New("the command line sends no mail")
}

// Chain is the result of verifying one trail.
type Chain struct {
	Name    string
	Entries int64
	Broken  string // where; "": whole
}

// VerifyChains checks the ledger of the gate, the trail of identity and the audit trail of the private
// chamber.
func VerifyChains(ctx context.Context, cfg Config, who *identity.Identity, log *slog.Logger, clk clock.Clock) ([]Chain, error) {
	store, err := db.Open(ctx, "gate", cfg.dsn("gate", cfg.Databases.Gate))
	if err != nil {
		return nil, err
	}
	defer store.Close()
	n, broken, err := ledger.Trail().Verify(ctx, store)
	if err != nil {
		return nil, err
	}
	m, torn, err := who.VerifyTrail(ctx)
	if err != nil {
		return nil, err
	}
	private, records, err := Clinical(ctx, cfg, log, clk)
	if err != nil {
		return nil, err
	}
	defer records.Close()
	k, where, err := private.VerifyTrail(ctx)
	return []Chain{{"ledger", n, place(broken)}, {"identity", m, place(torn)}, {"clinical", k, where}}, err
}

func place(b *audit.Break) string {
	if b == nil {
		return ""
	}
	return b.String()
}
