package demo

import (
	"context"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

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
	dies, kill := context.WithCancel(t.Context())
	go func() { // while the patients are being invented
		for {
			if _, err := os.Stat(filepath.Join(data, "clinical.db-wal")); err == nil || dies.Err() != nil {
				kill()
				return
			}
			time.Sleep(time.Millisecond)
		}
	}()
	_, err := Build(dies, cfg, "http://localhost:1", log, clock.System{})
	if kill(); err == nil {
		t.Fatal("it was built although it was stopped")
	}
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
	something := Config("127.0.0.1:0", filepath.Join(data, "something"))
	other, err := server.New(t.Context(), something, "http://localhost:1", log, clock.System{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	other.Close()
	if _, err := Build(t.Context(), something, "http://localhost:1", log, clock.System{}); err == nil {
		t.Error("a folder that holds something else was filled")
	}
}
