// Package triage sees to it that a measurement at home becomes somebody's decision: it evaluates every
// Observation of a followed patient as it is stored, keeps what waits for the team in one ordered list, and
// tells open lists of changes. It draws no pages. May import what stands before it in the private chamber,
// and platform.
//
// It promises:
//
//   - A reading is evaluated in the transaction that stores it, whatever brought it. State, alert, list and
//     reading are there together or not at all; none is raised twice, however often and in whatever order
//     readings arrive, and whichever copies of the program take them.
//   - Every fact is in the records: an alert is a DetectedIssue, the thresholds are a Basic, who looks after
//     somebody is a CareTeam. The tables here are an index of them, rebuilt by writing them again, and what
//     waits, who is away and the memory that rules need.
//   - Who is not followed costs a transaction one look into an index.
//   - Nobody who listens can hold up who writes.
package triage

import (
	"context"
	"errors"
	"log/slog"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/alerts"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/thresholds"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/db"
)

// Deps is what Triage needs. Records, Store, Clock and Log are required.
type Deps struct {
	Records *records.Store
	Store   *db.DB // the clinical one, migrated
	Clock   clock.Clock
	Log     *slog.Logger
	// Policy is when an alert that nobody takes goes to the deputy, and when the centre is at rest. Its zero
	// value is alerts.DefaultPolicy without quiet hours.
	Policy alerts.Policy
	// Allowed says whether a patient lets the team follow them, in a transaction; nil is always.
	Allowed func(ctx context.Context, tx db.Tx, patient string) (bool, error)
}

// Triage is the engine of one chamber. Safe for concurrent use.
type Triage struct {
	Deps
	program records.Ask // what the engine does by itself
	hub     hub
	sets    kept[thresholds.Set]
	alerts  kept[alerts.Alert] // of the list's pages
}

// Open connects the engine with the records: from then on every Observation that they store is evaluated.
func Open(d Deps) (*Triage, error) {
	if d.Records == nil || d.Store == nil || d.Clock == nil || d.Log == nil {
		return nil, errors.New("triage: records, store, clock and log are needed")
	}
	if p := d.Policy; p.Urgent == 0 && p.Attention == 0 && p.Info == 0 {
		d.Policy = alerts.DefaultPolicy(p.Quiet)
	}
	scopes, err := access.ParseScopes("system/DetectedIssue.cru system/Observation.rs system/Patient.r")
	if err != nil {
		return nil, err
	}
	g := &Triage{Deps: d, program: records.Ask{Who: access.Who{Kind: access.System, ID: "triage", Name: "Mitral", Scopes: scopes}}}
	g.hub.of, g.hub.source, g.hub.told = g, d.Records.NewID(), map[heard]struct{}{}
	g.sets.most, g.alerts.most = maxSets, maxAlerts
	_, _, g.hub.heeded = d.Store.Postgres() // other copies may have subscribers
	d.Records.Watch(g.watch, watched...)
	return g, nil
}
