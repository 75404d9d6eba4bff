// Package fault is how Mitral says that something went wrong.
//
// A fault has a kind (what sort of trouble), a text that is safe to show to whoever asked, and the
// wrapped cause, which only the log may see. The domain never mentions HTTP or FHIR: each edge maps
// a Kind to its own status once. Imports nothing of Mitral.
package fault

import (
	"errors"
	"fmt"
)

// Kind sorts faults by what the person who asked can do about them.
type Kind uint8

// The kinds. The zero Kind is Internal: what nobody classified is our mistake.
const (
	Internal        Kind = iota // our mistake; nothing the asker can do
	Invalid                     // the input is wrong; the text says what to change
	NotFound                    // no such thing, or none that the asker may know of
	Unauthenticated             // sign in first
	Forbidden                   // signed in, but not allowed
	Conflict                    // it changed meanwhile; look again
	TooLarge                    // over a size limit that the text names
	TooMany                     // over a rate limit; try later
	Unavailable                 // a part that is needed does not answer; try later
)

var names = [...]string{"internal", "invalid", "not-found", "unauthenticated", "forbidden", "conflict", "too-large", "too-many", "unavailable"}

// String returns the kind's name, as logs and metrics use it.
func (k Kind) String() string { return names[k] }

// Error is a fault. Text is an English sentence that is safe to show and serves as the key of its
// translation; Args fill its %s and %d and must be safe too: never health data, never a secret.
type Error struct {
	Kind  Kind
	Text  string
	Args  []any
	Cause error
}

// New returns a fault without a cause.
func New(kind Kind, text string, args ...any) error {
	return &Error{Kind: kind, Text: text, Args: args}
}

// Wrap returns a fault caused by err; nil stays nil.
func Wrap(err error, kind Kind, text string, args ...any) error {
	if err == nil {
		return nil
	}
	return &Error{Kind: kind, Text: text, Args: args, Cause: err}
}

// Error is for logs: the text and the cause.
func (e *Error) Error() string {
	s := e.Kind.String() + ": " + e.Text
	if len(e.Args) > 0 {
		s = e.Kind.String() + ": " + fmt.Sprintf(e.Text, e.Args...)
	}
	if e.Cause != nil {
		s += ": " + e.Cause.Error()
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// KindOf returns the kind of the outermost fault in err's chain, Internal if there is none.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}

// Is reports whether err is a fault of this kind.
func Is(err error, kind Kind) bool { return err != nil && KindOf(err) == kind }

// Text returns the sentence that may be shown for err, with its arguments, for translation. What is
// no fault, or an internal one, gets a sentence that gives nothing away.
func Text(err error) (string, []any) {
	var e *Error
	if errors.As(err, &e) && e.Kind != Internal {
		return e.Text, e.Args
	}
	return "Something went wrong on our side. Nothing you did was lost.", nil
}
