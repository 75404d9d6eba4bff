package clinical

import (
	"context"
	"hash/fnv"
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
	Ref  string // "Practitioner/x"
	Name string
}

func (s Staff) ask() records.Ask {
	return records.Ask{Who: access.Who{Kind: access.Clinician, ID: "invented " + s.Ref, Name: s.Name}}
}

// Follow begins to follow a patient. Conditions without thresholds of their own are passed over.
func (c *Clinical) Follow(ctx context.Context, by Staff, deputy, patient string, conditions []string) error {
	var known []thresholds.Condition
	for _, name := range conditions {
		if slices.Contains(thresholds.Conditions(), thresholds.Condition(name)) {
			known = append(known, thresholds.Condition(name))
		}
	}
	return c.triage.Follow(ctx, by.ask(), patient, known, by.Ref, deputy)
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

// Keep does what the plans of these patients ask for on the day of now, as often of a hundred times as each of them
// is said to.
func (c *Clinical) Keep(ctx context.Context, keeps map[string]int, now time.Time, zone *time.Location) error {
	var order []string
	for patient := range keeps {
		order = append(order, patient)
	}
	if len(order) == 0 {
		return nil
	}
	slices.Sort(order)
	return c.records.Do(ctx, asPatient(order[0]), func(t *records.Tx) error {
		for _, patient := range order {
			if err := c.keep(ctx, t.As(asPatient(patient)), patient, keeps[patient], now, zone); err != nil {
				return err
			}
		}
		return nil
	})
}

func (c *Clinical) keep(ctx context.Context, t *records.Tx, patient string, of int, now time.Time, zone *time.Location) error {
	active, err := c.plans.Active(ctx, t, patient)
	if err != nil || len(active) == 0 {
		return err
	}
	todo, err := c.plans.Today(ctx, t, patient, now, zone)
	for _, d := range todo {
		if err != nil {
			return err
		}
		i := slices.IndexFunc(active, func(p *plans.Plan) bool { return p.ID == d.Plan })
		if i < 0 || d.Done || d.Kind == plans.Measure || d.Kind == plans.Questions || int(dice(patient, d.ID, now.String())%100) >= of {
			continue
		}
		err = c.plans.Done(ctx, t, active[i], d.ID, "Patient/"+patient, plans.DayOf(now, zone), now)
	}
	return err
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
	Steps                               int
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
					Raised: a.Steps[0].At, Responsible: l.Responsible, Steps: len(a.Steps)})
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

// Take does it.
func (c *Clinical) Take(ctx context.Context, by Staff, o Open, a Act) error {
	step := alerts.Step{Do: alerts.Do(a.Do), By: by.Ref, Reason: a.Reason, Action: alerts.Action(a.Action), Until: a.Until}
	var effect triage.Effect
	if a.Tell != "" {
		effect = func(t *records.Tx, _ *alerts.Alert) (string, error) {
			return c.talk.Send(ctx, t, talk.Message{Patient: o.Patient, From: by.Ref, Text: a.Tell, About: "DetectedIssue/" + o.ID})
		}
	}
	_, err := c.triage.Do(ctx, by.ask(), o.ID, step, effect)
	return err
}
