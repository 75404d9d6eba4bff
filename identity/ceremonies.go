package identity

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/mitral-health/mitral/identity/internal/secret"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/id"
)

// A ceremony is something between a browser and identity that takes more than one request: the
// second factor after a password, a passkey's challenge, a visit to the organisation's provider. Its
// token is a cookie of that browser; the rest stays here, for a short time, and is used up once.
type ceremony struct {
	hash    []byte
	kind    ceremonyKind
	account id.Of[Account] // zero when nobody is known yet
	data    string
	tries   int
}

// ceremonyKind is what a ceremony is for; it names its cookie.
type ceremonyKind string

const (
	factorCeremony   ceremonyKind = "factor"   // the password was right (or a reset link was); the second factor is awaited
	setUpCeremony    ceremonyKind = "setup"    // signed in but for a second factor, which must be set up first
	challengePasskey ceremonyKind = "passkey"  // a challenge to sign in with a passkey
	registerPasskey  ceremonyKind = "register" // a challenge to make a passkey
	appCeremony      ceremonyKind = "app"      // the secret of an authenticator app that is not confirmed yet
	providerCeremony ceremonyKind = "provider" // away at the OpenID Connect provider
)

var ceremonyLasts = map[ceremonyKind]time.Duration{
	factorCeremony: 10 * time.Minute, setUpCeremony: time.Hour, challengePasskey: 5 * time.Minute,
	registerPasskey: 10 * time.Minute, appCeremony: time.Hour, providerCeremony: 15 * time.Minute,
}

// maxTries is how many codes one ceremony takes before it must begin again.
const maxTries = 5

// errCeremony is for a ceremony that took too long, was used up, or belongs to another browser.
var errCeremony = fault.New(fault.Invalid, "This took too long, or was finished in another window. Start again.")

// begin stores a ceremony and returns the token for the browser's cookie.
func (i *Identity) begin(ctx context.Context, tx db.Tx, kind ceremonyKind, who id.Of[Account], data any) (secret.Token, error) {
	token := secret.NewToken()
	b, err := json.Marshal(data)
	if err != nil {
		return token, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO ceremonies (hash, kind, account, data, tries, expires_at) VALUES ($1, $2, $3, $4, 0, $5)`,
		token.Hash(), string(kind), who.String(), string(b), db.Micros(i.clock.Now().Add(ceremonyLasts[kind])))
	return token, err
}

// find reads a ceremony and its data. A missing one is errCeremony.
func (i *Identity) find(ctx context.Context, tx db.Tx, kind ceremonyKind, token secret.Token, data any) (*ceremony, error) {
	c := &ceremony{hash: token.Hash(), kind: kind}
	var expires int64
	var who string
	err := tx.QueryRow(ctx, `SELECT account, data, tries, expires_at FROM ceremonies WHERE hash = $1 AND kind = $2`, c.hash, string(kind)).
		Scan(&who, &c.data, &c.tries, &expires)
	if errors.Is(err, db.ErrNoRows) || (err == nil && !db.FromMicros(expires).After(i.clock.Now())) {
		return nil, errCeremony
	}
	if err != nil {
		return nil, err
	}
	if c.account, err = id.Parse[Account](who); err != nil {
		return nil, err
	}
	if data != nil {
		err = json.Unmarshal([]byte(c.data), data)
	}
	return c, err
}

// finish uses a ceremony up. Of two requests with the same one, the second gets errCeremony.
func (c *ceremony) finish(ctx context.Context, tx db.Tx) error {
	n, err := tx.Exec(ctx, `DELETE FROM ceremonies WHERE hash = $1`, c.hash)
	if err == nil && n == 0 {
		return errCeremony
	}
	return err
}

// miss counts a wrong code; at the last one the ceremony ends.
func (c *ceremony) miss(ctx context.Context, tx db.Tx) error {
	_, err := tx.Exec(ctx, `UPDATE ceremonies SET tries = tries + 1 WHERE hash = $1`, c.hash)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `DELETE FROM ceremonies WHERE hash = $1 AND tries >= $2`, c.hash, maxTries)
	return err
}
