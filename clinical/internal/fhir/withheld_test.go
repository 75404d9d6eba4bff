package fhir_test

import (
	"strings"
	"testing"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/records"
)

// Who doesn't share is, for every program that holds a token, not there: counted by each interaction of the wire. The same
// requests find her before and after, and the staff finds her all the time.
func TestWithheldOverTheWire(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.token("lab", "system/*.cruds", "")
		w.token("reader", "system/Observation.rs", "")
		w.token("ana", "patient/*.rs", "ana")
		w.put(bodies["Patient/ana"], bodies["Patient/eva"], bodies["Observation/ana-o"], bodies["Observation/eva-o"], bodies["Condition/ana-c"],
			`{"resourceType":"Observation","id":"eva-p","status":"final","code":{"text":"panel"},"subject":{"reference":"Patient/eva"},"hasMember":[{"reference":"Observation/ana-o"}]}`,
			`{"resourceType":"List","id":"l","status":"current","mode":"working","entry":[{"item":{"reference":"Patient/ana"}},{"item":{"reference":"Patient/eva"}}]}`)
		type ask struct{ as, line, body string }
		transaction := func(line string) string {
			method, at, _ := strings.Cut(line, " ")
			return `{"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"` + method + `","url":"` + at + `"}}]}`
		}
		asks := []ask{}
		for _, as := range []string{"lab", "reader", "ana"} {
			for _, line := range []string{"GET /fhir/Patient/ana", "GET /fhir/Patient/ana/_history", "GET /fhir/Patient/ana/_history/1", "GET /fhir/Observation/ana-o", "GET /fhir/Observation/ana-o/_history",
				"GET /fhir/Observation/ana-o/_history/1", "GET /fhir/Patient?_id=ana", "GET /fhir/Patient?family=Quenby", "GET /fhir/Patient?_summary=count&family=Quenby", "GET /fhir/Observation?patient=ana",
				"GET /fhir/Observation?code=8867-4", "GET /fhir/Observation?patient.family=Quenby", "GET /fhir/Patient?_has:Observation:patient:code=8867-4", "GET /fhir/Observation?_id=eva-p&_include=Observation:has-member",
				"GET /fhir/Observation?_id=ana-o&_include=Observation:patient", "GET /fhir/Patient?_id=ana&_revinclude=Observation:patient", "GET /fhir/Patient/_history", "GET /fhir/Observation/_history", "GET /fhir/_history",
				"GET /fhir/Patient/ana/$everything", "GET /fhir/Patient/ana/Observation", "GET /fhir/Patient/ana/*", "GET /fhir?_type=Patient,Observation", "GET /fhir/Observation/ana-o/$validate"} {
				asks = append(asks, ask{as, line, ""})
			}
			asks = append(asks, ask{as, "POST /fhir", transaction("GET Patient/ana")}, ask{as, "POST /fhir", transaction("GET Observation?patient=ana")})
		}
		// found is what of Ana's an answer shows, without what the question said itself.
		found := func(a ask) bool {
			got := w.do(a.as, a.line, a.body)
			body := got.body
			if i := strings.Index(body, `"entry"`); i >= 0 {
				body = body[i:]
			} else if strings.Contains(body, `"Bundle"`) {
				return strings.Contains(body, `"total":1`)
			}
			return got.code == 200 && (strings.Contains(body, `"id":"ana"`) || strings.Contains(body, `"id":"ana-o"`) || strings.Contains(body, "Quenby") ||
				a.line == "GET /fhir/Observation/ana-o/$validate" && strings.Contains(body, "OperationOutcome"))
		}
		say := func(withhold bool) {
			t.Helper()
			me := records.Ask{Who: access.Who{Kind: access.Patient, ID: "s", Patient: "ana"}}
			if err := w.records.Do(t.Context(), me, func(tx *records.Tx) error { return tx.Withhold(t.Context(), "ana", withhold) }); err != nil {
				t.Fatal(err)
			}
		}
		before, shown := map[ask]bool{}, 0
		for _, a := range asks {
			if before[a] = found(a); before[a] {
				shown++
			}
		}
		if shown < 45 {
			t.Fatalf("only %d of %d ways show her at all", shown, len(asks))
		}
		say(true)
		hidden := 0
		for _, a := range asks {
			if found(a) {
				t.Errorf("%s as %s shows who doesn't share: %.600s", a.line, a.as, w.do(a.as, a.line, a.body).body)
			} else if before[a] {
				hidden++
			}
		}
		t.Logf("%d ways showed her, %d hide her", shown, hidden)
		// Writing what is there already is refused as what is not there; what is new arrives.
		for _, line := range []string{"PUT /fhir/Observation/ana-o", "PATCH /fhir/Observation/ana-o", "DELETE /fhir/Observation/ana-o"} {
			body := bodies["Observation/ana-o"]
			if strings.HasPrefix(line, "PATCH") {
				body = `[{"op":"replace","path":"/status","value":"amended"}]`
			}
			if got := w.do("lab", line, body); got.code != 404 {
				t.Errorf("%s: %d", line, got.code)
			}
		}
		sent := w.do("lab", "POST /fhir/Observation", observation("x", "ana", "8867-4", "70", "2026-02-02"))
		if at := strings.TrimPrefix(sent.header.Get("Location"), "https://orlena.example"); sent.code != 201 || w.do("lab", "GET "+at, "").code != 404 {
			t.Errorf("a result that arrives: %d, and is read again", sent.code)
		}
		if got := w.do("session:clinician", "GET /fhir/Patient/ana", ""); got.code != 200 {
			t.Errorf("the team: %d", got.code)
		}
		if got := w.do("lab", "GET /fhir/Patient/eva", ""); got.code != 200 {
			t.Errorf("somebody else: %d", got.code)
		}
		say(false)
		for _, a := range asks {
			if found(a) != before[a] {
				t.Errorf("%s as %s after sharing again: %v", a.line, a.as, !before[a])
			}
		}
	})
}
