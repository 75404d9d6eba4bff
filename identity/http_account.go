package identity

import (
	"net/http"
	"net/url"
	"time"

	"github.com/a-h/templ"

	"github.com/mitral-health/mitral/identity/internal/password"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/id"
	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/ui/text"
)

// accountView is what the account page shows.
type accountView struct {
	Login, Name, Lang, Zone string
	Roles                   []Role
	HasPassword             bool
	Linked                  bool // to the organisation's provider
	Factors                 factors
	Accepted, Policy        int
	Sessions                []sessionView
	Now                     time.Time
	Done, Error             string
}

func (i *Identity) accountView(r *http.Request) (v accountView, err error) {
	s := sessionFrom(r.Context())
	err = i.store.Read(r.Context(), func(tx db.Tx) error {
		a, err := accountByID(r.Context(), tx, s.account.ID)
		if err != nil {
			return err
		}
		v = accountView{
			Login: a.Login, Name: a.Name, Lang: a.Lang, Zone: a.TimeZone, Roles: a.Roles, HasPassword: a.Password != "",
			Linked: a.Sub != "", Accepted: a.Accepted, Policy: s.policy, Now: i.clock.Now(),
		}
		if v.Factors, err = factorsOf(r.Context(), tx, a.ID); err != nil {
			return err
		}
		v.Sessions, err = i.sessionsOf(r.Context(), tx, s)
		return err
	})
	return v, err
}

func (i *Identity) accountPage(w http.ResponseWriter, r *http.Request) error {
	v, err := i.accountView(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	switch r.URL.Query().Get("done") {
	case "saved":
		v.Done = text.T(ctx, "Saved.")
	case "password":
		v.Done = text.T(ctx, "Your password is changed. All other devices were signed out.")
	case "app":
		v.Done = text.T(ctx, "Your authenticator app is set up.")
	case "app-removed":
		v.Done = text.T(ctx, "The authenticator app is removed.")
	case "ended":
		v.Done = text.T(ctx, "Signed out there.")
	case "policy":
		v.Done = text.T(ctx, "Thank you. You have accepted the policy.")
	}
	return web.Render(w, r, accountTempl(v))
}

func (i *Identity) accountSave(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	err = i.saveProfile(r.Context(), sessionFrom(r.Context()).account.ID, form.Get("name"), form.Get("lang"), form.Get("zone"))
	if err == nil {
		return web.Redirect(w, r, "/account?done=saved")
	}
	v, gone := i.accountView(r)
	if gone != nil {
		return gone
	}
	v.Name, v.Lang, v.Zone = form.Get("name"), form.Get("lang"), form.Get("zone")
	return i.anew(w, r, err, func(msg string) templ.Component { v.Error = msg; return accountTempl(v) })
}

func (i *Identity) passwordPage(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, passwordTempl(sessionFrom(r.Context()).account.Login, password.MinLength, ""))
}

func (i *Identity) passwordSave(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	s := sessionFrom(r.Context())
	if err := i.changePassword(r.Context(), s, form.Get("password")); err != nil {
		return i.anew(w, r, err, func(msg string) templ.Component { return passwordTempl(s.account.Login, password.MinLength, msg) })
	}
	if err := i.remember(w, r, s.account.ID); err != nil {
		return err
	}
	return web.Redirect(w, r, "/account?done=password")
}

// remember gives this browser a new mark after a change that voided all of them.
func (i *Identity) remember(w http.ResponseWriter, r *http.Request, who id.Of[Account]) error {
	return i.store.Read(r.Context(), func(tx db.Tx) error {
		a, err := accountByID(r.Context(), tx, who)
		if err == nil {
			i.setCookie(w, deviceCookie, i.addMark(i.cookie(r, deviceCookie), a), deviceKeeps)
		}
		return err
	})
}

func (i *Identity) sessionsEnd(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	ctx, s := r.Context(), sessionFrom(r.Context())
	if form.Get("which") == "others" {
		err = i.store.Write(ctx, func(tx db.Tx) error {
			if err := endSessions(ctx, tx, s.account.ID, s); err != nil {
				return err
			}
			return i.record(ctx, tx, s.account.ID.String(), "other sessions ended", s.account.ID.String())
		})
	} else {
		var which id.Of[sessionNoun]
		if which, err = id.Parse[sessionNoun](form.Get("which")); err != nil {
			return fault.New(fault.Invalid, "This form could not be read.")
		}
		err = i.endSession(ctx, s.account.ID, which, "session ended")
		if fault.Is(err, fault.NotFound) {
			err = nil // it has ended, which is what was wanted
		}
	}
	if err != nil {
		return err
	}
	return web.Redirect(w, r, "/account?"+url.Values{"done": {"ended"}}.Encode()+"#sessions")
}
