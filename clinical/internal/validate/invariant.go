package validate

import (
	"sync"

	"github.com/mitral-health/mitral/clinical/internal/fhirpath"
	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/spec"
)

// native are the invariants that are looked at without FHIRPath, and where.
var native = map[string]string{
	"ele-1": "object, primitive",
	"ext-1": "extension",
	"dom-2": "inside",
	"dom-3": "unreferenced",
	"dom-4": "inside",
	"dom-5": "inside",
	"ref-1": "containedType",
	"txt-1": "narrative",
	"txt-2": "narrative",
}

// undecided are the invariants that are not looked at, and why.
var undecided = map[string]string{
	"dom-6": "advice to have a narrative; it would be said of nearly every resource that a program writes",
}

// rules are invariants, compiled when they are first needed.
type rules struct {
	constraints []spec.Constraint
	once        sync.Once
	compiled    []rule
}

type rule struct {
	spec.Constraint
	expr *fhirpath.Expr
}

// ours leaves those that FHIRPath decides.
func ours(all []spec.Constraint) *rules {
	l := new(rules)
	for _, c := range all {
		if native[c.Key] == "" && undecided[c.Key] == "" {
			l.constraints = append(l.constraints, c)
		}
	}
	return l
}

func (l *rules) compile() {
	for _, c := range l.constraints {
		expr, err := fhirpath.Compile(c.Expression)
		if err != nil {
			panic("validate: " + c.Key + ": " + err.Error()) // a definition that is compiled in: a test compiles all
		}
		l.compiled = append(l.compiled, rule{c, expr})
	}
}

// invariants looks at what must hold of n, or of what stands beside it.
func (r *run) invariants(n, ext *resource.Node, t *spec.Type, l *rules) {
	if len(l.constraints) == 0 || r.full() {
		return
	}
	l.once.Do(l.compile)
	env := fhirpath.Env{Resource: r.current, Root: r.root}
	item := fhirpath.Element(n, ext, t)
	for i := range l.compiled {
		c := &l.compiled[i]
		truth, err := c.expr.Test(item, &env)
		switch {
		case err != nil:
			r.warn(outcome.Processing, "It could not be decided whether this holds: "+c.Human+" ("+c.Key+").")
		case truth != fhirpath.False: // unknown: what it compares can't be compared, such as 2024 with 2024-05
		case c.Severity == "error":
			r.error(outcome.Invariant, c.Human+" ("+c.Key+").")
		default:
			r.warn(outcome.Invariant, c.Human+" ("+c.Key+").")
		}
	}
}
