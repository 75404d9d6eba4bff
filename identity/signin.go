package identity

import (
	"context"
	"net/http"
	"net/netip"
	"net/url"

	"github.com/mitral-health/mitral/identity/internal/secret"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/web"
)

// The answers to a wrong try. Each is the same for a person who exists and for one who doesn't.
var (
	errPassword  = fault.New(fault.Invalid, "That address and that password don't belong together. Check both, or ask for a new password.")
	errCode      = fault.New(fault.Invalid, "That code is not right. Codes change every 30 seconds: use the one that your phone shows now.")
	errSuspended = fault.New(fault.Forbidden, "This account is suspended. An administrator can open it again.")
)

// checkPassword finds out whose login and password these are. The buckets are the try's counts, to be
// given back when the whole sign-in succeeds.
func (i *Identity) checkPassword(ctx context.Context, login, pass, deviceCookie string, from netip.Addr) (*account, []bucket, error) {
	if clean := cleanLogin(login); clean != "" {
		login = clean
	}
	var a *account
	err := i.store.Read(ctx, func(tx db.Tx) (err error) {
		a, err = accountByLogin(ctx, tx, login)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	buckets := i.passwordBuckets(login, i.knownDevice(deviceCookie, a), from)
	if err := i.take(ctx, buckets); err != nil {
		return nil, nil, err
	}
	hash, object := "", ""
	if a != nil {
		hash, object = a.Password, a.ID.String()
	}
	ok, stale, err := i.passwords.Check(ctx, hash, pass)
	if err != nil {
		return nil, nil, err
	}
	if !ok {
		err := i.store.Write(ctx, func(tx db.Tx) error { return i.record(ctx, tx, "", "password wrong", object) })
		if err != nil {
			return nil, nil, err
		}
		return nil, nil, errPassword
	}
	if a.Suspended {
		return nil, nil, errSuspended
	}
	if stale {
		i.rehash(ctx, a, pass)
	}
	return a, buckets, nil
}

// rehash brings a password's hash to today's parameters. It may fail without harm: next time, then.
func (i *Identity) rehash(ctx context.Context, a *account, pass string) {
	hash, err := i.passwords.Hash(ctx, pass)
	if err == nil {
		err = i.store.Write(ctx, func(tx db.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE accounts SET password = $1 WHERE id = $2 AND password = $3`, hash, a.ID, a.Password)
			return err
		})
	}
	if err != nil {
		i.log.WarnContext(ctx, "password not rehashed", "account", a.ID.String(), "err", err)
	}
}

// entry is a sign-in that is about to succeed.
type entry struct {
	account *account
	how     string // for the trail: password, app, recovery code, passkey, provider
	next    string
	buckets []bucket
	also    func(tx db.Tx) error // what must happen in the same transaction; may be nil
}

// enter opens a session for a person whose every factor was right, gives the browser its cookies and
// returns where to go.
func (i *Identity) enter(w http.ResponseWriter, r *http.Request, e entry) (string, error) {
	ctx := r.Context()
	var token secret.Token
	var a *account
	var version int
	err := i.store.Write(ctx, func(tx db.Tx) (err error) {
		if e.also != nil {
			if err := e.also(tx); err != nil {
				return err
			}
		}
		if a, err = accountByID(ctx, tx, e.account.ID); err != nil {
			return err
		}
		if a.Suspended {
			return errSuspended
		}
		if err := giveBack(ctx, tx, e.buckets); err != nil {
			return err
		}
		if version, err = policyVersion(ctx, tx); err != nil {
			return err
		}
		token, err = i.openSession(ctx, tx, a.ID, sessionFrom(ctx), deviceOf(r.UserAgent()), networkOf(web.ClientIP(r)))
		if err != nil {
			return err
		}
		return i.record(ctx, tx, a.ID.String(), "signed in", a.ID.String(), "with", e.how)
	})
	if err != nil {
		return "", err
	}
	i.setCookie(w, sessionCookie, token.Text(), sessionLimit)
	i.setCookie(w, deviceCookie, i.addMark(i.cookie(r, deviceCookie), a), deviceKeeps)
	for kind := range ceremonyLasts {
		i.dropCookie(w, r, kind.cookie())
	}
	p := (&session{account: a, policy: version}).principal()
	next := web.LocalOr(e.next, home(p))
	if !p.Accepted && !isPatient(p.Roles) {
		return "/policy?next=" + url.QueryEscape(next), nil
	}
	return next, nil
}

// factorData is what a factorCeremony remembers.
type factorData struct {
	Next     string
	Password string // the hash of a new password, which counts only when the second factor was right
	Reset    string // the id of the reset that it came from
}

// setUpData is what a setUpCeremony remembers.
type setUpData struct {
	Next   string
	Secret []byte // of the authenticator app that is offered, sealed
}

// onward goes on from a first factor that was right: to the second one, to setting one up, or in the
// demo straight in. It returns where the browser goes. e says who it is and how they showed it.
func (i *Identity) onward(w http.ResponseWriter, r *http.Request, e entry, data factorData) (string, error) {
	ctx, a := r.Context(), e.account
	var f factors
	if err := i.store.Read(ctx, func(tx db.Tx) (err error) { f, err = factorsOf(ctx, tx, a.ID); return err }); err != nil {
		return "", err
	}
	apply := func(tx db.Tx) error { return i.applyReset(ctx, tx, a.ID, data) }
	if i.demo && !f.App {
		e.next, e.also = data.Next, apply
		return i.enter(w, r, e)
	}
	kind, to := factorCeremony, "/sign-in/code"
	var payload any = data
	if !f.second() {
		kind, to = setUpCeremony, "/sign-in/set-up"
		payload = setUpData{Next: data.Next, Secret: i.newAppSecret(a.ID)}
	}
	var token secret.Token
	err := i.store.Write(ctx, func(tx db.Tx) (err error) {
		if kind == setUpCeremony {
			if err := apply(tx); err != nil {
				return err
			}
		}
		if err := giveBack(ctx, tx, e.buckets); err != nil {
			return err
		}
		token, err = i.begin(ctx, tx, kind, a.ID, payload)
		return err
	})
	if err != nil {
		return "", err
	}
	i.setCookie(w, kind.cookie(), token.Text(), ceremonyLasts[kind])
	return to, nil
}

// enterWithCode finishes a sign-in with the code that was typed.
func (i *Identity) enterWithCode(w http.ResponseWriter, r *http.Request, code string) (string, error) {
	ctx := r.Context()
	token, ok := i.token(r, factorCeremony.cookie())
	if !ok {
		return "", errCeremony
	}
	var c *ceremony
	var a *account
	var data factorData
	err := i.store.Read(ctx, func(tx db.Tx) (err error) {
		if c, err = i.find(ctx, tx, factorCeremony, token, &data); err == nil {
			a, err = accountByID(ctx, tx, c.account)
		}
		return err
	})
	if err != nil {
		return "", err
	}
	buckets := i.codeBuckets(a.ID.String(), i.knownDevice(i.cookie(r, deviceCookie), a), web.ClientIP(r))
	if err := i.take(ctx, buckets); err != nil {
		return "", err
	}
	e := entry{account: a, next: data.Next, buckets: buckets}
	var right bool
	err = i.store.Write(ctx, func(tx db.Tx) (err error) {
		if a, err = accountByID(ctx, tx, c.account); err != nil {
			return err
		}
		if e.how, right, err = i.redeemCode(ctx, tx, a, code); err != nil {
			return err
		}
		if !right {
			if err := c.miss(ctx, tx); err != nil {
				return err
			}
			return i.record(ctx, tx, "", "code wrong", a.ID.String())
		}
		if err := c.finish(ctx, tx); err != nil {
			return err
		}
		return i.applyReset(ctx, tx, a.ID, data)
	})
	if err != nil {
		return "", err
	}
	if !right {
		return "", errCode
	}
	e.account = a
	return i.enter(w, r, e)
}
