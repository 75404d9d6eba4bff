package care

import (
	"context"
	"strings"

	"github.com/a-h/templ"

	"github.com/mitral-health/mitral/clinical/internal/alerts"
	"github.com/mitral-health/mitral/clinical/internal/plans"
	"github.com/mitral-health/mitral/clinical/internal/thresholds"
	"github.com/mitral-health/mitral/clinical/internal/triage"
	"github.com/mitral-health/mitral/ui/text"
)

// The words of a patient's page.

// about is what somebody is looked after for.
func (v *patientView) about(ctx context.Context) string {
	all := v.Has
	if v.Set != nil && len(all) == 0 {
		all = conditionWords(ctx, v.Set)
	}
	return strings.Join(all, " · ")
}

func conditionWords(ctx context.Context, set *thresholds.Set) (all []string) {
	for _, k := range set.Conditions {
		all = append(all, conditionWord(ctx, k))
	}
	return all
}

func (v *patientView) connected(ctx context.Context) string {
	switch {
	case !v.Connected.IsZero():
		return text.T(ctx, "Uses the app since %s.", text.Date(ctx, v.Connected))
	case v.Invited != nil:
		return text.T(ctx, "Invited on %s; the code has not been used yet.", text.Date(ctx, v.Invited.Made))
	}
	return text.T(ctx, "Does not use the app yet.")
}

func (v *patientView) messagesWord(ctx context.Context) string {
	if v.Unread == 0 {
		return text.T(ctx, "Messages")
	}
	return text.N(ctx, v.Unread, "One unread message", "%d unread messages")
}

func (v *patientView) planWords(ctx context.Context, p *plans.Plan) string {
	s := p.Title.EN
	if text.Lang(ctx) == "es" {
		s = p.Title.ES
	}
	return s + " · " + text.T(ctx, "since %s", text.Date(ctx, p.From.Noon(text.Zone(ctx))))
}

func (v *patientView) followedBy(ctx context.Context) string {
	return followedWords(ctx, v.Followed, v.Set, v.Names)
}

// followedWords say for what somebody is followed, by whom.
func followedWords(ctx context.Context, f *triage.Followed, set *thresholds.Set, names map[string]string) string {
	if f == nil || set == nil {
		return ""
	}
	s := text.T(ctx, "Followed by %s since %s, for: %s.", nameOf(ctx, names, f.Responsible), text.Date(ctx, f.Since), strings.Join(conditionWords(ctx, set), ", "))
	if f.Deputy != "" {
		s += " " + text.T(ctx, "Deputy: %s.", nameOf(ctx, names, f.Deputy))
	}
	return s
}

const pastCount = 4 // closed alerts that the screen shows at once

// waitingMessage is the message of the patient's side that waits for an answer, the most pressing.
func (v *patientView) waitingMessage() (w triage.Waiting) {
	for i := len(v.Waits) - 1; i >= 0; i-- {
		if v.Waits[i].Kind == "message" {
			w = v.Waits[i]
		}
	}
	return w
}

// unanswered is what the patient wrote last, nil if nothing of theirs waits.
func (v *patientView) unanswered() *said {
	if v.waitingMessage().Ref == "" {
		return nil
	}
	for i := len(v.Said) - 1; i >= 0; i-- {
		if !v.Said[i].Team {
			return &v.Said[i]
		}
	}
	return nil
}

// loadWords are the alerts of four weeks.
func (v *patientView) loadWords(ctx context.Context) string {
	l := v.Load
	if l.Alerts == 0 {
		return text.T(ctx, "No alert in 28 days.")
	}
	said := []string{
		text.N(ctx, l.Alerts, "One alert in 28 days", "%d alerts in 28 days"),
		text.N(ctx, l.Week.Alerts, "one of them in the last 7", "%d of them in the last 7"),
	}
	if l.Alerts == 1 {
		said = said[:1]
	}
	became := []string{text.T(ctx, "none led to an action")}
	if l.Acted > 0 {
		became[0] = text.N(ctx, l.Acted, "one led to an action", "%d led to an action")
	}
	if l.NoAction > 0 {
		became = append(became, text.N(ctx, l.NoAction, "one needed nothing", "%d needed nothing"))
	}
	if l.Open > 0 {
		became = append(became, text.N(ctx, l.Open, "one is not decided yet", "%d are not decided yet"))
	}
	return strings.Join(said, ", ") + ": " + strings.Join(became, ", ") + "."
}

// lastStep is the newest step of the alert that a refused form was about.
func (v *patientView) lastStep() *alerts.Step {
	for i := range v.Open {
		if a := &v.Open[i].Alert; a.ID == v.Failed.Alert {
			return &a.Steps[len(a.Steps)-1]
		}
	}
	for i := range v.Past {
		if a := &v.Past[i]; a.ID == v.Failed.Alert {
			return &a.Steps[len(a.Steps)-1]
		}
	}
	return nil
}

// kept says that what was written in a refused form stands in it again.
func (v *patientView) kept() bool {
	for _, a := range v.Open {
		if a.ID == v.Failed.Alert && a.Status != alerts.Decided {
			return v.Failed.Form.Get("reason")+v.Failed.Form.Get("text")+v.Failed.Form.Get("what") != ""
		}
	}
	return false
}

// field is the id of a field of one of the page's forms.
func (v *patientView) field(a *alertView, do, name string) string {
	return do + "-" + name + "-" + a.ID
}

// doneWord says what was just done.
func doneWord(ctx context.Context, done string) string {
	switch done {
	case takeIt:
		return text.T(ctx, "You have it.")
	case giveIt:
		return text.T(ctx, "It is with your colleague now.")
	case putOff:
		return text.T(ctx, "Put off. It comes back by itself, and earlier if it gets worse.")
	case closeIt:
		return text.T(ctx, "Closed.")
	case "finished":
		return text.T(ctx, "The task is done.")
	case "follow":
		return text.T(ctx, "Saved. New readings are held against these thresholds.")
	case "ended":
		return text.T(ctx, "Nobody is alerted by these readings any more.")
	case "rule":
		return text.T(ctx, "Saved. New readings are held against it.")
	case "dropped":
		return text.T(ctx, "Taken away.")
	case "away":
		return text.T(ctx, "Handed over. Rest well.")
	case "back":
		return text.T(ctx, "Welcome back. Your list is yours again.")
	case string(alerts.SendMessage):
		return text.T(ctx, "Sent. It stands in the record with the alert.")
	case string(alerts.MakeTask):
		return text.T(ctx, "The task is given, and stands in the record.")
	case string(alerts.ChangeThreshold):
		return text.T(ctx, "The threshold is changed, and the reason stands in the record.")
	case string(alerts.CallNow), string(alerts.NoAction):
		return text.T(ctx, "It stands in the record.")
	}
	return ""
}

func telURL(number string) templ.SafeURL {
	keep := func(r rune) rune {
		if r >= '0' && r <= '9' || r == '+' {
			return r
		}
		return -1
	}
	return templ.SafeURL("tel:" + strings.Map(keep, number))
}
