package demo

import (
	"io"
	"log/slog"
	"path/filepath"
	"testing"

	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/server"
)

// TestBuild builds the whole invented centre: every text that should be public passes the gate, which
// Build insists on, and what should wait does.
func TestBuild(t *testing.T) {
	data := t.TempDir()
	cfg := Config("127.0.0.1:0", data)
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	accounts, err := Build(t.Context(), cfg, "http://localhost:1", log, clock.System{})
	if err != nil {
		t.Fatal(err)
	}
	if len(accounts) != 10 {
		t.Errorf("%d accounts, want one for each role, another patient, somebody who cares for one and a nurse", len(accounts))
	}
	srv, err := server.New(t.Context(), cfg, "http://localhost:1", log, clock.System{}, accounts)
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Close()
	waiting, err := srv.Gate.Waiting(t.Context(), identity.NewPrincipal("A reviewer", identity.Reviewer))
	if err != nil {
		t.Fatal(err)
	}
	if waiting < 3 {
		t.Errorf("%d drafts wait for a reviewer, want at least 3", waiting)
	}

	if again, err := Build(t.Context(), cfg, "http://localhost:1", log, clock.System{}); err != nil || len(again) != 10 {
		t.Errorf("on a finished folder: %d accounts, %v", len(again), err)
	}
	half := Config("127.0.0.1:0", filepath.Join(data, "half"))
	other, err := server.New(t.Context(), half, "http://localhost:1", log, clock.System{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	other.Close()
	if _, err := Build(t.Context(), half, "http://localhost:1", log, clock.System{}); err == nil {
		t.Error("a folder that holds something else was filled")
	}
}
