package clinical

import (
	"context"
	"hash/fnv"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/alerts"
	"github.com/mitral-health/mitral/clinical/internal/control"
	"github.com/mitral-health/mitral/clinical/internal/people"
	"github.com/mitral-health/mitral/clinical/internal/plans"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/talk"
	"github.com/mitral-health/mitral/clinical/internal/thresholds"
	"github.com/mitral-health/mitral/clinical/internal/triage"
)

// Staff is an invented member of the team, for whom something is done.
type Staff struct {
	Ref     string // "Practitioner/x"
	Name    string
	Subject string // of their account; "" has none
}

func (s Staff) ask() records.Ask {
	subject := s.Subject
	if subject == "" {
		subject = "invented " + s.Ref
	}
	return records.Ask{Who: access.Who{Kind: access.Clinician, ID: subject, Name: s.Name}}
}

// Followed is somebody to be followed from now on.
type Followed struct {
	By              Staff
	Deputy, Patient string
	Conditions      []string // those without thresholds of their own are passed over
}

// Follow begins to follow patients, all of them or none.
func (c *Clinical) Follow(ctx context.Context, all []Followed) error {
	if len(all) == 0 {
		return nil
	}
	return c.records.Do(ctx, all[0].By.ask(), func(t *records.Tx) error {
		for _, f := range all {
			var known []thresholds.Condition
			for _, name := range f.Conditions {
				if slices.Contains(thresholds.Conditions(), thresholds.Condition(name)) {
					known = append(known, thresholds.Condition(name))
				}
			}
			if err := c.triage.FollowIn(ctx, t.As(f.By.ask()), f.Patient, known, f.By.Ref, f.Deputy); err != nil {
				return err
			}
		}
		return nil
	})
}

// Said is a message of an invented conversation.
type Said struct {
	Patient string // whose thread
	By      Staff  // of the team; zero is the patient
	Text    string
	Urgent  bool
	Seen    string // of the team: the newest message that it answers
}

// Say sends a message and returns the logical id of what it became.
func (c *Clinical) Say(ctx context.Context, s Said) (id string, err error) {
	ask, from := asPatient(s.Patient), "Patient/"+s.Patient
	if s.By.Ref != "" {
		ask, from = s.By.ask(), s.By.Ref
	}
	err = c.records.Do(ctx, ask, func(t *records.Tx) error {
		ref, err := c.talk.Send(ctx, t, talk.Message{Patient: s.Patient, From: from, Text: s.Text, Urgent: s.Urgent, Seen: s.Seen})
		id = strings.TrimPrefix(ref, "Communication/")
		return err
	})
	return id, err
}

// Consent says for a patient what they allow.
func (c *Clinical) Consent(ctx context.Context, patient, purpose string, allowed bool) error {
	return c.records.Do(ctx, asPatient(patient), func(t *records.Tx) error {
		return c.control.Say(ctx, t, patient, control.Purpose(purpose), allowed)
	})
}

// Caring makes the account with this subject one that acts for a patient, as the patient wants it.
func (c *Clinical) Caring(ctx context.Context, patient, subject, name, relation, lang string) error {
	v, err := c.people.InviteCaregiver(ctx, asPatient(patient), patient, people.Caring{Name: name, Relation: relation, Ground: people.OwnConsent}, lang)
	if err != nil {
		return err
	}
	_, err = c.people.Accept(ctx, subject, name, v.Code)
	return err
}

// Plan starts a plan of a template.
func (c *Clinical) Plan(ctx context.Context, by Staff, patient, template string, at time.Time) error {
	_, err := c.plans.Start(ctx, by.ask(), patient, template, at)
	return err
}

// Keep does what the plans of these patients ask for on these days, as often of a hundred times as each of them is
// said to.
func (c *Clinical) Keep(ctx context.Context, keeps map[string]int, days []time.Time, zone *time.Location) error {
	order := slices.Sorted(maps.Keys(keeps))
	if len(order) == 0 {
		return nil
	}
	return c.records.Do(ctx, asPatient(order[0]), func(t *records.Tx) error {
		for _, patient := range order {
			own := t.As(asPatient(patient))
			active, err := c.plans.Active(ctx, own, patient)
			if err != nil {
				return err
			}
			for _, plan := range active {
				for _, day := range days {
					if err := c.keep(ctx, own, plan, keeps[patient], day, zone); err != nil {
						return err
					}
				}
			}
		}
		return nil
	})
}

