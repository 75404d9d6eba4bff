package fhirpath

import (
	"strconv"
	"strings"

	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/clinical/internal/spec"
)

// compiler turns parsed expressions into closures. The first error is kept.
type compiler struct {
	err     error
	perItem bool // what is being compiled is evaluated once per item
	slots   int  // for values that are kept
}

func (c *compiler) refuse(why string) {
	if c.err == nil {
		c.err = outcome.New(400, outcome.Invalid, "", "This is not a FHIRPath expression: "+why+".")
	}
}

// term compiles an expression that is evaluated against $this.
func (c *compiler) term(n *node) term {
	if c.perItem && n.kind != nVariable && closed(n) {
		return c.kept(n)
	}
	switch n.kind {
	case nEmpty:
		return func(*machine) {}
	case nBool:
		v := truthOf(n.text == "true")
		return func(m *machine) { m.pushTruth(v) }
	case nString:
		it := Item{kind: kString, s: n.text}
		return func(m *machine) { m.push(it) }
	case nNumber, nQuantity:
		return c.number(n)
	case nDate:
		return c.date(n)
	case nVariable:
		return c.variable(n.text)
	case nThis:
		return func(m *machine) {
			for i := m.this.lo; i < m.this.hi; i++ {
				m.push(m.items[i])
			}
		}
	case nIndex:
		return func(m *machine) { m.pushInt(int64(m.index)) }
	case nTotal:
		return func(m *machine) {
			for i := m.total.lo; i < m.total.hi; i++ {
				m.push(m.items[i])
			}
		}
	case nName:
		return c.head(n.text)
	case nCall:
		if cond := c.test(n.text, n.kids); cond != nil {
			return func(m *machine) { m.pushTruth(cond(m, m.this)) }
		}
		f := c.call(n.text, n.kids)
		return func(m *machine) { f(m, m.this) }
	case nPath:
		left, right := c.term(n.kids[0]), c.invocation(n.kids[1])
		return func(m *machine) {
			lo := len(m.items)
			left(m)
			in := m.since(lo)
			right(m, in)
			m.sink(lo, in.hi)
		}
	case nItem:
		return c.item(n)
	case nSign:
		return c.sign(n)
	case nType:
		return c.typeOperator(n)
	}
	return c.operator(n)
}

// head compiles a name at the beginning of a path: a member of $this, or its type itself.
func (c *compiler) head(name string) term {
	find := member(name)
	if name == "" || name[0] < 'A' || name[0] > 'Z' {
		return func(m *machine) { find(m, m.this) }
	}
	r4 := spec.R4()
	return func(m *machine) {
		for i := m.this.lo; i < m.this.hi; i++ {
			if t := m.items[i].Type; t != nil && (t.Name == name || r4.Is(t, name)) {
				m.push(m.items[i])
				continue
			}
			find(m, span{i, i + 1})
		}
	}
}

// invocation compiles what follows a dot.
func (c *compiler) invocation(n *node) call {
	switch n.kind {
	case nName:
		return member(n.text)
	case nCall:
		if cond := c.test(n.text, n.kids); cond != nil {
			return func(m *machine, in span) { m.pushTruth(cond(m, in)) }
		}
		return c.call(n.text, n.kids)
	}
	t := c.term(n)
	return func(m *machine, _ span) { t(m) }
}

func (c *compiler) number(n *node) term {
	d := parseLiteral(n.text)
	if d == nil {
		c.refuse("the number " + n.text + " has too many digits")
		return nil
	}
	it := Item{kind: kDecimal, d: d}
	if n.kind == nQuantity {
		it.kind, it.s = kQuantity, n.unit
	} else if v, err := strconv.ParseInt(n.text, 10, 64); err == nil {
		it = Item{kind: kInteger, n: v}
	}
	return func(m *machine) { m.push(it) }
}

func (c *compiler) date(n *node) term {
	it := Item{kind: kDate, s: n.text}
	switch {
	case strings.HasPrefix(n.text, "T"):
		it.kind, it.s = kTime, n.text[1:]
	case strings.Contains(n.text, "T"):
		it.kind, it.s = kDateTime, strings.TrimSuffix(n.text, "T")
	}
	if _, ok := parseTemporal(it.s, it.kind); !ok {
		c.refuse("there is no date or time @" + n.text)
	}
	return func(m *machine) { m.push(it) }
}

func (c *compiler) variable(name string) term {
	fixed := ""
	switch {
	case name == "context":
		return func(m *machine) { m.push(m.items[0]) }
	case name == "resource":
		return func(m *machine) {
			if m.env.Resource == m.items[0].Node {
				m.push(m.items[0])
			} else {
				m.push(Root(m.env.Resource))
			}
		}
	case name == "rootResource":
		return func(m *machine) {
			if m.env.Root != nil {
				m.push(Root(m.env.Root))
			}
		}
	case name == "ucum":
		fixed = ucum
	case name == "sct":
		fixed = "http://snomed.info/sct"
	case name == "loinc":
		fixed = "http://loinc.org"
	case strings.HasPrefix(name, "vs-"):
		fixed = "http://hl7.org/fhir/ValueSet/" + name[3:]
	case strings.HasPrefix(name, "ext-"):
		fixed = "http://hl7.org/fhir/StructureDefinition/" + name[4:]
	default:
		c.refuse("there is no variable %" + name)
	}
	it := Item{kind: kString, s: fixed}
	return func(m *machine) { m.push(it) }
}

// item compiles kids[0][kids[1]].
func (c *compiler) item(n *node) term {
	left, at := c.term(n.kids[0]), c.term(n.kids[1])
	return func(m *machine) {
		lo := len(m.items)
		left(m)
		in := m.since(lo)
		it, ok := m.argument(at)
		i, whole := it.integer()
		switch {
		case ok && !whole:
			m.wrong("an index has to be a whole number")
			m.drop(lo)
		case ok && i >= 0 && i < int64(in.len()):
			m.items[lo] = m.items[lo+int(i)]
			m.drop(lo + 1)
		default:
			m.drop(lo)
		}
	}
}

func (c *compiler) sign(n *node) term {
	t := c.term(n.kids[0])
	return func(m *machine) {
		it, ok := m.argument(t)
		if !ok {
			return
		}
		if v, is := it.integer(); is {
			if n.text == "-" {
				v = -v
			}
			m.pushInt(v)
			return
		}
		q, is := it.quantity()
		if !is {
			m.wrong("a sign stands before what is no number")
			return
		}
		if n.text == "-" {
			q.value = q.value.neg()
		}
		if it.kind == kDecimal {
			m.pushDecimal(q.value)
		} else {
			m.pushQuantity(q)
		}
	}
}

// condition compiles an expression for its truth.
func (c *compiler) condition(n *node) condition {
	switch n.kind {
	case nOp:
		if cond := c.logic(n); cond != nil {
			return cond
		}
	case nCall:
		if cond := c.test(n.text, n.kids); cond != nil {
			return func(m *machine) Truth { return cond(m, m.this) }
		}
	case nPath:
		if last := n.kids[1]; last.kind == nCall {
			if cond := c.test(last.text, last.kids); cond != nil {
				left := c.term(n.kids[0])
				return func(m *machine) Truth {
					lo := len(m.items)
					left(m)
					t := cond(m, m.since(lo))
					m.drop(lo)
					return t
				}
			}
		}
	}
	t := c.term(n)
	return func(m *machine) Truth {
		lo := len(m.items)
		t(m)
		return m.truth(lo)
	}
}
