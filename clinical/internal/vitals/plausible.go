package vitals

import "time"

// impossible says why a value can't be, and what may have been meant: the same digits in another unit
// of the measure, or ten times as much ("12.8" for 128, as many people in Spain say a pressure).
func (d *Definition) impossible(a Amount, part Part, u *Unit, typed Amount) *Problem {
	limits := d.Parts[part].Range
	p := &Problem{Part: part, Unit: u.Code}
	switch {
	case a < limits.Least:
		p.Code, p.Limit = TooLow, u.Show(limits.Least)
	case a > limits.Most:
		p.Code, p.Limit = TooHigh, u.Show(limits.Most)
	default:
		return nil
	}
	p.Maybe = d.maybe(part, u, typed)
	p.tenfold(d, u, typed)
	return p
}

func (p *Problem) tenfold(d *Definition, u *Unit, typed Amount) {
	if d.Measure == BloodPressure && likely(u.To(typed*10), d.Parts[p.Part].Range) {
		p.Maybe = append(p.Maybe, Meant{(typed * 10).String(), u.Code})
	}
}

func likely(a Amount, limits Range) bool { return a >= limits.Low && a <= limits.High }

// maybe lists the units in which the digits typed would be likely.
func (d *Definition) maybe(part Part, u *Unit, typed Amount) []Meant {
	var all []Meant
	for i := range d.Units {
		other := &d.Units[i]
		if other.Code != u.Code && likely(other.To(typed), d.Parts[part].Range) {
			all = append(all, Meant{typed.String(), other.Code})
		}
	}
	return all
}

// Unlikely changes from the last reading, of sense and without a source like the ranges: a weight that
// differs by more than a tenth within three weeks is more often another person or another unit; a
// pulse pressure under 15 or over 120 mmHg is more often a typing error. Phones without a network ask by them too.
const (
	WeightJump     = 10 // 1/WeightJump of the last weight
	WeightJumpDays = 21
	Nearest        = 15 * unit
	Furthest       = 120 * unit
)

// unlikely lists what a person should be asked about.
func (d *Definition) unlikely(r Reading, u *Unit, last *Reading) []Problem {
	var ask []Problem
	for i := range d.Parts {
		limits, a := d.Parts[i].Range, r.Values[i]
		switch {
		case !r.Has[i]:
		case a < limits.Low:
			ask = append(ask, Problem{Code: UnlikelyLow, Part: Part(i), Limit: u.Show(limits.Low), Unit: u.Code, Maybe: d.maybe(Part(i), u, u.From(a))})
		case a > limits.High:
			ask = append(ask, Problem{Code: UnlikelyHigh, Part: Part(i), Limit: u.Show(limits.High), Unit: u.Code, Maybe: d.maybe(Part(i), u, u.From(a))})
		}
	}
	if r.Measure == BloodPressure && r.Has == [MaxParts]bool{true, true} {
		if apart := r.Values[Systolic] - r.Values[Diastolic]; apart < Nearest || apart > Furthest {
			ask = append(ask, Problem{Code: UnlikelyApart, Unit: u.Code})
		}
	}
	if r.Measure == Weight && last != nil && last.Measure == Weight && last.Has[Whole] {
		before, days := last.Values[Whole], r.Order.Sub(last.Order)/(24*time.Hour)
		change := r.Values[Whole] - before
		if change < 0 {
			change = -change
		}
		if change > before/WeightJump && days <= WeightJumpDays && days >= -WeightJumpDays {
			ask = append(ask, Problem{Code: UnlikelyJump, Limit: u.Show(before), Unit: u.Code})
		}
	}
	return ask
}
