package clinical

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
)

// What invented people do goes the ways here: those that real people's pages go, without pages.

// Measured is one reading of an invented patient, as they or their device sent it.
type Measured struct {
	Patient string // logical id
	Author  string // who typed it, such as "Practitioner/x"; "" is the patient
	Kind    string // a measure of the private chamber: "blood-pressure" …
	Typed   []string
	Unit    string // UCUM
	At      time.Time
	Device  string
	Key     string // another for each measurement
}

// asPatient asks as somebody's own app does, without an account.
func asPatient(patient string) records.Ask {
	return records.Ask{Who: access.Who{Kind: access.Patient, ID: "invented " + patient, Patient: patient}}
}

// Measure stores readings, all of them or none: each as its patient sends it, in whatever follows from it. Those that are
// older than a day count as sent when they were measured.
func (c *Clinical) Measure(ctx context.Context, all []Measured) error {
	var order []string
	of := map[string][]records.Write{}
	now := c.intake.Clock.Now()
	for _, m := range all {
		received := now
		if now.Sub(m.At) > 24*time.Hour {
			received = m.At.Add(40 * time.Second)
		}
		n, _, err := vitals.Observe(vitals.Entry{Measure: vitals.Measure(m.Kind), Typed: m.Typed, Unit: m.Unit, At: m.At, Received: received,
			Patient: m.Patient, Author: m.Author, Device: m.Device, Key: m.Key, Sure: true})
		if err != nil {
			return fmt.Errorf("%s %v of %s: %w", m.Kind, m.Typed, m.Patient, err)
		}
		if of[m.Patient] == nil {
			order = append(order, m.Patient)
		}
		of[m.Patient] = append(of[m.Patient], records.Write{Do: access.Create, Node: &n})
	}
	if len(order) == 0 {
		return nil
	}
	return c.records.Do(ctx, asPatient(order[0]), func(t *records.Tx) error {
		for _, patient := range order {
			if _, err := t.As(asPatient(patient)).WriteMany(ctx, of[patient]); err != nil {
				return err
			}
		}
		return nil
	})
}

// Employ says which Practitioner a member of the staff is, with an account or without.
func (c *Clinical) Employ(ctx context.Context, s Staff) error {
	return c.people.Employ(ctx, s.ask().Who.ID, strings.TrimPrefix(s.Ref, "Practitioner/"))
}
