// Package bundle works through what comes as one: a batch, entry by entry, and a transaction, wholly
// or not at all (http://hl7.org/fhir/R4/http.html#transaction). May import what stands before it in
// the private chamber.
//
// It promises: of a transaction in which anything is wrong nothing is stored, and the answer names
// the entry; a reference between entries is stored as the reference that it becomes; the order of
// entries does not matter; what contradicts itself is refused and never half right.
package bundle

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/validate"
	"github.com/mitral-health/mitral/platform/clock"
)

// MaxEntries is how many entries a bundle may have if Runner does not say.
const MaxEntries = 5000

// Result is the answer to one entry.
type Result struct {
	Status   int
	Location string // "Patient/12/_history/1"
	ETag     string // `W/"1"`
	Updated  time.Time
	Same     bool           // it was so already: no version was made
	Body     []byte         // a resource as JSON, nil for none
	Outcome  *outcome.Error // what went wrong with the entry of a batch
}

// Runner works through bundles.
type Runner struct {
	Store   *records.Store
	Clock   clock.Clock
	Log     *slog.Logger
	Base    string // of the FHIR interface: "https://orlena.example/fhir"
	Entries int    // at most so many entries; 0 is MaxEntries

	// Look answers an entry that changes nothing: a read, a search, a history, an operation.
	Look func(ctx context.Context, tx *records.Tx, r Request) (Result, error)
}

// Run works through b, a batch or transaction, and returns the response bundle as JSON. full says that
// the answers to writes hold the resource. What it refuses as a whole is an *outcome.Error.
func (x *Runner) Run(ctx context.Context, ask records.Ask, b *resource.Node, full bool) ([]byte, error) {
	if b.Type() != "Bundle" {
		return nil, outcome.New(http.StatusBadRequest, outcome.Invalid, "", "This is sent to the address of the server itself, which takes a Bundle.")
	}
	most := x.Entries
	if most == 0 {
		most = MaxEntries
	}
	if len(b.Get("entry").Each()) > most {
		return nil, outcome.New(http.StatusRequestEntityTooLarge, outcome.TooCostly, "Bundle.entry", "This bundle has more entries than are taken at once.")
	}
	requests, wrong := Requests(b, x.Base)
	switch b.Get("type").Str() {
	case "batch":
		if err := envelope(b, wrong); err != nil {
			return nil, err
		}
		results, err := x.batch(ctx, ask, requests, wrong)
		if err != nil {
			return nil, err
		}
		return x.respond("batch-response", requests, results, full), nil
	case "transaction":
		for _, w := range wrong {
			if w != nil {
				return nil, w
			}
		}
		p, err := x.Prepare(requests, false)
		if err == nil {
			err = envelope(b, nil)
		}
		if err != nil {
			return nil, err
		}
		results, err := p.run(ctx, ask)
		if err != nil {
			return nil, err
		}
		return x.respond("transaction-response", requests, results, full), nil
	}
	return nil, outcome.New(http.StatusBadRequest, outcome.Value, "Bundle.type", "Only a batch or a transaction can be worked through.")
}

// envelope validates the bundle without its resources. What is wrong with an entry is added to
// wrong, if there is such a list; the rest refuses the bundle.
func envelope(b *resource.Node, wrong []*outcome.Error) error {
	var rest []outcome.Issue
	for _, is := range validate.Envelope(b) {
		if is.Severity != outcome.Err && is.Severity != outcome.Fatal {
			continue
		}
		var i int
		if n, _ := fmt.Sscanf(is.Expression, "Bundle.entry[%d]", &i); n == 1 && i < len(wrong) {
			if wrong[i] == nil {
				wrong[i] = &outcome.Error{Status: http.StatusBadRequest}
			}
			wrong[i].Issues = append(wrong[i].Issues, is)
			continue
		}
		if is.Code == outcome.Invariant && slices.ContainsFunc(wrong, func(w *outcome.Error) bool { return w != nil }) {
			continue // the entry says it better
		}
		rest = append(rest, is)
	}
	if rest != nil {
		return &outcome.Error{Status: http.StatusBadRequest, Issues: rest}
	}
	return nil
}
