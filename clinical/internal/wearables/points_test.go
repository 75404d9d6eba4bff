package wearables

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/mitral-health/mitral/platform/fault"
)

func dataPoint(body string) string {
	return `{"header":{"id":"1","creation_date_time":"2026-03-01T08:06:00Z","schema_id":{"namespace":"omh","name":"x","version":"1.0"},"acquisition_provenance":{"source_name":"Ring"}},"body":` + body + `}`
}

func points1(t *testing.T, text string, o Options) ([]string, Summary, error) {
	t.Helper()
	return told(t, func(o Options, emit func(Sample) error) (Summary, error) {
		return Points(context.Background(), strings.NewReader(text), o, emit)
	}, o)
}

func TestPoints(t *testing.T) {
	const at = `"effective_time_frame":{"date_time":"2026-03-01T08:05:00-07:00"}`
	bodies := []string{
		`{"systolic_blood_pressure":{"value":128,"unit":"mmHg"},"diastolic_blood_pressure":{"value":81,"unit":"mmHg"},"body_posture":"sitting",` + at + `}`,
		`{"systolic_blood_pressure":{"value":128,"unit":"mmHg"},` + at + `}`,
		`{"blood_glucose":{"unit":"mg/dL","value":95},` + at + `}`,
		`{"blood_glucose":{"unit":"mmol/L","value":5.55},"effective_time_frame":{"time_interval":{"start_date_time":"2026-03-01T08:05:00Z","end_date_time":"2026-03-01T08:06:00Z"}}}`,
		`{"blood_glucose":{"value":95},` + at + `}`,
		`{"blood_glucose":{"unit":"mg/dL","value":"95"},` + at + `}`,
		`{"body_weight":{"unit":"lb","value":1.6e2},"effective_time_frame":{"time_interval":{"start_date_time":"2026-03-01T08:05:00Z","duration":{"value":2,"unit":"min"}}}}`,
		`{"body_weight":{"unit":"kg","value":70},"descriptive_statistic":"average",` + at + `}`,
		`{"oxygen_saturation":{"unit":"%","value":97},"effective_time_frame":{"date_time":"2026-03-01"}}`,
		`{"heart_rate":{"unit":"beats/min","value":60.4},` + at + `}`,
		`{"body_temperature":{"unit":"C","value":36.6},` + at + `}`,
		`{"respiratory_rate":{"unit":"breaths/min","value":14},` + at + `}`,
		`{"step_count":{"unit":"steps","value":900},"effective_time_frame":{"time_interval":{"start_date_time":"2026-03-01T08:00:00Z","end_date_time":"2026-03-01T09:00:00Z"}}}`,
		`{"step_count":100,"effective_time_frame":{"time_interval":{"start_date_time":"2026-03-01T09:00:00Z","end_date_time":"2026-03-01T10:00:00Z"}}}`,
		`{"step_count":{"unit":"steps","value":5},"effective_time_frame":{"date_time":"2026-03-02T09:00:00Z"}}`,
		`{"body_weight":70,` + at + `}`,
		`{"acceleration":{"unit":"m/s^2","value":1}}`,
	}
	want := []string{
		"blood-pressure 128/81 mm[Hg] 2026-03-01T08:05:00-07:00 [Ring]", "2 blood_pressure: partial", "glucose 95 mg/dL 2026-03-01T08:05:00-07:00 [Ring]",
		"glucose 5.55 mmol/L 2026-03-01T08:05:00Z1m0s [Ring]", "5 blood_glucose: unit", "6 blood_glucose: number", "weight 160 [lb_av] 2026-03-01T08:05:00Z2m0s [Ring]", "8 body_weight: statistic",
		"9 oxygen_saturation: time", "heart-rate 60 /min 2026-03-01T08:05:00-07:00 [Ring]", "temperature 36.6 Cel 2026-03-01T08:05:00-07:00 [Ring]", "respiratory-rate 14 /min 2026-03-01T08:05:00-07:00 [Ring]",
		"16 body_weight: unit",
		"steps 1000 {steps} 2026-03-01T00:00:00Z24h0m0s [Ring]",
	}
	var all []string
	for _, b := range bodies {
		all = append(all, dataPoint(b))
	}
	for name, text := range map[string]string{"an array": "[" + strings.Join(all, ",\n") + "]", "lines": strings.Join(all, "\n") + "\n"} {
		lines, sum, err := points1(t, text, Options{})
		if err != nil || sum.Passed != 2 {
			t.Errorf("%s: %+v %v", name, sum, err)
		}
		expect(t, lines, want...)
	}
	lines, _, err := points1(t, strings.ReplaceAll(bodies[2], "-07:00", ""), Options{Zone: madrid})
	if err != nil {
		t.Error(err)
	}
	expect(t, lines, "glucose 95 mg/dL 2026-03-01T08:05:00+01:00 []")
}

func TestPointsBroken(t *testing.T) {
	for name, text := range map[string]string{
		"no JSON": "hello", "cut off": `[{"body":{}}`, "a number": "7", "nested": `[[{"body":{}}]]`, "a name twice": `{"body":{"body_weight":{"unit":"kg","unit":"lb","value":70}}}`,
		"an endless point": `{"body":{"x":"` + strings.Repeat("y", 3<<20), "bad text": "{\"body\":\"\xff\"}", "deep": strings.Repeat(`{"a":`, 20_000),
	} {
		_, _, err := points1(t, text, Options{})
		if err == nil || fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, _, err := points1(t, `{"body":{"secret`, Options{}); err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("the error quotes the file: %v", err)
	}
}

func TestSniff(t *testing.T) {
	for head, want := range map[string]Kind{"PK\x03\x04": AppleArchive, "\ufeff<?xml": AppleDocument, " [{": DataPoints, `{"resourceType":"Bundle"`: FHIR, "Date,x": Table, "": Table, "\xff\xfeD\x00": Table} {
		if got := Sniff([]byte(head)); got != want {
			t.Errorf("%q: %s", head, got)
		}
	}
	for _, text := range []string{"", "x", `{"resourceType":"Bundle"}`, "<a/>", "[1]"} {
		if _, err := Read(context.Background(), strings.NewReader(text), int64(len(text)), Options{}, nil); fault.KindOf(err) != fault.Invalid || err == nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func FuzzPoints(f *testing.F) {
	f.Add([]byte("[" + dataPoint(`{"systolic_blood_pressure":{"value":128,"unit":"mmHg"},"diastolic_blood_pressure":{"value":81,"unit":"mmHg"},"effective_time_frame":{"date_time":"2026-03-01T08:05:00-07:00"}}`) + "]"))
	f.Add([]byte(dataPoint(`{"step_count":{"unit":"steps","value":900},"effective_time_frame":{"time_interval":{"end_date_time":"2026-03-01T09:00:00Z","duration":{"value":1,"unit":"h"}}}}`)))
	f.Fuzz(func(t *testing.T, raw []byte) {
		judge(t, func(emit func(Sample) error) (Summary, error) {
			return Points(context.Background(), bytes.NewReader(raw), Options{}, emit)
		})
	})
}
