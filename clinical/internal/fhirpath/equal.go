package fhirpath

import (
	"hash/maphash"
	"strings"

	"github.com/mitral-health/mitral/clinical/internal/resource"
)

// equal is FHIRPath's = of two items.
func (m *machine) equal(a, b *Item) Truth {
	if !m.spend(1 + a.weight() + b.weight()) {
		return Unknown
	}
	av, bv := a.valued(), b.valued()
	switch {
	case av && bv && a.kind == kString && b.kind == kString:
		return truthOf(a.text() == b.text())
	case av && bv && a.kind != kQuantity && b.kind != kQuantity:
		return equalValues(a, b)
	case a.kind == element && b.kind == element:
		if a.Node == b.Node {
			return truthOf(a.Node != nil || a.Type == b.Type)
		}
		return truthOf(a.Node != nil && b.Node != nil && m.same(a.Node, b.Node, false))
	case a.kind == kQuantity || b.kind == kQuantity:
		qa, okA := a.quantity()
		qb, okB := b.quantity()
		if !okA || !okB {
			return False
		}
		order, known := qa.compare(qb)
		if !known {
			return Unknown
		}
		return truthOf(order == 0)
	case a.kind != element && b.kind != element && !av && !bv:
		return truthOf(a.Ext == b.Ext || m.same(a.Ext, b.Ext, false))
	}
	return False
}

// equalValues compares two primitives that are not both strings.
func equalValues(a, b *Item) Truth {
	switch {
	case a.kind == kBool && b.kind == kBool:
		x, _ := a.boolean()
		y, _ := b.boolean()
		return truthOf(x == y)
	case isNumber(a) && isNumber(b):
		order, known := compareNumbers(a, b)
		return truthOf(known && order == 0)
	}
	x, okX := a.temporal()
	y, okY := b.temporal()
	if !okX || !okY || (a.kind == kTime) != (b.kind == kTime) {
		return truthOf(a.kind == b.kind && a.text() == b.text())
	}
	order, known := x.compare(y)
	if !known {
		return Unknown
	}
	return truthOf(order == 0)
}

// same compares two JSON values: members in any order, elements of arrays in theirs, or in any order
// if loose, numbers by value.
func (m *machine) same(a, b *resource.Node, loose bool) bool {
	if !m.spend(1+len(a.Text)/256) || a.Kind != b.Kind || len(a.Kids) != len(b.Kids) {
		return false
	}
	switch a.Kind {
	case resource.Number:
		if a.Text == b.Text {
			return true
		}
		m.spend((len(a.Text) + len(b.Text)) / 8)
		x, y := parseDecimal(a.Text), parseDecimal(b.Text)
		return x != nil && y != nil && x.cmp(y) == 0
	case resource.Object:
		for i := range a.Kids {
			other := b.Get(a.Kids[i].Name)
			if other == nil || !m.spend(len(b.Kids)/8) || !m.same(&a.Kids[i], other, loose) {
				return false
			}
		}
		return true
	case resource.Array:
		used := make([]bool, len(b.Kids))
	next:
		for i := range a.Kids {
			if !loose {
				if !m.same(&a.Kids[i], &b.Kids[i], false) {
					return false
				}
				continue
			}
			for j := range b.Kids {
				if !used[j] && m.same(&a.Kids[i], &b.Kids[j], true) {
					used[j] = true
					continue next
				}
			}
			return false
		}
		return true
	case resource.String:
		return a.Text == b.Text || loose && m.spend(len(a.Text)/16) && fold(a.Text) == fold(b.Text)
	}
	return a.Text == b.Text
}

// fold is a text as ~ compares it: without case, white space made one blank.
func fold(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }

// about says whether two numbers are the same at the precision of the less precise.
func about(x, y *decimal) bool {
	digits := min(x.trim().scale, y.trim().scale)
	return x.round(digits).cmp(y.round(digits)) == 0
}

