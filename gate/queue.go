package gate

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/mitral-health/mitral/gate/ledger"
	"github.com/mitral-health/mitral/gate/review"
	"github.com/mitral-health/mitral/gate/scan"
	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/id"
	"github.com/mitral-health/mitral/platform/page"
)

// Queued is one line of the reviewers' queue.
type Queued struct {
	ID       string
	Title    string
	Author   string // as colleagues know them
	Kind     string
	State    State
	Sampled  bool
	Verdict  scan.Severity
	Version  int
	At       time.Time
	Deadline time.Time // zero for a sample
	Soon     bool      // half of the time is gone
	Holder   string    // the name of who is on it, "" for nobody
	Mine     bool      // it is the viewer who is on it

	place page.Cursor
}

// Queue is what waits for one reviewer, the most pressing first; samples, which have no deadline,
// last.
type Queue struct {
	page.Of[Queued]
	Waiting int // of all pages
	Own     int // the viewer's own texts that wait; they are not in the list
}

// visible narrows the queue to what a person could decide: nothing of their own, and escalated items
// only for privacy officers. $1 is the person's social subject.
func visible(who review.Who) string {
	if who.Officer {
		return `waiting = TRUE AND author <> $1`
	}
	return `waiting = TRUE AND author <> $1 AND state <> 'escalated'`
}

// Queue lists what waits for this reviewer.
func (g *Gate) Queue(ctx context.Context, p *identity.Principal, after page.Cursor, n int) (Queue, error) {
	who := review.Of(p)
	if !who.Reviewer && !who.Officer {
		return Queue{}, review.ErrRole
	}
	now := g.clock.Now()
	var q Queue
	err := g.store.Read(ctx, func(tx db.Tx) error {
		var rows []*submission
		args := []any{who.Social.String()}
		query := `SELECT ` + submissionColumns + ` FROM submissions WHERE ` + visible(who)
		if !after.IsZero() {
			args = append(args, db.Micros(after.At), after.ID)
			query += ` AND (queue_at > $2 OR queue_at = $2 AND id > $3)`
		}
		args = append(args, n+1)
		query += ` ORDER BY queue_at, id LIMIT $` + strconv.Itoa(len(args))
		err := db.Each(ctx, tx, query, args, func(row db.Row) error {
			s, err := scanSubmission(row)
			rows = append(rows, s)
			return err
		})
		if err != nil {
			return err
		}
		holders := make([]identity.Subject, len(rows))
		for i, s := range rows {
			holders[i] = s.Holder
		}
		called, err := names(ctx, tx, holders...)
		if err != nil {
			return err
		}
		items := make([]Queued, len(rows))
		for i, s := range rows {
			items[i] = Queued{ID: s.id.String(), Title: s.title, Author: s.draft.Author.Name, Kind: s.draft.Kind, State: s.State,
				Sampled: s.Sampled, Verdict: s.verdict, Version: s.version, At: s.at, Deadline: s.Deadline, Soon: s.isSoon(now),
				Holder: called[s.Holder], Mine: s.Holder == who.Gate, place: page.Cursor{At: db.FromMicros(s.queueAt()), ID: s.id.String()}}
			if s.Sampled {
				items[i].Deadline = time.Time{}
			}
			if !s.Holder.IsZero() && !now.Before(s.Claimed.Add(g.claimFor)) {
				items[i].Holder, items[i].Mine = "", false // their time is up
			}
		}
		q.Of = page.Cut(items, n, func(it Queued) page.Cursor { return it.place })
		if q.Waiting, err = count(ctx, tx, who); err != nil {
			return err
		}
		return tx.QueryRow(ctx, `SELECT COUNT(*) FROM submissions WHERE waiting = TRUE AND author = $1 AND sampled = FALSE`, who.Social.String()).Scan(&q.Own)
	})
	return q, err
}

func (s *submission) isSoon(now time.Time) bool { return s.State.Waits() && !now.Before(s.soon) }

func count(ctx context.Context, tx db.Tx, who review.Who) (n int, err error) {
	err = tx.QueryRow(ctx, `SELECT COUNT(*) FROM submissions WHERE `+visible(who), who.Social.String()).Scan(&n)
	return n, err
}

// Waiting returns how many texts wait for this person; 0 for who reviews nothing.
func (g *Gate) Waiting(ctx context.Context, p *identity.Principal) (n int, err error) {
	who := review.Of(p)
	if !who.Reviewer && !who.Officer {
		return 0, nil
	}
	err = g.store.Read(ctx, func(tx db.Tx) error { n, err = count(ctx, tx, who); return err })
	return n, err
}

