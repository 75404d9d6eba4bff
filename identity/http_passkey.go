package identity

import (
	stdjson "encoding/json"
	"net/http"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/mitral-health/mitral/identity/internal/secret"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/id"
	"github.com/mitral-health/mitral/platform/web"
)

// What the page's script sends and gets. "answer" and "options" have the JSON forms that the
// WebAuthn specification gives them.
type (
	beginBody struct {
		Next   string `json:"next"`
		Invite string `json:"invite"`
		Name   string `json:"name"`
		Login  string `json:"login"`
	}
	finishBody struct {
		Answer jsontext.Value `json:"answer"`
		Name   string         `json:"name"`
	}
	goOn struct {
		Next string `json:"next"`
	}
)

// options sends the library's options as it writes them.
func options(w http.ResponseWriter, v any) error {
	b, err := stdjson.Marshal(v)
	if err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, jsontext.Value(b))
}

func (i *Identity) passkeyBegin(w http.ResponseWriter, r *http.Request) error {
	var body beginBody
	if err := web.ReadJSON(r, &body); err != nil {
		return err
	}
	rp, err := i.relyingParty(r.Context())
	if err != nil {
		return err
	}
	ask, session, err := rp.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return err
	}
	var token secret.Token
	err = i.store.Write(r.Context(), func(tx db.Tx) (err error) {
		token, err = i.begin(r.Context(), tx, challengePasskey, zeroAccount, challenge{Next: web.LocalOr(body.Next, ""), Session: *session})
		return err
	})
	if err != nil {
		return err
	}
	i.setCookie(w, challengePasskey.cookie(), token.Text(), ceremonyLasts[challengePasskey])
	return options(w, ask)
}

func (i *Identity) passkeyFinish(w http.ResponseWriter, r *http.Request) error {
	var body finishBody
	if err := web.ReadJSON(r, &body); err != nil {
		return err
	}
	ctx := r.Context()
	token, ok := i.token(r, challengePasskey.cookie())
	if !ok {
		return errCeremony
	}
	var c challenge
	err := i.store.Write(ctx, func(tx db.Tx) error { // a challenge is answered once, right or wrong
		c = challenge{}
		found, err := i.find(ctx, tx, challengePasskey, token, &c)
		if err != nil {
			return err
		}
		return found.finish(ctx, tx)
	})
	if err != nil {
		return err
	}
	a, used, err := i.verifyPasskey(ctx, c.Session, body.Answer)
	if err != nil {
		return err
	}
	e := entry{account: a, how: "passkey", next: c.Next, also: used}
	// After a password, or a link to choose a new one, the passkey is that ceremony's second factor.
	var data factorData
	if waiting, of, err := i.pending(r, factorCeremony, &data); err == nil && of.ID == a.ID {
		e.next = data.Next
		e.also = func(tx db.Tx) error {
			if err := waiting.finish(ctx, tx); err != nil {
				return err
			}
			if err := i.applyReset(ctx, tx, a.ID, data); err != nil {
				return err
			}
			return used(tx)
		}
	}
	to, err := i.enter(w, r, e)
	if err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, goOn{to})
}

// making is what a registerPasskey remembers: the challenge, and whose passkey it will be.
type making struct {
	Session webauthn.SessionData
	Account id.Of[Account] // who has an account
	SetUp   bool           // not signed in yet: the passkey is the second factor that was missing
	Next    string
	Invite  string // the id of an invitation that the passkey accepts, never its link
	Person  *account
}

func (i *Identity) registerBegin(w http.ResponseWriter, r *http.Request) error {
	var body beginBody
	if err := web.ReadJSON(r, &body); err != nil {
		return err
	}
	ctx := r.Context()
	rp, err := i.relyingParty(ctx)
	if err != nil {
		return err
	}
	m, h, err := i.registrant(r, body)
	if err != nil {
		return err
	}
	ask, session, err := rp.BeginRegistration(h, webauthn.WithExclusions(webauthn.Credentials(h.keys).CredentialDescriptors()))
	if err != nil {
		return err
	}
	m.Session = *session
	var token secret.Token
	err = i.store.Write(ctx, func(tx db.Tx) (err error) {
		token, err = i.begin(ctx, tx, registerPasskey, m.Account, m)
		return err
	})
	if err != nil {
		return err
	}
	i.setCookie(w, registerPasskey.cookie(), token.Text(), ceremonyLasts[registerPasskey])
	return options(w, ask)
}

