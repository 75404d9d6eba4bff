package access

// verdict is what the table says for one kind of principal, one group of types, one interaction.
type verdict uint8

const (
	no  verdict = iota
	own         // within the patient's compartment
	yes
)

// group is a set of resource types that one rule is about.
type group uint8

const (
	record  group = iota // about somebody: every type that is in no other group
	told                 // about somebody, and theirs to tell
	consent              // Consent: what somebody allows
	related              // RelatedPerson: who acts for somebody
	crowd                // about many people at once, whom its members are not told of: Group
	shared               // about nobody: who works here, what things mean
	audit                // AuditEvent
	binary               // Binary: in no compartment, found by no search
	whole                // history-system asks about no type
)

// sharedTypes are about nobody in particular. A type that is not here is treated as somebody's record.
var sharedTypes = map[string]bool{
	"ActivityDefinition": true, "CapabilityStatement": true, "ChargeItemDefinition": true, "CodeSystem": true,
	"CompartmentDefinition": true, "ConceptMap": true, "Endpoint": true, "EventDefinition": true, "Evidence": true,
	"EvidenceVariable": true, "ExampleScenario": true, "GraphDefinition": true, "HealthcareService": true,
	"ImplementationGuide": true, "InsurancePlan": true, "Library": true, "Location": true, "Measure": true,
	"Medication": true, "MedicationKnowledge": true, "MessageDefinition": true, "NamingSystem": true,
	"ObservationDefinition": true, "OperationDefinition": true, "Organization": true, "OrganizationAffiliation": true,
	"PlanDefinition": true, "Practitioner": true, "PractitionerRole": true, "Questionnaire": true,
	"ResearchDefinition": true, "ResearchElementDefinition": true, "ResearchStudy": true, "Schedule": true,
	"SearchParameter": true, "Slot": true, "SpecimenDefinition": true, "StructureDefinition": true,
	"StructureMap": true, "Substance": true, "TerminologyCapabilities": true, "ValueSet": true,
}

// toldTypes are what a patient may add to their own record.
var toldTypes = map[string]bool{
	"Communication": true, "DocumentReference": true, "Media": true, "MedicationStatement": true,
	"Observation": true, "QuestionnaireResponse": true,
}

func groupOf(resourceType string) group {
	switch {
	case resourceType == "":
		return whole
	case resourceType == "AuditEvent":
		return audit
	case resourceType == "Binary":
		return binary
	case sharedTypes[resourceType]:
		return shared
	case toldTypes[resourceType]:
		return told
	case resourceType == "Consent":
		return consent
	case resourceType == "RelatedPerson":
		return related
	case resourceType == "Group":
		return crowd
	}
	return record
}

// rule is what one kind may do with one group.
type rule map[Interaction]verdict

func (r rule) of(do Interaction) verdict { return r[do] }

// every gives all the interactions the same verdict.
func every(v verdict, dos ...Interaction) rule {
	r := rule{}
	for _, do := range dos {
		r[do] = v
	}
	return r
}

func (r rule) and(more rule) rule {
	for do, v := range more {
		r[do] = v
	}
	return r
}

