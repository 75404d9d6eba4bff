package fhirpath

import "github.com/mitral-health/mitral/clinical/internal/outcome"

type term func(m *machine)
type node struct{}
type decimal struct{}
type machine struct {
	items []Item
	err   error
}
type compiler struct{ err error }

var systemNames = [...]string{"", "Boolean", "String", "Integer", "Decimal", "Date", "DateTime", "Time", "Quantity", ""}

func parse(string) (*node, error) {
	return nil, outcome.New(422, outcome.NotSupported, "", "FHIRPath is not evaluated yet.")
}
func (c *compiler) term(*node) term           { return nil }
func (m *machine) release()                   {}
func (m *machine) start(Item, *Env)           {}
func (m *machine) refusal() error             { return m.err }
func (m *machine) truth(int) Truth            { return Unknown }
func (it *Item) settle()                      {}
func (it Item) format() (string, bool)        { return it.s, true }
func find(_, _ any, _ Item, _ *[]string) bool { return false }
