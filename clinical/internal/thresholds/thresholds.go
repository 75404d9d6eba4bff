// Package thresholds holds, for one patient, which measurements ask for whose attention: as data that
// a clinician sets, with defaults for each condition that name their source. It imports outcome,
// resource and vitals only, reaches for nothing, and is given every time.
//
// # As FHIR
//
// The thresholds of a patient are one Basic (http://hl7.org/fhir/R4/basic.html) with code
// "monitoring-thresholds", subject the patient and author who set them; each rule is one extension of
// it. Looked at and not taken: PlanDefinition is a definition for anybody, carries no patient and
// stands in nobody's compartment, so a patient could neither see nor take along their own limits;
// Goal is what is striven for, not what alarms, and has no mean, trend or missing reading;
// Observation.referenceRange is of one measurement and its laboratory; RequestGroup would order acts.
// Basic is what R4 offers for a record without a resource of its own, and is in the patient's
// compartment. Encode and Decode lose nothing; Version counts up with every change, and the history of
// the Basic keeps every version.
package thresholds

import (
	"slices"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/vitals"
)

// Kind is what a rule looks at.
type Kind string

// The kinds.
const (
	Single  Kind = "single"  // one reading
	Mean    Kind = "mean"    // the mean of at least Count readings within Days
	Change  Kind = "change"  // the newest reading against every one within Days before it
	Average Kind = "average" // the mean of the days within Days against that of the Base days before them
	Missing Kind = "missing" // no reading for Days
)

// Severity is how soon somebody should look.
type Severity string

// The severities, lowest first.
const (
	Info      Severity = "info"
	Attention Severity = "attention"
	Urgent    Severity = "urgent"
)

// Op compares a value with a limit.
type Op string

// The comparisons.
const (
	Above   Op = ">"
	AtLeast Op = ">="
	Below   Op = "<"
	AtMost  Op = "<="
)

// Limit is crossed by a value for which "value Op Value" is true. For Change and Average the value is
// the difference, positive when it rose.
type Limit struct {
	Part  vitals.Part
	Op    Op
	Value vitals.Amount
}

// Crossed says whether a crosses the limit.
func (l Limit) Crossed(a vitals.Amount) bool {
	switch l.Op {
	case Above:
		return a > l.Value
	case AtLeast:
		return a >= l.Value
	case Below:
		return a < l.Value
	case AtMost:
		return a <= l.Value
	}
	return false
}

// Beyond says whether a is further over the limit than b.
func (l Limit) Beyond(a, b vitals.Amount) bool {
	if l.Op == Above || l.Op == AtLeast {
		return a > b
	}
	return a < b
}

// Rule is one threshold. One alert at most is open for each (patient, rule).
type Rule struct {
	ID       string // within the set; it stays the same when the numbers change
	Measure  vitals.Measure
	Kind     Kind
	Severity Severity
	Limits   []Limit // any of them; none for Missing
	Days     int
	Count    int    // Mean: readings needed. Average: days with a reading needed in Days, and as many in Base
	Base     int    // Average
	Source   string // a Source's ID; "" when a clinician chose the numbers
	Reason   string // why a clinician did
}

// Set is the thresholds of one patient.
type Set struct {
	ID         string // the Basic's logical id; "" before it is stored
	Patient    string // logical id
	Version    int    // 1 is the first
	Since      time.Time
	Author     string // a reference, such as "Practitioner/x"
	Conditions []Condition
	Rules      []Rule
}

// Most that a rule may ask of the past: alerts keep so much of it.
const (
	MaxDays  = 30
	MaxCount = 60
	MaxRules = 60
)

// For returns the rules about one measure, in order.
func (s *Set) For(m vitals.Measure) []Rule {
	var rules []Rule
	for _, r := range s.Rules {
		if r.Measure == m {
			rules = append(rules, r)
		}
	}
	return rules
}

// Rule returns the rule with this id, or nil.
func (s *Set) Rule(id string) *Rule {
	for i := range s.Rules {
		if s.Rules[i].ID == id {
			return &s.Rules[i]
		}
	}
	return nil
}

// Measures lists what the rules look at, in the order that people are shown.
func (s *Set) Measures() []vitals.Measure {
	var all []vitals.Measure
	for _, m := range vitals.Measures() {
		if slices.ContainsFunc(s.Rules, func(r Rule) bool { return r.Measure == m }) {
			all = append(all, m)
		}
	}
	return all
}

// With returns the next version of s with rule put in the place of the one with its id, or at the end.
// It refuses a rule that Check refuses.
func (s Set) With(rule Rule, author string, at time.Time) (Set, error) {
	if err := rule.Check(); err != nil {
		return s, err
	}
	next := s.next(author, at)
	if at := slices.IndexFunc(next.Rules, func(r Rule) bool { return r.ID == rule.ID }); at >= 0 {
		next.Rules[at] = rule
	} else if len(next.Rules) == MaxRules {
		return s, &Fault{TooMany, rule.ID}
	} else {
		next.Rules = append(next.Rules, rule)
	}
	return next, nil
}

// Without returns the next version of s without the rule.
func (s Set) Without(id, author string, at time.Time) Set {
	next := s.next(author, at)
	next.Rules = slices.DeleteFunc(next.Rules, func(r Rule) bool { return r.ID == id })
	return next
}

func (s Set) next(author string, at time.Time) Set {
	s.Rules, s.Conditions = slices.Clone(s.Rules), slices.Clone(s.Conditions)
	s.Version, s.Author, s.Since = s.Version+1, author, at
	return s
}

// Band is what a part of a measure is meant to stay in, for drawing: between the limits of single
// readings and of means that are nearest to each other. An end that no rule sets is nil.
func (s *Set) Band(m vitals.Measure, part vitals.Part) (low, high *vitals.Amount) {
	for _, r := range s.Rules {
		if r.Measure != m || r.Kind != Single && r.Kind != Mean {
			continue
		}
		for _, l := range r.Limits {
			switch {
			case l.Part != part:
			case l.Op == Above || l.Op == AtLeast:
				if high == nil || l.Value < *high {
					high = &l.Value
				}
			case low == nil || l.Value > *low:
				low = &l.Value
			}
		}
	}
	return low, high
}
