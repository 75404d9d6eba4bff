package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/mitral-health/mitral/identity"
)

// home is eight weeks of somebody who measures at home: pressure nearly every morning, coming down since a new
// tablet five weeks ago, weight once a week, with days that were forgotten.
func (b *builder) home(l *ledger, id string, subject object) {
	today := b.today.In(b.zone)
	noise := func(day, of int) float64 { return float64((day*37+of*11)%9 - 4) }
	write := func(name, code, display string, at time.Time, fields object) {
		fields["status"], fields["subject"], fields["effectiveDateTime"] = "final", subject, at.Format(time.RFC3339)
		fields["performer"] = []any{object{"reference": subject["reference"]}}
		fields["category"] = []any{coded("http://terminology.hl7.org/CodeSystem/observation-category", "vital-signs", "Vital signs")}
		fields["code"] = coded("http://loinc.org", code, display)
		l.add("Observation", id+"-"+name, fields)
	}
	part := func(code, display string, value float64) object {
		return object{"code": coded("http://loinc.org", code, display), "valueQuantity": quantity(value, "mmHg", "mm[Hg]")}
	}
	for ago := 55; ago >= 1; ago-- {
		if ago%9 == 4 || ago == 20 || ago == 21 {
			continue
		}
		day := today.AddDate(0, 0, -ago)
		at := time.Date(day.Year(), day.Month(), day.Day(), 7, 20+ago*7%35, 0, 0, b.zone)
		better := 0.0
		if ago < 35 {
			better = float64(35-ago) / 35
		}
		n := fmt.Sprintf("%02d", 56-ago)
		write("bp-"+n, "85354-9", "Blood pressure", at, object{"component": []any{
			part("8480-6", "Systolic blood pressure", float64(int(150-18*better+noise(ago, 1)))),
			part("8462-4", "Diastolic blood pressure", float64(int(92-10*better+noise(ago, 2)/2)))}})
		if ago%2 == 1 {
			write("pulse-"+n, "8867-4", "Heart rate", at.Add(time.Minute), object{"valueQuantity": quantity(71+noise(ago, 3), "beats/minute", "/min")})
		}
		if ago%7 == 1 {
			write("weight-"+n, "29463-7", "Body weight", at.Add(5*time.Minute), object{"valueQuantity": quantity(71.4-1.1*better+noise(ago, 4)/10, "kg", "kg")})
		}
	}
	target := func(code, display string, high float64) object {
		return object{"measure": coded("http://loinc.org", code, display), "detailRange": object{"high": quantity(high, "mmHg", "mm[Hg]")}}
	}
	l.add("Goal", id+"-pressure", object{"lifecycleStatus": "active", "subject": subject, "description": object{"text": "Blood pressure at home up to 135/85"},
		"startDate": today.AddDate(0, 0, -50).Format(time.DateOnly), "expressedBy": object{"reference": "Practitioner/marisol"},
		"target": []any{target("8480-6", "Systolic blood pressure", 135), target("8462-4", "Diastolic blood pressure", 85)}})
}

// athome is the logical id of whoever has an account.
func (b *builder) athome() string {
	for _, a := range b.Accounts {
		if a.Patient != "" {
			return a.Patient
		}
	}
	return ""
}

// connect gives those who have one the app of their record.
func (b *builder) connect(ctx context.Context) error {
	for _, a := range b.Accounts {
		if a.Patient == "" {
			continue
		}
		who := b.people[a.Login]
		if err := b.srv.Clinical.Connect(ctx, who.Subject(identity.Clinical).String(), who.Name, a.Patient); err != nil {
			return err
		}
	}
	return nil
}
