package drafts

import (
	"context"
	"errors"
	"time"

	"github.com/mitral-health/mitral/gate"
	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/jobs"
	"github.com/mitral-health/mitral/social/internal/media"
)

const (
	healAfter = 3 * time.Second // a check takes milliseconds; who is not done by then was killed. Settling twice does no harm
	grace     = 6 * time.Hour   // how late a scheduled text may still go out after the program was down
)

// Submit sends revision rev of p's draft to the gate and does what the gate says: publish now, or at
// the planned time if there is one and schedule is set, or wait for a reviewer, or come back. The
// returned draft says which. If the gate can't answer, nothing is published, the draft stays as it
// was and the error says so.
func (s *Drafts) Submit(ctx context.Context, p *identity.Principal, draft ID, rev int, attested, schedule bool) (Draft, error) {
	if err := p.MayPost(); err != nil {
		return Draft{}, err
	}
	var d Draft
	// First the intention: if this process does not live to carry it out, the sweep finds it. It need
	// not reach the disk before the answer does.
	err := s.Store.WriteSoft(ctx, func(tx db.Tx) error {
		var err error
		if d, err = s.forChange(ctx, tx, p, draft); err != nil {
			return err
		}
		if d.Rev != rev {
			return &Clash{Mine: d, Theirs: d}
		}
		if !d.State.Editable() {
			return errFixed
		}
		if err := s.ready(ctx, tx, p, &d, schedule); err != nil {
			return err
		}
		d.State, d.Attested, d.Comment, d.By, d.Deadline = Checking, attested, "", "", time.Time{}
		d.Content.Author = author(p)
		d.Hash = d.Content.GateDraft().Hash()
		return s.put(ctx, tx, &d)
	})
	if err != nil {
		return d, err
	}
	s.step("submitted")
	settled, err := s.ask(ctx, d)
	if err != nil && ctx.Err() == nil && fault.Is(err, fault.Unavailable) {
		return s.unsubmit(ctx, d, err)
	}
	return settled, err
}

// ready checks that the content could be published, and settles the plan.
func (s *Drafts) ready(ctx context.Context, tx db.Tx, p *identity.Principal, d *Draft, schedule bool) error {
	if err := d.Content.Check(); err != nil {
		return err
	}
	voice, err := s.Profiles.Get(ctx, tx, d.Content.Profile)
	if err != nil {
		return err
	}
	if err := voice.Lend(p); err != nil {
		return err
	}
	if err := s.Posts.CheckTopics(ctx, tx, d.Content); err != nil {
		return err
	}
	if other := d.Content.TranslationOf; !other.IsZero() {
		// It takes the original's place in the lists of its language.
		original, err := s.Posts.Get(ctx, tx, other)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		if err == nil && original.Profile != d.Content.Profile {
			return fault.New(fault.Forbidden, "A translation is said by whoever said the original. Choose that profile.")
		}
	}
	if d.Content.Before, err = s.Posts.Said(ctx, tx, d.Content); err != nil {
		return err
	}
	ids := make([]media.ID, len(d.Content.Images))
	for n, i := range d.Content.Images {
		ids[n] = i.ID
	}
	stored, err := s.Media.Many(ctx, tx, ids)
	if err != nil {
		return err
	}
	if len(stored) < len(ids) {
		return fault.New(fault.Conflict, "A picture of this post has changed or is gone. Add it again.")
	}
	if !schedule {
		d.Plan = Plan{}
		return nil
	}
	if d.Plan, _, err = planAt(d.Plan.Wall, d.Plan.Zone); err != nil {
		return err
	}
	if now := s.Clock.Now(); d.Plan.At.Before(now) {
		return fault.New(fault.Invalid, "This time has passed already. Choose a later one.")
	} else if d.Plan.At.After(now.AddDate(2, 0, 0)) {
		return fault.New(fault.Invalid, "This is more than two years ahead. Choose an earlier day.")
	}
	return nil
}

// unsubmit gives the draft back to its author because the gate does not answer; cause is what they
// are told. If a job was faster and got an answer, that stands.
func (s *Drafts) unsubmit(ctx context.Context, was Draft, cause error) (Draft, error) {
	var d Draft
	err := s.Store.Write(ctx, func(tx db.Tx) error {
		var err error
		if d, err = get(ctx, tx, was.ID); err != nil {
			return err
		}
		if d.State != Checking || d.Hash != was.Hash {
			cause = nil
			return nil
		}
		d.State = Writing
		return s.put(ctx, tx, &d)
	})
	if err != nil {
		return d, err
	}
	return d, cause
}

// settle asks the gate about a draft that is on its way and does what it says. It may be called any
// number of times, by requests, jobs and several copies of the program at once: what has been done
// already is left alone.
func (s *Drafts) settle(ctx context.Context, draft ID) (Draft, error) {
	var d Draft
	err := s.Store.Read(ctx, func(tx db.Tx) (err error) {
		d, err = get(ctx, tx, draft)
		return err
	})
	if err != nil {
		return d, err
	}
	return s.ask(ctx, d)
}

