package wearables

import (
	"strings"

	"github.com/mitral-health/mitral/clinical/internal/vitals"
)

// fine is how many decimals vitals keeps of a unit that is not counted in whole numbers.
const fine = 3

// most is how many digits a number of a file may have, and how far its exponent may go.
const most = 40

// decimal reads a number with a point (12, 12.5, .5, 1.25e1), moves the point, and writes it with at
// most so many decimals, rounded half up, without zeros at the end. Signs, spaces, commas and anything
// else make it fail.
func decimal(text string, move, decimals int) (string, bool) {
	if text == "" || len(text) > most {
		return "", false
	}
	mantissa, exp := text, 0
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		mantissa = text[:i]
		sign, rest := 1, text[i+1:]
		if rest != "" && (rest[0] == '-' || rest[0] == '+') {
			if rest[0] == '-' {
				sign = -1
			}
			rest = rest[1:]
		}
		if len(rest) == 0 || len(rest) > 2 || !digits(rest) {
			return "", false
		}
		for _, c := range rest {
			exp = exp*10 + int(c-'0')
		}
		if exp *= sign; exp > most || exp < -most {
			return "", false
		}
	}
	head, tail, _ := strings.Cut(mantissa, ".")
	if head == "" && tail == "" || !digits(head) || !digits(tail) || strings.HasSuffix(mantissa, ".") {
		return "", false
	}
	if exp == 0 && move == 0 && len(tail) <= decimals && len(head) > 0 && (head[0] != '0' || head == "0") && !strings.HasSuffix(tail, "0") {
		return text, true // as most are
	}
	all := head + tail
	point := len(head) + exp + move // where the point stands in all
	if point < 0 {
		all, point = strings.Repeat("0", -point)+all, 0
	}
	if end := point + decimals; len(all) < end {
		all += strings.Repeat("0", end-len(all))
	}
	d := []byte("0" + all)
	point++
	cut := point + decimals
	if len(d) > cut && d[cut] >= '5' {
		for i := cut - 1; ; i-- {
			if d[i]++; d[i] <= '9' {
				break
			}
			d[i] = '0'
		}
	}
	whole := strings.TrimLeft(string(d[:point]), "0")
	if whole == "" {
		whole = "0"
	}
	if part := strings.TrimRight(string(d[point:cut]), "0"); part != "" {
		return whole + "." + part, true
	}
	return whole, true
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// unitOf finds the unit of a measure that a file writes in its own way, or nil.
func unitOf(m vitals.Measure, text string) *vitals.Unit {
	d := vitals.Of(m)
	if d == nil || text == "" {
		return nil
	}
	switch {
	case m == vitals.Glucose && strings.HasPrefix(text, "mmol<"): // Apple writes the molar mass into it
		text = "mmol/L"
	case text == "count/min":
		text = "/min"
	case m == vitals.Steps && (text == "count" || text == "steps" || text == "pasos"):
		text = "{steps}"
	case m == vitals.HeartRate && (text == "lpm" || text == "ppm"):
		text = "/min"
	case m == vitals.Weight && text == "libras":
		text = "lb"
	}
	for i := range d.Units {
		u := &d.Units[i]
		if strings.EqualFold(u.Code, text) || strings.EqualFold(u.Symbol, text) {
			return u
		}
		for _, also := range u.Also {
			if strings.EqualFold(also, text) {
				return u
			}
		}
	}
	return nil
}

// written is the number as vitals takes it in this unit.
func written(text string, move int, u *vitals.Unit) (string, bool) {
	if u.Decimals == 0 {
		return decimal(text, move, 0)
	}
	return decimal(text, move, fine)
}
