package drafts

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/mitral-health/mitral/gate"
	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/id"
	"github.com/mitral-health/mitral/ui/text"
)

// Comments that the program itself gives to a draft that came back.
var (
	lateApproval = text.Key("It was approved after its time. Post it now, or choose a new time.")
	tooLate      = text.Key("It could not go out at its time and is too late now. Post it, or choose a new time.")
)

// TakeBack stops a text that is on its way, so that its author can change it. A colleague of
// communications may stop it too.
func (s *Drafts) TakeBack(ctx context.Context, p *identity.Principal, draft ID) (Draft, error) {
	var d Draft
	err := s.Store.Write(ctx, func(tx db.Tx) error {
		var err error
		if d, err = get(ctx, tx, draft); err != nil {
			return err
		}
		if !d.visible(p) {
			return errNoDraft
		}
		switch d.State {
		case Checking, Held, Scheduled:
		case Published, Withdrawn:
			return fault.New(fault.Conflict, "This is public already. You can edit or withdraw it.")
		default:
			return nil
		}
		d.State, d.Deadline = Writing, time.Time{}
		if err := s.put(ctx, tx, &d); err != nil {
			return err
		}
		return s.queue.Insert(ctx, tx, supersedeJob{d.ID.String()})
	})
	return d, err
}

// supersede tells the gate that a draft was taken back, unless it was sent again since.
func (s *Drafts) supersede(ctx context.Context, draft ID) error {
	var d Draft
	err := s.Store.Read(ctx, func(tx db.Tx) (err error) {
		d, err = get(ctx, tx, draft)
		return err
	})
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	if err == nil && !d.State.Editable() {
		return nil
	}
	return s.Gate.Supersede(ctx, draft.String())
}

// Recall withdraws what a draft published: out of every list when it returns. reason is for the
// record and is not shown in public.
func (s *Drafts) Recall(ctx context.Context, p *identity.Principal, draft ID, reason string) error {
	reason = strings.TrimSpace(reason)
	if reason == "" || utf8.RuneCountInString(reason) > 500 {
		return fault.New(fault.Invalid, "Say in a few words why it is withdrawn. Only colleagues see this.")
	}
	d, err := s.Read(ctx, p, draft)
	if err != nil {
		return err
	}
	if d.State != Published && d.State != Withdrawn {
		return fault.New(fault.Conflict, "This is not public.")
	}
	return s.recall(ctx, draft, reason, p.Name)
}

func (s *Drafts) recall(ctx context.Context, draft ID, reason, by string) error {
	return s.Store.Write(ctx, func(tx db.Tx) error {
		d, err := get(ctx, tx, draft)
		if err != nil || d.State != Published {
			return err
		}
		if err := s.Posts.Withdraw(ctx, tx, d.Post, reason, s.Clock.Now()); err != nil {
			return err
		}
		// Every draft that made a version of the post goes with it.
		_, err = tx.Exec(ctx, `UPDATE draft SET state = $1, shelf = $2, comment = $3, decider = $4, updated = $5, rev = rev + 1
			WHERE post = $6 AND state = $7`,
			string(Withdrawn), string(gone), reason, by, db.Micros(s.Clock.Now()), d.Post, string(Published))
		return err
	})
}

// Released implements gate.Source: publishes what a reviewer approved, or schedules it. If the
// draft was taken back or changed meanwhile, nothing happens.
func (s *Drafts) Released(ctx context.Context, draftID string, hash [32]byte) error {
	return s.decided(ctx, draftID, hash)
}

// Returned implements gate.Source: the author sees what the reviewer said.
func (s *Drafts) Returned(ctx context.Context, draftID string, hash [32]byte, _ gate.State, _ string) error {
	return s.decided(ctx, draftID, hash)
}

// decided settles a draft about which a reviewer decided: what the gate's record says counts, so a
// message that comes late or twice does no harm.
func (s *Drafts) decided(ctx context.Context, draftID string, hash [32]byte) error {
	draft, err := id.Parse[Draft](draftID)
	if err != nil {
		return nil // not one of ours
	}
	var d Draft
	err = s.Store.Read(ctx, func(tx db.Tx) (err error) {
		d, err = get(ctx, tx, draft)
		return err
	})
	if fault.Is(err, fault.NotFound) || err == nil && (d.Hash != hash || d.State.shelf() != waiting) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = s.settle(ctx, draft)
	return err
}

// Withdraw implements gate.Source: a reviewer takes down what was published.
func (s *Drafts) Withdraw(ctx context.Context, draftID, reason string) error {
	draft, err := id.Parse[Draft](draftID)
	if err != nil {
		return nil
	}
	err = s.recall(ctx, draft, reason, "")
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}
