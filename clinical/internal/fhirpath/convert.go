package fhirpath

import (
	"regexp"
	"strconv"
	"strings"
)

// conversion compiles toX(), and the functions of the present.
func (c *compiler) conversion(name string, args []*node) call {
	switch name {
	case "now", "today", "timeOfDay":
		return func(m *machine, _ span) { m.present(name) }
	}
	target, is := strings.CutPrefix(name, "to")
	if !is {
		return nil
	}
	f := c.convert(target, args)
	if f == nil {
		return nil
	}
	return func(m *machine, in span) {
		if it, ok := m.one(in); ok && m.spend(1+16*it.weight()) {
			if out, ok := f(m, &it); ok {
				m.push(out)
			}
		}
	}
}

// converts compiles convertsToX(); nil for others.
func (c *compiler) converts(name string, args []*node) func(m *machine, in span) Truth {
	target, is := strings.CutPrefix(name, "convertsTo")
	if !is {
		return nil
	}
	f := c.convert(target, args)
	return func(m *machine, in span) Truth {
		it, ok := m.one(in)
		if !ok || !m.spend(1+16*it.weight()) {
			return Unknown
		}
		_, ok = f(m, &it)
		return truthOf(ok)
	}
}

// present pushes the time that the environment gives.
func (m *machine) present(name string) {
	now := m.env.Now
	if now.IsZero() {
		return
	}
	_, east := now.Zone()
	t := temporal{kind: kDateTime, prec: toSecond, zoned: true, offset: east / 60}
	t.set(now)
	t.nanos -= t.nanos % 1e6
	switch name {
	case "today":
		t = temporal{kind: kDate, prec: toDay, part: t.part}
	case "timeOfDay":
		t.kind, t.zoned = kTime, false
	}
	m.pushTemporal(t)
}

// convert gives the conversion to a System type, nil if there is none of that name.
func (c *compiler) convert(target string, args []*node) func(m *machine, it *Item) (Item, bool) {
	switch target {
	case "Boolean":
		return toBoolean
	case "Integer":
		return toInteger
	case "Decimal":
		return toDecimal
	case "String":
		return func(_ *machine, it *Item) (Item, bool) {
			return Item{kind: kString, s: it.format()}, it.valued()
		}
	case "Date":
		return toTemporal(kDate)
	case "DateTime":
		return toTemporal(kDateTime)
	case "Time":
		return toTemporal(kTime)
	case "Quantity":
		var unit term
		if len(args) > 0 {
			unit = c.term(args[0])
		}
		return toQuantity(unit)
	}
	return nil
}

func toBoolean(_ *machine, it *Item) (Item, bool) {
	v, ok := it.boolean()
	if d, is := it.number(); is {
		v = d.cmp(decimalOf(1)) == 0
		ok = v || d.sign() == 0
	}
	if s, is := it.str(); is {
		switch strings.ToLower(s) {
		case "true", "t", "yes", "y", "1", "1.0":
			v, ok = true, true
		case "false", "f", "no", "n", "0", "0.0":
			v, ok = false, true
		}
	}
	out := Item{kind: kBool}
	if v {
		out.n = 1
	}
	return out, ok
}

func toInteger(_ *machine, it *Item) (Item, bool) {
	n, ok := it.integer()
	if v, is := it.boolean(); is {
		ok = true
		if v {
			n = 1
		}
	}
	if s, is := it.str(); is {
		var err error
		n, err = strconv.ParseInt(s, 10, 64)
		ok = err == nil
	}
	return Item{kind: kInteger, n: n}, ok
}

var decimalForm = regexp.MustCompile(`^[+-]?\d+(\.\d+)?$`)

func toDecimal(_ *machine, it *Item) (Item, bool) {
	d, ok := it.number()
	if v, is := it.boolean(); is {
		d, ok = decimalOf(0), true
		if v {
			d = decimalOf(1)
		}
	}
	if s, is := it.str(); is && len(s) <= maxDigits && decimalForm.MatchString(s) {
		d = parseDecimal(s)
		ok = d != nil
	}
	return Item{kind: kDecimal, d: d}, ok
}

func toTemporal(k kind) func(*machine, *Item) (Item, bool) {
	return func(_ *machine, it *Item) (Item, bool) {
		text, ok := it.str()
		t, is := it.temporal()
		switch {
		case is && it.kind == k:
			return Item{kind: k, s: it.text()}, true
		case is && k == kDate && it.kind == kDateTime:
			t.kind, t.prec, t.zoned = kDate, min(t.prec, toDay), false
			return Item{kind: k, s: t.text()}, true
		case is && k == kDateTime && it.kind == kDate:
			return Item{kind: k, s: it.text()}, true
		case !ok:
			return Item{}, false
		}
		if text = strings.TrimSuffix(strings.TrimPrefix(text, "@"), "T"); k == kTime {
			text = strings.TrimPrefix(text, "T")
		}
		if day, _, cut := strings.Cut(text, "T"); cut && k == kDate {
			text = day
		}
		_, ok = parseTemporal(text, k)
		return Item{kind: k, s: text}, ok
	}
}

func toQuantity(unit term) func(*machine, *Item) (Item, bool) {
	return func(m *machine, it *Item) (Item, bool) {
		q, ok := it.quantity()
		if s, is := it.str(); is {
			q, ok = parseQuantity(s)
		}
		if v, is := it.boolean(); is {
			q, ok = quantity{decimalOf(0), "1"}, true
			if v {
				q.value = decimalOf(1)
			}
		}
		if ok && unit != nil {
			if want, is := m.stringArgument(unit, "toQuantity"); is {
				if calendar[want] != "" {
					want = calendar[want]
				}
				q.value, ok = q.in(want)
				q.unit = want
			}
		}
		return Item{kind: kQuantity, d: q.value, s: q.unit}, ok && q.value.bounded() != nil
	}
}
