package search

import (
	"math"
	"strings"

	"github.com/mitral-health/mitral/clinical/internal/resource"
)

// A number is both ends of what it can be; a quantity is that, and system, fieldEnd, code, fieldEnd, unit.
func (r *reader) quantity(k kind, typ string, n *resource.Node) {
	unitIn := n
	var lo, hi float64
	ok := false
	switch typ {
	case "Range":
		low, high := n.Get("low"), n.Get("high")
		lo, hi = math.Inf(-1), math.Inf(1)
		var okLow, okHigh bool
		if low != nil {
			lo, _, okLow = span(low)
			unitIn = low
		}
		if high != nil {
			_, hi, okHigh = span(high)
			unitIn = high
		}
		ok = (okLow || okHigh) && (low == nil || okLow) && (high == nil || okHigh)
	case "SampledData":
		unitIn = n.Get("origin")
		lo, hi, ok = sampled(n)
	default:
		if n.Kind == resource.Number {
			lo, ok = number(n.Text)
			hi = lo
		} else {
			lo, hi, ok = span(n)
		}
	}
	if !ok || lo > hi {
		return
	}
	r.tmp = appendSpan(r.tmp[:0], lo, hi)
	if k == quantityKind {
		system, code := unitIn.Get("system").Str(), unitIn.Get("code").Str()
		if currency := unitIn.Get("currency").Str(); currency != "" {
			system, code = "urn:iso:std:iso:4217", currency
		}
		r.tmp = append(clean(r.tmp, system), fieldEnd)
		r.tmp = append(clean(r.tmp, code), fieldEnd)
		r.tmp = clean(r.tmp, unitIn.Get("unit").Str())
	}
	r.out(r.tmp)
}

// span is what a Quantity's value can be, by its comparator.
func span(q *resource.Node) (lo, hi float64, ok bool) {
	value := q.Get("value")
	if value == nil || value.Kind != resource.Number {
		return 0, 0, false
	}
	v, ok := number(value.Text)
	switch q.Get("comparator").Str() {
	case "<", "<=":
		return math.Inf(-1), v, ok
	case ">", ">=":
		return v, math.Inf(1), ok
	}
	return v, v, ok
}

// sampled is the least and the greatest measurement.
func sampled(n *resource.Node) (lo, hi float64, ok bool) {
	origin, _, ok := span(n.Get("origin"))
	if !ok {
		return 0, 0, false
	}
	factor := 1.0
	if f := n.Get("factor"); f != nil {
		if factor, ok = number(f.Text); !ok {
			return 0, 0, false
		}
	}
	ok = false
	for word := range strings.FieldsSeq(n.Get("data").Str()) {
		if v, is := number(word); is { // not E, L, U: error and beyond the limits
			v = origin + v*factor
			if !ok {
				lo, hi, ok = v, v, true
			}
			lo, hi = min(lo, v), max(hi, v)
		}
	}
	return lo, hi, ok
}

// measure is a stored quantity, decoded.
type measure struct {
	lo, hi             float64
	system, code, unit []byte
}

func readMeasure(v []byte) (m measure, ok bool) {
	if len(v) < 16 {
		return m, false
	}
	m.lo, m.hi = readFloat(v), readFloat(v[8:])
	m.system, v = field(v[16:])
	m.code, m.unit = field(v)
	return m, true
}

// quantityWant reads "number", "number|system|code" and "number||unit". A UCUM unit also finds what
// is measured in others of its dimension.
func quantityWant(s string) (want, string) {
	parts := cutUnescaped(s, '|')
	prefix, digits := cutPrefix(unescape(parts[0]))
	w, ok := readInterval(digits)
	if !ok {
		return want{}, "is no number: " + hint(digits)
	}
	if len(parts) != 1 && len(parts) != 3 {
		return want{}, "is neither number, number|system|code nor number||unit"
	}
	out := want{ranges: []Range{floats(w.bounds(prefix))}, long: farFloat(w.bounds(prefix))}
	if len(parts) == 1 || parts[1] == "" && parts[2] == "" {
		out.test = func(v []byte) bool {
			m, ok := readMeasure(v)
			return ok && w.meets(prefix, m.lo, m.hi)
		}
		return out, ""
	}
	system, code := string(clean(nil, unescape(parts[1]))), string(clean(nil, unescape(parts[2])))
	if system != ucum || code == "" {
		out.test = func(v []byte) bool {
			m, ok := readMeasure(v)
			if !ok || !w.meets(prefix, m.lo, m.hi) {
				return false
			}
			if system == "" {
				return string(m.code) == code || string(m.unit) == code
			}
			return string(m.system) == system && (code == "" || string(m.code) == code)
		}
		return out, ""
	}
	asked := unitOf(code)
	base := interval{asked.to(w.value), asked.to(w.lo), asked.to(w.hi)}.whole()
	out.ranges = out.ranges[:0]
	inUnit := func(u unit) {
		lo, hi, far, long := base.bounds(prefix)
		lo, hi, far = looser(u.from(lo), -1), looser(u.from(hi), 1), looser(u.from(far), -1)
		out.ranges = append(out.ranges, floats(lo, hi, far, long))
		if l := farFloat(lo, hi, far, long); l != nil && (out.long == nil || string(l) < string(out.long)) {
			out.long = l
		}
	}
	out.long = nil
	inUnit(asked)
	for _, u := range units {
		if u.dimension == asked.dimension {
			inUnit(u)
		}
	}
	out.test = func(v []byte) bool {
		m, ok := readMeasure(v)
		if !ok || string(m.system) != ucum {
			return false
		}
		if string(m.code) == code {
			return w.meets(prefix, m.lo, m.hi)
		}
		u := unitOf(string(m.code))
		return u.dimension == asked.dimension && base.meets(prefix, u.to(m.lo), u.to(m.hi))
	}
	return out, ""
}

// looser moves a bound outward by more than rounding can.
func looser(v, sign float64) float64 {
	if math.IsInf(v, 0) {
		return v
	}
	return v + sign*(math.Abs(v)*1e-9+1e-12)
}
