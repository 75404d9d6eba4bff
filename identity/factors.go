package identity

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"image/png"

	"github.com/skip2/go-qrcode"

	"github.com/mitral-health/mitral/identity/internal/onetime"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/id"
)

// factors is what a person has beside the password: an app of codes, passkeys, recovery codes.
type factors struct {
	App      bool
	Passkeys int
	Codes    int // recovery codes left
}

func (f factors) second() bool { return f.App || f.Passkeys > 0 }

func factorsOf(ctx context.Context, tx db.Tx, who id.Of[Account]) (f factors, err error) {
	err = tx.QueryRow(ctx, `SELECT totp IS NOT NULL,
			(SELECT COUNT(*) FROM passkeys WHERE account = a.id),
			(SELECT COUNT(*) FROM recovery_codes WHERE account = a.id AND used_at = 0)
		FROM accounts a WHERE a.id = $1`, who).Scan(&f.App, &f.Passkeys, &f.Codes)
	return f, err
}

// redeemCode uses up a code of the app or a recovery code, and says which it was. ok is false for a
// wrong one and for one that was used before.
func (i *Identity) redeemCode(ctx context.Context, tx db.Tx, a *account, code string) (how string, ok bool, err error) {
	if typed := onetime.ReadRecoveryCode(code); typed != "" {
		n, err := tx.Exec(ctx, `UPDATE recovery_codes SET used_at = $1 WHERE account = $2 AND hash = $3 AND used_at = 0`,
			db.Micros(i.clock.Now()), a.ID, i.codeHash(a.ID, typed))
		return "recovery code", n == 1, err
	}
	if len(a.TOTP) == 0 {
		return "", false, nil
	}
	key, err := i.ring.Open(a.TOTP, a.ID.String())
	if err != nil {
		return "", false, fmt.Errorf("the program's key is not the one that sealed this second factor: %w", err)
	}
	step, ok := onetime.Check(string(key), code, i.clock.Now(), a.TOTPStep)
	if !ok {
		return "", false, nil
	}
	n, err := tx.Exec(ctx, `UPDATE accounts SET totp_step = $1 WHERE id = $2 AND totp_step < $1`, step, a.ID)
	return "app", n == 1, err
}

func (i *Identity) codeHash(who id.Of[Account], code string) []byte {
	return i.ring.Mac("recovery", who.String(), code)
}

const recoveryCodes = 10

// errLastFactor keeps people from closing the door behind them.
var errLastFactor = fault.New(fault.Conflict, "This is your only second factor. Set up another one before you remove it.")

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
