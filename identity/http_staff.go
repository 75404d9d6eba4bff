package identity

import (
	"net/http"
	"time"

	"github.com/a-h/templ"

	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/id"
	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/ui/text"
)

// staffView is what the list of staff shows.
type staffView struct {
	Staff       []AccountView
	Invitations []*invitation
	Me          id.Of[Account]
	Now         time.Time
	Done, Error string
}

func (i *Identity) staffView(r *http.Request) (v staffView, err error) {
	s := sessionFrom(r.Context())
	v = staffView{Me: s.account.ID, Now: i.clock.Now()}
	err = i.store.Read(r.Context(), func(tx db.Tx) error {
		if v.Staff, err = views(r.Context(), tx, ofStaff); err != nil {
			return err
		}
		v.Invitations, err = i.openInvitations(r.Context(), tx)
		return err
	})
	return v, err
}

func (i *Identity) staffPage(w http.ResponseWriter, r *http.Request) error {
	v, err := i.staffView(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	switch r.URL.Query().Get("done") {
	case "invited":
		v.Done = text.T(ctx, "The invitation is on its way.")
	case "again":
		v.Done = text.T(ctx, "A new link is on its way. The old one no longer works.")
	case "revoked":
		v.Done = text.T(ctx, "The invitation is revoked.")
	}
	return web.Render(w, r, staffTempl(v))
}

// staffInviteView is what the form for an invitation shows.
type staffInviteView struct {
	Login, Lang string
	Roles       []Role
	Error       string
}

func (i *Identity) staffInvitePage(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, staffInviteTempl(staffInviteView{Lang: text.Lang(r.Context())}))
}

func (i *Identity) staffInvite(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	v := staffInviteView{Login: form.Get("login"), Lang: cleanLang(form.Get("lang")), Roles: cleanRoles(form["roles"])}
	err = i.invite(r.Context(), sessionFrom(r.Context()).account.ID.String(), v.Login, v.Lang, v.Roles)
	if err != nil {
		return i.anew(w, r, err, func(msg string) templ.Component { v.Error = msg; return staffInviteTempl(v) })
	}
	return web.Redirect(w, r, "/admin/staff?done=invited")
}

func (i *Identity) staffInvitation(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	which, err := id.Parse[invitationNoun](r.PathValue("id"))
	if err != nil {
		return errInvitation
	}
	actor, to := sessionFrom(r.Context()).account.ID.String(), "/admin/staff?done=revoked"
	switch form.Get("do") {
	case "again":
		to, err = "/admin/staff?done=again", i.inviteAgain(r.Context(), actor, which)
	case "revoke":
		err = i.uninvite(r.Context(), actor, which)
	default:
		err = fault.New(fault.Invalid, "This form could not be read.")
	}
	if err == nil {
		return web.Redirect(w, r, to)
	}
	v, gone := i.staffView(r)
	if gone != nil {
		return gone
	}
	return i.anew(w, r, err, func(msg string) templ.Component { v.Error = msg; return staffTempl(v) })
}

// memberView is what the page of one member of staff shows.
type memberView struct {
	AccountView
	Me          bool
	Now         time.Time
	Done, Error string
}

func (i *Identity) memberView(r *http.Request) (v memberView, err error) {
	who, err := id.Parse[Account](r.PathValue("id"))
	if err != nil || who.IsZero() {
		return v, errNoAccount
	}
	s := sessionFrom(r.Context())
	err = i.store.Read(r.Context(), func(tx db.Tx) error {
		list, err := views(r.Context(), tx, `a.id = $1 AND `+ofStaff, who)
		if err == nil && len(list) == 0 {
			return errNoAccount
		}
		if err == nil {
			v = memberView{AccountView: list[0], Me: who == s.account.ID, Now: i.clock.Now()}
		}
		return err
	})
	return v, err
}

func (i *Identity) memberPage(w http.ResponseWriter, r *http.Request) error {
	v, err := i.memberView(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	switch r.URL.Query().Get("done") {
	case "roles":
		v.Done = text.T(ctx, "The roles are changed. They hold from now on.")
	case "suspend":
		v.Done = text.T(ctx, "The account is suspended and signed out everywhere.")
	case "restore":
		v.Done = text.T(ctx, "The account is open again.")
	case "sessions":
		v.Done = text.T(ctx, "Signed out on every device.")
	case "factors":
		v.Done = text.T(ctx, "The second factor is reset. The next sign-in sets up a new one.")
	}
	return web.Render(w, r, memberTempl(v))
}

func (i *Identity) memberSave(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	v, err := i.memberView(r)
	if err != nil {
		return err
	}
	ctx, actor, do := r.Context(), sessionFrom(r.Context()).account.ID.String(), form.Get("do")
	switch do {
	case "roles":
		err = i.setRoles(ctx, actor, v.ID, cleanRoles(form["roles"]))
	case "suspend":
		if err = i.setSuspended(ctx, actor, v.ID, true); err == nil && v.Me {
			return web.Redirect(w, r, "/sign-in")
		}
	case "restore":
		err = i.setSuspended(ctx, actor, v.ID, false)
	case "sessions":
		err = i.signOutEverywhere(ctx, actor, v.ID)
	case "factors":
		err = i.resetFactors(ctx, actor, v.ID)
	default:
		err = fault.New(fault.Invalid, "This form could not be read.")
	}
	if err != nil {
		return i.anew(w, r, err, func(msg string) templ.Component { v.Error = msg; return memberTempl(v) })
	}
	return web.Redirect(w, r, "/admin/staff/"+v.ID.String()+"?done="+do)
}
