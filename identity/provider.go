package identity

import (
	"context"
	"crypto/subtle"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/mitral-health/mitral/identity/internal/secret"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
)

// OIDCConfig is the organisation's own OpenID Connect provider. Its redirect address at the
// provider is the site's address followed by /sign-in/provider/back.
type OIDCConfig struct {
	Name         string // as the button says it, "Orlena staff account"
	Issuer       string // https://…
	ClientID     string
	ClientSecret string
	// SecondFactor says that the provider asks for a second factor itself. Otherwise Mitral asks for
	// its own, unless the provider states in amr that it did (RFC 8176, "mfa").
	SecondFactor bool
}

// provider finds out the provider's endpoints when they are first needed, so that Mitral starts and
// everybody else signs in while the provider is down.
type provider struct {
	cfg    OIDCConfig
	client *http.Client
	turn   chan struct{} // held by whoever asks for the endpoints
	oidc   *oidc.Provider
}

// providerWaits is how long the provider may take for one answer. One that takes connections and says
// nothing must not keep requests waiting.
const providerWaits = 10 * time.Second

func newProvider(cfg OIDCConfig) (*provider, error) {
	u, err := url.Parse(cfg.Issuer)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Hostname() != "localhost" && u.Hostname() != "127.0.0.1") {
		return nil, fault.New(fault.Invalid, "The issuer of the sign-in service must be an https address.")
	}
	if cfg.ClientID == "" {
		return nil, fault.New(fault.Invalid, "The sign-in service needs a client id.")
	}
	return &provider{cfg: cfg, client: &http.Client{Timeout: providerWaits}, turn: make(chan struct{}, 1)}, nil
}

// asking is the context in which the provider is asked.
func (p *provider) asking(ctx context.Context) context.Context {
	return oidc.ClientContext(ctx, p.client)
}

func (p *provider) discover(ctx context.Context) (*oidc.Provider, error) {
	silent := func(err error) error {
		return fault.Wrap(err, fault.Unavailable, "Your organisation's sign-in service does not answer. Try again in a minute, or sign in another way.")
	}
	select {
	case p.turn <- struct{}{}:
		defer func() { <-p.turn }()
	case <-ctx.Done():
		return nil, silent(ctx.Err())
	}
	if p.oidc == nil {
		// The keys are fetched later with this context's client; the request's own end must not stop that.
		found, err := oidc.NewProvider(p.asking(context.WithoutCancel(ctx)), p.cfg.Issuer)
		if err != nil {
			return nil, silent(err)
		}
		p.oidc = found
	}
	return p.oidc, nil
}

func (i *Identity) oauth(p *oidc.Provider) *oauth2.Config {
	return &oauth2.Config{
		ClientID: i.provider.cfg.ClientID, ClientSecret: i.provider.cfg.ClientSecret, Endpoint: p.Endpoint(),
		RedirectURL: i.site.URL + "/sign-in/provider/back", Scopes: []string{oidc.ScopeOpenID, "profile", "email"},
	}
}

// away is what a providerCeremony remembers while the browser is at the provider.
type away struct {
	Next     string
	State    string
	Nonce    string
	Verifier string // PKCE, RFC 7636
	Again    string // the id of the session that proves itself afresh; "" to sign in
	Since    time.Time
}

// goAway begins a sign-in at the provider and returns the address to go to.
func (i *Identity) goAway(ctx context.Context, next string, again *session) (string, secret.Token, error) {
	var none secret.Token
	if i.provider == nil {
		return "", none, fault.New(fault.NotFound, "There is no sign-in service of the organisation here.")
	}
	p, err := i.provider.discover(ctx)
	if err != nil {
		return "", none, err
	}
	data := away{Next: next, State: secret.NewToken().Text(), Nonce: secret.NewToken().Text(), Verifier: oauth2.GenerateVerifier(), Since: i.clock.Now()}
	options := []oauth2.AuthCodeOption{oidc.Nonce(data.Nonce), oauth2.S256ChallengeOption(data.Verifier)}
	if again != nil {
		data.Again = again.id.String()
		options = append(options, oauth2.SetAuthURLParam("max_age", "0"), oauth2.SetAuthURLParam("prompt", "login"))
	}
	var token secret.Token
	err = i.store.Write(ctx, func(tx db.Tx) (err error) {
		token, err = i.begin(ctx, tx, providerCeremony, zeroAccount, data)
		return err
	})
	return i.oauth(p).AuthCodeURL(data.State, options...), token, err
}

