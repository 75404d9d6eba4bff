package reminders

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/jobs"
	"github.com/mitral-health/mitral/ui/text"
)

// look finds who is to be reminded now.
type look struct{}

// Kind implements jobs.Args.
func (look) Kind() string { return "reminders.look" }

// waiting reminds one patient of a message, if it is still unread.
type waiting struct {
	Patient string `json:"patient"`
}

// Kind implements jobs.Args.
func (waiting) Kind() string { return "reminders.message" }

// pushing is one reminder to one browser; At, in microseconds, says which.
type pushing struct {
	ID  string `json:"id"`
	Why why    `json:"why"`
	At  int64  `json:"at"`
}

// Kind implements jobs.Args.
func (pushing) Kind() string { return "reminders.push" }

// mailing is one reminder by mail.
type mailing struct {
	Patient string `json:"patient"`
	Why     why    `json:"why"`
	At      int64  `json:"at"`
}

// Kind implements jobs.Args.
func (mailing) Kind() string { return "reminders.mail" }

const (
	every   = time.Minute
	stale   = 2 * time.Hour // a reminder that is later than this is none
	again   = time.Hour     // between two notices of messages
	settles = time.Minute   // a message that is read within this needs no notice
	atOnce  = 200           // rows that one look takes
)

// RegisterJobs adds the jobs here to the registry of the clinical store.
func (r *Reminders) RegisterJobs(reg *jobs.Registry) {
	jobs.Handle(reg, func(ctx context.Context, _ look) error { return r.look(ctx) })
	jobs.Every(reg, every, func() jobs.Args { return look{} })
	jobs.Handle(reg, r.notify)
	jobs.Handle(reg, r.sendPush)
	jobs.Handle(reg, r.sendMail)
}

// program is the program itself, which reads what is left to do and tells nobody.
func program() (records.Ask, error) {
	scopes, err := access.ParseScopes("system/Patient.rs system/Observation.rs system/Goal.rs system/CarePlan.rs system/Task.rs system/Questionnaire.rs " +
		"system/QuestionnaireResponse.rs system/Communication.rs system/Consent.rs system/PlanDefinition.rs system/ActivityDefinition.rs")
	return records.Ask{Who: access.Who{Kind: access.System, ID: "reminders", Name: "Mitral", Scopes: scopes}}, err
}

// look reminds everybody whose time has come. Each is one transaction: the time is taken and what goes out
// is put on the queue, or neither.
func (r *Reminders) look(ctx context.Context) error {
	for {
		var patients []string
		err := r.Store.Read(ctx, func(tx db.Tx) error {
			patients = nil
			return db.Each(ctx, tx, `SELECT patient FROM reminders WHERE due > 0 AND due <= $1 ORDER BY due LIMIT $2`, []any{db.Micros(r.Clock.Now()), atOnce}, func(row db.Row) error {
				var p string
				err := row.Scan(&p)
				patients = append(patients, p)
				return err
			})
		})
		if err != nil {
			return err
		}
		for _, p := range patients {
			if err := r.remind(ctx, p); err != nil {
				return err
			}
		}
		if len(patients) < atOnce {
			return nil
		}
	}
}

func (r *Reminders) remind(ctx context.Context, patient string) error {
	ask, err := program()
	if err != nil {
		return err
	}
	return r.Records.Do(ctx, ask, func(t *records.Tx) error {
		now, tx := t.Now(), t.Beside()
		s, err := find(ctx, tx, patient)
		if err != nil || s == nil || s.due.IsZero() || s.due.After(now) {
			return err // another copy of the program was faster
		}
		slot := s.due
		n, err := tx.Exec(ctx, `UPDATE reminders SET due = $1 WHERE patient = $2 AND due = $3`, s.nextDue(now), patient, db.Micros(slot))
		if err != nil || n == 0 {
			return err
		}
		if now.Sub(slot) > stale {
			return nil
		}
		if ok, err := r.Allows(ctx, t, patient); err != nil || !ok {
			return err
		}
		if ok, err := r.Due(ctx, t, patient, now, s.zone); err != nil || !ok {
			return err
		}
		return r.queued(ctx, tx, s, todo, slot)
	})
}

// queued puts one reminder for each way that the patient chose on the queue.
func (r *Reminders) queued(ctx context.Context, tx db.Tx, s *setting, w why, at time.Time) error {
	if s.push {
		all, err := subscriptions(ctx, tx, `patient = $1 AND subject = $2`, s.patient, s.subject)
		if err != nil {
			return err
		}
		for _, one := range all {
			if err := r.queue.Insert(ctx, tx, pushing{one.ID, w, db.Micros(at)}, jobs.Unique()); err != nil {
				return err
			}
		}
	}
	if s.mail && r.Letter != nil {
		return r.queue.Insert(ctx, tx, mailing{s.patient, w, db.Micros(at)}, jobs.Unique())
	}
	return nil
}

