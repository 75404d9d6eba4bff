package search

import (
	"encoding/binary"
	"math"
	"strconv"
	"strings"
)

// appendFloat appends 8 bytes that sort as f does.
func appendFloat(b []byte, f float64) []byte {
	u := math.Float64bits(f + 0) // -0 is 0
	if u>>63 != 0 {
		u = ^u
	} else {
		u |= 1 << 63
	}
	return binary.BigEndian.AppendUint64(b, u)
}

func readFloat(b []byte) float64 {
	u := binary.BigEndian.Uint64(b)
	if u>>63 != 0 {
		u &^= 1 << 63
	} else {
		u = ^u
	}
	return math.Float64frombits(u)
}

// appendSpan appends both ends: 16 bytes.
func appendSpan(b []byte, lo, hi float64) []byte { return appendFloat(appendFloat(b, lo), hi) }

// number reads a decimal as FHIR writes it.
func number(s string) (float64, bool) {
	if len(s) == 0 || len(s) > 64 {
		return 0, false
	}
	for i := 0; i < len(s); i++ { // no "inf", no hexadecimal
		c := s[i]
		if (c < '0' || c > '9') && c != '.' && c != '-' && c != '+' && c != 'e' && c != 'E' {
			return 0, false
		}
	}
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil
}

// interval is a number asked for: its value, and the range that its digits stand for. 100 stands for
// 99.5 to 100.5, 1e2 for 95 to 105 (http://hl7.org/fhir/R4/search.html#number).
type interval struct{ value, lo, hi float64 }

func readInterval(s string) (interval, bool) {
	v, ok := number(s)
	if !ok {
		return interval{}, false
	}
	mantissa, exponent, scientific := strings.Cut(strings.ToLower(s), "e")
	e := 0
	if scientific {
		var err error
		if e, err = strconv.Atoi(exponent); err != nil || e > 300 || e < -300 {
			return interval{}, false
		}
	}
	whole, decimals, _ := strings.Cut(mantissa, ".")
	digits := whole + decimals
	e -= len(decimals)
	if scientific && len(strings.TrimLeft(digits, "+-")) < 2 {
		digits, e = digits+"0", e-1
	}
	// Half a unit of the last digit to each side; as text, so that 6.95 is the float that a stored 6.95 is.
	neg := strings.HasPrefix(digits, "-")
	n, err := strconv.ParseInt(strings.TrimLeft(digits, "+-")+"0", 10, 64)
	if err != nil { // more digits than a float keeps
		return interval{v, v, v}.whole(), true
	}
	if neg {
		n = -n
	}
	at := func(n int64) float64 {
		f, _ := strconv.ParseFloat(strconv.FormatInt(n, 10)+"e"+strconv.Itoa(e-1), 64)
		return f
	}
	return interval{v, at(n - 5), at(n + 5)}.whole(), true
}

// whole is w with its value inside: digits may be finer than a float is.
func (w interval) whole() interval {
	return interval{w.value, min(w.lo, w.value), max(w.hi, math.Nextafter(w.value, math.Inf(1)))}
}

// meets decides a prefix for a stored number, or range of numbers, from lo to hi.
func (w interval) meets(prefix string, lo, hi float64) bool {
	switch prefix {
	case "ne":
		return !w.meets("eq", lo, hi)
	case "gt":
		return hi > w.value
	case "lt":
		return lo < w.value
	case "ge":
		return hi >= w.value
	case "le":
		return lo <= w.value
	case "sa":
		return lo > w.value
	case "eb":
		return hi < w.value
	case "ap":
		near := math.Abs(w.value) / 10
		return hi >= w.value-near && lo <= w.value+near
	}
	return w.lo <= lo && hi < w.hi
}

// bounds is where lo of a stored point can be that meets prefix, and whether a longer range can do
// so from farther below, when its hi is at least far.
func (w interval) bounds(prefix string) (lo, hi float64, far float64, long bool) {
	inf := math.Inf(1)
	switch prefix {
	case "ne":
		return -inf, inf, 0, false
	case "gt", "ge":
		return w.value, inf, w.value, true
	case "sa":
		return w.value, inf, 0, false
	case "lt", "le", "eb":
		return -inf, w.value, 0, false
	case "ap":
		near := math.Abs(w.value) / 10
		return w.value - near, w.value + near, w.value - near, true
	}
	return w.lo, w.hi, 0, false
}
