// Package rulebook keeps the rules that the organisation writes itself, in the product: one pack, in
// versions. One person drafts a version and sees what it would change; another puts it in force. May
// import gate/scan, gate/policy, gate/ledger, identity, audit and platform.
//
// It promises: what is in force was read by two people; every decision of the gate is taken by the
// version in force at that moment, on every copy of the program; earlier versions stay as they were.
package rulebook

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/mitral-health/mitral/gate/ledger"
	"github.com/mitral-health/mitral/gate/policy"
	"github.com/mitral-health/mitral/gate/scan"
	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
)

// State says where a version stands.
type State string

// The states of a version.
const (
	Draft    State = "draft"    // being written
	Proposed State = "proposed" // waits for a second person
	InForce  State = "in_force" // it, or a later one that is, decides
	Refused  State = "refused"
)

// Editors may change the rules and put each other's changes in force.
var Editors = []identity.Role{identity.PrivacyOfficer, identity.Administrator}

// The longest text, reason and comment, in bytes.
const (
	MaxText = 200_000
	MaxWhy  = 2_000
)

// Version is one state of the organisation's own pack.
type Version struct {
	N        int64 // 1, 2, …
	State    State
	Text     string // the pack, in YAML
	Why      string // what its author says about it
	Author   string // the name of who changed it last
	At       time.Time
	Decider  string // the name of who put it in force or refused it
	Decided  time.Time
	Comment  string
	Revision int

	editors []string // the subjects of everybody who wrote in it
}

// WrittenBy reports whether p wrote in this version, and so may not decide about it.
func (v *Version) WrittenBy(p *identity.Principal) bool {
	for _, e := range v.editors {
		if e == p.Subject(identity.Gate).String() {
			return true
		}
	}
	return false
}

// Rules are the rules of one version, ready to use.
type Rules struct {
	N      int64 // the version of the own pack; 0 is none
	Set    *policy.Set
	Engine *scan.Engine
}

// Book reads and writes versions. Build makes the rules of a text: the built-in packs, those of the
// configuration, and the text as version n of the own pack; "" is without one.
type Book struct {
	Store *db.DB
	Clock clock.Clock
	Build func(text string, n int64) (Rules, error)
}

// Errors that people see.
var (
	ErrRole    = fault.New(fault.Forbidden, "Only privacy officers and administrators change the rules.")
	ErrOwn     = fault.New(fault.Forbidden, "You wrote in this version. Somebody else must put it in force.")
	ErrChanged = fault.New(fault.Conflict, "The rules changed while you were reading. Nothing was saved; look at them again.")
	ErrNone    = fault.New(fault.NotFound, "There is no such version of the rules.")
)

// Number returns the version in force, 0 if there is none. It is one look-up by key, for the
// transaction of every decision.
func Number(ctx context.Context, tx db.Tx) (n int64, err error) {
	err = tx.QueryRow(ctx, `SELECT n FROM own_rules_in_force WHERE one = 1`).Scan(&n)
	if errors.Is(err, db.ErrNoRows) {
		return 0, nil
	}
	return n, err
}

// Now returns the rules in force.
func (b *Book) Now(ctx context.Context) (Rules, error) {
	var v *Version
	err := b.Store.Read(ctx, func(tx db.Tx) error {
		n, err := Number(ctx, tx)
		if err != nil || n == 0 {
			v = nil
			return err
		}
		v, err = get(ctx, tx, n)
		return err
	})
	if err != nil {
		return Rules{}, err
	}
	if v == nil {
		return b.Build("", 0)
	}
	return b.Build(v.Text, v.N)
}

// List returns the versions, the newest first, at most limit.
func (b *Book) List(ctx context.Context, p *identity.Principal, limit int) (out []Version, err error) {
	if !p.Has(Editors...) {
		return nil, ErrRole
	}
	err = b.Store.Read(ctx, func(tx db.Tx) error {
		out = nil
		return db.Each(ctx, tx, selectVersion+` ORDER BY n DESC LIMIT $1`, []any{limit}, func(row db.Row) error {
			v, err := scanVersion(row)
			out = append(out, v)
			return err
		})
	})
	return out, err
}

// Open returns the version that is being written or waits, nil if there is none, and the text that a
// new one would begin with.
func (b *Book) Open(ctx context.Context, p *identity.Principal) (open *Version, begin string, err error) {
	if !p.Has(Editors...) {
		return nil, "", ErrRole
	}
	err = b.Store.Read(ctx, func(tx db.Tx) error {
		if open, err = pending(ctx, tx); err != nil {
			return err
		}
		begin, err = inForce(ctx, tx)
		return err
	})
	return open, begin, err
}

