package care

import (
	"context"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/mitral-health/mitral/clinical/internal/alerts"
	"github.com/mitral-health/mitral/clinical/internal/plans"
	"github.com/mitral-health/mitral/clinical/internal/show"
	"github.com/mitral-health/mitral/clinical/internal/thresholds"
	"github.com/mitral-health/mitral/clinical/internal/triage"
	"github.com/mitral-health/mitral/ui"
	"github.com/mitral-health/mitral/ui/text"
)

// The words of the team's pages.

// about is what somebody is looked after for.
func (v *patientView) about(ctx context.Context) string {
	all := v.Has
	if v.Set != nil && len(all) == 0 {
		for _, k := range v.Set.Conditions {
			all = append(all, conditionWord(ctx, k))
		}
	}
	return strings.Join(all, " · ")
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
	var of []string
	for _, k := range set.Conditions {
		of = append(of, conditionWord(ctx, k))
	}
	s := text.T(ctx, "Followed by %s since %s, for: %s.", nameOf(ctx, names, f.Responsible), text.Date(ctx, f.Since), strings.Join(of, ", "))
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

// standing says where an alert is in its life.
func (v *patientView) standing(ctx context.Context, a *alertView) string {
	var s string
	switch a.Status {
	case alerts.Raised:
		s = text.T(ctx, "Has waited %s; nobody has taken it.", waited(ctx, v.Now.Sub(a.Waiting())))
		if a.Deputy != "" {
			s += " " + text.T(ctx, "%s was asked as deputy.", v.name(ctx, a.Deputy))
		}
	case alerts.Acknowledged:
		if s = text.T(ctx, "%s is on it.", v.name(ctx, a.Owner)); a.Owner == v.Me {
			s = text.T(ctx, "You have it.")
		}
	case alerts.Snoozed:
		s = text.T(ctx, "Put off until %s.", soon(ctx, a.Until, v.Now))
	case alerts.Decided:
		if d := a.Decision(); d != nil {
			s = stepWords(ctx, v, d)
		}
	}
	if a.Repeats > 0 {
		s += " " + text.N(ctx, a.Repeats, "One repeat is folded in.", "%d repeats are folded in.")
	}
	return s
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

// alertState is the chip of an alert.
func alertState(ctx context.Context, a *alerts.Alert) (kind, icon, word string) {
	switch a.Status {
	case alerts.Snoozed:
		return "plain", "moon", text.T(ctx, "Later")
	case alerts.Decided:
		return "good", "circle-check", text.T(ctx, "Decided")
	case alerts.Closed:
		return "plain", "archive", text.T(ctx, "Closed")
	}
	kind, icon = severityChip(a.Latest.Severity)
	return kind, icon, severityWord(ctx, a.Latest.Severity)
}

func noticeKind(a *alerts.Alert) string {
	if !working(a) {
		return "good"
	}
	kind, _ := severityChip(a.Latest.Severity)
	return kind
}

// decidedWord is a decision in a few words.
func decidedWord(ctx context.Context, a alerts.Action) string {
	switch a {
	case alerts.SendMessage:
		return text.T(ctx, "Wrote a message")
	case alerts.MakeTask:
		return text.T(ctx, "Asked a colleague")
	case alerts.ChangePlan:
		return text.T(ctx, "Changed the plan")
	case alerts.ChangeThreshold:
		return text.T(ctx, "Changed the threshold")
	case alerts.CallNow:
		return text.T(ctx, "Called")
	}
	return text.T(ctx, "Decided that nothing is needed")
}

// stepWords says who did what with an alert, and why.
func stepWords(ctx context.Context, v *patientView, s *alerts.Step) string {
	who := v.name(ctx, s.By)
	var did string
	switch s.Do {
	case alerts.Raise:
		return text.T(ctx, "Raised.")
	case alerts.Escalate:
		return text.T(ctx, "Nobody had taken it: %s was asked.", v.name(ctx, s.To))
	case alerts.Wake:
		return text.T(ctx, "Waits again.")
	case alerts.Worsen:
		return text.T(ctx, "Further over the limit than before: raised again.")
	case alerts.Answer:
		return text.T(ctx, "The missing reading came: closed.")
	case alerts.Acknowledge:
		return text.T(ctx, "%s: took it.", who)
	case alerts.HandOver:
		if s.To == s.By {
			return text.T(ctx, "%s: took it over.", who)
		}
		did = text.T(ctx, "gave it to %s", v.name(ctx, s.To))
	case alerts.Snooze:
		did = text.T(ctx, "put it off until %s", soon(ctx, s.Until, v.Now))
	case alerts.Decide:
		did = lower(decidedWord(ctx, s.Action))
	case alerts.Close:
		did = text.T(ctx, "closed it")
	default:
		did = text.T(ctx, "ended it")
	}
	if s.Reason == "" {
		return text.T(ctx, "%s: %s.", who, did)
	}
	return text.T(ctx, "%s: %s. “%s”", who, did, s.Reason)
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

func takeWord(ctx context.Context, a *alertView) string {
	if a.Status == alerts.Acknowledged {
		return text.T(ctx, "Take it over")
	}
	return text.T(ctx, "I take it")
}

// callKind lets the telephone stand out when it is what is needed.
func callKind(a *alertView) string {
	if a.Latest.Severity == thresholds.Urgent {
		return "urgent"
	}
	return "second"
}

func alertURL(patient, alert string) templ.SafeURL {
	return templ.URL("/care/" + patient + "/alerts/" + alert)
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

func spanChoices(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, s := range spans {
		out = append(out, ui.Option{Value: s, Label: spanWord(ctx, s)})
	}
	return out
}

func length(n, most int) string { return strconv.Itoa(100 * n / max(1, most)) }

func waitsWords(ctx context.Context, l *load) string {
	switch {
	case l.Waiting == 0:
		return text.T(ctx, "Nothing waits.")
	case l.Waiting == 1 && l.Urgent == 1:
		return text.T(ctx, "It is urgent, and has waited %s.", waited(ctx, l.Longest))
	case l.Waiting == 1:
		return text.T(ctx, "It has waited %s.", waited(ctx, l.Longest))
	}
	s := text.T(ctx, "Longest %s, median %s.", waited(ctx, l.Longest), waited(ctx, l.Median))
	if l.Urgent > 0 {
		s = text.N(ctx, l.Urgent, "One is urgent.", "%d are urgent.") + " " + s
	}
	return s
}

func quietOf(ctx context.Context, n int) string {
	if n == 0 {
		return text.T(ctx, "None out of hours.")
	}
	return text.N(ctx, n, "One out of hours.", "%d out of hours.")
}

func decidedWords(ctx context.Context, l *load) string {
	s := text.T(ctx, "All without an action.")
	if l.Acted28 > 0 {
		s = text.N(ctx, l.Acted28, "One with an action.", "%d with an action.")
	}
	return s + " " + text.T(ctx, "From alert to decision: median %s.", waited(ctx, l.ToDecide))
}

func takeSuggestion(ctx context.Context, how alerts.How) string {
	if how == alerts.ByLeaving {
		return text.T(ctx, "Take the rule away")
	}
	return text.T(ctx, "Take the quieter one")
}

func (v *limitsView) follows(k thresholds.Condition) bool {
	if v.Set == nil {
		return false
	}
	for _, have := range v.Set.Conditions {
		if have == k {
			return true
		}
	}
	return false
}

func (v *limitsView) responsible() string {
	if v.Followed != nil {
		return v.Followed.Responsible
	}
	return v.Me
}

func (v *limitsView) deputy() string {
	if v.Followed != nil {
		return v.Followed.Deputy
	}
	return ""
}

func conditionID(i int) string { return "condition-" + strconv.Itoa(i) }

func (v *ruleView) title(ctx context.Context) string {
	if v.New {
		return text.T(ctx, "Add a threshold")
	}
	return text.T(ctx, "Change a threshold")
}

func (v *ruleView) countHint(ctx context.Context) string {
	if v.Rule.Kind == thresholds.Mean {
		return text.T(ctx, "So many readings, before the average says anything.")
	}
	return text.T(ctx, "So many days with a reading, on both sides.")
}

func measureChoices(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, m := range show.Offered {
		out = append(out, ui.Option{Value: string(m), Label: show.Label(ctx, m)})
	}
	return out
}

func kindChoices(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, k := range kindsOfRule {
		out = append(out, ui.Option{Value: string(k), Label: kindOfRule(ctx, k)})
	}
	return out
}

func severityChoices(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, s := range []thresholds.Severity{thresholds.Urgent, thresholds.Attention, thresholds.Info} {
		out = append(out, ui.Option{Value: string(s), Label: severityWord(ctx, s)})
	}
	return out
}
