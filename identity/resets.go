package identity

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"github.com/mitral-health/mitral/identity/internal/password"
	"github.com/mitral-health/mitral/identity/internal/secret"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/id"
)

// resetLasts is how long the link to choose a new password works.
const resetLasts = time.Hour

type resetNoun struct{}

// errReset is the one answer for a link that was used, is old, or was invented.
var errReset = fault.New(fault.NotFound, "This link can't be used: it is old or was used already. Ask for a new one.")

func (i *Identity) resetToken(which string) secret.Token { return i.ring.Derive("reset", which) }

// askReset takes down that somebody wants a new password for a login. The same is done whether or
// not there is such an account: only the job that sends the mail finds out.
func (i *Identity) askReset(ctx context.Context, login string, from netip.Addr) error {
	if login = cleanLogin(login); !isAddress(login) {
		return fault.New(fault.Invalid, "Write an e-mail address, such as name@example.org.")
	}
	err := i.take(ctx, i.mailBuckets(login, from))
	if fault.Is(err, fault.TooMany) {
		return fault.New(fault.TooMany, "You have asked several times. Look in your mail, also among the unwanted, and try again in a while.")
	}
	if err != nil {
		return err
	}
	return i.store.Write(ctx, func(tx db.Tx) error {
		now := i.clock.Now()
		which := id.New[resetNoun](now)
		_, err := tx.Exec(ctx, `INSERT INTO resets (id, hash, login, created_at, used_at) VALUES ($1, $2, $3, $4, 0)`,
			which, i.resetToken(which.String()).Hash(), login, db.Micros(now))
		if err != nil {
			return err
		}
		return i.send(ctx, tx, sendReset{ID: which.String()})
	})
}

// findReset returns the reset that a link belongs to, and its account.
func (i *Identity) findReset(ctx context.Context, tx db.Tx, token secret.Token) (string, *account, error) {
	var which, login string
	err := tx.QueryRow(ctx, `SELECT id, login FROM resets WHERE hash = $1 AND used_at = 0 AND created_at > $2`,
		token.Hash(), db.Micros(i.clock.Now().Add(-resetLasts))).Scan(&which, &login)
	if errors.Is(err, db.ErrNoRows) {
		return "", nil, errReset
	}
	if err != nil {
		return "", nil, err
	}
	a, err := accountByLogin(ctx, tx, login)
	if err == nil && (a == nil || a.Suspended) {
		err = errReset
	}
	return which, a, err
}

// beginReset checks the link and the new password and returns what the second factor will confirm.
func (i *Identity) beginReset(ctx context.Context, token secret.Token, pass string) (*account, factorData, error) {
	var a *account
	var data factorData
	err := i.store.Read(ctx, func(tx db.Tx) (err error) {
		data.Reset, a, err = i.findReset(ctx, tx, token)
		return err
	})
	if err != nil {
		return nil, data, err
	}
	if err := password.Good(pass, i.closeTo(a.Login, a.Name)...); err != nil {
		return nil, data, err
	}
	data.Password, err = i.passwords.Hash(ctx, pass)
	return a, data, err
}

// applyReset gives the account the new password of a reset, when the second factor was right or
// there is none: other sessions end, remembered devices are forgotten. Without a reset it does nothing.
func (i *Identity) applyReset(ctx context.Context, tx db.Tx, who id.Of[Account], data factorData) error {
	if data.Reset == "" {
		return nil
	}
	n, err := tx.Exec(ctx, `UPDATE resets SET used_at = $1 WHERE id = $2 AND used_at = 0`, db.Micros(i.clock.Now()), data.Reset)
	if err != nil {
		return err
	}
	if n == 0 {
		return errReset
	}
	return i.storePassword(ctx, tx, who.String(), who, data.Password, nil, "password reset")
}

// storePassword replaces a password's hash and ends every session but one, which may be nil.
func (i *Identity) storePassword(ctx context.Context, tx db.Tx, actor string, who id.Of[Account], hash string, keep *session, act string) error {
	if _, err := tx.Exec(ctx, `UPDATE accounts SET password = $1, epoch = epoch + 1 WHERE id = $2`, hash, who); err != nil {
		return err
	}
	if err := endSessions(ctx, tx, who, keep); err != nil {
		return err
	}
	return i.record(ctx, tx, actor, act, who.String())
}

// closeTo lists what a stranger would try first as a person's password.
func (i *Identity) closeTo(login, name string) []string {
	words := []string{login, name, i.site.Name, "mitral"}
	for n := range login {
		if login[n] == '@' {
			words = append(words, login[:n])
		}
	}
	return words
}
