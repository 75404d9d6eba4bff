package fhir_test

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"net/url"
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
// their number, {f} their family name, {b} their birthday, {c} a disease, {d} a doctor, {o} a centre.
var queries = []string{
	"/Patient?family={f}",
	"/Patient?name={f}&gender=female",
	"/Patient?identifier=urn:mrn|{n}",
	"/Patient?birthdate={b}&_count=10",
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

// BenchmarkSearch asks the thirty queries of several hospitals in turn, each with more patients than the one
// before, who have eleven records each. The middle of the answers' times ("p50-ms") should be the same at
// each; "growth" is that of the largest by that of the smallest. MITRAL_BENCH_PATIENTS=64000 has hospitals of 1,000,
// 4,000, 16,000 and 64,000 patients; that many take minutes to write. One op is the thirty queries at each.
func BenchmarkSearch(b *testing.B) {
	sizes := []int{100, 400}
	if s := os.Getenv("MITRAL_BENCH_PATIENTS"); s != "" {
		most, err := strconv.Atoi(s)
		if err != nil || most < 1000 {
			b.Fatalf("MITRAL_BENCH_PATIENTS=%s: want a number from 1000 on", s)
		}
		sizes = nil
		for n := 1000; n <= most; n *= 4 {
			sizes = append(sizes, n)
		}
	}
	on(b, func(b *testing.B, fresh func() *world) {
		all := make([]*hospital, len(sizes))
		for i, n := range sizes {
			all[i] = &hospital{world: fresh(), patients: n, each: map[string][]time.Duration{}}
			all[i].fill(n)
			for range 3 {
				all[i].round(false)
			}
		}
		b.ResetTimer()
		for b.Loop() {
			for _, h := range all {
				h.round(true)
			}
		}
		b.StopTimer()
		first, last := all[0], all[len(all)-1]
		for _, h := range all {
			b.ReportMetric(ms(h.all, 50), fmt.Sprint("p50-ms@", h.patients))
			b.ReportMetric(ms(h.all, 95), fmt.Sprint("p95-ms@", h.patients))
		}
		b.ReportMetric(ms(last.all, 50)/ms(first.all, 50), "growth")
		last.cost.report(b, len(last.all), "search")
		slow := slices.SortedFunc(slices.Values(queries), func(x, y string) int { return int(ms(last.each[y], 50)*1e6 - ms(last.each[x], 50)*1e6) })
		for _, q := range slow[:4] {
			b.Logf("slowest: %.2f ms, among the fewest %.2f ms: %s", ms(last.each[q], 50), ms(first.each[q], 50), q)
		}
	})
}

// hospital is a world with so many patients.
type hospital struct {
	*world
	patients int
	rounds   int
	cost     spent
	all      []time.Duration
	each     map[string][]time.Duration
}

// round asks every query once, each time about other patients.
func (h *hospital) round(keep bool) {
	h.b.Helper()
	was := h.spent()
	for k, q := range queries {
		i := (h.rounds*7919 + k*104729) % h.patients
		path := strings.NewReplacer("{p}", fmt.Sprint("p", i), "{n6}", fmt.Sprintf("%06d", i), "{n}", strconv.Itoa(i), "{f}", url.PathEscape(family(i, h.patients)), "{b}", birth(i), "{c}", disease(i),
			"{d}", fmt.Sprint("d", i%doctors(h.patients)), "{o}", fmt.Sprint("o", i%centres(h.patients)), "|", "%7C").Replace(q)
		begun := time.Now()
		rec := h.do("GET", path, "", http.StatusOK)
		took := time.Since(begun)
		if strings.Contains(rec.Body.String(), `"OperationOutcome"`) {
			h.b.Fatalf("%s: %.500s", path, rec.Body)
		}
		if keep {
			h.all, h.each[q] = append(h.all, took), append(h.each[q], took)
		}
	}
	if h.rounds++; keep {
		h.cost = h.cost.plus(h.spent().since(was))
	}
}

func ms(d []time.Duration, percent int) float64 {
	d = slices.Sorted(slices.Values(d))
	return float64(d[min(len(d)-1, len(d)*percent/100)].Nanoseconds()) / 1e6
}

// disease is one of forty codes.
func disease(i int) string { return strconv.Itoa(44054006 + i%40) }

// fill takes in so many patients with what a practice has of them, and who treats them.
func (w *world) fill(patients int) {
	w.b.Helper()
	dir := w.b.(interface{ TempDir() string }).TempDir()
	f, err := os.Create(filepath.Join(dir, fmt.Sprint(patients, ".ndjson")))
	if err != nil {
		w.b.Fatal(err)
	}
	out := bufio.NewWriterSize(f, 1<<20)
	add := func(id, body string) {
		fmt.Fprintf(out, "{\"id\":\"%s\",%s\n", id, body[1:])
	}
	for i := range doctors(patients) {
		add(fmt.Sprint("d", i), fmt.Sprintf(`{"resourceType":"Practitioner","name":[{"family":"%s"}]}`, family(i, patients)))
	}
	for i := range centres(patients) {
		add(fmt.Sprint("o", i), fmt.Sprintf(`{"resourceType":"Organization","name":"Centre %d"}`, i))
	}
	for i := range patients {
		p := fmt.Sprint("p", i)
		subject := `"subject":{"reference":"Patient/` + p + `"}`
		add(p, onePatient(i, patients))
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
