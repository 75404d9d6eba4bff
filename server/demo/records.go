package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/mitral-health/mitral/server/demo/people"
)

type object = map[string]any

func coded(system, code, display string) object {
	return object{"coding": []any{object{"system": system, "code": code, "display": display}}, "text": display}
}

func quantity(value float64, unit, code string) object {
	return object{"value": value, "unit": unit, "system": "http://unitsofmeasure.org", "code": code}
}

func refer(to string) object { return object{"reference": to} }

// ledger gathers resources as the entries of a transaction.
type ledger []any

func (l *ledger) add(typ, id string, fields object) {
	fields["resourceType"], fields["id"] = typ, id
	// What a reader of these records must never take for a person's.
	fields["meta"] = object{"security": []any{object{"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST", "display": "test health data"}}}
	*l = append(*l, object{"resource": fields, "request": object{"method": "PUT", "url": typ + "/" + id}})
}

// records stores the centre, its clinicians and its patients: who they are and what they have.
func (b *builder) records(ctx context.Context) error {
	b.clock.Set(b.today.Add(-before))
	var l ledger
	l.add("Organization", "orlena", object{"name": "Orlena Health Centre", "active": true})
	for _, p := range b.Profiles {
		if p.Kind != "clinician" {
			continue
		}
		name := strings.TrimPrefix(p.Name, "Dr ")
		given, family, _ := strings.Cut(name, " ")
		l.add("Practitioner", p.Handle, object{"active": true, "name": []any{object{"text": p.Name, "given": []any{given}, "family": family}}})
		l.add("PractitionerRole", p.Handle, object{"active": true, "practitioner": object{"reference": "Practitioner/" + p.Handle, "display": p.Name},
			"organization": refer("Organization/orlena"), "code": []any{object{"text": p.Title}}})
	}
	for i := range b.patients {
		b.patient(&l, i, &b.patients[i])
	}
	body, err := json.Marshal(object{"resourceType": "Bundle", "type": "transaction", "entry": l})
	if err != nil {
		return err
	}
	if err := b.srv.Clinical.Load(ctx, body); err != nil {
		return err
	}
	for _, p := range b.Profiles {
		if p.Kind != "clinician" {
			continue
		}
		if err := b.srv.Clinical.Employ(ctx, b.staff(p.Handle)); err != nil {
			return err
		}
	}
	return nil
}

// names of the conditions, with their codes in SNOMED CT.
var conditions = map[people.Condition][2]string{
	people.Hypertension: {"38341003", "Hypertension"}, people.Diabetes1: {"46635009", "Type 1 diabetes"}, people.Diabetes2: {"44054006", "Type 2 diabetes"},
	people.HeartFailure: {"84114007", "Heart failure"}, people.COPD: {"13645005", "COPD"}, people.JointRecovery: {"239873007", "Osteoarthritis of knee, new joint"},
	people.Pregnancy: {"48194001", "High blood pressure in pregnancy"}, people.Asthma: {"195967001", "Asthma"}, people.Menopause: {"161712005", "Menopause"},
	people.BackPain: {"279039007", "Low back pain"},
}

func (b *builder) patient(l *ledger, seed int, p *people.Person) {
	subject := object{"reference": "Patient/" + p.ID, "display": p.Name()}
	doctor := refer("Practitioner/" + p.Doctor)
	l.add("Patient", p.ID, object{"active": true, "gender": p.Gender, "birthDate": p.Born.Format(time.DateOnly),
		"identifier":           []any{object{"system": "https://orlena.example/mrn", "value": fmt.Sprintf("OR-%04d", 1001+seed)}},
		"name":                 []any{object{"use": "official", "family": p.Family, "given": []any{p.Given}}},
		"communication":        []any{object{"preferred": true, "language": object{"coding": []any{object{"system": "urn:ietf:bcp:47", "code": p.Lang}}}}},
		"managingOrganization": refer("Organization/orlena"), "generalPractitioner": []any{doctor}})
	for i, c := range p.Conditions {
		l.add("Condition", fmt.Sprintf("%s-%d", p.ID, i+1), object{"subject": subject, "code": coded("http://snomed.info/sct", conditions[c][0], conditions[c][1]),
			"clinicalStatus":     object{"coding": []any{object{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}}},
			"verificationStatus": object{"coding": []any{object{"system": "http://terminology.hl7.org/CodeSystem/condition-ver-status", "code": "confirmed"}}}})
	}
	for i, m := range p.Medicines {
		status, name, dose := "active", m.Name, m.Dose
		if m.To > 0 {
			status = "completed"
		}
		if p.Lang == "es" {
			name, dose = m.NameES, m.DoseES
		}
		what := coded("http://www.whocc.no/atc", m.ATC, m.Name)
		what["text"] = name
		l.add("MedicationRequest", fmt.Sprintf("%s-m%d", p.ID, i+1), object{"status": status, "intent": "order", "subject": subject, "requester": doctor,
			"authoredOn": b.today.AddDate(0, 0, -m.From).Format(time.DateOnly), "medicationCodeableConcept": what, "dosageInstruction": []any{object{"text": dose}}})
	}
	if p.Has(people.Hypertension) || p.Has(people.Pregnancy) {
		b.goal(l, p, subject, doctor)
	}
}

// goal is where the pressure is meant to be, from the guideline that the thresholds go by.
func (b *builder) goal(l *ledger, p *people.Person, subject, doctor object) {
	said := "Blood pressure at home up to 135/85"
	if p.Lang == "es" {
		said = "Tensión en casa hasta 135/85"
	}
	target := func(code, display string, high float64) object {
		return object{"measure": coded("http://loinc.org", code, display), "detailRange": object{"high": quantity(high, "mmHg", "mm[Hg]")}}
	}
	l.add("Goal", p.ID+"-pressure", object{"lifecycleStatus": "active", "subject": subject, "description": object{"text": said},
		"startDate": p.Began.Format(time.DateOnly), "expressedBy": doctor,
		"target": []any{target("8480-6", "Systolic blood pressure", 135), target("8462-4", "Diastolic blood pressure", 85)}})
}
