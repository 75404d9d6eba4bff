package triage

import (
	"context"
	"encoding/base64"
	"errors"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/alerts"
	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/thresholds"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
)

// Line is one patient on the list.
type Line struct {
	Patient     string // logical id
	Name        string
	Born        time.Time           // zero if it isn't known
	Severity    thresholds.Severity // of the most pressing thing that waits; "" if nothing does
	Waits       time.Time           // since when it has waited; zero if nothing does
	Settled     bool                // nothing waits, but an alert is open: it was decided or put off
	Alert       *alerts.Alert       // the most pressing open one; nil without
	More        int                 // other open alerts
	Message     *Waiting            // what else waits, the most pressing; nil without
	Messages    int                 // how many such wait
	Owner       string              // who has the alert: who took it, else who it was escalated to, else Responsible
	Responsible string              // "Practitioner/x"
	Deputy      string              // "Practitioner/x" or ""
	Followed    bool                // false: only on the list because something waits
	Paused      bool                // the patient doesn't allow to be followed at present
	Last        *vitals.Reading     // the newest reading since they are followed: Measure, Values, Has, Order; nil without
}

// Age is how old somebody is in years, -1 if it isn't known.
func (l *Line) Age(now time.Time) int {
	if l.Born.IsZero() {
		return -1
	}
	years := now.Year() - l.Born.Year()
	if now.Month() < l.Born.Month() || now.Month() == l.Born.Month() && now.Day() < l.Born.Day() {
		years--
	}
	return years
}

// Query is which part of the list is wanted.
type Query struct {
	Mine  string // a Practitioner's reference: what is theirs, and of those for whom they stand in; "" is everybody's
	After string // Page.Next of the page before
	Count int    // 0 is 50; 200 at most
}

// Page is a part of the list: what waits first, the most severe first, of these what has waited longest; then what is
// settled, then everybody else by name.
type Page struct {
	Lines    []Line
	Urgent   int // patients for whom something urgent waits
	Today    int // something that needs attention
	Week     int // something to know
	Settled  int
	Followed int    // all on the list
	Next     string // "" on the last page
}

// place is where a line is on the list.
type place struct {
	rank, waits   int64
	sort, patient string
}

func (p place) String() string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(p.rank, 10) + " " + strconv.FormatInt(p.waits, 10) + " " + p.patient + " " + p.sort))
}

