package thresholds

import (
	"strconv"
	"strings"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
)

// Names of ours in what is written. To find a patient's thresholds: Basic?patient=P&code=System|Record.
const (
	System  = "urn:mitral:record"     // of Basic.code
	Record  = "monitoring-thresholds" // its code
	ruleURL = "urn:mitral:threshold"
	versURL = "urn:mitral:threshold-version"
	timeURL = "urn:mitral:threshold-since"
	condURL = "urn:mitral:threshold-condition"
	loinc   = "http://loinc.org"
	ucum    = "http://unitsofmeasure.org"
)

var (
	o = resource.O
	m = resource.M
	s = resource.S
	a = resource.A
)

// Encode writes a set as a Basic. It refuses what Check refuses.
func Encode(set *Set) (resource.Node, error) {
	if err := set.Check(); err != nil {
		return resource.Node{}, err
	}
	n := o(m("resourceType", s("Basic")))
	if set.ID != "" {
		n.Set("id", s(set.ID))
	}
	list := a(
		o(m("url", s(versURL)), m("valuePositiveInt", resource.N(strconv.Itoa(max(set.Version, 1))))),
		o(m("url", s(timeURL)), m("valueInstant", s(set.Since.UTC().Format(time.RFC3339Nano)))),
	)
	for _, c := range set.Conditions {
		list.Kids = append(list.Kids, o(m("url", s(condURL)), m("valueCode", s(string(c)))))
	}
	for i := range set.Rules {
		list.Kids = append(list.Kids, encode(&set.Rules[i]))
	}
	n.Set("extension", list)
	n.Set("code", o(m("coding", a(o(m("system", s(System)), m("code", s(Record)))))))
	n.Set("subject", o(m("reference", s("Patient/"+set.Patient))))
	n.Set("created", s(set.Since.UTC().Format(time.DateOnly)))
	if set.Author != "" {
		n.Set("author", o(m("reference", s(set.Author))))
	}
	return n, nil
}

func encode(r *Rule) resource.Node {
	list := a()
	put := func(url, kind string, v resource.Node) {
		list.Kids = append(list.Kids, o(m("url", s(url)), m("value"+kind, v)))
	}
	count := func(url string, n int) {
		if n != 0 {
			put(url, "PositiveInt", resource.N(strconv.Itoa(n)))
		}
	}
	put("id", "Id", s(r.ID))
	put("measure", "Code", s(string(r.Measure)))
	put("kind", "Code", s(string(r.Kind)))
	put("severity", "Code", s(string(r.Severity)))
	d := vitals.Of(r.Measure)
	for _, l := range r.Limits {
		u := d.Canonical()
		list.Kids = append(list.Kids, o(m("url", s("limit")), m("extension", a(
			o(m("url", s("of")), m("valueCoding", o(m("system", s(loinc)), m("code", s(d.Parts[l.Part].Code.Code))))),
			o(m("url", s("is")), m("valueCode", s(string(l.Op)))),
			o(m("url", s("than")), m("valueQuantity", o(m("value", resource.N(l.Value.String())), m("unit", s(u.Symbol)), m("system", s(ucum)), m("code", s(u.Code))))),
		))))
	}
	count("days", r.Days)
	count("count", r.Count)
	count("base", r.Base)
	if r.Source != "" {
		put("source", "Code", s(r.Source))
	}
	if r.Reason != "" {
		put("reason", "String", s(r.Reason))
	}
	return o(m("url", s(ruleURL)), m("extension", list))
}

// Decode reads what Encode wrote. It refuses anything else with a *Fault.
func Decode(n *resource.Node) (*Set, error) {
	code := n.Path("code", "coding")
	if n.Type() != "Basic" || code.At(0).Get("system").Str() != System || code.At(0).Get("code").Str() != Record {
		return nil, &Fault{NotASet, ""}
	}
	set := &Set{ID: n.ID(), Author: n.Path("author", "reference").Str()}
	patient, ok := strings.CutPrefix(n.Path("subject", "reference").Str(), "Patient/")
	if !ok {
		return nil, &Fault{NotASet, ""}
	}
	set.Patient = patient
	for i := range n.Get("extension").Each() {
		x := n.Get("extension").At(i)
		switch x.Get("url").Str() {
		case versURL:
			set.Version = number(x.Get("valuePositiveInt"))
		case timeURL:
			at, err := time.Parse(time.RFC3339Nano, x.Get("valueInstant").Str())
			if err != nil {
				return nil, &Fault{NotASet, ""}
			}
			set.Since = at.UTC()
		case condURL:
			set.Conditions = append(set.Conditions, Condition(x.Get("valueCode").Str()))
		case ruleURL:
			r, code := decode(x)
			if code != "" {
				return nil, &Fault{code, r.ID}
			}
			set.Rules = append(set.Rules, r)
		}
	}
	if set.Version < 1 || set.Since.IsZero() {
		return nil, &Fault{NotASet, ""}
	}
	if err := set.Check(); err != nil {
		return nil, err
	}
	return set, nil
}

func decode(x *resource.Node) (r Rule, wrong Code) {
	for i := range x.Get("extension").Each() {
		e := x.Get("extension").At(i)
		switch code := e.Get("valueCode").Str(); e.Get("url").Str() {
		case "id":
			r.ID = e.Get("valueId").Str()
		case "measure":
			r.Measure = vitals.Measure(code)
		case "kind":
			r.Kind = Kind(code)
		case "severity":
			r.Severity = Severity(code)
		case "days":
			r.Days = number(e.Get("valuePositiveInt"))
		case "count":
			r.Count = number(e.Get("valuePositiveInt"))
		case "base":
			r.Base = number(e.Get("valuePositiveInt"))
		case "source":
			r.Source = code
		case "reason":
			r.Reason = e.Get("valueString").Str()
		case "limit":
			l, ok := limitOf(e, vitals.Of(r.Measure))
			if !ok {
				return r, NoLimit
			}
			r.Limits = append(r.Limits, l)
		default:
			return r, NoKind // a rule is understood whole or not at all
		}
	}
	return r, ""
}

func limitOf(e *resource.Node, d *vitals.Definition) (l Limit, ok bool) {
	if d == nil {
		return l, false
	}
	var part, value bool
	for i := range e.Get("extension").Each() {
		x := e.Get("extension").At(i)
		switch x.Get("url").Str() {
		case "of":
			for p := range d.Parts {
				if d.Parts[p].Code.Code == x.Path("valueCoding", "code").Str() {
					l.Part, part = vitals.Part(p), true
				}
			}
		case "is":
			l.Op = Op(x.Get("valueCode").Str())
		case "than":
			if q := x.Get("valueQuantity"); q.Get("code").Str() == d.Canonical().Code && q.Get("value") != nil {
				l.Value, value = vitals.ParseAmount(q.Get("value").Text)
			}
		}
	}
	return l, part && value
}

func number(n *resource.Node) int {
	if n == nil {
		return 0
	}
	v, err := strconv.Atoi(n.Text)
	if err != nil {
		return -1
	}
	return v
}
