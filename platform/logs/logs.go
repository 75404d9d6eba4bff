// Package logs sets up the program's log and keeps secrets out of it.
//
// Logs carry ids only: no names, no texts of posts, no addresses. Imports nothing of Mitral.
package logs

import (
	"io"
	"log/slog"
)

// New returns a logger that writes lines at level and above to w: JSON for machines, or text.
// Instants are in UTC.
func New(w io.Writer, level slog.Leveler, json bool) *slog.Logger {
	opts := &slog.HandlerOptions{Level: level, ReplaceAttr: utc}
	if json {
		return slog.New(slog.NewJSONHandler(w, opts))
	}
	return slog.New(slog.NewTextHandler(w, opts))
}

func utc(_ []string, a slog.Attr) slog.Attr {
	if a.Value.Kind() == slog.KindTime {
		a.Value = slog.TimeValue(a.Value.Time().UTC())
	}
	return a
}
