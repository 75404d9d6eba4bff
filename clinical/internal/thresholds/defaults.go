package thresholds

import (
	"slices"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/vitals"
)

// Edition is the version of the defaults below: it changes with any number of them.
const Edition = "2026-11"

// Condition is what a patient is followed for.
type Condition string

// The conditions with defaults.
const (
	Hypertension  Condition = "hypertension"
	Diabetes1     Condition = "diabetes-1"
	Diabetes2     Condition = "diabetes-2"
	HeartFailure  Condition = "heart-failure"
	COPD          Condition = "copd"
	JointRecovery Condition = "joint-recovery"
)

// Conditions lists them. When two bring a rule of the same id the earlier one's stands: a saturation of
// 90 % is what somebody with COPD is treated to, whatever else they have.
func Conditions() []Condition {
	return []Condition{Hypertension, Diabetes1, Diabetes2, COPD, HeartFailure, JointRecovery}
}

// Source is where a number comes from.
type Source struct {
	ID, Title, Version string
	Ours               bool // no published number: chosen here, for a clinician to set
}

// sources is every one, never changed.
var sources = []Source{
	{ID: "acc-aha-bp", Title: "ACC/AHA guideline for high blood pressure, Whelton, Hypertension 71:1269, table of crisis levels", Version: "2017, kept 2025"},
	{ID: "esc-bp", Title: "ESC guidelines for elevated blood pressure and hypertension, doi:10.1093/eurheartj/ehae178; home mean of 135/85", Version: "2024"},
	{ID: "aha-home-bp", Title: "AHA home measurement: mean of 2 readings, morning and evening, for 7 days, 12 readings at least", Version: "as cited 2025"},
	{ID: "ada-6", Title: "ADA Standards of Care, section 6, doi:10.2337/dc25-S006; levels of hypoglycaemia and hyperglycaemia", Version: "2025"},
	{ID: "hfa-self-care", Title: "HFA/ESC self-care of heart failure patients, doi:10.1002/ejhf.2008, and heartfailurematters.org: more than 2 kg in 3 days", Version: "2020"},
	{ID: "gyllensten", Title: "Gyllensten, weight trends in heart failure: moving averages halve the review time of the 2 kg rule (2017); sensitivity 33 % against 20 % (doi:10.2196/medinform.4842). The method is theirs, the kilogram is ours", Version: "2016, 2017", Ours: true},
	{ID: "news2", Title: "Royal College of Physicians, National Early Warning Score (NEWS) 2", Version: "2017"},
	{ID: "rcp-scale-2", Title: "Target saturation of 88-92 % in hypercapnic respiratory failure (NEWS2, SpO2 scale 2; BTS)", Version: "2017"},
	{ID: "lu-fever", Title: "Lu, fever and infection after joint replacement, doi:10.1007/s00167-014-3098-y: 38.0 °C is fever, 39 °C goes with infection", Version: "2015"},
	{ID: "ours", Title: "Chosen by Mitral without a published number", Version: Edition, Ours: true},
}

// SourceOf returns the source with this id, or nil. It is shared: read it only.
func SourceOf(id string) *Source {
	for i := range sources {
		if sources[i].ID == id {
			return &sources[i]
		}
	}
	return nil
}

func limit(part vitals.Part, op Op, value vitals.Amount) Limit { return Limit{part, op, value} }

func whole(op Op, n int) []Limit { return []Limit{limit(vitals.Whole, op, vitals.Units(n))} }

func pressure(op Op, upper, lower int) []Limit {
	return []Limit{limit(vitals.Systolic, op, vitals.Units(upper)), limit(vitals.Diastolic, op, vitals.Units(lower))}
}

func missing(id string, m vitals.Measure, days int) Rule {
	return Rule{ID: id, Measure: m, Kind: Missing, Severity: Info, Days: days, Source: "ours"}
}

// tenths makes an Amount from tenths of a unit.
func tenths(n int) vitals.Amount { return vitals.Units(n) / 10 }