func parsePlace(s string) (place, error) {
	if s == "" {
		return place{rank: -1}, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(s)
	parts := strings.SplitN(string(b), " ", 4)
	if err != nil || len(parts) != 4 {
		return place{}, errPage()
	}
	rank, err := strconv.ParseInt(parts[0], 10, 64)
	if err != nil {
		return place{}, errPage()
	}
	waits, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil {
		return place{}, errPage()
	}
	return place{rank, waits, parts[3], parts[2]}, nil
}

func errPage() error {
	return fault.New(fault.Invalid, "This link to a further page is broken. Start again from the first page.")
}

func before(a, b place) int {
	switch {
	case a.rank != b.rank:
		return int(a.rank - b.rank)
	case a.waits != b.waits:
		if a.waits < b.waits {
			return -1
		}
		return 1
	case a.sort != b.sort:
		return strings.Compare(a.sort, b.sort)
	}
	return strings.Compare(a.patient, b.patient)
}

// mayList is nil for who may read everybody's alerts; for others there is no list.
func mayList(t *records.Tx) error {
	d := access.Decide(t.Ask().Who, t.Ask().Purpose, access.Search, "DetectedIssue")
	if !d.Allow || d.Patient != "" || d.Where != nil || d.Shared {
		t.Note(access.Operation, "triage", "", "", "policy")
		return outcome.Absent()
	}
	t.Note(access.Operation, "triage", "", "", "")
	return nil
}

// List returns a part of the list, to who may read everybody's alerts. It is one entry of the audit trail, which
// names no patient: opening one's record does.
func (g *Triage) List(ctx context.Context, ask records.Ask, q Query) (p Page, err error) {
	after, err := parsePlace(q.After)
	if err != nil {
		return Page{}, err
	}
	if q.Count <= 0 {
		q.Count = 50
	}
	q.Count = min(q.Count, 200)
	err = g.Records.Look(ctx, ask, func(t *records.Tx) error {
		p = Page{}
		if err := mayList(t); err != nil {
			return err
		}
		seen := []string{""}
		if q.Mine != "" {
			if seen, err = g.standsFor(ctx, t.Beside(), q.Mine); err != nil {
				return err
			}
		}
		if err := p.count(ctx, t.Beside(), seen); err != nil {
			return err
		}
		return g.lines(ctx, t.Beside(), &p, seen, after, q.Count)
	})
	return p, err
}

// count counts by rank who is on these views.
func (p *Page) count(ctx context.Context, tx db.Tx, seen []string) error {
	query, args := `SELECT rank, COUNT(*) FROM triage_line WHERE view = $1 GROUP BY rank`, []any{seen[0]}
	if len(seen) > 1 {
		marks := make([]string, len(seen))
		args = nil
		for i, v := range seen {
			marks[i], args = "$"+strconv.Itoa(i+1), append(args, v)
		}
		query = `SELECT rank, COUNT(DISTINCT patient) FROM triage_line WHERE view IN (` + strings.Join(marks, ", ") + `) GROUP BY rank`
	}
	return db.Each(ctx, tx, query, args, func(r db.Row) error {
		var rank int64
		var n int
		err := r.Scan(&rank, &n)
		p.Followed += n
		switch rank {
		case urgent:
			p.Urgent = n
		case attention:
			p.Today = n
		case info:
			p.Week = n
		case settled:
			p.Settled = n
		}
		return err
	})
}

const lineColumns = `p.patient, p.name, p.sort, p.born, p.followed, p.paused, p.since, p.responsible, p.deputy, p.team, p.basic, p.stamp, p.open, p.rank, p.waits, p.views, p.head,
	p.messages, p.message_kind, p.message_ref, p.message_rank, p.message_since, p.last_at, p.last_measure, p.last_has, p.last_first, p.last_second, p.changed, COALESCE(a.body, '')`

// lines reads the page's lines: those of several views are in one order, and each patient once.
func (g *Triage) lines(ctx context.Context, tx db.Tx, p *Page, seen []string, after place, count int) error {
	type found struct {
		place
		line Line
	}
	var all []found
	for _, view := range seen {
		err := db.Each(ctx, tx, `SELECT l.rank, l.waits, l.sort, l.patient, `+lineColumns+` FROM triage_line l JOIN triage_patient p ON p.patient = l.patient
			LEFT JOIN triage_alert a ON a.id = p.head WHERE l.view = $1 AND (l.rank, l.waits, l.sort, l.patient) > ($2, $3, $4, $5)
			ORDER BY l.rank, l.waits, l.sort, l.patient LIMIT $6`, []any{view, after.rank, after.waits, after.sort, after.patient, count + 1}, func(s db.Row) error {
			var f found
			var r row
			var body string
			if err := s.Scan(append([]any{&f.rank, &f.waits, &f.sort, &f.place.patient}, append(r.fields(), &body)...)...); err != nil {
				return err
			}
			f.line = g.line(&r, body)
			all = append(all, f)
			return nil
		})
		if err != nil {
			return err
		}
	}
	if len(seen) > 1 {
		slices.SortFunc(all, func(a, b found) int { return before(a.place, b.place) })
		all = slices.CompactFunc(all, func(a, b found) bool { return a.place == b.place })
	}
	if len(all) > count {
		p.Next = all[count-1].String()
		all = all[:count]
	}
	for i := range all {
		p.Lines = append(p.Lines, all[i].line)
	}
	return nil
}

// line makes a line of a row and the text of its most pressing alert.
func (g *Triage) line(r *row, body string) Line {
	l := Line{Patient: r.patient, Name: r.name, Severity: severityOf(r.rank), Settled: r.rank == settled, Messages: int(r.messages), Owner: r.responsible,
		Responsible: r.responsible, Deputy: r.deputy, Followed: r.followed, Paused: r.paused, Last: r.last(), More: max(0, int(r.open)-1)}
	for _, layout := range []string{time.DateOnly, "2006-01", "2006"} {
		if at, err := time.Parse(layout, r.born); err == nil {
			l.Born = at
			break
		}
	}
	if r.rank < calm {
		l.Waits = db.FromMicros(r.waits)
	}
	if r.messages > 0 {
		l.Message = &Waiting{r.patient, r.messageKind, r.messageRef, severityOf(r.messageRank), db.FromMicros(r.messageSince)}
	}
	if body == "" {
		return l
	}
	a := g.alerts.get(body)
	if a == nil {
		var err error
		if a, err = decode(body); err != nil {
			g.Log.Error("an alert can't be read", slog.String("alert", r.head), slog.Any("error", err))
			return l
		}
		g.alerts.put(body, a)
	}
	mine := *a // its Steps are only added to, in a copy
	l.Alert = &mine
	switch {
	case a.Owner != "":
		l.Owner = a.Owner
	case a.Deputy != "":
		l.Owner = a.Deputy
	}
	return l
}

// Line returns one patient's line as it is now, nil if they are not on the list: to renew it after a Change.
func (g *Triage) Line(ctx context.Context, ask records.Ask, patient string) (out *Line, err error) {
	err = g.Records.Look(ctx, ask, func(t *records.Tx) error {
		out = nil
		if err := mayList(t); err != nil {
			return err
		}
		var r row
		var body string
		err := t.Beside().QueryRow(ctx, `SELECT `+lineColumns+` FROM triage_patient p LEFT JOIN triage_alert a ON a.id = p.head WHERE p.patient = $1`, patient).
			Scan(append(r.fields(), &body)...)
		if errors.Is(err, db.ErrNoRows) || err == nil && !r.followed && r.rank == calm {
			return nil
		}
		if err == nil {
			l := g.line(&r, body)
			out = &l
		}
		return err
	})
	return out, err
}
