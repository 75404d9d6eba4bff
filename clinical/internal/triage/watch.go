package triage

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/thresholds"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
)

// watched are the types whose writing may change what waits for somebody.
var watched = []string{"Observation", "DetectedIssue", "Basic", "CareTeam", "Patient"}

// news is what a transaction wrote about one patient.
type news struct {
	readings []vitals.Reading   // new or corrected
	fixed    []*records.Written // Observations that said something else before
	rest     []*records.Written
}

// watch is told by records of what a transaction wrote, before it is committed.
func (g *Triage) watch(ctx context.Context, t *records.Tx, all []records.Written) error {
	of := map[string]*news{}
	about := func(patient string) *news {
		if of[patient] == nil {
			of[patient] = &news{}
		}
		return of[patient]
	}
	for i := range all {
		w := &all[i]
		if w.Type != "Observation" {
			for _, p := range concerns(w) {
				about(p).rest = append(about(p).rest, w)
			}
			continue
		}
		if w.Version > 1 {
			for _, p := range w.Was {
				about(p).fixed = append(about(p).fixed, w)
			}
		}
		if w.Node == nil {
			continue
		}
		if r, err := vitals.Decode(w.Node, t.Now()); err == nil {
			if p := subject(w); p != "" {
				about(p).readings = append(about(p).readings, r)
			}
		}
	}
	patients := slices.Sorted(maps.Keys(of))
	if len(patients) > 1 {
		var err error
		if patients, err = known(ctx, t.Beside(), patients); err != nil {
			return err
		}
	}
	for _, p := range patients {
		c, err := g.turn(ctx, t, p)
		if err != nil {
			return err
		}
		if c == nil {
			continue
		}
		c.late = true
		if err := c.hear(ctx, of[p]); err != nil {
			return err
		}
		if err := c.finish(ctx); err != nil {
			return err
		}
	}
	return nil
}

// concerns are the patients whose row may change with this record. A first version of what is ours is written
// by Follow or is none of ours.
func concerns(w *records.Written) []string {
	switch {
	case w.Version == 1:
		return nil
	case w.Type == "Patient":
		return []string{w.ID}
	}
	return w.Was
}

// subject is the patient whom an Observation is about.
func subject(w *records.Written) string {
	if p, ok := strings.CutPrefix(w.Node.Path("subject", "reference").Str(), "Patient/"); ok && slices.Contains(w.Patients, p) {
		return p
	}
	if len(w.Patients) == 1 {
		return w.Patients[0]
	}
	return ""
}

// hear takes in what was written about the patient of a turn.
func (c *turn) hear(ctx context.Context, n *news) error {
	for _, w := range n.rest {
		var err error
		switch {
		case w.Type == "Patient" && w.Node != nil:
			c.named(w.Node)
		case w.Type == "DetectedIssue":
			err = c.told(ctx, w)
		case w.Type == "CareTeam" && w.ID == c.row.team && w.Node != nil:
			c.team(w.Node)
		case w.Type == "Basic" && w.ID == c.row.basic && w.Node != nil && c.row.followed:
			set, wrong := thresholds.Decode(w.Node)
			if wrong != nil || set.Patient != c.row.patient {
				return errSet()
			}
			err = c.ruled(ctx, set, string(w.Body))
		}
		if err != nil {
			return err
		}
	}
	if !c.row.followed || len(n.readings)+len(n.fixed) == 0 {
		return nil
	}
	ok, err := c.consent(ctx)
	if err != nil || !ok {
		return err
	}
	return c.evaluate(ctx, n)
}
