package fhir_test

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/mitral-health/mitral/clinical"
)

// queries are thirty things that a hospital, a practice and an app ask for. {p} is a patient, {n}
// their number, {f} their family name, {c} a disease, {d} a doctor, {o} an organisation.
var queries = []string{
	"/Patient?family={f}",
	"/Patient?name={f}&gender=female",
	"/Patient?identifier=urn:mrn|{n}",
	"/Patient?birthdate=1956-03-09&_count=10",
	"/Patient?birthdate=ge1950-01-01&birthdate=lt1950-03-01&gender=male&_count=20",
	"/Patient?address-city=Orlena&_count=20",
	"/Patient?general-practitioner=Practitioner/{d}&_count=20",
	"/Patient?organization=Organization/{o}&_count=20",
	"/Patient?phone=600{n6}",
	"/Patient?_id={p}&_revinclude=Observation:subject",
	"/Patient?_has:Condition:patient:code=http://snomed.info/sct|{c}&_count=20",
	"/Patient?_sort=-_lastUpdated&_count=50",
	"/Patient/{p}/$everything",
	"/Patient/{p}/Observation?code=http://loinc.org|29463-7",
	"/Observation?patient={p}",
	"/Observation?patient={p}&category=vital-signs&_sort=-date",
	"/Observation?patient={p}&code=http://loinc.org|85354-9&_sort=-date&_count=1",
	"/Observation?patient={p}&date=ge2025-01-01",
	"/Observation?patient={p}&combo-code=http://loinc.org|8480-6",
	"/Observation?code=http://loinc.org|2339-0&value-quantity=gt290|http://unitsofmeasure.org|mg/dL&_count=20",
	"/Observation?component-code-value-quantity=http://loinc.org|8480-6$gt178&_count=20",
	"/Observation?patient.identifier=urn:mrn|{n}&code=http://loinc.org|8867-4",
	"/Observation?subject=Patient/{p}&_include=Observation:subject&_count=5",
	"/Observation?patient={p}&_summary=count",
	"/Condition?patient={p}&clinical-status=active",
	"/Condition?code=http://snomed.info/sct|{c}&_count=20",
	"/Condition?code=http://snomed.info/sct|{c}&_include=Condition:subject&_count=20",
	"/Encounter?patient={p}&_sort=-date&_count=5",
	"/Encounter?date=2025-02-11&class=AMB&_count=20",
	"/MedicationRequest?patient={p}&status=active",
}

// BenchmarkSearch asks the thirty queries among ever more patients, each of whom has twelve resources.
// The middle of all answers' times should stay where it is. MITRAL_BENCH_PATIENTS=64000 goes from
// 1,000 to 64,000; that many take minutes to write.
func BenchmarkSearch(b *testing.B) {
	sizes := []int{100, 400}
	if s := os.Getenv("MITRAL_BENCH_PATIENTS"); s != "" {
		most, err := strconv.Atoi(s)
		if err != nil {
			b.Fatal(err)
		}
		sizes = nil
		for n := 1000; n <= most; n *= 4 {
			sizes = append(sizes, n)
		}
	}
	on(b, func(b *testing.B, w *world) {
		have := 0
		for _, n := range sizes {
			w.fill(have, n)
			have = n
			b.Run(fmt.Sprint(n), func(b *testing.B) { w.search(b, n) })
		}
	})
}

// search asks all queries b.N times, and some times before that count for nothing.
func (w *world) search(b *testing.B, patients int) {
	var all []time.Duration
	each := map[string][]time.Duration{}
	ask := func(round int, keep bool) {
		for k, q := range queries {
			i := (round*7919 + k*104729) % patients
			path := strings.NewReplacer("{p}", fmt.Sprint("p", i), "{n6}", fmt.Sprintf("%06d", i), "{n}", strconv.Itoa(i), "{f}", family(i), "{c}", disease(i),
				"{d}", fmt.Sprint("d", i%200), "{o}", fmt.Sprint("o", i%50), "|", "%7C").Replace(q)
			begun := time.Now()
			rec := w.do("GET", path, "", http.StatusOK)
			took := time.Since(begun)
			if strings.Contains(rec.Body.String(), `"OperationOutcome"`) {
				b.Fatalf("%s: %.500s", path, rec.Body)
			}
			if keep {
				all, each[q] = append(all, took), append(each[q], took)
			}
		}
	}
	for round := range 3 {
		ask(round, false)
	}
	was, rounds := w.spent(), 0
	b.ResetTimer()
	for b.Loop() {
		ask(rounds+3, true)
		rounds++
	}
	b.StopTimer()
	w.report(b, was, len(all), "search")
	b.ReportMetric(ms(all, 50), "p50-ms")
	b.ReportMetric(ms(all, 95), "p95-ms")
	slow := slices.SortedFunc(slices.Values(queries), func(x, y string) int { return int(middle(each[y]) - middle(each[x])) })
	for _, q := range slow[:3] {
		b.Logf("among the slowest: %.2f ms %s", ms(each[q], 50), q)
	}
}

