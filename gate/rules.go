package gate

import (
	"context"
	"errors"
	"time"

	"github.com/mitral-health/mitral/gate/policy"
	"github.com/mitral-health/mitral/gate/rulebook"
	"github.com/mitral-health/mitral/gate/scan"
	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
)

// Rulebook holds the rules that the organisation changes while the gate runs.
type Rulebook interface {
	// Now returns the rules in force.
	Now(ctx context.Context) (rulebook.Rules, error)
}

// UseRulebook connects the organisation's own rules, before the first check, and loads those in force.
// When they can't be loaded, because they contradict the packs of a newer program, the gate stays
// closed until somebody mends them: every check is ErrDown.
func (g *Gate) UseRulebook(ctx context.Context, b Rulebook) {
	g.book = b
	if n, err := g.number(ctx); err == nil && n == 0 && g.rules.Load().set != nil {
		return // there are none
	}
	if err := g.reload(ctx); err != nil {
		g.log.ErrorContext(ctx, "gate: the rules in force can't be loaded; nothing is published until they are mended", "error", err)
		g.rules.Store(&rules{n: -1, engine: closed{}, looked: g.clock.Now()})
	}
}

// closed is the engine of a gate without rules.
type closed struct{}

func (closed) Scan(string, scan.Context) []scan.Finding { panic("no rules") }

// Packs returns the rules that apply now, nil if they can't be loaded.
func (g *Gate) Packs(ctx context.Context) *policy.Set {
	if g.book == nil {
		return g.rules.Load().set
	}
	return g.look(ctx).set
}

// rules is what the gate decides by, and which version of the own pack that is.
type rules struct {
	n      int64
	engine Engine
	pack   string
	set    *policy.Set
	looked time.Time // when it was last known to be in force
}

// errRules says that the rules which read a text are no longer in force.
var errRules = errors.New("gate: the rules have changed")

const lookEvery = 3 * time.Second

// current returns the rules for marking text while it is written. Another copy of the program may
// have put newer ones in force a few seconds ago; a decision makes sure (inForce).
func (g *Gate) current(ctx context.Context) *rules {
	if r := g.rules.Load(); g.book == nil || g.clock.Now().Sub(r.looked) < lookEvery {
		return r
	}
	return g.look(ctx)
}

// look makes sure of the rules in force.
func (g *Gate) look(ctx context.Context) *rules {
	r := g.rules.Load()
	n, err := g.number(ctx)
	switch {
	case err != nil: // no decision hangs on it
	case n != r.n:
		if err := g.reload(ctx); err != nil {
			g.log.ErrorContext(ctx, "gate: the rules in force can't be loaded", "version", n, "error", err)
		}
	default:
		same := *r
		same.looked = g.clock.Now()
		g.rules.CompareAndSwap(r, &same)
	}
	return g.rules.Load()
}

func (g *Gate) number(ctx context.Context) (n int64, err error) {
	err = g.store.Read(ctx, func(tx db.Tx) (err error) {
		n, err = rulebook.Number(ctx, tx)
		return err
	})
	return n, err
}

// inForce returns errRules unless r are the rules in force, as the transaction of a decision sees it.
func (g *Gate) inForce(ctx context.Context, tx db.Tx, r *rules) error {
	if g.book == nil {
		return nil
	}
	n, err := rulebook.Number(ctx, tx)
	if err == nil && n != r.n {
		return errRules
	}
	return err
}

func (g *Gate) reload(ctx context.Context) error {
	now, err := g.book.Now(ctx)
	if err != nil {
		return err
	}
	g.rules.Store(&rules{n: now.N, engine: now.Engine, pack: now.Set.Version(), set: now.Set, looked: g.clock.Now()})
	return nil
}

// Change is a text that other rules would judge otherwise.
type Change struct {
	Submission    string
	Title         string
	Kind          string
	State         State
	Before, After scan.Severity
	Rules         []string // pack/rule of the findings that only one of the two has
	Words         string   // of the first of those
}

// Compare judges the last n texts that were submitted by the rules in force and by others, and returns
// those whose verdict differs, the newest first, and how many were read.
func (g *Gate) Compare(ctx context.Context, p *identity.Principal, other Engine, n int) (changes []Change, read int, err error) {
	if !p.Has(rulebook.Editors...) {
		return nil, 0, rulebook.ErrRole
	}
	var all []*submission
	err = g.store.Read(ctx, func(tx db.Tx) error {
		all = nil
		return db.Each(ctx, tx, `SELECT `+submissionColumns+` FROM submissions ORDER BY id DESC LIMIT $1`, []any{n}, func(row db.Row) error {
			s, err := scanSubmission(row)
			all = append(all, s)
			return err
		})
	})
	if err != nil {
		return nil, 0, g.down(err)
	}
	now, seen := g.current(ctx).engine, map[string]bool{}
	for _, s := range all {
		if err := ctx.Err(); err != nil {
			return nil, 0, fault.Wrap(err, fault.Unavailable, "This took too long. Try again.")
		}
		if seen[s.draft.ID] { // an earlier version of the same text
			continue
		}
		seen[s.draft.ID] = true
		before, err := g.check(s.draft, now)
		if err != nil {
			return nil, 0, err
		}
		after, err := g.check(s.draft, other)
		if err != nil {
			return nil, 0, err
		}
		read++
		if before.Verdict != after.Verdict {
			changes = append(changes, difference(s, before, after))
		}
	}
	return changes, read, nil
}

func difference(s *submission, before, after Result) Change {
	c := Change{Submission: s.id.String(), Title: s.title, Kind: s.draft.Kind, State: s.State, Before: before.Verdict, After: after.Verdict}
	only := func(these, those []Finding) {
		known, told := map[string]bool{}, map[string]bool{}
		for _, f := range those {
			known[key(f.Finding)] = true
		}
		for _, f := range these {
			name := f.Pack + "/" + f.Rule
			if known[key(f.Finding)] || told[name] {
				continue
			}
			told[name] = true
			c.Rules = append(c.Rules, name)
			if text := s.draft.text(f.Field); c.Words == "" && f.End <= len(text) && f.Start < f.End {
				c.Words = text[f.Start:f.End]
			}
		}
	}
	only(after.Findings, before.Findings)
	only(before.Findings, after.Findings)
	return c
}
