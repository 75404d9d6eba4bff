package identity

import (
	"context"

	"github.com/mitral-health/mitral/identity/internal/password"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/id"
)

// What people change about their own account.

func (i *Identity) saveProfile(ctx context.Context, who id.Of[Account], name, lang, zone string) error {
	name, err := cleanName(name)
	if err != nil {
		return err
	}
	if zone, err = cleanZone(zone); err != nil {
		return err
	}
	return i.store.Write(ctx, func(tx db.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE accounts SET name = $1, lang = $2, time_zone = $3 WHERE id = $4`, name, cleanLang(lang), zone, who)
		if err != nil {
			return err
		}
		return i.record(ctx, tx, who.String(), "profile changed", who.String())
	})
}

// changePassword sets a password; every other session ends.
func (i *Identity) changePassword(ctx context.Context, s *session, pass string) error {
	if err := password.Good(pass, i.closeTo(s.account.Login, s.account.Name)...); err != nil {
		return err
	}
	hash, err := i.passwords.Hash(ctx, pass)
	if err != nil {
		return err
	}
	return i.store.Write(ctx, func(tx db.Tx) error {
		return i.storePassword(ctx, tx, s.account.ID.String(), s.account.ID, hash, s, "password changed")
	})
}
