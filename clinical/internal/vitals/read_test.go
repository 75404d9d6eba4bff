package vitals

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/resource"
)

func foreign(t *testing.T, body string) (Reading, *Problem) {
	t.Helper()
	n, err := resource.Parse([]byte(`{"resourceType":"Observation","id":"x",` + body + `}`))
	if err != nil {
		t.Fatal(err)
	}
	r, err := Decode(n, noon)
	var p *Problem
	if err != nil && !errors.As(err, &p) {
		t.Fatal(err)
	}
	return r, p
}

func TestForeignObservations(t *testing.T) {
	code := func(c string) string {
		return `"code":{"coding":[{"system":"http://loinc.org","code":"` + c + `"}]}`
	}
	const frame = `"status":"final","effectiveDateTime":"2026-03-04T08:00:00+01:00",`
	for _, c := range []struct {
		name, body string
		measure    Measure
		want       [2]string
		code       Code
	}{
		{"the old panel code", frame + code("55284-4") + `,"component":[{` + code("8462-4") + `,"valueQuantity":{"value":80,"code":"mm[Hg]"}},{` + code("8480-6") + `,"valueQuantity":{"value":125.0,"unit":"mmHg"}}]`, BloodPressure, [2]string{"125", "80"}, ""},
		{"one pressure is absent", frame + code("85354-9") + `,"component":[{` + code("8480-6") + `,"valueQuantity":{"value":125,"code":"mm[Hg]"}},{` + code("8462-4") + `,"dataAbsentReason":{"text":"not heard"}}]`, BloodPressure, [2]string{"125", ""}, ""},
		{"a pressure by itself", frame + code("8462-4") + `,"valueQuantity":{"value":80,"system":"http://unitsofmeasure.org","code":"mm[Hg]"}`, BloodPressure, [2]string{"", "80"}, ""},
		{"two codes", frame + `"code":{"coding":[{"system":"http://loinc.org","code":"59408-5"},{"system":"http://loinc.org","code":"2708-6"}]},"valueQuantity":{"value":95,"code":"%"}`, Oxygen, [2]string{"95", ""}, ""},
		{"molar glucose", frame + code("15074-8") + `,"valueQuantity":{"value":6.3,"unit":"mmol/l","system":"http://unitsofmeasure.org","code":"mmol/L"}`, Glucose, [2]string{"113", ""}, ""},
		{"glucose with many digits", frame + code("2339-0") + `,"valueQuantity":{"value":88.5349,"unit":"mg/dL"}`, Glucose, [2]string{"88.535", ""}, ""},
		{"glucose without a unit", frame + code("2339-0") + `,"valueQuantity":{"value":6.1}`, "", [2]string{}, NoUnit},
		{"glucose in a unit of its own", frame + code("2339-0") + `,"valueQuantity":{"value":6.1,"unit":"squeaks"}`, "", [2]string{}, OtherUnit},
		{"a unit of another system isn't UCUM's", frame + code("2339-0") + `,"valueQuantity":{"value":6.1,"system":"http://x","code":"mmol/L"}`, "", [2]string{}, NoUnit},
		{"beyond the meter", frame + code("2339-0") + `,"valueQuantity":{"value":600,"comparator":">","unit":"mg/dL"}`, Glucose, [2]string{"600", ""}, ""},
		{"weight in grams", frame + code("29463-7") + `,"valueQuantity":{"value":71500,"code":"g"}`, Weight, [2]string{"71.5", ""}, ""},
		{"weight in pounds", frame + code("29463-7") + `,"valueQuantity":{"value":1.85e2,"code":"[lb_av]"}`, Weight, [2]string{"83.91", ""}, ""},
		{"steps without a unit", frame + code("55423-8") + `,"valueInteger":9000`, Steps, [2]string{"9000", ""}, ""},
		{"pain without a unit", frame + code("72514-3") + `,"valueQuantity":{"value":3}`, Pain, [2]string{"3", ""}, ""},
		{"beats", frame + code("8867-4") + `,"valueQuantity":{"value":60,"code":"{beats}/min"}`, HeartRate, [2]string{"60", ""}, ""},
		{"oral temperature", frame + code("8331-1") + `,"valueQuantity":{"value":37.04,"code":"Cel"}`, Temperature, [2]string{"37.04", ""}, ""},
		{"a sentinel", frame + code("2708-6") + `,"valueQuantity":{"value":255,"code":"%"}`, "", [2]string{}, TooHigh},
		{"more than any number", frame + code("29463-7") + `,"valueQuantity":{"value":1e99,"code":"kg"}`, "", [2]string{}, TooHigh},
		{"no value", frame + code("29463-7") + `,"dataAbsentReason":{"text":"no scale"}`, "", [2]string{}, NotDisclosed},
		{"another measure", frame + code("4548-4") + `,"valueQuantity":{"value":7,"code":"%"}`, "", [2]string{}, NotMeasure},
		{"another system's code", frame + `"code":{"coding":[{"system":"http://x","code":"29463-7"}]},"valueQuantity":{"value":7,"code":"kg"}`, "", [2]string{}, NotMeasure},
		{"in error", `"status":"entered-in-error","effectiveDateTime":"2026-03-04",` + code("29463-7") + `,"valueQuantity":{"value":70,"code":"kg"}`, "", [2]string{}, Withdrawn},
		{"no time", `"status":"final",` + code("29463-7") + `,"valueQuantity":{"value":70,"code":"kg"}`, "", [2]string{}, NoTime},
		{"no real time", `"status":"final","effectiveDateTime":"soon",` + code("29463-7") + `,"valueQuantity":{"value":70,"code":"kg"}`, "", [2]string{}, BadTime},
		{"pressures upside down", frame + code("85354-9") + `,"component":[{` + code("8480-6") + `,"valueQuantity":{"value":70,"code":"mm[Hg]"}},{` + code("8462-4") + `,"valueQuantity":{"value":110,"code":"mm[Hg]"}}]`, "", [2]string{}, UpsideDown},
	} {
		r, p := foreign(t, c.body)
		if c.code != "" {
			if p == nil || p.Code != c.code {
				t.Errorf("%s: %+v %+v, wanted %s", c.name, r, p, c.code)
			}
			continue
		}
		if p != nil || r.Measure != c.measure {
			t.Errorf("%s: %+v %+v", c.name, r, p)
			continue
		}
		for i, want := range c.want {
			if r.Has[i] != (want != "") || want != "" && r.Values[i].String() != want {
				t.Errorf("%s: part %d is %v %s, wanted %q", c.name, i, r.Has[i], r.Values[i], want)
			}
		}
	}
}

