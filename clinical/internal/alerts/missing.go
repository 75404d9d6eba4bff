package alerts

import (
	"time"

	"github.com/mitral-health/mitral/clinical/internal/thresholds"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
)

// Due is when a rule about missing readings is crossed unless one comes. It counts from the newest
// reading, or from when the rules were set if that is later: a new patient has time to begin.
func Due(rule *thresholds.Rule, s State, since time.Time) time.Time {
	from := s.Last()
	if from.Before(since) {
		from = since
	}
	return from.Add(time.Duration(rule.Days) * day).UTC()
}

// Overdue makes the findings of the rules about missing readings of one measure, at now.
func Overdue(set *thresholds.Set, m vitals.Measure, s State, now time.Time) []Finding {
	var all []Finding
	for i := range set.Rules {
		rule := &set.Rules[i]
		if rule.Measure != m || rule.Kind != thresholds.Missing {
			continue
		}
		if due := Due(rule, s, set.Since); !now.Before(due) {
			all = append(all, Finding{
				Rule: rule.ID, Version: set.Version, Kind: rule.Kind, Severity: rule.Severity, Measure: m,
				At: due, Since: due.Add(-time.Duration(rule.Days) * day), Row: 0,
			})
		}
	}
	return all
}