// Save stores text as the draft. revision is the one that was read, 0 for a new draft. The text must
// be a pack that loads; who saves a proposed version takes it back.
func (b *Book) Save(ctx context.Context, p *identity.Principal, text string, revision int) error {
	if !p.Has(Editors...) {
		return ErrRole
	}
	if len(text) > MaxText {
		return fault.New(fault.TooLarge, "These rules are too long. The limit is %d KB.", MaxText/1000)
	}
	if _, err := b.Build(text, 1); err != nil {
		return fault.Wrap(err, fault.Invalid, "These rules can't be read: %s", err.Error())
	}
	return b.change(ctx, p, func(tx db.Tx, me string) error {
		v, err := pending(ctx, tx)
		if err != nil {
			return err
		}
		if v == nil {
			if revision != 0 {
				return ErrChanged
			}
			var n int64
			if err := tx.QueryRow(ctx, `SELECT COALESCE(MAX(n), 0) + 1 FROM own_rules`).Scan(&n); err != nil {
				return err
			}
			_, err := tx.Exec(ctx, `INSERT INTO own_rules (n, state, text, why, editors, author, at, decider, decided, comment, revision)
				VALUES ($1, $2, $3, '', $4, $4, $5, '', 0, '', 1)`, n, string(Draft), text, me, db.Micros(b.Clock.Now()))
			return err
		}
		if v.Revision != revision {
			return ErrChanged
		}
		if !v.WrittenBy(p) {
			v.editors = append(v.editors, me)
		}
		return update(ctx, tx, v, `state = $3, text = $4, editors = $5, author = $6, at = $7`,
			string(Draft), text, strings.Join(v.editors, " "), me, db.Micros(b.Clock.Now()))
	})
}

// Discard takes the draft away.
func (b *Book) Discard(ctx context.Context, p *identity.Principal, revision int) error {
	return b.act(ctx, p, revision, func(tx db.Tx, v *Version, me string) error {
		if v.State == Proposed {
			return ErrChanged
		}
		_, err := tx.Exec(ctx, `DELETE FROM own_rules WHERE n = $1 AND revision = $2`, v.N, v.Revision)
		return err
	})
}

// Propose asks for a second pair of eyes. The tests in the pack must pass.
func (b *Book) Propose(ctx context.Context, p *identity.Principal, revision int, why string) error {
	if why = strings.TrimSpace(why); why == "" || len(why) > MaxWhy {
		return fault.New(fault.Invalid, "Say in a sentence why the rules should change.")
	}
	return b.act(ctx, p, revision, func(tx db.Tx, v *Version, me string) error {
		if v.State != Draft {
			return ErrChanged
		}
		r, err := b.Build(v.Text, v.N)
		if err != nil {
			return fault.Wrap(err, fault.Invalid, "These rules can't be read: %s", err.Error())
		}
		if len(r.Set.TestPack(policy.OwnPack)) > 0 {
			return fault.New(fault.Invalid, "Some examples in these rules don't come out as they say. Mend them first.")
		}
		if err := update(ctx, tx, v, `state = $3, why = $4`, string(Proposed), why); err != nil {
			return err
		}
		return b.record(ctx, tx, me, ledger.RulesProposed, v)
	})
}

// Decide puts a proposed version in force or refuses it. Nobody decides about what they wrote in.
func (b *Book) Decide(ctx context.Context, p *identity.Principal, revision int, approve bool, comment string) error {
	comment = strings.TrimSpace(comment)
	if len(comment) > MaxWhy || !approve && comment == "" {
		return fault.New(fault.Invalid, "Say why you refuse, so that your colleague can change it.")
	}
	return b.act(ctx, p, revision, func(tx db.Tx, v *Version, me string) error {
		if v.State != Proposed {
			return ErrChanged
		}
		if v.WrittenBy(p) {
			return ErrOwn
		}
		to, act := Refused, ledger.RulesRefused
		if approve {
			if _, err := b.Build(v.Text, v.N); err != nil {
				return fault.Wrap(err, fault.Invalid, "These rules can't be read: %s", err.Error())
			}
			to, act = InForce, ledger.RulesInForce
			_, err := tx.Exec(ctx, `INSERT INTO own_rules_in_force (one, n) VALUES (1, $1) ON CONFLICT (one) DO UPDATE SET n = EXCLUDED.n`, v.N)
			if err != nil {
				return err
			}
		}
		err := update(ctx, tx, v, `state = $3, decider = $4, decided = $5, comment = $6`, string(to), me, db.Micros(b.Clock.Now()), comment)
		if err != nil {
			return err
		}
		return b.record(ctx, tx, me, act, v)
	})
}
