package fhirpath

import "strconv"

// arity says how few and how many arguments a function takes.
var arity = map[string][2]int{
	"empty": {0, 0}, "exists": {0, 1}, "not": {0, 0}, "all": {1, 1}, "allTrue": {0, 0}, "anyTrue": {0, 0}, "allFalse": {0, 0}, "anyFalse": {0, 0},
	"subsetOf": {1, 1}, "supersetOf": {1, 1}, "isDistinct": {0, 0}, "hasValue": {0, 0}, "htmlChecks": {0, 0}, "conformsTo": {1, 1}, "memberOf": {1, 1},
	"is": {1, 1}, "as": {1, 1}, "ofType": {1, 1}, "type": {0, 0},
	"startsWith": {1, 1}, "endsWith": {1, 1}, "contains": {1, 1}, "matches": {1, 1}, "matchesFull": {1, 1},
	"count": {0, 0}, "distinct": {0, 0}, "where": {1, 1}, "select": {1, 1}, "repeat": {1, 1}, "aggregate": {1, 2},
	"single": {0, 0}, "first": {0, 0}, "last": {0, 0}, "tail": {0, 0}, "skip": {1, 1}, "take": {1, 1},
	"intersect": {1, 1}, "exclude": {1, 1}, "union": {1, 1}, "combine": {1, 1}, "children": {0, 0}, "descendants": {0, 0},
	"iif": {2, 3}, "trace": {1, 2}, "now": {0, 0}, "today": {0, 0}, "timeOfDay": {0, 0},
	"extension": {1, 1}, "getValue": {0, 0}, "resolve": {0, 0},
	"indexOf": {1, 1}, "lastIndexOf": {1, 1}, "substring": {1, 2}, "upper": {0, 0}, "lower": {0, 0}, "trim": {0, 0}, "length": {0, 0}, "toChars": {0, 0},
	"replace": {2, 2}, "replaceMatches": {2, 2}, "split": {1, 1}, "join": {0, 1},
	"abs": {0, 0}, "ceiling": {0, 0}, "floor": {0, 0}, "truncate": {0, 0}, "round": {0, 1}, "sqrt": {0, 0}, "exp": {0, 0}, "ln": {0, 0}, "log": {1, 1}, "power": {1, 1},
	"toBoolean": {0, 0}, "toInteger": {0, 0}, "toDecimal": {0, 0}, "toString": {0, 0}, "toDate": {0, 0}, "toDateTime": {0, 0}, "toTime": {0, 0}, "toQuantity": {0, 1},
	"convertsToBoolean": {0, 0}, "convertsToInteger": {0, 0}, "convertsToDecimal": {0, 0}, "convertsToString": {0, 0},
	"convertsToDate": {0, 0}, "convertsToDateTime": {0, 0}, "convertsToTime": {0, 0}, "convertsToQuantity": {0, 1},
}

// known refuses functions that don't exist and arguments that they don't take.
func (c *compiler) known(name string, args []*node) bool {
	n, ok := arity[name]
	switch {
	case !ok:
		c.refuse("there is no function " + name + "()")
	case len(args) < n[0] || len(args) > n[1]:
		takes := strconv.Itoa(n[0])
		if n[0] != n[1] {
			takes += " or " + strconv.Itoa(n[1])
		}
		c.refuse(name + "() takes " + takes + " arguments, not " + strconv.Itoa(len(args)))
	}
	return c.err == nil
}

// call compiles a function that gives a collection.
func (c *compiler) call(name string, args []*node) call {
	if !c.known(name, args) {
		return func(*machine, span) {}
	}
	for _, group := range []func(string, []*node) call{c.filtering, c.subsetting, c.sets, c.fhir, c.text, c.mathematics, c.conversion} {
		if f := group(name, args); f != nil {
			return f
		}
	}
	c.refuse("the function " + name + "() is not supported")
	return func(*machine, span) {}
}

// filtering compiles the functions that go through items one by one.
func (c *compiler) filtering(name string, args []*node) call {
	switch name {
	case "where":
		criteria := perItem(c, c.condition, args[0])
		return func(m *machine, in span) {
			for i := in.lo; i < in.hi && m.spend(1); i++ {
				if m.holds(i, i-in.lo, criteria) == True {
					m.push(m.items[i])
				}
			}
		}
	case "select":
		projection := perItem(c, c.term, args[0])
		return func(m *machine, in span) {
			for i := in.lo; i < in.hi && m.spend(1); i++ {
				m.within(i, i-in.lo, projection)
			}
		}
	case "repeat":
		return c.repeat(perItem(c, c.term, args[0]))
	case "aggregate":
		return c.aggregate(args)
	case "iif":
		return c.iif(args)
	case "trace":
		for _, a := range args {
			c.term(a) // must be an expression, and is said to nobody
		}
		return copyAll
	case "ofType", "as":
		is := c.typeArgument(name, args[0])
		return func(m *machine, in span) {
			for i := in.lo; i < in.hi; i++ {
				if is(&m.items[i]) {
					m.push(m.items[i])
				}
			}
		}
	}
	return nil
}

