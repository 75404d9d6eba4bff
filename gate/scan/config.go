package scan

import "github.com/mitral-health/mitral/gate/sense"

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"unicode"
)

// Config is everything that an engine is made of: what rule packs say and what is the organisation's
// own. It is plain data; package policy reads it from files.
type Config struct {
	Lists []List
	Rules []Rule
	Org   Org
	Sense *sense.Model // what rules with Reads ask; without it they find nothing
}

// List is a named set of terms. Rules and other lists refer to it as <name>.
type List struct {
	Name  string
	Terms []string
}

// Org is what belongs to the organisation itself and is no secret: nothing of it is a finding.
type Org struct {
	Name     string
	Phones   []string
	Emails   []string // each also stands for its whole domain, unless that is a public mail service
	Domains  []string
	Address  []string // streets and full addresses
	Staff    []string // names of people who agreed to be named
	Places   []string // places that are too large or too general to point to anybody
	Handles  []string // its accounts on networks, without @
	PublicTo []string // other names that may always stand: donors, historic persons

	Templates []string // TemplateHash of texts that were approved as they stand: nothing in them is a finding
}

// With returns what belongs to both.
func (o Org) With(more Org) Org {
	o.Phones, o.Emails = slices.Concat(o.Phones, more.Phones), slices.Concat(o.Emails, more.Emails)
	o.Domains, o.Address = slices.Concat(o.Domains, more.Domains), slices.Concat(o.Address, more.Address)
	o.Staff, o.Places = slices.Concat(o.Staff, more.Staff), slices.Concat(o.Places, more.Places)
	o.Handles, o.PublicTo = slices.Concat(o.Handles, more.Handles), slices.Concat(o.PublicTo, more.PublicTo)
	o.Templates = slices.Concat(o.Templates, more.Templates)
	return o
}

// TemplateHash names a text by its letters and digits, so that white space, case and punctuation may
// differ and no word may. It is SHA-256 in hexadecimal digits.
func TemplateHash(text string) string {
	sum := sha256.Sum256([]byte(strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, text)))
	return hex.EncodeToString(sum[:])
}

// Rule is one thing to look for.
type Rule struct {
	ID            string
	Pack          string   // the pack and its version, "gdpr-eu@3"
	Jurisdictions []string // where it applies; empty is everywhere
	Kind          string
	Severity      Severity
	When          When

	Any         []string // candidates: one finding for each place where one of these terms is
	Near        []Near   // every one of these must hold for a candidate
	Not         []Not    // none of these may hold
	Sum         Sum      // pieces that must weigh enough together
	Parent      []string // if given, one of these must be in the text that is being answered
	NewToParent bool     // the candidate's words must not stand in the text that is being answered; a
	// reply whose parent is unknown is taken to add them
	ParentFinds []string // if given, one of these rules of the same pack must find something in the text that is being answered
	Unless      []string // silent within 60 words of what one of these rules of the same pack finds, which warns in its place
	Whole       bool     // the finding is the whole text; for rules about the parent

	Reads string // a question of the model: the finding is where the text answers it most clearly
	Need  int    // how clearly, in hundredths
	Alone bool   // its own question decides, and is asked whatever else holds the text; else the text must be a leak so clearly, and of several questions the clearest speaks
	Doubt int    // the finding is given up where the model says so clearly, in hundredths, that the text may go out; 0 is never

	Covers     []string // kinds of weaker findings that this one makes superfluous where they overlap
	Plain      []Plain  // a glossary: each entry is a candidate, with a wording of its own
	Reason     Message  // may hold {text}: the words that were found
	Suggestion Message  // stands in the place of the marked words; may hold {text} and {plain}
	Answer     Message  // stands for the whole text, where that answers somebody
}

// Sum weighs what stands around a candidate: pieces that are harmless alone, and point to one person
// together. Each part counts once, the candidate itself counts nothing.
type Sum struct {
	Need  int  // what the parts must weigh; 0 is no sum
	N     int  // how many words around the candidate
	Join  bool // the finding reaches over all pieces
	Parts []Part
}

// Part is one sort of piece. A weight below zero speaks against a finding.
type Part struct {
	Any    []string
	Weight int
	N      int     // nearer than the sum's own N, if not zero
	Before bool    // only before the candidate
	Label  Message // names the piece where the reason says {parts}
}

// When says in which contexts a rule applies. Empty is always.
type When struct {
	Kinds, Langs, Channels, Roles []string
	NotRoles                      []string
}

// Near asks for one of the terms within N words of a candidate. The end of a sentence counts as
// three words, that of a paragraph as eight.
type Near struct {
	Any    []string
	N      int
	Before bool // only before the candidate
	After  bool // only after it
	Join   bool // the finding reaches from the one to the other
}

// Not takes a candidate back if one of the terms is near it, or anywhere when Text is set.
type Not struct {
	Near
	Text bool
}

// Plain is a word that few readers know and a wording that they do.
type Plain struct {
	Term    string
	Wording string
	Lang    string
}
