package bundle

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/spec"
	"github.com/mitral-health/mitral/clinical/internal/validate"
)

// Request is what one entry of a batch or transaction asks for.
type Request struct {
	At      int    // its place in Bundle.entry
	FullURL string // Bundle.entry.fullUrl
	Method  string // GET HEAD POST PUT PATCH DELETE
	URL     string // as sent, without the server's own address
	Type    string // the resource type that it names; "" is the whole server
	ID      string
	Query   string // after the question mark, undecoded
	Rest    string // what follows type and id in the path: "_history", "_history/2", "$everything", "_search"

	IfMatch, IfNoneMatch, IfModifiedSince, IfNoneExist string

	Resource *resource.Node
}

// path is where the entry stands, as an expression.
func (r *Request) path() string { return fmt.Sprintf("Bundle.entry[%d]", r.At) }

var idPattern = regexp.MustCompile(`^[A-Za-z0-9\-.]{1,64}$`)

// Requests takes the requests out of a batch or transaction, in the order of the bundle.
// With each comes what is wrong with it, nil if nothing is.
func Requests(b *resource.Node, base string) ([]Request, []*outcome.Error) {
	entries := b.Get("entry").Each()
	requests, wrong := make([]Request, len(entries)), make([]*outcome.Error, len(entries))
	for i := range entries {
		requests[i], wrong[i] = readEntry(&entries[i], i, base)
	}
	return requests, wrong
}

func readEntry(e *resource.Node, at int, base string) (Request, *outcome.Error) {
	q := e.Get("request")
	r := Request{At: at, FullURL: e.Get("fullUrl").Str(), Method: q.Get("method").Str(), Resource: e.Get("resource"),
		IfMatch: q.Get("ifMatch").Str(), IfNoneMatch: q.Get("ifNoneMatch").Str(),
		IfModifiedSince: q.Get("ifModifiedSince").Str(), IfNoneExist: strings.TrimPrefix(q.Get("ifNoneExist").Str(), "?")}
	if r.Method != "POST" {
		r.IfNoneExist = ""
	}
	bad := func(code outcome.Code, element, text string) (Request, *outcome.Error) {
		return r, outcome.New(http.StatusBadRequest, code, r.path()+element, text)
	}
	if q == nil {
		return bad(outcome.Required, ".request", "An entry of a batch or a transaction needs a request.")
	}
	r.URL = strings.TrimPrefix(q.Get("url").Str(), "/")
	if base != "" {
		r.URL = strings.TrimPrefix(strings.TrimPrefix(r.URL, base), "/")
	}
	path, query, _ := strings.Cut(r.URL, "?")
	r.Query = query
	parts := strings.Split(path, "/")
	if parts[0] != "" && spec.R4().IsResource(parts[0]) {
		r.Type, parts = parts[0], parts[1:]
		if len(parts) > 0 && idPattern.MatchString(parts[0]) && !strings.HasPrefix(parts[0], "_") {
			r.ID, parts = parts[0], parts[1:]
		}
	}
	r.Rest = strings.Join(parts, "/")
	if strings.Contains(r.URL, "://") || strings.Contains(path, "..") {
		return bad(outcome.Value, ".request.url", "This address is not on this server.")
	}
	switch r.Method {
	case "GET", "HEAD":
		return r, nil
	case "POST":
		if strings.HasPrefix(lastOf(r.Rest), "$") || r.Rest == "_search" {
			return r, nil
		}
	case "PUT", "PATCH", "DELETE":
	default:
		return bad(outcome.Value, ".request.method", "The method is one of GET, HEAD, POST, PUT, PATCH and DELETE.")
	}
	if why := r.misfit(); why != "" {
		return bad(outcome.Value, ".request.url", why)
	}
	if r.Method == "DELETE" {
		return r, nil
	}
	if r.Resource.Type() == "" {
		return bad(outcome.Required, ".resource", "This entry needs a resource.")
	}
	if r.Method == "PATCH" {
		return r, nil
	}
	if r.Resource.Type() != r.Type {
		return bad(outcome.Invalid, ".resource", "The resource is of another type than the address.")
	}
	if r.Method == "PUT" && r.ID != "" && r.Resource.ID() != r.ID {
		return bad(outcome.Invalid, ".resource.id", "The resource needs the id that the address has.")
	}
	if r.Method == "PUT" && validate.IsPart(r.Resource) {
		return r, outcome.New(http.StatusUnprocessableEntity, outcome.BusinessRule, r.path()+".resource.meta.tag", "This is a part of a resource (SUBSETTED). Stored, it would take the rest away.")
	}
	return r, nil
}

func lastOf(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

// misfit says why the address is none that a write may have, "" if it may.
func (r *Request) misfit() string {
	switch {
	case r.Type == "":
		return "The address of a write begins with a resource type."
	case r.Rest != "":
		return "Nothing is written at such an address."
	case r.Method == "POST" && (r.ID != "" || r.Query != ""):
		return "A create is sent to the resource type alone."
	case r.Method != "POST" && r.ID == "" && r.Query == "":
		return "The address names neither an id nor a condition."
	case r.ID != "" && r.Query != "":
		return "The address names an id and a condition: it can be only one."
	}
	if _, err := url.ParseQuery(r.Query); err != nil {
		return "The condition is not encoded as it should be."
	}
	return ""
}

// rank is the order in which a transaction is worked through.
func (r *Request) rank() int {
	switch r.Method {
	case "DELETE":
		return 0
	case "POST":
		if r.Rest == "" {
			return 1
		}
	case "PUT", "PATCH":
		return 2
	}
	return 3
}
