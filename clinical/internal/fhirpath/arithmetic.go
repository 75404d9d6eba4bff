package fhirpath

import "math"

// arithmetic is what the operators do with two values.
var arithmetic = map[string]func(m *machine, a, b *Item){
	"+": plus, "-": minus, "*": times, "/": divide, "div": wholeDivide, "mod": remainder,
}

func (m *machine) noArithmetic(op string, a, b *Item) {
	if a.kind != element && !a.valued() || b.kind != element && !b.valued() {
		return // a primitive without a value is nothing to calculate with
	}
	m.wrong("there is no " + op + " of a " + a.sort() + " and a " + b.sort())
}

func plus(m *machine, a, b *Item) {
	x, okX := a.str()
	y, okY := b.str()
	if okX && okY {
		if len(x)+len(y) <= maxBytes {
			x += y
		} else {
			m.left = 0
		}
		m.pushString(x)
		return
	}
	sum(m, a, b, false)
}

func minus(m *machine, a, b *Item) { sum(m, a, b, true) }

func sum(m *machine, a, b *Item, back bool) {
	if x, ok := a.integer(); ok {
		if y, ok := b.integer(); ok {
			if back {
				y = -y
			}
			if s := x + y; (s > x) == (y > 0) && y != math.MinInt64 {
				m.pushInt(s)
			}
			return
		}
	}
	if t, ok := a.temporal(); ok {
		if q, ok := b.quantity(); ok && (b.kind == kQuantity || b.kind == element) {
			if u, ok := t.plus(q, back); ok {
				m.pushTemporal(u)
			} else if units[q.unit].dimension != "s" && units[q.unit].dimension != "calendar" || q.unit == "a" || q.unit == "mo" {
				m.wrong("a date takes no quantity of '" + q.unit + "'")
			}
			return
		}
	}
	x, okX := a.quantity()
	y, okY := b.quantity()
	if !okX || !okY {
		m.noArithmetic("sum or difference", a, b)
		return
	}
	v, ok := y.in(x.unit)
	if !ok {
		return
	}
	if back {
		v = v.neg()
	}
	if x.value = x.value.add(v); isNumber(a) && isNumber(b) {
		m.pushDecimal(x.value)
	} else {
		m.pushQuantity(x)
	}
}

func times(m *machine, a, b *Item) {
	if x, ok := a.integer(); ok {
		if y, ok := b.integer(); ok {
			if p := x * y; x == 0 || p/x == y && (x != -1 || y != math.MinInt64) {
				m.pushInt(p)
			}
			return
		}
	}
	x, y, ok := m.factors(a, b, "product")
	switch {
	case !ok:
	case isNumber(a) && isNumber(b):
		m.pushDecimal(x.value.mul(y.value))
	case x.unit == "1":
		m.pushQuantity(quantity{x.value.mul(y.value), y.unit})
	case y.unit == "1":
		m.pushQuantity(quantity{x.value.mul(y.value), x.unit})
	}
}

func divide(m *machine, a, b *Item) {
	x, y, ok := m.factors(a, b, "quotient")
	if !ok {
		return
	}
	if isNumber(a) && isNumber(b) {
		m.pushDecimal(x.value.div(y.value))
		return
	}
	if y.unit == "1" {
		m.pushQuantity(quantity{x.value.div(y.value), x.unit})
	} else if v, ok := y.in(x.unit); ok {
		m.pushQuantity(quantity{x.value.div(v), "1"})
	}
}

func (m *machine) factors(a, b *Item, op string) (x, y quantity, ok bool) {
	x, okX := a.quantity()
	y, okY := b.quantity()
	if !okX || !okY {
		m.noArithmetic(op, a, b)
	}
	return x, y, okX && okY
}

func wholeDivide(m *machine, a, b *Item) {
	x, okX := a.number()
	y, okY := b.number()
	if !okX || !okY {
		m.noArithmetic("div", a, b)
		return
	}
	if q, _ := x.quoRem(y); q != nil && q.IsInt64() {
		m.pushInt(q.Int64())
	}
}

func remainder(m *machine, a, b *Item) {
	x, okX := a.number()
	y, okY := b.number()
	if !okX || !okY {
		m.noArithmetic("mod", a, b)
		return
	}
	_, r := x.quoRem(y)
	switch {
	case r == nil:
	case a.kind == kInteger && b.kind == kInteger:
		m.pushInt(r.c.Int64())
	default:
		m.pushDecimal(r)
	}
}
