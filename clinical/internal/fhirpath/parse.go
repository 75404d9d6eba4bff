package fhirpath

import (
	"slices"
	"strings"
)

// maxNesting is how deep brackets, arguments and signs may nest.
const maxNesting = 50

type nodeKind uint8

const (
	nEmpty nodeKind = iota // {}
	nBool
	nString
	nNumber
	nQuantity // text is the number, unit its unit
	nDate
	nVariable
	nThis
	nIndex
	nTotal
	nName // a member
	nCall // text(kids…)
	nPath // kids[0].kids[1]
	nItem // kids[0][kids[1]]
	nSign // text is + or -
	nOp   // kids[0] text kids[1]
	nType // kids[0] is/as unit
)

// node is one part of a parsed expression.
type node struct {
	kind nodeKind
	text string
	unit string
	kids []*node
	pos  int
}

// binding is the precedence of the operators; higher binds closer.
var binding = map[string]int{
	"implies": 1, "or": 2, "xor": 2, "and": 3, "in": 4, "contains": 4,
	"=": 5, "~": 5, "!=": 5, "!~": 5, "<": 6, ">": 6, "<=": 6, ">=": 6,
	"|": 7, "is": 8, "as": 8, "+": 9, "-": 9, "&": 9, "*": 10, "/": 10, "div": 10, "mod": 10,
}

const signBinding = 11

// calendar gives the units that are written without quotes.
var calendar = map[string]string{
	"year": "year", "years": "year", "month": "month", "months": "month", "week": "week", "weeks": "week",
	"day": "day", "days": "day", "hour": "hour", "hours": "hour", "minute": "minute", "minutes": "minute",
	"second": "second", "seconds": "second", "millisecond": "millisecond", "milliseconds": "millisecond",
}

type parser struct {
	text   string
	tokens []token
	at     int
	depth  int
	err    error
}

func parse(text string) (*node, error) {
	tokens, err := lex(text)
	if err != nil {
		return nil, err
	}
	p := &parser{text: text, tokens: tokens}
	n := p.expression(0)
	if p.err == nil && p.peek().kind != tEnd {
		p.refuse("there is something unexpected")
	}
	return n, p.err
}

func (p *parser) peek() token { return p.tokens[p.at] }

func (p *parser) next() token {
	t := p.tokens[p.at]
	if t.kind != tEnd {
		p.at++
	}
	return t
}

// take goes past the symbol s if it is next.
func (p *parser) take(s string) bool {
	if t := p.peek(); t.kind == tSymbol && t.text == s {
		p.at++
		return true
	}
	return false
}

func (p *parser) need(s string) {
	if !p.take(s) {
		p.refuse("«" + s + "» is missing")
	}
}

func (p *parser) refuse(why string) *node {
	if p.err == nil {
		p.err = refuseAt(p.text, p.peek().pos, why)
	}
	return &node{}
}

// expression reads an expression whose operators bind closer than floor.
func (p *parser) expression(floor int) *node {
	if p.depth++; p.depth > maxNesting {
		return p.refuse("it nests too deep")
	}
	defer func() { p.depth-- }()
	var left *node
	if t := p.peek(); t.kind == tSymbol && (t.text == "+" || t.text == "-") {
		p.next()
		left = &node{kind: nSign, text: t.text, kids: []*node{p.expression(signBinding - 1)}, pos: t.pos}
	} else {
		left = p.postfix(p.primary())
	}
	for p.err == nil {
		t := p.peek()
		b := binding[t.text]
		if t.kind != tName && t.kind != tSymbol || b == 0 || b <= floor {
			break
		}
		p.next()
		if t.text == "is" || t.text == "as" {
			left = &node{kind: nType, text: t.text, unit: p.typeName(), kids: []*node{left}, pos: t.pos}
			continue
		}
		left = &node{kind: nOp, text: t.text, kids: []*node{left, p.expression(b)}, pos: t.pos}
	}
	return left
}

// postfix reads what follows a term: .member .function() [index].
func (p *parser) postfix(n *node) *node {
	for p.err == nil {
		switch t := p.peek(); {
		case p.take("."):
			n = &node{kind: nPath, kids: []*node{n, p.invocation()}, pos: t.pos}
		case p.take("["):
			n = &node{kind: nItem, kids: []*node{n, p.expression(0)}, pos: t.pos}
			p.need("]")
		default:
			return n
		}
	}
	return n
}

func (p *parser) primary() *node {
	t := p.peek()
	switch t.kind {
	case tString:
		p.next()
		return &node{kind: nString, text: t.text, pos: t.pos}
	case tNumber:
		p.next()
		n := &node{kind: nNumber, text: t.text, pos: t.pos}
		switch u := p.peek(); {
		case u.kind == tString:
			p.next()
			n.kind, n.unit = nQuantity, u.text
			if n.unit == "" {
				n.unit = "1"
			}
		case u.kind == tName && calendar[u.text] != "":
			p.next()
			n.kind, n.unit = nQuantity, calendar[u.text]
		}
		return n
	case tDate:
		p.next()
		return &node{kind: nDate, text: t.text, pos: t.pos}
	case tVariable:
		p.next()
		return &node{kind: nVariable, text: t.text, pos: t.pos}
	case tSymbol:
		switch {
		case p.take("("):
			n := p.expression(0)
			p.need(")")
			return n
		case p.take("{"):
			p.need("}")
			return &node{pos: t.pos}
		}
	case tName:
		if t.text == "true" || t.text == "false" {
			p.next()
			return &node{kind: nBool, text: t.text, pos: t.pos}
		}
	}
	return p.invocation()
}

// invocation reads a member, a function with its arguments or $this, $index, $total.
func (p *parser) invocation() *node {
	t := p.next()
	switch {
	case t.kind == tSymbol && t.text == "$this":
		return &node{kind: nThis, pos: t.pos}
	case t.kind == tSymbol && t.text == "$index":
		return &node{kind: nIndex, pos: t.pos}
	case t.kind == tSymbol && t.text == "$total":
		return &node{kind: nTotal, pos: t.pos}
	case t.kind == tDelimited:
	case t.kind == tName && !slices.Contains([]string{"and", "or", "xor", "implies", "div", "mod", "true", "false"}, t.text):
	default:
		if t.kind != tEnd {
			p.at--
		}
		return p.refuse("a name, a value or a function is missing")
	}
	if !p.take("(") {
		return &node{kind: nName, text: t.text, pos: t.pos}
	}
	n := &node{kind: nCall, text: t.text, pos: t.pos}
	for p.err == nil && !p.take(")") {
		if len(n.kids) > 0 {
			p.need(",")
		}
		n.kids = append(n.kids, p.expression(0))
	}
	return n
}

// typeName reads Patient, FHIR.Patient or System.String.
func (p *parser) typeName() string {
	n := p.invocation()
	for n.kind == nName && p.take(".") {
		more := p.invocation()
		if more.kind != nName {
			// `value is Quantity.exists()` can only mean a type that does not exist
			p.refuse("a type is missing")
		}
		n.text += "." + more.text
	}
	if n.kind != nName {
		p.refuse("a type is missing")
	}
	return n.text
}

// asType reads the argument of is(), as() and ofType().
func asType(n *node) (string, bool) {
	switch {
	case n.kind == nName:
		return n.text, true
	case n.kind == nPath && n.kids[0].kind == nName && n.kids[1].kind == nName:
		return strings.Join([]string{n.kids[0].text, n.kids[1].text}, "."), true
	}
	return "", false
}
