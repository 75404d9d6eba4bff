// Package fhirpath evaluates FHIRPath (Normative Release 1, 2.0.0) with FHIR R4's own functions over
// resource.Node: http://hl7.org/fhirpath/N1/ and http://hl7.org/fhir/R4/fhirpath.html. An expression
// is compiled once and may then run in many goroutines. May import outcome, resource and spec.
//
// Whatever the expression or the resource, an evaluation ends soon: text, nesting, steps and the size
// of what it holds are bounded, and crossing a bound is an error (code too-costly).
//
// Where it departs from the letter, because R4's own invariants and search parameters do:
//   - `as` filters a collection of many items, as ofType does;
//   - a type of System without its namespace also stands for the FHIR primitives that convert to it:
//     `answer is Boolean` holds for a valueBoolean, `value.ofType(DateTime)` finds a valueDateTime;
//   - a type that R4 doesn't know is no error: nothing is of that type;
//   - without Env.Resolve, resolve() gives an item that has a type and no content, so that
//     `resolve() is Patient` can be told from the reference alone.
package fhirpath

import (
	"sync"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/clinical/internal/resource"
)

// MaxText is the longest expression in bytes.
const MaxText = 16 << 10

// MaxSteps is how many steps an evaluation may take unless Env says otherwise. A step is about the
// work of visiting one element.
const MaxSteps = 1 << 20

// Expr is a compiled expression.
type Expr struct {
	text  string
	run   term
	slots int
}

// Env is what an expression sees besides its input. The zero value, and nil, will do.
type Env struct {
	Resource *resource.Node                  // %resource; nil is the input
	Root     *resource.Node                  // %rootResource: the container of a contained resource; nil is %resource
	Resolve  func(ref string) *resource.Node // what a reference points at, nil if it can't be had; #ids are looked up in Root before
	Now      time.Time                       // of now(), today() and timeOfDay(); when zero they are empty
	Steps    int                             // how many steps it may take; 0 is MaxSteps
}

// Truth is the value of a condition.
type Truth uint8

// The truth values. Unknown is the empty collection.
const (
	Unknown Truth = iota
	False
	True
)

// Compile reads an expression. What it refuses is an *outcome.Error with status 400.
func Compile(text string) (*Expr, error) {
	if len(text) > MaxText {
		return nil, outcome.New(400, outcome.TooLong, "", "This FHIRPath expression is too long.")
	}
	root, err := parse(text)
	if err != nil {
		return nil, err
	}
	c := compiler{}
	run := c.term(root)
	if c.err != nil {
		return nil, c.err
	}
	return &Expr{text, run, c.slots}, nil
}

// String returns the expression as it was given.
func (e *Expr) String() string { return e.text }

// Eval returns what the expression finds, in order. What goes wrong is an *outcome.Error with
// status 422.
func (e *Expr) Eval(root Item, env *Env) ([]Item, error) {
	return e.Append(nil, root, env)
}

// Append is Eval that appends to into.
func (e *Expr) Append(into []Item, root Item, env *Env) ([]Item, error) {
	m := machines.Get().(*machine)
	defer m.release()
	m.start(root, env, e.slots)
	e.run(m)
	if m.err != nil {
		return into, m.err
	}
	return append(into, m.items[1:]...), nil
}

// Test returns the truth of the expression, as the criteria of where() has it: one item that is no
// boolean is true, several are an error. An invariant is broken when it is False; R4's own are Unknown
// where what they are about is absent.
func (e *Expr) Test(root Item, env *Env) (Truth, error) {
	m := machines.Get().(*machine)
	defer m.release()
	m.start(root, env, e.slots)
	e.run(m)
	t := m.truth(1)
	if m.err != nil {
		return Unknown, m.err
	}
	return t, nil
}

var machines = sync.Pool{New: func() any { return new(machine) }}
