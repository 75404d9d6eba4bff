package web

import (
	"net/http"

	"github.com/mitral-health/mitral/platform/fault"
)

// router lets the mux choose, and answers through the chain where the mux itself would write a bare
// "404 page not found" or "Method Not Allowed".
type router struct {
	mux   *http.ServeMux
	chain *chain
}

// ServeHTTP serves the route that matches.
func (m *router) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := exchangeOf(r.Context())
	u := unrouted{ResponseWriter: w, x: x}
	m.mux.ServeHTTP(&u, r)
	switch u.refused {
	case http.StatusNotFound:
		m.chain.fail(x, w, r, fault.New(fault.NotFound, "There is nothing at this address."))
	case http.StatusMethodNotAllowed:
		m.chain.fail(x, w, r, fault.Wrap(errMethod, fault.Invalid, "This address can't be used in this way."))
	}
}

// unrouted stands between the mux and the answer. As soon as a route runs it only passes on; before,
// it holds back the mux's own refusals (its redirects to the clean path pass).
type unrouted struct {
	http.ResponseWriter
	x       *exchange
	refused int
}

// WriteHeader notes a refusal of the mux instead of sending it.
func (u *unrouted) WriteHeader(status int) {
	if u.x.pattern == "" && (status == http.StatusNotFound || status == http.StatusMethodNotAllowed) {
		u.refused = status
		return
	}
	u.ResponseWriter.WriteHeader(status)
}

// Write drops the body of a refusal.
func (u *unrouted) Write(b []byte) (int, error) {
	if u.refused != 0 {
		return len(b), nil
	}
	return u.ResponseWriter.Write(b)
}

// Unwrap is for http.ResponseController.
func (u *unrouted) Unwrap() http.ResponseWriter { return u.ResponseWriter }
