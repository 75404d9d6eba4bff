package main

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"slices"
)

// packer writes numbers as varints and strings as their number in a table. spec/load.go reads it.
type packer struct {
	body    []byte
	numbers map[string]int
	strings []string
}

func (p *packer) num(n int)     { p.body = binary.AppendUvarint(p.body, uint64(n)) }
func (p *packer) str(s string)  { p.num(p.number(s)) }
func (p *packer) take() []byte  { b := p.body; p.body = nil; return b }
func (p *packer) nums(ns []int) { p.num(len(ns)); p.each(ns) }
func (p *packer) each(ns []int) {
	for _, n := range ns {
		p.num(n)
	}
}

func (p *packer) strs(ss []string) {
	p.num(len(ss))
	for _, s := range ss {
		p.str(s)
	}
}

func (p *packer) flags(bs ...bool) {
	n := 0
	for i, b := range bs {
		if b {
			n |= 1 << i
		}
	}
	p.num(n)
}

func (p *packer) number(s string) int {
	n, ok := p.numbers[s]
	if !ok {
		n = len(p.strings)
		p.numbers[s] = n
		p.strings = append(p.strings, s)
	}
	return n
}

// pool numbers records, equal ones once.
type pool struct {
	numbers map[string]int
	records []byte
}

func newPool() *pool { return &pool{numbers: map[string]int{}} }

func (o *pool) add(rec []byte) int {
	n, ok := o.numbers[string(rec)]
	if !ok {
		n = len(o.numbers)
		o.numbers[string(rec)] = n
		o.records = append(o.records, rec...)
	}
	return n
}

func pack(types []*typ, params map[string][]param, compartment map[string][]string) ([]byte, error) {
	p := &packer{numbers: map[string]int{}}
	sets, rules, elements, searches := newPool(), newPool(), newPool(), newPool()
	number := map[string]int{}
	for i, t := range types {
		number[t.name] = i
	}
	constraints := func(cs []constraint) (ns []int) {
		for _, c := range cs {
			for _, s := range []string{c.Key, c.Severity, c.Human, c.Expression} {
				p.str(s)
			}
			ns = append(ns, rules.add(p.take()))
		}
		return ns
	}
	element := func(e elem) (int, error) {
		set := 0
		if e.codes != nil {
			p.str(e.binding)
			p.num(len(e.codes))
			for _, s := range sortedKeys(e.codes) {
				p.str(s)
				p.strs(e.codes[s])
			}
			set = sets.add(p.take()) + 1
		}
		cs := constraints(e.constraints)
		p.str(e.name)
		p.num(e.min)
		p.num(e.max + 1)
		p.flags(e.choice, e.modifier, e.summary)
		p.num(set)
		p.str(e.binding)
		p.nums(cs)
		p.num(len(e.types))
		for _, r := range e.types {
			n, ok := number[r.code]
			if !ok {
				return 0, fmt.Errorf("%s: no type %s", e.name, r.code)
			}
			p.num(n)
			p.flags(r.simple)
			p.strs(r.targets)
		}
		return elements.add(p.take()), nil
	}
	var typeRecords []byte
	for _, t := range types {
		var es []int
		for _, e := range t.elements {
			n, err := element(e)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", t.name, err)
			}
			es = append(es, n)
		}
		cs := constraints(t.constraints)
		p.str(t.name)
		p.num(t.kind)
		p.str(t.base)
		p.flags(t.abstract)
		p.nums(es)
		p.nums(cs)
		typeRecords = append(typeRecords, p.take()...)
	}
	var resources []byte
	for _, name := range sortedKeys(params) {
		var ns []int
		for _, s := range params[name] {
			for _, x := range []string{s.code, s.kind, s.url, s.expression} {
				p.str(x)
			}
			p.strs(s.targets)
			p.num(len(s.components))
			for _, c := range s.components {
				p.num(slices.IndexFunc(params[name], func(o param) bool { return o.code == c.code }))
				p.str(c.expression)
			}
			ns = append(ns, searches.add(p.take()))
		}
		p.num(number[name])
		p.nums(ns)
		p.strs(compartment[name])
		resources = append(resources, p.take()...)
	}
	p.num(len(p.strings))
	for _, s := range p.strings {
		p.num(len(s))
	}
	for _, s := range p.strings {
		p.body = append(p.body, s...)
	}
	for _, o := range []*pool{sets, rules, elements} {
		p.num(len(o.numbers))
		if o != elements {
			p.body = append(p.body, o.records...)
		}
	}
	p.num(len(types))
	p.body = append(append(p.body, elements.records...), typeRecords...)
	p.num(len(searches.numbers))
	p.body = append(p.body, searches.records...)
	p.num(len(params))
	p.body = append(p.body, resources...)
	return compress(p.body)
}

func compress(raw []byte) ([]byte, error) {
	var b bytes.Buffer
	b.Write(binary.AppendUvarint(nil, uint64(len(raw))))
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(raw); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
