package pages

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/mitral-health/mitral/gate"
	"github.com/mitral-health/mitral/gate/ledger"
	"github.com/mitral-health/mitral/gate/review"
	"github.com/mitral-health/mitral/gate/scan"
	"github.com/mitral-health/mitral/ui/text"
)

// altNumber returns n of a field called "alt:n", the description of the nth image; 0 for others.
func altNumber(field string) int {
	s, ok := strings.CutPrefix(field, "alt:")
	if !ok {
		return 0
	}
	n, _ := strconv.Atoi(s)
	return n
}

func fieldLabel(ctx context.Context, field string) string {
	switch field {
	case "title":
		return text.T(ctx, "Title")
	case "body":
		return text.T(ctx, "Text")
	}
	if n := altNumber(field); n > 0 {
		return text.T(ctx, "Description of picture %d", n)
	}
	return field
}

func kindLabel(ctx context.Context, kind string) string {
	switch kind {
	case scan.Article:
		return text.T(ctx, "Article")
	case scan.Reply:
		return text.T(ctx, "Reply")
	case scan.Comment:
		return text.T(ctx, "Comment")
	}
	return text.T(ctx, "Post")
}

// chip is how a state is shown: the kind of chip, its icon, its word, and the class of the edge in
// the list.
type chip struct{ kind, icon, label, edge string }

func chipOf(ctx context.Context, q gate.Queued, oneIn int) chip {
	if q.Sampled {
		label := text.T(ctx, "Sample")
		if oneIn > 1 {
			label = text.T(ctx, "Sample, 1 in %d", oneIn)
		}
		return chip{"note", "eye", label, "f-note"}
	}
	switch q.State {
	case gate.Held, gate.Claimed:
		return chip{"hold", "circle-pause", text.T(ctx, "Held"), "f-hold"}
	case gate.Escalated:
		return chip{"hold", "shield", text.T(ctx, "For the privacy officer"), "f-hold"}
	case gate.Approved:
		return chip{"good", "circle-check", text.T(ctx, "Released"), ""}
	case gate.Passed:
		return chip{"good", "circle-check", text.T(ctx, "Passed by itself"), ""}
	case gate.Returned:
		return chip{"note", "reply", text.T(ctx, "Sent back"), ""}
	case gate.Rejected:
		return chip{"block", "octagon-x", text.T(ctx, "Refused"), ""}
	case gate.Expired:
		return chip{"warn", "hourglass", text.T(ctx, "Time ran out"), ""}
	case gate.Blocked:
		return chip{"block", "octagon-x", text.T(ctx, "Blocked"), ""}
	case gate.Withdrawn:
		return chip{"plain", "undo-2", text.T(ctx, "Taken back"), ""}
	}
	return chip{"warn", "triangle-alert", text.T(ctx, "With its author"), ""}
}

// due says until when a decision is needed.
func due(ctx context.Context, q gate.Queued, now time.Time) string {
	left := q.Deadline.Sub(now)
	switch {
	case q.Sampled:
		return text.T(ctx, "Look when you can")
	case left <= 0:
		return text.T(ctx, "Time is up")
	case left < 24*time.Hour:
		return text.T(ctx, "Due in %s", text.Span(ctx, left))
	}
	return text.T(ctx, "Due on %s at %s", text.Day(ctx, q.Deadline), text.Time(ctx, q.Deadline))
}

// oldest returns how long the longest waiting item with a deadline has waited; zero if there is none.
func oldest(q gate.Queue, now time.Time) (d time.Duration) {
	for _, it := range q.Items {
		if !it.Sampled {
			d = max(d, now.Sub(it.At))
		}
	}
	return d
}

func target(ctx context.Context, t gate.Targets) string {
	return text.T(ctx, "Your target, in opening hours: %s for posts, %s for replies.", text.Span(ctx, t.Post), text.Span(ctx, t.Reply))
}

// first returns the name by which colleagues would call the author: titles stay, surnames go.
func first(name string) string {
	words := strings.Fields(name)
	if len(words) == 0 || strings.HasSuffix(words[0], ".") || len(words[0]) < 3 {
		return name
	}
	switch words[0] {
	case "Dra", "Prof", "Nurse", "Doctor":
		return name
	}
	return words[0]
}

// option is one decision of the form: what it does, what happens then, and the words of the button.
type option struct {
	Act                       review.Act
	Label, Hint, Button, Icon string
}

