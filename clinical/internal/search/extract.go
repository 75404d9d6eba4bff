package search

import (
	"bytes"
	"slices"
	"strconv"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/resource"
)

// MaxTuples is how many values of composites one record is found by: a code with a thousand codings
// and a value with as many would be a million.
const MaxTuples = 4096

// Options is what Extract is told besides the resource.
type Options struct {
	Base string // this server's FHIR address without a final slash; references to below it are relative
}

// Extract is what resource n is found by, when it is stored with the instant updated: every search
// parameter of its type, its id, its update, and the compartments it is in. It needs n's
// resourceType and id. What a parameter can't be read from is passed over: n need not be valid.
func Extract(n *resource.Node, updated time.Time, o Options) Terms {
	p := planFor(n.Type())
	if p == nil {
		return Terms{}
	}
	x := &extraction{plan: p, root: n, seen: make([]byte, len(p.groups)), buf: make([]byte, 0, 1024), ends: make([]uint32, 0, 48)}
	x.reader = reader{base: o.Base, out: x.value, tmp: make([]byte, 0, 256)}
	x.visit = func(n *resource.Node) { x.node(n) }
	at := updated.UnixMicro()
	var b [128]byte
	x.add(p.updated, appendPeriod(b[:0], at, at+1))
	x.add(p.id, append(clean(b[:0], n.ID()), fieldEnd))
	if p.typ == "Patient" {
		x.add(p.member, clean(b[:0], n.ID()))
	}
	for i := range n.Kids {
		for _, e := range p.named[n.Kids[i].Name] {
			x.group, x.path = e.group, e.path
			e.path.enter(&n.Kids[i], 0, x.visit)
		}
	}
	for i, g := range p.groups {
		if g.said || len(g.paths[0].steps) == 0 {
			x.group, x.path = i, &g.paths[0]
			x.node(n)
		}
		if x.seen[i] == present {
			x.add(g.space, nil) // there is something, and nothing to find it by
		}
	}
	x.inSeries()
	return gather(x.buf, x.ends)
}

// What a resource has of a group.
const (
	present = 1 << iota // the element
	indexed             // a value of it
)

type extraction struct {
	plan   *plan
	root   *resource.Node
	reader reader
	visit  func(*resource.Node)
	seen   []byte // by group
	buf    []byte
	ends   []uint32

	group  int
	path   *path
	joined int // tuples so far

	members, dates [][]byte // of a type with a series: the patients, and the times
}

func (x *extraction) add(s space, value []byte) {
	if !Indexed(s[:]) {
		x.keep(s, value)
		return
	}
	x.buf = appendCut(append(x.buf, s[:]...), value, MaxValue)
	x.ends = append(x.ends, uint32(len(x.buf)))
	if len(value) > MaxValue {
		x.keep(s.beside(), value)
	}
}

func (x *extraction) keep(s space, value []byte) {
	x.buf = appendCut(append(x.buf, s[:]...), value, MaxWhole)
	x.ends = append(x.ends, uint32(len(x.buf)))
}

// node indexes what the current path arrived at.
func (x *extraction) node(n *resource.Node) {
	g := x.plan.groups[x.group]
	switch {
	case g.said:
		dead := n.Get("deceasedDateTime") != nil
		if b := n.Get("deceasedBoolean"); b != nil && b.Text == "true" {
			dead = true
		}
		x.reader.token("boolean", &resource.Node{Kind: resource.Bool, Text: strconv.FormatBool(dead)})
		return
	case g.kind == compositeKind:
		for _, part := range g.parts {
			if !x.reaches(part, n) {
				return
			}
		}
		x.tuples(g, n, 0, nil)
		return
	}
	x.seen[x.group] |= present
	x.reader.fold = g.fold
	x.reader.read(g.kind, x.path.typ.Name, n)
	switch {
	case g.kind == tokenKind:
		x.texts(g, n)
	case g.kind == referenceKind && x.path.typ.Name == "Reference":
		if id := n.Get("identifier"); id != nil {
			out := x.reader.out
			x.reader.out = func(v []byte) { x.add(g.logic, v) }
			x.reader.token("Identifier", id)
			x.reader.out = out
		}
	}
}

