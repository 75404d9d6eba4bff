// Package mail sends letters of plain text: by SMTP, or into a Mailbox on disk, where the demo shows
// them instead of sending.
//
// A Message names one person and its text may say why they use a health service, so nothing of it
// goes into errors or logs, and an error tells the server's code, never its words. May import
// platform/fault, clock, id and logs.
package mail

import (
	"context"
	"net/mail"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mitral-health/mitral/platform/fault"
)

// Message is one letter to one address.
type Message struct {
	To      string // "ana@example.org" or "Ana Pérez <ana@example.org>"
	Subject string // one line
	Text    string // lines end in "\n"
}

// Mailer sends a message or says why not: fault.Invalid means that it will never go, everything else
// is worth another try.
type Mailer interface {
	Send(ctx context.Context, m Message) error
}

const (
	maxSubject = 300
	maxText    = 256 << 10
)

// check refuses what could put headers or other recipients into the letter.
func (m Message) check() error {
	if !oneAddress(m.To) {
		return fault.New(fault.Invalid, "This is no mail address.")
	}
	if m.Subject == "" || len(m.Subject) > maxSubject || !line(m.Subject) {
		return fault.New(fault.Invalid, "A mail needs a subject of one line.")
	}
	if len(m.Text) > maxText || !utf8.ValidString(m.Text) || strings.IndexByte(m.Text, 0) >= 0 {
		return fault.New(fault.Invalid, "This text can't be sent by mail.")
	}
	return nil
}

func oneAddress(s string) bool {
	if len(s) > 320 || !line(s) {
		return false
	}
	a, err := mail.ParseAddress(s)
	if err != nil || !line(a.Name) || !line(a.Address) {
		return false
	}
	local, domain, ok := cutLast(a.Address)
	return ok && local != "" && domain != "" && !strings.ContainsAny(a.Address, " <>,;\"")
}

func cutLast(address string) (local, domain string, ok bool) {
	i := strings.LastIndexByte(address, '@')
	if i < 0 {
		return "", "", false
	}
	return address[:i], address[i+1:], true
}

// line reports text of one line without control characters.
func line(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(c rune) bool {
		return unicode.IsControl(c) || c == '\u2028' || c == '\u2029'
	})
}
