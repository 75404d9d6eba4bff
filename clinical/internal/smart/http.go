package smart

import (
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/web"
)

// TokenPath is where clients sign in, below the site's address.
const TokenPath = "/fhir/auth/token"

// Routes returns the token endpoint.
func (c *Clients) Routes() []web.Route {
	return []web.Route{{Pattern: "POST " + TokenPath, Handler: c.token, Body: 64 << 10}}
}

// oauthError is a refusal in the words of RFC 6749, 5.2.
type oauthError struct{ code, about string }

func (e *oauthError) Error() string { return e.code }

func refuse(code, about string) error { return &oauthError{code, about} }

// token answers POST /fhir/auth/token.
func (c *Clients) token(w http.ResponseWriter, r *http.Request) error {
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Type", "application/json")
	got, err := c.grant(r)
	var no *oauthError
	switch {
	case errors.As(err, &no):
		status := http.StatusBadRequest
		if no.code == "invalid_client" {
			status = http.StatusUnauthorized
		}
		w.WriteHeader(status)
		return write(w, map[string]any{"error": no.code, "error_description": no.about})
	case err != nil:
		return err
	}
	w.WriteHeader(http.StatusOK)
	return write(w, map[string]any{"access_token": got.token, "token_type": "bearer", "expires_in": int(got.life / time.Second), "scope": got.scope})
}

func write(w http.ResponseWriter, v any) error {
	b, err := json.Marshal(v)
	if err == nil {
		_, _ = w.Write(b) // who has gone needs no answer
	}
	return err
}

type granted struct {
	token, scope string
	life         time.Duration
}

func (c *Clients) grant(r *http.Request) (granted, error) {
	form, err := web.Form(r)
	if err != nil {
		if fault.Is(err, fault.TooLarge) {
			return granted{}, err
		}
		return granted{}, refuse("invalid_request", "Send the parameters as application/x-www-form-urlencoded.")
	}
	for name, values := range form {
		if len(values) > 1 {
			return granted{}, refuse("invalid_request", "A parameter is given twice: "+name)
		}
	}
	switch {
	case form.Get("grant_type") == "":
		return granted{}, refuse("invalid_request", "grant_type is missing.")
	case form.Get("grant_type") != "client_credentials":
		return granted{}, refuse("unsupported_grant_type", "Only client_credentials is known here.")
	case form.Get("client_assertion_type") != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer":
		return granted{}, refuse("invalid_request", "client_assertion_type must be urn:ietf:params:oauth:client-assertion-type:jwt-bearer.")
	case form.Get("scope") == "":
		return granted{}, refuse("invalid_scope", "scope is missing.")
	}
	ctx := r.Context()
	client, err := c.assert(ctx, form.Get("client_assertion"))
	if err != nil {
		return granted{}, err
	}
	scope, err := narrow(form.Get("scope"), client.Scope)
	if err != nil {
		return granted{}, err
	}
	token, err := c.Issue(ctx, client.ID, scope, "", TokenFor)
	return granted{token, scope, TokenFor}, err
}
