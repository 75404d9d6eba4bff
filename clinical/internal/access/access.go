// Package access decides who may do what in the private chamber. It is one table (table.go) and the
// scopes of a token; what neither names is denied. It may import spec, reaches for nothing, and says
// yes or no about a type: that a record lies within the decision is records' to check.
package access

// Kind is what somebody is in the private chamber.
type Kind string

// The kinds of principal. Anything else is nobody, and may do nothing.
const (
	System         Kind = "system"          // a program with a token of its own; its scopes say what it may do
	Patient        Kind = "patient"         // a person, within their own compartment
	Caregiver      Kind = "caregiver"       // somebody whom a patient lets in, within the patient's compartment
	Clinician      Kind = "clinician"       // a member of the care team
	PrivacyOfficer Kind = "privacy-officer" // reads the audit trail
	Administrator  Kind = "administrator"   // keeps what is about nobody: organisations, definitions, value sets
)

// Who is somebody who asks.
type Who struct {
	Kind    Kind
	ID      string // subject in this chamber, or the client's id
	Name    string // for the audit trail
	Patient string // logical id of the Patient that they are confined to; needed by patients and caregivers
	Scopes  Scopes // of a token; nil for a person's own session. A token can only take away, but for a system
	Outside bool   // a program of others: it sees nothing of patients who don't share (Decision.Shared)
}

// Purpose is why somebody asks: a code of http://terminology.hl7.org/CodeSystem/v3-ActReason.
type Purpose string

// The purposes in use.
const (
	Treatment      Purpose = "TREAT"
	Emergency      Purpose = "ETREAT"
	PatientRequest Purpose = "PATRQT"
	Operations     Purpose = "HOPERAT"
	SystemAdmin    Purpose = "HSYSADMIN"
)

// Interaction is one of FHIR's interactions, with its name in CapabilityStatement.
type Interaction string

// The interactions.
const (
	Read            Interaction = "read"
	Vread           Interaction = "vread"
	HistoryInstance Interaction = "history-instance"
	Search          Interaction = "search-type"
	HistoryType     Interaction = "history-type"
	HistorySystem   Interaction = "history-system"
	Create          Interaction = "create"
	Update          Interaction = "update"
	Patch           Interaction = "patch"
	Delete          Interaction = "delete"
	Operation       Interaction = "operation" // $validate and the like; what it reads or writes is decided by itself
)

// Interactions are all of them.
func Interactions() []Interaction {
	return []Interaction{Read, Vread, HistoryInstance, Search, HistoryType, HistorySystem, Create, Update, Patch, Delete, Operation}
}

// Decision is what Decide says.
type Decision struct {
	Allow   bool
	Patient string   // the record must be of this Patient's compartment; "" is not confined
	Where   []string // one of these searches ("category=…") must find the record; none asks for nothing
	Shared  bool     // the record must be of nobody who keeps theirs from programs of others
	Why     string   // for the audit trail
}

func deny(why string) Decision { return Decision{Why: why} }

// Decide says whether w may, for purpose p, do this to resources of this type. The type is "" for
// history-system only.
func Decide(w Who, p Purpose, do Interaction, resourceType string) Decision {
	if !purposes[w.Kind][p] {
		return deny("purpose")
	}
	g := groupOf(resourceType)
	if (resourceType == "") != (do == HistorySystem) {
		return deny("type")
	}
	v := no
	if w.Kind == System {
		v = machine[g].of(do)
	} else {
		v = people[w.Kind][g].of(do)
	}
	if v == no {
		return deny("policy")
	}
	d := Decision{Allow: true, Why: "policy"}
	if v == own {
		if w.Patient == "" {
			return deny("no patient")
		}
		d.Patient = w.Patient
	}
	d.Shared = w.Outside && do != Create // what others send arrives; they don't read it again
	if signed := signs(w.Kind, g, do); signed != "" {
		if w.Scopes != nil {
			return deny("policy") // in the product, not through the wire
		}
		d.Where = []string{signed}
	}
	if w.Scopes == nil {
		if w.Kind == System {
			return deny("no scopes")
		}
		return d
	}
	return w.Scopes.narrow(d, w, do, resourceType, g)
}

// narrow takes from d what no scope of the token grants.
func (s Scopes) narrow(d Decision, w Who, do Interaction, resourceType string, g group) Decision {
	confined, open, any := false, false, false
	var where []string
	for _, one := range s {
		if !one.grants(do, resourceType, g == audit) || !contextOf[w.Kind][one.Context] {
			continue
		}
		if one.Context == ofPatient && d.Patient == "" && g != shared {
			if w.Patient == "" {
				continue
			}
			confined = true
		} else {
			open = true
		}
		if one.Query == "" {
			any = true
		} else {
			where = append(where, one.Query)
		}
	}
	if !any && where == nil {
		return deny("scope")
	}
	if confined {
		if open { // a patient/ scope beside a user/ scope: the narrower holds
			return s.only(ofPatient).narrow(d, w, do, resourceType, g)
		}
		d.Patient = w.Patient
	}
	if !any {
		d.Where = where
	}
	return d
}

func (s Scopes) only(context string) Scopes {
	out := Scopes{}
	for _, one := range s {
		if one.Context == context {
			out = append(out, one)
		}
	}
	return out
}

// Default is the purpose of somebody who names none; "" of nobody.
func Default(k Kind) Purpose {
	switch k {
	case Patient, Caregiver:
		return PatientRequest
	case Clinician:
		return Treatment
	case System, PrivacyOfficer:
		return Operations
	case Administrator:
		return SystemAdmin
	}
	return ""
}
