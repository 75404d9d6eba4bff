package jobs

import (
	"context"
	"log/slog"
)

// quiet passes River's warnings and errors on, without the attributes that could quote a job's
// arguments. What River says below that level is of no use to an operator.
type quiet struct{ slog.Handler }

// logger returns log as River may use it.
func logger(log *slog.Logger, store string) *slog.Logger {
	return slog.New(quiet{log.With("store", store).Handler()})
}

func (q quiet) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= slog.LevelWarn && q.Handler.Enabled(ctx, l)
}

func (q quiet) Handle(ctx context.Context, r slog.Record) error {
	out := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	r.Attrs(func(a slog.Attr) bool {
		if !tells(a.Key) {
			out.AddAttrs(a)
		}
		return true
	})
	return q.Handler.Handle(ctx, out)
}

func (q quiet) WithAttrs(attrs []slog.Attr) slog.Handler { return quiet{q.Handler.WithAttrs(attrs)} }
func (q quiet) WithGroup(name string) slog.Handler       { return quiet{q.Handler.WithGroup(name)} }

// tells reports whether an attribute could hold what a job was about.
func tells(key string) bool {
	switch key {
	case "panic_val", "payload", "args", "encoded_args", "metadata":
		return true
	}
	return false
}
