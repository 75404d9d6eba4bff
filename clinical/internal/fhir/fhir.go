// Package fhir is the wire of the private chamber: FHIR R4's RESTful interface
// (http://hl7.org/fhir/R4/http.html) below /fhir. It reads requests, asks records, and writes answers;
// what may be done is access's, what is stored is records'. May import what stands before it in the
// private chamber, identity for staff's sessions, and platform.
//
// It promises: every answer that is no resource is an OperationOutcome, also of a panic; a parameter is
// used, or named in the answer, or refused; a cookie alone changes nothing.
package fhir

import (
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/bundle"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/smart"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/web"
)

// Root is the path below which everything here is.
const Root = "/fhir"

// The limits of one request.
const (
	maxResource = 16 << 20 // bytes of a resource
	maxBundle   = 64 << 20 // bytes of a batch or transaction
	bundleTime  = 2 * time.Minute
)

// Deps is what New needs. All but Publisher and PerSecond are required.
type Deps struct {
	Records   *records.Store
	Clients   *smart.Clients
	Clock     clock.Clock
	Log       *slog.Logger
	Base      string // address of Root, as people and programs type it: https://orlena.example/fhir
	Version   string // of the program
	Publisher string // the organisation, for the capability statement
	PerSecond int    // requests of one client address; 0 is 2,000
}

// API answers below Root.
type API struct {
	Deps
	rate     *web.Rate
	runner   *bundle.Runner
	metadata func() []byte // the capability statement, made when first asked for
}

// New makes the interface.
func New(d Deps) (*API, error) {
	if d.Records == nil || d.Clients == nil || d.Clock == nil || d.Log == nil || d.Base == "" {
		return nil, errors.New("fhir: records, clients, clock, log and base are needed")
	}
	d.Base = strings.TrimRight(d.Base, "/")
	if d.PerSecond == 0 {
		d.PerSecond = 2000
	}
	a := &API{Deps: d, rate: web.NewRate(d.Clock, d.PerSecond, time.Second, 2*d.PerSecond)}
	a.runner = &bundle.Runner{Store: d.Records, Clock: d.Clock, Log: d.Log, Base: d.Base, Look: a.lookFor}
	made := d.Clock.Now()
	a.metadata = sync.OnceValue(func() []byte { return a.capabilities(made) })
	return a, nil
}

// Area is how the rest of the site treats what is here.
func (a *API) Area() web.Area {
	return web.Area{Path: Root, Limit: a.rate, Fail: a.fail, Programs: true}
}

// Routes returns what is answered. Which methods an address has is said once more in methodsOf, for
// the addresses that have others.
func (a *API) Routes() []web.Route {
	routes := []web.Route{
		{Pattern: "GET /fhir/metadata", Handler: a.open(a.getMetadata)},
		{Pattern: "GET /fhir/.well-known/smart-configuration", Handler: a.open(a.smartConfiguration)},
		{Pattern: "/fhir", Handler: a.elsewhere}, // else other methods are redirected, preflights too
		{Pattern: "/fhir/{path...}", Handler: a.elsewhere},
	}
	add := func(pattern string, f func(*call) error) {
		routes = append(routes, web.Route{Pattern: pattern, Handler: a.on(f), Body: maxResource})
	}
	for _, path := range []string{"/fhir", "/fhir/{$}"} {
		add("GET "+path, (*call).ask)
		routes = append(routes, web.Route{Pattern: "POST " + path, Handler: a.on((*call).bundle), Body: maxBundle, Timeout: bundleTime})
	}
	for _, path := range []string{"/fhir/_history", "/fhir/{type}", "/fhir/{type}/{$}", "/fhir/{type}/_history", "/fhir/{type}/{id}", "/fhir/{type}/{id}/_history",
		"/fhir/{type}/{id}/_history/{version}", "/fhir/{type}/{id}/{rest}"} {
		add("GET "+path, (*call).ask)
	}
	for _, path := range []string{"/fhir/_search", "/fhir/{type}/_search", "/fhir/{type}/{id}/{rest}/_search"} {
		add("POST "+path, (*call).search)
	}
	add("POST /fhir/{type}", (*call).create)
	add("POST /fhir/{type}/{$}", (*call).create)
	add("PUT /fhir/{type}", (*call).update)
	add("PATCH /fhir/{type}", (*call).patch)
	add("DELETE /fhir/{type}", (*call).remove)
	add("PUT /fhir/{type}/{id}", (*call).update)
	add("PATCH /fhir/{type}/{id}", (*call).patch)
	add("DELETE /fhir/{type}/{id}", (*call).remove)
	add("POST /fhir/{type}/$validate", (*call).validate)
	add("POST /fhir/{type}/{id}/$validate", (*call).validate)
	add("POST /fhir/{type}/{id}/$everything", (*call).everything)
	return routes
}

// methodsOf returns the methods that the address below Root has, "" if there is nothing.
func methodsOf(path string) string {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	last := parts[len(parts)-1]
	switch n := len(parts); {
	case n == 1 && last == "":
		return "GET, HEAD, POST, OPTIONS"
	case last == "metadata" && n == 1, last == "_history" && n <= 3, n == 4 && parts[2] == "_history", path == "/.well-known/smart-configuration":
		return "GET, HEAD, OPTIONS"
	case last == "_search" && n != 3 && n <= 4, path == strings.TrimPrefix(smart.TokenPath, Root):
		return "POST, OPTIONS"
	case last == "$validate" && n == 2:
		return "POST, OPTIONS"
	case (last == "$validate" || last == "$everything") && n == 3:
		return "GET, HEAD, POST, OPTIONS"
	case strings.HasPrefix(last, "$"):
		return ""
	case n == 1:
		return "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
	case n == 2:
		return "GET, HEAD, PUT, PATCH, DELETE, OPTIONS"
	case n == 3:
		return "GET, HEAD, OPTIONS"
	}
	return ""
}

// elsewhere answers the addresses and methods that no other route has, OPTIONS among them.
func (a *API) elsewhere(w http.ResponseWriter, r *http.Request) error {
	cors(w.Header())
	methods := methodsOf(strings.TrimPrefix(r.URL.Path, Root))
	switch {
	case methods == "":
		return a.refuse(w, http.StatusNotFound, "not-found", "There is nothing at this address.")
	case r.Method == http.MethodOptions:
		w.Header().Set("Allow", methods)
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	w.Header().Set("Allow", methods)
	return a.refuse(w, http.StatusMethodNotAllowed, "not-supported", "This address can't be used in this way.")
}
