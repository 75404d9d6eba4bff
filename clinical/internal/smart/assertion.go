package smart

import (
	"context"
	"crypto/sha256"
	"errors"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/mitral-health/mitral/platform/db"
)

// An assertion may end at most so far ahead (SMART: five minutes), and clocks may differ by some.
const (
	maxAhead = 5 * time.Minute
	leeway   = 30 * time.Second
)

// assert returns the client that signed the assertion, once.
func (c *Clients) assert(ctx context.Context, assertion string) (Client, error) {
	no := func(about string) (Client, error) { return Client{}, refuse("invalid_client", about) }
	if assertion == "" {
		return no("client_assertion is missing.")
	}
	token, err := jwt.ParseSigned(assertion, algorithms)
	if err != nil || len(token.Headers) != 1 {
		return no("client_assertion is no JWT signed with RS384 or ES384.")
	}
	head := token.Headers[0]
	if head.KeyID == "" {
		return no("The assertion's header names no key (kid).")
	}
	var said jwt.Claims
	if err := token.UnsafeClaimsWithoutVerification(&said); err != nil { // only to learn whose keys to try
		return no("The assertion's claims can't be read.")
	}
	client, jwks, uri, err := c.find(ctx, said.Subject)
	switch {
	case err != nil && !errors.Is(err, db.ErrNoRows):
		return Client{}, err
	case err != nil, client.Disabled, jwks == "" && uri == "":
		return no("This client is not registered, or has no keys here.")
	}
	if jku, ok := head.ExtraHeaders["jku"]; ok && uri != "" && jku != uri {
		return no("The assertion's jku is not the registered address of keys.")
	}
	var keys []jose.JSONWebKey
	if uri == "" {
		keys, err = parseKeys([]byte(jwks))
	} else {
		keys, err = c.keys.get(ctx, uri, head.KeyID)
	}
	if err != nil {
		c.log.WarnContext(ctx, "a client's keys can't be read", "client", client.ID)
		return no("The client's keys can't be read.")
	}
	if !signed(token, keys, head) {
		return no("The assertion is not signed by a key of this client.")
	}
	if wrong := c.check(said, client.ID); wrong != "" {
		return no(wrong)
	}
	return client, c.once(ctx, client.ID, said)
}

// signed says whether one of the keys that the header may mean made the signature.
func signed(token *jwt.JSONWebToken, keys []jose.JSONWebKey, head jose.Header) bool {
	for _, k := range withID(keys, head.KeyID) {
		if alg, ok := algorithmOf(k); ok && string(alg) == head.Algorithm && token.Claims(k.Key, &jwt.Claims{}) == nil {
			return true
		}
	}
	return false
}

// check says what is wrong with the claims, or "".
func (c *Clients) check(said jwt.Claims, client string) string {
	now := c.clock.Now()
	switch {
	case said.Issuer != client || said.Subject != client:
		return "iss and sub must both be the client_id."
	case !said.Audience.Contains(c.base + "/auth/token"):
		return "aud must be the address of the token endpoint."
	case said.ID == "" || len(said.ID) > 1000:
		return "jti is missing or too long."
	case said.Expiry == nil:
		return "exp is missing."
	case !now.Before(said.Expiry.Time().Add(leeway)):
		return "The assertion has ended."
	case said.Expiry.Time().After(now.Add(maxAhead + leeway)):
		return "exp may be at most five minutes ahead."
	case said.NotBefore != nil && said.NotBefore.Time().After(now.Add(leeway)), said.IssuedAt != nil && said.IssuedAt.Time().After(now.Add(leeway)):
		return "The assertion is not valid yet."
	}
	return ""
}

// once refuses an assertion that was seen before, on whichever copy of the program.
func (c *Clients) once(ctx context.Context, client string, said jwt.Claims) error {
	jti := sha256.Sum256([]byte(said.ID))
	return c.store.Write(ctx, func(tx db.Tx) error {
		n, err := tx.Exec(ctx, `INSERT INTO smart_assertions (client, jti, expires) VALUES ($1, $2, $3) ON CONFLICT (client, jti) DO NOTHING`,
			client, jti[:], db.Micros(said.Expiry.Time().Add(leeway)))
		if err == nil && n == 0 {
			return refuse("invalid_client", "This assertion was used before: each needs a jti of its own.")
		}
		return err
	})
}

func (c *Clients) find(ctx context.Context, clientID string) (out Client, jwks, uri string, err error) {
	err = c.store.Read(ctx, func(tx db.Tx) error {
		return tx.QueryRow(ctx, `SELECT id, name, scope, jwks, jwks_uri, disabled FROM smart_clients WHERE id = $1`, clientID).
			Scan(&out.ID, &out.Name, &out.Scope, &jwks, &uri, &out.Disabled)
	})
	return out, jwks, uri, err
}
