package identity

import (
	"context"

	"github.com/mitral-health/mitral/identity/internal/password"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
)

// NewAccount is an account that the command line, or the building of demo data, makes.
type NewAccount struct {
	Login    string // an e-mail address; a short name will do where no mail is needed
	Name     string
	Password string
	Roles    []Role
	Lang     string // "en", "es" or "" to follow the browser
	TimeZone string
	Accepted bool // has accepted the present policy: invented people only
}

// CreateAccount makes an account without an invitation, for whoever can already run programs on the
// machine. Outside the demo, its first sign-in leads to setting up a second factor.
func (i *Identity) CreateAccount(ctx context.Context, n NewAccount) (AccountView, error) {
	login := cleanLogin(n.Login)
	if login == "" {
		return AccountView{}, fault.New(fault.Invalid, "Write an e-mail address, such as name@example.org.")
	}
	name, err := cleanName(n.Name)
	if err != nil {
		return AccountView{}, err
	}
	roles := cleanRoles(n.Roles)
	if len(n.Roles) == 1 && n.Roles[0] == Patient {
		roles = n.Roles
	}
	if len(roles) == 0 {
		return AccountView{}, fault.New(fault.Invalid, "Choose at least one role.")
	}
	zone, err := cleanZone(n.TimeZone)
	if err != nil {
		return AccountView{}, err
	}
	if !i.demo {
		if err := password.Good(n.Password, i.closeTo(login, name)...); err != nil {
			return AccountView{}, err
		}
	}
	hash, err := i.passwords.Hash(ctx, n.Password)
	if err != nil {
		return AccountView{}, err
	}
	var made AccountView
	err = i.store.Write(ctx, func(tx db.Tx) error {
		a := &account{Login: login, Name: name, Roles: roles, Lang: cleanLang(n.Lang), TimeZone: zone, Password: hash}
		if err := i.insert(ctx, tx, a, "command line"); err != nil {
			return err
		}
		if n.Accepted {
			version, err := policyVersion(ctx, tx)
			if err != nil {
				return err
			}
			now := db.Micros(i.clock.Now())
			if _, err := tx.Exec(ctx, `INSERT INTO acceptances (account, version, at) VALUES ($1, $2, $3)`, a.ID, version, now); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, `UPDATE accounts SET accepted = $1 WHERE id = $2`, version, a.ID); err != nil {
				return err
			}
			if err := i.record(ctx, tx, a.ID.String(), "policy accepted", itoa(version)); err != nil {
				return err
			}
		}
		list, err := views(ctx, tx, `a.id = $1`, a.ID)
		if err == nil {
			made = list[0]
		}
		return err
	})
	return made, err
}

// ResetFactors takes the second factors, recovery codes and sessions of the account with this login
// away, for somebody who lost them all. The next sign-in sets up a new one.
func (i *Identity) ResetFactors(ctx context.Context, login string) error {
	var a *account
	err := i.store.Read(ctx, func(tx db.Tx) (err error) {
		a, err = accountByLogin(ctx, tx, cleanLogin(login))
		return err
	})
	if err != nil {
		return err
	}
	if a == nil {
		return errNoAccount
	}
	return i.resetFactors(ctx, "command line", a.ID)
}
