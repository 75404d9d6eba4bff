package fhir

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/spec"
	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/web"
)

// call is one request, as far as all interactions read it alike.
type call struct {
	*API
	w      http.ResponseWriter
	r      *http.Request
	who    records.Ask
	form   form
	prefer preference
	params url.Values // of the address, without those about the form of the answer
	typ    string     // "" is the whole server
	id     string
	rest   string // what follows in the path: "_history", "_history/2", "$everything", "Observation"
}

func (c *call) ctx() context.Context { return c.r.Context() }

// open makes a handler for what anybody may ask.
func (a *API) open(f func(*call) error) web.Handler {
	return a.handler(func(c *call) error { return f(c) })
}

// on makes a handler for what needs a token or a session.
func (a *API) on(f func(*call) error) web.Handler {
	return a.handler(func(c *call) error {
		var err error
		if c.who, err = a.authenticate(c.r, c.typ); err != nil {
			return err
		}
		if c.typ != "" && !spec.R4().IsResource(c.typ) {
			return outcome.New(http.StatusNotFound, outcome.NotSupported, "", "FHIR R4 has no resource type of this name.")
		}
		return f(c)
	})
}

func (a *API) handler(f func(*call) error) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		cors(w.Header())
		c := &call{API: a, w: w, r: r, typ: r.PathValue("type"), id: r.PathValue("id")}
		c.rest = restOf(r)
		c.prefer = readPreference(r.Header)
		err := c.read()
		if err == nil {
			err = f(c)
		}
		if err == nil {
			return nil
		}
		if e := refusal(err); e != nil && r.Context().Err() == nil {
			if e.Status == http.StatusUnauthorized && r.Header.Get("Authorization") != "" {
				w.Header().Set("WWW-Authenticate", `Bearer realm="`+a.Base+`", error="invalid_token"`)
			}
			return a.say(w, e, c.form.pretty)
		}
		return err // the chain logs it and comes back to fail
	}
}

// read reads the address's parameters.
func (c *call) read() error {
	var err error
	if c.params, err = parameters(c.r.URL.RawQuery); err != nil {
		return err
	}
	// Only a search has _summary and _elements as parts of the query.
	searches := c.r.Method == http.MethodPost && strings.HasSuffix(c.r.URL.Path, "/_search") ||
		c.id == "" && c.rest == "" || c.rest != "" && c.rest[0] != '_' && c.rest[0] != '$'
	c.form, err = readForm(c.r.Header, c.params, searches)
	return err
}

// restOf is the path behind type and id.
func restOf(r *http.Request) string {
	if v := r.PathValue("version"); v != "" {
		return "_history/" + v
	}
	if rest := r.PathValue("rest"); rest != "" {
		return rest
	}
	path := strings.TrimSuffix(r.URL.Path, "/_search")
	if last := path[strings.LastIndexByte(path, '/')+1:]; last == "_history" || strings.HasPrefix(last, "$") {
		return last
	}
	return ""
}

const maxParameters = 500

// parameters decodes a query; what can't be text in a database is refused.
func parameters(raw string) (url.Values, error) {
	bad := outcome.New(http.StatusBadRequest, outcome.Invalid, "", "The parameters are not encoded as they should be, or too many.")
	if strings.Count(raw, "&") >= maxParameters {
		return nil, bad
	}
	v, err := url.ParseQuery(strings.ReplaceAll(raw, ";", "%3B")) // a value may have one as it is
	if err != nil {
		return nil, bad
	}
	for name, values := range v {
		for _, s := range append(values, name) {
			if !utf8.ValidString(s) || strings.IndexByte(s, 0) >= 0 {
				return nil, bad
			}
		}
	}
	return v, nil
}

var errLogin = outcome.New(http.StatusUnauthorized, outcome.Login, "", "Send a bearer token: Authorization: Bearer …")

// authenticate says who asks: the holder of a token, or a member of staff who is signed in and only
// looks. Of somebody who is clinician and privacy officer both, the type that is asked for says as which.
func (a *API) authenticate(r *http.Request, typ string) (records.Ask, error) {
	ask := records.Ask{Request: web.RequestID(r.Context())}
	if header := r.Header.Get("Authorization"); header != "" {
		scheme, token, _ := strings.Cut(header, " ")
		if !strings.EqualFold(scheme, "bearer") {
			return ask, errLogin
		}
		var err error
		ask.Who, err = a.Clients.Verify(r.Context(), strings.TrimSpace(token))
		return ask, err
	}
	p := identity.From(r.Context())
	site := r.Header.Get("Sec-Fetch-Site")
	if p == nil || !p.Accepted || r.Method != http.MethodGet && r.Method != http.MethodHead || site != "" && site != "same-origin" && site != "none" {
		return ask, errLogin
	}
	ask.Who = access.Who{ID: p.Subject(identity.Clinical).String(), Name: p.Name}
	switch {
	case p.Has(identity.PrivacyOfficer) && (typ == "AuditEvent" || !p.Has(identity.Clinician)):
		ask.Who.Kind = access.PrivacyOfficer
	case p.Has(identity.Clinician):
		ask.Who.Kind = access.Clinician
	default:
		return ask, errLogin
	}
	return ask, nil
}

// body reads the whole body. How much memory to take is not left to what the caller says will come.
func (c *call) body() ([]byte, error) {
	var b bytes.Buffer
	b.Grow(int(min(max(c.r.ContentLength, 512), 1<<20)) + bytes.MinRead)
	_, err := b.ReadFrom(c.r.Body)
	return b.Bytes(), unread(err)
}

func unread(err error) error {
	if err == nil || refusal(err) != nil {
		return err
	}
	return outcome.New(http.StatusBadRequest, outcome.Structure, "", "The body did not arrive completely.")
}

// node reads the body as a resource.
func (c *call) node() (*resource.Node, error) {
	if _, err := checkType(c.r.Header, typeFHIR, typeJSON); err != nil {
		return nil, err
	}
	b, err := c.body()
	if err != nil {
		return nil, err
	}
	n, err := resource.Parse(b)
	if err != nil {
		return nil, err
	}
	if n.Type() == "" {
		return nil, outcome.New(http.StatusBadRequest, outcome.Structure, "", "The body is no resource: resourceType is missing.")
	}
	return n, nil
}
