package care

import (
	"context"
	"slices"
	"time"

	"github.com/a-h/templ"

	"github.com/mitral-health/mitral/clinical/internal/alerts"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/thresholds"
	"github.com/mitral-health/mitral/ui/text"
)

// alertView is an alert with the rule that raised it, as the rule is now.
type alertView struct {
	alerts.Alert
	Rule  *thresholds.Rule // nil: taken away since
	SetBy string
	SetAt time.Time
}

// fillAlerts parts the open from the closed, and finds the rules of the open ones.
func (c *Care) fillAlerts(ctx context.Context, t *records.Tx, all []alerts.Alert, view *patientView, refs *[]string) error {
	var versions []*thresholds.Set
	for _, a := range all {
		for _, s := range a.Steps {
			*refs = append(*refs, s.By, s.To)
		}
		if a.Status == alerts.Closed {
			view.Past = append(view.Past, a)
			continue
		}
		one := alertView{Alert: a}
		if view.Set != nil {
			if one.Rule = view.Set.Rule(a.First.Rule); one.Rule != nil {
				if versions == nil {
					var err error
					if versions, err = c.versions(ctx, t, view.Set); err != nil {
						return err
					}
				}
				set := setBy(versions, one.Rule)
				one.SetBy, one.SetAt = set.Author, set.Since
				*refs = append(*refs, set.Author)
			}
		}
		view.Open = append(view.Open, one)
	}
	slices.SortStableFunc(view.Open, func(a, b alertView) int {
		if wa, wb := working(&a.Alert), working(&b.Alert); wa != wb {
			return first(wa)
		}
		if a.Latest.Severity != b.Latest.Severity {
			return first(a.Latest.Severity == thresholds.Urgent || b.Latest.Severity == thresholds.Info)
		}
		return a.Waiting().Compare(b.Waiting())
	})
	return nil
}

func first(is bool) int {
	if is {
		return -1
	}
	return 1
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