// Item is one submission as a reviewer sees it.
type Item struct {
	Queued
	Draft      Draft
	Findings   []Finding
	Pack       string
	Attested   bool
	Revision   int
	Own        bool // the viewer wrote it: they may read, not decide
	May        map[review.Act]bool
	ClaimEnds  time.Time // when a claim of somebody else stops keeping others out
	Before     *Draft    // the version before this one; nil for the first
	Moves      []Move
	Comment    string
	Suggestion []Field
}

// Move is one line of an item's history.
type Move struct {
	At      time.Time
	By      string // "" is Mitral itself
	Act     string // an act of package ledger
	Comment string
}

// lookAgain is how long one look lasts: within it, reloading the page is not another one.
const lookAgain = 10 * time.Minute

// Look opens an item for a reviewer, and the ledger says that they looked. If that can't be written,
// the item is not shown.
func (g *Gate) Look(ctx context.Context, p *identity.Principal, submissionID string) (Item, error) {
	who := review.Of(p)
	if !who.Reviewer && !who.Officer {
		return Item{}, review.ErrRole
	}
	sid, err := id.Parse[Submission](submissionID)
	if err != nil || sid.IsZero() {
		return Item{}, errNoItem
	}
	now := g.clock.Now()
	seen := false
	var item Item
	err = g.store.Read(ctx, func(tx db.Tx) error {
		s, err := find(ctx, tx, sid)
		if err != nil {
			return err
		}
		if item, err = g.view(ctx, tx, s, who, now); err != nil {
			return err
		}
		var n int
		err = tx.QueryRow(ctx, `SELECT COUNT(*) FROM moves WHERE submission = $1 AND actor = $2 AND act = $3 AND at > $4`,
			sid, who.Gate, ledger.Looked, db.Micros(now.Add(-lookAgain))).Scan(&n)
		seen = n > 0
		return err
	})
	if errors.Is(err, db.ErrNoRows) {
		return Item{}, errNoItem
	}
	if err != nil || seen {
		return item, g.down(err)
	}
	err = g.store.Write(ctx, func(tx db.Tx) error {
		s, err := find(ctx, tx, sid)
		if err != nil {
			return err
		}
		if err := remember(ctx, tx, who.Gate, p.Name); err != nil {
			return err
		}
		if err := move(ctx, tx, s, now, who.Gate, ledger.Looked, ""); err != nil {
			return err
		}
		return ledger.Record(ctx, tx, now, who.Gate.String(), ledger.Looked, s.id.String(), map[string]string{"draft": s.draft.ID})
	})
	if err != nil {
		return Item{}, g.down(err)
	}
	return item, nil
}

func (g *Gate) view(ctx context.Context, tx db.Tx, s *submission, who review.Who, now time.Time) (Item, error) {
	it := Item{Draft: s.draft, Findings: s.findings, Pack: s.pack, Attested: s.attested, Revision: s.revision,
		Own: who.Owns(s.Item), May: review.May(s.Item, who, now, g.claimFor), Comment: s.comment, Suggestion: s.suggestion}
	it.Queued = Queued{ID: s.id.String(), Title: s.title, Author: s.draft.Author.Name, Kind: s.draft.Kind, State: s.State, Sampled: s.Sampled,
		Verdict: s.verdict, Version: s.version, At: s.at, Deadline: s.Deadline, Soon: s.isSoon(now), Mine: !s.Holder.IsZero() && s.Holder == who.Gate}
	called, err := names(ctx, tx, s.Holder)
	if err != nil {
		return it, err
	}
	if ends := s.Claimed.Add(g.claimFor); !s.Holder.IsZero() && now.Before(ends) {
		it.Holder, it.ClaimEnds = called[s.Holder], ends
	}
	before, err := scanSubmission(tx.QueryRow(ctx, `SELECT `+submissionColumns+` FROM submissions
		WHERE draft_id = $1 AND version < $2 ORDER BY version DESC, round DESC LIMIT 1`, s.draft.ID, s.version))
	switch {
	case err == nil:
		it.Before = &before.draft
	case !errors.Is(err, db.ErrNoRows):
		return it, err
	}
	it.Moves, err = moves(ctx, tx, s)
	return it, err
}

func moves(ctx context.Context, tx db.Tx, s *submission) ([]Move, error) {
	out, actors := []Move{{At: s.at, Act: ledger.Submitted}}, []identity.Subject{s.Author}
	err := db.Each(ctx, tx, `SELECT at, actor, act, comment FROM moves WHERE submission = $1 ORDER BY n`, []any{s.id}, func(row db.Row) error {
		var m Move
		var at int64
		var actor identity.Subject
		err := row.Scan(&at, &actor, &m.Act, &m.Comment)
		m.At = db.FromMicros(at)
		out, actors = append(out, m), append(actors, actor)
		return err
	})
	if err != nil {
		return nil, err
	}
	called, err := names(ctx, tx, actors...)
	for i := range out {
		out[i].By = called[actors[i]]
	}
	return out, err
}
