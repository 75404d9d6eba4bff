package identity

import (
	"net/http"
	"net/url"

	"github.com/a-h/templ"

	"github.com/mitral-health/mitral/identity/internal/password"
	"github.com/mitral-health/mitral/identity/internal/secret"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/ui/text"
)

// setUpView is what the page for a first second factor shows.
type setUpView struct {
	Offer    appOffer
	Passkeys bool
	Error    string
}

func (i *Identity) setUpView(r *http.Request) (v setUpView, c *ceremony, a *account, data setUpData, err error) {
	if c, a, err = i.pending(r, setUpCeremony, &data); err == nil {
		v.Passkeys = i.passkeysWork(r.Context())
		v.Offer, err = i.offerApp(a, data.Secret)
	}
	return v, c, a, data, err
}

func (i *Identity) setUpPage(w http.ResponseWriter, r *http.Request) error {
	v, _, _, _, err := i.setUpView(r)
	if fault.Is(err, fault.Invalid) {
		return web.Redirect(w, r, "/sign-in?done=late")
	}
	if err != nil {
		return err
	}
	return web.Render(w, r, setUpTempl(v))
}

// setUpApp confirms the authenticator app and lets the person in.
func (i *Identity) setUpApp(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	v, c, a, data, err := i.setUpView(r)
	if fault.Is(err, fault.Invalid) {
		return web.Redirect(w, r, "/sign-in?done=late")
	}
	if err != nil {
		return err
	}
	to, err := i.enter(w, r, entry{account: a, how: "app", next: codesThen(data.Next), also: func(tx db.Tx) error {
		if err := c.finish(r.Context(), tx); err != nil {
			return err
		}
		return i.confirmApp(r.Context(), tx, a.ID, data.Secret, form.Get("code"))
	}})
	if err != nil {
		return i.anew(w, r, err, func(msg string) templ.Component { v.Error = msg; return setUpTempl(v) })
	}
	return web.Redirect(w, r, to)
}

// begins is where a new account goes when it is ready: "" is the usual place.
func begins(a *account) string {
	if isPatient(a.Roles) {
		return "/my"
	}
	return ""
}

// codesThen leads by way of the recovery codes, which everybody should have from the first day.
func codesThen(next string) string { return withNext("/account/codes", next) }

// inviteView is what the page of an invitation shows.
type inviteView struct {
	Token    string
	Login    string // "" for the first administrator, who writes it
	Typed    string
	Name     string
	Roles    []Role
	Passkeys bool
	Demo     bool
	Patient  bool
	Min      int
	Error    string
}

func (i *Identity) inviteView(r *http.Request) (inviteView, *invitation, error) {
	token, err := secret.ParseToken(r.PathValue("token"))
	if err != nil {
		return inviteView{}, nil, errInvitation
	}
	v, err := i.invitationOf(r, token)
	if err != nil {
		return inviteView{}, nil, err
	}
	return inviteView{
		Token: token.Text(), Login: v.Login, Roles: v.Roles, Passkeys: i.passkeysWork(r.Context()), Demo: i.demo, Patient: v.patient(), Min: password.MinLength,
	}, v, nil
}

func (i *Identity) invitationOf(r *http.Request, token secret.Token) (v *invitation, err error) {
	err = i.store.Read(r.Context(), func(tx db.Tx) error {
		if v, err = i.findInvitation(r.Context(), tx, token); err == nil && v.Login == "" && !v.patient() {
			err = noAdministrator(r.Context(), tx)
		}
		return err
	})
	return v, err
}

func (i *Identity) invitePage(w http.ResponseWriter, r *http.Request) error {
	v, _, err := i.inviteView(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, inviteTempl(v))
}

// newcomer reads what an invited person wrote about themselves.
func (i *Identity) newcomer(r *http.Request, v *invitation, name, login string) (*account, error) {
	name, err := cleanName(name)
	if err != nil {
		return nil, err
	}
	a := &account{Name: name, Login: v.Login, Lang: text.Lang(r.Context()), Handle: newHandle()}
	if v.Login == "" {
		if a.Login = cleanLogin(login); !isAddress(a.Login) && !(v.patient() && i.demo && a.Login != "") {
			return nil, fault.New(fault.Invalid, "Write an e-mail address, such as name@example.org.")
		}
	}
	return a, nil
}

// inviteAccept makes the account with a password; the second factor comes next.
func (i *Identity) inviteAccept(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	view, v, err := i.inviteView(r)
	if err != nil {
		return err
	}
	view.Name, view.Typed = form.Get("name"), form.Get("login")
	to, err := i.join(w, r, v, form)
	if err != nil {
		return i.anew(w, r, err, func(msg string) templ.Component { view.Error = msg; return inviteTempl(view) })
	}
	return web.Redirect(w, r, to)
}

func (i *Identity) join(w http.ResponseWriter, r *http.Request, v *invitation, form url.Values) (string, error) {
	ctx := r.Context()
	a, err := i.newcomer(r, v, form.Get("name"), form.Get("login"))
	if err != nil {
		return "", err
	}
	if err := password.Good(form.Get("password"), i.closeTo(a.Login, a.Name)...); err != nil {
		return "", err
	}
	if a.Password, err = i.passwords.Hash(ctx, form.Get("password")); err != nil {
		return "", err
	}
	if err := i.store.Write(ctx, func(tx db.Tx) error { return i.accept(ctx, tx, v, a) }); err != nil {
		return "", err
	}
	return i.onward(w, r, entry{account: a, how: "password"}, factorData{Next: begins(a)})
}
