package people

import (
	"context"
	"errors"
	netmail "net/mail"
	"strings"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/id"
	"github.com/mitral-health/mitral/platform/jobs"
	"github.com/mitral-health/mitral/platform/mail"
	"github.com/mitral-health/mitral/ui/text"
)

// Invite makes an invitation to a record that ask may read, in place of an open one, and has it mailed if
// there is an address.
func (p *People) Invite(ctx context.Context, ask records.Ask, patient, address, lang string) (Invitation, error) {
	address = strings.ToLower(strings.TrimSpace(address))
	if address != "" && !isAddress(address) {
		return Invitation{}, fault.New(fault.Invalid, "Write an e-mail address, such as name@example.org.")
	}
	if address != "" && p.queue == nil {
		return Invitation{}, fault.New(fault.Unavailable, "Mail can't be sent right now. Try again in a minute.")
	}
	if lang != "es" {
		lang = "en"
	}
	var v Invitation
	err := p.Records.Do(ctx, ask, func(t *records.Tx) error {
		if _, err := t.Read(ctx, "Patient", patient); err != nil {
			return err
		}
		now := t.Now()
		v = Invitation{ID: id.New[noun](now), Patient: patient, Address: address, Lang: lang, By: ask.Who.ID, Made: now, Expires: now.Add(Lasts)}
		v.Code = p.code(v.ID)
		if err := end(ctx, t, patient); err != nil {
			return err
		}
		if err := p.insert(ctx, t, &v); err != nil {
			return err
		}
		if address != "" {
			if err := p.queue.Insert(ctx, t.Beside(), letter{ID: v.ID.String()}); err != nil {
				return err
			}
		}
		t.Note(access.Operation, "invite", "Patient", patient, "")
		return nil
	})
	return v, err
}

func (p *People) insert(ctx context.Context, t *records.Tx, v *Invitation) error {
	_, err := t.Beside().Exec(ctx, `INSERT INTO people_invitations (id, hash, patient, person, address, lang, invited_by, made, expires, closed)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0)`,
		v.ID, p.mac("hash", clean(v.Code)), v.Patient, v.Person, v.Address, v.Lang, v.By, db.Micros(v.Made), db.Micros(v.Expires))
	return err
}

// Withdraw ends the open invitation to a record, if there is one.
func (p *People) Withdraw(ctx context.Context, ask records.Ask, patient string) error {
	return p.Records.Do(ctx, ask, func(t *records.Tx) error {
		if _, err := t.Read(ctx, "Patient", patient); err != nil {
			return err
		}
		t.Note(access.Operation, "withdraw-invitation", "Patient", patient, "")
		return end(ctx, t, patient)
	})
}

func end(ctx context.Context, t *records.Tx, patient string) error {
	_, err := t.Beside().Exec(ctx, `UPDATE people_invitations SET closed = $1 WHERE patient = $2 AND person = '' AND closed = 0`, db.Micros(t.Now()), patient)
	return err
}

// Invited returns the open invitation to a record, nil if there is none. The caller has been allowed to read the record.
func (p *People) Invited(ctx context.Context, patient string) (*Invitation, error) {
	return p.find(ctx, `person = '' AND patient = $2`, patient)
}

// Find returns the invitation that a code belongs to, or ErrCode.
func (p *People) Find(ctx context.Context, typed string) (*Invitation, error) {
	code := clean(typed)
	if code == "" {
		return nil, ErrCode
	}
	v, err := p.find(ctx, `hash = $2`, p.mac("hash", code))
	if err == nil && v == nil {
		err = ErrCode
	}
	return v, err
}

// find returns the open invitation that meets the condition on $2, or nil.
func (p *People) find(ctx context.Context, where string, arg any) (*Invitation, error) {
	var v Invitation
	var made, expires int64
	err := p.Store.Read(ctx, func(tx db.Tx) error {
		return tx.QueryRow(ctx, `SELECT id, patient, person, address, lang, invited_by, made, expires,
				COALESCE((SELECT whom FROM people_caring WHERE person = people_invitations.person), '') FROM people_invitations
			WHERE closed = 0 AND expires > $1 AND `+where, db.Micros(p.Clock.Now()), arg).
			Scan(&v.ID, &v.Patient, &v.Person, &v.Address, &v.Lang, &v.By, &made, &expires, &v.For)
	})
	if errors.Is(err, db.ErrNoRows) {
		return nil, nil
	}
	v.Made, v.Expires, v.Code = db.FromMicros(made), db.FromMicros(expires), p.code(v.ID)
	return &v, err
}

// Accept connects a subject with the record that a code belongs to: as the patient, or as somebody who acts for them.
func (p *People) Accept(ctx context.Context, subject, name, typed string) (patient string, err error) {
	v, err := p.Find(ctx, typed)
	if err != nil {
		return "", err
	}
	ask := ofPatient(subject, name, v.Patient)
	if v.Person != "" {
		ask.Who.Kind = access.Caregiver
	}
	err = p.Records.Do(ctx, ask, func(t *records.Tx) error {
		n, err := t.Beside().Exec(ctx, `UPDATE people_invitations SET closed = $1 WHERE id = $2 AND closed = 0`, db.Micros(t.Now()), v.ID)
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrCode
		}
		if v.Person != "" {
			return p.begin(ctx, t, subject, v)
		}
		return p.connect(ctx, t, subject, v.Patient)
	})
	return v.Patient, err
}

func isAddress(s string) bool {
	a, err := netmail.ParseAddress(s)
	return err == nil && a.Address == s && len(s) <= 254
}

// letter mails an invitation.
type letter struct {
	ID string `json:"id"`
}

// Kind implements jobs.Args.
func (letter) Kind() string { return "people.invite" }

// RegisterJobs adds the jobs here to the registry of the clinical store.
func (p *People) RegisterJobs(r *jobs.Registry) { jobs.Handle(r, p.send) }

// UseQueue gives people the queue of the clinical store.
func (p *People) UseQueue(q *jobs.Queue) { p.queue = q }

// Link is where the invitation leads.
func (p *People) Link(v *Invitation, origin string) string {
	return origin + "/join/" + strings.ReplaceAll(v.Code, "-", "")
}

// send writes a letter that whoever shares the mailbox learns little from: the organisation, and that
// there is something to open. No name, no department, nobody who invited.
func (p *People) send(ctx context.Context, l letter) error {
	v, err := p.find(ctx, `id = $2`, l.ID)
	if err != nil || v == nil { // used, withdrawn or replaced meanwhile
		return err
	}
	ctx = text.With(ctx, v.Lang, nil)
	name := p.Site.In(v.Lang).Name
	return p.Mailer.Send(ctx, mail.Message{
		To:      v.Address,
		Subject: text.T(ctx, "%s has something for you", name),
		Text: text.T(ctx, "Hello,") + "\n\n" +
			text.T(ctx, "%s invites you to its app. Open this link on your phone:", name) + "\n\n" +
			p.Link(v, p.Site.URL) + "\n\n" +
			text.T(ctx, "The link works once, for seven days. It is for you alone: please don't pass it on.") + "\n\n" +
			text.T(ctx, "If you did not expect this, you can ignore it; nothing happens.") + "\n",
	})
}
