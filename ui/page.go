package ui

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/mitral-health/mitral/ui/text"
)

// The chambers that a page can stand in.
const (
	ChamberPublic  = "public"
	ChamberGate    = "gate"
	ChamberPrivate = "private"
)

// Page is what a layout needs to know of a page. Words are translated already.
type Page struct {
	Title       string // without the organisation's name; "" on the home page
	Description string // one sentence for search results and previews
	Chamber     string // one of the chambers; "" is the layout's usual one
	Says        string // beside the sigil: who can read this; "" is the chamber's usual sentence
	Nav         string // the current item: news, topics, people, about; compose, drafts, calendar, review, rules, ledger, voices, staff, policy, mail, account; of the team: care, messages, patients, work; of a patient: today, trends, messages, plan, me
	Canonical   string // path or address of the page without its accidents
	Alternates  []Alternate
	Image       string // path or address of the picture for previews
	ImageAlt    string
	Type        string // of Open Graph: website, article, profile
	Lang        string // of the main content where it differs from the interface
	JSONLD      any    // schema.org data, marshalled into the head
	Feeds       []Feed
	Scripts     []string // modules under /assets/js, "compose.js"
	Art         string   // "door": Plain puts the drawing of the two rooms beside the column
	Task        bool     // one thing to do on a page of the app: without the way to the others at its foot
	NoIndex     bool
}

// Feed is a feed of the page's list.
type Feed struct{ Title, URL, Type string }

// Alternate is the same page in another language.
type Alternate struct{ Lang, URL string }

func (p Page) in(chamber string) Page {
	if p.Chamber == "" {
		p.Chamber = chamber
	}
	return p
}

func (p Page) title(s *Site) string {
	if p.Title == "" || p.Title == s.Name {
		return s.Name
	}
	return p.Title + ": " + s.Name
}

func (p Page) says(ctx context.Context) string {
	switch {
	case p.Says != "":
		return p.Says
	case p.Chamber == ChamberGate:
		return text.T(ctx, "Nothing on this page is public")
	case p.Chamber == ChamberPrivate:
		return text.T(ctx, "Only you and your care team")
	}
	return text.T(ctx, "Anyone can read this page")
}

func chamberName(ctx context.Context, chamber string) string {
	switch chamber {
	case ChamberGate:
		return text.T(ctx, "Gate")
	case ChamberPrivate:
		return text.T(ctx, "Private")
	}
	return text.T(ctx, "Public")
}

func chamberIcon(chamber string) string {
	switch chamber {
	case ChamberGate:
		return "valve"
	case ChamberPrivate:
		return "lock"
	}
	return "globe"
}

// absolute turns a path of this site into an address.
func absolute(ctx context.Context, path string) string {
	if !strings.HasPrefix(path, "/") {
		return path
	}
	s := From(ctx)
	if s.Origin != "" {
		return s.Origin + path
	}
	return s.Site.URL + path
}

// jsonLD is the data block of the head. encoding/json writes < > and & as escapes, so nothing in the
// data can end the element.
func jsonLD(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return `<script type="application/ld+json">` + string(raw) + `</script>`
}
