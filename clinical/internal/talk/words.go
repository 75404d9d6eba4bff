package talk

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/mitral-health/mitral/ui"
	"github.com/mitral-health/mitral/ui/text"
)

// What the templates ask for.

// tel is the address by which a phone dials a number.
func tel(number string) templ.SafeURL {
	return templ.SafeURL("tel:" + strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '+' {
			return r
		}
		return -1
	}, number))
}

// who is the name above a message.
func (v *thread) who(ctx context.Context, s said) string {
	switch {
	case v.mine(s) && v.forPatient(s):
		return text.T(ctx, "You, for %s", given(v.Name))
	case v.mine(s):
		return text.T(ctx, "You")
	case v.forPatient(s):
		return text.T(ctx, "%s, for %s", first(s.Name, text.T(ctx, "Somebody")), given(v.Name))
	case s.Side == home:
		return v.Name
	}
	return first(s.Name, text.T(ctx, "Your team"))
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// readBy is who of the other side has read a message first, with the day if it is another than the message's.
func (v *thread) readBy(ctx context.Context, s said) string {
	if len(s.Read) == 0 {
		return ""
	}
	m := s.Read[0]
	if m.Reader == v.Ref {
		return text.T(ctx, "Read by you, %s", moment(ctx, m.At, s.At))
	}
	return text.T(ctx, "Read by %s, %s", given(m.Name), moment(ctx, m.At, s.At))
}

// moment is a time of day, with the day of the week or the date where that is another than than's.
func moment(ctx context.Context, at, than time.Time) string {
	zone := text.Zone(ctx)
	a, b := at.In(zone), than.In(zone)
	if a.YearDay() == b.YearDay() && a.Year() == b.Year() {
		return text.Time(ctx, at)
	}
	if at.Sub(than) < 6*24*time.Hour {
		return text.Weekday(ctx, a.Weekday()) + " " + text.Time(ctx, at)
	}
	return strconv.Itoa(a.Day()) + " " + text.ShortMonth(ctx, at) + ", " + text.Time(ctx, at)
}

// reads reports whether it matters who looks whether a message was read: on the team's page, those of the team.
func (v *thread) reads(s said) bool { return s.Side == sideOf(v.Ref) && len(s.Read) > 0 }

func (v *thread) path(ctx context.Context, rest string) string {
	if v.Team {
		return "/care/" + v.Patient + "/messages" + rest
	}
	return ui.AppPath(ctx, "/messages"+rest)
}

func (v *thread) older(ctx context.Context) templ.SafeURL {
	return templ.URL(v.path(ctx, "?before="+url.QueryEscape(v.Older)))
}

func (v *thread) fileURL(ctx context.Context, f File) string {
	return v.path(ctx, "/files/"+f.ID)
}

// title is the heading of the patient's page: who answers, if that is one person.
func (v *thread) title() string {
	if v.Followed != nil && v.Names[v.Followed.Responsible] != "" {
		return v.Names[v.Followed.Responsible]
	}
	return ""
}

// with is who else does.
func (v *thread) with() string {
	if v.Followed != nil && v.Followed.Deputy != v.Followed.Responsible {
		return v.Names[v.Followed.Deputy]
	}
	return ""
}

// away says who is not there, and who answers instead.
func (v *thread) away(ctx context.Context) string {
	who := v.Names[v.Away.Practitioner]
	if v.Away.Practitioner == v.Ref {
		return text.T(ctx, "You are away until %s. %s answers for you.", text.DateTime(ctx, v.Away.Until), v.Names[v.Away.StandIn])
	}
	return text.T(ctx, "%s is away until %s. %s answers instead.", who, text.DateTime(ctx, v.Away.Until), v.Names[v.Away.StandIn])
}

// paragraphs are the words of a message.
func paragraphs(s string) []string { return strings.Split(s, "\n\n") }

func kilobytes(ctx context.Context, n int64) string {
	if n >= 1<<20 {
		return text.Number(ctx, int(n>>20)) + " MB"
	}
	return text.Number(ctx, max(1, int(n>>10))) + " kB"
}

// stretches are the marks of a text that reads like danger.
func (k *danger) stretches(s string) (out []ui.Mark) {
	where, _ := k.find(s)
	for _, w := range where {
		out = append(out, ui.Mark{Start: w.from, End: w.to, Severity: "urgent"})
	}
	return out
}

// rounded is how long something has waited, as exactly as it matters.
func rounded(d time.Duration) time.Duration {
	if d < time.Hour {
		return max(d, time.Minute)
	}
	return d.Round(time.Hour)
}

// asker is who asked, in the inbox.
func (w waits) asker(ctx context.Context) string {
	if w.For {
		return text.T(ctx, "%s, for %s", first(w.By, text.T(ctx, "Somebody")), given(w.Name))
	}
	return ""
}

func (v *inbox) answers(ctx context.Context, w waits) string {
	name := v.Names[w.Answers]
	switch {
	case w.Answers == "" || name == "":
		return ""
	case w.Instead != "" && w.Answers == v.Ref:
		return text.T(ctx, "For you, instead of %s", w.Instead)
	case w.Instead != "":
		return text.T(ctx, "For %s, instead of %s", name, w.Instead)
	case w.Answers == v.Ref:
		return text.T(ctx, "For you")
	}
	return text.T(ctx, "For %s", name)
}
