// Package intake takes in what another system gives as files: FHIR bundles and lists of resources, one
// on a line, in folders, compressed or not. May import what stands before it in the private chamber.
//
// It promises: a resource is stored once however often its file is taken in, also after the program
// was killed in the middle (ids come from the file, and how far a file was taken is written in the
// same transaction as what was taken); a bundle that calls itself a transaction is stored wholly or
// not at all; what is refused is named with its place and the reason, and does not keep the rest out.
package intake

import (
	"context"
	"log/slog"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/bundle"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/platform/clock"
)

// Deps is what an import needs.
type Deps struct {
	Store *records.Store
	Clock clock.Clock
	Log   *slog.Logger
	Base  string // of the FHIR interface
}

// Options is how to import.
type Options struct {
	DryRun   bool           // read and validate, store nothing
	Again    bool           // also files that were taken in before
	Refused  func(Refusal)  // told of each refusal
	Progress func(Progress) // told after each part that was stored
}

// Refusal is something that was not taken in.
type Refusal struct {
	File       string
	Place      string // "line 12", "entry 3", "" for the whole file
	Expression string // of the element, "Observation.status"; may be ""
	Reason     string
	Count      int // resources that are not taken in because of it; 0 if it only says more about the one before
}

// Progress is how far it is.
type Progress struct {
	File      string // that was worked on last
	Files, Of int    // finished, all
	Resources int    // stored or, in a dry run, found good
	Same      int    // of these, were there already, just so
	Refused   int
	Before    int // files that an earlier run had finished
	Elapsed   time.Duration
}

// Rate is resources per second.
func (p Progress) Rate() float64 {
	if p.Elapsed <= 0 {
		return 0
	}
	return float64(p.Resources) / p.Elapsed.Seconds()
}

// who imports: the program itself, at the command of whoever holds its data.
func ask() records.Ask {
	scopes, err := access.ParseScopes("system/*.cruds")
	if err != nil {
		panic(err) // the words are ours
	}
	return records.Ask{Who: access.Who{Kind: access.System, ID: "import", Name: "mitral fhir import", Scopes: scopes}, Purpose: access.Operations}
}

// Run imports the files, and those in the folders, that paths name. The error is what ended it too early;
// what was refused is in Progress and was told to Options.Refused.
func Run(ctx context.Context, d Deps, paths []string, o Options) (Progress, error) {
	sources, err := find(paths)
	if err != nil {
		return Progress{}, err
	}
	r := &run{Deps: d, Options: o, ask: ask(), begun: d.Clock.Now(), progress: Progress{Of: len(sources)},
		runner: &bundle.Runner{Store: d.Store, Clock: d.Clock, Log: d.Log, Base: d.Base}}
	err = r.all(ctx, sources)
	r.progress.Elapsed = d.Clock.Now().Sub(r.begun)
	return r.progress, err
}
