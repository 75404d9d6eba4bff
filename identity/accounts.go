package identity

import (
	"context"
	"crypto/rand"
	"errors"
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/id"
)

// account is a row of accounts. It stays inside this package.
type account struct {
	ID        id.Of[Account]
	Login     string // an e-mail address, lower case; in the demo a short name will do
	Name      string
	Roles     []Role
	Lang      string
	TimeZone  string
	Suspended bool
	Password  string // argon2id, with its parameters; "" if the person has none
	TOTP      []byte // sealed; nil without an authenticator app
	TOTPStep  int64  // the last step that was accepted
	Handle    []byte // what passkeys call the person: random, tells nothing
	Epoch     int64  // grows when remembered devices must be forgotten
	Accepted  int    // the version of the policy that was accepted last
	Issuer    string // of the OpenID Connect provider, with Sub
	Sub       string
	Subjects  map[Chamber]Subject
	CreatedAt time.Time
}

// zeroAccount stands in a ceremony of somebody who is not known yet.
var zeroAccount id.Of[Account]

const accountColumns = `id, login, name, roles, lang, time_zone, suspended, password, totp, totp_step, handle, epoch, accepted, issuer, issuer_sub, social, clinical, gate, created_at`

func scanAccount(row db.Row) (*account, error) {
	var a account
	var roles string
	var issuer, sub *string
	var social, clinical, gate Subject
	var created int64
	err := row.Scan(&a.ID, &a.Login, &a.Name, &roles, &a.Lang, &a.TimeZone, &a.Suspended, &a.Password, &a.TOTP, &a.TOTPStep,
		&a.Handle, &a.Epoch, &a.Accepted, &issuer, &sub, &social, &clinical, &gate, &created)
	if err != nil {
		return nil, err
	}
	if issuer != nil && sub != nil {
		a.Issuer, a.Sub = *issuer, *sub
	}
	a.Roles, a.CreatedAt = unpackRoles(roles), db.FromMicros(created)
	a.Subjects = map[Chamber]Subject{Social: social, Clinical: clinical, Gate: gate}
	return &a, nil
}

// errNoAccount is for whoever may know that there is none: administrators and the command line.
var errNoAccount = fault.New(fault.NotFound, "There is no such account.")

// accountWhere returns the one account that matches, or nil.
func accountWhere(ctx context.Context, tx db.Tx, where string, args ...any) (*account, error) {
	a, err := scanAccount(tx.QueryRow(ctx, `SELECT `+accountColumns+` FROM accounts WHERE `+where, args...))
	if errors.Is(err, db.ErrNoRows) {
		return nil, nil
	}
	return a, err
}

func accountByID(ctx context.Context, tx db.Tx, who id.Of[Account]) (*account, error) {
	a, err := accountWhere(ctx, tx, `id = $1`, who)
	if err == nil && a == nil {
		return nil, errNoAccount
	}
	return a, err
}

func accountByLogin(ctx context.Context, tx db.Tx, login string) (*account, error) {
	return accountWhere(ctx, tx, `login = $1`, login)
}

// insert stores a new account, with a subject of its own for each chamber.
func (i *Identity) insert(ctx context.Context, tx db.Tx, a *account, actor string) error {
	now := i.clock.Now()
	a.ID, a.CreatedAt = id.New[Account](now), now
	if a.Handle == nil {
		a.Handle = newHandle()
	}
	a.Subjects = map[Chamber]Subject{Social: id.Random[subject](), Clinical: id.Random[subject](), Gate: id.Random[subject]()}
	var issuer, sub any
	if a.Sub != "" {
		issuer, sub = a.Issuer, a.Sub
	}
	_, err := tx.Exec(ctx, `INSERT INTO accounts (`+accountColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, FALSE, $7, NULL, 0, $8, 0, 0, $9, $10, $11, $12, $13, $14)`,
		a.ID, a.Login, a.Name, packRoles(a.Roles), a.Lang, a.TimeZone, a.Password, a.Handle, issuer, sub,
		a.Subjects[Social], a.Subjects[Clinical], a.Subjects[Gate], db.Micros(now))
	if db.IsUnique(err) {
		return fault.New(fault.Conflict, "There is already an account with this address.")
	}
	if err != nil {
		return err
	}
	if actor == "" {
		actor = a.ID.String()
	}
	return i.record(ctx, tx, actor, "account created", a.ID.String(), "roles", roleNames(a.Roles))
}

func roleNames(roles []Role) string {
	var s []string
	for _, r := range roles {
		s = append(s, string(r))
	}
	return strings.Join(s, " ")
}

// cleanRoles drops what is no role and what comes twice, and puts the rest in the usual order.
func cleanRoles[S ~string](roles []S) []Role {
	var out []Role
	for _, r := range Roles {
		if slices.Contains(roles, S(r)) {
			out = append(out, r)
		}
	}
	return out
}

// cleanLogin brings what somebody typed to the form in which logins are stored, "" if it can't be
// one: an e-mail address, or (made by an administrator of the machine) a short name.
func cleanLogin(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	if len(s) < 2 || len(s) > 254 || !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
		return ""
	}
	if isAddress(s) {
		return s
	}
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '.' && r != '_' && r != '-' {
			return ""
		}
	}
	return s
}

// isAddress reports whether mail can be sent to s as it stands.
func isAddress(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s && a.Name == "" && strings.Contains(s, "@") && !strings.ContainsAny(s, "<>\"")
}

// cleanName returns the name as it is shown, or a fault.
func cleanName(s string) (string, error) {
	s = strings.Join(strings.Fields(s), " ")
	if s == "" {
		return "", fault.New(fault.Invalid, "Write your name as colleagues know you.")
	}
	if utf8.RuneCountInString(s) > 80 || !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) {
		return "", fault.New(fault.Invalid, "This name is too long, or has a character that a name can't have. Use at most %d characters.", 80)
	}
	return s, nil
}

func cleanLang(s string) string {
	if s == "es" || s == "en" {
		return s
	}
	return ""
}

// cleanZone returns a time zone that exists, or a fault.
func cleanZone(s string) (string, error) {
	if s == "" {
		return "", nil
	}
	if _, err := time.LoadLocation(s); err != nil || s == "Local" || len(s) > 64 {
		return "", fault.New(fault.Invalid, "Choose a time zone from the list.")
	}
	return s, nil
}

// newHandle returns random bytes for what must tell nothing about a person.
func newHandle() []byte {
	b := make([]byte, 32)
	rand.Read(b)
	return b
}
