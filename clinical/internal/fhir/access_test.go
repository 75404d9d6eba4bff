package fhir_test

import (
	"fmt"
	"strings"
	"testing"
)

// TestWhoMayDoWhat is the table of access, seen from outside: who, on a record of a type, gets through
// with which interactions (r read, v vread, h history, s search, t history of the type, c create,
// u update, p patch, d delete). Whatever is not there is answered as what does not exist.
func TestWhoMayDoWhat(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.token("ana", "patient/*.cruds", "ana")       // her own
		w.token("ana reads", "patient/*.rs", "ana")    // her own
		w.token("lab", "system/Observation.rs", "")    // one type
		w.token("writer", "system/Observation.cu", "") // blind
		w.token("heart", "system/Observation.rs?code=8867-4", "")
		w.token("auditor", "system/AuditEvent.cruds", "")
		const all = "r v h s t c u p d"
		for _, c := range []struct {
			who, record, may string
		}{
			{"system", "Patient/ana", all}, {"system", "Observation/ana-o", all}, {"system", "Organization/org", all}, {"system", "Basic/none", all},
			{"system", "AuditEvent", "r v h c"}, {"system", "Binary/bin", "r v h t c u d"},
			{"ana", "Patient/ana", "r v h s"}, {"ana", "Observation/ana-o", "r v h s c"}, {"ana", "Observation/eva-o", ""}, {"ana", "Patient/eva", ""},
			{"ana", "Organization/org", "r s"}, {"ana", "Condition/ana-c", "r v h s"}, {"ana", "AuditEvent", ""}, {"ana", "Basic/none", ""}, {"ana", "Binary/bin", ""},
			{"ana reads", "Observation/ana-o", "r v h s"}, {"ana reads", "Condition/ana-c", "r v h s"}, {"ana reads", "Observation/eva-o", ""},
			{"lab", "Observation/ana-o", "r v h s t"}, {"lab", "Patient/ana", ""}, {"lab", "Organization/org", ""},
			{"writer", "Observation/ana-o", "c u"}, {"writer", "Patient/ana", ""},
			{"heart", "Observation/ana-o", "r v h s t"}, {"heart", "Observation/eva-o", ""},
			{"auditor", "AuditEvent", "r v h s c"}, {"auditor", "Patient/ana", ""},
			{"session:clinician", "Patient/ana", "r v h s"}, {"session:clinician", "Observation/eva-o", "r v h s"}, {"session:clinician", "AuditEvent", ""},
			{"session:officer", "AuditEvent", "r v h s"}, {"session:officer", "Patient/ana", ""}, {"session:officer", "Organization/org", "r s"},
			{"session:both", "AuditEvent", "r v h s"}, {"session:both", "Patient/ana", "r v h s"},
		} {
			w.matrix(t, c.who, c.record, c.may)
		}
		for _, who := range []string{"-", "session:writer", "session:nobody"} {
			for _, do := range strings.Fields("r v h s t c u p d") {
				if got := w.interact(who, do, "Patient/ana"); got.code != 401 {
					t.Errorf("%s, %s: %d", who, do, got.code)
				}
			}
		}
	})
}

var bodies = map[string]string{
	"Patient/ana": patient("ana", "Quenby"), "Patient/eva": patient("eva", "Brezo"),
	"Observation/ana-o": observation("ana-o", "ana", "8867-4", "60", "2026-01-01"), "Observation/eva-o": observation("eva-o", "eva", "9279-1", "80", "2026-01-01"),
	"Condition/ana-c":  `{"resourceType":"Condition","id":"ana-c","subject":{"reference":"Patient/ana"},"code":{"text":"Hypertension"}}`,
	"Organization/org": `{"resourceType":"Organization","id":"org","name":"Orlena"}`, "Basic/none": `{"resourceType":"Basic","id":"none","code":{"text":"x"}}`,
	"Binary/bin": `{"resourceType":"Binary","id":"bin","contentType":"text/plain","data":"YQ=="}`,
	"AuditEvent": `{"resourceType":"AuditEvent","id":"x","type":{"code":"rest","system":"http://terminology.hl7.org/CodeSystem/audit-event-type"},"recorded":"2026-01-01T00:00:00Z","agent":[{"requestor":true}],"source":{"observer":{"display":"x"}}}`,
}

