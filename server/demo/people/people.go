// Package people invents the patients of the demo: who they are, what they have, how they live with it,
// and what they measure at home, week after week. It is pure: the same seed and day make the same sixty.
// It imports nothing of the program.
//
// It promises: nobody in it is real; no reading is later than the day it is made for; every number is
// one that a person or their device could have sent.
package people

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// Kind is what is measured; the names are those of the private chamber.
type Kind string

// The kinds that are measured here.
const (
	Pressure  Kind = "blood-pressure"
	Glucose   Kind = "glucose"
	Weight    Kind = "weight"
	Oxygen    Kind = "oxygen-saturation"
	Pulse     Kind = "heart-rate"
	Heat      Kind = "temperature"
	PeakFlow  Kind = "peak-flow"
	Pain      Kind = "pain"
	Steps     Kind = "steps"
	Breathing Kind = "respiratory-rate"
)

// Condition is what somebody is looked after for.
type Condition string

// The conditions here. Those that the private chamber has thresholds for have its names.
const (
	Hypertension  Condition = "hypertension"
	Diabetes1     Condition = "diabetes-1"
	Diabetes2     Condition = "diabetes-2"
	HeartFailure  Condition = "heart-failure"
	COPD          Condition = "copd"
	JointRecovery Condition = "joint-recovery"
	Pregnancy     Condition = "pregnancy-hypertension"
	Asthma        Condition = "asthma"
	Menopause     Condition = "menopause"
	BackPain      Condition = "low-back-pain"
)

// Story is what happens to somebody in the weeks that the demo shows.
type Story string

// The stories. Each condition tells them in its own way.
const (
	Steady   Story = "steady"   // nothing much
	Better   Story = "better"   // a treatment was changed, and it helps
	Worse    Story = "worse"    // slowly out of the band, today still
	Crisis   Story = "crisis"   // one reading of this morning that cannot wait
	Episode  Story = "episode"  // bad days that are over: a decompensation, an infection
	Underway Story = "underway" // such days, and they go on
	Lows     Story = "lows"     // sugars that fall too low, now and then
	Holiday  Story = "holiday"  // away for two weeks, without tablets and without the cuff
	Ill      Story = "ill"      // a flu with fewer readings and worse ones
	Gone     Story = "gone"     // stopped measuring some days ago
	Newcomer Story = "newcomer" // began a few days ago
	Never    Story = "never"    // was invited and never measured
)

// Person is somebody invented.
type Person struct {
	ID            string // of the Patient
	Given, Family string
	Gender        string
	Born          time.Time
	Lang          string // en or es
	Conditions    []Condition
	Story         Story
	Doctor        string // handle of the clinician
	Deputy        string
	Began         time.Time  // measuring at home
	Paper         bool       // has no account: a booklet, which the centre types in
	Caregiver     *Caregiver // nil: nobody
	Medicines     []Medicine
	Unit          map[Kind]string // UCUM, where it is not the usual one
	Device        string          // what sends by itself; "" types everything
	Readings      []Reading       // oldest first
}

// Name is how a list shows them.
func (p *Person) Name() string { return p.Given + " " + p.Family }

// Has says whether somebody has a condition.
func (p *Person) Has(c Condition) bool { return slices.Contains(p.Conditions, c) }

// Caregiver is who may act for somebody.
type Caregiver struct {
	Name     string
	Relation string // a code of v3-RoleCode: CHILD, SPS …
}

// Medicine is what somebody takes. From and To are days before today; To 0 is still.
type Medicine struct {
	Name, NameES string
	ATC          string
	Dose, DoseES string
	From, To     int
}

// Reading is one measurement as it was sent.
type Reading struct {
	Kind   Kind
	At     time.Time
	Typed  []string // one for each part, with a point
	Unit   string   // UCUM
	Device string
}

// Make invents everybody, as of now, in days of its zone.
func Make(seed uint64, now time.Time) []Person {
	out := make([]Person, len(residents))
	for i, r := range residents {
		out[i] = r.person(fmt.Sprintf("resident-%02d", i+1), rand.New(rand.NewPCG(seed, uint64(i))), now)
	}
	return out
}

func (r resident) person(id string, dice *rand.Rand, now time.Time) Person {
	p := Person{ID: id, Given: r.given, Family: r.family, Gender: r.gender, Lang: r.lang, Conditions: r.has, Story: r.story, Doctor: r.doctor,
		Deputy: deputyOf(r.doctor), Paper: r.paper, Unit: map[Kind]string{}}
	if r.born > 2200 {
		p.Born = time.Date(r.born/10000, time.Month(r.born/100%100), r.born%100, 0, 0, 0, 0, time.UTC)
	} else {
		p.Born = time.Date(r.born, time.Month(1+dice.IntN(12)), 1+dice.IntN(28), 0, 0, 0, 0, time.UTC)
	}
	if r.carer != "" {
		p.Caregiver = &Caregiver{r.carer, r.relation}
	}
	if dice.IntN(5) < 2 && !r.paper {
		p.Device = devices[dice.IntN(len(devices))]
	}
	if p.Lang == "en" && dice.IntN(3) == 0 {
		p.Unit[Glucose] = "mmol/L"
	}
	days := 56 + dice.IntN(95)
	if r.story == Newcomer {
		days = 5
	}
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	p.Began = today.AddDate(0, 0, -days)
	l := live(&p, dice, days)
	p.Medicines = l.medicines
	if r.story != Never {
		p.Readings = l.measure(&p, today, now)
	}
	return p
}

// deputyOf is who stands in for whom.
func deputyOf(doctor string) string {
	switch doctor {
	case "tobias", "henrik", "iria":
		return "marisol"
	case "nadira":
		return "odalys"
	}
	return "tobias"
}

// devices are invented ones.
var devices = []string{"Lindenau BP-2", "Quietcuff 40", "Orvella Home", "Tarn Vitals 3"}