// claims is what the provider says about a person.
type claims struct {
	Issuer   string   `json:"iss"`
	Sub      string   `json:"sub"`
	Email    string   `json:"email"`
	Verified bool     `json:"email_verified"`
	Name     string   `json:"name"`
	AMR      []string `json:"amr"`
	AuthTime int64    `json:"auth_time"`
}

// comeBack checks what the browser brought from the provider. The ceremony is used up first, so an
// answer can't be brought twice.
func (i *Identity) comeBack(ctx context.Context, token secret.Token, query url.Values) (away, claims, error) {
	var data away
	var said claims
	if i.provider == nil {
		return data, said, errCeremony
	}
	err := i.store.Write(ctx, func(tx db.Tx) error {
		data = away{}
		c, err := i.find(ctx, tx, providerCeremony, token, &data)
		if err != nil {
			return err
		}
		return c.finish(ctx, tx)
	})
	if err != nil {
		return data, said, err
	}
	if subtle.ConstantTimeCompare([]byte(query.Get("state")), []byte(data.State)) != 1 {
		return data, said, errCeremony
	}
	if query.Get("error") != "" || query.Get("code") == "" {
		return data, said, fault.New(fault.Invalid, "Your organisation's sign-in service did not sign you in. Try again, or sign in another way.")
	}
	p, err := i.provider.discover(ctx)
	if err != nil {
		return data, said, err
	}
	ctx = i.provider.asking(ctx)
	tokens, err := i.oauth(p).Exchange(ctx, query.Get("code"), oauth2.VerifierOption(data.Verifier))
	if err != nil {
		return data, said, refused("code")
	}
	raw, _ := tokens.Extra("id_token").(string)
	idToken, err := p.Verifier(&oidc.Config{ClientID: i.provider.cfg.ClientID, Now: i.clock.Now}).Verify(ctx, raw)
	if err != nil || subtle.ConstantTimeCompare([]byte(idToken.Nonce), []byte(data.Nonce)) != 1 {
		return data, said, refused("token")
	}
	if err := idToken.Claims(&said); err != nil || said.Sub == "" {
		return data, said, refused("claims")
	}
	return data, said, nil
}

// refused keeps what the provider said out of logs: it may name people.
func refused(what string) error {
	return fault.Wrap(errors.New("sign-in service: "+what), fault.Invalid, "Your organisation's sign-in service did not sign you in. Try again, or sign in another way.")
}

func (c claims) manyFactors() bool { return slices.Contains(c.AMR, "mfa") }

func (c claims) address() string {
	if !c.Verified {
		return ""
	}
	return cleanLogin(c.Email)
}

// personOf finds the account that the provider speaks of: by issuer and subject if they were seen
// before, otherwise by a verified address of an account or of an open invitation, which is accepted
// by this. Nobody gets in without having been invited.
func (i *Identity) personOf(ctx context.Context, said claims) (*account, error) {
	unknown := fault.New(fault.Forbidden, "Your organisation knows you, but there is no account or invitation for you here. Ask an administrator for one.")
	var a *account
	err := i.store.Write(ctx, func(tx db.Tx) (err error) {
		if a, err = accountWhere(ctx, tx, `issuer = $1 AND issuer_sub = $2`, said.Issuer, said.Sub); err != nil || a != nil {
			return err
		}
		address := said.address()
		if !isAddress(address) {
			return unknown
		}
		if a, err = accountByLogin(ctx, tx, address); err != nil {
			return err
		}
		if a != nil {
			if a.Sub != "" || isPatient(a.Roles) { // linked to somebody else at the provider, or no member of staff
				return unknown
			}
			if _, err := tx.Exec(ctx, `UPDATE accounts SET issuer = $1, issuer_sub = $2 WHERE id = $3`, said.Issuer, said.Sub, a.ID); err != nil {
				return err
			}
			return i.record(ctx, tx, a.ID.String(), "provider linked", a.ID.String())
		}
		v, err := i.openInvitation(ctx, tx, `login = $1`, address)
		if err == errInvitation || err == nil && v.patient() {
			return unknown
		}
		if err != nil {
			return err
		}
		name, err := cleanName(said.Name)
		if err != nil {
			name, _, _ = strings.Cut(address, "@")
		}
		a = &account{Name: name, Issuer: said.Issuer, Sub: said.Sub}
		return i.accept(ctx, tx, v, a)
	})
	return a, err
}
