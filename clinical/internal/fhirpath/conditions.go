package fhirpath

import (
	"strings"

	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/clinical/internal/spec"
)

// test compiles a function whose value is a truth value; nil for others.
func (c *compiler) test(name string, args []*node) func(m *machine, in span) Truth {
	if _, ok := arity[name]; !ok || !c.known(name, args) {
		return nil
	}
	switch name {
	case "empty":
		return func(_ *machine, in span) Truth { return truthOf(in.len() == 0) }
	case "exists":
		if len(args) == 0 {
			return func(_ *machine, in span) Truth { return truthOf(in.len() > 0) }
		}
		criteria := perItem(c, c.condition, args[0])
		return func(m *machine, in span) Truth { return truthOf(m.any(in, criteria, True)) }
	case "all":
		criteria := perItem(c, c.condition, args[0])
		return func(m *machine, in span) Truth {
			return truthOf(!m.any(in, criteria, False) && !m.any(in, criteria, Unknown))
		}
	case "not":
		return func(m *machine, in span) Truth {
			lo := len(m.items)
			copyAll(m, in)
			return m.truth(lo).not()
		}
	case "allTrue", "anyTrue", "allFalse", "anyFalse":
		return quantified(name)
	case "isDistinct":
		return func(m *machine, in span) Truth {
			var s set
			for i := in.lo; i < in.hi && m.err == nil; i++ {
				if !s.add(m, i) {
					return False
				}
			}
			return True
		}
	case "subsetOf", "supersetOf":
		other := c.term(args[0])
		return func(m *machine, in span) Truth {
			lo := len(m.items)
			other(m)
			small, large := in, m.since(lo)
			if name == "supersetOf" {
				small, large = large, small
			}
			all := true
			for i := small.lo; i < small.hi && all && m.err == nil; i++ {
				all = m.has(large, &m.items[i])
			}
			m.drop(lo)
			return truthOf(all)
		}
	case "is":
		is := c.typeArgument(name, args[0])
		return func(m *machine, in span) Truth {
			it, ok := m.one(in)
			if !ok {
				return Unknown
			}
			return truthOf(is(&it))
		}
	case "hasValue":
		return func(m *machine, in span) Truth { return truthOf(in.len() == 1 && m.items[in.lo].valued()) }
	case "htmlChecks":
		return func(*machine, span) Truth { return True }
	case "conformsTo":
		return c.conformsTo(args[0])
	case "memberOf":
		return func(m *machine, _ span) Truth {
			m.fail(outcome.New(422, outcome.NotSupported, "", "FHIRPath: memberOf() is not supported."))
			return Unknown
		}
	}
	if f := c.textTest(name, args); f != nil {
		return f
	}
	return c.converts(name, args)
}

// any says whether criteria has the truth t for an item.
func (m *machine) any(in span, criteria condition, t Truth) bool {
	for i := in.lo; i < in.hi && m.spend(1); i++ {
		if m.holds(i, i-in.lo, criteria) == t {
			return true
		}
	}
	return false
}

// quantified gives allTrue and its like: whether all items, or any, have a value.
func quantified(name string) func(m *machine, in span) Truth {
	want := strings.HasSuffix(name, "True")
	every := strings.HasPrefix(name, "all")
	return func(m *machine, in span) Truth {
		for i := in.lo; i < in.hi; i++ {
			v, ok := m.items[i].boolean()
			switch {
			case m.items[i].kind != kBool:
				m.wrong(name + "() takes booleans")
				return Unknown
			case !ok && every, ok && (v == want) != every:
				return truthOf(!every)
			}
		}
		return truthOf(every)
	}
}

// conformsTo knows the types of R4 itself.
func (c *compiler) conformsTo(arg *node) func(m *machine, in span) Truth {
	profile := c.term(arg)
	return func(m *machine, in span) Truth {
		it, ok := m.one(in)
		url, isString := m.argument(profile)
		if !ok || !isString {
			return Unknown
		}
		name, core := strings.CutPrefix(url.text(), "http://hl7.org/fhir/StructureDefinition/")
		if !core || spec.R4().Type(name) == nil {
			m.fail(outcome.New(422, outcome.NotSupported, "", "FHIRPath: conformsTo() knows R4's own types only."))
			return Unknown
		}
		return truthOf(spec.R4().Is(it.Type, name))
	}
}