// defaults makes the rules of a condition. Each number is the source's that its rule names; "ours" are
// proposals. 12 readings in 7 days is two a day with two days forgotten.
func defaults(c Condition) []Rule {
	crisis := Rule{ID: "bp-crisis", Measure: vitals.BloodPressure, Kind: Single, Severity: Urgent, Limits: pressure(Above, 180, 120), Source: "acc-aha-bp"}
	lowPressure := Rule{ID: "bp-low", Measure: vitals.BloodPressure, Kind: Single, Severity: Attention, Limits: []Limit{limit(vitals.Systolic, AtMost, vitals.Units(90))}, Source: "news2"}
	homeMean := Rule{ID: "bp-mean", Measure: vitals.BloodPressure, Kind: Mean, Severity: Attention, Limits: pressure(AtLeast, 135, 85), Days: 7, Count: 12, Source: "esc-bp"}
	veryLow := Rule{ID: "glucose-very-low", Measure: vitals.Glucose, Kind: Single, Severity: Urgent, Limits: whole(Below, 54), Source: "ada-6"}
	low := Rule{ID: "glucose-low", Measure: vitals.Glucose, Kind: Single, Severity: Attention, Limits: whole(Below, 70), Source: "ada-6"}
	high := Rule{ID: "glucose-high", Measure: vitals.Glucose, Kind: Single, Severity: Attention, Limits: whole(Above, 250), Source: "ada-6"}
	highMean := Rule{ID: "glucose-mean", Measure: vitals.Glucose, Kind: Mean, Severity: Attention, Limits: whole(Above, 180), Days: 7, Count: 7, Source: "ours"}
	fastPulse := Rule{ID: "heart-fast", Measure: vitals.HeartRate, Kind: Single, Severity: Attention, Limits: whole(AtLeast, 131), Source: "news2"}
	slowPulse := Rule{ID: "heart-slow", Measure: vitals.HeartRate, Kind: Single, Severity: Attention, Limits: whole(AtMost, 40), Source: "news2"}
	fever := func(id string, s Severity, at vitals.Amount, source string) Rule {
		return Rule{ID: id, Measure: vitals.Temperature, Kind: Single, Severity: s, Limits: []Limit{limit(vitals.Whole, AtLeast, at)}, Source: source}
	}
	switch c {
	case Hypertension:
		return []Rule{crisis, homeMean, lowPressure, missing("bp-missing", vitals.BloodPressure, 7)}
	case Diabetes1:
		return []Rule{veryLow, low, high, missing("glucose-missing", vitals.Glucose, 2)}
	case Diabetes2:
		return []Rule{veryLow, low, high, highMean, missing("glucose-missing", vitals.Glucose, 7)}
	case HeartFailure:
		return []Rule{
			{ID: "weight-gain", Measure: vitals.Weight, Kind: Change, Severity: Attention, Limits: whole(Above, 2), Days: 3, Source: "hfa-self-care"},
			{ID: "weight-average", Measure: vitals.Weight, Kind: Average, Severity: Attention, Limits: whole(AtLeast, 1), Days: 3, Base: 14, Count: 2, Source: "gyllensten"},
			crisis, lowPressure, fastPulse, slowPulse,
			{ID: "oxygen-low", Measure: vitals.Oxygen, Kind: Single, Severity: Urgent, Limits: whole(AtMost, 91), Source: "news2"},
			missing("weight-missing", vitals.Weight, 3),
		}
	case COPD:
		return []Rule{
			{ID: "oxygen-low", Measure: vitals.Oxygen, Kind: Single, Severity: Attention, Limits: whole(Below, 88), Source: "rcp-scale-2"},
			{ID: "oxygen-very-low", Measure: vitals.Oxygen, Kind: Single, Severity: Urgent, Limits: whole(AtMost, 83), Source: "news2"},
			{ID: "oxygen-falling", Measure: vitals.Oxygen, Kind: Average, Severity: Attention, Limits: whole(AtMost, -3), Days: 3, Base: 14, Count: 2, Source: "ours"},
			{ID: "breathing-fast", Measure: vitals.Breathing, Kind: Single, Severity: Urgent, Limits: whole(AtLeast, 25), Source: "news2"},
			fastPulse,
			fever("fever", Attention, tenths(380), "ours"),
			missing("oxygen-missing", vitals.Oxygen, 3),
		}
	case JointRecovery:
		return []Rule{
			fever("fever", Attention, tenths(380), "lu-fever"),
			fever("fever-high", Urgent, tenths(390), "lu-fever"),
			{ID: "pain-high", Measure: vitals.Pain, Kind: Single, Severity: Attention, Limits: whole(AtLeast, 8), Source: "ours"},
			{ID: "pain-rising", Measure: vitals.Pain, Kind: Average, Severity: Attention, Limits: whole(AtLeast, 2), Days: 2, Base: 4, Count: 2, Source: "ours"},
			fastPulse,
			missing("pain-missing", vitals.Pain, 2),
		}
	}
	return nil
}

// Default makes the first set of a patient with these conditions.
func Default(patient, author string, at time.Time, conditions ...Condition) Set {
	s := Set{Patient: patient, Version: 1, Since: at, Author: author, Conditions: slices.Clone(conditions)}
	for _, c := range Conditions() {
		if !slices.Contains(conditions, c) {
			continue
		}
		for _, r := range defaults(c) {
			if s.Rule(r.ID) == nil {
				s.Rules = append(s.Rules, r)
			}
		}
	}
	return s
}
