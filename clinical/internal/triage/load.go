package triage

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/alerts"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
	"github.com/mitral-health/mitral/platform/db"
)

const day = 24 * time.Hour

// Load is how much alerting one patient caused in the last 28 days, and what would be quieter.
type Load struct {
	alerts.Load
	Week    alerts.Load // of the last 7 days
	Quieter []alerts.Suggestion
}

// Load returns it to who may read the patient's thresholds.
func (g *Triage) Load(ctx context.Context, t *records.Tx, patient string) (Load, error) {
	set, err := g.Thresholds(ctx, t, patient)
	if err != nil || set == nil {
		return Load{}, err
	}
	var past []alerts.Past
	now := t.Now()
	err = db.Each(ctx, t.Beside(), `SELECT rule, rank, raised, repeats, over, decided, acted FROM triage_alert WHERE patient = $1 AND raised > $2`,
		[]any{patient, db.Micros(now.Add(-28 * day))}, func(r db.Row) error {
			var p alerts.Past
			var rank, raised, over, decided int64
			err := r.Scan(&p.Rule, &rank, &raised, &p.Repeats, &over, &decided, &p.Acted)
			p.Severity, p.Raised, p.Over, p.Decided = severityOf(rank), db.FromMicros(raised), vitals.Amount(over), decided > 0
			past = append(past, p)
			return err
		})
	return Load{Load: alerts.LoadOf(past, 28, now), Week: alerts.LoadOf(past, 7, now), Quieter: alerts.Quieter(past, set, now)}, err
}

// Workload is what one professional has before and behind them.
type Workload struct {
	Waiting   int // patients of theirs for whom something waits
	Urgent    int // of them urgent
	Median    time.Duration
	Longest   time.Duration
	Raised7   int // alerts of patients they are responsible for in the last 7 days
	Raised28  int
	Quiet7    int // of them raised out of hours
	Quiet28   int
	Decided7  int // by them
	Decided28 int
	Acted28   int           // of them with an action
	ToDecide  time.Duration // median from raised to decided, of the 28 days
}

// Workload returns it, for "Practitioner/x", to who may read everybody's alerts.
func (g *Triage) Workload(ctx context.Context, ask records.Ask, practitioner string) (w Workload, err error) {
	err = g.Records.Look(ctx, ask, func(t *records.Tx) error {
		w = Workload{}
		if err := mayList(t); err != nil {
			return err
		}
		seen, err := g.standsFor(ctx, t.Beside(), practitioner)
		if err != nil {
			return err
		}
		return errors.Join(w.ahead(ctx, t, seen), w.behind(ctx, t, practitioner))
	})
	return w, err
}

// ahead counts what waits.
func (w *Workload) ahead(ctx context.Context, t *records.Tx, seen []string) error {
	marks, args := make([]string, len(seen)), make([]any, len(seen))
	for i, v := range seen {
		marks[i], args[i] = "$"+strconv.Itoa(i+1), v
	}
	var ages []time.Duration
	err := db.Each(ctx, t.Beside(), `SELECT DISTINCT patient, rank, waits FROM triage_line WHERE view IN (`+strings.Join(marks, ", ")+`) AND rank < `+strconv.Itoa(settled), args, func(r db.Row) error {
		var patient string
		var rank, waits int64
		err := r.Scan(&patient, &rank, &waits)
		if w.Waiting++; rank == urgent {
			w.Urgent++
		}
		ages = append(ages, max(0, t.Now().Sub(db.FromMicros(waits))))
		return err
	})
	w.Median, w.Longest = middle(ages)
	return err
}

// behind counts what was.
func (w *Workload) behind(ctx context.Context, t *records.Tx, practitioner string) error {
	week, month := db.Micros(t.Now().Add(-7*day)), db.Micros(t.Now().Add(-28*day))
	err := db.Each(ctx, t.Beside(), `SELECT raised, quiet FROM triage_alert WHERE responsible = $1 AND raised > $2`, []any{practitioner, month}, func(r db.Row) error {
		var raised int64
		var quiet bool
		err := r.Scan(&raised, &quiet)
		w.Raised28++
		if quiet {
			w.Quiet28++
		}
		if raised > week {
			w.Raised7++
			if quiet {
				w.Quiet7++
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	var took []time.Duration
	err = db.Each(ctx, t.Beside(), `SELECT raised, decided, acted FROM triage_alert WHERE decider = $1 AND decided > $2`, []any{practitioner, month}, func(r db.Row) error {
		var raised, decided int64
		var acted bool
		err := r.Scan(&raised, &decided, &acted)
		if w.Decided28++; acted {
			w.Acted28++
		}
		if decided > week {
			w.Decided7++
		}
		took = append(took, db.FromMicros(decided).Sub(db.FromMicros(raised)))
		return err
	})
	w.ToDecide, _ = middle(took)
	return err
}

// middle is the median and the greatest.
func middle(all []time.Duration) (median, most time.Duration) {
	if len(all) == 0 {
		return 0, 0
	}
	slices.Sort(all)
	return all[(len(all)-1)/2], all[len(all)-1]
}