// alike is FHIRPath's ~ of two items.
func (m *machine) alike(a, b *Item) bool {
	if !m.spend(1 + 16*(a.weight()+b.weight())) {
		return false
	}
	if x, ok := a.str(); ok {
		y, ok := b.str()
		return ok && fold(x) == fold(y)
	}
	x, okX := a.number()
	y, okY := b.number()
	if okX && okY {
		return about(x, y)
	}
	if a.kind == kQuantity && b.kind == kQuantity {
		definite := func(u string) string {
			switch u {
			case "a":
				return "year"
			case "mo":
				return "month"
			}
			return u
		}
		v, ok := quantity{b.d, definite(b.s)}.in(definite(a.s))
		return ok && about(a.d, v)
	}
	if a.kind == element && b.kind == element && a.Node != nil && b.Node != nil {
		return m.same(a.Node, b.Node, true)
	}
	return m.equal(a, b) == True
}

// equalAll is = of two collections: Unknown if one of them is empty.
func (m *machine) equalAll(a, b span) Truth {
	switch {
	case a.len() == 0 || b.len() == 0:
		return Unknown
	case a.len() != b.len():
		return False
	}
	t := True
	for i := range a.len() {
		switch m.equal(&m.items[a.lo+i], &m.items[b.lo+i]) {
		case False:
			return False
		case Unknown:
			t = Unknown
		}
	}
	return t
}

// alikeAll is ~ of two collections, whose order doesn't count.
func (m *machine) alikeAll(a, b span) bool {
	if a.len() != b.len() {
		return false
	}
	used := make([]bool, b.len())
next:
	for i := a.lo; i < a.hi; i++ {
		for j := range used {
			if !used[j] && m.alike(&m.items[i], &m.items[b.lo+j]) {
				used[j] = true
				continue next
			}
		}
		return false
	}
	return true
}

// has says whether an item equal to it is in the span.
func (m *machine) has(s span, it *Item) bool {
	for i := s.lo; i < s.hi && m.err == nil; i++ {
		if m.equal(&m.items[i], it) == True {
			return true
		}
	}
	return false
}

// set collects items of the stack by their index, each only once. Up to a few it compares them all;
// then it keeps them apart by a hash.
type set struct {
	few     [8]int
	n       int
	buckets map[uint64][]int
}

var seed = maphash.MakeSeed()

// add puts the item at i in and says whether it is new.
func (s *set) add(m *machine, i int) bool {
	if s.buckets == nil {
		for _, j := range s.few[:s.n] {
			if m.equal(&m.items[i], &m.items[j]) == True {
				return false
			}
		}
		if s.n < len(s.few) {
			s.few[s.n] = i
			s.n++
			return true
		}
		s.buckets = map[uint64][]int{}
		for _, j := range s.few {
			h := m.items[j].hash()
			s.buckets[h] = append(s.buckets[h], j)
		}
	}
	m.spend(m.items[i].weight() + m.items[i].size())
	h := m.items[i].hash()
	for _, j := range s.buckets[h] {
		if m.equal(&m.items[i], &m.items[j]) == True {
			return false
		}
	}
	s.buckets[h] = append(s.buckets[h], i)
	return true
}

// size is how many steps it takes to hash an element.
func (it *Item) size() int {
	if it.kind != element || it.Node == nil {
		return 0
	}
	n := len(it.Node.Kids)
	for i := range it.Node.Kids {
		n += len(it.Node.Kids[i].Text) / 256
	}
	return n
}

// hash is the same for items that are equal.
func (it *Item) hash() uint64 {
	switch {
	case it.kind == kString && it.valued():
		return maphash.String(seed, it.text())
	case it.kind == kInteger || it.kind == kDecimal:
		if d, ok := it.number(); ok {
			return maphash.String(seed, d.trim().String())
		}
	case it.kind == element && it.Node != nil:
		h := uint64(len(it.Node.Kids))
		for i := range it.Node.Kids {
			kid := &it.Node.Kids[i]
			h += maphash.String(seed, kid.Name)
			if kid.Kind == resource.String {
				h += 3 * maphash.String(seed, kid.Text)
			}
		}
		return h
	case it.kind == kDate:
		return uint64(kDateTime)
	}
	return uint64(it.kind)
}
