package identity

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/url"
	"time"
	"unicode/utf8"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/id"
	"github.com/mitral-health/mitral/ui"
)

// A passkey with user verification (face, finger, the device's code) is two factors in one: having
// the device and being, or knowing, what opens it. Mitral asks for verification each time, so a
// passkey alone signs in. It names nobody beforehand: the device offers the accounts it knows.

const maxPasskeys = 20

var (
	errPasskey    = fault.New(fault.Invalid, "This device was not recognised. Use one that you have set up here, or your password.")
	errNoPasskeys = fault.New(fault.Unavailable, "Passkeys don't work at this address. Use the name of the site, not a number.")
)

// origin is where the browser is, as passkeys see it. Only the demo, which can't know its own
// address beforehand, believes the browser.
func (i *Identity) origin(ctx context.Context) string {
	if i.demo {
		if o := ui.From(ctx).Origin; o != "" {
			return o
		}
	}
	return i.site.URL
}

// passkeysWork reports whether browsers allow passkeys at this address.
func (i *Identity) passkeysWork(ctx context.Context) bool {
	u, err := url.Parse(i.origin(ctx))
	return err == nil && u.Hostname() != "" && net.ParseIP(u.Hostname()) == nil && (u.Scheme == "https" || u.Hostname() == "localhost")
}

func (i *Identity) relyingParty(ctx context.Context) (*webauthn.WebAuthn, error) {
	if !i.passkeysWork(ctx) {
		return nil, errNoPasskeys
	}
	u, err := url.Parse(i.origin(ctx))
	if err != nil {
		return nil, err
	}
	return webauthn.New(&webauthn.Config{
		RPID: u.Hostname(), RPDisplayName: i.site.Name, RPOrigins: []string{u.Scheme + "://" + u.Host},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationRequired,
		},
		// Browsers return extensions that nobody asked for; none of them matters here.
		ExtensionsUnsolicitedOutputPolicy: protocol.UnsolicitedOutputPolicyIgnore,
	})
}

// holder is a person as the library sees one.
type holder struct {
	handle      []byte
	login, name string
	keys        []webauthn.Credential
}

func (h *holder) WebAuthnID() []byte                         { return h.handle }
func (h *holder) WebAuthnName() string                       { return h.login }
func (h *holder) WebAuthnDisplayName() string                { return h.name }
func (h *holder) WebAuthnCredentials() []webauthn.Credential { return h.keys }

// passkey is a row of passkeys.
type passkey struct {
	ID        []byte
	Name      string
	CreatedAt time.Time
	UsedAt    time.Time
	key       webauthn.Credential
}

func passkeysOf(ctx context.Context, tx db.Tx, who id.Of[Account]) ([]passkey, error) {
	var out []passkey
	err := db.Each(ctx, tx, `SELECT id, name, credential, created_at, used_at FROM passkeys WHERE account = $1 ORDER BY created_at, id`, []any{who},
		func(row db.Row) error {
			var p passkey
			var credential string
			var created, used int64
			if err := row.Scan(&p.ID, &p.Name, &credential, &created, &used); err != nil {
				return err
			}
			p.CreatedAt, p.UsedAt = db.FromMicros(created), db.FromMicros(used)
			if err := json.Unmarshal([]byte(credential), &p.key); err != nil {
				return err
			}
			out = append(out, p)
			return nil
		})
	return out, err
}

func holderOf(ctx context.Context, tx db.Tx, a *account) (*holder, error) {
	keys, err := passkeysOf(ctx, tx, a.ID)
	h := &holder{handle: a.Handle, login: a.Login, name: a.Name}
	for _, k := range keys {
		h.keys = append(h.keys, k.key)
	}
	return h, err
}

// addPasskey stores a passkey that the library has verified.
func (i *Identity) addPasskey(ctx context.Context, tx db.Tx, who id.Of[Account], name string, key *webauthn.Credential) error {
	var n int
	if err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM passkeys WHERE account = $1`, who).Scan(&n); err != nil {
		return err
	}
	if n >= maxPasskeys {
		return fault.New(fault.Conflict, "You have %d passkeys, which is the most. Remove one that you no longer use.", maxPasskeys)
	}
	b, err := json.Marshal(key)
	if err != nil {
		return err
	}
	now := db.Micros(i.clock.Now())
	_, err = tx.Exec(ctx, `INSERT INTO passkeys (id, account, name, credential, created_at, used_at) VALUES ($1, $2, $3, $4, $5, $5)`,
		key.ID, who, passkeyName(name), string(b), now)
	if db.IsUnique(err) {
		return fault.New(fault.Conflict, "This passkey is known already.")
	}
	if err != nil {
		return err
	}
	return i.record(ctx, tx, who.String(), "passkey added", who.String())
}

func passkeyName(s string) string {
	s, err := cleanName(s)
	if err != nil || utf8.RuneCountInString(s) > 60 {
		return ""
	}
	return s
}

// challenge is what a challengePasskey remembers.
type challenge struct {
	Next    string
	Session webauthn.SessionData
}

// verifyPasskey checks a device's answer and returns whose it is. The new state of the passkey is
// written by the returned function, in the transaction that opens the session.
func (i *Identity) verifyPasskey(ctx context.Context, session webauthn.SessionData, answer []byte) (*account, func(tx db.Tx) error, error) {
	rp, err := i.relyingParty(ctx)
	if err != nil {
		return nil, nil, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return nil, nil, fault.Wrap(errors.New("unreadable"), fault.Invalid, "This device was not recognised. Use one that you have set up here, or your password.")
	}
	var a *account
	_, key, err := rp.ValidatePasskeyLogin(func(_, handle []byte) (webauthn.User, error) {
		var h *holder
		err := i.store.Read(ctx, func(tx db.Tx) (err error) {
			if a, err = accountWhere(ctx, tx, `handle = $1`, handle); err == nil && a == nil {
				return errPasskey
			}
			if err == nil {
				h, err = holderOf(ctx, tx, a)
			}
			return err
		})
		return h, err
	}, session, parsed)
	if err != nil || key.Authenticator.CloneWarning {
		var f *fault.Error
		if errors.As(err, &f) && f.Kind == fault.Unavailable {
			return nil, nil, err
		}
		if a != nil {
			object := a.ID.String()
			if err := i.store.Write(ctx, func(tx db.Tx) error { return i.record(ctx, tx, "", "passkey refused", object) }); err != nil {
				return nil, nil, err
			}
		}
		return nil, nil, errPasskey
	}
	b, err := json.Marshal(key)
	if err != nil {
		return nil, nil, err
	}
	return a, func(tx db.Tx) error {
		n, err := tx.Exec(ctx, `UPDATE passkeys SET credential = $1, used_at = $2 WHERE id = $3 AND account = $4`, string(b), db.Micros(i.clock.Now()), key.ID, a.ID)
		if err == nil && n == 0 {
			return errPasskey // removed meanwhile
		}
		return err
	}, nil
}
