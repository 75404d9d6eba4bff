package gate

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mitral-health/mitral/gate/review"
	"github.com/mitral-health/mitral/gate/scan"
	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/fault"
)

func TestSubmitAnswers(t *testing.T) {
	each(t, nil, func(d *desk) {
		for _, c := range []struct {
			text     string
			attested bool
			want     State
		}{
			{"plain", false, Passed},
			{"a [note]", false, Passed},
			{"a [warn]", false, Warned},
			{"a [warn] that is meant", true, Passed},
			{"a [hold]", false, Held},
			{"a [hold] attested", true, Held},
			{"[warn] and [hold]", true, Held},
			{"a [block]", true, Blocked},
			{"[hold] and [block]", false, Blocked},
			{"an [urgent]", true, Blocked},
			{"sent for help [answered]", false, Warned},
			{"sent for help [answered], and meant", true, Passed},
			{"sent for help [answered], but [hold]", true, Held},
		} {
			draft := d.draft(c.text, c.text)
			if d.cleared(draft) {
				d.t.Fatalf("%q is cleared before it was submitted", c.text)
			}
			out := d.submit(draft, c.attested)
			if out.State != c.want {
				d.t.Errorf("%q: %s, want %s", c.text, out.State, c.want)
			}
			if ok := c.want == Passed; d.cleared(draft) != ok || (out.Cleared.Covers(draft) == nil) != ok {
				d.t.Errorf("%q: cleared is not %v", c.text, ok)
			}
			if (c.want == Held) == out.Deadline.IsZero() {
				d.t.Errorf("%q: deadline %s", c.text, out.Deadline)
			}
		}
	})
}

func TestDeadlines(t *testing.T) {
	each(t, nil, func(d *desk) {
		for kind, want := range map[string]time.Duration{scan.Post: 4 * time.Hour, scan.Article: 4 * time.Hour,
			scan.Reply: 15 * time.Minute, scan.Comment: 15 * time.Minute} {
			draft := d.draft(kind, "[hold]")
			draft.Kind = kind
			if out := d.submit(draft, false); !out.Deadline.Equal(monday.Add(want)) {
				d.t.Errorf("%s: due %s", kind, out.Deadline)
			}
		}
	})
}

func TestFindingsStandInTheirField(t *testing.T) {
	each(t, nil, func(d *desk) {
		draft := d.draft("a", "é [hold] [warn]")
		draft.Fields[0].Text = "[note]"
		draft.Fields = append(draft.Fields, Field{"alt:1", "x[hold]"})
		out := d.submit(draft, false)
		var got []string
		for _, f := range out.Findings {
			for _, field := range draft.Fields {
				if field.Name == f.Field {
					got = append(got, f.Field+" "+field.Text[f.Start:f.End])
				}
			}
		}
		if s := strings.Join(got, ", "); s != "title [note], body [warn], body [hold], alt:1 [hold]" {
			d.t.Error(s)
		}
	})
}

func TestRepeatGetsTheSameAnswer(t *testing.T) {
	each(t, nil, func(d *desk) {
		for _, text := range []string{"plain", "[warn]", "[hold]", "[block]"} {
			draft := d.draft(text, text)
			first := d.submit(draft, false)
			d.clock.Advance(time.Minute)
			second := d.submit(draft, false)
			if first.State != second.State || first.Submission != second.Submission || !first.Deadline.Equal(second.Deadline) {
				d.t.Errorf("%q: %+v, then %+v", text, first, second)
			}
		}
		if n := d.count(`SELECT COUNT(*) FROM submissions`); n != 4 {
			d.t.Errorf("%d submissions", n)
		}
		if got := d.acts(); got != "submitted submitted submitted submitted" {
			d.t.Error(got)
		}
		if n := d.count(`SELECT COUNT(*) FROM river_job`); n != 1 {
			d.t.Errorf("%d jobs, want one alarm clock", n)
		}
	})
}

