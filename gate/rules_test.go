package gate

import (
	"strings"
	"testing"

	"github.com/mitral-health/mitral/gate/policy"
	"github.com/mitral-health/mitral/gate/rulebook"
	"github.com/mitral-health/mitral/gate/scan"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/db/dbtest"
	"github.com/mitral-health/mitral/platform/fault"
)

func (d *desk) book() *rulebook.Book {
	b := &rulebook.Book{Store: d.store, Clock: d.clock, Build: func(text string, n int64) (rulebook.Rules, error) {
		set, err := policy.LoadOwn(text, n, policy.Builtin())
		if err != nil {
			return rulebook.Rules{}, err
		}
		e, err := set.Engine(policy.Example())
		return rulebook.Rules{N: n, Set: set, Engine: e}, err
	}}
	d.UseRulebook(ctx, b)
	return b
}

func bluebird(t *testing.T, text string) string {
	t.Helper()
	text, err := policy.AddWatch(text, policy.Watch{ID: "bluebird", Words: []string{"bluebird"}, Severity: scan.Hold,
		ReasonEN: "Not announced.", ReasonES: "Sin anunciar.", Caught: "Our bluebird opens soon"})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestOwnRules: one person writes a rule, sees what it would change, and another puts it in force; then
// every copy of the program decides by it.
func TestOwnRules(t *testing.T) {
	dbtest.Each(t, "gate", Migrations(), func(t *testing.T, store *db.DB) {
		d, other := newDesk(t, store, nil), newDesk(t, store, nil)
		b := d.book()
		other.book()
		const words = "The bluebird opens its doors on Monday for everybody who likes music."
		if out := d.submit(d.draft("a", words), false); out.State != Passed {
			t.Fatalf("before: %s", out.State)
		}
		_, begin, err := b.Open(ctx, d.berta)
		if err != nil {
			t.Fatal(err)
		}
		text := bluebird(t, begin)
		if err := b.Save(ctx, d.ama, text, 0); !fault.Is(err, fault.Forbidden) {
			t.Errorf("an author wrote rules: %v", err)
		}
		if err := b.Save(ctx, d.berta, "rules: [", 0); !fault.Is(err, fault.Invalid) {
			t.Errorf("no pack was saved: %v", err)
		}
		d.ok(b.Save(ctx, d.berta, text, 0))
		if err := b.Save(ctx, d.root, text, 0); !fault.Is(err, fault.Conflict) {
			t.Errorf("a second draft: %v", err)
		}
		if err := b.Save(ctx, d.root, text, 9); !fault.Is(err, fault.Conflict) {
			t.Errorf("somebody else's draft was overwritten: %v", err)
		}
		v, _, err := b.Open(ctx, d.root)
		if err != nil || v == nil || v.Author != d.berta.Name {
			t.Fatalf("%+v %v", v, err)
		}
		rules, err := b.Build(v.Text, v.N)
		if err != nil {
			t.Fatal(err)
		}
		changes, read, err := d.Compare(ctx, d.root, rules.Engine, 100)
		if err != nil || read != 1 || len(changes) != 1 || changes[0].After != scan.Hold || changes[0].Words != "bluebird" ||
			!strings.HasSuffix(changes[0].Rules[0], "/bluebird") {
			t.Errorf("%d read, %+v, %v", read, changes, err)
		}
		d.ok(b.Propose(ctx, d.berta, v.Revision, "The opening is a surprise."))
		if err := b.Decide(ctx, d.berta, v.Revision+1, true, ""); !fault.Is(err, fault.Forbidden) {
			t.Errorf("its own author put it in force: %v", err)
		}
		if err := b.Decide(ctx, d.root, v.Revision, true, ""); !fault.Is(err, fault.Conflict) {
			t.Errorf("decided about what was not seen: %v", err)
		}
		if out := other.submit(other.draft("b", words+" Free."), false); out.State != Passed {
			t.Errorf("a proposal decides: %s", out.State)
		}
		d.ok(b.Decide(ctx, d.root, v.Revision+1, true, ""))
		for i, desk := range []*desk{d, other} { // neither has looked since
			if out := desk.submit(desk.draft([]string{"c", "d"}[i], words+" Come along."), false); out.State != Held {
				t.Errorf("copy %d: %s", i, out.State)
			}
		}
		if out := d.submit(d.draft("a", words), false); out.State != Held {
			t.Errorf("the rules changed and the old answer stands: %s", out.State)
		}
		if acts := d.acts(); !strings.Contains(acts, "rules_proposed") || !strings.Contains(acts, "rules_in_force") {
			t.Error(acts)
		}
		all, err := b.List(ctx, d.berta, 10)
		if err != nil || len(all) != 1 || all[0].State != rulebook.InForce || all[0].Decider != d.root.Name {
			t.Errorf("%+v %v", all, err)
		}
	})
}

// TestOwnRulesRefused: what is refused decides nothing, and who wrote along can't approve.
func TestOwnRulesRefused(t *testing.T) {
	each(t, nil, func(d *desk) {
		b := d.book()
		text := bluebird(d.t, policy.OwnText)
		d.ok(b.Save(ctx, d.berta, text, 0))
		d.ok(b.Save(ctx, d.root, text+"# a word\n", 1))
		d.ok(b.Propose(ctx, d.berta, 2, "why"))
		if err := b.Decide(ctx, d.root, 3, true, ""); !fault.Is(err, fault.Forbidden) {
			d.t.Errorf("who wrote along put it in force: %v", err)
		}
		d.ok(b.Save(ctx, d.berta, text, 3)) // takes it back
		d.ok(b.Discard(ctx, d.root, 4))
		d.ok(b.Save(ctx, d.berta, text, 0))
		d.ok(b.Propose(ctx, d.berta, 1, "why"))
		if err := b.Decide(ctx, d.root, 2, false, " "); !fault.Is(err, fault.Invalid) {
			d.t.Errorf("refused without a word: %v", err)
		}
		d.ok(b.Decide(ctx, d.root, 2, false, "too strict"))
		if out := d.submit(d.draft("a", "The bluebird opens soon."), false); out.State != Passed {
			d.t.Errorf("%s", out.State)
		}
		wrong, err := policy.AddWatch(policy.OwnText, policy.Watch{ID: "x", Words: []string{"zebra"}, Severity: scan.Hold, ReasonEN: "a", ReasonES: "b", Caught: "no such animal"})
		if err != nil {
			d.t.Fatal(err)
		}
		d.ok(b.Save(ctx, d.berta, wrong, 0))
		if err := b.Propose(ctx, d.berta, 1, "why"); !fault.Is(err, fault.Invalid) {
			d.t.Errorf("an example that does not come out: %v", err)
		}
	})
}

func (d *desk) ok(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

// TestOwnRulesThatNoLongerLoad: after an upgrade the own pack may contradict the built-in ones. Then
// nothing passes, and mending them opens the gate again.
func TestOwnRulesThatNoLongerLoad(t *testing.T) {
	each(t, nil, func(d *desk) {
		b := d.book()
		d.ok(b.Save(ctx, d.berta, bluebird(d.t, policy.OwnText), 0))
		d.ok(b.Propose(ctx, d.berta, 1, "why"))
		d.ok(b.Decide(ctx, d.root, 2, true, ""))
		works := b.Build
		b.Build = func(text string, n int64) (rulebook.Rules, error) {
			if strings.Contains(text, "bluebird") {
				return rulebook.Rules{}, fault.New(fault.Invalid, "no")
			}
			return works(text, n)
		}
		d.UseRulebook(ctx, b)
		if _, err := d.Check(ctx, d.draft("a", "plain")); err != ErrDown {
			d.t.Errorf("check: %v", err)
		}
		if _, err := d.Submit(ctx, d.draft("a", "plain"), true); err != ErrDown {
			d.t.Errorf("submit: %v", err)
		}
		d.ok(b.Save(ctx, d.berta, policy.OwnText, 0))
		d.ok(b.Propose(ctx, d.berta, 1, "mend"))
		d.ok(b.Decide(ctx, d.root, 2, true, ""))
		if out := d.submit(d.draft("a", "plain"), false); out.State != Passed {
			d.t.Errorf("mended: %s", out.State)
		}
	})
}