func (c *Clinical) keep(ctx context.Context, t *records.Tx, plan *plans.Plan, of int, at time.Time, zone *time.Location) error {
	day := plans.DayOf(at, zone)
	for _, a := range plan.Activities {
		often := of
		switch {
		case a.Kind == plans.Measure || a.Kind == plans.Questions || day < plan.From || day < a.Rhythm.From || a.Rhythm.Until != 0 && day > a.Rhythm.Until:
			continue
		case a.Rhythm.Once:
			often = of / 8
		case a.Rhythm.Weekly > 0:
			often = of * a.Rhythm.Weekly / 7
		case a.Rhythm.Days != [7]bool{} && !a.Rhythm.Days[day.Weekday()]:
			continue
		}
		if int(dice(plan.Patient, a.ID, day.String())%100) >= often {
			continue
		}
		if err := c.plans.Done(ctx, t, plan, a.ID, "Patient/"+plan.Patient, day, at); err != nil {
			return err
		}
	}
	return nil
}

// dice is a number that is the same for the same words.
func dice(words ...string) uint32 {
	h := fnv.New32a()
	for _, w := range words {
		_, _ = h.Write([]byte(w + "\x00"))
	}
	return h.Sum32()
}

// Tick has the program do what is due: readings that are missing, alerts that nobody took.
func (c *Clinical) Tick(ctx context.Context) error { return c.triage.Tick(ctx) }

// Open is an alert of an invented patient that somebody can act on.
type Open struct {
	ID, Patient, Rule, Severity, Status string
	Raised                              time.Time
	Responsible                         string
}

// Open lists the most pressing open alert of each patient, as their list has it.
func (c *Clinical) Open(ctx context.Context, by Staff) (out []Open, err error) {
	for after := ""; ; {
		page, err := c.triage.List(ctx, by.ask(), triage.Query{After: after, Count: 200})
		if err != nil {
			return nil, err
		}
		for _, l := range page.Lines {
			if a := l.Alert; a != nil {
				out = append(out, Open{ID: a.ID, Patient: l.Patient, Rule: a.First.Rule, Severity: string(a.First.Severity), Status: string(a.Status),
					Raised: a.Steps[0].At, Responsible: l.Responsible})
			}
		}
		if after = page.Next; after == "" {
			return out, nil
		}
	}
}

// Act is what somebody of the team does with an alert: "acknowledge", "snooze", "decide", "close". Tell is what a decision
// for a message says to the patient.
type Act struct {
	Do, Action, Reason, Tell string
	Until                    time.Time
}

// Taken is what somebody does with an alert.
type Taken struct {
	By   Staff
	Open Open
	Act  Act
}

// Take does it, all of it or nothing, in this order.
func (c *Clinical) Take(ctx context.Context, all []Taken) error {
	if len(all) == 0 {
		return nil
	}
	return c.records.Do(ctx, all[0].By.ask(), func(t *records.Tx) error {
		for _, one := range all {
			step := alerts.Step{Do: alerts.Do(one.Act.Do), By: one.By.Ref, Reason: one.Act.Reason, Action: alerts.Action(one.Act.Action), Until: one.Act.Until}
			var effect triage.Effect
			if one.Act.Tell != "" {
				effect = func(t *records.Tx, _ *alerts.Alert) (string, error) {
					return c.talk.Send(ctx, t, talk.Message{Patient: one.Open.Patient, From: one.By.Ref, Text: one.Act.Tell, About: "DetectedIssue/" + one.Open.ID})
				}
			}
			if _, err := c.triage.DoIn(ctx, t.As(one.By.ask()), one.Open.ID, step, effect); err != nil {
				return err
			}
		}
		return nil
	})
}
