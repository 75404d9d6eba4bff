package bring

import (
	"context"
	"encoding/json"

	"github.com/mitral-health/mitral/clinical/internal/show"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
)

// adding is what the form of a measure tells the phone, so that it can ask what the server would ask.
type adding struct {
	Measure vitals.Measure `json:"measure"`
	Label   string         `json:"label"`
	Parts   []string       `json:"parts"`
	Units   []addingUnit   `json:"units"`
}

type addingUnit struct {
	Code     string       `json:"code"`
	Symbol   string       `json:"symbol"`
	Decimals int          `json:"decimals"`
	Parts    [][4]float64 `json:"parts"` // least, low, high, most
	Apart    []float64    `json:"apart,omitempty"`
	Last     float64      `json:"last,omitempty"`
	Jump     float64      `json:"jump,omitempty"`
}

// Adding is the attribute data-adding of the form of a measure. last is the newest weight within the days that count,
// nil for other measures.
func Adding(ctx context.Context, d *vitals.Definition, last *vitals.Reading) string {
	a := adding{Measure: d.Measure, Label: show.Label(ctx, d.Measure)}
	for _, p := range d.Parts {
		a.Parts = append(a.Parts, p.Code.Code)
	}
	for _, u := range show.HomeUnits(d) {
		one := addingUnit{Code: u.Code, Symbol: show.Symbol(ctx, u), Decimals: u.Decimals}
		in := func(x vitals.Amount) float64 { return u.From(x).Float() }
		for _, p := range d.Parts {
			one.Parts = append(one.Parts, [4]float64{in(p.Range.Least), in(p.Range.Low), in(p.Range.High), in(p.Range.Most)})
		}
		if d.Measure == vitals.BloodPressure {
			one.Apart = []float64{in(vitals.Nearest), in(vitals.Furthest)}
		}
		if last != nil && last.Measure == d.Measure {
			one.Last, one.Jump = in(last.Values[vitals.Whole]), 1.0/vitals.WeightJump
		}
		a.Units = append(a.Units, one)
	}
	b, err := json.Marshal(a)
	if err != nil {
		return "{}"
	}
	return string(b)
}
