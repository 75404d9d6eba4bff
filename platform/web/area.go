package web

import (
	"net/http"
	"strings"
)

// Area is a part of the site with manners of its own: an interface that programs speak, which has its
// own form of errors and needs more requests a second than a reader of pages.
type Area struct {
	Path  string // "/fhir": this path and all below it
	Limit *Rate  // instead of Config.Limit; nil: that one
	// Fail answers with err, whatever failed: a handler, a panic, the mux, a limit. nil: Config.Fail.
	Fail func(w http.ResponseWriter, r *http.Request, err error)
	// Programs says that nothing below Path changes anything for a cookie, so that requests which other
	// sites' pages make need not be refused.
	Programs bool
}

// area returns the first one that r is in, or nil.
func (c *chain) area(r *http.Request) *Area {
	for i := range c.cfg.Areas {
		a := &c.cfg.Areas[i]
		if rest, ok := strings.CutPrefix(r.URL.Path, a.Path); ok && (rest == "" || rest[0] == '/') {
			return a
		}
	}
	return nil
}
