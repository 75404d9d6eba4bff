// Package ui is the look of Mitral: layout, components, styles, icons and translations, one for all
// chambers. It holds no data and knows no accounts: callers hand it what to show, already translated.
// May import platform.
package ui

import (
	"context"
	"sync"
	"time"

	"github.com/mitral-health/mitral/ui/text"
)

// Site is what every page says about the organisation; it comes from the configuration.
type Site struct {
	Name      string   // "Orlena Health Centre"
	URL       string   // https://orlena.example, no slash at the end
	Tagline   string   // the headline of the home page
	Lead      string   // the sentence below it
	Address   string   // one line
	Phone     string   // as people dial it
	Hours     string   // one line, "Monday to Friday, 8:00 to 20:00"
	Email     string   // public contact
	Logo      string   // address of a square picture; without one, a badge is drawn
	TimeZone  string   // IANA name
	Langs     []string // languages of the interface, the first is the default
	ES        *Site    // the same in Spanish where it differs; nil fields fall back
	Demo      bool     // invented data: pages say so
	Emergency string   // the number to call when somebody is very unwell: 112; "" shows none
	Crisis    string   // the number of a line for people in despair: 024, 988; "" shows none
	Mailbox   bool     // no mail server: administrators read the letters at /mail
}

// In returns the site as it introduces itself in lang: empty Spanish fields fall back to the others.
func (s *Site) In(lang string) *Site {
	if lang != "es" || s.ES == nil {
		return s
	}
	out, es := *s, s.ES
	for _, f := range []struct {
		to   *string
		from string
	}{
		{&out.Name, es.Name}, {&out.Tagline, es.Tagline}, {&out.Lead, es.Lead}, {&out.Address, es.Address},
		{&out.Phone, es.Phone}, {&out.Hours, es.Hours}, {&out.Email, es.Email}, {&out.Logo, es.Logo},
	} {
		if f.from != "" {
			*f.to = f.from
		}
	}
	return &out
}

// Viewer is who looks at the page, as far as a page needs to know.
type Viewer struct {
	Name     string
	Role     string // translated by the layout
	Writes   bool   // sees Compose, Drafts and Calendar
	Reviews  bool   // sees Review, Rules and Ledger
	Admin    bool   // sees Staff, Policy
	Voices   bool   // sees People & topics
	Ledger   bool
	Care     bool // sees Patients
	Waiting  int  // items that wait for this reviewer
	Messages int  // patients whose messages wait for the team
	Lang     string
}

// Setting is what the layout needs to know of a request; middleware puts it into the context.
type Setting struct {
	Site   *Site
	Lang   string // "en" or "es"
	Theme  string // "light", "dark"; "" follows the device
	Zone   string // IANA name of the reader's time zone; "" is the site's
	Viewer *Viewer
	First  bool   // comes from elsewhere and has nothing of ours yet: FirstVisit
	Path   string // path and query of the request, for the language switch
	Origin string // Site.URL or, in the demo, what the browser used
}

type settingKey struct{}

// With returns ctx carrying s, and its language and time zone for package text.
func With(ctx context.Context, s *Setting) context.Context {
	name := s.Zone
	if name == "" && s.Site != nil {
		name = s.Site.TimeZone
	}
	return context.WithValue(text.With(ctx, s.Lang, zone(name)), settingKey{}, s)
}

// From returns the request's setting; without one, an English page of a nameless site.
func From(ctx context.Context) *Setting {
	if s, ok := ctx.Value(settingKey{}).(*Setting); ok {
		return s
	}
	return &Setting{Site: &Site{Name: "Mitral", Langs: []string{"en", "es"}, TimeZone: "UTC"}, Lang: "en"}
}

// zones remembers what time.LoadLocation read from disk; names that it doesn't know are not kept.
var zones sync.Map

func zone(name string) *time.Location {
	if l, ok := zones.Load(name); ok {
		return l.(*time.Location)
	}
	l, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	zones.Store(name, l)
	return l
}
