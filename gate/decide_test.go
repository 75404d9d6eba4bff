package gate

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mitral-health/mitral/gate/ledger"
	"github.com/mitral-health/mitral/gate/review"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/page"
)

func TestApproval(t *testing.T) {
	each(t, nil, func(d *desk) {
		draft := d.draft("a", "[hold]")
		out := d.submit(draft, false)
		if s := d.must(d.decide(d.leonor, out.Submission, review.Claim, "")); s != Claimed {
			d.t.Error(s)
		}
		if _, err := d.decide(d.iker, out.Submission, review.Approve, ""); !errors.Is(err, review.ErrHeld) {
			d.t.Error(err)
		}
		if _, err := d.decide(d.ama, out.Submission, review.Approve, ""); !errors.Is(err, review.ErrOwn) {
			d.t.Error(err)
		}
		if s := d.must(d.decide(d.leonor, out.Submission, review.Approve, "")); s != Approved {
			d.t.Error(s)
		}
		if !d.cleared(draft) {
			d.t.Error("not cleared")
		}
		other := draft
		other.Fields = []Field{{"title", "Heart month"}, {"body", "[hold] "}}
		if d.cleared(other) {
			d.t.Error("one more space is cleared too")
		}
		if out := d.submit(draft, false); out.State != Approved || out.By != "Leonor Vask" {
			d.t.Errorf("%+v", out)
		}
		if got := d.acts(); got != "submitted looked claimed looked looked approved" {
			d.t.Error(got)
		}
	})
}

func TestSentBackComesAgain(t *testing.T) {
	each(t, nil, func(d *desk) {
		draft := d.draft("a", "[hold] Fenwick Street")
		out := d.submit(draft, false)
		it, err := d.Look(ctx, d.leonor, out.Submission)
		if err != nil {
			d.t.Fatal(err)
		}
		decision := Decision{Submission: it.ID, Revision: it.Revision, Act: review.SendBack, Comment: "  Take out the street. ",
			Suggestion: []Field{{"title", "Heart month"}, {"body", "one of our patients"}, {"nonsense", "x"}}}
		d.must(d.Decide(ctx, d.leonor, decision))
		got, err := d.Status(ctx, "a", draft.Hash())
		if err != nil || got.State != Returned || got.Comment != "Take out the street." || len(got.Suggestion) != 1 ||
			got.Suggestion[0] != (Field{"body", "one of our patients"}) || got.By != "Leonor Vask" {
			d.t.Errorf("%+v, %v", got, err)
		}
		// The new version is clean, but somebody asked for it: they see it.
		next := draft.With(got.Suggestion)
		if out := d.submit(next, true); out.State != Held || len(out.Findings) != 0 {
			d.t.Errorf("%+v", out)
		}
		if d.cleared(draft) || d.cleared(next) {
			d.t.Error("cleared")
		}
		it, err = d.Look(ctx, d.leonor, d.submit(next, false).Submission)
		if err != nil || it.Version != 2 || it.Before == nil || it.Before.Fields[1].Text != "[hold] Fenwick Street" {
			d.t.Errorf("%+v, %v", it, err)
		}
		if out := d.submit(draft, false); out.State != Returned {
			d.t.Errorf("the returned wording again: %s", out.State)
		}
	})
}

func TestEscalation(t *testing.T) {
	each(t, nil, func(d *desk) {
		draft := d.draft("a", "[hold]")
		out := d.submit(draft, false)
		d.clock.Advance(3 * time.Hour)
		d.must(d.decide(d.leonor, out.Submission, review.Escalate, "Is the consent enough?"))
		got, err := d.Status(ctx, "a", draft.Hash())
		if err != nil || got.State != Escalated || got.Comment != "" || !got.Deadline.Equal(monday.Add(7*time.Hour)) {
			d.t.Errorf("%+v, %v", got, err)
		}
		if _, err := d.decide(d.iker, out.Submission, review.Approve, ""); !errors.Is(err, review.ErrOfficer) {
			d.t.Error(err)
		}
		d.clock.Set(monday.Add(4 * time.Hour)) // the first alarm clock rings
		if err := d.expire(ctx, out.Submission); err != nil {
			d.t.Fatal(err)
		}
		d.must(d.decide(d.berta, out.Submission, review.Reject, "No consent on file."))
		got, err = d.Status(ctx, "a", draft.Hash())
		if err != nil || got.State != Rejected || got.Comment != "No consent on file." || d.cleared(draft) {
			d.t.Errorf("%+v, %v", got, err)
		}
	})
}

