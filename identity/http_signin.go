package identity

import (
	"net/http"

	"github.com/a-h/templ"

	"github.com/mitral-health/mitral/identity/internal/onetime"
	"github.com/mitral-health/mitral/identity/internal/password"
	"github.com/mitral-health/mitral/identity/internal/secret"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/ui/text"
)

// signInView is what the sign-in page shows.
type signInView struct {
	Next     string
	Login    string
	Error    string
	Done     string
	Passkeys bool
	Provider string // the name of the organisation's own sign-in, "" for none
	Demo     []DemoAccount
}

func (i *Identity) signInView(r *http.Request, next string) signInView {
	v := signInView{Next: next, Passkeys: i.passkeysWork(r.Context()), Demo: i.offered}
	if i.provider != nil {
		v.Provider = i.provider.cfg.Name
	}
	return v
}

func (i *Identity) signInPage(w http.ResponseWriter, r *http.Request) error {
	q, err := web.Query(r)
	if err != nil {
		return err
	}
	next := nextOf(q)
	if s := sessionFrom(r.Context()); s != nil {
		return web.Redirect(w, r, web.LocalOr(next, home(s.principal())))
	}
	v := i.signInView(r, next)
	switch q.Get("done") {
	case "out":
		v.Done = text.T(r.Context(), "You have signed out.")
	case "late":
		v.Error = text.Fault(r.Context(), errCeremony)
	}
	return web.Render(w, r, signInTempl(v))
}

func (i *Identity) signIn(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	ctx, next := r.Context(), nextOf(form)
	a, buckets, err := i.checkPassword(ctx, form.Get("login"), form.Get("password"), i.cookie(r, deviceCookie), web.ClientIP(r))
	var to string
	if err == nil {
		to, err = i.onward(w, r, entry{account: a, how: "password", buckets: buckets}, factorData{Next: next})
	}
	if err == nil {
		return web.Redirect(w, r, to)
	}
	v := i.signInView(r, next)
	v.Login = form.Get("login")
	return i.anew(w, r, err, func(msg string) templ.Component { v.Error = msg; return signInTempl(v) })
}

// anew shows a form again with what was wrong; faults that are not the form's go to the error page.
func (i *Identity) anew(w http.ResponseWriter, r *http.Request, err error, page func(msg string) templ.Component) error {
	if !shown(err) {
		return err
	}
	return web.RenderStatus(w, r, web.Status(err), page(text.Fault(r.Context(), err)))
}

// codeView is what the page for the second factor shows.
type codeView struct {
	App, Passkeys, Codes bool
	Error                string
}

// pending reads the ceremony of a request's cookie and its account.
func (i *Identity) pending(r *http.Request, kind ceremonyKind, data any) (*ceremony, *account, error) {
	token, ok := i.token(r, kind.cookie())
	if !ok {
		return nil, nil, errCeremony
	}
	var c *ceremony
	var a *account
	err := i.store.Read(r.Context(), func(tx db.Tx) (err error) {
		if c, err = i.find(r.Context(), tx, kind, token, data); err == nil {
			a, err = accountByID(r.Context(), tx, c.account)
		}
		return err
	})
	return c, a, err
}

func (i *Identity) codeView(r *http.Request) (codeView, error) {
	_, a, err := i.pending(r, factorCeremony, nil)
	if err != nil {
		return codeView{}, err
	}
	var f factors
	err = i.store.Read(r.Context(), func(tx db.Tx) (err error) { f, err = factorsOf(r.Context(), tx, a.ID); return err })
	return codeView{App: f.App, Passkeys: f.Passkeys > 0 && i.passkeysWork(r.Context()), Codes: f.Codes > 0}, err
}

func (i *Identity) codePage(w http.ResponseWriter, r *http.Request) error {
	v, err := i.codeView(r)
	if fault.Is(err, fault.Invalid) {
		return web.Redirect(w, r, "/sign-in?done=late")
	}
	if err != nil {
		return err
	}
	return web.Render(w, r, codeTempl(v))
}

