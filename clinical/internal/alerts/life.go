package alerts

import (
	"time"
	"unicode/utf8"

	"github.com/mitral-health/mitral/clinical/internal/thresholds"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
)

// Status is where an alert is in its life.
type Status string

// The states.
const (
	Raised       Status = "raised"       // nobody has taken it
	Acknowledged Status = "acknowledged" // somebody is on it
	Snoozed      Status = "snoozed"      // put off until a time, with a reason
	Decided      Status = "decided"      // what to do is decided, and is being done
	Closed       Status = "closed"
)

// Do is what happens to an alert.
type Do string

// The acts. Those of the program itself have System as actor; the others need a person.
const (
	Raise       Do = "raise"       // by the program: the first step of every alert
	Escalate    Do = "escalate"    // by the program: nobody acknowledged in time; To is the deputy
	Wake        Do = "wake"        // by the program: the time of a snooze is over, or it got worse
	Worsen      Do = "worsen"      // by the program: further over the limit than when it was decided
	Answer      Do = "answer"      // by the program: the missing reading came
	Acknowledge Do = "acknowledge" //
	HandOver    Do = "hand-over"   // to another person, who has it then
	Snooze      Do = "snooze"      // needs a reason and Until
	Decide      Do = "decide"      // needs an Action; NoAction needs a reason
	Close       Do = "close"       //
	Withdraw    Do = "withdraw"    // the reading was no reading; needs a reason
)

// Action is what is decided.
type Action string

// The actions.
const (
	NoAction        Action = "none"
	SendMessage     Action = "message"
	MakeTask        Action = "task"
	ChangePlan      Action = "plan"
	ChangeThreshold Action = "threshold"
	CallNow         Action = "call"
)

// System is the actor of what the program does itself.
const System = "system"

// Step is one thing that happened.
type Step struct {
	Do     Do
	By     string // a reference: System, or such as "Practitioner/x"
	At     time.Time
	Reason string
	Action Action    // Decide
	Result string    // Decide: a reference to what was made, such as "Task/x"
	To     string    // Escalate, HandOver: who has it now
	Until  time.Time // Snooze
}

// Alert is one threshold of one patient that is crossed, and what was done about it.
type Alert struct {
	ID      string // logical id; "" before it is stored
	Patient string // logical id
	Status  Status
	First   Finding
	Latest  Finding       // the newest of the repeats, First if there are none
	Worst   vitals.Amount // the furthest over the limit that whoever decided or snoozed has seen
	Repeats int           // findings folded in after the first
	Owner   string        // who acknowledged it or was given it
	Deputy  string        // who it was escalated to
	Until   time.Time     // of the snooze
	Steps   []Step        // oldest first; never changed, only added to
}

// Refusal says why a step is not possible.
type Refusal struct {
	Do     Do
	Status Status
	Why    Why
}

// Why says what is wrong with a step.
type Why string

// The reasons.
const (
	NotNow     Why = "not-in-this-state"
	NoActor    Why = "no-actor"
	WrongActor Why = "wrong-actor" // a person's act by the program, or the other way round
	NoReason   Why = "no-reason"
	LongReason Why = "long-reason"
	NoAct      Why = "no-action" // none of the actions
	NobodyTo   Why = "nobody-to"
	BadUntil   Why = "until"   // not after the step, or more than MaxSnooze later
	Backwards  Why = "earlier" // before the step that came last
	NotMissing Why = "no-missing-reading"
)

// Error names the act and the state.
func (r *Refusal) Error() string {
	return "an alert that is " + string(r.Status) + " refuses " + string(r.Do) + ": " + string(r.Why)
}

// MaxSnooze is how long an alert may be put off.
const MaxSnooze = 30 * day

const maxReason = 1000

// moves says from which states an act leads to which. What is not here is forbidden.
var moves = map[Do]map[Status]Status{
	Escalate:    {Raised: Raised},
	Wake:        {Snoozed: Raised},
	Worsen:      {Decided: Raised},
	Answer:      {Raised: Closed, Acknowledged: Closed, Snoozed: Closed, Decided: Closed},
	Acknowledge: {Raised: Acknowledged, Snoozed: Acknowledged},
	HandOver:    {Acknowledged: Acknowledged, Decided: Decided},
	Snooze:      {Raised: Snoozed, Acknowledged: Snoozed},
	Decide:      {Acknowledged: Decided},
	Close:       {Decided: Closed},
	Withdraw:    {Raised: Closed, Acknowledged: Closed, Snoozed: Closed, Decided: Closed},
}

// automatic are the acts of the program.
func automatic(d Do) bool {
	switch d {
	case Raise, Escalate, Wake, Worsen, Answer:
		return true
	}
	return false
}

