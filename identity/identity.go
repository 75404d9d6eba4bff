package identity

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"

	"github.com/mitral-health/mitral/audit"
	"github.com/mitral-health/mitral/identity/internal/password"
	"github.com/mitral-health/mitral/identity/internal/secret"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/jobs"
	"github.com/mitral-health/mitral/platform/mail"
	"github.com/mitral-health/mitral/ui"
)

// Deps is what identity is built from.
type Deps struct {
	Store  *db.DB // migrated with Migrations
	Clock  clock.Clock
	Mailer mail.Mailer
	Site   *ui.Site // URL decides cookies, links in mails and where passkeys are valid
	Log    *slog.Logger
	Key    []byte // 32 secret bytes; without the same ones, authenticator apps and recovery codes are lost

	Demo         bool          // invented data: a password alone signs in
	DemoAccounts []DemoAccount // listed on the sign-in page, in the demo only
	OIDC         *OIDCConfig   // nil: no sign-in through the organisation's own provider
}

// DemoAccount is an invented person that the demo's sign-in page offers.
type DemoAccount struct {
	Role     Role
	Name     string
	Login    string
	Password string
}

// Identity is the accounts of one organisation. Make it with New; safe for concurrent use.
type Identity struct {
	store     *db.DB
	clock     clock.Clock
	mailer    mail.Mailer
	site      *ui.Site
	log       *slog.Logger
	ring      *secret.Ring
	passwords *password.Hasher
	queue     *jobs.Queue
	demo      bool
	offered   []DemoAccount
	provider  *provider
}

// New builds identity and makes sure that there is a first version of the acceptable-use policy.
func New(d Deps) (*Identity, error) {
	ring, err := secret.NewRing(d.Key)
	if err != nil {
		return nil, err
	}
	i := &Identity{
		store: d.Store, clock: d.Clock, mailer: d.Mailer, site: d.Site, log: d.Log, ring: ring,
		passwords: password.New(), demo: d.Demo,
	}
	if d.Demo {
		i.offered = d.DemoAccounts
	}
	if d.OIDC != nil {
		if i.provider, err = newProvider(*d.OIDC); err != nil {
			return nil, err
		}
	}
	return i, i.firstPolicy(context.Background())
}

// Offer sets the accounts that the demo's sign-in page lists: they exist only after the demo data
// was built. Call it before serving; outside the demo it does nothing.
func (i *Identity) Offer(accounts []DemoAccount) {
	if i.demo {
		i.offered = accounts
	}
}

// UseQueue gives identity the queue that its jobs run on. Call it once, before serving.
func (i *Identity) UseQueue(q *jobs.Queue) { i.queue = q }

// https reports whether people reach the site over TLS, which cookies depend on.
func (i *Identity) https() bool { return strings.HasPrefix(i.site.URL, "https://") }

// record writes an entry to identity's trail in the transaction of the act. Details come in pairs.
func (i *Identity) record(ctx context.Context, tx db.Tx, actor, act, object string, pairs ...string) error {
	e := audit.Entry{At: i.clock.Now(), Actor: actor, Act: act, Object: object}
	for n := 0; n+1 < len(pairs); n += 2 {
		if e.Detail == nil {
			e.Detail = map[string]string{}
		}
		e.Detail[pairs[n]] = pairs[n+1]
	}
	_, err := trail.Append(ctx, tx, e)
	return err
}

// VerifyTrail checks the chain of identity's audit trail and returns how many entries it holds.
func (i *Identity) VerifyTrail(ctx context.Context) (n int64, broken *audit.Break, err error) {
	return trail.Verify(ctx, i.store)
}

func packRoles(roles []Role) string {
	b, _ := json.Marshal(roles) // strings only: never fails
	return string(b)
}

func unpackRoles(s string) []Role {
	var roles []Role
	if json.Unmarshal([]byte(s), &roles) != nil {
		return nil // what can't be read gives no rights
	}
	return roles
}
