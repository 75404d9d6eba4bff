package fhir_test

import "testing"

func identified(id, value, family string) string {
	if id != "" {
		id = `"id":"` + id + `",`
	}
	return `{"resourceType":"Patient",` + id + `"identifier":[{"system":"urn:mrn","value":"` + value + `"}],"name":[{"family":"` + family + `"}]}`
}

// The rules of conditional interactions: none, one, several.
func TestConditional(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.put(identified("one", "1", "One"), identified("two", "2", "Twin"), identified("three", "3", "Twin"))
		w.run(t, []row{
			{name: "create, none", line: "POST /fhir/Patient", headers: []string{"If-None-Exist: identifier=urn:mrn|9"}, body: identified("", "9", "Nine"), code: 201, has: []string{"Nine"}},
			{name: "create, one", line: "POST /fhir/Patient", headers: []string{"If-None-Exist: identifier=urn:mrn|9"}, body: identified("", "9", "Other"), code: 200, has: []string{"Nine", "Location: *", `Etag: W/"1"`}},
			{name: "create, one, with a question mark", line: "POST /fhir/Patient", headers: []string{"If-None-Exist: ?identifier=urn:mrn|1"}, body: identified("", "1", "x"), code: 200, has: []string{"One"}},
			{name: "create, several", line: "POST /fhir/Patient", headers: []string{"If-None-Exist: family=Twin"}, body: identified("", "8", "x"), code: 412, has: []string{"multiple-matches"}},
			{name: "create, everything", line: "POST /fhir/Patient", headers: []string{"If-None-Exist: _count=1"}, body: identified("", "8", "x"), code: 412},
			{name: "create, unknown parameter", line: "POST /fhir/Patient", headers: []string{"If-None-Exist: mrn=1"}, body: identified("", "8", "x"), code: 400, has: []string{"mrn"}},
			{name: "create, bad value", line: "POST /fhir/Patient", headers: []string{"If-None-Exist: birthdate=soon"}, body: identified("", "8", "x"), code: 400},
			{name: "create, bad encoding", line: "POST /fhir/Patient", headers: []string{"If-None-Exist: family=%zz"}, body: identified("", "8", "x"), code: 400},

			{name: "update, none, no id", line: "PUT /fhir/Patient?identifier=urn:mrn|10", body: identified("", "10", "Ten"), code: 201, has: []string{"Ten", "Location: *", `Etag: W/"1"`}},
			{name: "update, none, an id", line: "PUT /fhir/Patient?identifier=urn:mrn|11", body: identified("eleven", "11", "Eleven"), code: 201, has: []string{`"id":"eleven"`}},
			{name: "update, one, no id", line: "PUT /fhir/Patient?identifier=urn:mrn|1", body: identified("", "1", "Uno"), code: 200, has: []string{`"id":"one"`, `Etag: W/"2"`}},
			{name: "update, one, its id", line: "PUT /fhir/Patient?identifier=urn:mrn|1", body: identified("one", "1", "Un"), code: 200, has: []string{`Etag: W/"3"`}},
			{name: "update, one, another id", line: "PUT /fhir/Patient?identifier=urn:mrn|1", body: identified("two", "1", "x"), code: 400, has: []string{`"id"`}},
			{name: "update, none, an id that is taken", line: "PUT /fhir/Patient?identifier=urn:mrn|12", body: identified("two", "12", "x"), code: 412},
			{name: "it stands as it was", line: "GET /fhir/Patient/two", code: 200, has: []string{"Twin", `Etag: W/"1"`}},
			{name: "update, several", line: "PUT /fhir/Patient?family=Twin", body: identified("", "1", "x"), code: 412},
			{name: "update, one, old version", line: "PUT /fhir/Patient?identifier=urn:mrn|1", headers: []string{`If-Match: W/"1"`}, body: identified("", "1", "x"), code: 412},
			{name: "update, one, this version", line: "PUT /fhir/Patient?identifier=urn:mrn|1", headers: []string{`If-Match: W/"3"`}, body: identified("", "1", "Eins"), code: 200},
			{name: "update, none, some version", line: "PUT /fhir/Patient?identifier=urn:mrn|99", headers: []string{`If-Match: W/"3"`}, body: identified("", "99", "x"), code: 412},
			{name: "update, no condition", line: "PUT /fhir/Patient", body: identified("", "1", "x"), code: 412},
			{name: "update, unknown parameter", line: "PUT /fhir/Patient?mrn=1", body: identified("", "1", "x"), code: 400},
			{name: "update, a bad id", line: "PUT /fhir/Patient?identifier=urn:mrn|55", body: identified("a b", "55", "x"), code: 400},

			{name: "patch, one", line: "PATCH /fhir/Patient?identifier=urn:mrn|1", body: `[{"op":"replace","path":"/name/0/family","value":"Patched"}]`, code: 200, has: []string{"Patched"}},
			{name: "patch, none", line: "PATCH /fhir/Patient?identifier=urn:mrn|77", body: `[{"op":"remove","path":"/name"}]`, code: 404},
			{name: "patch, several", line: "PATCH /fhir/Patient?family=Twin", body: `[{"op":"remove","path":"/name"}]`, code: 412},
			{name: "patch, no condition", line: "PATCH /fhir/Patient", body: `[{"op":"remove","path":"/name"}]`, code: 412},

			{name: "delete, several", line: "DELETE /fhir/Patient?family=Twin", code: 412},
			{name: "delete, none", line: "DELETE /fhir/Patient?identifier=urn:mrn|77", code: 204},
			{name: "delete, no condition", line: "DELETE /fhir/Patient", code: 412},
			{name: "delete, unknown parameter", line: "DELETE /fhir/Patient?mrn=1", code: 400},
			{name: "delete, one, old version", line: "DELETE /fhir/Patient?identifier=urn:mrn|1", headers: []string{`If-Match: W/"1"`}, code: 412},
			{name: "delete, one", line: "DELETE /fhir/Patient?identifier=urn:mrn|1", code: 204},
			{name: "it is gone", line: "GET /fhir/Patient/one", code: 410},
			{name: "and found no more", line: "GET /fhir/Patient?identifier=urn:mrn|1", code: 200, has: []string{`"total":0`}},
			{name: "the twins are not", line: "GET /fhir/Patient/two", code: 200},
		})
	})
}

