package care

import (
	"context"
	"net/url"
	"strconv"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/alerts"
	"github.com/mitral-health/mitral/clinical/internal/door"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/thresholds"
	"github.com/mitral-health/mitral/clinical/internal/triage"
	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/ui/text"
)

// line is one person on the list, with the name of whose they are.
type line struct {
	triage.Line
	OwnerName string
	Now       time.Time
}

// queueView is the list of who needs somebody.
type queueView struct {
	triage.Page
	Wait, Rest []line // who waits; who is being looked after, or was settled and is not closed
	Mine       bool
	Who        string // what was asked for: "mine", "all" or ""
	Chosen     string // the patient beside it
	Now        time.Time
	Mark       string // of the live feed, before the list was read
	All        bool   // everybody who waits is on this page, so that they can be counted
}

// query is what carries the choice of whose list on.
func (v *queueView) query() string {
	if v.Who == "" {
		return ""
	}
	return "?who=" + v.Who
}

func (v *queueView) whose() string {
	if v.Mine {
		return "mine"
	}
	return "all"
}

func (v *queueView) next() string {
	return "/care?" + url.Values{"after": {v.Next}, "who": {v.whose()}}.Encode()
}

const queueCount = 100

// queue reads the list. Who hasn't chosen sees their own, if they follow anybody.
func (c *Care) queue(v *door.Visit, who, after string) (*queueView, error) {
	view := &queueView{Who: who, Mine: who != "all", Now: c.Clock.Now(), Mark: c.live.mark()}
	ask := triage.Query{After: after, Count: queueCount}
	var err error
	if view.Mine {
		ask.Mine = v.Ref
	}
	view.Page, err = c.Triage.List(v.Ctx(), v.Ask, ask)
	if err == nil && who == "" && view.Followed == 0 && len(view.Lines) == 0 && after == "" {
		view.Mine, ask.Mine = false, ""
		view.Page, err = c.Triage.List(v.Ctx(), v.Ask, ask)
	}
	if err != nil {
		return nil, err
	}
	var refs []string
	for i := range view.Lines {
		refs = append(refs, view.Lines[i].Owner)
	}
	var named map[string]string
	err = c.Records.Look(v.Ctx(), v.Ask, func(t *records.Tx) (err error) {
		named, err = c.staffNames(v.Ctx(), t, refs...)
		return err
	})
	view.All = after == "" && view.Next == ""
	for _, l := range view.Lines {
		one := line{l, named[l.Owner], view.Now}
		switch {
		case l.Severity != "":
			view.Wait = append(view.Wait, one)
			continue
		case l.Settled:
			view.Rest = append(view.Rest, one)
		}
		view.All = after == "" // the list has come to those for whom nothing waits
	}
	return view, err
}

func (c *Care) list(v *door.Visit) error {
	q, err := web.Query(v.R)
	if err != nil {
		return err
	}
	view, err := c.queue(v, q.Get("who"), q.Get("after"))
	if err != nil {
		return err
	}
	return web.Render(v.W, v.R, queuePage(view))
}

// today is how many need somebody today.
func (v *queueView) today() int { return v.Urgent + v.Today }

func (v *queueView) headline(ctx context.Context) string {
	n := v.today()
	if n == 0 {
		return text.T(ctx, "Nobody needs you right now")
	}
	return text.N(ctx, n, "One person needs you today", "%d people need you today")
}

// others says how the rest are.
func (v *queueView) others(ctx context.Context) string {
	rest := max(0, v.Followed-v.today()-v.Week)
	var s string
	if v.Week > 0 {
		s = text.N(ctx, v.Week, "One more can wait for a day of this week.", "%d more can wait for a day of this week.") + " "
	}
	switch {
	case v.Followed == 0:
		return s + text.T(ctx, "Nobody is followed yet. You begin on a patient’s page.")
	case rest == 0:
		return s
	case v.Mine:
		return s + text.N(ctx, rest, "The other one you follow is as expected.", "The other %d you follow are as expected.")
	}
	return s + text.N(ctx, rest, "The other one whom the team follows is as expected.", "The other %d whom the team follows are as expected.")
}