func copyAll(m *machine, in span) {
	for i := in.lo; i < in.hi; i++ {
		m.push(m.items[i])
	}
}

func (c *compiler) repeat(projection term) call {
	return func(m *machine, in span) {
		lo := len(m.items)
		var seen set
		step := func(i int) {
			from := len(m.items)
			m.within(i, 0, projection)
			kept := from
			for j := from; j < len(m.items) && m.err == nil; j++ {
				m.items[kept] = m.items[j]
				if seen.add(m, kept) {
					kept++
				}
			}
			m.drop(kept)
		}
		for i := in.lo; i < in.hi && m.spend(1); i++ {
			step(i)
		}
		for i := lo; i < len(m.items) && m.spend(1); i++ {
			step(i)
		}
	}
}

func (c *compiler) aggregate(args []*node) call {
	body := perItem(c, c.term, args[0])
	var initial term
	if len(args) > 1 {
		initial = c.term(args[1])
	}
	return func(m *machine, in span) {
		lo, outer := len(m.items), m.total
		if initial != nil {
			initial(m)
		}
		for i := in.lo; i < in.hi && m.spend(1); i++ {
			m.total = m.since(lo)
			m.within(i, i-in.lo, body)
			m.sink(lo, m.total.hi)
		}
		m.total = outer
	}
}

// iif takes its condition and both results with its input as $this.
func (c *compiler) iif(args []*node) call {
	criterion, yes := c.condition(args[0]), c.term(args[1])
	no := func(*machine) {}
	if len(args) > 2 {
		no = c.term(args[2])
	}
	return func(m *machine, in span) {
		this := m.this
		m.this = in
		if criterion(m) == True {
			yes(m)
		} else {
			no(m)
		}
		m.this = this
	}
}

// subsetting compiles the functions that take a part of a collection by its place.
func (c *compiler) subsetting(name string, args []*node) call {
	part := func(f func(m *machine, in span) (lo, hi int)) call {
		return func(m *machine, in span) {
			lo, hi := f(m, in)
			for i := max(lo, in.lo); i < min(hi, in.hi); i++ {
				m.push(m.items[i])
			}
		}
	}
	switch name {
	case "first":
		return part(func(_ *machine, in span) (int, int) { return in.lo, in.lo + 1 })
	case "last":
		return part(func(_ *machine, in span) (int, int) { return in.hi - 1, in.hi })
	case "tail":
		return part(func(_ *machine, in span) (int, int) { return in.lo + 1, in.hi })
	case "single":
		return part(func(m *machine, in span) (int, int) {
			if in.len() > 1 {
				m.wrong("single() found several items")
			}
			return in.lo, in.hi
		})
	case "skip", "take":
		count := c.term(args[0])
		return part(func(m *machine, in span) (int, int) {
			it, ok := m.argument(count)
			n, whole := it.integer()
			if ok && !whole {
				m.wrong(name + "() takes a whole number")
			}
			if !ok || m.err != nil {
				return 0, 0
			}
			at := in.lo + int(max(0, min(n, int64(in.len()))))
			if name == "skip" {
				return at, in.hi
			}
			return in.lo, at
		})
	case "count":
		return func(m *machine, in span) { m.pushInt(int64(in.len())) }
	}
	return nil
}

// sets compiles the functions that compare and combine collections.
func (c *compiler) sets(name string, args []*node) call {
	var other term
	switch name {
	case "distinct":
		return func(m *machine, in span) {
			lo := len(m.items)
			copyAll(m, in)
			m.distinct(lo)
		}
	case "intersect", "exclude", "union", "combine":
		other = c.term(args[0])
	}
	switch name {
	case "union", "combine":
		return func(m *machine, in span) {
			lo := len(m.items)
			copyAll(m, in)
			other(m)
			if name == "union" {
				m.distinct(lo)
			}
		}
	case "intersect", "exclude":
		return func(m *machine, in span) {
			lo := len(m.items)
			other(m)
			with := m.since(lo)
			for i := in.lo; i < in.hi && m.err == nil; i++ {
				if m.has(with, &m.items[i]) == (name == "intersect") {
					m.push(m.items[i])
				}
			}
			m.sink(lo, with.hi)
			if name == "intersect" {
				m.distinct(lo)
			}
		}
	}
	return nil
}
