// Package posts holds what the organisation says in public: notes, articles and threads, each with
// its public history. Nothing enters without a gate.Cleared for exactly that content. Lists are index
// ranges: see docs/adr/0009-lists-are-index-ranges.md. May import media, profiles, topics, revision,
// gate, identity and platform.
package posts

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/mitral-health/mitral/gate"
	"github.com/mitral-health/mitral/gate/scan"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/id"
	"github.com/mitral-health/mitral/social/internal/media"
	"github.com/mitral-health/mitral/social/internal/profiles"
)

// ID is the id of a post.
type ID = id.Of[Post]

// Kind is the form of a post.
type Kind string

// The kinds.
const (
	Note    Kind = "note"    // a few sentences, a title if it helps
	Article Kind = "article" // a page with a title
	Thread  Kind = "thread"  // several notes that are read in a row
)

// Limits of what one post may hold, in characters.
const (
	MaxTitle   = 150
	MaxNote    = 3_000 // a note, and each part of a thread
	MaxArticle = 60_000
	MaxParts   = 25
	MaxImages  = 8
	MaxAlt     = 1_000
	MaxTopics  = 6
)

// Image is a picture's use in a post.
type Image struct {
	ID   media.ID
	Hash string // media.Image.Hash: what the clearance is bound to
	Alt  string // for who can't see it; required
}

// Content is everything that a reader would see of a post, and what the gate checks.
type Content struct {
	Draft         string // the draft's id
	Author        gate.Author
	Profile       profiles.ID // who says it
	Kind          Kind
	Lang          string // "en" or "es"
	Title         string // required for an article
	Body          string // Markdown; the parts of a thread are split by lines of only ---
	Topics        []string
	Images        []Image
	Continues     ID  // a note or thread that these words are added to
	TranslationOf ID  // a post in the other language that says the same
	Edits         ID  // the post that this is a new version of
	EditsVersion  int // which version of it the author had before them
	// Before is what the thread that is continued says, the oldest first: Said. The gate weighs it too.
	Before []string `json:",omitempty"`
}

// Parts returns the Markdown of each part: one for a note or an article.
func (c Content) Parts() []string {
	if c.Kind != Thread {
		return []string{strings.TrimSpace(c.Body)}
	}
	var parts []string
	var part strings.Builder
	end := func() {
		if s := strings.TrimSpace(part.String()); s != "" {
			parts = append(parts, s)
		}
		part.Reset()
	}
	for _, line := range strings.SplitAfter(c.Body, "\n") {
		if strings.TrimSpace(line) == "---" {
			end()
			continue
		}
		part.WriteString(line)
	}
	end()
	return parts
}

// Check returns a fault that says what to change if the content has not the form of a post. It says
// nothing about whether the words may be public: that is the gate's.
func (c Content) Check() error {
	if c.Lang != "en" && c.Lang != "es" {
		return fault.New(fault.Invalid, "Choose the language of the post.")
	}
	if c.Profile.IsZero() {
		return fault.New(fault.Invalid, "Choose who speaks.")
	}
	if utf8.RuneCountInString(c.Title) > MaxTitle || strings.ContainsAny(c.Title, "\r\n") {
		return fault.New(fault.Invalid, "A title is one line of at most %d characters.", MaxTitle)
	}
	if !utf8.ValidString(c.Body) || !utf8.ValidString(c.Title) {
		return fault.New(fault.Invalid, "The text is not valid Unicode.")
	}
	limit := MaxNote
	switch c.Kind {
	case Note, Thread:
	case Article:
		limit = MaxArticle
		if strings.TrimSpace(c.Title) == "" {
			return fault.New(fault.Invalid, "An article needs a title.")
		}
		if !c.Continues.IsZero() {
			return fault.New(fault.Invalid, "Only a note or a thread can be added to a thread.")
		}
	default:
		return fault.New(fault.Invalid, "A post is a note, an article or a thread.")
	}
	parts := c.Parts()
	if len(parts) > MaxParts {
		return fault.New(fault.Invalid, "A thread has at most %d parts.", MaxParts)
	}
	if len(parts) == 0 || parts[0] == "" {
		return fault.New(fault.Invalid, "Write something first.")
	}
	for _, p := range parts {
		if utf8.RuneCountInString(p) > limit {
			return fault.New(fault.TooLarge, "This is too long: at most %d characters.", limit)
		}
	}
	return c.checkAttached()
}

func (c Content) checkAttached() error {
	if len(c.Images) > MaxImages {
		return fault.New(fault.Invalid, "A post has at most %d pictures.", MaxImages)
	}
	for _, i := range c.Images {
		if strings.TrimSpace(i.Alt) == "" || utf8.RuneCountInString(i.Alt) > MaxAlt {
			return fault.New(fault.Invalid, "Describe every picture for people who can't see it.")
		}
	}
	if len(c.Topics) > MaxTopics {
		return fault.New(fault.Invalid, "A post has at most %d topics.", MaxTopics)
	}
	if !c.Continues.IsZero() && !c.TranslationOf.IsZero() {
		return fault.New(fault.Invalid, "What is added to a thread is no translation of something else.")
	}
	return nil
}

// GateDraft returns what the gate checks; its hash binds everything that a reader would see.
func (c Content) GateDraft() gate.Draft {
	d := gate.Draft{
		ID: c.Draft, Kind: scan.Post, Lang: c.Lang, Channel: "site", Speaker: c.Profile.String(), Author: c.Author,
		Fields: []gate.Field{{Name: "title", Text: c.Title}, {Name: "body", Text: c.Body}}, Before: c.Before,
		Extra: []string{"kind:" + string(c.Kind), "continues:" + c.Continues.String(),
			"translation:" + c.TranslationOf.String(), "edits:" + c.Edits.String() + "@" + strconv.Itoa(c.EditsVersion)},
	}
	if c.Kind == Article {
		d.Kind = scan.Article
	}
	for n, i := range c.Images {
		d.Fields = append(d.Fields, gate.Field{Name: "alt:" + strconv.Itoa(n+1), Text: i.Alt})
		d.Media = append(d.Media, i.ID.String()+" "+i.Hash)
	}
	for _, t := range c.Topics {
		d.Extra = append(d.Extra, "topic:"+t)
	}
	return d
}

// Post is something that was published.
type Post struct {
	ID          ID
	Profile     profiles.ID
	Kind        Kind
	Lang        string
	Title       string
	Excerpt     string // plain text, for previews and for an article in a list
	HTML        string // safe: made by RenderMarkdown. In lists that of an article is empty
	Minutes     int    // to read it
	Images      []Picture
	Topics      []string
	Parts       int // of a thread, on its root; else 1
	PublishedAt time.Time
	EditedAt    time.Time // zero when never
	WithdrawnAt time.Time // zero when public
	Root        ID        // the first part of its thread; of everything else its own id
	Position    int       // in the thread
	Original    ID        // of a translation; of everything else its own id
	Version     int
}

// Picture is an Image as a page shows it.
type Picture struct {
	Src    string `json:"src"`    // a middling width
	SrcSet string `json:"srcset"` // all widths
	Type   string `json:"type"`
	Width  int    `json:"w"`
	Height int    `json:"h"`
	Tone   string `json:"tone"` // media.Image.Tone
	Alt    string `json:"alt"`
}

// Version is one state of a post in its public history.
type Version struct {
	N     int
	At    time.Time
	Title string
	Body  string // Markdown
	Alts  string // the pictures' descriptions, one a line
}
