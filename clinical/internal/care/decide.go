package care

import (
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/mitral-health/mitral/clinical/internal/alerts"
	"github.com/mitral-health/mitral/clinical/internal/door"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/talk"
	"github.com/mitral-health/mitral/clinical/internal/triage"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/ui/text"
)

// A decision: who looks at an alert takes it, says what is done and why, and closes it. What is done is there in the
// transaction of the step that says so, or neither is.

// acts are what the buttons of a patient's page say, beside the decisions.
const (
	takeIt  = "take"
	giveIt  = "give"
	putOff  = "snooze"
	closeIt = "close"
)

// decide takes the step that a form of the patient's page asks for.
func (c *Care) decide(v *door.Visit) error {
	form, err := web.Form(v.R)
	if err != nil {
		return err
	}
	id, do := v.R.PathValue("alert"), form.Get("do")
	if err = c.step(v, id, do, form); err == nil {
		where := "/care/" + url.PathEscape(v.Patient)
		if do == string(alerts.ChangePlan) {
			return web.Redirect(v.W, v.R, where+"/plan")
		}
		return web.Redirect(v.W, v.R, where+"?"+url.Values{"done": {do}}.Encode())
	}
	return refused(err, func(status int, wrong error) error {
		return c.showPatient(v, status, &failed{Err: wrong, Alert: id, Do: do, Form: form})
	})
}

func (c *Care) step(v *door.Visit, id, do string, form url.Values) error {
	s, effect, err := c.stepOf(v, do, form)
	if err != nil {
		return err
	}
	seen, err := strconv.Atoi(form.Get("seen"))
	if err != nil {
		return fault.New(fault.Invalid, "This form is incomplete. Open the page again.")
	}
	return c.take(v, id, s, seen, form.Get("close") != "", effect)
}

// take takes a step with an alert that somebody has seen as it was with so many steps, and closes it if that settles it.
// Step, effect and closing are one.
func (c *Care) take(v *door.Visit, id string, s alerts.Step, seen int, close bool, effect triage.Effect) error {
	return c.Records.Do(v.Ctx(), v.Ask, func(t *records.Tx) error {
		a, err := c.Triage.Alert(v.Ctx(), t, id)
		if err != nil {
			return err
		}
		if a.Patient != v.Patient {
			return fault.New(fault.NotFound, "There is no such page.")
		}
		if len(a.Steps) != seen {
			return moved()
		}
		step := s
		if s.Do == alerts.Acknowledge && a.Status == alerts.Acknowledged && a.Owner != v.Ref {
			step.Do, step.To = alerts.HandOver, v.Ref // taken over from who had it
		}
		if s.Do == alerts.Snooze && a.Status == alerts.Snoozed { // put off again
			if a, err = c.Triage.DoIn(v.Ctx(), t, id, alerts.Step{Do: alerts.Acknowledge, By: v.Ref}, at(seen, nil)); err != nil {
				return err
			}
		}
		if a, err = c.Triage.DoIn(v.Ctx(), t, id, step, at(len(a.Steps), effect)); err == nil && close && s.Do == alerts.Decide {
			_, err = c.Triage.DoIn(v.Ctx(), t, id, alerts.Step{Do: alerts.Close, By: v.Ref}, nil)
		}
		return err
	})
}

func moved() error {
	return fault.New(fault.Conflict, "Somebody else did something with this alert a moment before you. Nothing of yours was done; here is how it stands now.")
}

// at lets a step be taken only from where whoever takes it has seen the alert.
func at(seen int, effect triage.Effect) triage.Effect {
	return func(t *records.Tx, a *alerts.Alert) (string, error) {
		if len(a.Steps) != seen {
			return "", moved()
		}
		if effect == nil {
			return "", nil
		}
		return effect(t, a)
	}
}

const longestReason = 1000

// stepOf reads what a form asks for: the step, and what comes of it.
func (c *Care) stepOf(v *door.Visit, do string, form url.Values) (s alerts.Step, effect triage.Effect, err error) {
	reason := strings.TrimSpace(form.Get("reason"))
	s = alerts.Step{Do: alerts.Decide, By: v.Ref, Reason: reason, Action: alerts.Action(do)}
	if utf8.RuneCountInString(reason) > longestReason {
		return s, nil, fault.New(fault.Invalid, "The reason is too long. Use at most %d characters.", longestReason)
	}
	switch do {
	case takeIt:
		s.Do = alerts.Acknowledge
		return s, nil, nil
	case closeIt:
		s.Do = alerts.Close
		return s, nil, nil
	case giveIt:
		s.Do, s.To = alerts.HandOver, form.Get("to")
		return s, nil, c.mustKnow(v, s.To)
	case putOff:
		s.Do = alerts.Snooze
		if s.Until, err = until(form.Get("until"), c.Clock.Now(), text.Zone(v.Ctx())); err == nil && reason == "" {
			err = needReason()
		}
		return s, nil, err
	case string(alerts.SendMessage):
		words := strings.TrimSpace(form.Get("text"))
		if words == "" {
			return s, nil, fault.New(fault.Invalid, "Write what you want to tell them.")
		}
		return s, func(t *records.Tx, a *alerts.Alert) (string, error) {
			return c.Talk.Send(v.Ctx(), t, talk.Message{Patient: a.Patient, From: v.Ref, Text: words, About: "DetectedIssue/" + a.ID, Key: form.Get("key")})
		}, nil
	case string(alerts.MakeTask):
		what, owner := strings.TrimSpace(form.Get("what")), form.Get("to")
		if what == "" || utf8.RuneCountInString(what) > longestReason {
			return s, nil, fault.New(fault.Invalid, "Say in a few words what is to be done.")
		}
		return s, func(t *records.Tx, a *alerts.Alert) (string, error) {
			return c.makeTask(v.Ctx(), t, a, what, owner, v.Ref)
		}, c.mustKnow(v, owner)
	case string(alerts.CallNow), string(alerts.ChangePlan), string(alerts.NoAction):
		if reason == "" {
			err = needReason()
		}
		return s, nil, err
	}
	return s, nil, fault.New(fault.Invalid, "This form is incomplete. Open the page again.")
}

func needReason() error { return fault.New(fault.Invalid, "Say why: it stands in the record.") }

// mustKnow refuses who is no colleague.
func (c *Care) mustKnow(v *door.Visit, ref string) error {
	var staff []colleague
	err := c.Records.Look(v.Ctx(), v.Ask, func(t *records.Tx) (err error) {
		staff, err = c.colleagues(v.Ctx(), t)
		return err
	})
	if err == nil && !knows(staff, ref) {
		return fault.New(fault.Invalid, "Choose a colleague.")
	}
	return err
}

// spans are how long something can be put off, or handed over.
var spans = []string{"4h", "tomorrow", "monday", "3d", "7d", "14d"}

const morning = 8 // o'clock, when a day of work begins

// until is the time that a choice means.
func until(choice string, now time.Time, zone *time.Location) (time.Time, error) {
	y, m, d := now.In(zone).Date()
	dawn := func(days int) time.Time { return time.Date(y, m, d+days, morning, 0, 0, 0, zone) }
	switch choice {
	case "4h":
		return now.Add(4 * time.Hour), nil
	case "tomorrow":
		return dawn(1), nil
	case "monday":
		return dawn(1 + (7-int(now.In(zone).Weekday()))%7), nil
	case "3d":
		return dawn(3), nil
	case "7d":
		return dawn(7), nil
	case "14d":
		return dawn(14), nil
	}
	return time.Time{}, fault.New(fault.Invalid, "Choose until when.")
}
