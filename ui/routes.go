package ui

import (
	"bytes"
	"net/http"
	"strings"
	"time"

	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/web"
)

// Routes serves the assets. An address with a hash may be kept for ever; the plain name of an asset
// leads to its present content and is asked for each time.
func Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /assets/{path...}", Handler: serveAsset, Quiet: true},
		{Pattern: "GET /favicon.ico", Handler: func(w http.ResponseWriter, r *http.Request) error {
			return write(w, r, loaded().byName["img/favicon.svg"], "public, max-age=86400")
		}, Quiet: true},
	}
}

func serveAsset(w http.ResponseWriter, r *http.Request) error {
	if a := loaded().byAddress[r.URL.Path]; a != nil {
		return write(w, r, a, "public, max-age=31536000, immutable")
	}
	if a := loaded().byName[strings.TrimPrefix(r.URL.Path, "/assets/")]; a != nil {
		return write(w, r, a, "no-cache")
	}
	return fault.New(fault.NotFound, "There is no such page.")
}

func write(w http.ResponseWriter, r *http.Request, a *asset, caching string) error {
	h := w.Header()
	h.Set("Content-Type", a.mime)
	h.Set("Cache-Control", caching)
	h.Set("ETag", `"`+a.hash+`"`)
	body := a.body
	if a.gz != nil {
		h.Add("Vary", "Accept-Encoding")
		if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			h.Set("Content-Encoding", "gzip")
			h.Set("ETag", `"`+a.hash+`-gz"`)
			body = a.gz
		}
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
	return nil
}