// watch sees every message that is written, in its own transaction.
func (r *Reminders) watch(ctx context.Context, t *records.Tx, all []records.Written) error {
	for _, w := range all {
		if w.Version != 1 || w.Deleted || !strings.HasPrefix(w.Node.Path("sender", "reference").Str(), "Practitioner/") {
			continue
		}
		for _, patient := range w.Patients {
			if err := r.notice(ctx, t, patient); err != nil {
				return err
			}
		}
	}
	return nil
}

// notice has a patient told that a message waits, if it is not read soon.
func (r *Reminders) notice(ctx context.Context, t *records.Tx, patient string) error {
	s, err := find(ctx, t.Beside(), patient)
	if err != nil || s == nil || !s.messages {
		return err
	}
	at := s.week.awake(t.Now().Add(settles), s.zone).Truncate(time.Minute)
	return r.queue.Insert(ctx, t.Beside(), waiting{patient}, jobs.At(at), jobs.Unique())
}

func (r *Reminders) notify(ctx context.Context, args waiting) error {
	ask, err := program()
	if err != nil {
		return err
	}
	return r.Records.Do(ctx, ask, func(t *records.Tx) error {
		now, tx := t.Now(), t.Beside()
		s, err := find(ctx, tx, args.Patient)
		if err != nil || s == nil || !s.messages {
			return err
		}
		if at := s.week.awake(now, s.zone); at.After(now) { // the hours were changed meanwhile
			return r.queue.Insert(ctx, tx, args, jobs.At(at), jobs.Unique())
		}
		if ok, err := r.Allows(ctx, t, args.Patient); err != nil || !ok {
			return err
		}
		if n, err := r.Unread(ctx, t, args.Patient, "Patient/"+args.Patient); err != nil || n == 0 {
			return err
		}
		n, err := tx.Exec(ctx, `UPDATE reminders SET noticed = $1 WHERE patient = $2 AND noticed <= $3`, db.Micros(now), args.Patient, db.Micros(now.Add(-again)))
		if err != nil || n == 0 {
			return err
		}
		return r.queued(ctx, tx, s, message, now)
	})
}

// Forget ends all reminders of a patient: they leave, or their account is another one now.
func (r *Reminders) Forget(ctx context.Context, t *records.Tx, patient string) error {
	if _, err := t.Beside().Exec(ctx, `DELETE FROM reminders_push WHERE patient = $1`, patient); err != nil {
		return err
	}
	_, err := t.Beside().Exec(ctx, `DELETE FROM reminders WHERE patient = $1`, patient)
	return err
}

// still reports whether this account is the patient's, and returns their setting.
func (r *Reminders) still(ctx context.Context, patient, subject string) (s *setting, err error) {
	if err = r.Store.Read(ctx, func(tx db.Tx) error { s, err = find(ctx, tx, patient); return err }); err != nil || s == nil {
		return nil, err
	}
	now, err := r.People.PatientOf(ctx, s.subject)
	if err != nil || now != patient || subject != "" && subject != s.subject {
		return nil, err
	}
	return s, nil
}

func (r *Reminders) sendPush(ctx context.Context, args pushing) error {
	if r.Clock.Now().Sub(db.FromMicros(args.At)) > stale {
		return nil
	}
	var all []subscription
	err := r.Store.Read(ctx, func(tx db.Tx) (err error) { all, err = subscriptions(ctx, tx, `id = $1`, args.ID); return err })
	if err != nil || len(all) == 0 {
		return err
	}
	s, err := r.still(ctx, all[0].Patient, all[0].Subject)
	if err != nil || s == nil || !s.push {
		return err
	}
	sent, err := r.push(text.With(ctx, s.lang, s.zone), all[0], args.Why)
	switch {
	case err != nil:
		return err
	case sent.Gone:
		return r.Store.Write(ctx, func(tx db.Tx) error {
			_, err := tx.Exec(ctx, `DELETE FROM reminders_push WHERE id = $1`, args.ID)
			return err
		})
	case sent.Again > 0:
		return r.Store.Write(ctx, func(tx db.Tx) error {
			return r.queue.Insert(ctx, tx, args, jobs.At(r.Clock.Now().Add(sent.Again)), jobs.Unique())
		})
	}
	return nil
}

func (r *Reminders) sendMail(ctx context.Context, args mailing) error {
	s, err := r.still(ctx, args.Patient, "")
	if err != nil || s == nil || !s.mail || r.Letter == nil || r.Clock.Now().Sub(db.FromMicros(args.At)) > stale {
		return err
	}
	ctx = text.With(ctx, s.lang, s.zone)
	body, path := args.Why.words(ctx)
	name := r.Site.In(s.lang).Name
	err = r.Letter(ctx, s.subject, text.T(ctx, "%s has something for you", name), text.T(ctx, "Hello,")+"\n\n"+body+"\n\n"+r.Site.URL+path+"\n\n"+
		text.T(ctx, "You chose when to be reminded. You can change it here:")+"\n"+r.Site.URL+"/my/me/reminders\n")
	if fault.Is(err, fault.Invalid) || fault.Is(err, fault.NotFound) {
		return jobs.GiveUp(errors.New("the account has no address that takes mail"))
	}
	return err
}
