package identity

import (
	"context"
	"fmt"
	"time"

	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/id"
)

// AccountView is an account as administrators see it.
type AccountView struct {
	ID           id.Of[Account]
	Login        string
	Name         string
	Roles        []Role
	Lang         string
	Suspended    bool
	SecondFactor bool // has an authenticator app or a passkey
	Accepted     int  // version of the policy accepted last, 0 for none
	UpToDate     bool // that is the present one
	LastSeen     time.Time
	Subjects     map[Chamber]Subject
}

// ofStaff is the condition on accounts that leaves patients out.
const ofStaff = `a.roles NOT LIKE '%"patient"%'`

// Accounts lists every account of staff, by name.
func (i *Identity) Accounts(ctx context.Context) ([]AccountView, error) {
	var out []AccountView
	err := i.store.Read(ctx, func(tx db.Tx) (err error) {
		out, err = views(ctx, tx, ofStaff)
		return err
	})
	return out, err
}

// Empty reports whether there is no account yet, so that whoever starts the program is told how to
// make the first.
func (i *Identity) Empty(ctx context.Context) (bool, error) {
	var n int
	err := i.store.Read(ctx, func(tx db.Tx) error { return tx.QueryRow(ctx, `SELECT COUNT(*) FROM accounts`).Scan(&n) })
	return n == 0, err
}

// views reads accounts with what is known of their second factor and last visit. Staff are hundreds
// at most, so the list has no pages.
func views(ctx context.Context, tx db.Tx, where string, args ...any) ([]AccountView, error) {
	var out []AccountView
	err := db.Each(ctx, tx, `SELECT a.id, a.login, a.name, a.roles, a.lang, a.suspended,
			a.accepted, a.accepted >= (SELECT COALESCE(MAX(version), 1) FROM policies), a.social, a.clinical, a.gate,
			(a.totp IS NOT NULL OR EXISTS (SELECT 1 FROM passkeys p WHERE p.account = a.id)),
			COALESCE((SELECT MAX(s.seen_at) FROM sessions s WHERE s.account = a.id), 0)
		FROM accounts a WHERE `+where+` ORDER BY a.name, a.id`, args, func(row db.Row) error {
		var v AccountView
		var roles string
		var social, clinical, gate Subject
		var seen int64
		if err := row.Scan(&v.ID, &v.Login, &v.Name, &roles, &v.Lang, &v.Suspended, &v.Accepted, &v.UpToDate, &social, &clinical, &gate, &v.SecondFactor, &seen); err != nil {
			return err
		}
		v.Roles, v.LastSeen = unpackRoles(roles), db.FromMicros(seen)
		v.Subjects = map[Chamber]Subject{Social: social, Clinical: clinical, Gate: gate}
		out = append(out, v)
		return nil
	})
	return out, err
}

// Names returns the names that colleagues know, for subjects of one chamber: of use to that chamber
// only. Subjects that nobody has are left out.
func (i *Identity) Names(ctx context.Context, c Chamber, subjects []Subject) (map[Subject]string, error) {
	column, ok := map[Chamber]string{Social: "social", Clinical: "clinical", Gate: "gate"}[c]
	if !ok {
		return nil, fmt.Errorf("identity: no chamber %q", c)
	}
	out := map[Subject]string{}
	err := i.store.Read(ctx, func(tx db.Tx) error {
		for _, s := range subjects {
			var name string
			err := tx.QueryRow(ctx, `SELECT name FROM accounts WHERE `+column+` = $1`, s).Scan(&name)
			if err == db.ErrNoRows {
				continue
			}
			if err != nil {
				return err
			}
			out[s] = name
		}
		return nil
	})
	return out, err
}

// setRoles gives an account exactly these roles. They hold from the person's next request on, because
// every request reads them with the session.
func (i *Identity) setRoles(ctx context.Context, actor string, who id.Of[Account], roles []Role) error {
	return i.store.Write(ctx, func(tx db.Tx) error {
		a, err := accountByID(ctx, tx, who)
		if err != nil {
			return err
		}
		if len(roles) == 0 {
			return fault.New(fault.Invalid, "Choose at least one role. To take all rights away, suspend the account.")
		}
		if _, err := tx.Exec(ctx, `UPDATE accounts SET roles = $1 WHERE id = $2`, packRoles(roles), who); err != nil {
			return err
		}
		if err := someAdministrator(ctx, tx); err != nil {
			return err
		}
		return i.record(ctx, tx, actor, "roles changed", who.String(), "from", roleNames(a.Roles), "to", roleNames(roles))
	})
}

// setSuspended closes an account, ending its sessions, or opens it again.
func (i *Identity) setSuspended(ctx context.Context, actor string, who id.Of[Account], suspended bool) error {
	return i.store.Write(ctx, func(tx db.Tx) error {
		a, err := accountByID(ctx, tx, who)
		if err != nil || a.Suspended == suspended {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE accounts SET suspended = $1, epoch = epoch + 1 WHERE id = $2`, suspended, who); err != nil {
			return err
		}
		if !suspended {
			return i.record(ctx, tx, actor, "account restored", who.String())
		}
		if err := someAdministrator(ctx, tx); err != nil {
			return err
		}
		if err := endSessions(ctx, tx, who, nil); err != nil {
			return err
		}
		return i.record(ctx, tx, actor, "account suspended", who.String())
	})
}

// someAdministrator refuses a change after which nobody could administer.
func someAdministrator(ctx context.Context, tx db.Tx) error {
	n, err := administrators(ctx, tx)
	if err == nil && n == 0 {
		return fault.New(fault.Conflict, "This is the last administrator. Give the role to somebody else first.")
	}
	return err
}

// administrators counts those who can sign in.
func administrators(ctx context.Context, tx db.Tx) (n int, err error) {
	err = tx.QueryRow(ctx, `SELECT COUNT(*) FROM accounts WHERE suspended = FALSE AND roles LIKE $1`, `%"`+string(Administrator)+`"%`).Scan(&n)
	return n, err
}

// signOutEverywhere ends every session of an account and forgets its devices.
func (i *Identity) signOutEverywhere(ctx context.Context, actor string, who id.Of[Account]) error {
	return i.store.Write(ctx, func(tx db.Tx) error {
		if _, err := accountByID(ctx, tx, who); err != nil {
			return err
		}
		if err := endSessions(ctx, tx, who, nil); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE accounts SET epoch = epoch + 1 WHERE id = $1`, who); err != nil {
			return err
		}
		return i.record(ctx, tx, actor, "sessions ended", who.String())
	})
}

// resetFactors takes a person's second factors and sessions away: for somebody who lost the phone.
// The password still signs in, and leads straight to setting up a new one.
func (i *Identity) resetFactors(ctx context.Context, actor string, who id.Of[Account]) error {
	return i.store.Write(ctx, func(tx db.Tx) error {
		if _, err := accountByID(ctx, tx, who); err != nil {
			return err
		}
		for _, stmt := range []string{
			`DELETE FROM passkeys WHERE account = $1`,
			`DELETE FROM recovery_codes WHERE account = $1`,
			`UPDATE accounts SET totp = NULL, totp_step = 0, epoch = epoch + 1 WHERE id = $1`,
			`DELETE FROM ceremonies WHERE account = $1`,
		} {
			if _, err := tx.Exec(ctx, stmt, who); err != nil {
				return err
			}
		}
		if err := endSessions(ctx, tx, who, nil); err != nil {
			return err
		}
		return i.record(ctx, tx, actor, "second factor reset", who.String())
	})
}
