package fhirpath_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/fhirpath"
	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/spec"
)

// large is a resource of many elements.
func large(n int) *resource.Node {
	items := make([]resource.Node, n)
	for i := range items {
		items[i] = resource.O(resource.M("linkId", resource.S("q")), resource.M("text", resource.S("text")))
	}
	r := resource.O(resource.M("resourceType", resource.S("QuestionnaireResponse")), resource.M("item", resource.A(items...)))
	return &r
}

// eighth makes these tests eight times as fast as the bound of an evaluation.
var eighth = &fhirpath.Env{Steps: fhirpath.MaxSteps / 8}

// Nothing that somebody sends may keep a core busy or fill the memory.
func TestNoExpressionTakesLong(t *testing.T) {
	all := large(20000)
	for _, text := range []string{
		"descendants().select(%resource.descendants())",
		"descendants().where(%resource.descendants().exists(text = 'x'))",
		"repeat($this | %resource.descendants()).repeat(%resource.descendants())",
		"item.isDistinct() or item.distinct().count() > 1 or item.all(%resource.item contains $this)",
		"item.aggregate($total & 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' & $total, 'x')",
		"item.aggregate($total + $total, 'x')",
		"item.aggregate($total * $total, 3.7)",
		"item.aggregate($total * 1.000000000000001, 3.7)",
		"item.aggregate($total.replace('', $total), 'ab')",
		"item.aggregate($total.replaceMatches('', $total), 'ab')",
		"item.aggregate($total.combine($total), 1)",
		"item.text.join('x').toChars().repeat($this & 'a')",
		"(1).repeat($this + 1)",
		"(1).repeat($this | ($this + 1) | ($this * 2))",
		"item.text.join().matches('(t?){400}(e?){400}x$')",
		"item.text.join().matches('(t' & '?){500}(e?){500}x$')",
		"item.select(text.matches('(t' & '?){500}(e?){500}x$'))",
		"item.where((text.toDecimal() + 1e1).exists())",
		"item.select(9.power(400)).aggregate($this + $total, 0)",
		"item.select((item | item | %resource.item).count())",
		"item.combine(%resource.item).combine(%resource.item).combine(%resource.item).subsetOf(%resource.item)",
		"item.select(" + strings.Repeat("(text & '", 40) + "'" + strings.Repeat("')", 40) + ")",
	} {
		e, err := fhirpath.Compile(text)
		if err != nil {
			continue
		}
		start := time.Now()
		items, err := e.Eval(fhirpath.Root(all), eighth)
		took := time.Since(start)
		t.Logf("%-90.90s %8s %d items, %v", text, took.Round(time.Millisecond), len(items), err)
		if took > 2*time.Second {
			t.Errorf("%s took %s", text, took)
		}
		if o := outcome.Of(err); err != nil && (o == nil || o.Status != http.StatusUnprocessableEntity) {
			t.Errorf("%s: %v is no answer for a client", text, err)
		}
	}
}

// One step is about the same work, whatever the size of the values.
func TestLargeValuesAreCounted(t *testing.T) {
	r := large(20000)
	text := strings.Repeat("x", 900_000)
	zeros := "1." + strings.Repeat("0", 398)
	nulls := make([]resource.Node, 100_000)
	r.Set("status", resource.S(text+"y"))
	r.Set("language", resource.S(text+"z"))
	r.Set("_instantiatesCanonical", resource.A(nulls...))
	r.Set("extension", resource.A(resource.O(resource.M("url", resource.S("u")), resource.M("valueDecimal", resource.N(zeros))), resource.O(resource.M("url", resource.S("u")), resource.M("valueDecimal", resource.N(zeros)))))
	for _, each := range []string{
		"%resource.status = %resource.language", "%resource.status ~ %resource.language", "%resource.status < %resource.language", "%resource.status.toBoolean()", "%resource.status.toQuantity()",
		"%resource.status.convertsToDate()", "%resource.status.toDecimal()", "%resource.status.startsWith(%resource.language)", "%resource.status.matches('(x|x)*$')", "%resource.status.length()", "%resource.status.upper()",
		"%resource.extension.value.distinct()", "%resource.extension[0].value ~ %resource.extension[1].value", "%resource.extension[0].value * %resource.extension[1].value", "%resource.extension[0].value / %resource.extension[1].value",
		"%resource.extension[0] ~ %resource.extension[1]", "%resource.instantiatesCanonical", "(%resource.status | %resource.language | '1' | '2' | '3' | '4' | '5' | '6' | '7' | '8' | '9').distinct()", "%resource.status.indexOf('y')", "%resource.status.toChars()",
		zeros + " ~ " + zeros, zeros + ".sqrt()", zeros + ".round(2)", zeros + " mod 0.7",
	} {
		e, err := fhirpath.Compile("descendants().select(iif($this is Element, " + each + ", 1)).count() > 0")
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		_, err = e.Eval(fhirpath.Root(r), eighth)
		took := time.Since(start)
		t.Logf("%-60.60s %s %v", each, took.Round(time.Millisecond), err)
		if took > 2*time.Second {
			t.Errorf("%.60s took %s", each, took)
		}
	}
}

func TestTheCallerSetsTheSteps(t *testing.T) {
	e, err := fhirpath.Compile("item.text.count()")
	if err != nil {
		t.Fatal(err)
	}
	if items, err := e.Eval(fhirpath.Root(large(10)), &fhirpath.Env{Steps: 200}); err != nil || show(items) != "10" {
		t.Errorf("%s, %v", show(items), err)
	}
	if _, err = e.Eval(fhirpath.Root(large(1000)), &fhirpath.Env{Steps: 200}); outcome.Of(err) == nil || outcome.Of(err).Issues[0].Code != outcome.TooCostly {
		t.Errorf("200 steps were enough for 1000 items: %v", err)
	}
}

