package fhir_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/mitral-health/mitral/platform/db/dbtest"
)

// Two copies of the program on one database: of many who do the same at once, one does it.
func TestTwoCopies(t *testing.T) {
	store := dbtest.Postgres(t, "clinical", migrations())
	copies := []*world{newWorld(t, store), newWorld(t, store)}
	race := func(line, body string, headers ...string) map[int]int {
		var mu sync.Mutex
		var wg sync.WaitGroup
		codes := map[int]int{}
		for i := range 12 {
			wg.Go(func() {
				got := copies[i%2].do("system", line, strings.ReplaceAll(body, "N", string(rune('A'+i))), headers...)
				mu.Lock()
				defer mu.Unlock()
				codes[got.code]++
				if got.code >= 500 {
					t.Errorf("%s: %d %s", line, got.code, got.body)
				}
			})
		}
		wg.Wait()
		return codes
	}
	if codes := race("POST /fhir/Patient", identified("", "1", "x"), "If-None-Exist: identifier=urn:mrn|1"); codes[201] != 1 {
		t.Errorf("conditional create: %v", codes)
	}
	if codes := race("PUT /fhir/Patient?identifier=urn:mrn|2", identified("", "2", "N")); codes[201] != 1 {
		t.Errorf("conditional update: %v", codes)
	}
	copies[0].put(patient("ana", "Quenby"))
	if codes := race("PUT /fhir/Patient/ana", patient("ana", "N"), `If-Match: W/"1"`); codes[200] != 1 || codes[412]+codes[409] != 11 {
		t.Errorf("update with If-Match: %v", codes)
	}
	if codes := race("PATCH /fhir/Patient/ana", `[{"op":"add","path":"/name/0/given/-","value":"N"}]`); codes[200] < 1 || codes[200]+codes[409]+codes[412] != 12 {
		t.Errorf("patch: %v", codes)
	} else if got := copies[0].do("system", "GET /fhir/Patient/ana", ""); strings.Count(got.body[strings.Index(got.body, "given"):strings.Index(got.body, "gender")], `"`) != 2*(codes[200]+1)+2 {
		t.Errorf("patch: %v, but %s", codes, got.body)
	}
	if codes := race("DELETE /fhir/Patient/ana", "", `If-Match: W/"2"`); codes[204] > 1 {
		t.Errorf("delete: %v", codes)
	}
}
