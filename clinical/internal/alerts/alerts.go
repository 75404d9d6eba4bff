// Package alerts decides, for one new reading, which thresholds it crosses, and what may happen to the
// alert that comes of it. Imports outcome, resource, vitals and thresholds; it reaches for nothing and
// every time is given. It makes no sentences: findings and trends are numbers and codes.
//
// # Rules
//
// Evaluate looks at the new reading, the patient's rules for its measure, and a State of fixed size
// for (patient, measure) that the caller keeps; so its cost does not depend on the history. It
// promises, whatever the order in which readings arrive and however often each of them does:
//
//   - the State in the end is the same, and so is Standing, what the rules about many readings say;
//   - each reading's Single findings are made once, when it is first seen.
//
// Findings of rules about many readings depend on what is known when a reading arrives, as they must.
// A reading that is older than all that the State keeps, or that vitals.Place calls history, makes no
// finding. Single readings that are late still do: what nobody saw yet must be seen.
//
// # Life of an alert
//
// raised → acknowledged → decided → closed, with snoozed beside; see Do. One alert at most is open for
// each (patient, rule): repeats are folded into it.
//
// # As FHIR
//
// An alert is one DetectedIssue (http://hl7.org/fhir/R4/detectedissue.html): it has the patient, a
// severity, when it was identified, the Observations as evidence, and mitigation, a list of acts with
// date and author, which is what the steps of an alert's life are. Flag has neither severity nor
// acts; Task is the action that a decision leads to, made apart and named by the step that decided;
// CommunicationRequest would be the message. The state is also a meta.tag, so that
// DetectedIssue?_tag=urn:mitral:alert|raised finds what waits.
package alerts

import (
	"time"

	"github.com/mitral-health/mitral/clinical/internal/thresholds"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
)

// Finding is a threshold that is crossed.
type Finding struct {
	Rule     string
	Version  int // of the set of thresholds
	Kind     thresholds.Kind
	Severity thresholds.Severity
	Measure  vitals.Measure
	Limit    thresholds.Limit // the one crossed; of several the one crossed furthest. None for Missing
	Value    vitals.Amount    // what crosses it: the reading, the mean, or the difference
	Over     vitals.Amount    // how far it is over the limit, never negative
	Both     [vitals.MaxParts]vitals.Amount
	Has      [vitals.MaxParts]bool // which of Both are there: the reading, or the means, whole
	Reading  string                // key of the reading that was evaluated; "" for Missing
	Ref      string                // its address, such as "Observation/x", if it has one
	At       time.Time             // Order of the newest reading that it rests on; for Missing when it became due
	Since    time.Time             // the oldest of the unbroken row of readings that cross it
	Row      int                   // how many readings that row has; for Mean and Average how many were counted
	Trend    Trend
}

// Trend is how the part that a finding is about went over the readings of the last Days, from daily
// means. A page makes its plain sentence of it.
type Trend struct {
	Direction Direction
	From, To  vitals.Amount // the means of the first and the last day
	Days      int           // from the first to the last day
	Readings  int
}

// Direction is how a trend goes.
type Direction string

// The directions. Unclear is too little to say.
const (
	Unclear Direction = ""
	Rising  Direction = "rising"
	Falling Direction = "falling"
	Steady  Direction = "steady"
)

// Result is what a reading leads to.
type Result struct {
	State    State
	Findings []Finding
	Answered []string // rules about missing readings that this one answers
	Again    bool     // it was seen before: nothing is new
	Past     bool     // too old to matter to rules
}
