package password

import (
	_ "embed"
	"strings"
	"unicode/utf8"

	"github.com/mitral-health/mitral/platform/fault"
)

// MinLength and MaxLength bound a password, in characters and in bytes. There are no rules about
// what it is composed of: they make people choose worse (NIST SP 800-63B-4, 3.1.1.2).
const (
	MinLength = 12
	MaxLength = 256
)

// common.txt holds passwords of twelve characters or more that guessing starts with, one a line.
//
//go:embed common.txt
var common string

// Good returns nil if the password may be used by the person with this login and name, otherwise a
// fault that says what to change. words are what a stranger would try first for this organisation.
func Good(password string, words ...string) error {
	if !utf8.ValidString(password) || len(password) > MaxLength {
		return fault.New(fault.Invalid, "This password is too long. Use at most %d characters.", MaxLength)
	}
	if utf8.RuneCountInString(password) < MinLength {
		return fault.New(fault.Invalid, "Use at least %d characters. Three or four words that only you would put together work well.", MinLength)
	}
	flat := flatten(password)
	for line := range strings.Lines(common) {
		if flat == strings.TrimSpace(line) {
			return tooCommon()
		}
	}
	if repeats(flat) || runs(flat) {
		return tooCommon()
	}
	for _, w := range words {
		// The login or the organisation's name with a little around it is a guess away.
		if w = flatten(w); len(w) >= 4 && strings.Contains(flat, w) && len(flat)-len(w) < 6 {
			return fault.New(fault.Invalid, "This password is close to your name or address. Choose one that nobody can work out from them.")
		}
	}
	return nil
}

func tooCommon() error {
	return fault.New(fault.Invalid, "Many people use this password, so it is guessed first. Choose another.")
}

// flatten lowers letters and drops spaces and the usual separators.
func flatten(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" -_.,!?", r) {
			return -1
		}
		return r
	}, strings.ToLower(s))
}

// repeats reports whether s is one short piece over and over: "abcabcabcabc", "aaaaaaaaaaaa".
func repeats(s string) bool {
	for n := 1; n <= 4 && n*3 <= len(s); n++ {
		if strings.HasPrefix(strings.Repeat(s[:n], len(s)/n+1), s) {
			return true
		}
	}
	return s == ""
}

// runs reports whether s is a walk along the alphabet, the digits or a row of the keyboard.
func runs(s string) bool {
	const rows = "abcdefghijklmnopqrstuvwxyz 01234567890123456789 qwertyuiopasdfghjklzxcvbnm 1qaz2wsx3edc4rfv5tgb6yhn"
	return strings.Contains(rows, s)
}
