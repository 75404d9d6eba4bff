// Package ui is the look of Mitral: layout, components, styles, icons and translations, one for all
// chambers. It holds no data and knows no accounts: callers hand it what to show. May import platform.
package ui

import "context"

// Site is what every page says about the organisation; it comes from the configuration.
type Site struct {
	Name     string   // "Orlena Health Centre"
	URL      string   // https://orlena.example, no slash at the end
	Tagline  string   // the headline of the home page
	Lead     string   // the sentence below it
	Address  string   // one line
	Phone    string   // as people dial it
	Hours    string   // one line, "Monday to Friday, 8:00 to 20:00"
	Email    string   // public contact
	TimeZone string   // IANA name
	Langs    []string // languages of the interface, the first is the default
	ES       *Site    // the same in Spanish where it differs; nil fields fall back
	Demo     bool     // invented data: pages say so
}

// Viewer is who looks at the page, as far as a page needs to know.
type Viewer struct {
	Name    string
	Role    string // translated by the layout
	Writes  bool   // sees Compose, Drafts and Calendar
	Reviews bool   // sees Review, Rules and Ledger
	Admin   bool   // sees Staff, Policy
	Ledger  bool
	Waiting int // items that wait for this reviewer
	Lang    string
}

// Setting is what the layout needs to know of a request; middleware puts it into the context.
type Setting struct {
	Site   *Site
	Lang   string // "en" or "es"
	Viewer *Viewer
	Path   string // path and query of the request, for the language switch
	Origin string // Site.URL or, in the demo, what the browser used
}

type settingKey struct{}

// With returns ctx carrying s.
func With(ctx context.Context, s *Setting) context.Context {
	return context.WithValue(ctx, settingKey{}, s)
}

// From returns the request's setting; without one, an English page of a nameless site.
func From(ctx context.Context) *Setting {
	if s, ok := ctx.Value(settingKey{}).(*Setting); ok {
		return s
	}
	return &Setting{Site: &Site{Name: "Mitral", Langs: []string{"en", "es"}, TimeZone: "UTC"}, Lang: "en"}
}
