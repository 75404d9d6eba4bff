package vitals

import "errors"

// NEWS2Credit must stand wherever a score is shown.
const NEWS2Credit = "National Early Warning Score (NEWS) 2, © Royal College of Physicians 2017"

// Signs are the vital signs for a NEWS2 score, as measured at one time. Numbers in whole units, but for Celsius.
type Signs struct {
	Breaths  int    // per minute
	Oxygen   int    // SpO2, %
	Scale2   bool   // hypercapnic respiratory failure: the SpO2 scale that a clinician chose
	OnOxygen bool   // breathes supplemental oxygen
	Systolic int    // mmHg
	Pulse    int    // per minute
	Alert    bool   // not confused, and awake; false is CVPU
	Celsius  Amount // temperature
}

// Risk is what the chart says of a score.
type Risk string

// The risks.
const (
	LowRisk       Risk = "low"
	LowMediumRisk Risk = "low-medium" // one sign alone scores 3
	MediumRisk    Risk = "medium"     // 5 or 6
	HighRisk      Risk = "high"       // 7 or more
)

// Score is a NEWS2 with what each sign adds.
type Score struct {
	Total                                                          int
	Risk                                                           Risk
	Breaths, Oxygen, OnOxygen, Systolic, Pulse, Awareness, Celsius int
}

// ErrSigns refuses signs that no living person has.
var ErrSigns = errors.New("vitals: these signs can't be scored")

// NEWS2 scores signs by chart 1 of the Royal College of Physicians (2017), unchanged. It is an aid for
// the eye of a clinician and never raises an alert: it isn't validated for what people measure at
// home, under the age of 16 or in pregnancy.
func NEWS2(s Signs) (Score, error) {
	if s.Breaths < 0 || s.Oxygen < 0 || s.Oxygen > 100 || s.Systolic < 0 || s.Pulse < 0 || s.Celsius < 20*unit || s.Celsius > 50*unit {
		return Score{}, ErrSigns
	}
	var n Score
	n.Breaths = band(s.Breaths, 3, 8, 1, 11, 0, 20, 2, 24, 3)
	if s.Scale2 {
		n.Oxygen = band(s.Oxygen, 3, 83, 2, 85, 1, 87, 0)
		if s.OnOxygen && s.Oxygen >= 93 {
			n.Oxygen = band(s.Oxygen, 1, 94, 2, 96, 3)
		}
	} else {
		n.Oxygen = band(s.Oxygen, 3, 91, 2, 93, 1, 95, 0)
	}
	if s.OnOxygen {
		n.OnOxygen = 2
	}
	n.Systolic = band(s.Systolic, 3, 90, 2, 100, 1, 110, 0, 219, 3)
	n.Pulse = band(s.Pulse, 3, 40, 1, 50, 0, 90, 1, 110, 2, 130, 3)
	if !s.Alert {
		n.Awareness = 3
	}
	n.Celsius = band(int(s.Celsius.round(unit/10)/(unit/10)), 3, 350, 1, 360, 0, 380, 1, 390, 2)
	n.Total = n.Breaths + n.Oxygen + n.OnOxygen + n.Systolic + n.Pulse + n.Awareness + n.Celsius
	switch {
	case n.Total >= 7:
		n.Risk = HighRisk
	case n.Total >= 5:
		n.Risk = MediumRisk
	case max(n.Breaths, n.Oxygen, n.Systolic, n.Pulse, n.Awareness, n.Celsius) == 3:
		n.Risk = LowMediumRisk
	default:
		n.Risk = LowRisk
	}
	return n, nil
}

// band reads "score, up to and with, score, up to and with, …, score".
func band(v int, steps ...int) int {
	for i := 1; i < len(steps); i += 2 {
		if v <= steps[i] {
			return steps[i-1]
		}
	}
	return steps[len(steps)-1]
}
