// Package review says who may decide what about a held text, and by when. Its rules are pure
// functions: no database, no pages, no clock. May import identity and platform.
package review

import (
	"strings"
	"time"

	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/fault"
)

// Act is something that a person does to an item.
type Act string

// The acts.
const (
	Claim    Act = "claim"     // I am on it
	Unclaim  Act = "unclaim"   // somebody else may take it
	Approve  Act = "approve"   // release exactly this content
	SendBack Act = "send_back" // the author changes it and it comes back
	Reject   Act = "reject"    // this content does not become public
	Escalate Act = "escalate"  // a privacy officer decides, and only they
	Fine     Act = "fine"      // a sample that was rightly published
	Recall   Act = "recall"    // a sample that must be taken down
)

// Decisions are the acts that need more than a button, in the order in which pages offer them.
var Decisions = []Act{Approve, SendBack, Reject, Escalate, Fine, Recall}

// Item is what the rules need to know about a submission.
type Item struct {
	State    State
	Sampled  bool             // passed by itself, and a person should look at it afterwards
	Author   identity.Subject // the author's subject in the social chamber
	Holder   identity.Subject // who is on it, the subject at the gate
	Claimed  time.Time        // since when
	Deadline time.Time        // after which nobody can decide; zero for a sample
}

// Who acts.
type Who struct {
	Gate, Social identity.Subject // the same person, as each chamber knows them
	Reviewer     bool
	Officer      bool // privacy officer; may do what a reviewer may
}

// Of returns who a principal is at the gate.
func Of(p *identity.Principal) Who {
	return Who{
		Gate: p.Subject(identity.Gate), Social: p.Subject(identity.Social),
		Reviewer: p.Has(identity.Reviewer), Officer: p.Has(identity.PrivacyOfficer),
	}
}

// Owns reports whether the item is the person's own text.
func (w Who) Owns(it Item) bool { return !w.Social.IsZero() && w.Social == it.Author }

// The refusals. Their texts are shown to the person.
var (
	ErrOwn      = fault.New(fault.Forbidden, "This text is yours. Nobody reviews their own words.")
	ErrRole     = fault.New(fault.Forbidden, "Only reviewers and privacy officers decide here.")
	ErrOfficer  = fault.New(fault.Forbidden, "This text was passed to the privacy officer. Only they can decide it now.")
	ErrHeld     = fault.New(fault.Conflict, "A colleague is on this text. You can take it over when their time is up.")
	ErrDecided  = fault.New(fault.Conflict, "This text is already decided. Look at it again.")
	ErrTooLate  = fault.New(fault.Conflict, "The time for this text ran out. It was not published; the author can send it again.")
	ErrNoReason = fault.New(fault.Invalid, "Say why. The author needs to know what to change.")
	ErrSelf     = fault.New(fault.Invalid, "You are a privacy officer yourself, so you can decide it.")
	ErrNotYours = fault.New(fault.Conflict, "You are not on this text, so there is nothing to give back.")
)

// Next applies an act to an item: it returns the item as it is afterwards, or why it can't be.
// claimFor is how long a claim keeps others out.
func Next(it Item, who Who, act Act, comment string, now time.Time, claimFor time.Duration) (Item, error) {
	if !who.Reviewer && !who.Officer {
		return it, ErrRole
	}
	if who.Owns(it) {
		return it, ErrOwn
	}
	if act == Fine || act == Recall {
		return sample(it, act, comment)
	}
	if !it.State.Waits() {
		return it, ErrDecided
	}
	if !it.Deadline.IsZero() && !now.Before(it.Deadline) {
		return it, ErrTooLate
	}
	if it.State == Escalated && !who.Officer {
		return it, ErrOfficer
	}
	mine := !it.Holder.IsZero() && it.Holder == who.Gate
	if act == Unclaim {
		if !mine {
			return it, ErrNotYours
		}
		it.Holder, it.Claimed = identity.Subject{}, time.Time{}
		if it.State == Claimed {
			it.State = Held
		}
		return it, nil
	}
	if !it.Holder.IsZero() && !mine && now.Before(it.Claimed.Add(claimFor)) {
		return it, ErrHeld
	}
	switch act {
	case Claim:
		it.Holder, it.Claimed = who.Gate, now
		if it.State == Held {
			it.State = Claimed
		}
		return it, nil
	case Approve:
		it.State = Approved
	case SendBack, Reject, Escalate:
		if blank(comment) {
			return it, ErrNoReason
		}
		switch {
		case act == SendBack:
			it.State = Returned
		case act == Reject:
			it.State = Rejected
		case who.Officer:
			return it, ErrSelf
		default:
			it.State = Escalated
		}
	default:
		return it, fault.New(fault.Invalid, "Choose what should happen with this text.")
	}
	it.Holder, it.Claimed = identity.Subject{}, time.Time{}
	return it, nil
}

func sample(it Item, act Act, comment string) (Item, error) {
	if !it.Sampled || it.State != Passed {
		return it, ErrDecided
	}
	if act == Recall {
		if blank(comment) {
			return it, ErrNoReason
		}
		it.State = Rejected
	}
	it.Sampled = false
	return it, nil
}

func blank(s string) bool { return strings.TrimSpace(s) == "" }

// May returns the acts that this person could do now, for a page to offer.
func May(it Item, who Who, now time.Time, claimFor time.Duration) map[Act]bool {
	out := map[Act]bool{}
	for _, act := range append([]Act{Claim, Unclaim}, Decisions...) {
		if _, err := Next(it, who, act, "why", now, claimFor); err == nil {
			out[act] = true
		}
	}
	return out
}
