package vitals

import (
	"strconv"
	"strings"
)

// Amount is a number of thousandths of a measure's canonical unit: exact to compare and to add up.
type Amount int64

// unit is one of the unit.
const unit Amount = 1000

// most is as much as an Amount is read up to: conversions of it stay within 64 bits.
const most = 10_000_000 * unit

// Units makes an Amount of n units.
func Units(n int) Amount { return Amount(n) * unit }

// String writes a in units, with a point and without zeros at the end: "72.35".
func (a Amount) String() string {
	return strings.TrimSuffix(strings.TrimRight(a.Digits(3), "0"), ".")
}

// Digits writes a with so many decimals (0 to 3), rounded half away from zero.
func (a Amount) Digits(decimals int) string {
	step := unit
	for range decimals {
		step /= 10
	}
	a = a.round(max(step, 1))
	sign := ""
	if a < 0 {
		sign, a = "-", -a
	}
	text := sign + strconv.FormatInt(int64(a/unit), 10)
	if decimals > 0 {
		thousandths := strconv.FormatInt(int64(a%unit+unit), 10)[1:]
		text += "." + thousandths[:min(decimals, 3)]
	}
	return text
}

// Float is a in units, for drawing.
func (a Amount) Float() float64 { return float64(a) / float64(unit) }

// ParseAmount reads what String wrote.
func ParseAmount(text string) (Amount, bool) {
	minus := strings.HasPrefix(text, "-")
	whole, part, pointed := strings.Cut(strings.TrimPrefix(text, "-"), ".")
	if whole == "" || pointed && part == "" || len(part) > 3 || !digits(whole) || !digits(part) || len(whole) > 8 {
		return 0, false
	}
	n, err := strconv.ParseInt(whole+(part + "000")[:3], 10, 64)
	if err != nil || Amount(n) > most {
		return 0, false
	}
	if minus {
		n = -n
	}
	return Amount(n), true
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// round returns the multiple of step that is nearest to a, half away from zero.
func (a Amount) round(step Amount) Amount {
	if a < 0 {
		return -(-a).round(step)
	}
	return (a + step/2) / step * step
}

// ratio is a*num/den, rounded half away from zero.
func (a Amount) ratio(num, den int64) Amount {
	if a < 0 {
		return -(-a).ratio(num, den)
	}
	return Amount((int64(a)*num + den/2) / den)
}

// To turns a value in unit u into the canonical one.
func (u *Unit) To(value Amount) Amount {
	return (value-u.Zero).ratio(u.Num, u.Den*int64(u.Step)) * u.Step // rounded once
}

// From turns a canonical amount into one in unit u.
func (u *Unit) From(a Amount) Amount { return a.ratio(u.Den, u.Num) + u.Zero }

// Show writes a canonical amount in unit u as people read it, with a point.
func (u *Unit) Show(a Amount) string { return u.From(a).Digits(u.Decimals) }

// decimal reads a decimal of FHIR: up to three decimals are kept, more are rounded.
func decimal(text string) (Amount, bool) {
	mantissa, power, scaled := strings.Cut(strings.ReplaceAll(text, "E", "e"), "e")
	if scaled {
		f, err := strconv.ParseFloat(mantissa+"e"+power, 64)
		if err != nil || f > 1e7 || f < -1e7 {
			return 0, false
		}
		return Amount(int64(f*float64(unit)*10)).ratio(1, 10), true
	}
	whole, part, _ := strings.Cut(mantissa, ".")
	if len(part) <= 3 {
		return ParseAmount(mantissa)
	}
	if !digits(part) {
		return 0, false
	}
	a, ok := ParseAmount(whole + "." + part[:3])
	if ok && part[3] >= '5' {
		if strings.HasPrefix(whole, "-") {
			a--
		} else {
			a++
		}
	}
	return a, ok
}
