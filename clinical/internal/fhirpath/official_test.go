package fhirpath_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/fhirpath"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/spec"
)

// examples reads the official examples; a run without them is skipped, and says so.
func examples(t testing.TB) map[string]*resource.Node {
	dir := os.Getenv("MITRAL_DATA")
	if dir == "" {
		t.Skip("MITRAL_DATA is not set: the official examples are not here")
	}
	files, err := filepath.Glob(filepath.Join(dir, "fhir-examples", "*.json"))
	if err != nil || len(files) < 100 {
		t.Fatalf("only %d examples: %v", len(files), err)
	}
	all := map[string]*resource.Node{}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		n, err := resource.Parse(data)
		if err != nil {
			continue // some files are lists, none of them a resource
		}
		if n.Type() != "" {
			all[strings.TrimSuffix(filepath.Base(f), ".json")] = n
		}
	}
	return all
}

var noon = time.Date(2026, 3, 4, 12, 30, 15, 250_000_000, time.UTC)

// unmet are the warnings that official examples earn, and why.
var unmet = map[string]string{
	"dom-6": "contained resources have no narrative",
	"nsd-0": "a name of small letters", "pdf-0": "a name of small letters", "tst-0": "a name of small letters",
}

// checker holds each invariant at every element of a resource that it is for.
type checker struct {
	t       *testing.T
	exprs   map[string]*fhirpath.Expr
	name    string
	checked int
	broken  map[string]bool // of unmet
}

func (c *checker) constraints(cs []spec.Constraint, it fhirpath.Item, env *fhirpath.Env) {
	for _, k := range cs {
		e := c.exprs[k.Expression]
		if e == nil {
			var err error
			if e, err = fhirpath.Compile(k.Expression); err != nil {
				c.t.Fatalf("%s: %q: %v", k.Key, k.Expression, err)
			}
			c.exprs[k.Expression] = e
		}
		truth, err := e.Test(it, env)
		c.checked++
		where := k.Key + " " + c.name
		if err != nil {
			c.t.Errorf("%s at %s: %v", where, fhirpath.Path(env.Resource, it), err)
		} else if truth == fhirpath.False {
			if _, known := unmet[k.Key]; !known || k.Severity != "warning" {
				c.t.Errorf("%s (%s) at %s: %q is false", where, k.Severity, fhirpath.Path(env.Resource, it), k.Expression)
			}
			c.broken[k.Key] = true
		}
	}
}

func (c *checker) walk(it fhirpath.Item, env *fhirpath.Env) {
	if it.Type == nil {
		return
	}
	if it.Type.Kind == spec.Resource {
		inner := *env
		inner.Resource = it.Node
		if env.Resource == nil || it.Node.Get("contained") != nil || env.Resource.Type() == "Bundle" {
			inner.Root = it.Node
		}
		env = &inner
	}
	c.constraints(it.Type.Constraints, it, env)
	kids, err := children.Eval(it, env)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, kid := range kids {
		if kid.Node != nil && it.Type.Kind != spec.Primitive {
			if e, _ := it.Type.Element(kid.Node.Name); e != nil {
				c.constraints(e.Constraints, kid, env)
			}
		}
		c.walk(kid, env)
	}
}

var children, _ = fhirpath.Compile("children()")

func TestEveryInvariantHoldsOnTheExamples(t *testing.T) {
	c := &checker{t: t, exprs: map[string]*fhirpath.Expr{}, broken: map[string]bool{}}
	for name, n := range examples(t) {
		c.name = name
		c.walk(fhirpath.Root(n), &fhirpath.Env{Now: noon})
	}
	for key, why := range unmet {
		if !c.broken[key] {
			t.Errorf("%s is said to be broken (%s), but holds", key, why)
		}
	}
	t.Logf("%d invariants checked, %d expressions", c.checked, len(c.exprs))
	if c.checked < 10000 {
		t.Errorf("only %d invariants were checked", c.checked)
	}
}

func TestEverySearchParameterRunsOnTheExamples(t *testing.T) {
	exprs := map[string]*fhirpath.Expr{}
	compile := func(text string) *fhirpath.Expr {
		if exprs[text] == nil {
			e, err := fhirpath.Compile(text)
			if err != nil {
				t.Fatalf("%q: %v", text, err)
			}
			exprs[text] = e
		}
		return exprs[text]
	}
	for _, typ := range spec.R4().Resources() {
		for _, p := range spec.R4().Params(typ) {
			compile(p.Expression)
			for _, part := range p.Components {
				compile(part.Expression)
			}
		}
	}
	found, empty := 0, map[string]bool{}
	for name, n := range examples(t) {
		for _, p := range spec.R4().Params(n.Type()) {
			items, err := compile(p.Expression).Eval(fhirpath.Root(n), nil)
			if err != nil {
				t.Errorf("%s on %s: %v", p.URL, name, err)
			}
			found += len(items)
			for _, it := range items {
				if it.Type == nil && it.TypeName() != "System.Boolean" {
					t.Errorf("%s on %s: an item without a type", p.URL, name)
				}
				for _, part := range p.Components {
					if _, err := compile(part.Expression).Eval(it, &fhirpath.Env{Resource: n}); err != nil {
						t.Errorf("%s, %q on %s: %v", p.URL, part.Expression, name, err)
					}
				}
			}
			if len(items) == 0 {
				empty[p.Code] = true
			}
		}
	}
	t.Logf("%d expressions, %d items", len(exprs), found)
	if len(exprs) < 500 || found < 2000 {
		t.Errorf("%d expressions found %d items", len(exprs), found)
	}
}