// value stores one encoded value of the current group.
func (x *extraction) value(v []byte) {
	g := x.plan.groups[x.group]
	x.seen[x.group] |= indexed
	x.add(g.space, v)
	switch g.kind {
	case dateKind:
		if g == x.plan.series {
			x.dates = append(x.dates, slices.Clone(v[:16]))
		}
		if lo, hi := readInstant(v), readInstant(v[8:]); isLong(lo, hi) {
			x.add(g.long, v[8:16])
		}
	case numberKind, quantityKind:
		if lo, hi := readFloat(v), readFloat(v[8:]); lo != hi {
			x.add(g.long, v[8:16])
		}
	case referenceKind:
		if id, ok := patientIn(v); ok && slices.ContainsFunc(x.plan.compartment, func(c view) bool { return c.group == g }) {
			x.add(x.plan.member, id)
			if x.plan.series != nil && len(x.members) <= MaxTuples && !slices.ContainsFunc(x.members, func(m []byte) bool { return bytes.Equal(m, id) }) {
				x.members = append(x.members, slices.Clone(id))
			}
		}
	}
}

func patientIn(v []byte) (id []byte, ok bool) {
	const start = "Patient/"
	if len(v) <= len(start) || string(v[:len(start)]) != start {
		return nil, false
	}
	id, _ = field(v[len(start):])
	return id, isID(string(id))
}

// texts keeps what :text and :of-type look at.
func (x *extraction) texts(g *group, n *resource.Node) {
	keep := func(s string) {
		if s != "" {
			var b [64]byte
			x.keep(g.text, plain(b[:0], s))
		}
	}
	switch x.path.typ.Name {
	case "CodeableConcept":
		keep(n.Get("text").Str())
		if codings := n.Get("coding"); codings != nil {
			for i := range codings.Kids {
				keep(codings.Kids[i].Get("display").Str())
			}
		}
	case "Coding":
		keep(n.Get("display").Str())
	case "Identifier":
		typ := n.Get("type")
		keep(typ.Get("text").Str())
		for _, c := range typ.Get("coding").Each() {
			keep(c.Get("display").Str())
			if code := c.Get("code").Str(); code != "" {
				v := append(clean(nil, code), fieldEnd)
				v = append(clean(v, c.Get("system").Str()), fieldEnd)
				x.keep(g.typed, clean(v, n.Get("value").Str()))
			}
		}
	}
}

// reaches reports whether one of a component's paths leads anywhere.
func (x *extraction) reaches(part []path, n *resource.Node) bool {
	for i := range part {
		from := n
		if part[i].root {
			from = x.root
		}
		if from.Get(part[i].steps[0].name) != nil {
			return true
		}
	}
	return false
}

// tuples stores every combination of the components' values, from component i on.
func (x *extraction) tuples(g *group, n *resource.Node, i int, before []byte) {
	if i == len(g.parts) {
		if x.joined++; x.joined <= MaxTuples {
			x.add(g.space, before)
		}
		return
	}
	if x.joined > MaxTuples {
		return
	}
	in := reader{base: x.reader.base, tmp: make([]byte, 0, 64), out: func(v []byte) {
		next := append(before[:len(before):len(before)], v...)
		x.tuples(g, n, i+1, append(next, componentEnd))
	}}
	for j := range g.parts[i] {
		p := &g.parts[i][j]
		from := n
		if p.root {
			from = x.root
		}
		p.walk(from, 0, func(at *resource.Node) {
			in.fold = p.typ.Name == "ContactPoint"
			in.read(g.kinds[i], p.typ.Name, at)
		})
	}
}