func TestForeignTimesAndKeys(t *testing.T) {
	const value = `"code":{"coding":[{"system":"http://loinc.org","code":"29463-7"}]},"status":"final","valueQuantity":{"value":70,"code":"kg"},`
	for _, c := range []struct{ body, at, key string }{
		{`"effectiveDateTime":"2026-03"`, "2026-03-01T00:00:00Z", "Observation/x"},
		{`"effectivePeriod":{"start":"2026-03-03","end":"2026-03-04T00:00:00Z"}`, "2026-03-04T00:00:00Z", "Observation/x"},
		{`"effectivePeriod":{"start":"2026-03-03"}`, "2026-03-03T00:00:00Z", "Observation/x"},
		{`"effectiveInstant":"2026-03-03T05:06:07.25-03:00","identifier":[{"value":"a"},{"system":"s","value":"b"}]`, "2026-03-03T08:06:07.25Z", "|a"},
		{`"effectiveDateTime":"2026","identifier":[{"system":"s","value":"b"},{"system":"urn:mitral:entry","value":"mine"}]`, "2026-01-01T00:00:00Z", "mine"},
	} {
		r, p := foreign(t, value+c.body)
		if p != nil || r.At.UTC().Format(time.RFC3339Nano) != c.at || r.Key != c.key {
			t.Errorf("%s: %v %v %q", c.body, p, r.At, r.Key)
		}
	}
}

// TestSynthea reads what a foreign generator wrote: everything that looks like a measure is read.
func TestSynthea(t *testing.T) {
	dir := os.Getenv("MITRAL_DATA")
	if dir == "" {
		t.Skip("MITRAL_DATA is not set")
	}
	files, _ := filepath.Glob(filepath.Join(dir, "synthea", "*.json"))
	if len(files) == 0 {
		t.Fatal("no files")
	}
	read, refused := map[Measure]int{}, map[Code]int{}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		n, err := resource.Parse(b)
		if err != nil {
			t.Fatal(err)
		}
		for i := range n.Get("entry").Each() {
			o := n.Get("entry").At(i).Get("resource")
			if o.Type() != "Observation" {
				continue
			}
			if r, err := Decode(o, noon); err == nil {
				read[r.Measure]++
			} else {
				refused[err.(*Problem).Code]++
			}
		}
	}
	t.Log(len(files), "files:", read, refused)
	if delete(refused, NotMeasure); len(refused) > 0 {
		t.Errorf("refused: %v", refused)
	}
	for _, m := range []Measure{BloodPressure, Weight, Glucose, Pain, Temperature} {
		if read[m] == 0 {
			t.Errorf("no %s was read", m)
		}
	}
}

func FuzzTyped(f *testing.F) {
	for _, s := range []string{"128", "5,6", "12.000", " 72,35 ", "-1", "1e9", ".", "٣", "0000"} {
		for m := range Measures() {
			f.Add(s, m, 0)
		}
	}
	f.Fuzz(func(t *testing.T, typed string, m, u int) {
		measures := Measures()
		d := Of(measures[uint(m)%uint(len(measures))])
		e := entry(d.Measure, d.Units[uint(u)%uint(len(d.Units))].Code, typed)
		if len(d.Parts) == 2 {
			e.Typed = append(e.Typed, "40")
		}
		n, r, err := Observe(e)
		if err != nil {
			return
		}
		for i := range d.Parts {
			if limits := d.Parts[i].Range; r.Values[i] < limits.Least || r.Values[i] > limits.Most {
				t.Fatalf("%q became %s", typed, r.Values[i])
			}
		}
		parsed, err := resource.Parse(n.Bytes())
		if err != nil {
			t.Fatalf("%q: %v", typed, err)
		}
		if back, err := Decode(parsed, e.Received); err != nil || back.Values != r.Values {
			t.Fatalf("%q is %v, and comes back as %v %v", typed, r.Values, back.Values, err)
		}
	})
}

func FuzzDecode(f *testing.F) {
	n, _, err := Observe(entry(BloodPressure, "mm[Hg]", "128", "82"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(n.Bytes())
	f.Add([]byte(`{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"2339-0"}]},"effectivePeriod":{"start":"2020"},"valueQuantity":{"value":-1.5e-3,"code":"mmol/L","comparator":"<"}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		n, err := resource.Parse(b)
		if err != nil {
			return
		}
		r, err := Decode(n, noon)
		var p *Problem
		if err != nil {
			if !errors.As(err, &p) || p.Code == "" {
				t.Fatal(err)
			}
			return
		}
		if r.Order.After(noon) || r.Key == "" || !r.Has[0] && !r.Has[1] {
			t.Fatalf("%+v", r)
		}
	})
}

func BenchmarkObserve(b *testing.B) {
	e := entry(BloodPressure, "mm[Hg]", "128", "82")
	for b.Loop() {
		if _, _, err := Observe(e); err != nil {
			b.Fatal(err)
		}
	}
}
