package care

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
)

// taken is a reading as the pages show it.
type taken struct {
	vitals.Reading
	Patient string
	Unit    string // UCUM code that it was told in, "" if it is none of the measure's
	// Of a day's mean that stands for many readings (daily): how many each number has, and the ends.
	Of        [vitals.MaxParts]int
	Low, High [vitals.MaxParts]vitals.Amount
}

// weight is how many readings a number stands for.
func (r *taken) weight(part int) vitals.Amount { return vitals.Amount(max(1, r.Of[part])) }

// readings are those of these patients since a time, newest first, at most count. What is no reading of
// these measures is left out: it stands in the record all the same.
func (c *Care) readings(ctx context.Context, t *records.Tx, patients []string, of []vitals.Measure, since time.Time, count int) (out []taken, err error) {
	page, err := t.Find(ctx, "Observation", "patient", "Patient/"+strings.Join(patients, ",Patient/"), "code", vitals.Codes(of...),
		"date", "ge"+since.UTC().Format(time.RFC3339), "_sort", "-date", "_count", strconv.Itoa(count))
	if err != nil {
		return nil, err
	}
	for i := range page.Records {
		n, err := resource.Parse(page.Records[i].Body)
		if err != nil {
			return nil, err
		}
		r, err := vitals.Decode(n, page.Records[i].Updated)
		if err != nil {
			continue
		}
		out = append(out, taken{Reading: r, Patient: strings.TrimPrefix(n.Path("subject", "reference").Str(), "Patient/"), Unit: vitals.ToldIn(n, r.Measure)})
	}
	return out, nil
}

// unit is what a patient's numbers of a measure are shown in: what the newest was told in.
func unit(m vitals.Measure, newestFirst []taken) *vitals.Unit {
	d := vitals.Of(m)
	for _, r := range newestFirst {
		if r.Measure == m && r.Unit != "" {
			return d.Unit(r.Unit)
		}
	}
	return d.Canonical()
}

// goal is what a patient and the team agreed for one number of a measure: canonical, each end may be missing.
type goal struct {
	Low, High       vitals.Amount
	HasLow, HasHigh bool
}

func (g goal) set() bool { return g.HasLow || g.HasHigh }

func (g goal) side(a vitals.Amount) int {
	switch {
	case g.HasHigh && a > g.High:
		return 1
	case g.HasLow && a < g.Low:
		return -1
	}
	return 0
}

type goals map[string]goal // by LOINC code of the number

// of are the goals of a measure's numbers.
func (g goals) of(m vitals.Measure) (out [vitals.MaxParts]goal) {
	for i, p := range vitals.Of(m).Parts {
		out[i] = g[p.Code.Code]
	}
	return out
}

// goalsOf reads the active Goals of a patient, targets with a LOINC code and a range in a unit of its measure, and
// which of them changed since a time (zero: none is asked for). The page shows Goal.
func (c *Care) goalsOf(ctx context.Context, page *records.Shown, patient string, since time.Time) (all goals, fresh []news, err error) {
	found, err := page.All(ctx, "Goal", mostGoals)
	if err != nil {
		return nil, nil, err
	}
	all = goals{}
	for i := range found {
		n, err := resource.Parse(found[i].Body)
		if err != nil {
			return nil, nil, err
		}
		if n.Get("lifecycleStatus").Str() != "active" || n.Path("subject", "reference").Str() != "Patient/"+patient {
			continue
		}
		for _, target := range n.Get("target").Each() {
			d, p := partOf(target.Path("measure", "coding", "code").Str())
			if d == nil {
				continue
			}
			var g goal
			g.Low, g.HasLow = bound(d, target.Path("detailRange", "low"))
			g.High, g.HasHigh = bound(d, target.Path("detailRange", "high"))
			all[p] = g
			if at := found[i].Updated; !since.IsZero() && at.After(since) && !slices.ContainsFunc(fresh, func(n news) bool { return n.Measure == d.Measure }) {
				fresh = append(fresh, news{At: at, Measure: d.Measure, Goal: true})
			}
		}
	}
	return all, fresh, nil
}

// mostGoals is how many Goals of a patient are looked at: the newest.
const mostGoals = 200

// partOf is the measure that a number of this LOINC code is of.
func partOf(code string) (*vitals.Definition, string) {
	for _, m := range vitals.Measures() {
		d := vitals.Of(m)
		for _, p := range d.Parts {
			if p.Code.Code == code {
				return d, code
			}
		}
	}
	return nil, ""
}

func bound(d *vitals.Definition, q *resource.Node) (vitals.Amount, bool) {
	u := d.Unit(q.Get("code").Str())
	v := q.Get("value")
	if u == nil || v == nil {
		return 0, false
	}
	a, ok := vitals.ParseAmount(v.Text)
	return u.To(a), ok
}
