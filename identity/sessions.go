package identity

import (
	"context"
	"errors"
	"time"

	"github.com/mitral-health/mitral/identity/internal/secret"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/id"
)

const (
	sessionIdle  = 12 * time.Hour     // without a request: a working day later, sign in again
	sessionLimit = 7 * 24 * time.Hour // from signing in
	seenEvery    = 5 * time.Minute    // how exact "last seen" is
	freshToOpen  = 10 * time.Minute   // a page with sensitive forms opens this long after signing in,
	freshToSend  = 40 * time.Minute   // and its forms are accepted for longer, so nothing typed is lost
)

type sessionNoun struct{}

// session is a browser that is signed in, every factor included. There is no lesser kind of
// session: what stands between a password and a session is a ceremony.
type session struct {
	id        id.Of[sessionNoun]
	hash      []byte
	account   *account
	createdAt time.Time
	seenAt    time.Time
	freshAt   time.Time // when the person last proved who they are
	policy    int       // the present version of the acceptable-use policy

	still func(context.Context) (bool, error) // whether it stands now
}

func (s *session) fresh(now time.Time, within time.Duration) bool {
	return now.Sub(s.freshAt) < within
}

// findSession reads who a token belongs to: one query for session, account, roles and policy, so
// that a change of rights holds from the next request on. It returns nil for a token that is unknown,
// too old, or of a suspended account.
func (i *Identity) findSession(ctx context.Context, token secret.Token) (*session, error) {
	now := i.clock.Now()
	s := &session{hash: token.Hash(), account: &account{}}
	a := s.account
	var roles string
	var social, clinical, gate Subject
	var created, seen, fresh int64
	err := i.store.Read(ctx, func(tx db.Tx) error {
		return tx.QueryRow(ctx, `SELECT s.id, s.created_at, s.seen_at, s.fresh_at,
				a.id, a.login, a.name, a.roles, a.lang, a.time_zone, a.suspended, a.accepted, a.social, a.clinical, a.gate,
				(SELECT MAX(version) FROM policies)
			FROM sessions s JOIN accounts a ON a.id = s.account WHERE s.hash = $1`, s.hash).
			Scan(&s.id, &created, &seen, &fresh, &a.ID, &a.Login, &a.Name, &roles, &a.Lang, &a.TimeZone, &a.Suspended, &a.Accepted,
				&social, &clinical, &gate, &s.policy)
	})
	if errors.Is(err, db.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	s.createdAt, s.seenAt, s.freshAt = db.FromMicros(created), db.FromMicros(seen), db.FromMicros(fresh)
	if a.Suspended || now.Sub(s.seenAt) >= sessionIdle || now.Sub(s.createdAt) >= sessionLimit {
		return nil, nil
	}
	a.Roles = unpackRoles(roles)
	a.Subjects = map[Chamber]Subject{Social: social, Clinical: clinical, Gate: gate}
	return s, nil
}

// touch writes that a session is in use, at most every few minutes.
func (i *Identity) touch(ctx context.Context, s *session) error {
	now := i.clock.Now()
	if now.Sub(s.seenAt) < seenEvery {
		return nil
	}
	return i.store.Write(ctx, func(tx db.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE sessions SET seen_at = $1 WHERE hash = $2 AND seen_at < $1`, db.Micros(now), s.hash)
		return err
	})
}

// openSession stores a new session, in place of the browser's present one if it has one.
func (i *Identity) openSession(ctx context.Context, tx db.Tx, who id.Of[Account], old *session, device, network string) (secret.Token, error) {
	now := i.clock.Now()
	token := secret.NewToken()
	if old != nil {
		if _, err := tx.Exec(ctx, `DELETE FROM sessions WHERE hash = $1`, old.hash); err != nil {
			return token, err
		}
	}
	_, err := tx.Exec(ctx, `INSERT INTO sessions (hash, id, account, device, network, created_at, seen_at, fresh_at) VALUES ($1, $2, $3, $4, $5, $6, $6, $6)`,
		token.Hash(), id.New[sessionNoun](now), who, device, network, db.Micros(now))
	return token, err
}

// endSessions ends every session of an account but one, which may be nil.
func endSessions(ctx context.Context, tx db.Tx, who id.Of[Account], keep *session) error {
	hash := []byte{}
	if keep != nil {
		hash = keep.hash
	}
	_, err := tx.Exec(ctx, `DELETE FROM sessions WHERE account = $1 AND hash <> $2`, who, hash)
	return err
}

// endSession ends one session of an account.
func (i *Identity) endSession(ctx context.Context, who id.Of[Account], which id.Of[sessionNoun], act string) error {
	return i.store.Write(ctx, func(tx db.Tx) error {
		n, err := tx.Exec(ctx, `DELETE FROM sessions WHERE id = $1 AND account = $2`, which, who)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.NotFound, "This session has already ended.")
		}
		return i.record(ctx, tx, who.String(), act, which.String())
	})
}

// EndSessions ends every session of whoever makes the request of ctx, this one included.
func (i *Identity) EndSessions(ctx context.Context) error {
	s := sessionFrom(ctx)
	if s == nil {
		return nil
	}
	return i.store.Write(ctx, func(tx db.Tx) error {
		if err := endSessions(ctx, tx, s.account.ID, nil); err != nil {
			return err
		}
		return i.record(ctx, tx, s.account.ID.String(), "all sessions ended", s.account.ID.String())
	})
}

// sessionView is a line of the list on the account page.
type sessionView struct {
	ID        id.Of[sessionNoun]
	Device    string
	Network   string
	CreatedAt time.Time
	SeenAt    time.Time
	Here      bool
}

func (i *Identity) sessionsOf(ctx context.Context, tx db.Tx, s *session) ([]sessionView, error) {
	now := i.clock.Now()
	var out []sessionView
	err := db.Each(ctx, tx, `SELECT id, device, network, created_at, seen_at FROM sessions
		WHERE account = $1 AND seen_at > $2 AND created_at > $3 ORDER BY seen_at DESC, id DESC LIMIT 50`,
		[]any{s.account.ID, db.Micros(now.Add(-sessionIdle)), db.Micros(now.Add(-sessionLimit))}, func(row db.Row) error {
			var v sessionView
			var created, seen int64
			if err := row.Scan(&v.ID, &v.Device, &v.Network, &created, &seen); err != nil {
				return err
			}
			v.CreatedAt, v.SeenAt, v.Here = db.FromMicros(created), db.FromMicros(seen), v.ID == s.id
			out = append(out, v)
			return nil
		})
	return out, err
}
