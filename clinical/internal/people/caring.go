package people

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/id"
)

// Ground is by what somebody acts for a patient.
type Ground string

// The grounds.
const (
	OwnConsent Ground = "consent"  // the patient's own, who can end it at any time
	Guardian   Ground = "guardian" // of a minor, or by a court
	Attorney   Ground = "attorney" // a power of attorney, or a mandate for the time that one can't decide
)

// Caring is what makes somebody one who may act for a patient.
type Caring struct {
	Name     string
	Relation string    // a code of v3-RoleCode: Relations
	Until    time.Time // zero is until somebody ends it
	Ground   Ground
	Paper    string // with a legal ground: which paper was seen
}

// Relations are the codes that can be chosen.
func Relations() []string {
	return []string{"SPS", "CHILD", "PRN", "SIB", "FAMMEMB", "FRND", "NBOR"}
}

// Caregiver is somebody who may act for a patient, or was invited to.
type Caregiver struct {
	Caring
	Person     string      // logical id of the RelatedPerson
	Since      time.Time   // zero: not accepted yet
	Invitation *Invitation // the open one, as long as it is not accepted; nil if it has ended
}

// CaringMigrations returns the steps of the tables for caregivers' invitations, which came after the others.
func CaringMigrations() []db.Migration {
	return []db.Migration{{Name: "people caring", SQL: caring}}
}

const caring = `ALTER TABLE people_invitations ADD COLUMN person TEXT NOT NULL DEFAULT '';
CREATE TABLE people_caring (person TEXT PRIMARY KEY, patient TEXT NOT NULL, consent TEXT NOT NULL, called TEXT NOT NULL, relation TEXT NOT NULL,
	ground TEXT NOT NULL, paper TEXT NOT NULL, until BIGINT NOT NULL, made BIGINT NOT NULL, ended BIGINT NOT NULL, whom TEXT NOT NULL);
CREATE INDEX people_caring_patient ON people_caring (patient, ended)`

// most is how many people can act for one patient at a time, invited ones included.
const most = 10

// InviteCaregiver lets somebody act for a patient, as soon as they come with the code. A patient gives
// their own consent; a clinician names a legal ground.
func (p *People) InviteCaregiver(ctx context.Context, ask records.Ask, patient string, c Caring, lang string) (Invitation, error) {
	if err := c.check(ask, p.Clock.Now()); err != nil {
		return Invitation{}, err
	}
	var v Invitation
	err := p.Records.Do(ctx, ask, func(t *records.Tx) error {
		who, err := t.Read(ctx, "Patient", patient)
		if err != nil {
			return err
		}
		n, err := resource.Parse(who.Body)
		if err != nil {
			return err
		}
		all, err := caregivers(ctx, t.Beside(), patient)
		if err != nil {
			return err
		}
		if len(all) >= most {
			return fault.New(fault.Conflict, "%d people act for you already. End one of them first.", most)
		}
		person, consent, err := c.sign(ctx, t, patient)
		if err != nil {
			return err
		}
		now := t.Now()
		if _, err := t.Beside().Exec(ctx, `INSERT INTO people_caring (person, patient, consent, called, relation, ground, paper, until, made, ended, whom)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10)`, person, patient, consent, c.Name, c.Relation, string(c.Ground), c.Paper, until(c.Until), db.Micros(now), cmp.Or(Called(n), "Patient/"+n.ID())); err != nil {
			return err
		}
		v = Invitation{ID: id.New[noun](now), Patient: who.ID, Person: person, Lang: lang, By: ask.Who.ID, Made: now, Expires: now.Add(Lasts)}
		v.Code = p.code(v.ID)
		t.Note(access.Operation, "invite-caregiver", "Patient", patient, "")
		return p.insert(ctx, t, &v)
	})
	return v, err
}

func (c *Caring) check(ask records.Ask, now time.Time) error {
	switch {
	case c.Name == "" || len(c.Name) > 200:
		return fault.New(fault.Invalid, "Write the name of the person who will act for you.")
	case c.Ground != OwnConsent && c.Ground != Guardian && c.Ground != Attorney || (c.Ground == OwnConsent) != (ask.Who.Kind == access.Patient):
		return fault.New(fault.Invalid, "Choose on what ground this person acts.")
	case c.Ground != OwnConsent && (c.Paper == "" || len(c.Paper) > 500):
		return fault.New(fault.Invalid, "Write which paper you have seen: of whom, of what day, with what number.")
	case c.Relation == "" || len(c.Relation) > 20:
		return fault.New(fault.Invalid, "Choose who this person is to you.")
	case !c.Until.IsZero() && !c.Until.After(now):
		return fault.New(fault.Invalid, "Choose a day that is still to come.")
	}
	return nil
}

func until(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return db.Micros(t)
}

