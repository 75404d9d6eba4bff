package gate

import (
	"io"
	"log/slog"
	"strconv"
	"strings"
	"testing"

	"github.com/mitral-health/mitral/gate/review"
	"github.com/mitral-health/mitral/gate/scan"
	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/db/dbtest"
)

// BenchmarkSubmit is the gate's part of publishing a text that passes: check and record.
func BenchmarkSubmit(b *testing.B) {
	g, err := New(Deps{Store: dbtest.SQLite(b, "gate", Migrations()), Clock: clock.System{}, Engine: words{}, PackVersion: "test@1",
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Seed: []byte("a seed of enough bytes"), SampleOneIn: 50, Hours: review.Always(monday.Location())})
	if err != nil {
		b.Fatal(err)
	}
	author := Author{Subject: identity.NewPrincipal("Ama").Subject(identity.Social), Name: "Ama"}
	body := strings.Repeat("A sentence of a post that nobody needs to see first. ", 20)
	n := 0
	for b.Loop() {
		n++
		d := Draft{ID: strconv.Itoa(n), Kind: scan.Post, Lang: "en", Fields: []Field{{"body", body}}, Author: author}
		if out, err := g.Submit(b.Context(), d, false); err != nil || out.State != Passed {
			b.Fatal(out, err)
		}
	}
}
