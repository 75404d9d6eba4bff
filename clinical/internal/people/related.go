package people

import (
	"context"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
)

// What is in the records of somebody who acts for a patient: a RelatedPerson who they are, and a Consent by
// what. Both are made with the invitation, and are active from the moment on that it is accepted.

// AuthoritySystem is the system of the identifier of what a clinician wrote down of a legal ground.
const AuthoritySystem = "urn:mitral:authority"

const terminology = "http://terminology.hl7.org/CodeSystem/"

func coded(system, code string) resource.Node {
	return resource.O(resource.M("coding", resource.A(resource.O(resource.M("system", resource.S(system)), resource.M("code", resource.S(code))))))
}

func pointer(to string) resource.Node {
	return resource.O(resource.M("reference", resource.S(to)))
}

// sign writes both, and returns their ids.
func (c *Caring) sign(ctx context.Context, t *records.Tx, patient string) (person, consent string, err error) {
	o, m, s, a := resource.O, resource.M, resource.S, resource.A
	identified := func(system string) resource.Node {
		return m("identifier", a(o(m("system", s(system)), m("value", s(t.NewID())))))
	}
	acts, says := access.ActsSystem, access.ConsentSystem
	if c.Ground != OwnConsent {
		acts, says = AuthoritySystem, AuthoritySystem
	}
	relation := a(coded(terminology+"v3-RoleCode", c.Relation))
	switch c.Ground {
	case Guardian:
		relation.Kids = append(relation.Kids, coded(terminology+"v3-RoleCode", "GUARD"))
	case Attorney:
		relation.Kids = append(relation.Kids, coded(terminology+"v3-RoleCode", "POWATT"))
	}
	who := o(m("resourceType", s("RelatedPerson")), identified(acts), m("active", resource.B(false)), m("patient", pointer("Patient/"+patient)),
		m("relationship", relation), m("name", a(o(m("text", s(c.Name))))))
	made, err := t.Create(ctx, &who)
	if err != nil {
		return "", "", err
	}
	person = made.ID
	performer := "Patient/" + patient
	if c.Ground != OwnConsent {
		performer = "RelatedPerson/" + person
	}
	rule := coded(terminology+"v3-ActCode", "OPTIN")
	if c.Paper != "" {
		rule.Kids = append(rule.Kids, m("text", s(c.Paper)))
	}
	provision := o(m("type", s("permit")))
	if !c.Until.IsZero() {
		provision.Kids = append(provision.Kids, m("period", o(m("end", s(instant(c.Until))))))
	}
	provision.Kids = append(provision.Kids,
		m("actor", a(o(m("role", coded(terminology+"v3-RoleCode", "DELEGATEE")), m("reference", pointer("RelatedPerson/"+person))))),
		m("purpose", a(o(m("system", s(terminology+"v3-ActReason")), m("code", s(string(access.PatientRequest)))))))
	says0 := o(m("resourceType", s("Consent")), identified(says), m("status", s("proposed")),
		m("scope", coded(terminology+"consentscope", "patient-privacy")), m("category", a(coded("http://loinc.org", "59284-0"))),
		m("patient", pointer("Patient/"+patient)), m("dateTime", s(instant(t.Now()))), m("performer", a(pointer(performer))),
		m("policyRule", rule), m("provision", provision))
	made, err = t.Create(ctx, &says0)
	return person, made.ID, err
}

func instant(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

// period writes into a RelatedPerson or a Consent that it begins or ends.
func period(n *resource.Node, now time.Time, begins bool) {
	if n.Type() == "Consent" {
		status := "inactive"
		if begins {
			status = "active"
		}
		n.Set("status", resource.S(status))
		return
	}
	n.Set("active", resource.B(begins))
	span := resource.O()
	if old := n.Get("period"); old != nil {
		span = *old
	}
	if begins {
		span.Set("start", resource.S(instant(now)))
	} else {
		span.Set("end", resource.S(instant(now)))
	}
	n.Set("period", span)
}
