// Package scan is the gate's engine: text and its context in, findings out. It is pure: no database,
// no network, no clock, no files; the same input always gives the same findings. Imports gate/tag and gate/sense, nothing else of
// Mitral.
package scan

import (
	"errors"
	"slices"
	"strconv"
)

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
func (s Severity) String() string {
	if int(s) >= len(severities) {
		return "unknown"
	}
	return severities[s]
}

// ParseSeverity returns the severity of that name; allow is the zero Severity.
func ParseSeverity(name string) (Severity, bool) {
	for i, n := range severities {
		if n == name {
			return Severity(i), true
		}
	}
	return 0, false
}

// MarshalText writes the name, so that JSON and YAML say "hold" and not 3.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a name.
func (s *Severity) UnmarshalText(b []byte) error {
	v, ok := ParseSeverity(string(b))
	if !ok {
		return errors.New("scan: not a severity: " + strconv.Quote(string(b)))
	}
	*s = v
	return nil
}

// Verdict is the highest severity among findings; zero (allow) if there are none.
func Verdict(findings []Finding) Severity {
	var v Severity
	for _, f := range findings {
		v = max(v, f.Severity)
	}
	return v
}

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

// Answered is the kind of finding that says: this answers somebody in danger, and sends them for help. However severe,
// it takes the place of nothing else that may be in the text.
const Answered = "risk-answered"

// holds reports whether findings hold a text whatever it answers.
func holds(findings []Finding) bool {
	return slices.ContainsFunc(findings, func(f Finding) bool { return f.Severity >= Hold && f.Kind != Answered })
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
	Suggestion Message  `json:"suggestion"`      // wording to use instead, in the language of the text; empty if none
	Whole      bool     `json:"whole,omitempty"` // the suggestion stands for the whole text, not for the marked words
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
	Kind         string   // Post, Article, Reply, Comment
	Lang         string   // BCP 47 of the text ("en", "es"); "" lets the engine guess
	Jurisdiction string   // us, es, uk, eu; "" is every pack that was given
	Channel      string   // site, mastodon, …
	AuthorRole   string   // communications, clinician, front_desk, member
	Parent       string   // the text that is being answered
	Before       []string // what the same author said in the thread before, the oldest first
}
