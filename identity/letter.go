package identity

import (
	"context"
	"errors"

	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/id"
	"github.com/mitral-health/mitral/platform/mail"
)

// Letter mails the account that a chamber knows by this subject's text, at the address that it signs in with, which stays here. It is
// fault.NotFound if there is no such account, it is suspended, or its login is no address.
func (i *Identity) Letter(ctx context.Context, c Chamber, who, title, body string) error {
	column, ok := map[Chamber]string{Social: "social", Clinical: "clinical", Gate: "gate"}[c]
	if !ok {
		return errors.New("identity: no such chamber")
	}
	s, err := id.Parse[subject](who)
	if err != nil {
		return fault.New(fault.NotFound, "This account has no address for mail.")
	}
	var login string
	err = i.store.Read(ctx, func(tx db.Tx) error {
		return tx.QueryRow(ctx, `SELECT login FROM accounts WHERE `+column+` = $1 AND suspended = FALSE`, s).Scan(&login)
	})
	if errors.Is(err, db.ErrNoRows) || err == nil && !isAddress(login) {
		return fault.New(fault.NotFound, "This account has no address for mail.")
	}
	if err != nil {
		return err
	}
	return i.mailer.Send(ctx, mail.Message{To: login, Subject: title, Text: body})
}
