package ui

import (
	"context"
	"net/http"
	"strings"

	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/ui/text"
)

// PartsRoute is the sheet of parts and states, for the demonstration only: every component, light
// and dark, as designers and testers look at it.
func PartsRoute() []web.Route {
	return []web.Route{{Pattern: "GET /parts", Handler: func(w http.ResponseWriter, r *http.Request) error {
		return web.Render(w, r, sheet())
	}}}
}

// sampleMarks covers each severity once in the sheet's sentence.
func sampleMarks(words string, parts ...string) []Mark {
	var out []Mark
	at := 0
	for i, severity := range []string{"note", "warn", "hold", "block", "urgent"} {
		if i >= len(parts) {
			break
		}
		for j := at; j+len(parts[i]) <= len(words); j++ {
			if words[j:j+len(parts[i])] == parts[i] {
				at = j + len(parts[i])
				out = append(out, Mark{Start: j, End: at, Severity: severity, N: i + 1})
				break
			}
		}
	}
	return out
}

func splitBars(s string) []string { return strings.Split(s, "|") }

func sampleFindings(ctx context.Context) []FindingView {
	return []FindingView{
		{N: 3, Severity: "hold", Reason: text.T(ctx, "A small place beside an operation. Together they point to one person."), Suggestion: text.T(ctx, "one of our patients"), Rule: "place-with-care"},
		{N: 5, Severity: "urgent", Reason: text.T(ctx, "Chest pain must not wait for a message. Send people to the emergency number."), Field: text.T(ctx, "Title")},
	}
}
