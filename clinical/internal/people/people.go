// Package people knows which person that identity knows is which Patient of the records, and invites
// patients to become one. It keeps its tables in the clinical store, because they say who is looked
// after here. May import access, records, resource, outcome and platform.
//
// It promises: an invitation's code is kept as a keyed hash only, works once, and ends with its time,
// with a newer one for the same record, or when it is withdrawn; every reason why a code is refused looks the
// same; a record has one account at a time; each of these acts is in the audit trail, in its own transaction.
package people

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"strings"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/id"
	"github.com/mitral-health/mitral/platform/jobs"
	"github.com/mitral-health/mitral/platform/mail"
	"github.com/mitral-health/mitral/ui"
)

// Lasts is how long an invitation can be used.
const Lasts = 7 * 24 * time.Hour

// Deps is what People needs; all of it.
type Deps struct {
	Records *records.Store
	Store   *db.DB // the clinical one, migrated
	Clock   clock.Clock
	Mailer  mail.Mailer
	Site    *ui.Site
	Key     []byte // 32 secret bytes; without the same ones, open invitations are lost
}

// People is the links and the invitations of one chamber. Safe for concurrent use.
type People struct {
	Deps
	queue *jobs.Queue

	// Rejoined is told, in the same transaction, that an account was connected with a record; nil tells nobody. Before it is used.
	Rejoined func(ctx context.Context, t *records.Tx, patient string) error
}

// Open opens them.
func Open(d Deps) (*People, error) {
	if d.Records == nil || d.Store == nil || d.Clock == nil || d.Mailer == nil || d.Site == nil || len(d.Key) != 32 {
		return nil, errors.New("people: records, store, clock, mailer, site and a key of 32 bytes are needed")
	}
	return &People{Deps: d}, nil
}

// Migrations returns the steps of the tables here.
func Migrations() []db.Migration {
	return []db.Migration{{Name: "people", SQL: schema}, {Name: "people staff and caregivers", SQL: others}}
}

const schema = `CREATE TABLE people (subject TEXT PRIMARY KEY, patient TEXT NOT NULL UNIQUE, since BIGINT NOT NULL);
CREATE TABLE people_invitations (id TEXT PRIMARY KEY, hash BYTEA NOT NULL UNIQUE, patient TEXT NOT NULL, address TEXT NOT NULL, lang TEXT NOT NULL,
	invited_by TEXT NOT NULL, made BIGINT NOT NULL, expires BIGINT NOT NULL, closed BIGINT NOT NULL);
CREATE INDEX people_invitations_patient ON people_invitations (patient, closed)`

const others = `CREATE TABLE people_staff (subject TEXT PRIMARY KEY, practitioner TEXT NOT NULL UNIQUE);
CREATE TABLE people_caregivers (subject TEXT NOT NULL, patient TEXT NOT NULL, person TEXT NOT NULL, name TEXT NOT NULL, since BIGINT NOT NULL, until BIGINT NOT NULL,
	PRIMARY KEY (subject, patient));
CREATE INDEX people_caregivers_patient ON people_caregivers (patient)`

type noun struct{}

// Invitation lets one person connect an account with one record.
type Invitation struct {
	ID      id.Of[noun]
	Patient string // logical id
	Person  string // logical id of the RelatedPerson that it lets act for the patient; "" is the patient's own
	For     string // of one with a Person: what the patient is called
	Address string // where it was mailed; "" is on paper only
	Lang    string
	By      string // subject of who invited
	Made    time.Time
	Expires time.Time
	Code    string // as people type it: "K7QM3-FXT9A"
}

// ErrCode is the one answer for a code that was used, replaced, withdrawn, has expired or was never made.
var ErrCode = fault.New(fault.NotFound, "This code can't be used: it is old, was used already or was replaced by a newer one. Ask your team for a new one.")

// letters are those of a code: no I, L, O or U, which are misread.
const letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

const codeLength = 10 // 50 bits

func (p *People) mac(use, what string) []byte {
	h := hmac.New(sha256.New, p.Key)
	h.Write([]byte("people " + use + "\x00" + what))
	return h.Sum(nil)
}

// code is derived from the invitation, so that a page and a letter that are made twice say the same and
// nobody has to keep it.
func (p *People) code(v id.Of[noun]) string {
	sum := p.mac("code", v.String())
	var b strings.Builder
	for i := range codeLength {
		if i == codeLength/2 {
			b.WriteByte('-')
		}
		b.WriteByte(letters[sum[i]&31])
	}
	return b.String()
}

// clean brings what somebody typed to the letters of a code: small letters, spaces, and I, L and O where
// one was meant are forgiven. "" can't be one.
func clean(typed string) string {
	if len(typed) > 64 {
		return ""
	}
	var b strings.Builder
	for _, c := range strings.ToUpper(typed) {
		switch c {
		case ' ', '-', '\t', '–':
			continue
		case 'I', 'L':
			c = '1'
		case 'O':
			c = '0'
		}
		if c > 'Z' || !strings.ContainsRune(letters, c) {
			return ""
		}
		b.WriteRune(c)
	}
	if b.Len() != codeLength {
		return ""
	}
	return b.String()
}

// PatientOf returns the logical id of the record that this subject's account is connected with, "" if
// there is none.
func (p *People) PatientOf(ctx context.Context, subject string) (patient string, err error) {
	err = p.Store.Read(ctx, func(tx db.Tx) (err error) {
		patient, err = p.PatientIn(ctx, tx, subject)
		return err
	})
	return patient, err
}

// PatientIn is PatientOf in a transaction of the clinical store.
func (p *People) PatientIn(ctx context.Context, tx db.Tx, subject string) (patient string, err error) {
	err = tx.QueryRow(ctx, `SELECT patient FROM people WHERE subject = $1`, subject).Scan(&patient)
	if errors.Is(err, db.ErrNoRows) {
		return "", nil
	}
	return patient, err
}

// Connected reports since when an account is connected with this record; the zero time is never.
func (p *People) Connected(ctx context.Context, patient string) (time.Time, error) {
	var since int64
	err := p.Store.Read(ctx, func(tx db.Tx) error {
		return tx.QueryRow(ctx, `SELECT since FROM people WHERE patient = $1`, patient).Scan(&since)
	})
	if errors.Is(err, db.ErrNoRows) {
		return time.Time{}, nil
	}
	return db.FromMicros(since), err
}

// Connect links a subject with a record, in place of any account that it had and any record that the subject had: what Accept
// does, and the building of invented data.
func (p *People) Connect(ctx context.Context, subject, name, patient string) error {
	return p.Records.Do(ctx, ofPatient(subject, name, patient), func(t *records.Tx) error { return p.connect(ctx, t, subject, patient) })
}

func ofPatient(subject, name, patient string) records.Ask {
	return records.Ask{Who: access.Who{Kind: access.Patient, ID: subject, Name: name, Patient: patient}}
}

func (p *People) connect(ctx context.Context, t *records.Tx, subject, patient string) error {
	tx := t.Beside()
	if _, err := tx.Exec(ctx, `DELETE FROM people WHERE patient = $1 OR subject = $2`, patient, subject); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO people (subject, patient, since) VALUES ($1, $2, $3)`, subject, patient, db.Micros(t.Now()))
	if db.IsUnique(err) { // another with the same code, at the same moment
		return ErrCode
	}
	if err != nil {
		return err
	}
	t.Note(access.Operation, "connect-account", "Patient", patient, "")
	if p.Rejoined == nil {
		return nil
	}
	return p.Rejoined(ctx, t, patient)
}
