package alerts

import (
	"slices"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/thresholds"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
)

// Past is what counts of an alert when one looks back.
type Past struct {
	Rule     string
	Severity thresholds.Severity
	Raised   time.Time
	Repeats  int
	Over     vitals.Amount // how far over the limit it got
	Decided  bool
	Acted    bool // decided on something other than no action
}

// Recall sums an alert up.
func Recall(a *Alert) Past {
	p := Past{Rule: a.First.Rule, Severity: a.First.Severity, Raised: a.Steps[0].At, Repeats: a.Repeats, Over: a.Worst}
	for _, s := range a.Steps {
		if s.Do == Decide {
			p.Decided, p.Acted = true, p.Acted || s.Action != NoAction
		}
	}
	return p
}

// Load is how much alerting a patient causes.
type Load struct {
	Days     int
	Alerts   int
	Repeats  int
	Urgent   int
	Acted    int // led to an action
	NoAction int // were decided on without one
	Open     int // not decided
}

// LoadOf counts the alerts raised within the days up to now. For comparison: of the 30,184
// measurements of 174 patients of a hypertension programme 17,293 alerts came, and 3,646 of them
// reached a person, about one for each patient in ten days (van Steenkiste, JMIR Med Inform 2025
// e66066).
func LoadOf(past []Past, days int, now time.Time) Load {
	l := Load{Days: days}
	for _, p := range recent(past, days, now) {
		l.Alerts++
		l.Repeats += p.Repeats
		if p.Severity == thresholds.Urgent {
			l.Urgent++
		}
		switch {
		case p.Acted:
			l.Acted++
		case p.Decided:
			l.NoAction++
		default:
			l.Open++
		}
	}
	return l
}

func recent(past []Past, days int, now time.Time) []Past {
	from := now.Add(-time.Duration(days) * day)
	return slices.DeleteFunc(slices.Clone(past), func(p Past) bool { return p.Raised.Before(from) || p.Raised.After(now) })
}

// How says in which way a suggested rule is quieter.
type How string

// The ways.
const (
	ByAverage How = "average" // a moving average in the place of a difference: To is added, Rule taken away
	ByLimit   How = "limit"   // the same rule, further out
	ByDays    How = "days"    // waits longer for a reading
	ByLeaving How = "leave"   // another rule already says it better
)

// Suggestion is a quieter rule for a clinician to take or leave; nothing changes by itself.
type Suggestion struct {
	Rule     string
	How      How
	To       thresholds.Rule // not for ByLeaving
	Alerts   int             // that the rule raised in the days looked at
	NoAction int             // of them decided on without action
	Fewer    int             // of them that To would not have raised, if that can be told
}

// From how many alerts within how many days, and from what share without action (in tenths), a rule is
// too loud. Chosen, without a source.
const (
	loudDays   = 28
	loudAlerts = 4
	loudTenths = 8
)

// Quieter suggests quieter rules, by what came of the alerts of the last 28 days: a rule of which
// nearly every alert was decided on without action. Weight differences become moving averages: on the
// same caseload these took 80±42 minutes to review where the 2 kg rule took 149±82 (Gyllensten 2017);
// that trial was of 16 clinicians, and later work found neither to predict well (Moazeni, Eur Heart J Digital Health 2023, 4:455).
//
// It never suggests less of what is urgent, never a lower limit for what is too low, and no limit
// beyond an alert that somebody acted on.
func Quieter(past []Past, set *thresholds.Set, now time.Time) []Suggestion {
	byRule := map[string][]Past{}
	for _, p := range recent(past, loudDays, now) {
		byRule[p.Rule] = append(byRule[p.Rule], p)
	}
	var all []Suggestion
	for _, rule := range set.Rules {
		s := Suggestion{Rule: rule.ID, To: rule}
		for _, p := range byRule[rule.ID] {
			s.Alerts++
			if p.Decided && !p.Acted {
				s.NoAction++
			}
		}
		if rule.Severity == thresholds.Urgent || s.Alerts < loudAlerts || s.NoAction*10 < s.Alerts*loudTenths {
			continue
		}
		if s.quieter(rule, set, byRule[rule.ID]) && (s.How == ByLeaving || s.To.Check() == nil) {
			all = append(all, s)
		}
	}
	return all
}

func (s *Suggestion) quieter(rule thresholds.Rule, set *thresholds.Set, past []Past) bool {
	switch rule.Kind {
	case thresholds.Missing:
		s.How, s.To.Days = ByDays, min(rule.Days*2, thresholds.MaxDays)
		return s.To.Days > rule.Days
	case thresholds.Change:
		if rule.Measure != vitals.Weight {
			return false
		}
		if slices.ContainsFunc(set.Rules, func(r thresholds.Rule) bool {
			return r.Measure == rule.Measure && r.Kind == thresholds.Average
		}) {
			s.How, s.To = ByLeaving, thresholds.Rule{}
			return true
		}
		usual := thresholds.Default("", "", time.Time{}, thresholds.HeartFailure)
		s.How, s.To = ByAverage, *usual.Rule("weight-average")
		return true
	}
	return s.further(rule, past)
}

// further moves every upper limit out so that half of the alerts without action would not have been,
// and all that were acted on, or are not yet decided, would; by a tenth of the limit at most.
func (s *Suggestion) further(rule thresholds.Rule, past []Past) bool {
	var idle []vitals.Amount
	step, most, touching := vitals.Units(1), vitals.Amount(1<<62), vitals.Amount(0)
	for _, l := range rule.Limits {
		switch l.Op {
		case thresholds.Below, thresholds.AtMost:
			return false
		case thresholds.AtLeast:
			touching = 1 // a value at the limit still crosses it
		}
		most = min(most, max(l.Value, -l.Value)/10)
	}
	for _, p := range past {
		if p.Decided && !p.Acted {
			idle = append(idle, p.Over)
		} else {
			most = min(most, p.Over-1)
		}
	}
	slices.Sort(idle)
	by := (idle[(len(idle)-1)/2] + touching + step - 1) / step * step
	if by = min(by, most/step*step); by < step {
		return false
	}
	s.How, s.To.Limits = ByLimit, slices.Clone(rule.Limits)
	for i := range s.To.Limits {
		s.To.Limits[i].Value += by
	}
	for _, over := range idle {
		if over+touching <= by {
			s.Fewer++
		}
	}
	s.To.Source, s.To.Reason = "", ""
	return s.Fewer > 0
}
