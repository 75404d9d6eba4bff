package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// resident is somebody invented whom the centre looks after.
type resident struct {
	given, family, gender, born string
	doctor                      string // handle of the profile
	condition, snomed           string
	systolic, weight, glucose   int // about where their numbers are; 0 is not measured
}

var residents = []resident{
	{"Edda", "Fernbrook", "female", "1948-03-11", "marisol", "Hypertension", "38341003", 148, 71, 0},
	{"Anselm", "Corriga", "male", "1955-07-30", "marisol", "Hypertension", "38341003", 139, 84, 0},
	{"Belisa", "Thornquay", "female", "1962-12-02", "tobias", "Type 2 diabetes", "44054006", 131, 78, 142},
	{"Ciro", "Maldonbury", "male", "1970-05-19", "tobias", "Type 2 diabetes", "44054006", 136, 96, 171},
	{"Dunja", "Albarrow", "female", "1991-09-08", "nadira", "Pregnancy", "77386006", 112, 66, 88},
	{"Elio", "Sandhollow", "male", "1939-01-24", "henrik", "COPD", "13645005", 127, 69, 0},
	{"Frida", "Peñalver", "female", "1984-06-15", "henrik", "Asthma", "195967001", 118, 63, 0},
	{"Gaspar", "Wintermere", "male", "1945-10-05", "marisol", "Heart failure", "84114007", 124, 81, 0},
	{"Hilda", "Roqueford", "female", "1976-02-27", "odalys", "Menopause", "161712005", 121, 70, 0},
	{"Ilario", "Cobbleton", "male", "1988-08-13", "joaquin", "Low back pain", "279039007", 122, 88, 0},
	{"Jimena", "Osterdal", "female", "2003-11-21", "marisol", "Type 1 diabetes", "46635009", 110, 58, 134},
	{"Kasimir", "Villarrow", "male", "1966-04-03", "iria", "Hypertension", "38341003", 144, 92, 0},
}

type object = map[string]any

func coded(system, code, display string) object {
	return object{"coding": []any{object{"system": system, "code": code, "display": display}}, "text": display}
}

func quantity(value float64, unit, code string) object {
	return object{"value": value, "unit": unit, "system": "http://unitsofmeasure.org", "code": code}
}

// ledger gathers resources as the entries of a transaction.
type ledger []any

func (l *ledger) add(typ, id string, fields object) {
	fields["resourceType"], fields["id"] = typ, id
	// What a reader of these records must never take for a person's.
	fields["meta"] = object{"security": []any{object{"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST", "display": "test health data"}}}
	*l = append(*l, object{"resource": fields, "request": object{"method": "PUT", "url": typ + "/" + id}})
}

// records stores the centre, its clinicians and twelve residents with two weeks of measurements.
func (b *builder) records(ctx context.Context) error {
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
			"organization": object{"reference": "Organization/orlena"}, "code": []any{object{"text": p.Title}}})
	}
	for i, r := range residents {
		b.resident(&l, fmt.Sprintf("resident-%02d", i+1), i, r)
	}
	body, err := json.Marshal(object{"resourceType": "Bundle", "type": "transaction", "entry": l})
	if err != nil {
		return err
	}
	return b.srv.Clinical.Load(ctx, body)
}

func (b *builder) resident(l *ledger, id string, seed int, r resident) {
	subject := object{"reference": "Patient/" + id, "display": r.given + " " + r.family}
	l.add("Patient", id, object{"active": true, "gender": r.gender, "birthDate": r.born,
		"identifier":           []any{object{"system": "https://orlena.example/mrn", "value": fmt.Sprintf("OR-%04d", 1001+seed)}},
		"name":                 []any{object{"use": "official", "family": r.family, "given": []any{r.given}}},
		"managingOrganization": object{"reference": "Organization/orlena"}, "generalPractitioner": []any{object{"reference": "Practitioner/" + r.doctor}}})
	l.add("Condition", id+"-1", object{"subject": subject, "code": coded("http://snomed.info/sct", r.snomed, r.condition),
		"clinicalStatus":     object{"coding": []any{object{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}}},
		"verificationStatus": object{"coding": []any{object{"system": "http://terminology.hl7.org/CodeSystem/condition-ver-status", "code": "confirmed"}}}})
	if id == b.athome() {
		b.home(l, id, subject)
		return
	}
	for day := range 14 {
		at := b.today.In(b.zone).AddDate(0, 0, day-14)
		at = time.Date(at.Year(), at.Month(), at.Day(), 7, 20+(seed*7+day*3)%35, 0, 0, b.zone)
		swing := float64((seed*31+day*17)%13 - 6)
		measure := func(what, code, display string, fields object) {
			fields["status"], fields["subject"], fields["effectiveDateTime"] = "final", subject, at.Format(time.RFC3339)
			fields["category"] = []any{coded("http://terminology.hl7.org/CodeSystem/observation-category", "vital-signs", "Vital signs")}
			fields["code"] = coded("http://loinc.org", code, display)
			l.add("Observation", fmt.Sprintf("%s-%s-%02d", id, what, day+1), fields)
		}
		part := func(code, display string, value float64) object {
			return object{"code": coded("http://loinc.org", code, display), "valueQuantity": quantity(value, "mmHg", "mm[Hg]")}
		}
		measure("bp", "85354-9", "Blood pressure", object{"component": []any{
			part("8480-6", "Systolic blood pressure", float64(r.systolic)+swing), part("8462-4", "Diastolic blood pressure", float64(r.systolic)*0.6+swing/2)}})
		if day%7 == 0 {
			measure("weight", "29463-7", "Body weight", object{"valueQuantity": quantity(float64(r.weight)+swing/10, "kg", "kg")})
		}
		if r.glucose > 0 {
			measure("glucose", "2339-0", "Glucose", object{"valueQuantity": quantity(float64(r.glucose)+2*swing, "mg/dL", "mg/dL")})
		}
	}
}
