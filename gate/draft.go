// Package gate is the valve between the public and the private chamber. A Draft goes in; a Cleared
// comes out, or a held item that a reviewer decides. Publishing takes nothing but a Cleared, and only
// this package can make one. May import identity, audit, platform and ui.
package gate

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"

	"github.com/mitral-health/mitral/gate/scan"
	"github.com/mitral-health/mitral/identity"
)

// Field is one part of a draft that people will read.
type Field struct {
	Name string `json:"name"` // title, body, alt:1, …
	Text string `json:"text"`
}

// Author is who wrote a draft: the social subject, never an account, and the name colleagues know.
type Author struct {
	Subject identity.Subject `json:"subject"`
	Name    string           `json:"name"`
	Role    string           `json:"role"` // communications, clinician, …
}

// Draft is everything about a text that decides whether it may be public.
type Draft struct {
	ID      string   `json:"id"`      // the source's own id of what is being submitted
	Kind    string   `json:"kind"`    // scan.Post, scan.Article, scan.Reply, scan.Comment
	Lang    string   `json:"lang"`    // "en", "es"
	Channel string   `json:"channel"` // site
	Speaker string   `json:"speaker"` // the public profile that would say it
	Fields  []Field  `json:"fields"`
	Media   []string `json:"media"`            // content hashes of the images
	Parent  string   `json:"parent"`           // the text that is being answered
	Before  []string `json:"before,omitempty"` // what the same author said in the thread before, the oldest first
	Extra   []string `json:"extra"`            // whatever else the source binds: topics, what it edits or continues
	Author  Author   `json:"author"`
}

// Hash binds a clearance to exactly this content. The author's name is not part of it; everything
// that a reader would see or that decides a rule is.
func (d Draft) Hash() [32]byte {
	h := sha256.New()
	put := func(ss ...string) {
		for _, s := range ss {
			var n [8]byte
			binary.BigEndian.PutUint64(n[:], uint64(len(s)))
			h.Write(n[:])
			h.Write([]byte(s))
		}
	}
	list := func(n int) { put(string(binary.BigEndian.AppendUint32(nil, uint32(n)))) }
	put("mitral draft 1", d.ID, d.Kind, d.Lang, d.Channel, d.Speaker, d.Parent, d.Author.Subject.String())
	list(len(d.Fields))
	for _, f := range d.Fields {
		put(f.Name, f.Text)
	}
	list(len(d.Media))
	put(d.Media...)
	list(len(d.Extra))
	put(d.Extra...)
	if len(d.Before) > 0 {
		put("before")
		put(d.Before...)
	}
	return [32]byte(h.Sum(nil))
}

// Finding is an engine's finding and the field that it stands in.
type Finding struct {
	Field string `json:"field"`
	scan.Finding
}

// Cleared is the permission to publish one exact content. Only the gate makes one; the zero value,
// or one for other content, is refused by Covers.
type Cleared struct {
	ok         bool
	hash       [32]byte
	submission string
}

// Errors of Covers. They are programming errors or attacks, never a user's: callers publish nothing.
var (
	ErrNotCleared = errors.New("gate: publishing without a clearance")
	ErrOtherDraft = errors.New("gate: the clearance is for other content")
)

// Covers returns nil if the clearance is for exactly this draft.
func (c Cleared) Covers(d Draft) error {
	if !c.ok {
		return ErrNotCleared
	}
	if c.hash != d.Hash() {
		return ErrOtherDraft
	}
	return nil
}

// Submission returns the gate's id of the decision behind the clearance, for the record.
func (c Cleared) Submission() string { return c.submission }
