package resource

import (
	"net/http"
	"strconv"
	"sync"
	"unicode/utf8"

	"github.com/mitral-health/mitral/clinical/internal/outcome"
)

// Parse reads one JSON value (RFC 8259). What it refuses is an *outcome.Error with status 400. Time
// and space are linear in len(data), whatever it holds. The nodes keep a copy of data alive.
func Parse(data []byte) (*Node, error) {
	if !utf8.Valid(data) {
		return nil, refuse("This is not UTF-8.")
	}
	p := parsers.Get().(*parser)
	defer p.release()
	p.in = string(data)
	p.slab = make([]Node, 0, min(len(data)/20+8, slabNodes))
	if !p.value("", 0) {
		return nil, refuse(p.wrong)
	}
	p.space()
	if p.at < len(p.in) {
		return nil, refuse("There is something after the JSON value.")
	}
	root := p.open[0]
	return &root, nil
}

var parsers = sync.Pool{New: func() any { return &parser{open: make([]Node, 0, 64)} }}

// release makes p ready for the next text, and forgets this one.
func (p *parser) release() {
	if cap(p.open) > 8*slabNodes {
		return
	}
	clear(p.open)
	*p = parser{open: p.open[:0]}
	parsers.Put(p)
}

func refuse(text string) error {
	return outcome.New(http.StatusBadRequest, outcome.Structure, "", text)
}

const (
	slabNodes = 1024
	fewNames  = 16 // up to so many members of an object, names are compared one by one
)

// parser reads in from at. Finished values wait in open until what holds them closes; then they move
// together into the slab.
type parser struct {
	in    string
	at    int
	open  []Node
	slab  []Node
	wrong string

	values int
}

func (p *parser) fail(text string) bool {
	if p.wrong == "" {
		p.wrong = text
	}
	return false
}

// broken says that the text stops being JSON here.
func (p *parser) broken() bool {
	if p.at >= len(p.in) {
		return p.fail("This is not JSON: it ends too early.")
	}
	return p.fail("This is not JSON: byte " + strconv.Itoa(p.at+1) + " should not be there.")
}

const indent = "        "

func (p *parser) space() {
	for p.at < len(p.in) {
		switch p.in[p.at] {
		case ' ':
			for len(p.in)-p.at >= len(indent) && p.in[p.at:p.at+len(indent)] == indent {
				p.at += len(indent)
			}
			for p.at < len(p.in) && p.in[p.at] == ' ' {
				p.at++
			}
		case '\n', '\t', '\r':
			p.at++
		default:
			return
		}
	}
}

// next skips space and returns the byte that follows, 0 at the end.
func (p *parser) next() byte {
	p.space()
	if p.at < len(p.in) {
		return p.in[p.at]
	}
	return 0
}

// value reads a value and leaves it on top of open.
func (p *parser) value(name string, depth int) bool {
	if depth > MaxDepth {
		return p.fail("This nests too deep.")
	}
	if p.values++; p.values > MaxValues {
		return p.fail("This holds too many values.")
	}
	switch c := p.next(); c {
	case '"':
		text, ok := p.text()
		if ok {
			p.open = append(p.open, Node{Kind: String, Name: name, Text: text})
		}
		return ok
	case '{':
		return p.object(name, depth)
	case '[':
		return p.array(name, depth)
	case 't':
		return p.word(Node{Kind: Bool, Name: name, Text: "true"}, "true")
	case 'f':
		return p.word(Node{Kind: Bool, Name: name, Text: "false"}, "false")
	case 'n':
		return p.word(Node{Name: name}, "null")
	default:
		start := p.at
		if !p.number() {
			return false
		}
		p.open = append(p.open, Node{Kind: Number, Name: name, Text: p.in[start:p.at]})
		return true
	}
}

func (p *parser) word(n Node, word string) bool {
	if len(p.in)-p.at < len(word) || p.in[p.at:p.at+len(word)] != word {
		return p.broken()
	}
	p.at += len(word)
	p.open = append(p.open, n)
	return true
}

func (p *parser) array(name string, depth int) bool {
	p.at++
	base := len(p.open)
	if p.next() == ']' {
		p.at++
		p.open = append(p.open, Node{Kind: Array, Name: name})
		return true
	}
	for {
		if !p.value("", depth+1) {
			return false
		}
		switch p.next() {
		case ',':
			p.at++
		case ']':
			p.at++
			p.close(Node{Kind: Array, Name: name}, base)
			return true
		default:
			return p.broken()
		}
	}
}

func (p *parser) object(name string, depth int) bool {
	p.at++
	base := len(p.open)
	if p.next() == '}' {
		p.at++
		p.open = append(p.open, Node{Kind: Object, Name: name})
		return true
	}
	var many map[string]bool
	for {
		if p.next() != '"' {
			return p.broken()
		}
		member, ok := p.text()
		if !ok {
			return false
		}
		if many, ok = p.fresh(member, base, many); !ok {
			return p.fail("A name is given twice: " + clip(member) + ".")
		}
		if p.next() != ':' {
			return p.broken()
		}
		p.at++
		if !p.value(member, depth+1) {
			return false
		}
		switch p.next() {
		case ',':
			p.at++
		case '}':
			p.at++
			p.close(Node{Kind: Object, Name: name}, base)
			return true
		default:
			return p.broken()
		}
	}
}

// fresh says whether no member of the object that began at base has this name. An object of many
// members gets a set, so that a hostile one costs no more than its length.
func (p *parser) fresh(name string, base int, many map[string]bool) (map[string]bool, bool) {
	members := p.open[base:]
	if len(members) < fewNames {
		for i := range members {
			if members[i].Name == name {
				return nil, false
			}
		}
		return nil, true
	}
	if many == nil {
		many = make(map[string]bool, 4*fewNames)
		for i := range members {
			many[members[i].Name] = true
		}
	}
	if many[name] {
		return many, false
	}
	many[name] = true
	return many, true
}

// close moves what waits above base into the slab, as the kids of n.
func (p *parser) close(n Node, base int) {
	kids := p.open[base:]
	if len(kids) > cap(p.slab)-len(p.slab) {
		p.slab = make([]Node, 0, max(len(kids), min(slabNodes, (len(p.in)-p.at)/20+8)))
	}
	start := len(p.slab)
	p.slab = append(p.slab, kids...)
	n.Kids = p.slab[start:len(p.slab):len(p.slab)] // no room behind: appending to them can't touch a neighbour
	clear(kids)
	p.open = append(p.open[:base], n)
}

func clip(s string) string {
	if len(s) > 64 {
		return "…"
	}
	return s
}
