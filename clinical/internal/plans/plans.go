// Package plans is what a patient and the team agreed to do: goals, things to measure, tasks, exercises with
// pictures and a timer, check-ins with questions, reading; what of it was done; and the pages for both sides. It
// may import what stands before it in the private chamber, identity, ui and platform.
//
// It promises: a plan is a CarePlan with Goals, what was done an Observation, what was answered a
// QuestionnaireResponse (docs/adr/0015); an act that is sent twice counts once; what is due and what was
// done is worked out for each request, in the zone of who looks, out of the record and an index of what it says was done; nothing
// here blames.
package plans

import (
	"errors"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/people"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/triage"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/db"
)

// Deps is what plans need. All but Triage are required.
type Deps struct {
	Records *records.Store
	Store   *db.DB // the clinical one, migrated
	People  *people.People
	Clock   clock.Clock
	Triage  *triage.Triage // where answers that ask for the team's eyes wait; nil is nowhere
}

// Plans is the plans of one chamber. Make it with New.
type Plans struct{ Deps }

// New makes it.
func New(d Deps) (*Plans, error) {
	if d.Records == nil || d.Store == nil || d.People == nil || d.Clock == nil {
		return nil, errors.New("plans: records, store, people and clock are needed")
	}
	return &Plans{d}, nil
}

// Kind is what sort of thing a plan asks for.
type Kind string

// The kinds.
const (
	Measure   Kind = "measure"   // take a reading; done by the reading itself, whatever brought it
	Task      Kind = "task"      // do something: walk 20 minutes
	Exercise  Kind = "exercise"  // with pictures and steps
	Questions Kind = "questions" // answer a check-in
	Reading   Kind = "reading"   // read something, once
)

// Words is a text in both languages. What a clinician wrote stands in both as it was written.
type Words struct {
	EN string `json:"en"`
	ES string `json:"es"`
}

// Activity is one thing that a plan asks for.
type Activity struct {
	ID      string // within its plan; it stays the same when the plan changes
	Kind    Kind
	Title   Words
	Words   Words          // how, why; the text itself of something to read
	Measure vitals.Measure // of Measure
	Uses    string         // name of an exercise or of a check-in; address of something to read
	Rhythm  Rhythm
}

// Goal is what a plan strives for. Without a measure it is words only.
type Goal struct {
	ID      string // logical id of the Goal; "" before it is stored
	Words   Words
	Measure vitals.Measure
	Unit    string                  // UCUM
	Low     [vitals.MaxParts]string // digits in Unit; "" is no such end
	High    [vitals.MaxParts]string
}

// Status is where a plan is in its life: a code of CarePlan.status.
type Status string

// The states.
const (
	Draft     Status = "draft"
	Active    Status = "active"
	Completed Status = "completed" // its aim was reached or its time is over
	Revoked   Status = "revoked"   // stopped before
)

// Change is one change of a plan that was in force, with its reason.
type Change struct {
	At  time.Time
	By  string // "Practitioner/x"
	Who string // the name
	Why string
}

// Plan is a plan.
type Plan struct {
	ID         string
	Version    int64
	Patient    string
	Status     Status
	Title      Words
	Template   string // name of the template that it was made of; "" none
	From       Day
	Until      Day // 0 while it has no end
	Goals      []Goal
	Activities []Activity
	Changes    []Change // oldest first
}

// Todo is one thing that a plan asks for on a day.
type Todo struct {
	Kind     Kind
	Title    string // in the reader's language
	Hint     string // "3 of 5 this week"
	Path     string // below the app's, of its page: ui.AppPath(ctx, Path)
	Press    string // below the app's, where a form says that it is done; "" if that happens on its page
	Day      string // what such a form says beside: "2026-11-23"
	Turn     string // and which press of the day it is
	Measure  vitals.Measure
	Done     bool
	DoneAt   time.Time // zero if it isn't, or if only the day is known
	By       string    // who did it, if it was not the patient: "RelatedPerson/x"
	Plan, ID string    // of the plan, of the activity
}
