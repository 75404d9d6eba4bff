package identity

import (
	"net/http"
	"time"

	"github.com/mitral-health/mitral/identity/internal/secret"
)

// Names of cookies; a ceremony's is "mitral-" and its kind. Over https all carry the prefix __Host-,
// which ties them to this host, and only browsers' own requests to it can set them.
const (
	sessionCookie = "mitral-session"
	deviceCookie  = "mitral-device"
)

func (k ceremonyKind) cookie() string { return "mitral-" + string(k) }

func (i *Identity) cookieName(name string) string {
	if i.https() {
		return "__Host-" + name
	}
	return name
}

// setCookie gives the browser a cookie; lasts 0 keeps it until the browser closes.
func (i *Identity) setCookie(w http.ResponseWriter, name, value string, lasts time.Duration) {
	http.SetCookie(w, &http.Cookie{
		Name: i.cookieName(name), Value: value, Path: "/", MaxAge: int(lasts / time.Second),
		HttpOnly: true, Secure: i.https(), SameSite: http.SameSiteLaxMode,
	})
}

func (i *Identity) dropCookie(w http.ResponseWriter, r *http.Request, name string) {
	if _, err := r.Cookie(i.cookieName(name)); err == nil {
		i.setCookie(w, name, "", -time.Second)
	}
}

func (i *Identity) cookie(r *http.Request, name string) string {
	c, err := r.Cookie(i.cookieName(name))
	if err != nil {
		return ""
	}
	return c.Value
}

// token reads a cookie that holds a token.
func (i *Identity) token(r *http.Request, name string) (secret.Token, bool) {
	t, err := secret.ParseToken(i.cookie(r, name))
	return t, err == nil
}
