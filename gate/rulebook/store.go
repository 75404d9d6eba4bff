package rulebook

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"

	"github.com/mitral-health/mitral/gate/ledger"
	"github.com/mitral-health/mitral/gate/policy"
	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/db"
)

// Migration is the step of the gate's store that makes the rulebook's tables. They refer to people,
// the gate's own table of names.
func Migration() db.Migration {
	return db.Migration{Name: "own rules", SQL: `
CREATE TABLE own_rules (
	n BIGINT PRIMARY KEY,
	state TEXT NOT NULL,
	text TEXT NOT NULL,
	why TEXT NOT NULL,
	editors TEXT NOT NULL,
	author TEXT NOT NULL,
	at BIGINT NOT NULL,
	decider TEXT NOT NULL,
	decided BIGINT NOT NULL,
	comment TEXT NOT NULL,
	revision INTEGER NOT NULL,
	one INTEGER NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX own_rules_pending ON own_rules (one) WHERE state IN ('draft', 'proposed');
CREATE TABLE own_rules_in_force (
	one INTEGER PRIMARY KEY,
	n BIGINT NOT NULL
)`}
}

const selectVersion = `SELECT n, state, text, why, editors, COALESCE((SELECT name FROM people WHERE subject = author), ''), at,
	COALESCE((SELECT name FROM people WHERE subject = decider), ''), decided, comment, revision FROM own_rules`

func scanVersion(row db.Row) (v Version, err error) {
	var state, editors string
	var at, decided int64
	err = row.Scan(&v.N, &state, &v.Text, &v.Why, &editors, &v.Author, &at, &v.Decider, &decided, &v.Comment, &v.Revision)
	v.State, v.editors = State(state), strings.Fields(editors)
	v.At, v.Decided = db.FromMicros(at), db.FromMicros(decided)
	return v, err
}

func get(ctx context.Context, tx db.Tx, n int64) (*Version, error) {
	v, err := scanVersion(tx.QueryRow(ctx, selectVersion+` WHERE n = $1`, n))
	if errors.Is(err, db.ErrNoRows) {
		return nil, ErrNone
	}
	return &v, err
}

// pending returns the one version that is being written or waits, or nil.
func pending(ctx context.Context, tx db.Tx) (*Version, error) {
	v, err := scanVersion(tx.QueryRow(ctx, selectVersion+` WHERE state IN ('draft', 'proposed')`))
	if errors.Is(err, db.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &v, nil
}

// inForce returns the text that decides now, or that of an empty pack.
func inForce(ctx context.Context, tx db.Tx) (string, error) {
	n, err := Number(ctx, tx)
	if err != nil || n == 0 {
		return policy.OwnText, err
	}
	v, err := get(ctx, tx, n)
	if err != nil {
		return "", err
	}
	return v.Text, nil
}

// update changes the columns of set, whose first placeholder is $3, if nobody else did meanwhile.
func update(ctx context.Context, tx db.Tx, v *Version, set string, args ...any) error {
	n, err := tx.Exec(ctx, `UPDATE own_rules SET `+set+`, revision = revision + 1 WHERE n = $1 AND revision = $2`, append([]any{v.N, v.Revision}, args...)...)
	if err == nil && n != 1 {
		return ErrChanged
	}
	return err
}

// change runs f in a transaction and remembers how its actor is called.
func (b *Book) change(ctx context.Context, p *identity.Principal, f func(tx db.Tx, me string) error) error {
	me := p.Subject(identity.Gate).String()
	err := b.Store.Write(ctx, func(tx db.Tx) error {
		if _, err := tx.Exec(ctx, `INSERT INTO people (subject, name) VALUES ($1, $2) ON CONFLICT (subject) DO UPDATE SET name = EXCLUDED.name`, me, p.Name); err != nil {
			return err
		}
		return f(tx, me)
	})
	if db.IsUnique(err) {
		return ErrChanged // somebody else began a draft at the same moment
	}
	return err
}

// act is change for the pending version, which must be the one that was read.
func (b *Book) act(ctx context.Context, p *identity.Principal, revision int, f func(tx db.Tx, v *Version, me string) error) error {
	if !p.Has(Editors...) {
		return ErrRole
	}
	return b.change(ctx, p, func(tx db.Tx, me string) error {
		v, err := pending(ctx, tx)
		if err != nil {
			return err
		}
		if v == nil || v.Revision != revision {
			return ErrChanged
		}
		return f(tx, v, me)
	})
}

func (b *Book) record(ctx context.Context, tx db.Tx, me, act string, v *Version) error {
	sum := sha256.Sum256([]byte(v.Text))
	return ledger.Record(ctx, tx, b.Clock.Now(), me, act, policy.OwnPack+"@"+strconv.FormatInt(v.N, 10), map[string]string{"sha256": hex.EncodeToString(sum[:])})
}