func (v *itemView) options(ctx context.Context) (out []option) {
	who := first(v.Author)
	for _, act := range review.Decisions {
		if !v.May[act] {
			continue
		}
		o := option{Act: act}
		switch act {
		case review.Approve:
			o.Label, o.Button, o.Icon = text.T(ctx, "Release as it is"), text.T(ctx, "Release to the public"), "globe"
			o.Hint = text.T(ctx, "Exactly this text becomes public, now or at its planned time.")
		case review.SendBack:
			o.Label, o.Button, o.Icon = text.T(ctx, "Send back with a suggestion"), text.T(ctx, "Send back to %s", who), "reply"
			o.Hint = text.T(ctx, "%s changes it and it comes back for review.", who)
		case review.Reject:
			o.Label, o.Button, o.Icon = text.T(ctx, "Refuse"), text.T(ctx, "Refuse this text"), "octagon-x"
			o.Hint = text.T(ctx, "It does not become public. Any other version comes to review.")
		case review.Escalate:
			o.Label, o.Button, o.Icon = text.T(ctx, "Pass to the privacy officer"), text.T(ctx, "Pass to the privacy officer"), "shield"
			o.Hint = text.T(ctx, "Then only they decide, with a new deadline.")
		case review.Fine:
			o.Label, o.Button, o.Icon = text.T(ctx, "It is fine"), text.T(ctx, "Mark as fine"), "circle-check"
			o.Hint = text.T(ctx, "It stays public.")
		case review.Recall:
			o.Label, o.Button, o.Icon = text.T(ctx, "Take it down"), text.T(ctx, "Take it down"), "undo-2"
			o.Hint = text.T(ctx, "It leaves the public side, and %s learns why.", who)
		}
		out = append(out, o)
	}
	return out
}

// done says what the reader has just decided; "" for anything else that stands in the address.
func done(ctx context.Context, act string) string {
	switch review.Act(act) {
	case review.Approve:
		return text.T(ctx, "Released. It becomes public now, or at its planned time.")
	case review.SendBack:
		return text.T(ctx, "Sent back. Its author has your comment.")
	case review.Reject:
		return text.T(ctx, "Refused. Its author has your comment.")
	case review.Escalate:
		return text.T(ctx, "Passed to the privacy officer.")
	case review.Fine:
		return text.T(ctx, "Marked as fine.")
	case review.Recall:
		return text.T(ctx, "It is being taken down.")
	case review.Unclaim:
		return text.T(ctx, "Given back. Colleagues can take it.")
	}
	return ""
}

func actLabel(ctx context.Context, act string) string {
	switch act {
	case ledger.Submitted:
		return text.T(ctx, "Sent to the gate")
	case ledger.Attested:
		return text.T(ctx, "Warnings confirmed")
	case ledger.Looked:
		return text.T(ctx, "Looked at")
	case ledger.Claimed:
		return text.T(ctx, "Taken on")
	case ledger.Unclaimed:
		return text.T(ctx, "Given back")
	case ledger.Approved:
		return text.T(ctx, "Released")
	case ledger.Returned:
		return text.T(ctx, "Sent back")
	case ledger.Rejected:
		return text.T(ctx, "Refused")
	case ledger.Escalated:
		return text.T(ctx, "Passed to the privacy officer")
	case ledger.Fine:
		return text.T(ctx, "Sample was fine")
	case ledger.Recalled:
		return text.T(ctx, "Sample taken down")
	case ledger.Expired:
		return text.T(ctx, "Time ran out")
	case ledger.Withdrawn:
		return text.T(ctx, "Taken back by its author")
	case ledger.Verified:
		return text.T(ctx, "Chain verified")
	case ledger.Exported:
		return text.T(ctx, "Ledger exported")
	case ledger.RulesProposed:
		return text.T(ctx, "New rules proposed")
	case ledger.RulesInForce:
		return text.T(ctx, "New rules put in force")
	case ledger.RulesRefused:
		return text.T(ctx, "New rules refused")
	}
	return ""
}

// verdict says what the gate answered, in the ledger's list.
func verdict(ctx context.Context, state string) string {
	switch gate.State(state) {
	case gate.Passed:
		return text.T(ctx, "The gate let it pass")
	case gate.Warned:
		return text.T(ctx, "The gate warned its author")
	case gate.Held:
		return text.T(ctx, "The gate held it")
	case gate.Blocked:
		return text.T(ctx, "The gate blocked it")
	}
	return ""
}

// outcome is what the entry's act came to, where the act alone does not say it.
func outcome(ctx context.Context, e gate.Recorded) string {
	switch e.Act {
	case ledger.Submitted, ledger.Attested:
		s := verdict(ctx, e.Detail["state"])
		if e.Detail["sampled"] != "" {
			s += ". " + text.T(ctx, "Drawn as a sample")
		}
		return s
	case ledger.Verified:
		if e.Detail["result"] == "whole" {
			return text.T(ctx, "It holds")
		}
		return text.T(ctx, "It is broken")
	case ledger.Returned:
		if e.Detail["suggestion"] != "" {
			return text.T(ctx, "With other wording")
		}
	}
	return ""
}

func ruleIDs(e gate.Recorded) []string { return strings.Fields(e.Detail["rules"]) }

// short is enough of an id to tell it from its neighbours: its end, which is random.
func short(id string) string {
	if len(id) <= 8 {
		return id
	}
	return "…" + id[len(id)-8:]
}
