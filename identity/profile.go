package identity

import (
	"bytes"
	"context"
	"encoding/base64"
	"image/png"

	"github.com/skip2/go-qrcode"

	"github.com/mitral-health/mitral/identity/internal/onetime"
	"github.com/mitral-health/mitral/identity/internal/password"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/id"
)

// What people change about their own account.

var zeroAccount id.Of[Account]

const recoveryCodes = 10

// errLastFactor keeps people from closing the door behind them.
var errLastFactor = fault.New(fault.Conflict, "This is your only second factor. Set up another one before you remove it.")

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

// newAppSecret makes the secret of an authenticator app, sealed for this account.
func (i *Identity) newAppSecret(who id.Of[Account]) []byte {
	return i.ring.Seal([]byte(onetime.New()), who.String())
}

// appOffer is what people scan or type into their authenticator app.
type appOffer struct {
	Secret string // in groups of four
	QR     string // data: URL of a PNG
}

func (i *Identity) offerApp(a *account, sealed []byte) (appOffer, error) {
	key, err := i.ring.Open(sealed, a.ID.String())
	if err != nil {
		return appOffer{}, errCeremony
	}
	address, err := onetime.URL(string(key), i.site.Name, a.Login)
	if err != nil {
		return appOffer{}, err
	}
	code, err := qrcode.New(address, qrcode.Medium)
	if err != nil {
		return appOffer{}, err
	}
	var b bytes.Buffer
	if err := png.Encode(&b, code.Image(440)); err != nil {
		return appOffer{}, err
	}
	var grouped []byte
	for n, c := range key {
		if n > 0 && n%4 == 0 {
			grouped = append(grouped, ' ')
		}
		grouped = append(grouped, c)
	}
	return appOffer{Secret: string(grouped), QR: "data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes())}, nil
}

// confirmApp makes a secret the account's authenticator app, if the code shows that the app has it.
func (i *Identity) confirmApp(ctx context.Context, tx db.Tx, who id.Of[Account], sealed []byte, code string) error {
	key, err := i.ring.Open(sealed, who.String())
	if err != nil {
		return errCeremony
	}
	step, ok := onetime.Check(string(key), code, i.clock.Now(), 0)
	if !ok {
		return errCode
	}
	if _, err := tx.Exec(ctx, `UPDATE accounts SET totp = $1, totp_step = $2 WHERE id = $3`, sealed, step, who); err != nil {
		return err
	}
	return i.record(ctx, tx, who.String(), "app set up", who.String())
}

// removeFactor runs a deletion of a second factor and refuses it if none is left. Who takes one away may have lost it: every other
// session ends.
func (i *Identity) removeFactor(ctx context.Context, who id.Of[Account], act, stmt string, args ...any) error {
	return i.store.Write(ctx, func(tx db.Tx) error {
		n, err := tx.Exec(ctx, stmt, args...)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.NotFound, "This was removed already.")
		}
		f, err := factorsOf(ctx, tx, who)
		if err != nil {
			return err
		}
		if !i.demo && !f.second() {
			return errLastFactor
		}
		if err := endSessions(ctx, tx, who, sessionFrom(ctx)); err != nil {
			return err
		}
		return i.record(ctx, tx, who.String(), act, who.String())
	})
}

func (i *Identity) removeApp(ctx context.Context, who id.Of[Account]) error {
	return i.removeFactor(ctx, who, "app removed", `UPDATE accounts SET totp = NULL, totp_step = 0 WHERE id = $1 AND totp IS NOT NULL`, who)
}

func (i *Identity) removePasskey(ctx context.Context, who id.Of[Account], key []byte) error {
	return i.removeFactor(ctx, who, "passkey removed", `DELETE FROM passkeys WHERE account = $1 AND id = $2`, who, key)
}

// renewCodes replaces the recovery codes and returns the new ones, the only time they can be read.
func (i *Identity) renewCodes(ctx context.Context, who id.Of[Account]) ([]string, error) {
	codes := onetime.RecoveryCodes(recoveryCodes)
	err := i.store.Write(ctx, func(tx db.Tx) error {
		if _, err := tx.Exec(ctx, `DELETE FROM recovery_codes WHERE account = $1`, who); err != nil {
			return err
		}
		for _, c := range codes {
			_, err := tx.Exec(ctx, `INSERT INTO recovery_codes (account, hash, used_at) VALUES ($1, $2, 0)`, who, i.codeHash(who, onetime.ReadRecoveryCode(c)))
			if err != nil {
				return err
			}
		}
		return i.record(ctx, tx, who.String(), "recovery codes made", who.String())
	})
	return codes, err
}
