package records

import (
	"encoding/base64"
	"slices"
	"strings"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/search"
)

// event is what becomes one AuditEvent (http://hl7.org/fhir/R4/auditevent.html): who did what to
// which record of whom, why, and whether they could. It holds ids and, of a search, the query.
type event struct {
	ask      *Ask // who did it
	do       access.Interaction
	name     string   // of an operation
	typ, id  string   // what it was done to; id may be ""
	types    []string // of a page that shows several
	patients []string // whose records were shown or changed
	page     string   // and how it is called
	query    string
	written  []string // what a set of writes made
	outcome  string   // "0" is success, "4" that nothing was found or allowed
	why      string
}

const (
	success = "0"
	failure = "4"
)

// maxNamed is how many patients one AuditEvent names; a search that shows more has several.
const maxNamed = 20

func (t *Tx) note(e event) {
	e.ask = &t.ask
	if e.outcome == "" {
		e.outcome = success
	}
	for len(e.patients) > maxNamed {
		part := e
		part.patients = e.patients[:maxNamed]
		t.events = append(t.events, part)
		e.patients = e.patients[maxNamed:]
	}
	t.events = append(t.events, e)
}

// refused notes a refusal. That there is such a record and that there is none look alike.
func (t *Tx) refused(do access.Interaction, typ, id string) {
	t.note(event{do: do, typ: typ, id: id, outcome: failure})
}

// settle turns the events into rows. instead says why writes came to nothing, if they did.
func (t *Tx) settle(instead string) {
	for i := range t.events {
		e := &t.events[i]
		if instead != "" && e.outcome == success && writes(e.do) {
			e.outcome, e.why = failure, instead
		}
		n := e.node(t)
		m := t.make("AuditEvent", newID(t.now), "POST", 1, t.now, &n)
		m.own = true
		res := t.insert(m)
		if e.ask.Who.Kind == access.Clinician && e.outcome == success {
			for _, p := range e.of() {
				t.late.added = append(t.late.added, key{search.Looked(p), res})
			}
		}
	}
}

// of are the patients whom the event names.
func (e *event) of() []string {
	if e.typ == "Patient" && e.id != "" && !slices.Contains(e.patients, e.id) {
		return append([]string{e.id}, e.patients...)
	}
	return e.patients
}

func writes(do access.Interaction) bool {
	switch do {
	case access.Create, access.Update, access.Patch, access.Delete:
		return true
	}
	return false
}

var actions = map[access.Interaction]string{
	access.Create: "C", access.Update: "U", access.Patch: "U", access.Delete: "D",
	access.Search: "E", access.Operation: "E",
}

func (e *event) node(t *Tx) resource.Node {
	s, o, m, a := resource.S, resource.O, resource.M, resource.A
	coding := func(system, code string) resource.Node {
		return o(m("system", s(system)), m("code", s(code)))
	}
	action := actions[e.do]
	if action == "" {
		action = "R"
	}
	sub := coding("http://hl7.org/fhir/restful-interaction", string(e.do))
	if e.name != "" {
		sub = o(m("system", s("urn:mitral:operation")), m("code", s(e.name)))
	}
	who := e.ask.Who
	agent := o(m("role", a(o(m("text", s(string(who.Kind)))))))
	if who.Kind == access.Patient && who.Patient != "" {
		agent.Kids = append(agent.Kids, m("who", reference("Patient", who.Patient)))
	}
	if who.ID != "" {
		agent.Kids = append(agent.Kids, m("altId", s(who.ID)))
	}
	if who.Name != "" {
		agent.Kids = append(agent.Kids, m("name", s(who.Name)))
	}
	agent.Kids = append(agent.Kids, m("requestor", resource.B(true)))

	n := o(m("resourceType", s("AuditEvent")),
		m("type", coding("http://terminology.hl7.org/CodeSystem/audit-event-type", "rest")),
		m("subtype", a(sub)),
		m("action", s(action)),
		m("recorded", s(instant(t.now))),
		m("outcome", s(e.outcome)))
	if e.why != "" {
		n.Kids = append(n.Kids, m("outcomeDesc", s(e.why)))
	}
	if e.ask.Purpose != "" {
		n.Kids = append(n.Kids, m("purposeOfEvent", a(o(m("coding", a(coding("http://terminology.hl7.org/CodeSystem/v3-ActReason", string(e.ask.Purpose))))))))
	}
	n.Kids = append(n.Kids, m("agent", a(agent)), m("source", o(m("observer", o(m("display", s("Mitral")))))))

	var what []resource.Node
	if e.typ != "" || e.query != "" || e.name != "" {
		one := o()
		if e.typ != "" && e.id != "" {
			one.Kids = append(one.Kids, m("what", reference(e.typ, e.id)))
		} else if e.typ != "" {
			one.Kids = append(one.Kids, m("what", o(m("type", s(e.typ)))))
		}
		if e.query != "" {
			one.Kids = append(one.Kids, m("query", s(base64.StdEncoding.EncodeToString([]byte(e.query)))))
		}
		one.Kids = append(one.Kids, e.details()...)
		what = append(what, one)
	}
	for i, typ := range e.types {
		one := o(m("what", o(m("type", s(typ)))))
		if i == 0 {
			one.Kids = append(one.Kids, e.details()...)
		}
		what = append(what, one)
	}
	for _, p := range e.patients {
		if e.typ == "Patient" && e.id == p {
			continue
		}
		what = append(what, o(m("what", reference("Patient", p))))
	}
	if what != nil {
		n.Kids = append(n.Kids, m("entity", a(what...)))
	}
	return n
}

// details are the request's id and what was written.
func (e *event) details() []resource.Node {
	var all []resource.Node
	add := func(kind, value string) {
		if value != "" {
			all = append(all, resource.O(resource.M("type", resource.S(kind)), resource.M("valueString", resource.S(value))))
		}
	}
	add("page", e.page)
	add("request", e.ask.Request)
	add("written", strings.Join(e.written, " "))
	if all == nil {
		return nil
	}
	return []resource.Node{resource.M("detail", resource.A(all...))}
}

func reference(typ, id string) resource.Node {
	return resource.O(resource.M("reference", resource.S(typ+"/"+id)))
}

// Note writes an AuditEvent for what is done without a method of Tx: an operation, a sign-in. typ and
// id are what it is done to and may be "". why is "" if it succeeded.
func (t *Tx) Note(do access.Interaction, name, typ, id, why string) {
	e := event{do: do, name: name, typ: typ, id: id, why: why}
	if why != "" {
		e.outcome = failure
	}
	if typ == "Patient" && id != "" {
		e.patients = []string{id}
	}
	t.note(e)
}