// working says that somebody has to act on the alert.
func working(a *alerts.Alert) bool {
	return a != nil && (a.Status == alerts.Raised || a.Status == alerts.Acknowledged)
}

// chip is how soon, or how far it has got.
func (l *line) chip(ctx context.Context) (kind, icon, word string) {
	if l.Severity != "" {
		kind, icon = severityChip(l.Severity)
		return kind, icon, severityWord(ctx, l.Severity)
	}
	if l.Alert != nil && l.Alert.Status == alerts.Snoozed {
		return "plain", "moon", text.T(ctx, "Later")
	}
	return "good", "circle-check", text.T(ctx, "Decided")
}

// edge is the class of a line's edge.
func (l *line) edge() string {
	switch l.Severity {
	case thresholds.Urgent:
		return "sev-urgent"
	case thresholds.Attention:
		return "sev-soon"
	case thresholds.Info:
		return "sev-watch"
	}
	return "sev-calm"
}

// rank sorts as the list does: the most severe first.
func (l *line) rank() string {
	switch l.Severity {
	case thresholds.Urgent:
		return "3"
	case thresholds.Attention:
		return "2"
	case thresholds.Info:
		return "1"
	}
	return "0"
}

// why is what the line says.
func (l *line) why(ctx context.Context) string {
	s := ""
	if working(l.Alert) {
		s = why(ctx, &l.Alert.Latest, l.Now)
		if l.More > 0 {
			s += " " + text.N(ctx, l.More, "One more alert.", "%d more alerts.")
		}
	}
	if l.Message != nil {
		s += space(waitWord(ctx, l.Message))
	}
	switch {
	case s != "" || l.Alert == nil:
		return s
	case l.Alert.Status == alerts.Snoozed:
		return headline(ctx, &l.Alert.Latest, nil, l.Now) + ". " + text.T(ctx, "Put off until %s.", soon(ctx, l.Alert.Until, l.Now))
	}
	if d := l.Alert.Decision(); d != nil {
		s = decidedWord(ctx, d.Action) + ". "
	}
	return headline(ctx, &l.Alert.Latest, nil, l.Now) + ". " + s + text.T(ctx, "Close the alert?")
}

// waitWord is what waits besides an alert.
func waitWord(ctx context.Context, w *triage.Waiting) string {
	switch w.Kind {
	case "message":
		if w.Severity == thresholds.Urgent {
			return text.T(ctx, "Wrote what may be urgent.")
		}
		return text.T(ctx, "Wrote a message.")
	case "questionnaire":
		return text.T(ctx, "Answered a check-in that asks for a look.")
	case "task":
		return text.T(ctx, "A task for the team is open.")
	case "consent":
		return text.T(ctx, "Changed what they agree to.")
	}
	return text.T(ctx, "Something else waits.")
}

// whose is who has it.
func (l *line) whose(ctx context.Context) string {
	switch {
	case l.OwnerName == "":
		return ""
	case l.Alert != nil && l.Alert.Status == alerts.Acknowledged && l.Alert.Owner == l.Owner:
		return text.T(ctx, "%s is on it", l.OwnerName)
	}
	return text.T(ctx, "For %s", l.OwnerName)
}

// waits is how long; of what nobody has to act on, how long the alert is open.
func (l *line) waits(ctx context.Context) string {
	switch {
	case l.Severity != "" && !l.Waits.IsZero():
		return text.T(ctx, "waits %s", waited(ctx, l.Now.Sub(l.Waits)))
	case l.Alert != nil && len(l.Alert.Steps) > 0:
		return text.T(ctx, "open %s", waited(ctx, l.Now.Sub(l.Alert.Steps[0].At)))
	}
	return ""
}

// waited is a time of waiting in one unit: minutes, from an hour hours, from two days days.
func waited(ctx context.Context, d time.Duration) string {
	unit := time.Minute
	switch {
	case d >= 48*time.Hour:
		unit = 24 * time.Hour
	case d >= time.Hour:
		unit = time.Hour
	}
	return text.Span(ctx, max(time.Minute, d.Truncate(unit)))
}

func unix(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return strconv.FormatInt(t.Unix(), 10)
}