// people is the table for everybody but systems. What is absent is denied.
//
// Nobody changes or deletes an AuditEvent, and only the privacy officer reads one. A patient adds to
// their record and does not change what is there: they do so through the product, not through the wire. What
// they said themselves of consents and of who acts for them (signs) they change, too. Whoever acts for a patient adds like them,
// and learns nothing of their consents.
var people = map[Kind]map[group]rule{
	Patient: {
		record:  every(own, Read, Vread, HistoryInstance, Search, Operation),
		told:    every(own, Read, Vread, HistoryInstance, Search, Operation, Create),
		consent: every(own, Read, Vread, HistoryInstance, Search, Operation, Create, Update),
		related: every(own, Read, Vread, HistoryInstance, Search, Operation, Create, Update),
		shared:  every(yes, Read, Search, Operation),
	},
	Caregiver: {
		record:  every(own, Read, Vread, HistoryInstance, Search, Operation),
		told:    every(own, Read, Vread, HistoryInstance, Search, Operation, Create),
		related: every(own, Read, Vread, HistoryInstance, Search, Operation),
		shared:  every(yes, Read, Search, Operation),
	},
	Clinician: {
		record:  every(yes, Read, Vread, HistoryInstance, Search, Create, Update, Patch, Operation),
		told:    every(yes, Read, Vread, HistoryInstance, Search, Create, Update, Patch, Operation),
		consent: every(yes, Read, Vread, HistoryInstance, Search, Create, Update, Patch, Operation),
		related: every(yes, Read, Vread, HistoryInstance, Search, Create, Update, Patch, Operation),
		crowd:   every(yes, Read, Vread, HistoryInstance, Search, Create, Update, Patch, Operation),
		shared:  every(yes, Read, Vread, HistoryInstance, Search, Operation),
		binary:  every(yes, Read, Vread, Create, Operation),
	},
	PrivacyOfficer: {
		audit:  every(yes, Read, Vread, HistoryInstance, Search),
		shared: every(yes, Read, Search),
	},
	Administrator: {
		shared: every(yes, Read, Vread, HistoryInstance, HistoryType, Search, Create, Update, Patch, Delete, Operation),
	},
}

// The systems of the identifiers of what patients sign themselves: what they allow, and who acts for them.
const (
	ConsentSystem = "urn:mitral:consent"
	ActsSystem    = "urn:mitral:acts-for"
)

// signs is what a record must say for this change of it, "" if nothing: a patient changes what is of their own making
// and no other consent, such as one that they signed on paper.
func signs(k Kind, g group, do Interaction) string {
	switch {
	case k != Patient || do != Create && do != Update:
		return ""
	case g == consent:
		return "identifier=" + ConsentSystem + "|"
	case g == related:
		return "identifier=" + ActsSystem + "|"
	}
	return ""
}

// machine bounds what scopes can grant a system: without a scope that says so, nothing. The audit trail
// is searched only by one whose scopes name AuditEvent; one that may do everything can bring entries of its own
// and read what it knows the id of. An Update there makes what is new and changes nothing: records sees to that.
var machine = map[group]rule{
	record:  every(yes, Interactions()...).and(rule{HistorySystem: no}),
	told:    every(yes, Interactions()...).and(rule{HistorySystem: no}),
	consent: every(yes, Interactions()...).and(rule{HistorySystem: no}),
	related: every(yes, Interactions()...).and(rule{HistorySystem: no}),
	crowd:   every(yes, Interactions()...).and(rule{HistorySystem: no}),
	shared:  every(yes, Interactions()...).and(rule{HistorySystem: no}),
	binary:  every(yes, Read, Vread, HistoryInstance, HistoryType, Create, Update, Delete, Operation),
	audit:   every(yes, Read, Vread, HistoryInstance, Search, Create, Update),
	whole:   every(yes, HistorySystem),
}

// purposes are what each kind can say it asks for.
var purposes = map[Kind]map[Purpose]bool{
	System:         {Treatment: true, Emergency: true, PatientRequest: true, Operations: true, SystemAdmin: true},
	Patient:        {PatientRequest: true},
	Caregiver:      {PatientRequest: true},
	Clinician:      {Treatment: true, Emergency: true, Operations: true},
	PrivacyOfficer: {Operations: true},
	Administrator:  {SystemAdmin: true, Operations: true},
}

// contextOf says scopes of which context count for a token of each kind.
var contextOf = map[Kind]map[string]bool{
	System:         {ofSystem: true},
	Patient:        {ofPatient: true, ofUser: true},
	Caregiver:      {ofPatient: true, ofUser: true},
	Clinician:      {ofPatient: true, ofUser: true},
	PrivacyOfficer: {ofUser: true},
	Administrator:  {ofUser: true},
}
