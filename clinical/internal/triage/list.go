package triage

import (
	"context"
	"errors"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/alerts"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/thresholds"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
)

var errSoon = errors.New("triage: not there yet")

// Waiting is something besides an alert that waits for the team.
type Waiting struct {
	Patient  string // logical id
	Kind     string // "message", "questionnaire", "task" …
	Ref      string // what it is: "Communication/x"
	Severity thresholds.Severity
	Since    time.Time
}

// Line is one patient on the list.
type Line struct {
	Patient     string // logical id
	Name        string
	Born        time.Time           // zero if it isn't known
	Severity    thresholds.Severity // of the most pressing thing that waits; "" if nothing does
	Waits       time.Time           // since when it has waited; zero if nothing does
	Alert       *alerts.Alert       // the most pressing open one, also one that is snoozed or decided; nil without
	More        int                 // other open alerts
	Message     *Waiting            // what else waits, the most pressing; nil without
	Messages    int                 // how many such wait
	Owner       string              // who has the alert: who took it, else who it was escalated to, else Responsible
	Responsible string              // "Practitioner/x"
	Deputy      string              // "Practitioner/x" or ""
	Followed    bool                // false: only on the list because something waits
	Paused      bool                // the patient doesn't allow to be followed at present
	Last        *vitals.Reading     // the newest reading since they are followed: Measure, Values, Has, Order; nil without
}

// Query is which part of the list is wanted.
type Query struct {
	Mine  string // a Practitioner's reference: what is theirs, and of those for whom they stand in; "" is everybody's
	After string // Page.Next of the page before
	Count int    // 0 is 50; 200 at most
}

// Page is a part of the list: what waits first, the most severe first, then what waits longest.
type Page struct {
	Lines    []Line
	Urgent   int // patients for whom something urgent waits
	Today    int // something that needs attention
	Week     int // something to know
	Followed int
	Next     string // "" on the last page
}

// List returns a part of the list, to who may read everybody's alerts. It is one entry of the audit trail.
func (g *Triage) List(ctx context.Context, ask records.Ask, q Query) (Page, error) {
	return Page{}, errSoon
}

// Line returns one patient's line as it is now, nil if they are not on the list: to renew it after a Change.
func (g *Triage) Line(ctx context.Context, ask records.Ask, patient string) (*Line, error) {
	return nil, errSoon
}

// Wait puts something on the list in the caller's transaction; the same again changes its severity and time.
func (g *Triage) Wait(ctx context.Context, t *records.Tx, w Waiting) error { return errSoon }

// Settle takes it off. With ref "" all of the kind.
func (g *Triage) Settle(ctx context.Context, t *records.Tx, patient, kind, ref string) error {
	return errSoon
}