// Open makes the alert of a finding.
func Open(patient string, f Finding, at time.Time) Alert {
	return Alert{
		Patient: patient, Status: Raised, First: f, Latest: f, Worst: f.Over,
		Steps: []Step{{Do: Raise, By: System, At: at.UTC()}},
	}
}

// Do returns the alert after a step, or a *Refusal and the alert as it was.
func (a Alert) Do(s Step) (Alert, error) {
	to, why := a.may(s)
	if why != "" {
		return a, &Refusal{s.Do, a.Status, why}
	}
	// What an act has no use for is not kept.
	kept := Step{Do: s.Do, By: s.By, At: s.At.UTC(), Reason: s.Reason}
	a.Status, a.Until = to, time.Time{}
	switch s.Do {
	case Acknowledge:
		a.Owner = s.By
	case HandOver:
		kept.To, a.Owner = s.To, s.To
	case Escalate:
		kept.To, a.Deputy = s.To, s.To
	case Snooze:
		a.Until = s.Until.UTC()
		kept.Until = a.Until
	case Decide:
		kept.Action, kept.Result = s.Action, s.Result
	case Wake, Worsen:
		a.Owner, a.Deputy = "", ""
	}
	a.Steps = append(a.Steps[:len(a.Steps):len(a.Steps)], kept)
	return a, nil
}

func (a *Alert) may(s Step) (Status, Why) {
	to, ok := moves[s.Do][a.Status]
	switch {
	case !ok:
		return "", NotNow
	case s.By == "":
		return "", NoActor
	case automatic(s.Do) != (s.By == System) && s.Do != Withdraw: // a correction of the reading withdraws by itself
		return "", WrongActor
	case s.At.Before(a.Steps[len(a.Steps)-1].At):
		return "", Backwards
	case len(s.Reason) > 4*maxReason || utf8.RuneCountInString(s.Reason) > maxReason:
		return "", LongReason
	case s.Reason == "" && (s.Do == Snooze || s.Do == Withdraw || s.Do == Decide && s.Action == NoAction):
		return "", NoReason
	case (s.Do == Escalate || s.Do == HandOver) && s.To == "":
		return "", NobodyTo
	case s.Do == Snooze && (!s.Until.After(s.At) || s.Until.Sub(s.At) > MaxSnooze):
		return "", BadUntil
	case s.Do == Wake && s.Reason != worse && s.At.Before(a.Until):
		return "", BadUntil
	case s.Do == Answer && a.First.Kind != thresholds.Missing:
		return "", NotMissing
	}
	if s.Do == Decide {
		switch s.Action {
		case NoAction, SendMessage, MakeTask, ChangePlan, ChangeThreshold, CallNow:
		default:
			return "", NoAct
		}
	}
	return to, ""
}

// worse is the Reason of Wake and Worsen when a repeat is further over the limit.
const worse = "worse"

// Fold takes a repeat into an open alert of the same rule. One that is noticeably further over the
// limit than when somebody decided or snoozed raises the alert again; for an urgent rule the least bit
// further does. at is the server's time.
func (a Alert) Fold(f Finding, at time.Time) (Alert, error) {
	if a.Status == Closed || f.Rule != a.First.Rule {
		return a, &Refusal{Raise, a.Status, NotNow}
	}
	a.Repeats++
	if !f.At.Before(a.Latest.At) {
		a.Latest = f
	}
	again := Wake
	switch a.Status {
	case Raised, Acknowledged:
		a.Worst = max(a.Worst, f.Over)
		return a, nil
	case Decided:
		again = Worsen
	}
	margin := noticeable(f.Measure)
	if f.Severity == thresholds.Urgent {
		margin = 1
	}
	if f.Over < a.Worst+margin {
		return a, nil
	}
	a.Worst = f.Over
	if last := a.Steps[len(a.Steps)-1].At; at.Before(last) {
		at = last // two servers' clocks may differ by a moment
	}
	return a.Do(Step{Do: again, By: System, At: at, Reason: worse})
}

// Waiting is since when somebody has had to act: when it was raised, woken or raised again.
func (a *Alert) Waiting() time.Time {
	for i := len(a.Steps) - 1; i >= 0; i-- {
		switch a.Steps[i].Do {
		case Raise, Wake, Worsen:
			return a.Steps[i].At
		}
	}
	return time.Time{}
}

// Decision returns the newest decision, or nil.
func (a *Alert) Decision() *Step {
	for i := len(a.Steps) - 1; i >= 0; i-- {
		if a.Steps[i].Do == Decide {
			return &a.Steps[i]
		}
	}
	return nil
}
