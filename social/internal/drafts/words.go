package drafts

import (
	"context"
	"strings"

	"github.com/mitral-health/mitral/gate"
	"github.com/mitral-health/mitral/gate/scan"
	"github.com/mitral-health/mitral/social/internal/plain"
	"github.com/mitral-health/mitral/social/internal/posts"
	"github.com/mitral-health/mitral/ui"
	"github.com/mitral-health/mitral/ui/text"
)

func kindWord(ctx context.Context, k posts.Kind) string {
	switch k {
	case posts.Article:
		return text.T(ctx, "Article")
	case posts.Thread:
		return text.T(ctx, "Thread")
	}
	return text.T(ctx, "Post")
}

func langWord(lang string) string {
	if lang == "es" {
		return "Español"
	}
	return "English"
}

// stateChip is the chip of a draft's state: its kind, its icon, its word.
func stateChip(ctx context.Context, s State) (kind, icon, word string) {
	switch s {
	case Warned:
		return "warn", "triangle-alert", text.T(ctx, "Warning")
	case Blocked:
		return "block", "octagon-x", text.T(ctx, "Cannot go out as it is")
	case Returned:
		return "hold", "undo-2", text.T(ctx, "Sent back")
	case Rejected:
		return "hold", "circle-x", text.T(ctx, "Refused")
	case Expired:
		return "hold", "hourglass", text.T(ctx, "Not decided in time")
	case Back:
		return "warn", "undo-2", text.T(ctx, "Did not go out")
	case Checking:
		return "note", "refresh-cw", text.T(ctx, "Being checked")
	case Held:
		return "hold", "circle-pause", text.T(ctx, "With a reviewer")
	case Scheduled:
		return "good", "calendar-clock", text.T(ctx, "Planned")
	case Published:
		return "good", "globe", text.T(ctx, "Public")
	case Withdrawn:
		return "plain", "archive", text.T(ctx, "Withdrawn")
	}
	return "plain", "pencil", text.T(ctx, "Draft")
}

// verdictWords is the chip beside the heading.
func verdictWords(ctx context.Context, r reading) (kind, word string) {
	switch {
	case r.Down != nil:
		return "hold", text.T(ctx, "The gate can't check now")
	case r.Verdict >= scan.Block:
		return "block", text.T(ctx, "Cannot go out as it is")
	case r.Verdict == scan.Hold:
		return "hold", text.T(ctx, "Needs approval")
	case r.Verdict == scan.Warn:
		return "warn", text.T(ctx, "Check the warnings")
	}
	return "good", text.T(ctx, "Nothing stands in its way")
}

// countsOf says how many findings there are of which kind, gravest first.
func countsOf(ctx context.Context, r reading) string {
	n := map[scan.Severity]int{}
	for _, f := range r.Findings {
		n[f.Severity]++
	}
	var parts []string
	add := func(s scan.Severity, words string) {
		if n[s] > 0 {
			parts = append(parts, words)
		}
	}
	add(scan.Urgent, text.N(ctx, n[scan.Urgent], "1 urgent", "%d urgent"))
	add(scan.Block, text.N(ctx, n[scan.Block], "1 blocked", "%d blocked"))
	add(scan.Hold, text.N(ctx, n[scan.Hold], "1 held", "%d held"))
	add(scan.Warn, text.N(ctx, n[scan.Warn], "%d warning", "%d warnings"))
	add(scan.Note, text.N(ctx, n[scan.Note], "%d note", "%d notes"))
	if len(parts) == 0 {
		return text.T(ctx, "Nothing to change.")
	}
	return strings.Join(parts, ", ")
}

// fieldWord is what the editor calls a field of the gate.
func fieldWord(ctx context.Context, field string) string {
	if n, ok := strings.CutPrefix(field, "alt:"); ok {
		return text.T(ctx, "Description of picture %s", n)
	}
	if field == "title" {
		return text.T(ctx, "Title")
	}
	return ""
}

// findingViews are the findings as the list shows them; with buttons where the text can be changed.
func findingViews(ctx context.Context, v editorView, buttons bool) []ui.FindingView {
	var out []ui.FindingView
	for n, f := range v.reading.Findings {
		one := ui.FindingView{N: n + 1, Severity: f.Severity.String(), Reason: f.Reason.In(text.Lang(ctx)),
			Suggestion: f.Suggestion.In(v.d.Content.Lang), Field: fieldWord(ctx, f.Field)}
		if one.Suggestion != "" && buttons {
			one.Action = useButton(placeOf(f), n+1)
		}
		out = append(out, one)
	}
	return out
}

// marksOf are the places of the findings in one field.
func marksOf(findings []gate.Finding, field string) []ui.Mark {
	var out []ui.Mark
	for n, f := range findings {
		if f.Field == field {
			out = append(out, ui.Mark{Start: f.Start, End: f.End, Severity: f.Severity.String(), N: n + 1})
		}
	}
	return out
}

// bandWord says how easy a text is.
func bandWord(ctx context.Context, b plain.Band) string {
	switch b {
	case plain.VeryEasy:
		return text.T(ctx, "Very easy: age 10 and up")
	case plain.Easy:
		return text.T(ctx, "Easy: age 11 and up")
	case plain.FairlyEasy:
		return text.T(ctx, "Plain: age 12 and up")
	case plain.Standard:
		return text.T(ctx, "Plain: age 13 and up")
	case plain.FairlyHard:
		return text.T(ctx, "Rather hard: age 16 and up")
	case plain.Hard:
		return text.T(ctx, "Hard: for students")
	}
	return text.T(ctx, "Very hard: for specialists")
}

// advice is one line of the checklist.
type advice struct {
	ok    bool
	words string
}

// checklist says what is plain about a text and what is not.
func checklist(ctx context.Context, r plain.Report) []advice {
	mean := int(r.PerSent + 0.5)
	var out []advice
	switch {
	case r.Long > 0:
		out = append(out, advice{false, text.N(ctx, r.Long, "%d sentence has more than 25 words", "%d sentences have more than 25 words")})
	case mean > 20:
		out = append(out, advice{false, text.N(ctx, mean, "Long sentences: %d word", "Long sentences: %d words")})
	default:
		out = append(out, advice{true, text.N(ctx, mean, "Short sentences: %d word", "Short sentences: %d words")})
	}
	if r.ToYou {
		out = append(out, advice{true, text.T(ctx, "Speaks to the reader")})
	} else {
		out = append(out, advice{false, text.T(ctx, "Does not speak to the reader yet: say “you”")})
	}
	if len(r.Jargon) == 0 {
		out = append(out, advice{true, text.T(ctx, "No medical terms")})
	}
	for n, j := range r.Jargon {
		if n == 4 {
			out = append(out, advice{false, text.N(ctx, len(r.Jargon)-n, "and %d more term", "and %d more terms")})
			break
		}
		out = append(out, advice{false, text.T(ctx, "%s: try “%s”", j.Word, j.Plain)})
	}
	switch {
	case r.Actions == 0:
		out = append(out, advice{false, text.T(ctx, "Nothing to do yet: say what readers can do")})
	case r.Actions == 1:
		out = append(out, advice{true, text.T(ctx, "One thing to do")})
	default:
		out = append(out, advice{r.Actions <= 3, text.N(ctx, r.Actions, "%d thing to do", "%d things to do")})
	}
	return out
}
