package care

import (
	"context"
	"slices"

	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/thresholds"
)

// versions are those of a patient's thresholds, newest first.
func (c *Care) versions(ctx context.Context, t *records.Tx, set *thresholds.Set) ([]*thresholds.Set, error) {
	out := []*thresholds.Set{set}
	page, err := t.History(ctx, "Basic", set.ID, records.HistoryQuery{Count: 50})
	if err != nil {
		return nil, err
	}
	for i := range page.Records {
		n, err := resource.Parse(page.Records[i].Body)
		if err != nil {
			return nil, err
		}
		if old, err := thresholds.Decode(n); err == nil && old.Version < set.Version {
			out = append(out, old)
		}
	}
	return out, nil
}

// setBy is the version in which a rule became what it is.
func setBy(versions []*thresholds.Set, rule *thresholds.Rule) *thresholds.Set {
	found := versions[0]
	for _, old := range versions[1:] {
		was := old.Rule(rule.ID)
		if was == nil || !sameRule(was, rule) {
			break
		}
		found = old
	}
	return found
}

func sameRule(a, b *thresholds.Rule) bool {
	x, y := *a, *b
	x.Limits, y.Limits = nil, nil
	return slices.Equal(a.Limits, b.Limits) && x.Kind == y.Kind && x.Severity == y.Severity && x.Days == y.Days && x.Count == y.Count &&
		x.Base == y.Base && x.Source == y.Source && x.Reason == y.Reason
}
