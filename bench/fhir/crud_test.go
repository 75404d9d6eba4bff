package fhir_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// BenchmarkCRUD makes, reads, changes and deletes: a quarter each, of Observations and Patients, as many
// at once as there would be clients. One op is one request; every change is audited and, before it
// is answered, on the disk.
func BenchmarkCRUD(b *testing.B) {
	on(b, func(b *testing.B, fresh func() *world) {
		w := fresh()
		b.Log(w.durability(b))
		patient := path.Base(path.Dir(path.Dir(w.do("POST", "/Patient", onePatient(0, 1), http.StatusCreated).Header().Get("Location"))))
		var made atomic.Int64
		b.SetParallelism(max(1, 32/runtime.GOMAXPROCS(0)))
		was, begun := w.spent(), time.Now()
		b.ResetTimer()
		b.RunParallel(func(pb *testing.PB) {
			for step, place, body := 0, "", ""; pb.Next(); step++ {
				switch step % 4 {
				case 0:
					n := made.Add(1)
					typ := "/Observation"
					body = oneObservation("Patient/"+patient, int(n), "8867-4", "/min", fmt.Sprint(50+n%60))
					if n%4 == 0 {
						typ, body = "/Patient", onePatient(int(n), 1000)
					}
					rec := w.do("POST", typ, body, http.StatusCreated)
					place = typ + "/" + path.Base(path.Dir(path.Dir(rec.Header().Get("Location"))))
					body = rec.Body.String()
				case 1:
					w.do("GET", place, "", http.StatusOK)
				case 2:
					w.do("PUT", place, changed(b, body), http.StatusOK)
				case 3:
					w.do("DELETE", place, "", http.StatusNoContent)
				}
			}
		})
		b.StopTimer()
		w.spent().since(was).report(b, b.N, "op")
		b.ReportMetric(float64(b.N)/time.Since(begun).Seconds(), "op/s")
	})
}

// changed is the resource with something else in it.
func changed(b *testing.B, body string) string {
	var n map[string]any
	if err := json.Unmarshal([]byte(body), &n); err != nil {
		b.Fatal(err)
	}
	if n["resourceType"] == "Patient" {
		n["active"] = false
	} else {
		n["status"] = "amended"
	}
	out, err := json.Marshal(n)
	if err != nil {
		b.Fatal(err)
	}
	return string(out)
}

var families = strings.Fields("Quiroga Vidal Serra Molina Ortega Navarro Ibarra Castaño Lledó Ferrer Sastre Pujol Arana Urrutia Bermejo Cárdenas Dueñas Escudero Fajardo Galindo")
var givens = strings.Fields("Ana María Luz Piet Leo Orlena Iker Nuria Pau Sara Hugo Vera Irene Bruno Clara Diego")
var cities = strings.Fields("Orlena Valdemar Riosa Pinarejo Torreblanca Almenar Sotillo Berzosa")

// onePatient is patient number i of so many. Who treats them grows with their number, as it does in
// life: a doctor has twenty patients, a centre a hundred, a family four.
func onePatient(i, of int) string {
	return fmt.Sprintf(`{"resourceType":"Patient","active":true,"identifier":[{"system":"urn:mrn","value":"%d"}],"name":[{"family":"%s","given":["%s"]}],`+
		`"gender":"%s","birthDate":"%s","address":[{"city":"%s","postalCode":"%05d","country":"ES"}],"telecom":[{"system":"phone","value":"600%06d"}],`+
		`"generalPractitioner":[{"reference":"Practitioner/d%d"}],"managingOrganization":{"reference":"Organization/o%d"}}`,
		i, family(i, of), givens[i%len(givens)], []string{"female", "male"}[i%2], birth(i), cities[i%len(cities)], i%100000, i, i%doctors(of), i%centres(of))
}

func doctors(patients int) int { return patients/20 + 1 }
func centres(patients int) int { return patients/100 + 1 }

func family(i, of int) string {
	k := i % (of/4 + 1)
	return families[k%len(families)] + " " + families[k/len(families)%len(families)] + string(rune('a'+k/len(families)/len(families)))
}

func birth(i int) string {
	return time.Date(1930, 1, 1+i*7919%29200, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
}

func oneObservation(subject string, i int, code, unit, value string) string {
	return fmt.Sprintf(`{"resourceType":"Observation","status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs"}]}],`+
		`"code":{"coding":[{"system":"http://loinc.org","code":"%s"}]},"subject":{"reference":"%s"},"effectiveDateTime":"%s",`+
		`"valueQuantity":{"value":%s,"unit":"%s","system":"http://unitsofmeasure.org","code":"%s"}}`, code, subject, day(i), value, unit, unit)
}

func day(i int) string {
	return time.Date(2024, 1, 1, 8, 0, 0, 0, time.UTC).Add(time.Duration(i%800) * 24 * time.Hour).Format(time.RFC3339)
}
