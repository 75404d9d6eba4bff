package ui

import (
	"bytes"
	"net/http"
	"strings"
	"time"

	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/web"
)

// Routes serves the assets and remembers the choice of light or dark. An address with a hash may be kept for ever; the plain name of an asset
// leads to its present content and is asked for each time.
func Routes() []web.Route {
	return append(appRoutes(), []web.Route{
		{Pattern: "GET /assets/{path...}", Handler: serveAsset, Quiet: true},
		{Pattern: "GET /favicon.ico", Handler: func(w http.ResponseWriter, r *http.Request) error {
			return write(w, r, loaded().byName["img/favicon.svg"], "public, max-age=86400")
		}, Quiet: true},
		{Pattern: "GET /theme/{theme}", Handler: chooseTheme},
	}...)
}

const themeCookie = "theme"

// chooseTheme keeps light or dark in a cookie for a year; anything else follows the device again.
func chooseTheme(w http.ResponseWriter, r *http.Request) error {
	c := &http.Cookie{Name: themeCookie, Value: r.PathValue("theme"), Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true, SameSite: http.SameSiteLaxMode}
	if c.Value != "light" && c.Value != "dark" {
		c.Value, c.MaxAge = "", -1
	}
	http.SetCookie(w, c)
	to := r.URL.Query().Get("to")
	if to == "" {
		to = "/"
	}
	return web.Redirect(w, r, to)
}

// ThemeOf returns the reader's choice for Setting.Theme: "light", "dark", or "" for the device's own.
func ThemeOf(r *http.Request) string {
	if c, err := r.Cookie(themeCookie); err == nil && (c.Value == "light" || c.Value == "dark") {
		return c.Value
	}
	return ""
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
		// Vary is set by the chain, for every answer.
		if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			h.Set("Content-Encoding", "gzip")
			h.Set("ETag", `"`+a.hash+`-gz"`)
			body = a.gz
		}
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
	return nil
}
