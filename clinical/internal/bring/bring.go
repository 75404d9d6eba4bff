// Package bring takes readings in that were made elsewhere than on the page: what waited on a phone for the
// network, what a device told the phone, and files of other apps. It may import what stands before it in the private
// chamber, identity, ui and platform.
//
// It promises: a reading is judged by itself, by vitals, whatever it came with; it is stored once, however often and
// in whatever order it is sent; a file is read in bounded memory, never stored longer than its import needs,
// and what of it could not be read is said.
package bring

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/door"
	"github.com/mitral-health/mitral/clinical/internal/people"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
	"github.com/mitral-health/mitral/platform/blob"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/jobs"
	"github.com/mitral-health/mitral/platform/web"
)

// Deps is what Bring needs; all of it.
type Deps struct {
	Records *records.Store
	People  *people.People
	Store   *db.DB // the clinical one, migrated
	Blobs   blob.Store
	Clock   clock.Clock
	Log     *slog.Logger
}

// Bring is the ways in. Make it with Open; safe for concurrent use.
type Bring struct {
	Deps
	door     door.Door
	queue    *jobs.Queue
	arriving sync.Map // patients whose file is on its way
}

// Open opens them.
func Open(d Deps) (*Bring, error) {
	if d.Records == nil || d.People == nil || d.Store == nil || d.Blobs == nil || d.Clock == nil || d.Log == nil {
		return nil, errors.New("bring: records, people, store, blobs, clock and log are needed")
	}
	return &Bring{Deps: d, door: door.Door{People: d.People}}, nil
}

// UseQueue gives bring the queue of the clinical store.
func (b *Bring) UseQueue(q *jobs.Queue) { b.queue = q }

const (
	syncBody   = 256 << 10
	formBody   = 16 << 10
	maxUpload  = 4 << 30
	uploadTime = 6 * time.Hour // a gigabyte over a slow line
)

// Routes lists the pages and what the phone sends to.
func (b *Bring) Routes() []web.Route {
	d := &b.door
	return slices.Concat(
		d.App("POST", "/sync", b.sync, door.Body(syncBody)),
		d.Own("GET", "/import", b.startPage),
		d.Own("POST", "/import", b.upload, door.Body(maxUpload+1<<20), func(r *web.Route) { r.Timeout = uploadTime }),
		d.Own("GET", "/import/{file}", b.filePage),
		d.Own("POST", "/import/{file}", b.act, door.Body(formBody)))
}

// lately is how far back the newest reading of a measure is looked for: an older one says nothing of a new one.
const lately = 180 * 24 * time.Hour

// LastWeight is the newest weight of a patient, nil if there is none: a weight is asked about if it is far from it.
func (b *Bring) LastWeight(ctx context.Context, t *records.Tx, patient string) (*vitals.Reading, error) {
	page, err := t.Find(ctx, "Observation", "patient", "Patient/"+patient, "code", vitals.Codes(vitals.Weight), "date", "ge"+t.Now().Add(-lately).UTC().Format(time.RFC3339), "_sort", "-date", "_count", "3")
	if err != nil {
		return nil, err
	}
	for i := range page.Records {
		n, err := resource.Parse(page.Records[i].Body)
		if err != nil {
			return nil, err
		}
		if r, err := vitals.Decode(n, page.Records[i].Updated); err == nil && r.Measure == vitals.Weight {
			return &r, nil
		}
	}
	return nil, nil
}
