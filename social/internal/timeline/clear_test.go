package timeline

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/mitral-health/mitral/gate"
	"github.com/mitral-health/mitral/gate/review"
	"github.com/mitral-health/mitral/gate/scan"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/db/dbtest"
	"github.com/mitral-health/mitral/social/internal/posts"
)

// calm is an engine that finds nothing.
type calm struct{}

func (calm) Scan(string, scan.Context) []scan.Finding { return nil }

// clearer returns a function that takes content through a real gate: nothing else makes a Cleared.
func clearer(t testing.TB) func(posts.Content) gate.Cleared {
	t.Helper()
	g, err := gate.New(gate.Deps{Store: dbtest.SQLite(t, "gate", gate.Migrations()), Clock: clock.System{}, Engine: calm{},
		PackVersion: "test", Log: slog.New(slog.DiscardHandler), Hours: review.Always(time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	return func(c posts.Content) gate.Cleared {
		t.Helper()
		out, err := g.Submit(context.Background(), c.GateDraft(), true)
		if err != nil || out.State != gate.Passed {
			t.Fatalf("the gate: %v, %v", out.State, err)
		}
		return out.Cleared
	}
}
