package ui

import (
	"context"
	"hash/fnv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/a-h/templ"

	"github.com/mitral-health/mitral/ui/text"
)

// The severities of the gate as components know them; anything else is "allow".
var severityIcons = map[string]string{
	"note": "info", "warn": "triangle-alert", "hold": "circle-pause", "block": "octagon-x", "urgent": "siren", "allow": "circle-check",
}

// SeverityWord returns what a severity is called.
func SeverityWord(ctx context.Context, severity string) string {
	switch severity {
	case "note":
		return text.T(ctx, "Note")
	case "warn":
		return text.T(ctx, "Warning")
	case "hold":
		return text.T(ctx, "Held for review")
	case "block":
		return text.T(ctx, "Blocked")
	case "urgent":
		return text.T(ctx, "Urgent")
	}
	return text.T(ctx, "Clear")
}

var chipIcons = map[string]string{
	"public": "globe", "private": "lock", "good": "circle-check", "note": "info", "warn": "triangle-alert",
	"hold": "circle-pause", "block": "octagon-x", "urgent": "siren",
}

var noticeIcons = map[string]string{
	"good": "circle-check", "note": "info", "warn": "triangle-alert", "hold": "circle-pause", "urgent": "siren", "private": "lock",
}

// FindingView is one finding as the list shows it.
type FindingView struct {
	N          int
	Severity   string
	Word       string // "" is the severity's own word
	Reason     string
	Suggestion string
	Rule       string
	Field      string
	Action     templ.Component // a button to take the suggestion; may be nil
}

// initials are the letters of a person without a picture: of the first and the last name, titles
// left out.
func initials(name string) string {
	var words []string
	for _, w := range strings.Fields(name) {
		switch strings.ToLower(strings.TrimRight(w, ".")) {
		case "dr", "dra", "mr", "mrs", "ms", "prof", "sr", "sra", "don", "doña", "de", "del", "la", "los", "of", "the":
			continue
		}
		if r, _ := utf8.DecodeRuneInString(w); unicode.IsLetter(r) {
			words = append(words, string(unicode.ToUpper(r)))
		}
	}
	switch len(words) {
	case 0:
		return ""
	case 1:
		return words[0]
	}
	return words[0] + words[len(words)-1]
}

// tint gives a name one of the grounds of .face, always the same.
func tint(name string) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(name))
	return [...]string{"tint-a", "tint-b", "tint-c", "tint-d", "tint-e"}[h.Sum32()%5]
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// share is value of most in hundredths, within the scale.
func share(value, most int) int {
	if most <= 0 {
		return 0
	}
	return max(0, min(100, value*100/most))
}
