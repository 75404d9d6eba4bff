package care

import (
	"context"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/alerts"
	"github.com/mitral-health/mitral/clinical/internal/plans"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/show"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
	"github.com/mitral-health/mitral/ui"
	"github.com/mitral-health/mitral/ui/text"
)

// news is something that the team did and the patient is told of: a decision about what they measured, or a goal.
type news struct {
	At      time.Time
	Measure vitals.Measure
	Goal    bool
	Who     string // the name of who decided
	Action  alerts.Action
	Reason  string
}

const (
	newsReach = 7 * 24 * time.Hour
	newsMost  = 3
)

// decisions are those since a time, newest first, at most most. The page shows DetectedIssue.
func (c *Care) decisions(ctx context.Context, t *records.Tx, page *records.Shown, patient string, since time.Time, most int) (all []news, err error) {
	decided, err := c.Triage.Decided(ctx, page, patient, since, most)
	if err != nil || len(decided) == 0 {
		return nil, err
	}
	var refs []string
	for i := range decided {
		if s := decided[i].Decision(); s != nil && s.At.After(since) {
			all = append(all, news{At: s.At, Measure: decided[i].First.Measure, Who: s.By, Action: s.Action, Reason: s.Reason})
			refs = append(refs, s.By)
		}
	}
	named, err := c.staffNames(ctx, t, refs...)
	for i := range all {
		all[i].Who = named[all[i].Who]
	}
	return all, err
}

func (n *news) icon() string {
	switch {
	case n.Goal:
		return "flag"
	case n.Action == alerts.SendMessage:
		return "message-circle"
	case n.Action == alerts.CallNow:
		return "phone"
	}
	return "stethoscope"
}

// words tell the patient, with the reason that was given.
func (n *news) words(ctx context.Context) string {
	what := show.Label(ctx, n.Measure)
	if n.Goal {
		return text.T(ctx, "%s: your goal is new.", what)
	}
	who := n.Who
	if who == "" {
		who = text.T(ctx, "Your team")
	}
	var s string
	switch n.Action {
	case alerts.SendMessage:
		s = text.T(ctx, "%s: %s looked at it and wrote to you.", what, who)
	case alerts.MakeTask:
		s = text.T(ctx, "%s: %s looked at it and asked a colleague.", what, who)
	case alerts.ChangePlan:
		s = text.T(ctx, "%s: %s looked at it and changes your plan.", what, who)
	case alerts.ChangeThreshold:
		s = text.T(ctx, "%s: %s looked at it and set anew when your team is told.", what, who)
	case alerts.CallNow:
		s = text.T(ctx, "%s: %s looked at it and called you.", what, who)
	default:
		s = text.T(ctx, "%s: %s looked at it. Nothing needs to change.", what, who)
	}
	if n.Reason != "" {
		s += " " + text.T(ctx, "“%s”", n.Reason)
	}
	return s
}

// face is whose day it is.
func (v *todayView) face(ctx context.Context) string {
	if name := ui.ActingFor(ctx); name != "" {
		return name
	}
	return v.Whole
}

func (v *todayView) dueTitle(ctx context.Context) string {
	if len(v.Todos) > 0 {
		return text.T(ctx, "Today")
	}
	return text.T(ctx, "To measure today")
}

// todoWord is the button of something that the plan asks for.
func todoWord(ctx context.Context, d plans.Todo) string {
	switch d.Kind {
	case plans.Measure:
		return text.T(ctx, "Measure")
	case plans.Questions:
		return text.T(ctx, "Answer")
	case plans.Reading:
		return text.T(ctx, "Read")
	}
	return text.T(ctx, "Begin")
}