func TestRecalledSampleLosesItsClearance(t *testing.T) {
	each(t, func(deps *Deps) { deps.SampleOneIn = 1 }, func(d *desk) {
		bad, good := d.draft("a", "plain"), d.draft("b", "plain")
		one, two := d.submit(bad, false), d.submit(good, false)
		d.must(d.decide(d.leonor, one.Submission, review.Recall, "That is a patient's name."))
		d.must(d.decide(d.leonor, two.Submission, review.Fine, ""))
		if d.cleared(bad) || !d.cleared(good) {
			d.t.Error("the wrong one is cleared")
		}
		if q, err := d.Queue(ctx, d.iker, page.Cursor{}, 10); err != nil || q.Waiting != 0 {
			d.t.Errorf("%+v, %v", q, err)
		}
	})
}

func TestSecondReviewerIsTold(t *testing.T) {
	each(t, nil, func(d *desk) {
		draft := d.draft("a", "[hold]")
		out := d.submit(draft, false)
		it, err := d.Look(ctx, d.leonor, out.Submission)
		if err != nil {
			d.t.Fatal(err)
		}
		approve := Decision{Submission: it.ID, Revision: it.Revision, Act: review.Approve}
		reject := Decision{Submission: it.ID, Revision: it.Revision, Act: review.Reject, Comment: "no"}
		for range 2 { // the second time is a double click
			if s := d.must(d.Decide(ctx, d.leonor, approve)); s != Approved {
				d.t.Error(s)
			}
		}
		for _, dec := range []Decision{reject, approve} {
			if _, err := d.Decide(ctx, d.iker, dec); !fault.Is(err, fault.Conflict) {
				d.t.Error(err)
			}
		}
		if _, err := d.Decide(ctx, d.leonor, reject); !fault.Is(err, fault.Conflict) {
			d.t.Error(err)
		}
		if got := d.acts(); got != "submitted looked approved" {
			d.t.Error(got)
		}
		for _, sid := range []string{"", "x", "0190a000-0000-7000-8000-000000000000"} {
			if _, err := d.Decide(ctx, d.leonor, Decision{Submission: sid, Act: review.Claim}); !fault.Is(err, fault.NotFound) {
				d.t.Errorf("%q: %v", sid, err)
			}
		}
		long := Decision{Submission: it.ID, Revision: 1, Act: review.Reject, Comment: strings.Repeat("a", MaxComment+1)}
		if _, err := d.Decide(ctx, d.iker, long); !fault.Is(err, fault.TooLarge) {
			d.t.Error(err)
		}
	})
}

// Whatever happened since the reviewer looked, also what left no trace in the state, they look again.
func TestDecisionNamesWhatItSaw(t *testing.T) {
	each(t, nil, func(d *desk) {
		draft := d.draft("a", "[hold]")
		out := d.submit(draft, false)
		d.must(d.decide(d.iker, out.Submission, review.Claim, ""))
		d.must(d.decide(d.iker, out.Submission, review.Unclaim, ""))
		for _, seen := range []int{0, 1, 2, 4} {
			_, err := d.Decide(ctx, d.leonor, Decision{Submission: out.Submission, Revision: seen, Act: review.Approve})
			if !fault.Is(err, fault.Conflict) || d.cleared(draft) {
				d.t.Errorf("revision %d: %v", seen, err)
			}
		}
		d.must(d.Decide(ctx, d.leonor, Decision{Submission: out.Submission, Revision: 3, Act: review.Approve}))
	})
}

// Two reviewers press their buttons at the same moment, many times.
func TestReviewersRace(t *testing.T) {
	each(t, nil, func(d *desk) {
		for i := range 8 {
			draft := d.draft(fmt.Sprint("race ", i), "[hold]")
			out := d.submit(draft, false)
			results := make([]error, 2)
			var wg sync.WaitGroup
			for j, dec := range []Decision{
				{Submission: out.Submission, Revision: 1, Act: review.Approve},
				{Submission: out.Submission, Revision: 1, Act: review.Reject, Comment: "no"},
			} {
				who := d.leonor
				if j == 1 {
					who = d.iker
				}
				wg.Go(func() { _, results[j] = d.Decide(ctx, who, dec) })
			}
			wg.Wait()
			if (results[0] == nil) == (results[1] == nil) {
				d.t.Fatalf("both or none: %v", results)
			}
			for _, err := range results {
				if err != nil && !fault.Is(err, fault.Conflict) {
					d.t.Error(err)
				}
			}
			if d.cleared(draft) != (results[0] == nil) {
				d.t.Error("the loser decided")
			}
		}
		if n := strings.Count(d.acts(), "approved") + strings.Count(d.acts(), "rejected"); n != 8 {
			d.t.Errorf("%d decisions in the ledger", n)
		}
	})
}