func middle(d []time.Duration) time.Duration { slices.Sort(d); return d[len(d)/2] }

func ms(d []time.Duration, percent int) float64 {
	slices.Sort(d)
	return float64(d[min(len(d)-1, len(d)*percent/100)].Nanoseconds()) / 1e6
}

// disease is one of forty codes.
func disease(i int) string { return strconv.Itoa(44054006 + i%40) }

// fill adds patients from one number to another, each with what a practice has of them, by import.
func (w *world) fill(from, to int) {
	w.b.Helper()
	dir := w.b.(interface{ TempDir() string }).TempDir()
	f, err := os.Create(filepath.Join(dir, fmt.Sprint(to, ".ndjson")))
	if err != nil {
		w.b.Fatal(err)
	}
	out := bufio.NewWriterSize(f, 1<<20)
	add := func(id, body string) {
		fmt.Fprintf(out, "{\"id\":\"%s\",%s\n", id, body[1:])
	}
	if from == 0 {
		for i := range 200 {
			add(fmt.Sprint("d", i), fmt.Sprintf(`{"resourceType":"Practitioner","name":[{"family":"%s"}]}`, family(i)))
		}
		for i := range 50 {
			add(fmt.Sprint("o", i), fmt.Sprintf(`{"resourceType":"Organization","name":"Centre %d"}`, i))
		}
	}
	for i := from; i < to; i++ {
		p := fmt.Sprint("p", i)
		subject := `"subject":{"reference":"Patient/` + p + `"}`
		add(p, onePatient(i))
		for k, v := range [][3]string{{"8867-4", "/min", fmt.Sprint(50 + i%70)}, {"29463-7", "kg", fmt.Sprint(45 + i%70)}, {"2339-0", "mg/dL", fmt.Sprint(60 + i%240)},
			{"2708-6", "%", fmt.Sprint(88 + i%12)}, {"8310-5", "Cel", fmt.Sprint(36+i%3, ".", i%10)}} {
			v[2] = strings.ReplaceAll(v[2], " ", "")
			add(fmt.Sprint(p, "-v", k), oneObservation("Patient/"+p, i*7+k*31, v[0], v[1], v[2]))
		}
		panel := func(code string, value int) string {
			return fmt.Sprintf(`{"code":{"coding":[{"system":"http://loinc.org","code":"%s"}]},"valueQuantity":{"value":%d,"unit":"mmHg","system":"http://unitsofmeasure.org","code":"mm[Hg]"}}`, code, value)
		}
		add(p+"-bp", fmt.Sprintf(`{"resourceType":"Observation","status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs"}]}],`+
			`"code":{"coding":[{"system":"http://loinc.org","code":"85354-9"}]},%s,"effectiveDateTime":"%s","component":[%s,%s]}`,
			subject, day(i*13), panel("8480-6", 90+i%90), panel("8462-4", 50+i%60)))
		for k := range 2 {
			add(fmt.Sprint(p, "-c", k), fmt.Sprintf(`{"resourceType":"Condition","clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]},`+
				`"code":{"coding":[{"system":"http://snomed.info/sct","code":"%s"}]},%s,"onsetDateTime":"%s"}`, disease(i*3+k), subject, day(i*5+k)))
		}
		add(p+"-e", fmt.Sprintf(`{"resourceType":"Encounter","status":"finished","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB"},%s,"period":{"start":"%s"}}`, subject, day(i*11)))
		add(p+"-m", fmt.Sprintf(`{"resourceType":"MedicationRequest","status":"active","intent":"order","medicationCodeableConcept":{"text":"metformin 850 mg"},%s,"authoredOn":"%s"}`, subject, day(i*17)))
	}
	if err := out.Flush(); err != nil {
		w.b.Fatal(err)
	}
	f.Close()
	w.take(f.Name())
}

// take imports files; nothing of them may be refused.
func (w *world) take(paths ...string) int {
	w.b.Helper()
	p, err := w.clinical.Import(context.Background(), paths, clinical.ImportOptions{Refused: func(r clinical.ImportRefusal) {
		w.b.Errorf("%s %s: %s %s", filepath.Base(r.File), r.Place, r.Expression, r.Reason)
	}})
	if err != nil || p.Refused > 0 {
		w.b.Fatalf("%+v, %v", p, err)
	}
	return p.Resources
}