// registrant finds out for whom a passkey is to be made: an invited person, somebody on the way in
// without a second factor, or somebody signed in.
func (i *Identity) registrant(r *http.Request, body beginBody) (m making, h *holder, err error) {
	ctx := r.Context()
	if body.Invite != "" {
		token, err := secret.ParseToken(body.Invite)
		if err != nil {
			return m, nil, errInvitation
		}
		v, err := i.invitationOf(r, token)
		if err != nil {
			return m, nil, err
		}
		if m.Person, err = i.newcomer(r, v, body.Name, body.Login); err != nil {
			return m, nil, err
		}
		m.Invite = v.ID.String()
		return m, &holder{handle: m.Person.Handle, login: m.Person.Login, name: m.Person.Name}, nil
	}
	var a *account
	if s := sessionFrom(ctx); s != nil {
		if !s.fresh(i.clock.Now(), freshToSend) {
			return m, nil, fault.New(fault.Unauthenticated, "It is a while since you signed in. Open this page again to confirm that it is you.")
		}
		m.Next = "/account/passkeys?done=added"
		a = s.account
	} else {
		var data setUpData
		if _, a, err = i.pending(r, setUpCeremony, &data); err != nil {
			return m, nil, err
		}
		m.SetUp, m.Next = true, data.Next
	}
	m.Account = a.ID
	err = i.store.Read(ctx, func(tx db.Tx) error {
		if a, err = accountByID(ctx, tx, m.Account); err == nil {
			h, err = holderOf(ctx, tx, a)
		}
		return err
	})
	return m, h, err
}

func (i *Identity) registerFinish(w http.ResponseWriter, r *http.Request) error {
	var body finishBody
	if err := web.ReadJSON(r, &body); err != nil {
		return err
	}
	ctx := r.Context()
	var m making
	token, ok := i.token(r, registerPasskey.cookie())
	if !ok {
		return errCeremony
	}
	err := i.store.Write(ctx, func(tx db.Tx) error {
		m = making{}
		c, err := i.find(ctx, tx, registerPasskey, token, &m)
		if err != nil {
			return err
		}
		return c.finish(ctx, tx)
	})
	if err != nil {
		return err
	}
	i.dropCookie(w, r, registerPasskey.cookie())
	rp, err := i.relyingParty(ctx)
	if err != nil {
		return err
	}
	h := &holder{handle: m.Session.UserID}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(body.Answer)
	if err != nil {
		return errNotMade
	}
	key, err := rp.CreateCredential(h, m.Session, parsed)
	if err != nil || !key.Flags.UserVerified {
		return errNotMade
	}
	to, err := i.keep(w, r, m, deviceName(body.Name, r), key)
	if err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, goOn{to})
}

var errNotMade = fault.New(fault.Invalid, "This device could not be set up. Try again, or use another way to sign in.")

func deviceName(name string, r *http.Request) string {
	if name = passkeyName(name); name != "" {
		return name
	}
	return deviceOf(r.UserAgent())
}

// keep stores a verified passkey and lets in whoever was on the way in.
func (i *Identity) keep(w http.ResponseWriter, r *http.Request, m making, name string, key *webauthn.Credential) (string, error) {
	ctx := r.Context()
	switch s := sessionFrom(ctx); {
	case m.Invite != "":
		a := m.Person
		err := i.store.Write(ctx, func(tx db.Tx) error {
			v, err := i.openInvitation(ctx, tx, `id = $1`, m.Invite)
			if err != nil {
				return err
			}
			if err := i.accept(ctx, tx, v, a); err != nil {
				return err
			}
			return i.addPasskey(ctx, tx, a.ID, name, key)
		})
		if err != nil {
			return "", err
		}
		return i.enter(w, r, entry{account: a, how: "passkey", next: codesThen(begins(a))})
	case m.SetUp:
		c, a, err := i.pending(r, setUpCeremony, nil)
		if err != nil || a.ID != m.Account {
			return "", errCeremony
		}
		return i.enter(w, r, entry{account: a, how: "passkey", next: codesThen(m.Next), also: func(tx db.Tx) error {
			if err := c.finish(ctx, tx); err != nil {
				return err
			}
			return i.addPasskey(ctx, tx, a.ID, name, key)
		}})
	case s != nil && s.account.ID == m.Account:
		err := i.store.Write(ctx, func(tx db.Tx) error { return i.addPasskey(ctx, tx, m.Account, name, key) })
		return m.Next, err
	}
	return "", errCeremony
}
