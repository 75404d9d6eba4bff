package fhir_test

import (
	"strings"
	"testing"
)

// What the staff write among themselves about a patient has no subject: nothing that is the patient's holds it, for the
// patient or for a program that takes the whole record along.
func TestNotesOfTheStaffAreInNoRecord(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.token("ana", "patient/*.cruds", "ana")
		w.put(patient("ana", "Brezo"), `{"resourceType":"Communication","id":"said","status":"completed","subject":{"reference":"Patient/ana"},"payload":[{"contentString":"said to Ana"}]}`,
			`{"resourceType":"Communication","id":"note","status":"completed","about":[{"reference":"Patient/ana"}],"sender":{"reference":"Practitioner/x"},"payload":[{"contentString":"among ourselves"}]}`)
		for _, who := range []string{"ana", "system"} {
			for _, line := range []string{"GET /fhir/Patient/ana/$everything", "GET /fhir/Patient/ana/Communication", "GET /fhir/Patient/ana/*", "GET /fhir/Communication?patient=Patient/ana",
				"GET /fhir/Patient?_id=ana&_revinclude=Communication:*"} {
				got := w.do(who, line, "")
				if strings.Contains(got.body, "among ourselves") {
					t.Errorf("%s: %s holds the note", who, line)
				}
				if !strings.Contains(line, "_revinclude") && !strings.Contains(got.body, "said to Ana") {
					t.Errorf("%s: %s: %d, without what was said: this proves nothing\n%.300s", who, line, got.code, got.body)
				}
			}
		}
		for _, line := range []string{"GET /fhir/Communication/note", "GET /fhir/Communication/note/_history", "GET /fhir/Communication/note/_history/1"} {
			if got := w.do("ana", line, ""); got.code != 404 {
				t.Errorf("%s: %d", line, got.code)
			}
		}
		if got := w.do("ana", "GET /fhir/Communication?_id=note", ""); strings.Contains(got.body, "among ourselves") {
			t.Error("the patient finds the note by its id")
		}
	})
}
