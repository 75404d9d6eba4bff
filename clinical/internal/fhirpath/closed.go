package fhirpath

import "slices"

// A part of an expression that starts at %resource and its like, and looks at nothing else, has one
// value however often it is asked for. Where it is asked for once per item, its value is kept:
// R4's own invariants compare each element of a list with all of a resource.

// closed says whether n is such a part.
func closed(n *node) bool {
	switch n.kind {
	case nVariable:
		return n.text == "resource" || n.text == "rootResource" || n.text == "context"
	case nOp:
		return n.text == "|" && closed(n.kids[0]) && closed(n.kids[1])
	case nPath:
		right := n.kids[1]
		plain := right.kind == nName || right.kind == nCall &&
			slices.Contains([]string{"descendants", "children", "first", "last", "tail", "distinct", "as", "ofType"}, right.text)
		return plain && closed(n.kids[0])
	}
	return false
}

// perItem compiles what is evaluated once per item.
func perItem[T any](c *compiler, compile func(*node) T, n *node) T {
	outer := c.perItem
	c.perItem = true
	out := compile(n)
	c.perItem = outer
	return out
}

// kept compiles a closed part so that it is evaluated once.
func (c *compiler) kept(n *node) term {
	c.perItem = false // what is inside of it needs no keeping
	find := c.term(n)
	c.perItem = true
	slot := c.slots
	c.slots++
	return func(m *machine) {
		if s := m.slots[slot]; s.hi > 0 {
			m.spend(s.len() / 16)
			for _, it := range m.kept[s.lo-1 : s.hi-1] {
				m.push(it)
			}
			return
		}
		lo := len(m.items)
		find(m)
		if len(m.kept) < maxItems {
			from := len(m.kept) + 1 // counted from 1, so that a slot of nothing differs from one not asked for
			m.kept = append(m.kept, m.items[lo:]...)
			m.slots[slot] = span{from, len(m.kept) + 1}
		}
	}
}
