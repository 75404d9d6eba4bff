// Package vitals holds what people measure at home: which measures there are, in which units, what
// can't be and what is unlikely, and how a measurement becomes a FHIR R4 Observation and comes back
// from one, whoever wrote it. It imports outcome and resource only; it reaches for nothing and knows
// no clock: every time is given. It makes no sentences: what is wrong is told in codes and numbers.
//
// It promises: what was typed is kept digit for digit with its unit; what is compared is an Amount,
// an exact number of thousandths of the measure's canonical unit; a glucose without a unit is refused.
//
// # Times
//
// The time that a person or a device says is kept as said, whatever it is. Beside it stands Order,
// the time that rules go by, and a mark that says why the two differ; see Place.
package vitals

import "time"

// Measure is a kind of measurement.
type Measure string

// The measures.
const (
	BloodPressure Measure = "blood-pressure"
	Glucose       Measure = "glucose"
	Weight        Measure = "weight"
	Oxygen        Measure = "oxygen-saturation"
	HeartRate     Measure = "heart-rate"
	Temperature   Measure = "temperature"
	PeakFlow      Measure = "peak-flow"
	Pain          Measure = "pain"
	Steps         Measure = "steps"
	Breathing     Measure = "respiratory-rate"
)

// Part says which number of a measure: blood pressure has two, the others one.
type Part uint8

// The parts. Whole is the only number of a measure that has one.
const (
	Whole     Part = 0
	Systolic  Part = 0
	Diastolic Part = 1
)

// MaxParts is how many numbers a reading has at most.
const MaxParts = 2

// Coding is a code of LOINC (https://loinc.org) with a name for it.
type Coding struct{ Code, Display string }

// Unit is one that a value may come in. Its canonical value is
// (value - Zero) * Num / Den, rounded to a multiple of Step; the first unit of a measure is canonical.
type Unit struct {
	Code     string   // UCUM
	Symbol   string   // what people see
	Also     []string // other ways in which systems write it
	Decimals int      // shown; 0 means that only whole numbers are typed
	Num, Den int64
	Zero     Amount
	Step     Amount
	Outside  bool // the R4 profile of the measure doesn't allow it
}

// Range is what a number is expected in. Outside [Least, Most] it is impossible and refused; outside
// [Low, High] it is unlikely, and the person is asked. These are limits of sense and of what devices
// can show, not clinical ones: no source is claimed for them.
type Range struct{ Least, Low, High, Most Amount }

// PartOf describes one number of a measure.
type PartOf struct {
	Code  Coding // of the component; of the whole measure if there is one part
	Range Range  // in the canonical unit
}

// Definition describes a measure.
type Definition struct {
	Measure  Measure
	Code     Coding
	Extra    []Coding // written beside Code
	Also     []string // LOINC codes that mean the same, from other systems
	Category string   // of http://terminology.hl7.org/CodeSystem/observation-category
	Profile  string   // the R4 profile that its Observations keep, "" if there is none
	Units    []Unit
	Parts    []PartOf
	Unitless bool // a count or a score: other systems may leave the unit out
}

// Reading is one measurement in the form that rules and charts use.
type Reading struct {
	Measure Measure
	Values  [MaxParts]Amount // canonical
	Has     [MaxParts]bool   // which of them were measured
	Key     string           // the same for the same measurement, however often it is sent
	Ref     string           // where it stands, such as "Observation/x"; "" before it is stored
	At      time.Time        // as said by who measured
	Order   time.Time        // what rules go by; see Place
	Clock   Clock
	Bound   string // "<" or ">" if the device could only say that the value is beyond what it can show
	Device  string
	Note    string
}

// Of returns the definition of m, or nil. It is shared: read it only.
func Of(m Measure) *Definition {
	for i := range table {
		if table[i].Measure == m {
			return &table[i]
		}
	}
	return nil
}

// Measures lists them in the order in which people are shown them.
func Measures() []Measure {
	all := make([]Measure, len(table))
	for i := range table {
		all[i] = table[i].Measure
	}
	return all
}

// Unit returns the unit with this UCUM code, or nil.
func (d *Definition) Unit(code string) *Unit {
	for i := range d.Units {
		if d.Units[i].Code == code {
			return &d.Units[i]
		}
	}
	return nil
}

// Canonical is the unit that Amounts of this measure count.
func (d *Definition) Canonical() *Unit { return &d.Units[0] }

// named finds the unit that a system of others names code, or else text.
func (d *Definition) named(code, text string) *Unit {
	for _, name := range []string{code, text} {
		if name == "" {
			continue
		}
		for i := range d.Units {
			u := &d.Units[i]
			if u.Code == name || u.Symbol == name {
				return u
			}
			for _, also := range u.Also {
				if also == name {
					return u
				}
			}
		}
		if name == code {
			return nil // a code that is given and unknown is not guessed from the text beside it
		}
	}
	return nil
}
