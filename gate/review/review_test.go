package review

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/fault"
)

var (
	now      = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	claimFor = 30 * time.Minute
	author   = Of(identity.NewPrincipal("Ama", identity.Communications, identity.Reviewer, identity.PrivacyOfficer))
	reviewer = Of(identity.NewPrincipal("Leonor", identity.Reviewer))
	second   = Of(identity.NewPrincipal("Iker", identity.Reviewer))
	officer  = Of(identity.NewPrincipal("Berta", identity.PrivacyOfficer))
	writer   = Of(identity.NewPrincipal("Noa", identity.Communications, identity.Administrator, identity.Moderator, identity.Clinician))
)

func item(s State) Item {
	it := Item{State: s, Author: author.Social}
	if s.Waits() {
		it.Deadline = now.Add(time.Hour)
	}
	return it
}

func claimed(s State, by Who, since time.Duration) Item {
	it := item(s)
	it.Holder, it.Claimed = by.Gate, now.Add(-since)
	return it
}

func sampled() Item { it := item(Passed); it.Sampled = true; return it }

func late(it Item) Item { it.Deadline = now; return it }

func TestWhoMayDoWhat(t *testing.T) {
	lapsed := claimFor
	cases := []struct {
		name string
		it   Item
		who  Who
		act  Act
		why  string
		want State
		err  error
	}{
		{"a reviewer claims", item(Held), reviewer, Claim, "", Claimed, nil},
		{"claims again", claimed(Claimed, reviewer, time.Minute), reviewer, Claim, "", Claimed, nil},
		{"a colleague is on it", claimed(Claimed, reviewer, lapsed-1), second, Claim, "", "", ErrHeld},
		{"their time is up", claimed(Claimed, reviewer, lapsed), second, Claim, "", Claimed, nil},
		{"gives back", claimed(Claimed, reviewer, time.Minute), reviewer, Unclaim, "", Held, nil},
		{"gives back another's", claimed(Claimed, reviewer, time.Hour), second, Unclaim, "", "", ErrNotYours},
		{"gives back what nobody has", item(Held), second, Unclaim, "", "", ErrNotYours},

		{"approves a free one", item(Held), reviewer, Approve, "", Approved, nil},
		{"approves their claim", claimed(Claimed, reviewer, 0), reviewer, Approve, "", Approved, nil},
		{"approves over a colleague's claim", claimed(Claimed, reviewer, 0), second, Approve, "", "", ErrHeld},
		{"approves after a lapsed claim", claimed(Claimed, reviewer, lapsed), second, Approve, "", Approved, nil},
		{"the officer may do it too", item(Held), officer, Approve, "", Approved, nil},

		{"rejects with a reason", item(Held), reviewer, Reject, "a name", Rejected, nil},
		{"rejects without", item(Held), reviewer, Reject, " \n", "", ErrNoReason},
		{"sends back with a reason", item(Held), reviewer, SendBack, "take out the street", Returned, nil},
		{"sends back without", item(Held), reviewer, SendBack, "", "", ErrNoReason},
		{"escalates with a reason", item(Held), reviewer, Escalate, "is consent enough?", Escalated, nil},
		{"escalates without", item(Held), reviewer, Escalate, "", "", ErrNoReason},
		{"escalates twice", item(Escalated), officer, Escalate, "why", "", ErrSelf},
		{"an officer has nobody to pass it to", item(Held), officer, Escalate, "why", "", ErrSelf},

		{"a reviewer decides an escalated one", item(Escalated), reviewer, Approve, "", "", ErrOfficer},
		{"claims an escalated one", item(Escalated), reviewer, Claim, "", "", ErrOfficer},
		{"the officer claims an escalated one", item(Escalated), officer, Claim, "", Escalated, nil},
		{"gives it back", claimed(Escalated, officer, 0), officer, Unclaim, "", Escalated, nil},
		{"the officer approves an escalated one", item(Escalated), officer, Approve, "", Approved, nil},
		{"the officer rejects an escalated one", item(Escalated), officer, Reject, "no", Rejected, nil},

		{"nobody claims their own", item(Held), author, Claim, "", "", ErrOwn},
		{"nobody approves their own", item(Held), author, Approve, "", "", ErrOwn},
		{"nobody approves their own, escalated", item(Escalated), author, Approve, "", "", ErrOwn},
		{"nobody looks after their own sample", sampled(), author, Fine, "", "", ErrOwn},
		{"other roles decide nothing", item(Held), writer, Approve, "", "", ErrRole},
		{"other roles claim nothing", item(Held), writer, Claim, "", "", ErrRole},
		{"other roles: samples", sampled(), writer, Fine, "", "", ErrRole},

		{"too late to approve", late(item(Held)), reviewer, Approve, "", "", ErrTooLate},
		{"too late to claim", late(item(Held)), reviewer, Claim, "", "", ErrTooLate},
		{"too late for the officer", late(item(Escalated)), officer, Approve, "", "", ErrTooLate},

		{"a sample is fine", sampled(), reviewer, Fine, "", Passed, nil},
		{"a sample is recalled", sampled(), reviewer, Recall, "a name", Rejected, nil},
		{"a sample is recalled without a reason", sampled(), reviewer, Recall, "", "", ErrNoReason},
		{"no sample to look at", item(Passed), reviewer, Fine, "", "", ErrDecided},
		{"a sample is not approved", sampled(), reviewer, Approve, "", "", ErrDecided},
		{"a held one is no sample", item(Held), reviewer, Fine, "", "", ErrDecided},
		{"no such act", item(Held), reviewer, "publish", "why", "", errAny},
	}
	for _, s := range []State{Passed, Warned, Approved, Returned, Rejected, Expired, Blocked, Withdrawn} {
		for _, act := range []Act{Claim, Approve, Reject, SendBack, Escalate, Recall} {
			cases = append(cases, struct {
				name string
				it   Item
				who  Who
				act  Act
				why  string
				want State
				err  error
			}{fmt.Sprintf("%s: nothing left to %s", s, act), item(s), officer, act, "why", "", ErrDecided})
		}
	}
	for _, c := range cases {
		before := c.it
		got, err := Next(c.it, c.who, c.act, c.why, now, claimFor)
		switch {
		case c.err == errAny && err == nil, c.err != errAny && !errors.Is(err, c.err):
			t.Errorf("%s: error %v, want %v", c.name, err, c.err)
		case err != nil && got != before:
			t.Errorf("%s: refused, yet changed to %+v", c.name, got)
		case err == nil && got.State != c.want:
			t.Errorf("%s: %s, want %s", c.name, got.State, c.want)
		case err == nil && got.State != Claimed && c.act != Claim && !got.Holder.IsZero():
			t.Errorf("%s: still held by somebody", c.name)
		case err == nil && got.Sampled:
			t.Errorf("%s: still a sample", c.name)
		}
	}
}

