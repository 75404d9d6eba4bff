package identity

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/mitral-health/mitral/identity/internal/secret"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/id"
)

const (
	invitationLasts = 7 * 24 * time.Hour
	firstLinkLasts  = 24 * time.Hour
)

type invitationNoun struct{}

// invitation lets one person make one account. Its link is derived from its id and generation, so
// it is stored nowhere; sending again makes a new link and voids the one before.
type invitation struct {
	ID         id.Of[invitationNoun]
	Login      string // "": whoever accepts writes it, the first administrator or a patient
	Roles      []Role
	Lang       string
	By         string // the account that invited; "" is the command line
	Generation int
	CreatedAt  time.Time
	ExpiresAt  time.Time
}

// errInvitation is the one answer for a link that was used, revoked, replaced, expired or invented.
var errInvitation = fault.New(fault.NotFound, "This invitation can't be used: it is old, was used already or was replaced by a newer one. Ask for a new one.")

func (v *invitation) patient() bool { return isPatient(v.Roles) }

const invitationColumns = `id, login, roles, lang, invited_by, generation, created_at, expires_at`

func scanInvitation(row db.Row) (*invitation, error) {
	var v invitation
	var roles string
	var created, expires int64
	if err := row.Scan(&v.ID, &v.Login, &roles, &v.Lang, &v.By, &v.Generation, &created, &expires); err != nil {
		return nil, err
	}
	v.Roles, v.CreatedAt, v.ExpiresAt = unpackRoles(roles), db.FromMicros(created), db.FromMicros(expires)
	return &v, nil
}

func (i *Identity) invitationToken(v *invitation) secret.Token {
	return i.ring.Derive("invitation", v.ID.String(), strconv.Itoa(v.Generation))
}

