package drafts

import (
	"context"
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"github.com/mitral-health/mitral/social/internal/posts"
	"github.com/mitral-health/mitral/ui"
	"github.com/mitral-health/mitral/ui/text"
)

// step is one step on a text's way: done, now or ahead.
type step struct {
	class string // "done", "now" or ""
	icon  string // "" shows the number
	name  string
	words string
}

// stepsOf is the way of a draft as far as it is known.
func stepsOf(ctx context.Context, v editorView) []step {
	d := v.d
	written := step{class: "done", icon: "check", name: text.T(ctx, "Written"), words: d.Content.Author.Name}
	if d.ID.IsZero() {
		written = step{class: "now", name: text.T(ctx, "Written"), words: text.T(ctx, "You are writing it")}
	} else {
		written.words += ", " + text.DateTime(ctx, d.Updated)
	}
	check := step{name: text.T(ctx, "The gate"), words: gateWords(ctx, v)}
	review := step{name: text.T(ctx, "A reviewer"), words: text.T(ctx, "Needed because the gate holds something")}
	out := step{icon: "globe", name: text.T(ctx, "Public"), words: text.T(ctx, "Anyone can read it")}
	if !d.Plan.At.IsZero() && d.State != Published {
		out.words = text.T(ctx, "Planned for %s", planText(ctx, d.Plan))
	}
	reviewed := v.asks()
	switch d.State {
	case Checking:
		check.class = "now"
	case Held:
		reviewed, check.class, check.icon, review.class = true, "done", "check", "now"
		review.words = text.T(ctx, "Decides by %s", text.DateTime(ctx, d.Deadline))
	case Scheduled, Published, Withdrawn:
		check.class, check.icon = "done", "check"
		check.words = text.T(ctx, "Checked in exactly this form")
		reviewed = d.By != "" && d.State != Withdrawn
		review.class, review.icon = "done", "check"
		review.words = text.T(ctx, "Approved by %s", d.By)
		out.class = "now"
		if d.State == Published {
			out.class, out.words = "done", text.DateTime(ctx, d.Published)
		}
		if d.State == Withdrawn {
			out.class, out.icon, out.words = "done", "archive", text.T(ctx, "Withdrawn")
		}
	default:
		if !d.ID.IsZero() {
			check.class = "now"
		}
	}
	list := []step{written, check}
	if reviewed {
		list = append(list, review)
	}
	return append(list, out)
}

func gateWords(ctx context.Context, v editorView) string {
	switch {
	case v.d.State == Checking:
		return text.T(ctx, "Being checked")
	case v.reading.Down != nil:
		return text.T(ctx, "Does not answer now")
	case v.reading.Plain.Words == 0 && len(v.reading.Findings) == 0:
		return text.T(ctx, "Reads along")
	}
	return countsOf(ctx, v.reading)
}

func (s step) dot(n int) string { return strconv.Itoa(n + 1) }

func backKind(s State) string {
	switch s {
	case Warned, Back:
		return "warn"
	}
	return "hold"
}

func backWords(ctx context.Context, s State) string {
	switch s {
	case Returned:
		return text.T(ctx, "A reviewer asks you to change something")
	case Rejected:
		return text.T(ctx, "A reviewer refused this text")
	case Expired:
		return text.T(ctx, "No reviewer decided in time, so it was not published. Ask again when you are ready.")
	case Warned:
		return text.T(ctx, "The gate warns. Change the text, or confirm that you mean it.")
	case Blocked:
		return text.T(ctx, "This can't go out as it is. Change what is marked.")
	}
	return text.T(ctx, "It did not go out")
}

func voiceOptions(ctx context.Context, v editorView) []ui.Option {
	var out []ui.Option
	for _, p := range v.voices {
		label := p.Name.In(text.Lang(ctx))
		if t := p.Title.In(text.Lang(ctx)); t != "" {
			label += ", " + t
		}
		out = append(out, ui.Option{Value: p.ID.String(), Label: label})
	}
	return out
}

func hasTopic(c posts.Content, slug string) bool { return slices.Contains(c.Topics, slug) }

// topicID gives the first topic the field's own id, so that the error summary leads to it.
func topicID(n int) string {
	if n == 0 {
		return "topic"
	}
	return "topic-" + strconv.Itoa(n)
}

// goWord chooses the word of the main button: an edit is a new version of what is public.
func goWord(v editorView, post, edit string) string {
	if v.d.Content.Edits.IsZero() {
		return post
	}
	return edit
}

func currentIf(is bool) templ.Attributes {
	if is {
		return templ.Attributes{"aria-current": "page"}
	}
	return nil
}
