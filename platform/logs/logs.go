// Package logs sets up the program's log and keeps secrets out of it.
//
// Logs carry ids only: no names, no texts of posts, no addresses. Imports nothing of Mitral.
package logs

import (
	"context"
	"io"
	"log/slog"
)

// New returns a logger that writes lines at level and above to w: JSON for machines, or text. The
// instant of a line is in UTC.
func New(w io.Writer, level slog.Leveler, json bool) *slog.Logger {
	opts := &slog.HandlerOptions{Level: level}
	if json {
		return slog.New(utc{slog.NewJSONHandler(w, opts)})
	}
	return slog.New(utc{slog.NewTextHandler(w, opts)})
}

// utc moves a line's instant to UTC. HandlerOptions.ReplaceAttr could as well, but it costs every
// line a microsecond for its level.
type utc struct{ slog.Handler }

// Handle writes the line.
func (h utc) Handle(ctx context.Context, r slog.Record) error {
	r.Time = r.Time.UTC()
	return h.Handler.Handle(ctx, r)
}

// WithAttrs keeps the wrapping.
func (h utc) WithAttrs(a []slog.Attr) slog.Handler { return utc{h.Handler.WithAttrs(a)} }

// WithGroup keeps the wrapping.
func (h utc) WithGroup(name string) slog.Handler { return utc{h.Handler.WithGroup(name)} }