// matrix tries every interaction on a record that is made anew before each.
func (w *world) matrix(t *testing.T, who, record, may string) {
	t.Helper()
	for _, do := range strings.Fields("r v h s t c u p d") {
		at := record
		if record == "AuditEvent" {
			at = "AuditEvent/" + w.anEvent(t)
		} else {
			w.put(bodies[record])
		}
		got := w.interact(who, do, at)
		ok := got.code < 300
		if do == "s" { // who may search and sees nothing gets an empty answer, as if it were not there
			ok = ok && strings.Contains(got.body, `"fullUrl"`)
		}
		if do == "t" && ok {
			ok = strings.Contains(got.body, at)
		}
		want := strings.Contains(" "+may+" ", " "+do+" ")
		// Staff only look.
		if ok != want {
			t.Errorf("%s, %s of %s: %d %.300s", who, do, record, got.code, got.body)
		}
		if !want && got.code != 404 && got.code != 401 && !(got.code == 200 && (do == "s" || do == "t")) {
			t.Errorf("%s, %s of %s: refused with %d %.300s", who, do, record, got.code, got.body)
		}
	}
}

func (w *world) interact(who, do, at string) reply {
	typ, id, _ := strings.Cut(at, "/")
	body := bodies[at]
	if typ == "AuditEvent" {
		body = strings.Replace(bodies["AuditEvent"], `"id":"x"`, `"id":"`+id+`"`, 1)
	}
	switch do {
	case "r":
		return w.do(who, "GET /fhir/"+at, "")
	case "v":
		return w.do(who, "GET /fhir/"+at+"/_history/1", "")
	case "h":
		return w.do(who, "GET /fhir/"+at+"/_history", "")
	case "s":
		return w.do(who, "GET /fhir/"+typ+"?_id="+id, "")
	case "t":
		return w.do(who, "GET /fhir/"+typ+"/_history?_count=1000", "")
	case "c":
		return w.do(who, "POST /fhir/"+typ, body)
	case "u":
		return w.do(who, "PUT /fhir/"+at, strings.Replace(body, `"id"`, `"language":"en","id"`, 1))
	case "p":
		return w.do(who, "PATCH /fhir/"+at, `[{"op":"add","path":"/language","value":"es"}]`)
	}
	return w.do(who, "DELETE /fhir/"+at, "")
}

// anEvent is the id of an AuditEvent that is there.
func (w *world) anEvent(t *testing.T) string {
	t.Helper()
	got := w.do("session:officer", "GET /fhir/AuditEvent?_count=1", "")
	_, rest, _ := strings.Cut(got.body, `/AuditEvent/`)
	id, _, ok := strings.Cut(rest, `"`)
	if !ok {
		t.Fatalf("no AuditEvent: %d %s", got.code, got.body)
	}
	return id
}

// What may not be seen and what is not there have the same answer, byte for byte, and the same headers
// but the request's id.
func TestDeniedLooksAbsent(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.token("ana", "patient/*.cruds", "ana")
		w.token("lab", "system/Observation.cruds", "")
		w.put(bodies["Patient/eva"], bodies["Observation/eva-o"], patient("gone", "x"))
		w.do("system", "DELETE /fhir/Patient/gone", "")
		for _, who := range []string{"ana", "lab"} {
			for _, line := range []string{"GET /fhir/Patient/%s", "HEAD /fhir/Patient/%s", "GET /fhir/Patient/%s/_history", "GET /fhir/Patient/%s/_history/1", "GET /fhir/Patient/%s/_history/2",
				"GET /fhir/Patient/%s?_elements=name", "GET /fhir/Patient/%s/$everything", "GET /fhir/Patient/%s/$validate", "DELETE /fhir/Patient/%s", "PATCH /fhir/Patient/%s", "PUT /fhir/Patient/%s",
				"GET /fhir/Patient/%s/Observation", "GET /fhir/Patient/%s/*"} {
				var answers []string
				for _, id := range []string{"eva", "gone", "nobody"} {
					body := ""
					switch {
					case strings.HasPrefix(line, "PUT"):
						body = patient(id, "Other")
					case strings.HasPrefix(line, "PATCH"):
						body = `[{"op":"add","path":"/active","value":false}]`
					}
					got := w.do(who, fmt.Sprintf(line, id), body, `If-None-Match: W/"1"`)
					got.header.Del("X-Request-Id")
					answers = append(answers, strings.ReplaceAll(fmt.Sprint(got.code, got.header, got.body), id, "ID"))
				}
				if strings.Contains(answers[0], "Content-Length") && (answers[0] != answers[1] || answers[0] != answers[2]) {
					// The length of an id in a link is no secret: it is the asker's.
					if !strings.Contains(line, "Observation") && !strings.Contains(line, "*") {
						t.Errorf("%s: %s\n%s\n%s\n%s", who, line, answers[0], answers[1], answers[2])
					}
				}
				if strings.Contains(answers[0], "Brezo") {
					t.Errorf("%s: %s tells", who, line)
				}
			}
		}
		if got := w.do("system", "GET /fhir/Patient/eva", ""); !strings.Contains(got.body, "Brezo") || !strings.Contains(got.body, `"versionId":"1"`) {
			t.Errorf("it was changed: %s", got.body)
		}
	})
}
