package identity

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/ui"
)

type sessionKey struct{}

// sessionFrom returns the session of the request, or nil.
func sessionFrom(ctx context.Context) *session {
	s, _ := ctx.Value(sessionKey{}).(*session)
	return s
}

// Still reports whether the session that a request came with stands now: for answers that take longer than a
// moment, such as a stream. A request without a session, as tests make them, has none that could end.
func Still(ctx context.Context) (bool, error) {
	s := sessionFrom(ctx)
	if s == nil {
		return true, nil
	}
	return s.still(ctx)
}

// Middleware puts who makes the request into its context: one query when there is a session cookie,
// none without. A cookie that means nothing any more is taken back.
func (i *Identity) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if i.cookie(r, sessionCookie) == "" || strings.HasPrefix(r.URL.Path, "/assets/") {
			next.ServeHTTP(w, r)
			return
		}
		ctx := r.Context()
		var s *session
		if token, ok := i.token(r, sessionCookie); ok {
			var err error
			if s, err = i.findSession(ctx, token); err != nil {
				// A reader is no worse off than without an account; who needs one is asked to sign in.
				i.log.ErrorContext(ctx, "session not read", "err", err)
				next.ServeHTTP(w, r)
				return
			}
		}
		if s == nil {
			i.dropCookie(w, r, sessionCookie)
			next.ServeHTTP(w, r)
			return
		}
		if err := i.touch(ctx, s); err != nil {
			i.log.WarnContext(ctx, "last seen not written", "err", err)
		}
		token, _ := i.token(r, sessionCookie)
		s.still = func(ctx context.Context) (bool, error) {
			now, err := i.findSession(ctx, token)
			return now != nil, err
		}
		ctx = context.WithValue(With(ctx, s.principal()), sessionKey{}, s)
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

func (s *session) principal() *Principal {
	a := s.account
	return &Principal{
		account: a.ID, subjects: a.Subjects, Name: a.Name, Roles: a.Roles, Lang: a.Lang, TimeZone: a.TimeZone,
		Accepted: s.policy > 0 && a.Accepted >= s.policy,
	}
}

// Require lets a handler answer only staff with one of the roles; without roles, any staff. Who is
// not signed in is sent to sign in and comes back; who has not accepted the present policy reads it
// first, and till then changes nothing; who has another role gets fault.Forbidden.
func Require(h web.Handler, roles ...Role) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		p := From(r.Context())
		switch {
		case PatientFrom(r.Context()) != nil:
			return fault.New(fault.Forbidden, "This page is for the staff.")
		case p == nil && r.Method == http.MethodGet && wantsPage(r):
			return web.Redirect(w, r, "/sign-in?next="+url.QueryEscape(r.URL.RequestURI()))
		case p == nil:
			return fault.New(fault.Unauthenticated, "Sign in first. What you wrote is still in the other window.")
		case len(roles) > 0 && !p.Has(roles...):
			return fault.New(fault.Forbidden, "This page is for other roles than yours. An administrator can change that.")
		case !p.Accepted && r.Method == http.MethodGet && wantsPage(r):
			return web.Redirect(w, r, "/policy?next="+url.QueryEscape(r.URL.RequestURI()))
		case !p.Accepted:
			return fault.New(fault.Forbidden, "Accept the acceptable-use policy first, then send this again.")
		}
		return h(w, r)
	}
}

// RequirePatient lets a handler answer patients only. Who is not signed in is sent to sign in and comes
// back; staff get fault.Forbidden.
func RequirePatient(h web.Handler) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		switch {
		case PatientFrom(r.Context()) != nil:
			return h(w, r)
		case From(r.Context()) != nil:
			return fault.New(fault.Forbidden, "This page is for patients. You are signed in as staff.")
		case r.Method == http.MethodGet && wantsPage(r):
			return web.Redirect(w, r, "/sign-in?next="+url.QueryEscape(r.URL.RequestURI()))
		}
		return fault.New(fault.Unauthenticated, "Sign in first. What you wrote is still in the other window.")
	}
}

// wantsPage tells a person's browser from a script that fetches.
func wantsPage(r *http.Request) bool {
	return !strings.HasPrefix(r.Header.Get("Accept"), "application/json")
}

// ViewerOf says what the layout needs to know of a principal; nil for nobody.
func ViewerOf(p *Principal) *ui.Viewer {
	if p == nil {
		return nil
	}
	v := &ui.Viewer{
		Name: p.Name, Lang: p.Lang,
		Writes:  p.Has(Communications, Clinician),
		Reviews: p.Has(Reviewer, PrivacyOfficer),
		Admin:   p.Has(Administrator),
		Voices:  p.Has(Administrator, Communications),
		Care:    p.Has(Clinician),
	}
	v.Ledger = v.Reviews || v.Admin
	if len(p.Roles) > 0 {
		v.Role = string(p.Roles[0])
	}
	return v
}

// home is where somebody begins after signing in.
func home(p *Principal) string {
	if isPatient(p.Roles) {
		return "/my"
	}
	switch v := ViewerOf(p); {
	case v.Reviews:
		return "/review"
	case v.Writes:
		return "/drafts"
	case v.Admin:
		return "/admin/staff"
	}
	return "/account"
}
