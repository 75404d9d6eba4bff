package drafts

import (
	"context"
	"net/http"
	"time"

	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/page"
	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/social/internal/profiles"
	"github.com/mitral-health/mitral/ui/text"
)

// listView is one shelf of drafts.
type listView struct {
	shelf  shelf
	team   bool
	isTeam bool // may see the team's
	counts map[shelf]int
	items  []Draft
	next   string
	voices map[profiles.ID]string
	now    time.Time
}

func (s *Drafts) list(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p := identity.From(ctx)
	q, err := web.Query(r)
	if err != nil {
		return err
	}
	v := listView{shelf: shelf(q.Get("show")), team: q.Get("who") == "team", isTeam: p.Has(identity.Communications), now: s.Clock.Now()}
	switch v.shelf {
	case waiting, planned, public, gone:
	default:
		v.shelf = open
	}
	after, err := page.Parse(q.Get("after"))
	if err != nil {
		return err
	}
	found, err := s.shelfOf(ctx, p, v.shelf, v.team, after)
	if err != nil {
		return err
	}
	v.items = found.Items
	if !found.Next.IsZero() {
		v.next = v.url(v.shelf, v.team) + "&after=" + found.Next.String()
	}
	if v.counts, err = s.counts(ctx, p, v.team); err != nil {
		return err
	}
	if v.voices, err = s.voiceNames(ctx); err != nil {
		return err
	}
	pg := pageOf(text.T(ctx, "Drafts"), "drafts")
	pg.Says = text.T(ctx, "Where colleagues write")
	w.Header().Set("Cache-Control", "no-store")
	return web.Render(w, r, listPage(pg, v))
}

func (s *Drafts) voiceNames(ctx context.Context) (map[profiles.ID]string, error) {
	names := map[profiles.ID]string{}
	err := s.Store.Read(ctx, func(tx db.Tx) error {
		all, err := s.Profiles.All(ctx, tx)
		for _, p := range all {
			names[p.ID] = p.Name.In(text.Lang(ctx))
		}
		return err
	})
	return names, err
}

func (v listView) url(to shelf, team bool) string {
	who := "me"
	if team {
		who = "team"
	}
	return "/drafts?show=" + string(to) + "&who=" + who
}

func (v listView) word(ctx context.Context, s shelf) string {
	switch s {
	case waiting:
		return text.T(ctx, "With a reviewer")
	case planned:
		return text.T(ctx, "Planned")
	case public:
		return text.T(ctx, "Public")
	case gone:
		return text.T(ctx, "Withdrawn")
	}
	return text.T(ctx, "To do")
}

// emptyWords says what an empty shelf means.
func (v listView) emptyWords(ctx context.Context) (title, words string) {
	switch v.shelf {
	case waiting:
		return text.T(ctx, "Nothing waits for a reviewer"), text.T(ctx, "What the gate holds appears here until somebody decides.")
	case planned:
		return text.T(ctx, "Nothing is planned"), text.T(ctx, "Write something and choose “Plan it for later”.")
	case public:
		return text.T(ctx, "Nothing is public yet"), text.T(ctx, "What you publish appears here. You can edit or withdraw it.")
	case gone:
		return text.T(ctx, "Nothing was withdrawn"), ""
	}
	return text.T(ctx, "Your desk is clear"), text.T(ctx, "Drafts appear here, and what comes back from a reviewer.")
}

// calendarView is one month.
type calendarView struct {
	month      time.Time // its first day, in zone
	prev, next string
	weeks      [][]day
	days       []day // those with something in them
	zone       string
	now        time.Time
	voices     map[profiles.ID]string
}

// day is a day of the calendar and what goes out on it.
type day struct {
	at    time.Time
	in    bool // belongs to the month
	today bool
	items []Draft
}

func (s *Drafts) calendar(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	q, err := web.Query(r)
	if err != nil {
		return err
	}
	zone := text.Zone(ctx)
	now := s.Clock.Now().In(zone)
	month := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, zone)
	if m := q.Get("month"); m != "" {
		t, err := time.ParseInLocation("2006-01", m, zone)
		if err != nil || t.Year() < 2000 || t.Year() > 2200 {
			return fault.New(fault.Invalid, "There is no such month.")
		}
		month = t
	}
	v := calendarView{month: month, zone: zoneName(zone.String()), now: now,
		prev: month.AddDate(0, -1, 0).Format("2006-01"), next: month.AddDate(0, 1, 0).Format("2006-01")}
	first := month.AddDate(0, 0, -(int(month.Weekday())+6)%7) // the Monday of the first week
	end := month.AddDate(0, 1, 0)
	items, err := s.between(ctx, identity.From(ctx), first, end.AddDate(0, 0, 7))
	if err != nil {
		return err
	}
	byDay := map[string][]Draft{}
	for _, d := range items {
		key := when(d).In(zone).Format(time.DateOnly)
		byDay[key] = append(byDay[key], d)
	}
	for at := first; at.Before(end); {
		var week []day
		for range 7 {
			d := day{at: at, in: at.Month() == month.Month(), today: at.Format(time.DateOnly) == now.Format(time.DateOnly), items: byDay[at.Format(time.DateOnly)]}
			week = append(week, d)
			if d.in && len(d.items) > 0 {
				v.days = append(v.days, d)
			}
			at = time.Date(at.Year(), at.Month(), at.Day()+1, 0, 0, 0, 0, zone)
		}
		v.weeks = append(v.weeks, week)
	}
	if v.voices, err = s.voiceNames(ctx); err != nil {
		return err
	}
	pg := pageOf(text.T(ctx, "Calendar"), "calendar")
	pg.Says = text.T(ctx, "Where colleagues write")
	w.Header().Set("Cache-Control", "no-store")
	return web.Render(w, r, calendarPage(pg, v))
}

// when is the instant under which the calendar shows a draft.
func when(d Draft) time.Time {
	if d.State == Published {
		return d.Published
	}
	return d.Plan.At
}
