// Package validate says what is wrong with a resource by FHIR R4's own definitions: unknown and
// missing elements, lists and single values, types, formats of primitives, choices, required value
// sets, targets of references, the narrative's XHTML and the invariants. May import outcome,
// resource, spec and fhirpath.
//
// It works in one pass over the nodes, never panics whatever they hold, and says up to MaxIssues
// things. What it can't decide is in the table undecided, with the reason.
package validate

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/spec"
)

// MaxIssues is how many issues are told of one resource.
const MaxIssues = 50

// Resource returns what is wrong with n, nothing if it is right. Issues of severity error refuse it;
// warnings are advice.
func Resource(n *resource.Node) []outcome.Issue {
	r := run{plans: plans()}
	return r.all(n)
}

// Envelope is Resource that leaves out the resources which a Bundle or Parameters carries, for who
// answers for each of them apart.
func Envelope(n *resource.Node) []outcome.Issue {
	r := run{plans: plans(), shallow: true}
	return r.all(n)
}

// all returns the errors and then the warnings.
func (r *run) all(n *resource.Node) []outcome.Issue {
	r.resource(n, "", -1, inBundle)
	all := append(r.errors, r.warnings...)
	return all[:min(len(all), MaxIssues)]
}

// Refused says whether an issue refuses the resource.
func Refused(issues []outcome.Issue) bool {
	for i := range issues {
		if issues[i].Severity == outcome.Err || issues[i].Severity == outcome.Fatal {
			return true
		}
	}
	return false
}

// run is one validation.
type run struct {
	plans    *planSet
	shallow  bool // look at contained resources only
	errors   []outcome.Issue
	warnings []outcome.Issue
	path     []step
	scope
}

// scope is what is known of the resource that is looked at, the outermost or an entry of a bundle.
type scope struct {
	root        *resource.Node // %rootResource
	current     *resource.Node // %resource: root, or what it contains
	contained   map[string]*held
	local       []string // what references and addresses beginning with # say
	toContainer bool     // whether the contained resource that is looked at refers to its container
}

type step struct {
	name  string
	index int // -1: not in a list
}

// at is the FHIRPath of where the run is.
func (r *run) at() string {
	var b strings.Builder
	for i, s := range r.path {
		if i > 0 {
			b.WriteByte('.')
		}
		b.WriteString(s.name)
		if s.index >= 0 {
			b.WriteByte('[')
			b.WriteString(strconv.Itoa(s.index))
			b.WriteByte(']')
		}
	}
	return b.String()
}

func (r *run) push(name string, index int) { r.path = append(r.path, step{name, index}) }
func (r *run) pop()                        { r.path = r.path[:len(r.path)-1] }

// full says that there are errors enough. Warnings must not end the search for errors.
func (r *run) full() bool { return len(r.errors) >= MaxIssues }

func (r *run) error(code outcome.Code, text string) { r.say(outcome.Err, code, r.at(), text) }

// errorAt is error about a member of where the run is.
func (r *run) errorAt(name string, code outcome.Code, text string) {
	r.say(outcome.Err, code, r.at()+"."+clip(name), text)
}

// warn gives advice about where the run is.
func (r *run) warn(code outcome.Code, text string) {
	if len(r.warnings) < MaxIssues {
		r.say(outcome.Warning, code, r.at(), text)
	}
}

func (r *run) say(sev outcome.Severity, code outcome.Code, at, text string) {
	is := outcome.Issue{Severity: sev, Code: code, Diagnostics: text, Expression: at}
	switch {
	case sev == outcome.Err && len(r.errors) < MaxIssues:
		r.errors = append(r.errors, is)
	case sev != outcome.Err && len(r.warnings) < MaxIssues:
		r.warnings = append(r.warnings, is)
	}
}

// clip shortens what the sender wrote, for a diagnostics text.
func clip(s string) string {
	if len(s) <= 64 {
		return s
	}
	s = s[:64]
	for !utf8.ValidString(s) {
		s = s[:len(s)-1]
	}
	return s + "…"
}

func quoted(s string) string { return "“" + clip(s) + "”" }

// place is where a resource stands.
type place uint8

const (
	inBundle    place = iota // by itself, in a bundle or among parameters
	inContainer              // in contained
)

// resource looks at a resource; name is the element that holds it, "" for the outermost.
func (r *run) resource(n *resource.Node, name string, index int, where place) {
	typ := n.Type()
	if name == "" {
		name = typ
	}
	r.push(name, index)
	defer r.pop()
	if n == nil || n.Kind != resource.Object {
		r.error(outcome.Structure, "A resource must be an object.")
		return
	}
	if typ == "" {
		r.error(outcome.Required, "A resource must say its resourceType.")
		return
	}
	p := r.plans.byName[typ]
	if p == nil || p.typ.Kind != spec.Resource || p.typ.Abstract {
		r.error(outcome.Value, "R4 has no resource type "+quoted(typ)+".")
		return
	}
	if where == inContainer {
		r.current, r.toContainer = n, false
		r.object(n, p)
		r.inside(n)
		r.current = r.root
		return
	}
	outer := r.scope
	r.scope = scope{root: n, current: n}
	r.collect(n)
	r.object(n, p)
	r.unreferenced()
	r.scope = outer
}