// invite stores an invitation, in place of an open one for the same address, and has it mailed.
func (i *Identity) invite(ctx context.Context, actor, login, lang string, roles []Role) error {
	if login = cleanLogin(login); !isAddress(login) {
		return fault.New(fault.Invalid, "Write an e-mail address, such as name@example.org.")
	}
	if len(roles) == 0 {
		return fault.New(fault.Invalid, "Choose at least one role.")
	}
	return i.store.Write(ctx, func(tx db.Tx) error {
		if a, err := accountByLogin(ctx, tx, login); err != nil || a != nil {
			if a != nil {
				return fault.New(fault.Conflict, "There is already an account with this address.")
			}
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE invitations SET closed_at = $1 WHERE login = $2 AND closed_at = 0`, db.Micros(i.clock.Now()), login); err != nil {
			return err
		}
		v := &invitation{Login: login, Roles: roles, Lang: lang, By: actor}
		if err := i.storeInvitation(ctx, tx, v, invitationLasts); err != nil {
			return err
		}
		if err := i.send(ctx, tx, sendInvitation{ID: v.ID.String(), Generation: v.Generation}); err != nil {
			return err
		}
		return i.record(ctx, tx, actor, "invited", v.ID.String(), "roles", roleNames(roles))
	})
}

func (i *Identity) storeInvitation(ctx context.Context, tx db.Tx, v *invitation, lasts time.Duration) error {
	now := i.clock.Now()
	v.ID, v.Generation, v.CreatedAt, v.ExpiresAt = id.New[invitationNoun](now), 1, now, now.Add(lasts)
	_, err := tx.Exec(ctx, `INSERT INTO invitations (`+invitationColumns+`, hash, closed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0)`,
		v.ID, v.Login, packRoles(v.Roles), v.Lang, v.By, v.Generation, db.Micros(v.CreatedAt), db.Micros(v.ExpiresAt), i.invitationToken(v).Hash())
	return err
}

// inviteAgain sends a new link; the old one stops working.
func (i *Identity) inviteAgain(ctx context.Context, actor string, which id.Of[invitationNoun]) error {
	return i.store.Write(ctx, func(tx db.Tx) error {
		v, err := scanInvitation(tx.QueryRow(ctx, `SELECT `+invitationColumns+` FROM invitations WHERE id = $1 AND closed_at = 0 AND login <> '' AND roles NOT LIKE '%"patient"%'`, which))
		if errors.Is(err, db.ErrNoRows) {
			return fault.New(fault.Conflict, "This invitation was accepted or revoked meanwhile.")
		}
		if err != nil {
			return err
		}
		v.Generation++
		_, err = tx.Exec(ctx, `UPDATE invitations SET generation = $1, hash = $2, expires_at = $3 WHERE id = $4`,
			v.Generation, i.invitationToken(v).Hash(), db.Micros(i.clock.Now().Add(invitationLasts)), which)
		if err != nil {
			return err
		}
		if err := i.send(ctx, tx, sendInvitation{ID: which.String(), Generation: v.Generation}); err != nil {
			return err
		}
		return i.record(ctx, tx, actor, "invited again", which.String())
	})
}

// uninvite revokes an invitation.
func (i *Identity) uninvite(ctx context.Context, actor string, which id.Of[invitationNoun]) error {
	return i.store.Write(ctx, func(tx db.Tx) error {
		n, err := tx.Exec(ctx, `UPDATE invitations SET closed_at = $1 WHERE id = $2 AND closed_at = 0 AND roles NOT LIKE '%"patient"%'`, db.Micros(i.clock.Now()), which)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.Conflict, "This invitation was accepted or revoked meanwhile.")
		}
		return i.record(ctx, tx, actor, "invitation revoked", which.String())
	})
}

// openInvitations lists those that were neither accepted nor revoked, the newest first.
func (i *Identity) openInvitations(ctx context.Context, tx db.Tx) ([]*invitation, error) {
	var out []*invitation
	err := db.Each(ctx, tx, `SELECT `+invitationColumns+` FROM invitations WHERE closed_at = 0 AND login <> '' AND roles NOT LIKE '%"patient"%' ORDER BY created_at DESC, id DESC LIMIT 200`, nil,
		func(row db.Row) error {
			v, err := scanInvitation(row)
			out = append(out, v)
			return err
		})
	return out, err
}

// findInvitation returns the invitation that a link belongs to, if it can still be used.
func (i *Identity) findInvitation(ctx context.Context, tx db.Tx, token secret.Token) (*invitation, error) {
	return i.openInvitation(ctx, tx, `hash = $1`, token.Hash())
}

func (i *Identity) openInvitation(ctx context.Context, tx db.Tx, where string, arg any) (*invitation, error) {
	v, err := scanInvitation(tx.QueryRow(ctx, `SELECT `+invitationColumns+` FROM invitations WHERE `+where+` AND closed_at = 0 AND expires_at > $2
		ORDER BY created_at DESC LIMIT 1`, arg, db.Micros(i.clock.Now())))
	if errors.Is(err, db.ErrNoRows) {
		return nil, errInvitation
	}
	return v, err
}

// accept uses an invitation up and makes the account. what comes from the person is clean already.
func (i *Identity) accept(ctx context.Context, tx db.Tx, v *invitation, a *account) error {
	n, err := tx.Exec(ctx, `UPDATE invitations SET closed_at = $1 WHERE id = $2 AND generation = $3 AND closed_at = 0`, db.Micros(i.clock.Now()), v.ID, v.Generation)
	if err != nil {
		return err
	}
	if n == 0 {
		return errInvitation
	}
	if v.Login != "" {
		a.Login = v.Login
	} else if v.patient() {
		// what the patient wrote stands
	} else if err := noAdministrator(ctx, tx); err != nil {
		return err
	}
	a.Roles = v.Roles
	if a.Lang == "" {
		a.Lang = v.Lang
	}
	if err := i.insert(ctx, tx, a, ""); err != nil {
		return err
	}
	return i.record(ctx, tx, a.ID.String(), "invitation accepted", v.ID.String())
}

// noAdministrator refuses the one-time link once somebody administers.
func noAdministrator(ctx context.Context, tx db.Tx) error {
	n, err := administrators(ctx, tx)
	if err == nil && n > 0 {
		return fault.New(fault.Conflict, "There is an administrator already. Ask them for an invitation.")
	}
	return err
}

// FirstLink makes the one-time link with which the first administrator makes an account, and voids
// those made before. It is fault.Conflict when there is an administrator already.
func (i *Identity) FirstLink(ctx context.Context) (string, error) {
	v := &invitation{Roles: []Role{Administrator}}
	err := i.store.Write(ctx, func(tx db.Tx) error {
		if err := noAdministrator(ctx, tx); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE invitations SET closed_at = $1 WHERE login = '' AND roles NOT LIKE '%"patient"%' AND closed_at = 0`, db.Micros(i.clock.Now())); err != nil {
			return err
		}
		if err := i.storeInvitation(ctx, tx, v, firstLinkLasts); err != nil {
			return err
		}
		return i.record(ctx, tx, "", "first link made", v.ID.String())
	})
	if err != nil {
		return "", err
	}
	return i.site.URL + "/invite/" + i.invitationToken(v).Text(), nil
}
