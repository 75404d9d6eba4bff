// Package show is how the pages of the private chamber write measures and their numbers: names, symbols, decimals as the
// language has them. It may import vitals and ui/text, reads nothing and decides nothing.
package show

import (
	"context"
	"strings"

	"github.com/mitral-health/mitral/clinical/internal/vitals"
	"github.com/mitral-health/mitral/ui/text"
)

// Offered are the measures that people add themselves, in the order in which they are shown.
var Offered = []vitals.Measure{vitals.BloodPressure, vitals.Glucose, vitals.Weight, vitals.HeartRate, vitals.Oxygen,
	vitals.Temperature, vitals.PeakFlow, vitals.Pain, vitals.Steps}

// Icon is the picture of a measure.
func Icon(m vitals.Measure) string {
	switch m {
	case vitals.BloodPressure:
		return "heart-pulse"
	case vitals.Glucose:
		return "droplet"
	case vitals.Weight:
		return "weight"
	case vitals.Oxygen:
		return "gauge"
	case vitals.HeartRate:
		return "heart"
	case vitals.Temperature:
		return "thermometer"
	case vitals.Pain:
		return "hand"
	case vitals.Steps:
		return "footprints"
	}
	return "wind"
}

// Label is the name of a measure.
func Label(ctx context.Context, m vitals.Measure) string {
	switch m {
	case vitals.BloodPressure:
		return text.T(ctx, "Blood pressure")
	case vitals.Glucose:
		return text.T(ctx, "Blood sugar")
	case vitals.Weight:
		return text.T(ctx, "Weight")
	case vitals.Oxygen:
		return text.T(ctx, "Oxygen")
	case vitals.HeartRate:
		return text.T(ctx, "Pulse")
	case vitals.Temperature:
		return text.T(ctx, "Temperature")
	case vitals.PeakFlow:
		return text.T(ctx, "Peak flow")
	case vitals.Pain:
		return text.T(ctx, "Pain")
	case vitals.Steps:
		return text.T(ctx, "Steps")
	}
	return text.T(ctx, "Breaths")
}

// Decimal writes a number as the language does.
func Decimal(ctx context.Context, s string) string {
	if text.Lang(ctx) == "es" {
		return strings.ReplaceAll(s, ".", ",")
	}
	return s
}

// Symbol is what stands behind a number.
func Symbol(ctx context.Context, u *vitals.Unit) string {
	switch u.Code {
	case "/min":
		return text.T(ctx, "a minute")
	case "{steps}":
		return text.T(ctx, "steps")
	}
	return u.Symbol
}

// Value writes numbers in a unit: "128/79", "72,4".
func Value(ctx context.Context, u *vitals.Unit, values [vitals.MaxParts]vitals.Amount, has [vitals.MaxParts]bool, parts int) string {
	var out []string
	for i := range parts {
		s := "–"
		if has[i] {
			s = Decimal(ctx, u.Show(values[i]))
		}
		out = append(out, s)
	}
	return strings.Join(out, "/")
}

// HomeUnits are those that people have at home; others come only from systems.
func HomeUnits(d *vitals.Definition) []*vitals.Unit {
	var out []*vitals.Unit
	for i := range d.Units {
		if u := &d.Units[i]; u.Code != "g" && u.Code != "kPa" && u.Code != "L/s" {
			out = append(out, u)
		}
	}
	return out
}
