package social_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/mitral-health/mitral/gate"
	"github.com/mitral-health/mitral/gate/review"
	"github.com/mitral-health/mitral/gate/scan"
	"github.com/mitral-health/mitral/platform/blob"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/db/dbtest"
	"github.com/mitral-health/mitral/social"
	"github.com/mitral-health/mitral/ui"
)

// numbers is an engine that blocks 12345678.
type numbers struct{}

func (numbers) Scan(text string, _ scan.Context) []scan.Finding {
	if i := strings.Index(text, "12345678"); i >= 0 {
		return []scan.Finding{{Start: i, End: i + 8, Severity: scan.Block, Rule: "number", Pack: "test@1"}}
	}
	return nil
}

// Whoever joins the chamber to a gate has a gate that reads the chamber's Markdown.
func TestTheGateReadsWhatReadersSee(t *testing.T) {
	dbtest.Each(t, "social", social.Migrations(), func(t *testing.T, store *db.DB) {
		clk, log := clock.At(time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)), slog.New(slog.DiscardHandler)
		g, err := gate.New(gate.Deps{Store: store, Clock: clk, Engine: numbers{}, Log: log, Hours: review.Weekdays(time.UTC, 8, 20)})
		if err != nil {
			t.Fatal(err)
		}
		blobs, err := blob.Folder(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := social.New(social.Deps{Store: store, Clock: clk, Gate: g, Blobs: blobs, Site: &ui.Site{}, Log: log}); err != nil {
			t.Fatal(err)
		}
		for _, body := range []string{"12345678", "1234**5678**", "1234<!-- -->5678", "12345&#54;78", "[1234](https://a.example)[5678](https://b.example)"} {
			res, err := g.Check(t.Context(), gate.Draft{ID: "a", Kind: scan.Post, Fields: []gate.Field{{Name: "body", Text: body}}})
			if err != nil || res.Verdict != scan.Block || len(res.Findings) != 1 || res.Findings[0].Field != "body" {
				t.Errorf("%s: %+v, %v", body, res, err)
			}
		}
	})
}
