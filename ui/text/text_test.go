package text

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/mitral-health/mitral/platform/fault"
)

var (
	en = With(context.Background(), "en", madrid())
	es = With(context.Background(), "es", madrid())
)

func madrid() *time.Location {
	l, err := time.LoadLocation("Europe/Madrid")
	if err != nil {
		return time.FixedZone("CET", 3600)
	}
	return l
}

func TestSentences(t *testing.T) {
	for _, tt := range []struct{ got, want string }{
		{T(en, "Skip to content"), "Skip to content"},
		{T(es, "Skip to content"), "Saltar al contenido"},
		{T(es, "No such sentence"), "No such sentence"},
		{T(es, "Rule: %s", "x%s"), "Regla: x%s"},
		{N(en, 1, "There is a problem", "There are %d problems"), "There is a problem"},
		{N(es, 3, "There is a problem", "There are %d problems"), "Hay 3 problemas"},
		{N(en, 3418, "%d day", "%d days"), "3,418 days"},
		{N(es, 3418, "%d day", "%d days"), "3418 días"},
		{N(es, 12345, "%d day", "%d days"), "12.345 días"},
		{Number(en, -1234567), "-1,234,567"},
		{Fault(es, fault.New(fault.NotFound, "There is no such page.")), "Esa página no existe."},
		{Fault(en, errors.New("secret")), "Something went wrong on our side. Nothing you did was lost."},
		{T(context.Background(), "Main"), "Main"},
	} {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}

func TestFormat(t *testing.T) {
	for _, tt := range []struct {
		form string
		args []any
		want string
	}{
		{"100%", nil, "100%"},
		{"100%%", nil, "100%"},
		{"%d of %s", []any{1, "x"}, "1 of x"},
		{"%[2]s before %[1]s", []any{"a", "b"}, "b before a"},
		{"%s and %s", []any{"a"}, "a and "},
		{"%x %", []any{"a"}, "%x %"},
		{"%[9]s%[0]s%[x]s", []any{"a"}, "%[x]s"},
	} {
		if got := format(tt.form, tt.args); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.form, got, tt.want)
		}
	}
}

func FuzzFormat(f *testing.F) {
	f.Add("%d of %[2]s %% %")
	f.Fuzz(func(t *testing.T, form string) {
		_ = format(form, []any{1, "two"})
		_ = placeholders(form)
	})
}

func TestDates(t *testing.T) {
	at := time.Date(2026, 11, 12, 17, 5, 0, 0, time.UTC)
	for _, tt := range []struct{ got, want string }{
		{Date(en, at), "12 November 2026"}, {Date(es, at), "12 de noviembre de 2026"},
		{Day(en, at), "Thursday 12 November"}, {Day(es, at), "jueves 12 de noviembre"},
		{Time(en, at), "18:05"}, {Time(en, at.Add(-9*time.Hour)), "9:05"},
		{DateTime(es, at), "12 de noviembre de 2026, 18:05"},
		{Month(en, at), "November 2026"}, {Month(es, at), "noviembre de 2026"},
		{ShortMonth(es, at), "nov"}, {Weekday(es, time.Sunday), "domingo"},
		{Span(en, 130*time.Minute), "2 h 10 min"}, {Span(en, 4*time.Hour), "4 h"}, {Span(es, 72*time.Hour), "3 días"},
		{Span(en, 20*time.Second), "less than a minute"}, {Span(en, -45*time.Minute), "45 min"},
	} {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}

func TestAgo(t *testing.T) {
	now := time.Date(2026, 11, 12, 17, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		back   time.Duration
		en, es string
	}{
		{20 * time.Second, "just now", "ahora mismo"},
		{time.Minute, "1 minute ago", "hace 1 minuto"},
		{59 * time.Minute, "59 minutes ago", "hace 59 minutos"},
		{2 * time.Hour, "2 hours ago", "hace 2 horas"},
		{20 * time.Hour, "yesterday", "ayer"},
		{3 * 24 * time.Hour, "Monday", "lunes"},
		{10 * 24 * time.Hour, "2 November", "2 de noviembre"},
		{400 * 24 * time.Hour, "8 October 2025", "8 de octubre de 2025"},
		{-30 * time.Second, "in a moment", "en un momento"},
		{-5 * time.Minute, "in 5 minutes", "en 5 minutos"},
		{-3 * time.Hour, "in 3 hours", "en 3 horas"},
		{-24 * time.Hour, "tomorrow", "mañana"},
		{-4 * 24 * time.Hour, "16 November", "16 de noviembre"},
	} {
		if got := Ago(en, now.Add(-tt.back), now); got != tt.en {
			t.Errorf("%v: %q, want %q", tt.back, got, tt.en)
		}
		if got := Ago(es, now.Add(-tt.back), now); got != tt.es {
			t.Errorf("%v: %q, want %q", tt.back, got, tt.es)
		}
	}
}

// A page asks for hundreds of sentences: one that needs no filling costs no memory.
func TestNoAllocation(t *testing.T) {
	Load()
	if n := testing.AllocsPerRun(100, func() { _ = T(es, "Skip to content") }); n != 0 {
		t.Errorf("%v allocations for a sentence", n)
	}
}

func BenchmarkT(b *testing.B) {
	b.ReportAllocs()
	for range b.N {
		_ = T(es, "Skip to content")
	}
}