func TestExpiry(t *testing.T) {
	each(t, nil, func(d *desk) {
		draft, decided := d.draft("a", "[hold]"), d.draft("b", "[hold]")
		out, other := d.submit(draft, false), d.submit(decided, false)
		d.must(d.decide(d.leonor, out.Submission, review.Claim, ""))
		d.must(d.decide(d.leonor, other.Submission, review.Approve, ""))
		d.clock.Set(out.Deadline.Add(-time.Microsecond))
		if err := errors.Join(d.Sweep(ctx), d.expire(ctx, out.Submission)); err != nil {
			d.t.Fatal(err)
		}
		if got, _ := d.Status(ctx, "a", draft.Hash()); got.State != Claimed {
			d.t.Errorf("expired too early: %s", got.State)
		}
		d.clock.Set(out.Deadline)
		if _, err := d.decide(d.leonor, out.Submission, review.Approve, ""); !errors.Is(err, review.ErrTooLate) {
			d.t.Errorf("approved after the deadline: %v", err)
		}
		for range 2 {
			if err := errors.Join(d.Sweep(ctx), d.expire(ctx, out.Submission), d.expire(ctx, other.Submission)); err != nil {
				d.t.Fatal(err)
			}
		}
		if got, _ := d.Status(ctx, "a", draft.Hash()); got.State != Expired || d.cleared(draft) {
			d.t.Errorf("%s", got.State)
		}
		if !d.cleared(decided) {
			d.t.Error("a decided one expired")
		}
		if n := strings.Count(d.acts(), "expired"); n != 1 {
			d.t.Errorf("%d expiries in the ledger", n)
		}
		if again := d.submit(draft, false); again.State != Held || again.Submission == out.Submission {
			d.t.Errorf("sent again: %+v", again)
		}
	})
}

// The outbox, with real workers: what was decided reaches the source, also when it fails at first.
func TestSourceIsTold(t *testing.T) {
	each(t, func(deps *Deps) { deps.SampleOneIn = 1 }, func(d *desk) {
		d.told.fail = 1
		held, back, sample, late := d.draft("held", "[hold]"), d.draft("back", "[hold]"), d.draft("sample", "plain"), d.draft("late", "[hold]")
		d.must(d.decide(d.leonor, d.submit(held, false).Submission, review.Approve, ""))
		d.must(d.decide(d.leonor, d.submit(back, false).Submission, review.SendBack, "the street"))
		d.must(d.decide(d.leonor, d.submit(sample, false).Submission, review.Recall, "a name"))
		d.submit(late, false)
		d.clock.Advance(5 * time.Hour)
		if err := d.queueForWorker.Start(ctx); err != nil {
			d.t.Fatal(err)
		}
		defer d.queueForWorker.Stop(ctx)
		hash := func(x Draft) string { h := x.Hash(); return fmt.Sprintf("%x", h[:2]) }
		want := []string{
			"released held " + hash(held),
			"returned back " + hash(back) + ` returned "the street"`,
			`withdraw sample "a name"`,
			"returned late " + hash(late) + ` expired ""`,
		}
		deadline := time.Now().Add(20 * time.Second)
		for time.Now().Before(deadline) {
			missing := 0
			for _, w := range want {
				if !strings.Contains(d.told.all(), w) {
					missing++
				}
			}
			if missing == 0 {
				return
			}
			time.Sleep(50 * time.Millisecond)
		}
		d.t.Errorf("told %s\nwant %s", d.told.all(), strings.Join(want, "; "))
	})
}