var errAny = errors.New("any")

func TestClaimNamesItsHolder(t *testing.T) {
	it, err := Next(claimed(Claimed, reviewer, claimFor), second, Claim, "", now, claimFor)
	if err != nil || it.Holder != second.Gate || !it.Claimed.Equal(now) {
		t.Errorf("%+v, %v", it, err)
	}
}

// Whatever the item and whoever acts: only the states of a decision clear, and nobody ever clears
// their own text.
func TestNothingElseClears(t *testing.T) {
	states := []State{Passed, Warned, Held, Claimed, Escalated, Approved, Returned, Rejected, Expired, Blocked, Withdrawn}
	for _, s := range states {
		for _, who := range []Who{author, reviewer, officer, writer, {}} {
			for _, act := range append([]Act{Claim, Unclaim, "x"}, Decisions...) {
				it, err := Next(item(s), who, act, "why", now, claimFor)
				if err != nil || !it.State.Clears() || s.Clears() {
					continue
				}
				if act != Approve || who == author || who == writer || !s.Waits() {
					t.Errorf("%s by %+v cleared a %s item", act, who, s)
				}
			}
		}
	}
}

func TestMay(t *testing.T) {
	if got := May(item(Held), reviewer, now, claimFor); len(got) != 5 || !got[Claim] || !got[Escalate] || got[Fine] {
		t.Errorf("a held item: %v", got)
	}
	if got := May(sampled(), officer, now, claimFor); len(got) != 2 || !got[Fine] || !got[Recall] {
		t.Errorf("a sample: %v", got)
	}
	if got := May(item(Held), author, now, claimFor); len(got) != 0 {
		t.Errorf("their own: %v", got)
	}
}

func TestRefusalsAreFaults(t *testing.T) {
	for _, err := range []error{ErrOwn, ErrRole, ErrOfficer} {
		if !fault.Is(err, fault.Forbidden) {
			t.Error(err)
		}
	}
	for _, err := range []error{ErrHeld, ErrDecided, ErrTooLate, ErrNotYours} {
		if !fault.Is(err, fault.Conflict) {
			t.Error(err)
		}
	}
}
