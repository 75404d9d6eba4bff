// Package talk is what a patient and the team write to each other: one thread per patient, its pictures and
// papers, the team's inbox, and the notes that the staff keep among themselves. It may import what stands
// before it in the private chamber, gate (whose engine knows words of danger), identity, ui and platform.
//
// It promises: a message is a Communication of the patient's record, written with what waits for the team in one
// transaction; sent several times with one key, it is there once; what reads like danger is urgent, whoever
// says otherwise; a note of the staff is in no patient's record, search or history; a file is shown only to whoever may
// read the message that it came with.
package talk

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/door"
	"github.com/mitral-health/mitral/clinical/internal/people"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/triage"
	"github.com/mitral-health/mitral/gate/review"
	"github.com/mitral-health/mitral/platform/blob"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/jobs"
	"github.com/mitral-health/mitral/platform/web"
)

// Deps is what Talk needs; all of it.
type Deps struct {
	Records *records.Store
	People  *people.People
	Triage  *triage.Triage
	Store   *db.DB // the clinical one, migrated
	Blobs   blob.Store
	Clock   clock.Clock
	Log     *slog.Logger
	Base    string        // of the FHIR interface
	Hours   review.Hours  // when the team reads messages
	Within  time.Duration // of open hours, until an answer can be expected
}

// Talk is the messages of one chamber. Safe for concurrent use.
type Talk struct {
	Deps
	danger *danger
	turn   chan struct{} // one picture at a time: decoding a large one takes a lot of memory
}

// Open opens them. From then on every Communication about a patient that the records store is in their thread.
func Open(d Deps) (*Talk, error) {
	k, err := open(d, newDanger())
	if err == nil {
		go k.danger.in("") // so that nobody waits for it
	}
	return k, err
}

// Watch sees to it that every Communication which the records store is in its patient's thread, where there are no
// pages: for the command line. Of d it needs Records, Triage, Store, Clock and Base.
func Watch(d Deps) {
	k := &Talk{Deps: d, danger: newDanger()}
	d.Records.Watch(k.watch, "Communication")
}

func open(d Deps, words *danger) (*Talk, error) {
	if d.Records == nil || d.People == nil || d.Triage == nil || d.Store == nil || d.Blobs == nil || d.Clock == nil || d.Log == nil || d.Base == "" || d.Within <= 0 {
		return nil, errors.New("talk: records, people, triage, store, blobs, clock, log, base and within are needed")
	}
	if err := d.Hours.Check(); err != nil {
		return nil, err
	}
	k := &Talk{Deps: d, danger: words, turn: make(chan struct{}, 1)}
	d.Records.Watch(k.watch, "Communication")
	return k, nil
}

const (
	formBody   = 64 << 10
	uploadBody = maxFiles*maxFile + 1<<20
	slowly     = 3 * time.Minute // a photo over a poor line
)

// Routes lists the pages.
func (k *Talk) Routes() []web.Route {
	d := door.Door{People: k.People}
	typing := web.NewRate(k.Clock, 240, time.Minute, 60)
	patient := func(r *web.Route) { r.Timeout = slowly }
	return slices.Concat(
		d.App("GET", "/messages", k.threadPage),
		d.App("POST", "/messages", k.send, door.Body(uploadBody), patient),
		d.App("GET", "/messages/state", k.state, quiet),
		d.App("POST", "/messages/check", k.check, door.Body(formBody), func(r *web.Route) { r.Limit = typing }),
		d.App("GET", "/messages/files/{file}", k.file),

		d.Staff("GET", "/messages", k.inboxPage),
		d.Staff("GET", "/messages/state", k.inboxState, quiet),
		d.Staff("GET", "/{patient}/messages", k.threadPage),
		d.Staff("POST", "/{patient}/messages", k.send, door.Body(uploadBody), patient),
		d.Staff("GET", "/{patient}/messages/state", k.state, quiet),
		d.Staff("GET", "/{patient}/messages/files/{file}", k.file),
		d.Staff("POST", "/{patient}/messages/note", k.note, door.Body(formBody)),
		d.Staff("POST", "/{patient}/messages/settle", k.settle, door.Body(formBody)),
		d.Staff("POST", "/{patient}/messages/assign", k.assign, door.Body(formBody)))
}

func quiet(r *web.Route) { r.Quiet = true }

type sweep struct{}

func (sweep) Kind() string { return "talk_sweep" }

// RegisterJobs adds the jobs here to the registry of the clinical store.
func (k *Talk) RegisterJobs(r *jobs.Registry) {
	jobs.Handle(r, func(ctx context.Context, _ sweep) error { return k.Sweep(ctx) })
	jobs.Every(r, time.Hour, func() jobs.Args { return sweep{} })
}