func TestPatch(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.put(patient("ana", "Quenby"))
		const replace = `[{"op":"replace","path":"/birthDate","value":"1971-01-02"}]`
		byPath := func(op string) string {
			return `{"resourceType":"Parameters","parameter":[{"name":"operation","part":[` + op + `]}]}`
		}
		w.run(t, []row{
			{name: "JSON Patch", line: "PATCH /fhir/Patient/ana", body: replace, code: 200, has: []string{"1971-01-02", `Etag: W/"2"`, `"versionId":"2"`}},
			{name: "a test that holds", line: "PATCH /fhir/Patient/ana", body: `[{"op":"test","path":"/birthDate","value":"1971-01-02"},{"op":"add","path":"/language","value":"en"}]`, code: 200, has: []string{`"language":"en"`}},
			{name: "a test that does not", line: "PATCH /fhir/Patient/ana", body: `[{"op":"add","path":"/language","value":"es"},{"op":"test","path":"/birthDate","value":"1970"}]`, code: 422},
			{name: "nothing was changed", line: "GET /fhir/Patient/ana", code: 200, has: []string{`"language":"en"`, `Etag: W/"3"`}},
			{name: "a path that is not there", line: "PATCH /fhir/Patient/ana", body: `[{"op":"remove","path":"/photo"}]`, code: 422},
			{name: "no such operation", line: "PATCH /fhir/Patient/ana", body: `[{"op":"destroy","path":"/name"}]`, code: 400},
			{name: "it would be invalid", line: "PATCH /fhir/Patient/ana", body: `[{"op":"replace","path":"/gender","value":"f"}]`, code: 422, has: []string{"Patient.gender"}},
			{name: "another id", line: "PATCH /fhir/Patient/ana", body: `[{"op":"replace","path":"/id","value":"eva"}]`, code: 422},
			{name: "FHIRPath Patch", line: "PATCH /fhir/Patient/ana", body: byPath(`{"name":"type","valueCode":"replace"},{"name":"path","valueString":"Patient.birthDate"},{"name":"value","valueDate":"1972-02-03"}`), code: 200, has: []string{"1972-02-03"}},
			{name: "FHIRPath Patch that finds nothing", line: "PATCH /fhir/Patient/ana", body: byPath(`{"name":"type","valueCode":"replace"},{"name":"path","valueString":"Patient.photo"},{"name":"value","valueDate":"1972-02-03"}`), code: 422},
			{name: "a resource is no patch", line: "PATCH /fhir/Patient/ana", body: patient("ana", "x"), code: 400},
			{name: "JSON Patch as something else", line: "PATCH /fhir/Patient/ana", body: replace, headers: []string{"Content-Type: application/xml"}, code: 415},
			{name: "JSON Patch as a resource", line: "PATCH /fhir/Patient/ana", body: replace, headers: []string{"Content-Type: application/fhir+json"}, code: 400},
			{name: "an old version", line: "PATCH /fhir/Patient/ana", headers: []string{`If-Match: W/"1"`}, body: replace, code: 412},
			{name: "this version", line: "PATCH /fhir/Patient/ana", headers: []string{`If-Match: W/"4"`}, body: replace, code: 200, has: []string{`Etag: W/"5"`}},
			{name: "minimal", line: "PATCH /fhir/Patient/ana", headers: []string{"Prefer: return=minimal"}, body: `[{"op":"add","path":"/active","value":false}]`, code: 200, has: []string{"!Patient"}},
			{name: "of nobody", line: "PATCH /fhir/Patient/none", body: replace, code: 404},
			{name: "gone", line: "DELETE /fhir/Patient/ana", code: 204},
			{name: "of what is gone", line: "PATCH /fhir/Patient/ana", body: replace, code: 410},
		})
	})
}

