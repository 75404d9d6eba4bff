package gate

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/mitral-health/mitral/gate/ledger"
	"github.com/mitral-health/mitral/gate/review"
	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/id"
	"github.com/mitral-health/mitral/platform/jobs"
)

// MaxComment is how long a reviewer's comment may be, in characters.
const MaxComment = 2000

var (
	errChanged = fault.New(fault.Conflict, "This text changed while you were reading it. Nothing was decided; look at it again.")
	errNoItem  = fault.New(fault.NotFound, "There is no such text at the gate.")
)

// Decision is what a reviewer does with an item.
type Decision struct {
	Submission string
	Revision   int // of the item as the reviewer saw it; another one now is fault.Conflict
	Act        review.Act
	Comment    string
	Suggestion []Field // with SendBack: the reviewer's wording, for the author to take or leave
}

var entries = map[review.Act]string{
	review.Claim: ledger.Claimed, review.Unclaim: ledger.Unclaimed, review.Approve: ledger.Approved,
	review.SendBack: ledger.Returned, review.Reject: ledger.Rejected, review.Escalate: ledger.Escalated,
	review.Fine: ledger.Fine, review.Recall: ledger.Recalled,
}

// Decide does what a reviewer decided: the state, the ledger entry and the message to the source in
// one transaction. The same decision of the same person again changes nothing and is no error.
func (g *Gate) Decide(ctx context.Context, p *identity.Principal, d Decision) (State, error) {
	sid, err := id.Parse[Submission](d.Submission)
	if err != nil || sid.IsZero() {
		return "", errNoItem
	}
	d.Comment = strings.TrimSpace(d.Comment)
	if !utf8.ValidString(d.Comment) || strings.ContainsRune(d.Comment, 0) {
		return "", fault.New(fault.Invalid, "This text holds characters that are not text. Paste it again as plain text.")
	}
	if utf8.RuneCountInString(d.Comment) > MaxComment {
		return "", fault.New(fault.TooLarge, "The comment is too long. The limit is %d characters.", MaxComment)
	}
	var state State
	err = g.store.Write(ctx, func(tx db.Tx) error {
		s, err := find(ctx, tx, sid)
		if err != nil {
			return err
		}
		if again(s, p, d) {
			state = s.State
			return nil
		}
		who := review.Of(p)
		if who.Owns(s.Item) {
			return review.ErrOwn // before anything that would tell more
		}
		if s.revision != d.Revision {
			return errChanged
		}
		now := g.clock.Now()
		before := s.Item
		if s.Item, err = review.Next(s.Item, who, d.Act, d.Comment, now, g.claimFor); err != nil {
			return err
		}
		if s.suggestion, err = wording(s.draft, d); err != nil {
			return err
		}
		if d.Act != review.Claim && d.Act != review.Unclaim {
			s.decider, s.decided, s.comment = who.Gate, now, d.Comment
		}
		if s.State == Escalated && before.State != Escalated {
			g.setDeadline(s, now) // the officer gets a term of their own
			if err := g.expireAt(ctx, tx, s); err != nil {
				return err
			}
		}
		if err := s.update(ctx, tx); err != nil {
			return err
		}
		state = s.State
		return g.recordDecision(ctx, tx, s, p, d, now)
	})
	if errors.Is(err, db.ErrNoRows) {
		return "", errNoItem
	}
	return state, g.down(err)
}

// again reports whether the item already is where this person's decision led: a double click, or a
// form that was sent twice.
func again(s *submission, p *identity.Principal, d Decision) bool {
	if s.revision != d.Revision+1 {
		return false
	}
	me := p.Subject(identity.Gate)
	switch d.Act {
	case review.Claim:
		return s.Holder == me
	case review.Unclaim:
		return s.State == Held && s.Holder.IsZero() && s.decider.IsZero()
	case review.Approve:
		return s.State == Approved && s.decider == me
	case review.SendBack:
		return s.State == Returned && s.decider == me && s.comment == d.Comment
	case review.Reject, review.Recall:
		return s.State == Rejected && s.decider == me && s.comment == d.Comment
	case review.Escalate:
		return s.State == Escalated && s.decider == me && s.comment == d.Comment
	case review.Fine:
		return s.State == Passed && !s.Sampled && s.decider == me
	}
	return false
}

func (g *Gate) recordDecision(ctx context.Context, tx db.Tx, s *submission, p *identity.Principal, d Decision, now time.Time) error {
	me := p.Subject(identity.Gate)
	if err := remember(ctx, tx, me, p.Name); err != nil {
		return err
	}
	if err := move(ctx, tx, s, now, me, entries[d.Act], d.Comment); err != nil {
		return err
	}
	detail := map[string]string{"draft": s.draft.ID, "hash": hex.EncodeToString(s.hash[:]), "state": string(s.State), "pack": s.pack}
	if d.Comment != "" { // bound, not quoted: a comment may repeat what it objects to
		sum := sha256.Sum256([]byte(d.Comment))
		detail["comment_sha256"] = hex.EncodeToString(sum[:])
	}
	if len(s.suggestion) > 0 {
		detail["suggestion"] = "yes"
	}
	if err := ledger.Record(ctx, tx, now, me.String(), entries[d.Act], s.id.String(), detail); err != nil {
		return err
	}
	switch d.Act {
	case review.Approve:
		return g.tell(ctx, tx, releasedJob{s.id.String()})
	case review.SendBack, review.Reject:
		return g.tell(ctx, tx, returnedJob{s.id.String()})
	case review.Recall:
		return g.tell(ctx, tx, withdrawJob{s.id.String()})
	}
	return nil
}

// tell puts a message to the source into the outbox.
func (g *Gate) tell(ctx context.Context, tx db.Tx, a jobs.Args) error {
	if g.queue == nil {
		return ErrDown
	}
	return g.queue.Insert(ctx, tx, a)
}

// wording keeps of a suggestion the fields that exist and differ.
func wording(draft Draft, d Decision) ([]Field, error) {
	if d.Act != review.SendBack {
		return nil, nil
	}
	changed := draft.With(d.Suggestion)
	if err := changed.valid(); err != nil {
		return nil, err
	}
	var out []Field
	for i, f := range changed.Fields {
		if f.Text != draft.Fields[i].Text {
			out = append(out, f)
		}
	}
	return out, nil
}

// With returns the draft with other wording in the fields that are named; names it does not have
// are left out.
func (d Draft) With(fields []Field) Draft {
	out := d
	out.Fields = append([]Field(nil), d.Fields...)
	for i := range out.Fields {
		for _, f := range fields {
			if f.Name == out.Fields[i].Name {
				out.Fields[i].Text = f.Text
			}
		}
	}
	return out
}
