package identity

import (
	"net/http"
	"net/url"
	"time"

	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/web"
)

const smallBody = 64 << 10

// Routes lists identity's pages.
func (i *Identity) Routes() []web.Route {
	// Links with a token can't be guessed, but looking for them should be no fun either. Passkeys have
	// no limit of their own, so that nobody on a shared network can keep colleagues out.
	limit := web.NewRate(i.clock, 60, time.Minute, 60)
	routes := []web.Route{
		{Pattern: "GET /sign-in", Handler: i.signInPage},
		{Pattern: "POST /sign-in", Handler: i.signIn},
		{Pattern: "GET /sign-in/code", Handler: i.codePage},
		{Pattern: "POST /sign-in/code", Handler: i.signInCode},
		{Pattern: "GET /sign-in/set-up", Handler: i.setUpPage},
		{Pattern: "POST /sign-in/set-up", Handler: i.setUpApp},
		{Pattern: "GET /sign-in/forgot", Handler: i.forgotPage},
		{Pattern: "POST /sign-in/forgot", Handler: i.forgot},
		{Pattern: "GET /sign-in/reset/{token}", Handler: i.resetPage},
		{Pattern: "POST /sign-in/reset/{token}", Handler: i.reset},
		{Pattern: "GET /sign-in/again", Handler: i.own(i.againPage)},
		{Pattern: "POST /sign-in/again", Handler: i.own(i.again)},
		{Pattern: "GET /sign-in/provider", Handler: i.providerAway, Limit: limit},
		{Pattern: "GET /sign-in/provider/back", Handler: i.providerBack, Limit: limit},
		{Pattern: "POST /sign-in/passkey/begin", Handler: i.passkeyBegin},
		{Pattern: "POST /sign-in/passkey/finish", Handler: i.passkeyFinish},
		{Pattern: "POST /passkeys/begin", Handler: i.registerBegin},
		{Pattern: "POST /passkeys/finish", Handler: i.registerFinish},
		{Pattern: "POST /sign-out", Handler: i.signOut},
		{Pattern: "GET /invite/{token}", Handler: i.invitePage, Limit: limit},
		{Pattern: "POST /invite/{token}", Handler: i.inviteAccept, Limit: limit},

		{Pattern: "GET /account", Handler: i.own(i.accountPage)},
		{Pattern: "POST /account", Handler: i.own(i.accountSave)},
		{Pattern: "GET /account/password", Handler: i.fresh("/account/password", i.passwordPage)},
		{Pattern: "POST /account/password", Handler: i.fresh("/account/password", i.passwordSave)},
		{Pattern: "GET /account/passkeys", Handler: i.fresh("/account/passkeys", i.passkeysPage)},
		{Pattern: "POST /account/passkeys", Handler: i.fresh("/account/passkeys", i.passkeyRemove)},
		{Pattern: "GET /account/app", Handler: i.fresh("/account/app", i.appPage)},
		{Pattern: "POST /account/app", Handler: i.fresh("/account/app", i.appSave)},
		{Pattern: "GET /account/codes", Handler: i.fresh("/account/codes", i.codesPage)},
		{Pattern: "POST /account/codes", Handler: i.fresh("/account/codes", i.codesMake)},
		{Pattern: "POST /account/sessions", Handler: i.own(i.sessionsEnd)},

		{Pattern: "GET /policy", Handler: i.staff(i.policyPage)},
		{Pattern: "POST /policy", Handler: i.staff(i.policyAccept)},

		{Pattern: "GET /admin/staff", Handler: Require(i.staffPage, Administrator)},
		{Pattern: "GET /admin/staff/invite", Handler: Require(i.fresh("/admin/staff/invite", i.staffInvitePage), Administrator)},
		{Pattern: "POST /admin/staff/invite", Handler: Require(i.fresh("/admin/staff/invite", i.staffInvite), Administrator)},
		{Pattern: "POST /admin/staff/invitations/{id}", Handler: Require(i.fresh("/admin/staff", i.staffInvitation), Administrator)},
		{Pattern: "GET /admin/staff/{id}", Handler: Require(i.fresh("", i.memberPage), Administrator)},
		{Pattern: "POST /admin/staff/{id}", Handler: Require(i.fresh("", i.memberSave), Administrator)},
		{Pattern: "GET /admin/policy", Handler: Require(i.policyEditPage, Administrator)},
		{Pattern: "POST /admin/policy", Handler: Require(i.policyEdit, Administrator), Body: 1 << 20},
	}
	for n := range routes {
		if routes[n].Body == 0 {
			routes[n].Body = smallBody
		}
	}
	return routes
}

// staff lets staff only; unlike Require, also those who have yet to accept the policy.
func (i *Identity) staff(h web.Handler) web.Handler {
	return i.own(func(w http.ResponseWriter, r *http.Request) error {
		if From(r.Context()) == nil {
			return fault.New(fault.Forbidden, "This page is for the staff.")
		}
		return h(w, r)
	})
}

// own lets whoever is signed in: for the pages about their own account.
func (i *Identity) own(h web.Handler) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if sessionFrom(r.Context()) == nil {
			if r.Method == http.MethodGet {
				return web.Redirect(w, r, "/sign-in?next="+url.QueryEscape(r.URL.RequestURI()))
			}
			return fault.New(fault.Unauthenticated, "Sign in first. What you wrote is still in the other window.")
		}
		return h(w, r)
	}
}

// fresh lets only who has proved lately who they are: for pages and forms that could hand an
// account over. Others are asked again and come back to the page ("" is the request's own path).
func (i *Identity) fresh(page string, h web.Handler) web.Handler {
	return i.own(func(w http.ResponseWriter, r *http.Request) error {
		within := freshToOpen
		if r.Method != http.MethodGet {
			within = freshToSend
		}
		if sessionFrom(r.Context()).fresh(i.clock.Now(), within) {
			return h(w, r)
		}
		to := r.URL.RequestURI()
		if r.Method != http.MethodGet {
			to = r.URL.Path
			if page != "" {
				to = page
			}
		}
		return web.Redirect(w, r, "/sign-in/again?next="+url.QueryEscape(to))
	})
}

// Fresh is for pages of others that only who has proved lately who they are may open: as fresh.
func (i *Identity) Fresh(page string, h web.Handler) web.Handler { return i.fresh(page, h) }

// shown reports whether a fault belongs beside the form that caused it, rather than on an error page.
func shown(err error) bool {
	switch fault.KindOf(err) {
	case fault.Invalid, fault.Conflict, fault.TooMany, fault.TooLarge, fault.Forbidden:
		return true
	}
	return false
}

// nextOf reads where a form goes on to.
func nextOf(v url.Values) string { return web.LocalOr(v.Get("next"), "") }

func withNext(path, next string) string {
	if next == "" {
		return path
	}
	return path + "?next=" + url.QueryEscape(next)
}