func TestSearch(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.put(patient("ana", "Quenby"), patient("eva", "Brezo"),
			observation("o1", "ana", "8867-4", "60", "2026-01-01"), observation("o2", "ana", "8867-4", "70", "2026-02-01"),
			observation("o3", "ana", "9279-1", "12", "2026-03-01"), observation("o4", "eva", "8867-4", "80", "2026-01-01"),
			`{"resourceType":"Organization","id":"org","name":"Orlena"}`)
		form := []string{"Content-Type: application/x-www-form-urlencoded"}
		w.run(t, []row{
			{name: "by code", line: "GET /fhir/Observation?code=http://loinc.org|8867-4", code: 200,
				has: []string{`"type":"searchset"`, `"relation":"self"`, `"fullUrl":"` + base + `/Observation/o1"`, `"mode":"match"`, `"id":"o4"`, `!"id":"o3"`}},
			{name: "by two", line: "GET /fhir/Observation?code=8867-4&subject=Patient/eva", code: 200, has: []string{`"id":"o4"`, `!"id":"o1"`}},
			{name: "a chain", line: "GET /fhir/Observation?subject:Patient.family=quenby&_total=accurate", code: 200, has: []string{`"total":3`}},
			{name: "_has", line: "GET /fhir/Patient?_has:Observation:patient:code=9279-1", code: 200, has: []string{`"id":"ana"`, `!"id":"eva"`}},
			{name: "sorted, a page", line: "GET /fhir/Observation?_sort=-date&_count=1", code: 200, has: []string{`"id":"o3"`, `!"id":"o2"`, `"relation":"next"`, "_cursor="}},
			{name: "_include", line: "GET /fhir/Observation?_id=o1&_include=Observation:subject", code: 200, has: []string{`"mode":"include"`, "Quenby"}},
			{name: "_revinclude", line: "GET /fhir/Patient?_id=eva&_revinclude=Observation:subject", code: 200, has: []string{`"id":"o4"`, `"mode":"include"`}},
			{name: "count only", line: "GET /fhir/Observation?_summary=count", code: 200, has: []string{`"total":4`, "!fullUrl"}},
			{name: "_count=0", line: "GET /fhir/Observation?_count=0", code: 200, has: []string{`"total":4`, "!fullUrl"}},
			{name: "_elements", line: "GET /fhir/Observation?_id=o1&_elements=status", code: 200, has: []string{"SUBSETTED", `"status":"final"`, "!valueQuantity"}},
			{name: "_summary", line: "GET /fhir/Patient?_id=ana&_summary=true", code: 200, has: []string{"SUBSETTED", "Quenby"}},
			{name: "an unknown parameter is named", line: "GET /fhir/Observation?colour=red&code=9279-1", code: 200, has: []string{`"mode":"outcome"`, "colour", `"id":"o3"`}},
			{name: "and is not in the self link", line: "GET /fhir/Observation?colour=red&code=9279-1", code: 200, has: []string{"!colour=red"}},
			{name: "an unknown parameter, strictly", line: "GET /fhir/Observation?colour=red", headers: []string{"Prefer: handling=strict"}, code: 400, has: []string{"colour"}},
			{name: "a bad value", line: "GET /fhir/Observation?date=soon", code: 400, has: []string{"date"}},
			{name: "a bad page", line: "GET /fhir/Observation?_count=x", code: 400},
			{name: "a bad cursor", line: "GET /fhir/Observation?_cursor=!", code: 400},
			{name: "no such type", line: "GET /fhir/Nothing?x=1", code: 404},
			{name: "format of a search", line: "GET /fhir/Observation?_id=o1&_format=json&_pretty=true", code: 200, has: []string{"\n  \"resourceType\": \"Bundle\"", `"id": "o1"`}},
			{name: "XML of a search", line: "GET /fhir/Observation?_format=xml", code: 406},
			{name: "HEAD of a search", line: "HEAD /fhir/Observation?_id=o1", code: 200, has: []string{"!o1"}},

			{name: "POST", line: "POST /fhir/Observation/_search", headers: form, body: "code=9279-1", code: 200, has: []string{`"id":"o3"`, `!"id":"o1"`, "Observation?"}},
			{name: "POST with an address", line: "POST /fhir/Observation/_search?code=8867-4", headers: form, body: "subject=Patient/eva", code: 200, has: []string{`"id":"o4"`, `!"id":"o1"`}},
			{name: "POST, form of the answer", line: "POST /fhir/Observation/_search", headers: form, body: "_id=o1&_pretty=true&_format=json", code: 200, has: []string{`"id": "o1"`}},
			{name: "POST, a page", line: "POST /fhir/Observation/_search", headers: form, body: "_count=1", code: 200, has: []string{"/Observation?_count=1&_cursor="}},
			{name: "POST of JSON", line: "POST /fhir/Observation/_search", body: `{}`, code: 415},
			{name: "POST, badly encoded", line: "POST /fhir/Observation/_search", headers: form, body: "a=%zz", code: 400},

			{name: "several types", line: "GET /fhir?_type=Patient,Organization", code: 200, has: []string{`"id":"org"`, `"id":"ana"`, `!"id":"o1"`}},
			{name: "several types, with a slash", line: "GET /fhir/?_type=Patient,Organization", code: 200, has: []string{`"id":"org"`}},
			{name: "several types by POST", line: "POST /fhir/_search", headers: form, body: "_type=Organization", code: 200, has: []string{`"id":"org"`}},
			{name: "no type at all", line: "GET /fhir?_id=ana", code: 400},
			{name: "a compartment", line: "GET /fhir/Patient/ana/Observation?code=8867-4", code: 200, has: []string{`"id":"o1"`, `!"id":"o4"`, `!"id":"o3"`, "/Patient/ana/Observation?"}},
			{name: "a compartment by POST", line: "POST /fhir/Patient/eva/Observation/_search", headers: form, body: "code=8867-4", code: 200, has: []string{`"id":"o4"`, `!"id":"o1"`}},
			{name: "all of a compartment", line: "GET /fhir/Patient/eva/*", code: 200, has: []string{`"id":"o4"`, `!"id":"o1"`}},
			{name: "all of some types", line: "GET /fhir/Patient/eva/*?_type=Observation,Condition", code: 200, has: []string{`"id":"o4"`, `!"id":"o1"`}},
			{name: "a compartment of no type", line: "GET /fhir/Patient/eva/Nothing", code: 404},
			{name: "nobody's compartment", line: "GET /fhir/Patient/none/Observation", code: 200, has: []string{"!fullUrl"}},
		})
		// Every page is reached by following next, also from POST.
		for _, first := range []string{"GET /fhir/Observation?_count=1&_sort=date", "GET /fhir/Patient/ana/Observation?_count=1", "GET /fhir/Observation/_history?_count=1", "GET /fhir?_type=Observation,Patient&_count=2"} {
			seen := map[string]bool{}
			for line := first; line != "" && len(seen) < 20; {
				got := w.do("system", line, "")
				if got.code != 200 {
					t.Fatalf("%s: %d %s", line, got.code, got.body)
				}
				ids, next := page(t, got.body)
				for _, id := range ids {
					if seen[id] {
						t.Errorf("%s: %s comes twice", first, id)
					}
					seen[id] = true
				}
				if line = next; line != "" {
					line = "GET " + next
				}
			}
			want := map[string]int{"GET /fhir/Observation?_count=1&_sort=date": 4, "GET /fhir/Patient/ana/Observation?_count=1": 3, "GET /fhir/Observation/_history?_count=1": 4, "GET /fhir?_type=Observation,Patient&_count=2": 6}[first]
			if len(seen) != want {
				t.Errorf("%s: %d found, want %d", first, len(seen), want)
			}
		}
	})
}

