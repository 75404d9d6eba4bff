package alerts

import (
	"strconv"
	"strings"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/thresholds"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
)

// Names of ours in what is written.
const (
	StatusSystem = "urn:mitral:alert"      // meta.tag: the Status
	RuleSystem   = "urn:mitral:alert-rule" // DetectedIssue.code: the rule's id
	actSystem    = "urn:mitral:alert-act"  // mitigation.action: what was done
	firstURL     = "urn:mitral:alert-first"
	latestURL    = "urn:mitral:alert-latest"
	worstURL     = "urn:mitral:alert-worst"
	repeatsURL   = "urn:mitral:alert-repeats"
	stepURL      = "urn:mitral:alert-step"
	ucum         = "http://unitsofmeasure.org"
)

// extensions gathers extensions; each method leaves out what says nothing.
type extensions struct {
	list []resource.Node
	unit *vitals.Unit
}

func (x *extensions) add(url, kind string, v resource.Node) {
	x.list = append(x.list, resource.O(resource.M("url", resource.S(url)), resource.M("value"+kind, v)))
}

func (x *extensions) text(url, kind, v string) {
	if v != "" {
		x.add(url, kind, resource.S(v))
	}
}

func (x *extensions) count(url string, n int) {
	if n != 0 {
		x.add(url, "Integer", resource.N(strconv.Itoa(n)))
	}
}

func (x *extensions) time(url string, t time.Time) {
	if !t.IsZero() {
		x.add(url, "Instant", resource.S(stamp(t)))
	}
}

func (x *extensions) amount(url string, a vitals.Amount) {
	x.add(url, "Quantity", resource.O(resource.M("value", resource.N(a.String())), resource.M("unit", resource.S(x.unit.Symbol)),
		resource.M("system", resource.S(ucum)), resource.M("code", resource.S(x.unit.Code))))
}

func (x *extensions) nest(url string, inner []resource.Node) {
	x.list = append(x.list, resource.O(resource.M("url", resource.S(url)), resource.M("extension", resource.A(inner...))))
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// Encode writes an alert as a DetectedIssue.
func Encode(a *Alert) resource.Node {
	o, m, s, list := resource.O, resource.M, resource.S, resource.A
	n := o(m("resourceType", s("DetectedIssue")))
	if a.ID != "" {
		n.Set("id", s(a.ID))
	}
	n.Set("meta", o(m("tag", list(o(m("system", s(StatusSystem)), m("code", s(string(a.Status))))))))
	x := extensions{unit: vitals.Of(a.First.Measure).Canonical()}
	x.nest(firstURL, encode(&a.First))
	if a.Repeats > 0 {
		x.nest(latestURL, encode(&a.Latest))
		x.count(repeatsURL, a.Repeats)
	}
	x.amount(worstURL, a.Worst)
	n.Set("extension", list(x.list...))
	n.Set("status", s(a.status()))
	n.Set("code", o(m("coding", list(o(m("system", s(RuleSystem)), m("code", s(a.First.Rule)))))))
	n.Set("severity", s(map[thresholds.Severity]string{thresholds.Urgent: "high", thresholds.Attention: "moderate", thresholds.Info: "low"}[a.First.Severity]))
	n.Set("patient", o(m("reference", s("Patient/"+a.Patient))))
	n.Set("identifiedDateTime", s(stamp(a.Steps[0].At)))
	if refs := a.evidence(); len(refs) > 0 {
		n.Set("evidence", list(o(m("detail", list(refs...)))))
	}
	steps := list()
	for i := range a.Steps {
		steps.Kids = append(steps.Kids, act(&a.Steps[i]))
	}
	n.Set("mitigation", steps)
	return n
}

func (a *Alert) status() string {
	switch {
	case a.Steps[len(a.Steps)-1].Do == Withdraw:
		return "entered-in-error"
	case a.Status == Decided || a.Status == Closed:
		return "final"
	}
	return "preliminary"
}

func (a *Alert) evidence() []resource.Node {
	var refs []resource.Node
	for _, ref := range []string{a.First.Ref, a.Latest.Ref} {
		if ref != "" && (len(refs) == 0 || a.First.Ref != ref) {
			refs = append(refs, resource.O(resource.M("reference", resource.S(ref))))
		}
	}
	return refs
}

// act writes a step. An act of the program has no author.
func act(p *Step) resource.Node {
	o, m, s := resource.O, resource.M, resource.S
	x := extensions{}
	x.text("action", "Code", string(p.Action))
	x.text("result", "String", p.Result)
	x.text("to", "String", p.To)
	x.time("until", p.Until)
	by := strings.HasPrefix(p.By, "Practitioner/") || strings.HasPrefix(p.By, "PractitionerRole/")
	if !by && p.By != System {
		x.text("by", "String", p.By)
	}
	n := o()
	if len(x.list) > 0 {
		n.Set("extension", resource.A(o(m("url", s(stepURL)), m("extension", resource.A(x.list...)))))
	}
	action := o(m("coding", resource.A(o(m("system", s(actSystem)), m("code", s(string(p.Do)))))))
	if p.Reason != "" {
		action.Set("text", s(p.Reason))
	}
	n.Set("action", action)
	n.Set("date", s(stamp(p.At)))
	if by {
		n.Set("author", o(m("reference", s(p.By))))
	}
	return n
}

func encode(f *Finding) []resource.Node {
	x := extensions{unit: vitals.Of(f.Measure).Canonical()}
	x.text("rule", "Id", f.Rule)
	x.count("version", f.Version)
	x.text("kind", "Code", string(f.Kind))
	x.text("severity", "Code", string(f.Severity))
	x.text("measure", "Code", string(f.Measure))
	if f.Limit.Op != "" {
		x.count("part", int(f.Limit.Part))
		x.text("is", "Code", string(f.Limit.Op))
		x.amount("than", f.Limit.Value)
		x.amount("value", f.Value)
		x.amount("over", f.Over)
	}
	for i, url := range []string{"first", "second"} {
		if f.Has[i] {
			x.amount(url, f.Both[i])
		}
	}
	x.text("reading", "String", f.Reading)
	x.text("ref", "String", f.Ref)
	x.time("at", f.At)
	x.time("since", f.Since)
	x.count("row", f.Row)
	if t := f.Trend; t != (Trend{}) {
		x.text("trend", "Code", string(t.Direction))
		x.amount("from", t.From)
		x.amount("to", t.To)
		x.count("days", t.Days)
		x.count("readings", t.Readings)
	}
	return x.list
}
