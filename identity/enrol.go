package identity

import (
	"context"
	"time"

	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
)

// enrolLasts is how long somebody whom a chamber has let in may take to make the account.
const enrolLasts = time.Hour

// Enrol lets one person make one account with the role Patient and returns the path where they do. login is
// the address that the account signs in with; "" lets the person write one. Who may be enrolled is for
// the caller to know; whose record the account will see is nothing that identity learns.
func (i *Identity) Enrol(ctx context.Context, login, lang string) (string, error) {
	v := &invitation{Roles: []Role{Patient}, Lang: cleanLang(lang)}
	if login != "" {
		if v.Login = cleanLogin(login); !isAddress(v.Login) {
			return "", fault.New(fault.Invalid, "Write an e-mail address, such as name@example.org.")
		}
	}
	err := i.store.Write(ctx, func(tx db.Tx) error {
		if v.Login != "" {
			a, err := accountByLogin(ctx, tx, v.Login)
			if err != nil {
				return err
			}
			if a != nil { // theirs or not: only who signs in with it learns more
				v.Login = ""
			}
		}
		if err := i.storeInvitation(ctx, tx, v, enrolLasts); err != nil {
			return err
		}
		return i.record(ctx, tx, "", "patient enrolled", v.ID.String())
	})
	return "/invite/" + i.invitationToken(v).Text(), err
}