func TestOperations(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.put(`{"resourceType":"Practitioner","id":"doc","name":[{"family":"Arlenwick"}]}`, patient("ana", "Quenby"), patient("eva", "Brezo"),
			observation("o1", "ana", "8867-4", "60", "2026-01-01"), observation("o2", "ana", "8867-4", "70", "2026-06-01"), observation("o4", "eva", "8867-4", "80", "2026-01-01"),
			`{"resourceType":"Condition","id":"c1","subject":{"reference":"Patient/ana"},"asserter":{"reference":"Practitioner/doc"},"code":{"text":"Hypertension"}}`)
		w.token("ana", "patient/*.rs", "ana")
		w.token("trail", "system/*.rs system/AuditEvent.rs", "")
		wrap := func(params string) string { return `{"resourceType":"Parameters","parameter":[` + params + `]}` }
		res := func(r string) string { return `{"name":"resource","resource":` + r + `}` }
		w.run(t, []row{
			{name: "valid", line: "POST /fhir/Patient/$validate", body: patient("x", "y"), code: 200, has: []string{"All OK", "!error"}},
			{name: "invalid", line: "POST /fhir/Patient/$validate", body: `{"resourceType":"Patient","gender":"f"}`, code: 200, has: []string{`"severity":"error"`, "Patient.gender"}},
			{name: "in Parameters", line: "POST /fhir/Patient/$validate", body: wrap(res(`{"resourceType":"Patient","gender":"f"}`)), code: 200, has: []string{"Patient.gender"}},
			{name: "another type", line: "POST /fhir/Patient/$validate", body: `{"resourceType":"Basic","code":{"text":"x"}}`, code: 200, has: []string{`"severity":"error"`}},
			{name: "Parameters themselves", line: "POST /fhir/Parameters/$validate", body: wrap(`{"name":"a","valueCode":"b"}`), code: 200, has: []string{"All OK"}},
			{name: "no resource", line: "POST /fhir/Patient/$validate", body: wrap(`{"name":"mode","valueCode":"create"}`), code: 400},
			{name: "to create", line: "POST /fhir/Patient/$validate", body: wrap(res(patient("x", "y")) + `,{"name":"mode","valueCode":"create"}`), code: 200, has: []string{"information", "!error"}},
			{name: "to update", line: "POST /fhir/Patient/ana/$validate", body: wrap(res(patient("eva", "y")) + `,{"name":"mode","valueCode":"update"}`), code: 200, has: []string{`"severity":"error"`}},
			{name: "to delete", line: "POST /fhir/Patient/ana/$validate", body: wrap(`{"name":"mode","valueCode":"delete"}`), code: 200, has: []string{"OperationOutcome", "!error"}},
			{name: "what for", line: "POST /fhir/Patient/$validate?mode=x", body: patient("x", "y"), code: 200, has: []string{`"severity":"error"`}},
			{name: "a profile", line: "POST /fhir/Patient/$validate?profile=http://example.org/p", body: patient("x", "y"), code: 200, has: []string{"not-supported", "http://example.org/p"}},
			{name: "the base profile", line: "POST /fhir/Patient/$validate?profile=http://hl7.org/fhir/StructureDefinition/Patient", body: patient("x", "y"), code: 200, has: []string{"All OK"}},
			{name: "what is stored", line: "GET /fhir/Patient/ana/$validate", code: 200, has: []string{"All OK"}},
			{name: "what is not", line: "GET /fhir/Patient/none/$validate", code: 404},
			{name: "no JSON", line: "POST /fhir/Patient/$validate", body: "x", code: 400},
			{name: "nothing was stored", line: "GET /fhir/Patient/x", code: 404},

			{name: "everything", line: "GET /fhir/Patient/ana/$everything", code: 200, has: []string{`"type":"searchset"`, `"id":"ana"`, `"id":"o1"`, `"id":"o2"`, `"id":"c1"`, `"id":"doc"`, `!"id":"eva"`, `!"id":"o4"`}},
			{name: "everything, some types", line: "GET /fhir/Patient/ana/$everything?_type=Observation", code: 200, has: []string{`"id":"o1"`, `!"id":"c1"`, `!"id":"ana"`, `!"id":"doc"`}},
			{name: "everything, what is referred to", line: "GET /fhir/Patient/ana/$everything?_type=Practitioner", code: 200, has: []string{`"id":"doc"`, `!"id":"o1"`, `!"id":"ana"`}},
			{name: "everything, a type that they may not see", as: "ana", line: "GET /fhir/Patient/ana/$everything?_type=AuditEvent", code: 200, has: []string{`"total":0`}},
			{name: "everything, by who sees the trail", as: "trail", line: "GET /fhir/Patient/ana/$everything", code: 200, has: []string{`"id":"o1"`, "!AuditEvent"}},
			{name: "everything, the trail", as: "trail", line: "GET /fhir/Patient/ana/$everything?_type=AuditEvent", code: 200, has: []string{`"resourceType":"AuditEvent"`, `!"id":"o1"`}},
			{name: "the compartment, by who sees the trail", as: "trail", line: "GET /fhir/Patient/ana/*", code: 200, has: []string{`"id":"o1"`, "!AuditEvent"}},
			{name: "everything, since", line: "GET /fhir/Patient/ana/$everything?_since=2030-01-01T00:00:00Z", code: 200, has: []string{`!"id":"o1"`}},
			{name: "everything, of a time", line: "GET /fhir/Patient/ana/$everything?start=2026-05-01&end=2026-07-01", code: 200, has: []string{`"id":"o2"`, `!"id":"o1"`, `"id":"ana"`}},
			{name: "everything by POST", line: "POST /fhir/Patient/ana/$everything", body: wrap(`{"name":"_type","valueString":"Observation"},{"name":"_count","valueInteger":1}`), code: 200, has: []string{`"relation":"next"`}},
			{name: "everything, a page", line: "GET /fhir/Patient/ana/$everything?_count=2", code: 200, has: []string{`"relation":"next"`}},
			{name: "everything of nobody", line: "GET /fhir/Patient/none/$everything", code: 404},
			{name: "everything of an organisation", line: "GET /fhir/Organization/x/$everything", code: 404},
			{name: "everything, no such type", line: "GET /fhir/Patient/ana/$everything?_type=Nothing", code: 400},
			{name: "everything, a bad date", line: "GET /fhir/Patient/ana/$everything?start=soon", code: 400},
			{name: "everything with what", line: "GET /fhir/Patient/ana/$everything?x=1", code: 200, has: []string{`"mode":"outcome"`}},
			{name: "everything with what, strictly", line: "GET /fhir/Patient/ana/$everything?x=1", headers: []string{"Prefer: handling=strict"}, code: 400},
		})
	})
}