// Caregivers lists who may act for a patient and who was invited to, the newest first. The caller has been allowed to
// read the record.
func (p *People) Caregivers(ctx context.Context, patient string) (all []Caregiver, err error) {
	err = p.Store.Read(ctx, func(tx db.Tx) error {
		all, err = caregivers(ctx, tx, patient)
		return err
	})
	for i := range all {
		if err == nil && all[i].Since.IsZero() {
			all[i].Invitation, err = p.find(ctx, `person = $2`, all[i].Person)
		}
	}
	return all, err
}

func caregivers(ctx context.Context, tx db.Tx, patient string) (all []Caregiver, err error) {
	err = db.Each(ctx, tx, `SELECT c.person, c.called, c.relation, c.ground, c.paper, c.until, COALESCE(a.since, 0) FROM people_caring c
		LEFT JOIN people_caregivers a ON a.person = c.person WHERE c.patient = $1 AND c.ended = 0 ORDER BY c.made DESC`, []any{patient}, func(r db.Row) error {
		var c Caregiver
		var ground string
		var until, since int64
		err := r.Scan(&c.Person, &c.Name, &c.Relation, &ground, &c.Paper, &until, &since)
		c.Ground = Ground(ground)
		if until != 0 {
			c.Until = db.FromMicros(until)
		}
		if since != 0 {
			c.Since = db.FromMicros(since)
		}
		all = append(all, c)
		return err
	})
	return all, err
}

// EndCaregiver ends what somebody may do for a patient, at once, and an open invitation to it. A patient ends what rests on
// their own consent; what rests on the law, the team ends.
func (p *People) EndCaregiver(ctx context.Context, ask records.Ask, patient, person string) error {
	return p.Records.Do(ctx, ask, func(t *records.Tx) error {
		if _, err := t.Read(ctx, "Patient", patient); err != nil {
			return err
		}
		return p.endCaregiver(ctx, t, patient, person)
	})
}

// endCaregiver decides by t's asker, and has the program write.
func (p *People) endCaregiver(ctx context.Context, t *records.Tx, patient, person string) error {
	var consent, ground string
	err := t.Beside().QueryRow(ctx, `SELECT consent, ground FROM people_caring WHERE person = $1 AND patient = $2 AND ended = 0`, person, patient).Scan(&consent, &ground)
	if errors.Is(err, db.ErrNoRows) {
		return outcome.Absent()
	}
	if err != nil {
		return err
	}
	if Ground(ground) != OwnConsent && t.Ask().Who.Kind == access.Patient {
		return fault.New(fault.Forbidden, "This rests on a legal ground. Your team can end it with you.")
	}
	for _, s := range []string{`UPDATE people_caring SET ended = $1 WHERE person = $2`, `UPDATE people_invitations SET closed = $1 WHERE person = $2 AND closed = 0`} {
		if _, err := t.Beside().Exec(ctx, s, db.Micros(t.Now()), person); err != nil {
			return err
		}
	}
	if _, err := t.Beside().Exec(ctx, `DELETE FROM people_caregivers WHERE person = $1`, person); err != nil {
		return err
	}
	t.Note(access.Operation, "end-caregiver", "Patient", patient, "")
	return p.settle(ctx, t, person, consent, false)
}

// StopCaring is the caregiver's own end of it.
func (p *People) StopCaring(ctx context.Context, ask records.Ask, patient, person string) error {
	return p.Records.Do(ctx, ask, func(t *records.Tx) error { return p.endCaregiver(ctx, t, patient, person) })
}

// settle has the program write that somebody begins or ends to act for a patient.
func (p *People) settle(ctx context.Context, t *records.Tx, person, consent string, begins bool) error {
	scopes, err := access.ParseScopes("system/RelatedPerson.ru system/Consent.ru")
	if err != nil {
		return err
	}
	own := t.As(records.Ask{Who: access.Who{Kind: access.System, ID: "people", Name: "Mitral", Scopes: scopes}})
	for _, ref := range [][2]string{{"RelatedPerson", person}, {"Consent", consent}} {
		r, err := own.Read(ctx, ref[0], ref[1])
		if err != nil {
			return err
		}
		n, err := resource.Parse(r.Body)
		if err != nil {
			return err
		}
		period(n, t.Now(), begins)
		if _, _, err := own.Update(ctx, n, records.IfMatch(r.Version)); err != nil {
			return err
		}
	}
	return nil
}

// Leave ends what connects a patient's account with their record, as part of t: the link, open invitations, and whoever
// acts for them by their own consent. What rests on the law stays.
func (p *People) Leave(ctx context.Context, t *records.Tx, patient string) error {
	tx := t.Beside()
	if _, err := tx.Exec(ctx, `DELETE FROM people WHERE patient = $1`, patient); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE people_invitations SET closed = $1 WHERE patient = $2 AND person = '' AND closed = 0`, db.Micros(t.Now()), patient); err != nil {
		return err
	}
	all, err := caregivers(ctx, tx, patient)
	for _, c := range all {
		if err == nil && c.Ground == OwnConsent {
			err = p.endCaregiver(ctx, t, patient, c.Person)
		}
	}
	if err == nil {
		t.Note(access.Operation, "leave", "Patient", patient, "")
	}
	return err
}