func TestQueue(t *testing.T) {
	each(t, nil, func(d *desk) {
		post := d.submit(d.draft("post", "[hold]"), false)
		d.clock.Advance(time.Minute)
		reply := d.draft("reply", "[hold]")
		reply.Kind, reply.Fields = "reply", []Field{{"body", "Thank you for coming in on Tuesday [hold]"}}
		d.submit(reply, false)
		passed := d.submit(d.draft("passed", "plain"), false)
		d.sample = 1
		d.submit(d.draft("sample", "plain"), false)
		d.sample = 0
		escalated := d.submit(d.draft("escalated", "[hold]"), false)
		d.must(d.decide(d.leonor, escalated.Submission, review.Escalate, "why"))
		d.must(d.decide(d.leonor, post.Submission, review.Claim, ""))
		d.submit(d.draft("warned", "[warn]"), false)
		d.submit(d.draft("blocked", "[block]"), false)
		if passed.State != Passed {
			d.t.Fatal(passed.State)
		}
		kinds := func(q Queue) string {
			var out []string
			for _, it := range q.Items {
				out = append(out, fmt.Sprintf("%s/%s/%v", it.Kind, it.State, it.Sampled))
			}
			return strings.Join(out, " ")
		}
		get := func(n int) (all []string, q Queue) {
			var at page.Cursor
			for {
				var err error
				if q, err = d.Queue(ctx, d.iker, at, n); err != nil {
					d.t.Fatal(err)
				}
				all = append(all, kinds(q))
				if at = q.Next; at.IsZero() {
					return all, q
				}
			}
		}
		want := "reply/held/false post/claimed/false post/passed/true"
		for n := 1; n <= 4; n++ {
			if all, q := get(n); strings.Join(all, " ") != want || q.Waiting != 3 || q.Own != 0 {
				d.t.Errorf("by %d: %v, %d wait", n, all, q.Waiting)
			}
		}
		q, err := d.Queue(ctx, d.berta, page.Cursor{}, 10)
		if err != nil || kinds(q) != "reply/held/false post/claimed/false post/escalated/false post/passed/true" || q.Items[1].Holder != "Leonor Vask" {
			d.t.Errorf("the officer's: %s, %v", kinds(q), err)
		}
		if q, err = d.Queue(ctx, d.ama, page.Cursor{}, 10); err != nil || len(q.Items) != 0 || q.Own != 3 {
			d.t.Errorf("the author's: %s, %d own, %v", kinds(q), q.Own, err)
		}
		if _, err := d.Queue(ctx, d.root, page.Cursor{}, 10); !errors.Is(err, review.ErrRole) {
			d.t.Error(err)
		}
		if n, err := d.Waiting(ctx, d.root); n != 0 || err != nil {
			d.t.Errorf("%d, %v", n, err)
		}
		if q, _ := d.Queue(ctx, d.iker, page.Cursor{}, 1); q.Items[0].Soon {
			d.t.Error("soon already")
		}
		d.clock.Advance(8 * time.Minute)
		if q, _ := d.Queue(ctx, d.iker, page.Cursor{}, 1); !q.Items[0].Soon {
			d.t.Error("half of the time is gone, and nothing says so")
		}
	})
}

func TestLooksAreRecorded(t *testing.T) {
	each(t, nil, func(d *desk) {
		out := d.submit(d.draft("a", "[hold]"), false)
		look := func(who int) {
			d.t.Helper()
			p := d.leonor
			if who == 2 {
				p = d.iker
			}
			if _, err := d.Look(ctx, p, out.Submission); err != nil {
				d.t.Fatal(err)
			}
		}
		look(1)
		look(1) // a reload
		look(2)
		d.clock.Advance(lookAgain + time.Second)
		look(1)
		if got := d.acts(); got != "submitted looked looked looked" {
			d.t.Error(got)
		}
		if _, err := d.Look(ctx, d.root, out.Submission); !errors.Is(err, review.ErrRole) {
			d.t.Error(err)
		}
		list, err := d.Ledger(ctx, d.berta, ledger.Looked, page.Cursor{}, 2)
		if err != nil || len(list.Items) != 2 || list.Next.IsZero() || list.Items[0].By != "Leonor Vask" || list.Items[1].By != "Iker Sol" {
			d.t.Errorf("%+v, %v", list, err)
		}
	})
}

// The ledger and its export never hold what somebody wrote.
func TestLedgerHoldsNoText(t *testing.T) {
	each(t, nil, func(d *desk) {
		out := d.submit(d.draft("a", "SECRETBODY [hold]"), false)
		d.must(d.decide(d.leonor, out.Submission, review.SendBack, "SECRETCOMMENT"))
		var b strings.Builder
		if err := d.ExportLedger(ctx, d.root, &b); err != nil {
			d.t.Fatal(err)
		}
		if s := b.String(); strings.Contains(s, "SECRET") || strings.Contains(s, "Heart") || strings.Contains(s, "Ama") || strings.Contains(s, "Leonor") {
			d.t.Error(s)
		} else if !strings.Contains(s, `"rules":"test@1/word-hold"`) || !strings.Contains(s, `"manifest"`) || !strings.Contains(s, "chain_exported") {
			d.t.Error(s)
		}
		if err := d.ExportLedger(ctx, d.leonor, &b); !fault.Is(err, fault.Forbidden) {
			d.t.Error(err)
		}
		if n, broken, err := d.VerifyLedger(ctx, d.leonor); n != 4 || broken != nil || err != nil {
			d.t.Errorf("%d, %v, %v", n, broken, err)
		}
		err := d.store.Write(ctx, func(tx db.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE gate_audit SET act = 'approved' WHERE act = 'returned'`)
			return err
		})
		if err != nil {
			d.t.Fatal(err)
		}
		if n, broken, err := d.VerifyLedger(ctx, d.root); n != 2 || broken == nil || err != nil {
			d.t.Errorf("%d, %v, %v", n, broken, err)
		}
	})
}
