package fhirpath

import (
	"math"
	"math/big"
)

// mathematics compiles the functions of numbers.
func (c *compiler) mathematics(name string, args []*node) call {
	var arg term
	if len(args) > 0 && (name == "round" || name == "log" || name == "power") {
		arg = c.term(args[0])
	}
	switch name {
	case "abs", "ceiling", "floor", "truncate", "round":
		return func(m *machine, in span) {
			it, ok := m.one(in)
			if !ok || !m.spend(1+it.weight()) {
				return
			}
			q, ok := it.quantity()
			if !ok || !isNumber(&it) && name != "abs" {
				m.notNumber(&it, name)
				return
			}
			if it.kind == kInteger && name != "round" {
				m.wholeNumber(&it, q.value, name)
				return
			}
			m.rounded(&it, q, name, arg)
		}
	case "sqrt", "exp", "ln", "log", "power":
		return func(m *machine, in span) {
			it, ok := m.one(in)
			if !ok || !m.spend(1+it.weight()) {
				return
			}
			d, ok := it.number()
			if !ok {
				m.notNumber(&it, name)
				return
			}
			by := Item{kind: kInteger}
			if arg != nil {
				if by, ok = m.argument(arg); !ok {
					return
				}
			}
			e, ok := by.number()
			if !ok {
				m.notNumber(&by, name)
				return
			}
			m.pushReal(&it, d, name, &by, e)
		}
	}
	return nil
}

func (m *machine) notNumber(it *Item, function string) {
	if it.kind == element || it.valued() {
		m.wrong(function + "() takes numbers")
	}
}

func (m *machine) wholeNumber(it *Item, d *decimal, name string) {
	n, _ := it.integer()
	if name == "abs" && n < 0 {
		d = d.neg()
	}
	m.pushBig(d.c)
}

func (m *machine) pushBig(n *big.Int) {
	if n.IsInt64() {
		m.pushInt(n.Int64())
	}
}

func (m *machine) rounded(it *Item, q quantity, name string, arg term) {
	switch name {
	case "abs":
		if q.value = q.value.abs(); it.kind == kDecimal {
			m.pushDecimal(q.value)
		} else {
			m.pushQuantity(q)
		}
	case "ceiling":
		m.pushBig(q.value.whole(1))
	case "floor":
		m.pushBig(q.value.whole(-1))
	case "truncate":
		m.pushBig(q.value.whole(0))
	case "round":
		digits := Item{kind: kInteger}
		if arg != nil {
			var ok bool
			if digits, ok = m.argument(arg); !ok {
				return
			}
		}
		n, ok := digits.integer()
		if !ok || n < 0 {
			m.wrong("round() takes a whole number of digits")
			return
		}
		m.pushDecimal(q.value.round(int(min(n, maxDigits))))
	}
}

// pushReal calculates what has no exact result.
func (m *machine) pushReal(it *Item, d *decimal, name string, by *Item, e *decimal) {
	x, y := d.float(), e.float()
	var v float64
	switch name {
	case "sqrt":
		v = math.Sqrt(x)
	case "exp":
		v = math.Exp(x)
	case "ln":
		v = math.Log(x)
	case "log":
		v = math.Log(x) / math.Log(y)
		if r := math.Round(v); math.Abs(v-r) < 1e-12 {
			v = r // log(8, 2) is 3
		}
	case "power":
		if n, ok := by.integer(); ok && it.kind == kInteger && n >= 0 && n <= 64 {
			m.pushBig(new(big.Int).Exp(d.c, big.NewInt(n), nil))
			return
		}
		v = math.Pow(x, y)
	}
	if out := fromFloat(v); out != nil {
		m.pushDecimal(out)
	}
}
