// Package text speaks to people in their language. The English sentence is the key, so a page reads
// like the page that it makes; Spanish stands in es/*.json, one file for each area. A test of this
// package reads the sources and fails if a sentence has no Spanish, or a Spanish one has no use.
// Imports platform/fault, nothing else of Mitral.
package text

import (
	"context"
	"time"

	"github.com/mitral-health/mitral/platform/fault"
)

type locale struct {
	lang string
	zone *time.Location
}

type localeKey struct{}

var fallback = &locale{lang: "en", zone: time.UTC}

// With returns ctx in which texts are in lang ("en" or "es") and dates in zone (nil is UTC).
func With(ctx context.Context, lang string, zone *time.Location) context.Context {
	if lang != "es" {
		lang = "en"
	}
	if zone == nil {
		zone = time.UTC
	}
	return context.WithValue(ctx, localeKey{}, &locale{lang: lang, zone: zone})
}

func from(ctx context.Context) *locale {
	if l, ok := ctx.Value(localeKey{}).(*locale); ok {
		return l
	}
	return fallback
}

// Lang returns the language of the texts: "en" or "es".
func Lang(ctx context.Context) string { return from(ctx).lang }

// Zone returns the time zone in which dates are written.
func Zone(ctx context.Context) *time.Location { return from(ctx).zone }

// T returns key in the language of ctx, its %s and %d filled by args. Call it with a literal: the
// test that looks for missing Spanish reads the sources.
func T(ctx context.Context, key string, args ...any) string {
	return format(find(from(ctx).lang, key), args)
}

// N is T for a number of things: one if n is 1, other if not. The first %d is n, grouped as the
// language does; a form without a %d may leave the number out ("One post waits").
func N(ctx context.Context, n int, one, other string, args ...any) string {
	l := from(ctx)
	key := other
	if n == 1 {
		key = one
	}
	form := find(l.lang, key)
	if verbs(form) <= len(args) {
		return format(form, args)
	}
	return format(form, append([]any{group(l.lang, int64(n))}, args...))
}

// Key marks a sentence that another place translates, as in a table of labels; it returns s.
func Key(s string) string { return s }

// Fault returns what may be shown of err. What is no fault gets a sentence that gives nothing away.
func Fault(ctx context.Context, err error) string {
	key, args := fault.Text(err)
	return T(ctx, key, args...)
}

// Number returns n with its thousands apart: 3,418 in English, 3418 and 10.000 in Spanish.
func Number(ctx context.Context, n int) string { return group(from(ctx).lang, int64(n)) }
