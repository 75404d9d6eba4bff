package fhirpath

// operator compiles kids[0] text kids[1].
func (c *compiler) operator(n *node) term {
	if cond := c.logic(n); cond != nil {
		return func(m *machine) { m.pushTruth(cond(m)) }
	}
	left, right := c.term(n.kids[0]), c.term(n.kids[1])
	switch n.text {
	case "|":
		return func(m *machine) {
			lo := len(m.items)
			left(m)
			right(m)
			m.distinct(lo)
		}
	case "&":
		return func(m *machine) {
			a, b := m.joinable(left), m.joinable(right)
			m.pushString(a + b)
		}
	}
	f := arithmetic[n.text]
	return func(m *machine) {
		a, okA := m.argument(left)
		b, okB := m.argument(right)
		if okA && okB && m.spend(1+a.weight()+b.weight()) {
			f(m, &a, &b)
		}
	}
}

// joinable is the string of an operand of &, "" if there is none.
func (m *machine) joinable(t term) string {
	it, ok := m.argument(t)
	if !ok {
		return ""
	}
	if it.kind == element {
		m.wrong("& joins strings")
	}
	return it.format()
}

// distinct takes what lies twice from lo on away.
func (m *machine) distinct(lo int) {
	var s set
	kept := lo
	for i := lo; i < len(m.items) && m.err == nil; i++ {
		m.items[kept] = m.items[i]
		if s.add(m, kept) {
			kept++
		}
	}
	m.drop(kept)
}

// logic compiles the operators whose value is a truth value; nil for others.
func (c *compiler) logic(n *node) condition {
	switch n.text {
	case "and", "or", "xor", "implies":
		return c.boolean(n)
	case "=", "!=", "~", "!~":
		return c.equality(n)
	case "<", ">", "<=", ">=":
		return c.comparison(n)
	case "in":
		return c.membership(n.kids[0], n.kids[1])
	case "contains":
		return c.membership(n.kids[1], n.kids[0])
	}
	return nil
}

func (c *compiler) boolean(n *node) condition {
	left, right := c.condition(n.kids[0]), c.condition(n.kids[1])
	switch n.text {
	case "and":
		return func(m *machine) Truth {
			a := left(m)
			if a == False {
				return False
			}
			b := right(m)
			if b == False || a == True {
				return b
			}
			return Unknown
		}
	case "or":
		return func(m *machine) Truth {
			a := left(m)
			if a == True {
				return True
			}
			b := right(m)
			if b == True || a == False {
				return b
			}
			return Unknown
		}
	case "implies":
		return func(m *machine) Truth {
			a := left(m)
			if a == False {
				return True
			}
			b := right(m)
			if b == True || a == True {
				return b
			}
			return Unknown
		}
	}
	return func(m *machine) Truth { // xor
		a, b := left(m), right(m)
		if a == Unknown || b == Unknown {
			return Unknown
		}
		return truthOf(a != b)
	}
}

func (c *compiler) equality(n *node) condition {
	if lit := n.kids[1]; lit.kind == nString && (n.text == "=" || n.text == "!=") {
		return c.equalsText(n, lit.text)
	}
	left, right := c.term(n.kids[0]), c.term(n.kids[1])
	return func(m *machine) (t Truth) {
		lo := len(m.items)
		left(m)
		a := m.since(lo)
		right(m)
		b := m.since(a.hi)
		if n.text == "=" || n.text == "!=" {
			t = m.equalAll(a, b)
		} else {
			t = truthOf(m.alikeAll(a, b))
		}
		m.drop(lo)
		if n.text[0] == '!' {
			return t.not()
		}
		return t
	}
}

// equalsText is equality with a string literal, the most frequent condition by far.
func (c *compiler) equalsText(n *node, text string) condition {
	left := c.term(n.kids[0])
	is, isNot := True, False
	if n.text == "!=" {
		is, isNot = False, True
	}
	return func(m *machine) Truth {
		lo := len(m.items)
		left(m)
		count := len(m.items) - lo
		t := Unknown
		if count > 0 && m.err == nil {
			t = isNot
			if it := &m.items[lo]; count == 1 && it.kind == kString && it.valued() && it.text() == text {
				t = is
			}
		}
		m.drop(lo)
		return t
	}
}

func (c *compiler) comparison(n *node) condition {
	left, right := c.term(n.kids[0]), c.term(n.kids[1])
	return func(m *machine) Truth {
		a, okA := m.argument(left)
		b, okB := m.argument(right)
		if !okA || !okB {
			return Unknown
		}
		order, known := m.compare(&a, &b)
		if !known {
			return Unknown
		}
		switch n.text {
		case "<":
			return truthOf(order < 0)
		case ">":
			return truthOf(order > 0)
		case "<=":
			return truthOf(order <= 0)
		}
		return truthOf(order >= 0)
	}
}

// compare says how a lies to b. What can't be compared at all is an error.
func (m *machine) compare(a, b *Item) (order int, known bool) {
	if !m.spend(1+a.weight()+b.weight()) || !a.valued() && a.kind != element || !b.valued() && b.kind != element {
		return 0, false
	}
	if x, ok := a.str(); ok {
		if y, ok := b.str(); ok {
			switch {
			case x < y:
				return -1, true
			case x > y:
				return 1, true
			}
			return 0, true
		}
	}
	if x, ok := a.temporal(); ok && (a.kind == kTime) == (b.kind == kTime) {
		if y, ok := b.temporal(); ok {
			return x.compare(y)
		}
	}
	if isNumber(a) && isNumber(b) {
		return compareNumbers(a, b)
	}
	if x, unit, ok := a.measured(); ok {
		if y, other, ok := b.measured(); ok && unit == other {
			return compareNumbers(&Item{Node: x, kind: kDecimal}, &Item{Node: y, kind: kDecimal})
		}
	}
	if comparable(a) && comparable(b) && !(isNumber(a) && b.kind == element) {
		x, okX := a.quantity()
		y, okY := b.quantity()
		if !okX || !okY {
			return 0, false
		}
		return x.compare(y)
	}
	m.wrong("a " + a.sort() + " and a " + b.sort() + " can't be compared")
	return 0, false
}

func isNumber(it *Item) bool { return it.kind == kInteger || it.kind == kDecimal }

// comparable says whether the item is a quantity or a number.
func comparable(it *Item) bool {
	return isNumber(it) || it.kind == kQuantity || it.isQuantity()
}

// sort names what an item is, for messages.
func (it *Item) sort() string {
	if name := it.TypeName(); name != "" {
		return name
	}
	return "value"
}

// membership compiles one in all.
func (c *compiler) membership(one, all *node) condition {
	item, collection := c.term(one), c.term(all)
	return func(m *machine) Truth {
		lo := len(m.items)
		item(m)
		if len(m.items) == lo {
			return Unknown
		}
		it, ok := m.one(m.since(lo))
		m.drop(lo)
		if !ok {
			return Unknown
		}
		collection(m)
		found := m.has(m.since(lo), &it)
		m.drop(lo)
		return truthOf(found)
	}
}
