package identity

import (
	"encoding/base64"
	"net/http"
	"time"

	"github.com/a-h/templ"

	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/id"
	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/ui/text"
)

// passkeysView is what the page of the passkeys shows.
type passkeysView struct {
	Keys        []passkey
	Works       bool
	Now         time.Time
	Done, Error string
}

func (i *Identity) passkeysView(r *http.Request) (v passkeysView, err error) {
	v = passkeysView{Works: i.passkeysWork(r.Context()), Now: i.clock.Now()}
	err = i.store.Read(r.Context(), func(tx db.Tx) error {
		v.Keys, err = passkeysOf(r.Context(), tx, sessionFrom(r.Context()).account.ID)
		return err
	})
	return v, err
}

func (i *Identity) passkeysPage(w http.ResponseWriter, r *http.Request) error {
	v, err := i.passkeysView(r)
	if err != nil {
		return err
	}
	switch r.URL.Query().Get("done") {
	case "added":
		v.Done = text.T(r.Context(), "This device is set up. From now on it signs you in.")
	case "removed":
		v.Done = text.T(r.Context(), "Removed. That device no longer signs you in.")
	}
	return web.Render(w, r, passkeysTempl(v))
}

func (i *Identity) passkeyRemove(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	key, err := base64.RawURLEncoding.DecodeString(form.Get("key"))
	if err != nil {
		return fault.New(fault.Invalid, "This form could not be read.")
	}
	err = i.removePasskey(r.Context(), sessionFrom(r.Context()).account.ID, key)
	if err == nil {
		return web.Redirect(w, r, "/account/passkeys?done=removed")
	}
	v, gone := i.passkeysView(r)
	if gone != nil {
		return gone
	}
	return i.anew(w, r, err, func(msg string) templ.Component { v.Error = msg; return passkeysTempl(v) })
}

func keyText(k passkey) string { return base64.RawURLEncoding.EncodeToString(k.ID) }

// appView is what the page of the authenticator app shows.
type appView struct {
	Has   bool
	Offer appOffer
	Error string
}

// appView reads the page's state; a new secret is offered once and kept until it is confirmed.
func (i *Identity) appView(w http.ResponseWriter, r *http.Request) (v appView, sealed []byte, c *ceremony, err error) {
	ctx, s := r.Context(), sessionFrom(r.Context())
	err = i.store.Read(ctx, func(tx db.Tx) error {
		f, err := factorsOf(ctx, tx, s.account.ID)
		v.Has = f.App
		return err
	})
	if err != nil || v.Has {
		return v, nil, nil, err
	}
	c, a, err := i.pending(r, appCeremony, &sealed)
	if err != nil || a.ID != s.account.ID {
		sealed = i.newAppSecret(s.account.ID)
		err = i.store.Write(ctx, func(tx db.Tx) error {
			token, err := i.begin(ctx, tx, appCeremony, s.account.ID, sealed)
			if err == nil {
				i.setCookie(w, appCeremony.cookie(), token.Text(), ceremonyLasts[appCeremony])
			}
			return err
		})
		if err != nil {
			return v, nil, nil, err
		}
		c = nil
	}
	v.Offer, err = i.offerApp(s.account, sealed)
	return v, sealed, c, err
}

func (i *Identity) appPage(w http.ResponseWriter, r *http.Request) error {
	v, _, _, err := i.appView(w, r)
	if err != nil {
		return err
	}
	return web.Render(w, r, appTempl(v))
}

func (i *Identity) appSave(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	ctx, who := r.Context(), sessionFrom(r.Context()).account.ID
	v, sealed, c, err := i.appView(w, r)
	if err != nil {
		return err
	}
	to := "/account?done=app"
	switch {
	case form.Get("do") == "remove":
		to, err = "/account?done=app-removed", i.removeApp(ctx, who)
	case v.Has:
		err = fault.New(fault.Conflict, "An authenticator app is set up already. Remove it before you set up another.")
	case c == nil:
		err = errCeremony
	default:
		err = i.store.Write(ctx, func(tx db.Tx) error {
			if err := i.confirmApp(ctx, tx, who, sealed, form.Get("code")); err != nil {
				return err
			}
			return c.finish(ctx, tx)
		})
		if f, e := i.codesLeft(r, who); err == nil && e == nil && f == 0 {
			to = codesThen("/account?done=app")
		}
	}
	if err != nil {
		return i.anew(w, r, err, func(msg string) templ.Component { v.Error = msg; return appTempl(v) })
	}
	i.dropCookie(w, r, appCeremony.cookie())
	return web.Redirect(w, r, to)
}

func (i *Identity) codesLeft(r *http.Request, who id.Of[Account]) (n int, err error) {
	err = i.store.Read(r.Context(), func(tx db.Tx) error {
		f, err := factorsOf(r.Context(), tx, who)
		n = f.Codes
		return err
	})
	return n, err
}

// codesView is what the page of the recovery codes shows. Codes is set once, when they were made.
type codesView struct {
	Left  int
	Codes []string
	Next  string
	Site  string
	Login string
	Now   time.Time
}

func (i *Identity) codesPage(w http.ResponseWriter, r *http.Request) error {
	q, err := web.Query(r)
	if err != nil {
		return err
	}
	left, err := i.codesLeft(r, sessionFrom(r.Context()).account.ID)
	if err != nil {
		return err
	}
	return web.Render(w, r, codesTempl(codesView{Left: left, Next: nextOf(q)}))
}

// codesMake answers with the codes instead of a redirect: they exist nowhere else to be shown from.
func (i *Identity) codesMake(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	a := sessionFrom(r.Context()).account
	codes, err := i.renewCodes(r.Context(), a.ID)
	if err != nil {
		return err
	}
	return web.Render(w, r, codesTempl(codesView{
		Left: len(codes), Codes: codes, Next: web.LocalOr(nextOf(form), "/account"), Login: a.Login, Now: i.clock.Now(),
		Site: i.site.In(text.Lang(r.Context())).Name,
	}))
}
