// Package scan is the gate's engine: text and its context in, findings out. It is pure: no database,
// no network, no clock, no files; the same input always gives the same findings. Imports nothing of
// Mitral.
package scan

// Severity says what a finding asks for. The order matters: a verdict is the highest severity.
type Severity uint8

// The severities, mildest first.
const (
	Note   Severity = iota + 1 // worth knowing; passes
	Warn                       // the author changes it or attests that it is meant
	Hold                       // a reviewer decides
	Block                      // can't go out as it is; must be changed
	Urgent                     // somebody may be at risk now: not a breach but a call; can't go out as it is
)

var severities = [...]string{"allow", "note", "warn", "hold", "block", "urgent"}

// String returns the severity's name: note, warn, hold, block, urgent; allow for none.
func (s Severity) String() string { return severities[s] }

// Message is a text in each language of the interface.
type Message struct {
	EN string `yaml:"en" json:"en"`
	ES string `yaml:"es" json:"es"`
}

// In returns the message in lang ("es…" is Spanish, anything else English).
func (m Message) In(lang string) string {
	if len(lang) >= 2 && lang[:2] == "es" && m.ES != "" {
		return m.ES
	}
	return m.EN
}

// Finding is one place in a text that the author should look at.
type Finding struct {
	Start      int      `json:"start"` // byte offsets into the original text, UTF-8, half open
	End        int      `json:"end"`
	Kind       string   `json:"kind"` // what it is: id, phone, email, date, age, name, care-confirmation, …
	Severity   Severity `json:"severity"`
	Rule       string   `json:"rule"` // the rule's id inside its pack
	Pack       string   `json:"pack"` // the pack and its version, "gdpr-eu@3"
	Reason     Message  `json:"reason"`
	Suggestion Message  `json:"suggestion"` // wording to use instead; empty if none
}

// Kind of text that is scanned.
const (
	Post    = "post"
	Article = "article"
	Reply   = "reply"
	Comment = "comment"
)

// Context is what the engine may know besides the text.
type Context struct {
	Kind         string // Post, Article, Reply, Comment
	Lang         string // BCP 47 of the text ("en", "es"); "" lets the engine guess
	Jurisdiction string // us, es, uk, eu; "" is every pack that was given
	Channel      string // site, mastodon, …
	AuthorRole   string // communications, clinician, front_desk, member
	Parent       string // the text that is being answered
}