func (i *Identity) signInCode(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	code := form.Get("code")
	if code == "" {
		code = form.Get("recovery")
	}
	to, err := i.enterWithCode(w, r, code)
	if err == nil {
		return web.Redirect(w, r, to)
	}
	v, gone := i.codeView(r)
	if fault.Is(gone, fault.Invalid) { // too many tries, or too late: from the start
		i.dropCookie(w, r, factorCeremony.cookie())
		return web.Redirect(w, r, "/sign-in?done=late")
	}
	if gone != nil {
		return gone
	}
	if onetime.ReadRecoveryCode(code) != "" && fault.Is(err, fault.Invalid) {
		err = fault.New(fault.Invalid, "That recovery code is not right, or was used before. Each one works once.")
	}
	return i.anew(w, r, err, func(msg string) templ.Component { v.Error = msg; return codeTempl(v) })
}

func (i *Identity) signOut(w http.ResponseWriter, r *http.Request) error {
	if s := sessionFrom(r.Context()); s != nil {
		if err := i.endSession(r.Context(), s.account.ID, s.id, "signed out"); err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
	}
	i.dropCookie(w, r, sessionCookie)
	return web.Redirect(w, r, "/sign-in?done=out")
}

// forgotView is what the page for a forgotten password shows.
type forgotView struct {
	Login, Error string
	Sent         bool
}

func (i *Identity) forgotPage(w http.ResponseWriter, r *http.Request) error {
	q, err := web.Query(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, forgotTempl(forgotView{Sent: q.Get("done") == "sent"}))
}

func (i *Identity) forgot(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	if err := i.askReset(r.Context(), form.Get("login"), web.ClientIP(r)); err != nil {
		return i.anew(w, r, err, func(msg string) templ.Component {
			return forgotTempl(forgotView{Login: form.Get("login"), Error: msg})
		})
	}
	return web.Redirect(w, r, "/sign-in/forgot?done=sent")
}

func (i *Identity) resetPage(w http.ResponseWriter, r *http.Request) error {
	token, err := secret.ParseToken(r.PathValue("token"))
	if err != nil {
		return errReset
	}
	err = i.store.Read(r.Context(), func(tx db.Tx) error { _, _, err := i.findReset(r.Context(), tx, token); return err })
	if err != nil {
		return err
	}
	return web.Render(w, r, resetTempl(password.MinLength, ""))
}

func (i *Identity) reset(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	token, err := secret.ParseToken(r.PathValue("token"))
	if err != nil {
		return errReset
	}
	var to string
	a, data, err := i.beginReset(r.Context(), token, form.Get("password"))
	if err == nil {
		to, err = i.onward(w, r, entry{account: a, how: "password reset"}, data)
	}
	if err != nil {
		return i.anew(w, r, err, func(msg string) templ.Component { return resetTempl(password.MinLength, msg) })
	}
	return web.Redirect(w, r, to)
}

// againView is what the page shows that asks a signed-in person once more who they are.
type againView struct {
	Next, Login, Error           string
	Password, Passkeys, Provider bool
}

func (i *Identity) againView(r *http.Request, next string) (againView, error) {
	s := sessionFrom(r.Context())
	v := againView{Next: next, Login: s.account.Login}
	err := i.store.Read(r.Context(), func(tx db.Tx) error {
		a, err := accountByID(r.Context(), tx, s.account.ID)
		if err != nil {
			return err
		}
		f, err := factorsOf(r.Context(), tx, a.ID)
		v.Password, v.Passkeys = a.Password != "", f.Passkeys > 0 && i.passkeysWork(r.Context())
		v.Provider = a.Sub != "" && i.provider != nil
		return err
	})
	return v, err
}

func (i *Identity) againPage(w http.ResponseWriter, r *http.Request) error {
	q, err := web.Query(r)
	if err != nil {
		return err
	}
	v, err := i.againView(r, nextOf(q))
	if err != nil {
		return err
	}
	return web.Render(w, r, againTempl(v))
}

// again takes the password once more. The session has proved the second factor already; it is
// replaced by a fresh one.
func (i *Identity) again(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	s := sessionFrom(r.Context())
	a, buckets, err := i.checkPassword(r.Context(), s.account.Login, form.Get("password"), i.cookie(r, deviceCookie), web.ClientIP(r))
	var to string
	if err == nil {
		to, err = i.enter(w, r, entry{account: a, how: "password again", next: nextOf(form), buckets: buckets})
	}
	if err == nil {
		return web.Redirect(w, r, to)
	}
	if err == errPassword {
		err = fault.New(fault.Invalid, "That is not your password.")
	}
	v, gone := i.againView(r, nextOf(form))
	if gone != nil {
		return gone
	}
	return i.anew(w, r, err, func(msg string) templ.Component { v.Error = msg; return againTempl(v) })
}