func TestAttestation(t *testing.T) {
	each(t, nil, func(d *desk) {
		draft := d.draft("a", "[warn]")
		first := d.submit(draft, false)
		second := d.submit(draft, true)
		if second.State != Passed || second.Submission != first.Submission || !d.cleared(draft) {
			d.t.Errorf("%+v", second)
		}
		if third := d.submit(draft, true); third.State != Passed {
			d.t.Errorf("%+v", third)
		}
		if third := d.submit(draft, false); third.State != Passed {
			d.t.Errorf("%+v", third)
		}
		if got := d.acts(); got != "submitted attested" {
			d.t.Error(got)
		}
	})
}

// Two requests, or a request and its repeat after a kill, at the same time.
func TestConcurrentSubmits(t *testing.T) {
	each(t, nil, func(d *desk) {
		draft := d.draft("a", "[hold]")
		ids := make([]string, 6)
		var wg sync.WaitGroup
		for i := range ids {
			wg.Go(func() {
				out, err := d.Submit(ctx, draft, false)
				if err != nil {
					d.t.Error(err)
				}
				ids[i] = out.Submission
			})
		}
		wg.Wait()
		for _, s := range ids {
			if s != ids[0] {
				d.t.Errorf("two answers: %v", ids)
			}
		}
		if got := d.acts(); got != "submitted" {
			d.t.Error(got)
		}
	})
}

// What a kill in the middle leaves: nothing at all, so that the repeat starts afresh.
func TestNothingIsHalfStored(t *testing.T) {
	each(t, nil, func(d *desk) {
		d.UseQueue(nil) // the last step of the transaction fails
		draft := d.draft("a", "[hold]")
		if _, err := d.Submit(ctx, draft, false); !fault.Is(err, fault.Unavailable) {
			d.t.Fatal(err)
		}
		if n := d.count(`SELECT COUNT(*) FROM submissions`) + d.count(`SELECT COUNT(*) FROM moves`); n != 0 || d.acts() != "" {
			d.t.Errorf("%d rows, ledger %q", n, d.acts())
		}
		d.UseQueue(d.queueForWorker)
		if out := d.submit(draft, false); out.State != Held {
			d.t.Error(out.State)
		}
		it, err := d.Look(ctx, d.leonor, d.submit(draft, false).Submission)
		if err != nil {
			d.t.Fatal(err)
		}
		d.UseQueue(nil)
		decision := Decision{Submission: it.ID, Revision: it.Revision, Act: review.Approve}
		if _, err := d.Decide(ctx, d.leonor, decision); !fault.Is(err, fault.Unavailable) || d.cleared(draft) {
			d.t.Errorf("an approval that nobody hears of: %v", err)
		}
		d.UseQueue(d.queueForWorker)
		d.must(d.Decide(ctx, d.leonor, decision))
		if !d.cleared(draft) || d.acts() != "submitted looked approved" {
			d.t.Error(d.acts())
		}
	})
}

func TestFailingEngineFailsClosed(t *testing.T) {
	engines := map[string]broken{
		"panic":             func() []scan.Finding { panic("Mrs Halloran") },
		"past the end":      func() []scan.Finding { return []scan.Finding{{Start: 0, End: 1000, Severity: scan.Note}} },
		"backwards":         func() []scan.Finding { return []scan.Finding{{Start: 3, End: 2, Severity: scan.Note}} },
		"negative":          func() []scan.Finding { return []scan.Finding{{Start: -1, End: 2, Severity: scan.Note}} },
		"no severity":       func() []scan.Finding { return []scan.Finding{{Start: 0, End: 2}} },
		"unknown severity":  func() []scan.Finding { return []scan.Finding{{Start: 0, End: 2, Severity: 9}} },
		"unknown, harmless": func() []scan.Finding { return []scan.Finding{{Start: 0, End: 2, Severity: scan.Urgent + 1}} },
	}
	each(t, nil, func(d *desk) {
		for name, f := range engines {
			d.by("test@1", f)
			draft := d.draft("a", "plain")
			if _, err := d.Check(ctx, draft); !errors.Is(err, ErrDown) {
				d.t.Errorf("%s: check: %v", name, err)
			}
			out, err := d.Submit(ctx, draft, true)
			if !fault.Is(err, fault.Unavailable) || out.Cleared.Covers(draft) == nil || d.cleared(draft) {
				d.t.Errorf("%s: submit: %v", name, err)
			}
			if got := d.acts(); got != "" {
				d.t.Errorf("%s: %s", name, got)
			}
		}
	})
}

