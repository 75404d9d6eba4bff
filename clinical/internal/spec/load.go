package spec

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/binary"
	"fmt"
	"io"
	"sync"
)

//go:embed r4.bin
var packed []byte

// R4 returns FHIR R4.
func R4() *Set { return r4() }

var r4 = sync.OnceValue(func() *Set {
	s, err := load(packed)
	if err != nil {
		panic(fmt.Sprintf("spec: r4.bin: %v", err)) // it is compiled in: the build is broken
	}
	return s
})

// load reads what gen's pack wrote.
func load(data []byte) (*Set, error) {
	size, n := binary.Uvarint(data)
	if n <= 0 {
		return nil, io.ErrUnexpectedEOF
	}
	z, err := gzip.NewReader(bytes.NewReader(data[n:]))
	if err != nil {
		return nil, err
	}
	raw := make([]byte, size)
	if _, err := io.ReadFull(z, raw); err != nil {
		return nil, err
	}
	r := &reader{b: raw}
	return r.set(), nil
}

// reader takes the packed records apart. Strings share one copy of all text.
type reader struct {
	b           []byte
	strings     []string
	sets        []*ValueSet
	constraints []Constraint
	elements    []*Element
	types       []Type
}

func (r *reader) num() int {
	n, size := binary.Uvarint(r.b)
	r.b = r.b[size:]
	return int(n)
}

func (r *reader) str() string { return r.strings[r.num()] }

func (r *reader) strs() []string {
	n := r.num()
	if n == 0 {
		return nil
	}
	out := make([]string, n)
	for i := range out {
		out[i] = r.str()
	}
	return out
}

func (r *reader) rules() []Constraint {
	n := r.num()
	if n == 0 {
		return nil
	}
	out := make([]Constraint, n)
	for i := range out {
		out[i] = r.constraints[r.num()]
	}
	return out
}

func (r *reader) set() *Set {
	r.readStrings()
	r.sets = make([]*ValueSet, r.num())
	for i := range r.sets {
		v := &ValueSet{URL: r.str()}
		for range r.num() {
			v.systems = append(v.systems, r.str())
			v.codes = append(v.codes, r.strs())
		}
		r.sets[i] = v
	}
	r.constraints = make([]Constraint, r.num())
	for i := range r.constraints {
		r.constraints[i] = Constraint{r.str(), r.str(), r.str(), r.str()}
	}
	r.elements = make([]*Element, r.num())
	r.types = make([]Type, r.num())
	slab := make([]Element, len(r.elements))
	for i := range r.elements {
		r.elements[i] = &slab[i]
		r.element(&slab[i])
	}
	s := &Set{types: make(map[string]*Type, len(r.types)), params: map[string][]*Param{}, compartment: map[string][]string{}}
	for i := range r.types {
		r.typ(&r.types[i])
		s.types[r.types[i].Name] = &r.types[i]
	}
	for i := range slab {
		for j := range slab[i].Types {
			slab[i].Types[j].Code = slab[i].Types[j].Type.Name
		}
	}
	for i := range r.types {
		t := &r.types[i]
		t.index()
		if t.Kind == Resource && !t.Abstract {
			s.resources = append(s.resources, t.Name)
		}
	}
	r.search(s)
	return s
}

func (r *reader) readStrings() {
	lengths := make([]int, r.num())
	total := 0
	for i := range lengths {
		lengths[i] = r.num()
		total += lengths[i]
	}
	text := string(r.b[:total])
	r.b = r.b[total:]
	r.strings = make([]string, len(lengths))
	for i, n := range lengths {
		r.strings[i], text = text[:n], text[n:]
	}
}

func (r *reader) element(e *Element) {
	e.Name, e.Min, e.Max = r.str(), r.num(), r.num()-1
	flags := r.num()
	e.Choice, e.Modifier, e.Summary = flags&1 != 0, flags&2 != 0, flags&4 != 0
	if n := r.num(); n > 0 {
		e.Required = r.sets[n-1]
	}
	e.Binding, e.Constraints = r.str(), r.rules()
	e.Types = make([]TypeRef, r.num())
	for i := range e.Types {
		e.Types[i] = TypeRef{Type: &r.types[r.num()], Simple: r.num() == 1, Targets: r.strs()}
	}
}

func (r *reader) typ(t *Type) {
	t.Name, t.Kind, t.Base, t.Abstract = r.str(), Kind(r.num()), r.str(), r.num() == 1
	t.Elements = make([]*Element, r.num())
	for i := range t.Elements {
		t.Elements[i] = r.elements[r.num()]
	}
	t.Constraints = r.rules()
}

// index prepares Member.
func (t *Type) index() {
	t.members = make(map[string]member, len(t.Elements))
	for _, e := range t.Elements {
		for i := range e.Types {
			name := e.Name
			if e.Choice {
				code := e.Types[i].Code
				name += string(code[0]&^0x20) + code[1:]
			}
			t.members[name] = member{e, &e.Types[i]}
		}
	}
}

func (r *reader) search(s *Set) {
	type record struct {
		param      Param
		components []struct {
			index      int
			expression string
		}
	}
	records := make([]record, r.num())
	for i := range records {
		p := &records[i]
		p.param = Param{Code: r.str(), Type: r.str(), URL: r.str(), Expression: r.str(), Targets: r.strs()}
		for range r.num() {
			p.components = append(p.components, struct {
				index      int
				expression string
			}{r.num(), r.str()})
		}
	}
	for range r.num() {
		name := r.types[r.num()].Name
		ps := make([]*Param, r.num())
		numbers := make([]int, len(ps))
		for i := range ps {
			numbers[i] = r.num()
			p := records[numbers[i]].param
			ps[i] = &p
		}
		for i, n := range numbers {
			for _, c := range records[n].components {
				ps[i].Components = append(ps[i].Components, Component{ps[c.index], c.expression})
			}
		}
		s.params[name] = ps
		if in := r.strs(); in != nil {
			s.compartment[name] = in
		}
	}
}
