package search

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/spec"
)

// path is one way through a resource's JSON to values of one type. The search parameters of R4 need
// no more of FHIRPath than this: names, ofType, where(name='value'), an index; resolve() is kept
// apart as a filter of what is found.
type path struct {
	steps    []step
	typ      *spec.Type
	required *spec.ValueSet
	root     bool // starts at the resource though it stands in a composite's component
}

type step struct {
	name         string // JSON name
	index        int    // only this element of an array; -1 all
	where, value string // only objects that have this member with this text
}

// walk calls f for each value below n, from step i on.
func (p *path) walk(n *resource.Node, i int, f func(*resource.Node)) {
	if i == len(p.steps) {
		f(n)
		return
	}
	if kid := n.Get(p.steps[i].name); kid != nil {
		p.enter(kid, i, f)
	}
}

// enter goes on with n, which step i has led to.
func (p *path) enter(n *resource.Node, i int, f func(*resource.Node)) {
	s := &p.steps[i]
	if n.Kind == resource.Array {
		for k := range n.Kids {
			if (s.index < 0 || s.index == k) && n.Kids[k].Kind != resource.Array {
				p.enter(&n.Kids[k], i, f)
			}
		}
		return
	}
	if n.Kind == resource.Null || s.where != "" && n.Get(s.where).Str() != s.value {
		return
	}
	p.walk(n, i+1, f)
}

// route is one alternative of an expression: its paths (a choice has one for each type), under a
// name that leaves types out, with the types that ofType picked, and what resolve() must give.
type route struct {
	name  string
	types []string
	only  string
	paths []path
}

// routes compiles an expression from a type. start is the type's name in the expression, "" in a component.
func routes(set *spec.Set, from *spec.Type, start, expression string) ([]route, error) {
	var out []route
	for _, part := range split(expression, '|') {
		r, err := oneRoute(set, from, start, part)
		if err != nil {
			return nil, fmt.Errorf("search: %s: %w", part, err)
		}
		i := slices.IndexFunc(out, func(o route) bool {
			return o.name == r.name && o.only == r.only && len(o.types) > 0 && len(r.types) > 0
		})
		if i < 0 {
			out = append(out, r)
			continue
		}
		out[i].types = append(out[i].types, r.types...) // value.ofType(Quantity) | value.ofType(Range) is one route
		out[i].paths = append(out[i].paths, r.paths...)
	}
	return out, nil
}

func oneRoute(set *spec.Set, from *spec.Type, start, text string) (route, error) {
	text = strings.TrimSpace(text)
	if strings.HasPrefix(text, "(") { // "(a.b.ofType(c)).d" is "a.b.ofType(c).d": there is no "|" inside
		end := closing(text)
		if end < 0 {
			return route{}, fmt.Errorf("a parenthesis is open")
		}
		text = text[1:end] + text[end+1:]
	}
	r := route{paths: []path{{typ: from}}}
	segments := split(text, '.')
	switch {
	case segments[0] == "%resource":
		resource, _, _ := strings.Cut(start, ".")
		r.paths[0] = path{typ: set.Type(resource), root: true}
		segments = segments[1:]
	case slices.Contains([]string{"Resource", "DomainResource", from.Name}, segments[0]):
		segments = segments[1:]
	}
	for _, s := range segments {
		if err := r.step(s); err != nil {
			return route{}, err
		}
	}
	return r, nil
}

func (r *route) step(s string) error {
	name, arg, call := strings.Cut(strings.TrimSuffix(s, ")"), "(")
	switch {
	case !call:
		return r.name1(s)
	case name == "ofType":
		r.types = append(r.types, arg)
		r.paths = slices.DeleteFunc(r.paths, func(p path) bool { return !strings.EqualFold(p.typ.Name, arg) })
		if len(r.paths) == 0 {
			return fmt.Errorf("nothing there is of the type %s", arg)
		}
		return nil
	case name == "where" && strings.HasPrefix(arg, "resolve() is "):
		r.only = strings.TrimPrefix(arg, "resolve() is ")
		return nil
	case name == "where":
		member, value, ok := strings.Cut(arg, "=")
		if !ok {
			break
		}
		r.name += "(" + arg + ")"
		for i := range r.paths {
			last := &r.paths[i].steps[len(r.paths[i].steps)-1]
			last.where, last.value = member, strings.Trim(value, "'")
		}
		return nil
	}
	return fmt.Errorf("%s is not understood", s)
}

// name1 goes into an element; a choice makes a path for each of its types.
func (r *route) name1(s string) error {
	name, index, indexed := strings.Cut(strings.TrimSuffix(s, "]"), "[")
	at := -1
	if indexed {
		var err error
		if at, err = strconv.Atoi(index); err != nil {
			return err
		}
	}
	r.name += "." + s
	var next []path
	for _, p := range r.paths {
		e := p.typ.ByName(name)
		if e == nil {
			continue
		}
		for _, t := range e.Types {
			json := e.Name
			if e.Choice {
				json += strings.ToUpper(t.Code[:1]) + t.Code[1:]
			}
			next = append(next, path{append(slices.Clone(p.steps), step{name: json, index: at}), t.Type, e.Required, p.root})
		}
	}
	if len(next) == 0 {
		return fmt.Errorf("there is no element %s", name)
	}
	r.paths = next
	return nil
}

// split cuts s at sep where no parenthesis is open.
func split(s string, sep byte) []string {
	var out []string
	depth, from := 0, 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == sep && depth == 0:
			out, from = append(out, s[from:i]), i+1
		}
	}
	return append(out, s[from:])
}

// closing is where the parenthesis closes that s starts with.
func closing(s string) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}