// What R4's invariants compare with each element of a large list is found once.
func TestLargeListsAreCompared(t *testing.T) {
	all := large(20000)
	for _, text := range []string{
		"item.tail().all(linkId = %resource.item.first().linkId)",
		"item.where(('x' in %resource.descendants().first().text) or linkId = 'q').count() = 20000",
		"item.select($index & linkId).isDistinct()",
		"item.all(%resource.contained.id.empty())",
	} {
		e, err := fhirpath.Compile(text)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if truth, err := e.Test(fhirpath.Root(all), nil); err != nil || truth != fhirpath.True {
				t.Errorf("%s: %d, %v", text, truth, err)
			}
		}
	}
}

func TestPath(t *testing.T) {
	pat, obs := parsed(t, patient), parsed(t, observation)
	for _, c := range []struct {
		root         *resource.Node
		expr, expect string
	}{
		{pat, "name[1].given", "Patient.name[1].given[0]"}, {pat, "gender", "Patient.gender"}, {pat, "Patient", "Patient"}, {pat, "deceased", "Patient.deceased"},
		{pat, "address.line[0]", "Patient.address[0].line[0]"}, {pat, "birthDate.extension.value", "Patient.birthDate.extension[0].value"}, {pat, "contained.name", "Patient.contained[0].name"},
		{pat, "1 + 1", ""}, {pat, "link.other.resolve()", ""}, {obs, "component[1].value", "Observation.component[1].value"}, {obs, "effective.start", "Observation.effective.start"},
	} {
		e, err := fhirpath.Compile(c.expr)
		if err != nil {
			t.Fatal(err)
		}
		items, err := e.Eval(fhirpath.Root(c.root), nil)
		if err != nil || len(items) != 1 {
			t.Fatalf("%s: %d items, %v", c.expr, len(items), err)
		}
		if got := fhirpath.Path(c.root, items[0]); got != c.expect {
			t.Errorf("%s is at %q, not %q", c.expr, got, c.expect)
		}
	}
}

func TestEnvironment(t *testing.T) {
	pat := parsed(t, patient)
	other := parsed(t, `{"resourceType":"Patient","id":"p2","gender":"female"}`)
	env := &fhirpath.Env{Resource: other, Root: pat, Resolve: func(ref string) *resource.Node {
		if ref == "Patient/p2" {
			return other
		}
		return nil
	}}
	for _, c := range [][2]string{
		{"%resource.id", "p2"}, {"%rootResource.id", "p1"}, {"%context.id", "p1"}, {"link.other.resolve().gender", "female"}, {"generalPractitioner.resolve().id", "d1"}, {"now()", ""}, {"today()", ""},
	} {
		e, err := fhirpath.Compile(c[0])
		if err != nil {
			t.Fatal(err)
		}
		items, err := e.Eval(fhirpath.Root(pat), env)
		if err != nil || show(items) != c[1] {
			t.Errorf("%s: %s, %v", c[0], show(items), err)
		}
	}
	e, _ := fhirpath.Compile("$this >= 100")
	n := resource.N("120.0")
	if got, err := e.Test(fhirpath.Element(&n, nil, spec.R4().Type("decimal")), nil); err != nil || got != fhirpath.True {
		t.Errorf("an element as input: %v, %v", got, err)
	}
}

func FuzzExpression(f *testing.F) {
	for _, group := range [][][2]string{paths, logic, functions, texts, arithmetic, temporals, conversions, fhirs} {
		for _, c := range group {
			f.Add(c[0])
		}
	}
	root := parsed(f, patient)
	before := string(root.Bytes())
	f.Fuzz(func(t *testing.T, text string) {
		e, err := fhirpath.Compile(text)
		if err != nil {
			if outcome.Of(err) == nil {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		env := &fhirpath.Env{Now: noon, Steps: 20000}
		start := time.Now()
		items, err := e.Eval(fhirpath.Root(root), env)
		if took := time.Since(start); took > 5*time.Second {
			t.Fatalf("%q took %s", text, took)
		}
		if err != nil && outcome.Of(err) == nil {
			t.Fatalf("%q: %v", text, err)
		}
		for _, it := range items {
			_ = it.Text() + it.TypeName() + fhirpath.Path(root, it)
		}
		again, err2 := e.Eval(fhirpath.Root(root), env)
		if (err == nil) != (err2 == nil) || show(items) != show(again) {
			t.Fatalf("%q differs the second time: %s, %s", text, show(items), show(again))
		}
		if string(root.Bytes()) != before {
			t.Fatalf("%q changed what it looked at", text)
		}
	})
}

func BenchmarkInvariant(b *testing.B) {
	obs := parsed(b, observation)
	for _, text := range []string{
		"dataAbsentReason.empty() or value.empty()",
		"value.empty() or component.code.where(coding.intersect(%resource.code.coding).exists()).empty()",
		"contained.meta.versionId.empty() and contained.meta.lastUpdated.empty()",
		"hasValue() or (children().count() > id.count())",
		"code.coding.where(system = 'http://loinc.org').code",
		"Observation.component.value.ofType(Quantity)",
		"referenceRange.all(low.empty() or high.empty() or (low <= high))",
	} {
		e, err := fhirpath.Compile(text)
		if err != nil {
			b.Fatal(err)
		}
		root := fhirpath.Root(obs)
		b.Run(text, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := e.Test(root, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