// What was answered stays answered while the engine fails; what needs it does not go on without.
func TestFailingEngineTakesNothingBack(t *testing.T) {
	each(t, nil, func(d *desk) {
		works := d.rules.Load().engine
		passed, warned := d.draft("a", "plain"), d.draft("b", "[warn] plain")
		d.submit(passed, false)
		d.submit(warned, false)
		d.by("test@1", broken(func() []scan.Finding { panic("no") }))
		if out := d.submit(passed, false); out.State != Passed || !d.cleared(passed) {
			d.t.Errorf("a repeat: %s", out.State)
		}
		if _, err := d.Submit(ctx, warned, true); !fault.Is(err, fault.Unavailable) || d.cleared(warned) {
			d.t.Errorf("a confirmation: %v", err)
		}
		d.by("test@1", works)
		if out := d.submit(warned, true); out.State != Passed {
			d.t.Errorf("a confirmation afterwards: %s", out.State)
		}
	})
}

func TestLimits(t *testing.T) {
	d := &desk{t: t, ama: identity.NewPrincipal("Ama", identity.Communications)}
	cases := map[string]struct {
		change func(*Draft)
		want   fault.Kind
	}{
		"body over":     {func(x *Draft) { x.Fields[1].Text = strings.Repeat("a", MaxText) }, fault.TooLarge},
		"a megabyte":    {func(x *Draft) { x.Fields[1].Text = strings.Repeat("a", 1<<20) }, fault.TooLarge},
		"parent over":   {func(x *Draft) { x.Parent = strings.Repeat("a", MaxText+1) }, fault.TooLarge},
		"title over":    {func(x *Draft) { x.Fields[0].Text = strings.Repeat("é", MaxTitle+1) }, fault.TooLarge},
		"no UTF-8":      {func(x *Draft) { x.Fields[1].Text = "a\xff" }, fault.Invalid},
		"NUL":           {func(x *Draft) { x.Fields[1].Text = "a\x00" }, fault.Invalid},
		"NUL elsewhere": {func(x *Draft) { x.Extra = []string{"a\x00"} }, fault.Invalid},
		"no fields":     {func(x *Draft) { x.Fields = nil }, fault.Invalid},
		"no id":         {func(x *Draft) { x.ID = "" }, fault.Invalid},
		"no kind":       {func(x *Draft) { x.Kind = "fax" }, fault.Invalid},
	}
	for name, c := range cases {
		draft := d.draft("a", "plain")
		c.change(&draft)
		if err := draft.valid(); !fault.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	draft := d.draft("a", strings.Repeat("a", MaxText-len("Heart month")))
	draft.Fields[0].Text = strings.Repeat("é", 5) + "!"
	if err := draft.valid(); err != nil {
		t.Errorf("at the limit: %v", err)
	}
}

func TestNewVersionReplacesTheWaitingOne(t *testing.T) {
	each(t, nil, func(d *desk) {
		one, two := d.draft("a", "[hold] one"), d.draft("a", "two")
		first := d.submit(one, false)
		if out := d.submit(two, false); out.State != Passed {
			d.t.Errorf("%s", out.State)
		}
		if out, err := d.Status(ctx, "a", one.Hash()); err != nil || out.State != Withdrawn || !out.Deadline.IsZero() {
			d.t.Errorf("%+v, %v", out, err)
		}
		it, err := d.Look(ctx, d.leonor, first.Submission)
		if err != nil || len(it.May) != 0 {
			d.t.Errorf("%v, %v", it.May, err)
		}
		if d.cleared(one) || !d.cleared(two) {
			d.t.Error("the wrong one is cleared")
		}
		// Back to the first wording: that is a new round, not the old answer.
		again := d.submit(one, false)
		if again.State != Held || again.Submission == first.Submission {
			d.t.Errorf("%+v", again)
		}
		if err := d.Supersede(ctx, "a"); err != nil {
			d.t.Fatal(err)
		}
		if err := d.Supersede(ctx, "a"); err != nil {
			d.t.Fatal(err)
		}
		if got := d.acts(); got != "submitted withdrawn submitted looked submitted withdrawn" {
			d.t.Error(got)
		}
	})
}

func TestNewRulesAskAgain(t *testing.T) {
	each(t, nil, func(d *desk) {
		for _, text := range []string{"[block]", "[warn]", "[hold]", "plain"} {
			d.submit(d.draft(text, text), false)
		}
		d.by("test@2", broken(func() []scan.Finding { return nil }))
		for text, want := range map[string]State{"[block]": Passed, "[warn]": Passed, "[hold]": Held} {
			if out := d.submit(d.draft(text, text), false); out.State != want {
				d.t.Errorf("%s under new rules: %s, want %s", text, out.State, want)
			}
		}
		d.by("test@2", broken(func() []scan.Finding { return []scan.Finding{{Severity: scan.Hold, End: 1}} }))
		if plain := d.draft("plain", "plain"); d.submit(plain, false).State != Held || d.cleared(plain) {
			d.t.Error("what the old rules let pass is cleared under the new ones")
		}
	})
}

func TestSampleIsDrawnBySeed(t *testing.T) {
	each(t, func(deps *Deps) { deps.SampleOneIn = 4 }, func(d *desk) {
		n := 0
		for i := range 60 {
			draft := d.draft(strings.Repeat("x", i+1), "plain")
			out := d.submit(draft, false)
			it, err := d.Look(ctx, d.leonor, out.Submission)
			if err != nil {
				d.t.Fatal(err)
			}
			if it.Sampled {
				n++
			}
			if !d.cleared(draft) {
				d.t.Error("a sample must not wait")
			}
		}
		if n < 4 || n > 30 {
			d.t.Errorf("%d of 60 drawn, one in 4 expected", n)
		}
		if held := d.submit(d.draft("h", "[hold]"), false); held.State != Held {
			d.t.Error(held.State)
		}
		if m := d.count(`SELECT COUNT(*) FROM submissions WHERE sampled = TRUE AND state <> 'passed'`); m != 0 {
			d.t.Errorf("%d samples that did not pass", m)
		}
	})
}

func TestZeroClearedIsRefused(t *testing.T) {
	d := Draft{ID: "a"}
	if err := (Cleared{}).Covers(d); !errors.Is(err, ErrNotCleared) {
		t.Error(err)
	}
	other := Cleared{ok: true, hash: d.Hash()}
	d.Fields = []Field{{"body", "changed"}}
	if err := other.Covers(d); !errors.Is(err, ErrOtherDraft) {
		t.Error(err)
	}
}

// The hash can't be fooled by moving text from one field into the next.
func FuzzDraftHash(f *testing.F) {
	f.Add("a", "bc", "d", "ab", "c", "d")
	f.Add("", "body", "x", "body", "", "x")
	f.Add("t", "x", "", "t", "", "x")
	f.Fuzz(func(t *testing.T, a1, b1, c1, a2, b2, c2 string) {
		same := a1 == a2 && b1 == b2 && c1 == c2
		shapes := []func(a, b, c string) Draft{
			func(a, b, c string) Draft { return Draft{ID: a, Kind: b, Speaker: c} },
			func(a, b, c string) Draft { return Draft{Fields: []Field{{a, b}}, Parent: c} },
			func(a, b, c string) Draft { return Draft{Fields: []Field{{a, b}}, Media: []string{c}} },
			func(a, b, c string) Draft { return Draft{Media: []string{a}, Extra: []string{b, c}} },
			func(a, b, c string) Draft { return Draft{Media: []string{a, b}, Extra: []string{c}} },
		}
		for i, x := range shapes {
			for j, y := range shapes {
				if one, two := x(a1, b1, c1), y(a2, b2, c2); (one.Hash() == two.Hash()) != (same && i == j) {
					t.Errorf("shapes %d and %d: %q %q", i, j, []string{a1, b1, c1}, []string{a2, b2, c2})
				}
			}
		}
	})
}