// ask is settle for a draft that has just been read.
func (s *Drafts) ask(ctx context.Context, d Draft) (Draft, error) {
	var out gate.Outcome
	var err error
	switch {
	case d.State == Held:
		// Only the author starts a new round, so this must not submit.
		out, err = s.Gate.Status(ctx, d.ID.String(), d.Hash)
	case d.State == Checking, d.State == Scheduled && !s.Clock.Now().Before(d.Plan.At):
		// The same content gets the stored answer, or a new one if the rules have changed since. What
		// those warn of the author has not seen, so nothing confirms it.
		out, err = s.Gate.Submit(ctx, d.Content.GateDraft(), d.Attested && d.State == Checking)
	default:
		return d, nil
	}
	switch fault.KindOf(err) {
	case fault.Invalid, fault.TooLarge: // it will never read this: asking again is pointless
		if err != nil {
			return s.sendBack(ctx, d, err)
		}
	}
	if err != nil {
		return d, err
	}
	s.step("answered")
	done, err := s.apply(ctx, d, out)
	var refused *unpublishable
	if errors.As(err, &refused) {
		done, err = s.sendBack(ctx, d, refused.why)
	}
	return done, err
}

// unpublishable is a cleared text that can't become a post for a reason of its own.
type unpublishable struct{ why error }

func (u *unpublishable) Error() string { return u.why.Error() }
func (u *unpublishable) Unwrap() error { return u.why }

// apply stores the gate's answer about was, and its consequence, in one transaction; unless somebody
// has moved the draft since.
func (s *Drafts) apply(ctx context.Context, was Draft, out gate.Outcome) (Draft, error) {
	var d Draft
	err := s.Store.Write(ctx, func(tx db.Tx) error {
		var err error
		if d, err = again(ctx, tx, was); err != nil {
			return err
		}
		if d.State != was.State || d.Hash != was.Hash {
			return nil
		}
		next, comment := stateOf(out.State), out.Comment
		if out.State.Clears() {
			next, comment = s.due(&d)
		}
		if next == d.State && d.Deadline.Equal(out.Deadline) {
			return nil
		}
		d.State, d.Comment, d.By, d.Deadline = next, comment, out.By, out.Deadline
		switch next {
		case Published:
			d.Published = s.Clock.Now()
			if d.Post, err = s.Posts.Publish(ctx, tx, out.Cleared, d.Content, d.Published); err != nil {
				switch fault.KindOf(err) {
				case fault.Invalid, fault.Conflict, fault.NotFound, fault.TooLarge, fault.Forbidden:
					return &unpublishable{err}
				}
				return err
			}
			if len(d.Content.Images) > 0 {
				if err := s.usePictures(ctx, tx, &d); err != nil {
					return err
				}
			}
			s.step("publishing")
		case Scheduled:
			if err := s.queue.Insert(ctx, tx, dueJob{d.ID.String()}, jobs.At(d.Plan.At), jobs.Unique()); err != nil {
				return err
			}
		}
		return s.put(ctx, tx, &d)
	})
	if err == nil {
		s.step("applied")
	}
	return d, err
}

// due says what becomes of a cleared text: it goes out now, or at its time. What was approved only
// after its time, or is too late because the program was down, does not publish by itself: an
// invitation to yesterday's event helps nobody. The author decides.
func (s *Drafts) due(d *Draft) (State, string) {
	now := s.Clock.Now()
	switch {
	case d.Plan.At.IsZero():
		return Published, ""
	case now.Before(d.Plan.At):
		return Scheduled, ""
	case d.State == Held:
		return Back, lateApproval
	case now.Sub(d.Plan.At) > grace:
		return Back, tooLate
	}
	return Published, ""
}

func stateOf(s gate.State) State {
	switch s {
	case gate.Held, gate.Claimed, gate.Escalated:
		return Held
	case gate.Warned:
		return Warned
	case gate.Blocked:
		return Blocked
	case gate.Returned:
		return Returned
	case gate.Rejected:
		return Rejected
	case gate.Expired:
		return Expired
	}
	return Writing // Withdrawn: taken back
}

// sendBack gives a cleared draft back to its author because it can't be published.
func (s *Drafts) sendBack(ctx context.Context, was Draft, why error) (Draft, error) {
	var d Draft
	err := s.Store.Write(ctx, func(tx db.Tx) error {
		var err error
		if d, err = get(ctx, tx, was.ID); err != nil {
			return err
		}
		if d.State != was.State || d.Hash != was.Hash {
			return nil
		}
		d.State, d.By, d.Deadline = Back, "", time.Time{}
		d.Comment, _ = fault.Text(why)
		return s.put(ctx, tx, &d)
	})
	return d, err
}
