package ui

import (
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"

	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/ui/text"
)

// The patient's app on a phone's home screen, and what it does without a network.

// Owner is whose app a page is, to the phone: what waits there to be sent belongs to a Tag, and is kept under a
// Key that a phone has only as long as its owner is signed in.
type Owner struct {
	Tag string // the same for one account and one patient, and tells nothing
	Key string // 32 bytes, base64url
}

type ownerKey struct{}

// WithOwner returns ctx for pages of the app of this owner.
func WithOwner(ctx context.Context, o Owner) context.Context {
	return context.WithValue(ctx, ownerKey{}, o)
}

// OwnerOf returns whose app the page is; the zero Owner if it is no page of the app.
func OwnerOf(ctx context.Context) Owner {
	o, _ := ctx.Value(ownerKey{}).(Owner)
	return o
}

const (
	appScope = "/my"
	manifest = appScope + "/app.webmanifest"
	worker   = appScope + "/sw.js"
)

// appRoutes answers anybody: neither says anything about anyone.
func appRoutes() []web.Route {
	return []web.Route{
		{Pattern: "GET " + manifest, Handler: serveManifest, Quiet: true},
		{Pattern: "GET " + worker, Handler: serveWorker, Quiet: true},
	}
}

type manifestIcon struct {
	Src     string `json:"src"`
	Sizes   string `json:"sizes"`
	Type    string `json:"type"`
	Purpose string `json:"purpose"`
}

// serveManifest says what the app is called and where it begins. Its scope leaves the public side out.
func serveManifest(w http.ResponseWriter, r *http.Request) error {
	lang := "en"
	if r.URL.Query().Get("lang") == "es" {
		lang = "es"
	}
	ctx := text.With(r.Context(), lang, nil)
	site := From(ctx).Site.In(lang)
	short, _, _ := strings.Cut(site.Name, " ")
	body, err := json.Marshal(struct {
		ID         string         `json:"id"`
		Name       string         `json:"name"`
		Short      string         `json:"short_name"`
		About      string         `json:"description"`
		Lang       string         `json:"lang"`
		Dir        string         `json:"dir"`
		Start      string         `json:"start_url"`
		Scope      string         `json:"scope"`
		Display    string         `json:"display"`
		Background string         `json:"background_color"`
		Theme      string         `json:"theme_color"`
		Categories []string       `json:"categories"`
		Icons      []manifestIcon `json:"icons"`
	}{
		ID: appScope, Name: site.Name, Short: short, About: text.T(ctx, "You and your care team, in private."), Lang: lang, Dir: "ltr",
		Start: appScope, Scope: appScope, Display: "standalone", Background: "#f6f1fb", Theme: themeColor(ChamberPrivate, "light"), Categories: []string{"health"},
		Icons: []manifestIcon{
			{Asset("img/app-192.png"), "192x192", "image/png", "any"}, {Asset("img/app-512.png"), "512x512", "image/png", "any"},
			{Asset("img/app-512.png"), "512x512", "image/png", "maskable"}, {Asset("img/mark.svg"), "any", "image/svg+xml", "any"},
		},
	})
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/manifest+json")
	w.Header().Set("Cache-Control", "public, max-age=3600")
	_, err = w.Write(body)
	return err
}

var moduleLine = regexp.MustCompile(`(?m)^import .*\n|^export (?:default )?`)

// serveWorker is the service worker: one classic script, because not every browser takes modules there.
func serveWorker(w http.ResponseWriter, r *http.Request) error {
	h := w.Header()
	h.Set("Content-Type", "text/javascript; charset=utf-8")
	h.Set("Service-Worker-Allowed", appScope)
	h.Set("Cache-Control", "no-cache")
	tag := Asset("js/sw.js") + " " + Asset("js/offline-queue.js")
	if web.NotModified(w, r, tag) {
		return nil
	}
	_, err := w.Write(moduleLine.ReplaceAll(append(append([]byte{}, loaded().byName["js/offline-queue.js"].body...), loaded().byName["js/sw.js"].body...), nil))
	return err
}

// offlineTexts is what the scripts of the app say.
func offlineTexts(ctx context.Context) string {
	b, err := json.Marshal(map[string]string{
		"asOf":      text.T(ctx, "As of %s.", "%s"),
		"offline":   text.T(ctx, "There is no connection."),
		"one":       text.T(ctx, "Not sent yet: 1. It is safe on this phone."),
		"many":      text.T(ctx, "Not sent yet: %s. They are safe on this phone.", "%s"),
		"kept":      text.T(ctx, "Not sent yet. It is safe on this phone."),
		"sent":      text.T(ctx, "Sent. Your team can see it now."),
		"ask":       text.T(ctx, "Is this right?"),
		"yes":       text.T(ctx, "Yes, send it"),
		"drop":      text.T(ctx, "Delete it"),
		"refused":   text.T(ctx, "This could not be taken."),
		"foreign":   text.T(ctx, "It belongs to an account that may not send it any more."),
		"number":    text.T(ctx, "Write the number with digits only."),
		"between":   text.T(ctx, "It must be between %s and %s.", "%s", "%s"),
		"unusual":   text.T(ctx, "This is unusual: mostly it is between %s and %s.", "%s", "%s"),
		"apart":     text.T(ctx, "The two numbers are unusually near to or far from each other."),
		"under":     text.T(ctx, "The top number must be higher than the bottom number."),
		"unwell":    text.T(ctx, "Very unwell right now?"),
		"call":      text.T(ctx, "Call %s", "%s"),
		"jump":      text.T(ctx, "That is far from the last one, %s.", "%s"),
		"newer":     text.T(ctx, "Show the newest"),
		"noStorage": text.T(ctx, "This browser can’t keep it. Write it down and send it later."),
	})
	if err != nil {
		return "{}"
	}
	return string(b)
}

type keepKey struct{}

// WithKeep names pages of the app that its phone should keep beside the one that is made.
func WithKeep(ctx context.Context, paths []string) context.Context {
	return context.WithValue(ctx, keepKey{}, paths)
}

func offlinePages(ctx context.Context) string {
	paths, _ := ctx.Value(keepKey{}).([]string)
	b, err := json.Marshal(paths)
	if err != nil || paths == nil {
		return "[]"
	}
	return string(b)
}
