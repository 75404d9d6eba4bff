package fhirpath

import (
	"github.com/mitral-health/mitral/clinical/internal/outcome"
)

// What an evaluation may hold at once.
const (
	maxItems = 1 << 17 // items on the stack
	maxBytes = 1 << 20 // bytes of one string
)

// term evaluates an expression and pushes what it finds.
type term func(m *machine)

// call evaluates a member or a function for the items in, and pushes what it finds.
type call func(m *machine, in span)

// condition evaluates an expression for its truth and pushes nothing.
type condition func(m *machine) Truth

// span is a part of the stack.
type span struct{ lo, hi int }

func (s span) len() int { return s.hi - s.lo }

// machine evaluates one expression once. All collections lie on one stack, so that simple paths
// allocate nothing. The first error is kept and from then on nothing more is done.
type machine struct {
	items []Item
	high  int    // how high the stack has been
	kept  []Item // values of closed parts
	slots []span // where they are in kept, counted from 1
	this  span   // $this
	index int    // $index
	total span   // $total
	env   Env
	left  int // steps
	err   error
}

// start puts the input on the stack.
func (m *machine) start(root Item, env *Env, slots int) {
	m.slots = append(m.slots[:0], make([]span, slots)...)
	m.env = Env{}
	if env != nil {
		m.env = *env
	}
	if m.env.Resource == nil {
		m.env.Resource = root.Node
	}
	if m.env.Root == nil {
		m.env.Root = m.env.Resource
	}
	m.left = m.env.Steps
	if m.left <= 0 {
		m.left = MaxSteps
	}
	m.items, m.high = append(m.items[:0], root), 1
	m.this, m.total, m.index = span{0, 1}, span{}, 0
}

func (m *machine) release() {
	if cap(m.items) > 4096 {
		m.items, m.high = nil, 0
	}
	if cap(m.kept) > 4096 {
		m.kept = nil
	}
	clear(m.items[:m.high])
	clear(m.kept)
	m.high, m.kept = 0, m.kept[:0]
	m.env, m.err = Env{}, nil
	machines.Put(m)
}

// spend takes steps and says whether to go on.
func (m *machine) spend(steps int) bool {
	m.left -= steps
	if m.left < 0 {
		m.fail(outcome.New(422, outcome.TooCostly, "", "This FHIRPath expression takes too long on this resource."))
	}
	return m.err == nil
}

func (m *machine) fail(err error) {
	if m.err == nil {
		m.err = err
	}
}

// wrong fails because of what the expression asks for.
func (m *machine) wrong(why string) {
	m.fail(outcome.New(422, outcome.Processing, "", "FHIRPath: "+why+"."))
}

func (m *machine) push(it Item) {
	if len(m.items) >= maxItems {
		m.left = 0
		m.spend(1)
		return
	}
	m.items = append(m.items, it)
	m.high = max(m.high, len(m.items))
}

// sink moves what lies from from on down to lo.
func (m *machine) sink(lo, from int) {
	n := copy(m.items[lo:], m.items[from:])
	m.items = m.items[:lo+n]
}

// drop takes everything from lo on off the stack.
func (m *machine) drop(lo int) { m.items = m.items[:lo] }

// since is what was pushed since the stack was lo high.
func (m *machine) since(lo int) span { return span{lo, len(m.items)} }

// within runs f with item i as $this.
func (m *machine) within(i, index int, f term) {
	this, old := m.this, m.index
	m.this, m.index = span{i, i + 1}, index
	f(m)
	m.this, m.index = this, old
}

// holds is the truth of f with item i as $this.
func (m *machine) holds(i, index int, f condition) Truth {
	this, old := m.this, m.index
	m.this, m.index = span{i, i + 1}, index
	t := f(m)
	m.this, m.index = this, old
	return t
}

// truth takes what lies from lo on off the stack and says whether it is true.
func (m *machine) truth(lo int) Truth {
	n := len(m.items) - lo
	if n == 0 || m.err != nil {
		m.drop(lo)
		return Unknown
	}
	it := m.items[lo]
	m.drop(lo)
	if n > 1 {
		m.wrong("several items where one condition is needed")
		return Unknown
	}
	if it.kind != kBool {
		return True
	}
	v, ok := it.boolean()
	if !ok {
		return Unknown
	}
	return truthOf(v)
}

func truthOf(v bool) Truth {
	if v {
		return True
	}
	return False
}

func (t Truth) not() Truth {
	switch t {
	case True:
		return False
	case False:
		return True
	}
	return Unknown
}

func (m *machine) pushTruth(t Truth) {
	switch t {
	case True:
		m.push(Item{kind: kBool, n: 1})
	case False:
		m.push(Item{kind: kBool})
	}
}

func (m *machine) pushInt(n int64) { m.push(Item{kind: kInteger, n: n}) }

func (m *machine) pushString(s string) {
	if len(s) > maxBytes {
		m.left = 0
	}
	if m.spend(1 + len(s)/64) {
		m.push(Item{kind: kString, s: s})
	}
}

func (m *machine) pushDecimal(d *decimal) {
	if d != nil && d.bounded() != nil {
		m.push(Item{kind: kDecimal, d: d})
	}
}

// one returns the item of a span of one; ok is false for none, and several are an error.
func (m *machine) one(s span) (it Item, ok bool) {
	switch s.len() {
	case 0:
		return Item{}, false
	case 1:
		return m.items[s.lo], m.err == nil
	}
	m.wrong("several items where one is needed")
	return Item{}, false
}

// argument evaluates t against $this and takes its one item off the stack.
func (m *machine) argument(t term) (Item, bool) {
	lo := len(m.items)
	t(m)
	it, ok := m.one(m.since(lo))
	m.drop(lo)
	return it, ok
}
