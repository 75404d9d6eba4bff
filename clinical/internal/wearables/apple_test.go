package wearables

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/vitals"
	"github.com/mitral-health/mitral/platform/fault"
)

// export is a document as a telephone writes it, with these elements in it.
func export(elements string) string {
	return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE HealthData [
<!-- a note that isn't closed by this: > -->
<!ELEMENT HealthData (ExportDate,Me,(Record|Correlation|Workout)*)>
<!ATTLIST HealthData
  locale CDATA #REQUIRED
>
<!ENTITY laugh "ha">
]>
<HealthData locale="es_ES">
 <ExportDate value="2026-11-23 07:00:00 +0100"/>
 <Me HKCharacteristicTypeIdentifierBloodType="HKBloodTypeNotSet"/>
` + elements + "\n</HealthData>\n"
}

func record(kind, unit, value, at string) string {
	return fmt.Sprintf(`<Record type="HKQuantityTypeIdentifier%s" sourceName="Orlena&apos;s Watch" sourceVersion="10" device="&lt;&lt;HKDevice: 0x28>, name:Watch>" unit="%s" creationDate="%s" startDate="%s" endDate="%s" value="%s"/>
`, kind, unit, at, at, at, value)
}

// told is what a reader gave, one line for each sample and problem.
func told(t testing.TB, read func(Options, func(Sample) error) (Summary, error), o Options) (lines []string, sum Summary, err error) {
	t.Helper()
	o.Refused = func(p Problem) { lines = append(lines, fmt.Sprintf("%d %s: %s", p.Line, p.Element, p.Reason)) }
	sum, err = read(o, func(s Sample) error {
		when := s.At.Format("2006-01-02T15:04:05Z07:00")
		if !s.End.Equal(s.At) {
			when += s.End.Sub(s.At).String()
		}
		lines = append(lines, fmt.Sprintf("%s %s %s %s [%s]", s.Measure, strings.Join(s.Values, "/"), s.Unit, when, s.Source))
		return nil
	})
	return lines, sum, err
}

func appleOf(t testing.TB, document string, o Options) ([]string, Summary, error) {
	t.Helper()
	return told(t, func(o Options, emit func(Sample) error) (Summary, error) {
		return Apple(context.Background(), strings.NewReader(document), o, emit)
	}, o)
}

func expect(t *testing.T, got []string, want ...string) {
	t.Helper()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestApple(t *testing.T) {
	at := "2026-03-01 08:05:00 +0100"
	pair := func(inner string) string {
		return `<Correlation type="HKCorrelationTypeIdentifierBloodPressure" sourceName="=Cuff" startDate="` + at + `" endDate="` + at + `">` + "\n" + `<MetadataEntry key="k" value="v"/>` + inner + `</Correlation>` + "\n"
	}
	upper, lower := record("BloodPressureSystolic", "mmHg", "128", at), record("BloodPressureDiastolic", "mmHg", "81", at)
	lines, sum, err := appleOf(t, export(upper+lower+pair(upper+lower)+pair(lower+upper)+pair(upper)+pair("")+pair(upper+upper+lower)+pair(upper+record("BloodPressureDiastolic", "kPa", "11", at))+
		record("BloodGlucose", "mmol&lt;180.1558800000541&gt;/L", "5.5", at)+record("BloodGlucose", "mg/dL", "104.00000000001", at)+record("BloodGlucose", "", "104", at)+
		record("BodyMass", "lb", "160.2", at)+record("BodyMass", "kg", "72.3456", at)+record("BodyMass", "st", "11", at)+
		record("OxygenSaturation", "%", "0.97", at)+record("OxygenSaturation", "%", "0.9800000190734863", at)+record("OxygenSaturation", "%", "1", at)+record("OxygenSaturation", "%", "97", at)+
		record("HeartRate", "count/min", "63.49999", at)+record("HeartRate", "count/min", "-5", at)+record("HeartRate", "count/min", "", at)+record("HeartRate", "count/min", "60", "2026-02-30 08:05:00 +0100")+
		record("HeartRate", "count/min", "60", "2026-02-28T08:05:00 +0100")+record("BodyTemperature", "degF", "98.6", at)+record("BodyTemperature", "degC", "36.6", "2026-07-01 08:05:00 -0330")+
		record("PeakExpiratoryFlowRate", "L/min", "412", at)+record("RespiratoryRate", "count/min", "14", at)+record("DietaryWater", "mL", "250", at)+
		`<Record type="HKCategoryTypeIdentifierSleepAnalysis" startDate="x" endDate="y" value="z"/>`+
		record("HeartRate", "count/min", "&laugh;", at)+strings.Replace(record("HeartRate", "count/min", "60", at), "&apos;", "&laugh;", 1)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	who := "[Orlena's Watch]"
	expect(t, lines,
		"blood-pressure 128/81 mm[Hg] 2026-03-01T08:05:00+01:00 [Cuff]", "blood-pressure 128/81 mm[Hg] 2026-03-01T08:05:00+01:00 [Cuff]",
		"23 Correlation: partial", "26 Correlation: partial", "28 Correlation: number", "33 Correlation: unit",
		"glucose 5.5 mmol/L 2026-03-01T08:05:00+01:00 "+who, "glucose 104 mg/dL 2026-03-01T08:05:00+01:00 "+who, "39 Record: unit",
		"weight 160.2 [lb_av] 2026-03-01T08:05:00+01:00 "+who, "weight 72.346 kg 2026-03-01T08:05:00+01:00 "+who, "42 Record: unit",
		"oxygen-saturation 97 % 2026-03-01T08:05:00+01:00 "+who, "oxygen-saturation 98 % 2026-03-01T08:05:00+01:00 "+who, "oxygen-saturation 100 % 2026-03-01T08:05:00+01:00 "+who, "oxygen-saturation 97 % 2026-03-01T08:05:00+01:00 "+who,
		"heart-rate 63 /min 2026-03-01T08:05:00+01:00 "+who, "48 Record: number", "49 Record: number", "50 Record: time", "51 Record: time",
		"temperature 98.6 [degF] 2026-03-01T08:05:00+01:00 "+who, "temperature 36.6 Cel 2026-07-01T08:05:00-03:30 "+who,
		"peak-flow 412 L/min 2026-03-01T08:05:00+01:00 "+who, "respiratory-rate 14 /min 2026-03-01T08:05:00+01:00 "+who, "57 Record: number", "58 Record: text")
	if sum.Samples != 15 || sum.Refused != 12 || sum.Passed != 4 {
		t.Errorf("%+v", sum)
	}
}

func TestAppleSteps(t *testing.T) {
	step := func(source, at, n string) string {
		return strings.Replace(record("StepCount", "count", n, at), "Orlena&apos;s Watch", source, 1)
	}
	day := export(step("Watch", "2026-11-21 08:00:00 +0100", "4000") + step("Watch", "2026-11-21 23:59:59 +0100", "500") + step("Phone", "2026-11-21 09:00:00 +0100", "3900") +
		step("Phone", "2026-11-20 09:00:00 +0100", "100") + step("Phone", "2026-11-23 06:00:00 +0100", "77"))
	want := []string{"steps 100 {steps} 2026-11-20T00:00:00+01:0024h0m0s [Phone]", "steps 4500 {steps} 2026-11-21T00:00:00+01:0024h0m0s [Watch]"}
	lines, sum, err := appleOf(t, day, Options{})
	if err != nil || sum.Samples != 2 {
		t.Fatal(sum, err)
	}
	expect(t, lines, want...)
	lines, _, _ = appleOf(t, strings.Replace(day, "<ExportDate", "<NoDate", 1), Options{})
	expect(t, lines, want...)
	lines, _, _ = appleOf(t, day, Options{Only: []vitals.Measure{vitals.Weight}})
	expect(t, lines)
	lines, _, _ = appleOf(t, day, Options{Since: time.Date(2026, 11, 21, 0, 0, 0, 0, time.FixedZone("", 3600))})
	expect(t, lines, want[1])
}

// TestKeys: the same sample has the same key in every import, and others have others.
func TestKeys(t *testing.T) {
	at := "2026-03-01 08:05:00 +0100"
	keys := func(document string) (all []string) {
		_, err := Apple(context.Background(), strings.NewReader(document), Options{}, func(s Sample) error {
			all = append(all, s.Key)
			e := s.Entry()
			e.Received = s.At
			if _, _, err := vitals.Read(e, nil); err != nil {
				t.Errorf("vitals refuses %+v: %v", s, err)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	first := keys(export(record("BodyMass", "kg", "72.3", at) + record("HeartRate", "count/min", "60", at)))
	again := keys(export(record("HeartRate", "count/min", "60", at) + record("BodyMass", "kg", "72.3", at) + record("BodyMass", "kg", "72.4", at) +
		record("BodyMass", "lb", "72.3", at) + record("BodyMass", "kg", "72.3", "2026-03-01 08:05:01 +0100") + record("BodyMass", "kg", "72.3", "2026-03-01 07:05:00 +0000")))
	if first[0] != again[1] || first[1] != again[0] || again[5] != again[1] {
		t.Error("the same measurement has two keys")
	}
	seen := map[string]bool{}
	for _, k := range again[:5] {
		if seen[k] {
			t.Error("two measurements have one key")
		}
		seen[k] = true
	}
}

func TestAppleBroken(t *testing.T) {
	for name, document := range map[string]string{
		"empty": "", "no XML": "hello", "another root": "<html></html>", "cut off": strings.TrimSuffix(export(""), "</HealthData>\n"), "cut in a tag": export("<Record type=\"x"),
		"two roots": export("") + "<HealthData/>", "crossed": export("<a><b></a></b>"), "two of one name": export(`<Record type="a" type="b"/>`), "no quotes": export(`<Record type=a/>`),
		"an endless attribute": export(`<Record type="` + strings.Repeat("x", maxTag+100) + `"/>`), "deep": export(strings.Repeat("<a>", 100)), "a second document type": export("<!DOCTYPE a>"),
		"words after": export("") + "x", "an endless document type": "<!DOCTYPE a [" + strings.Repeat("<!ENTITY a 'b'>", 200_000),
		"many attributes": export("<Record " + func() (s string) {
			for i := range 100 {
				s += fmt.Sprintf(`a%d="1" `, i)
			}
			return s
		}() + "/>"),
	} {
		_, _, err := appleOf(t, document, Options{})
		if fault.KindOf(err) != fault.Invalid || err == nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, _, err := appleOf(t, export("")+"\n\n<", Options{})
	if text, args := fault.Text(err); !strings.Contains(fmt.Sprintf(text, args...), "line 17.") {
		t.Errorf("the place is lost: %v", err)
	}
	stop := errors.New("stop")
	if _, err := Apple(context.Background(), strings.NewReader(export(record("HeartRate", "count/min", "60", "2026-03-01 08:05:00 +0100"))), Options{}, func(Sample) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("went on: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Apple(ctx, strings.NewReader(export("")), Options{}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func archive(t testing.TB, files ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		w, err := z.Create(files[i])
		if err == nil {
			_, err = io.WriteString(w, files[i+1])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAppleZip(t *testing.T) {
	good := export(record("BodyMass", "kg", "72.3", "2026-03-01 08:05:00 +0100"))
	read := func(raw []byte, o Options) (int, error) {
		sum, err := Read(context.Background(), bytes.NewReader(raw), int64(len(raw)), o, func(Sample) error { return nil })
		return sum.Samples, err
	}
	many := make([]string, 0, 120_000)
	for i := range 60_000 {
		many = append(many, fmt.Sprintf("apple_health_export/workout-routes/route_%090d.gpx", i), "")
	}
	bomb := export(strings.Repeat(" ", 40<<20))
	for _, tt := range []struct {
		name string
		raw  []byte
		o    Options
		n    int
		kind fault.Kind
	}{
		{"as exported", archive(t, "apple_health_export/export_cda.xml", "<x", "apple_health_export/exportar.xml", good, "apple_health_export/workout-routes/a/b.xml", "<x"), Options{}, 1, 0},
		{"nothing of Apple", archive(t, "a.txt", "x"), Options{}, 0, fault.Invalid},
		{"two documents", archive(t, "a.xml", good, "b.xml", good), Options{}, 0, fault.Invalid},
		{"cut off", archive(t, "export.xml", good)[:200], Options{}, 0, fault.Invalid},
		{"a bomb", archive(t, "export.xml", bomb), Options{}, 0, fault.TooLarge},
		{"too much", archive(t, "export.xml", good), Options{MaxBytes: 100}, 0, fault.TooLarge},
		{"a huge directory", archive(t, many...), Options{}, 0, fault.Invalid},
		{"flipped", func() []byte { b := archive(t, "export.xml", good); b[60] ^= 0x55; return b }(), Options{}, 0, fault.Invalid},
	} {
		n, err := read(tt.raw, tt.o)
		if n != tt.n || (err == nil) != (tt.kind == 0) || err != nil && fault.KindOf(err) != tt.kind {
			t.Errorf("%s: %d, %v", tt.name, n, err)
		}
	}
}

// stream makes a document of this many bytes, piece by piece.
type stream struct {
	left int
	rest string
	body string
	done bool
}

func newStream(size int) *stream {
	var b strings.Builder
	for i := range 50 {
		at := fmt.Sprintf("2026-03-01 08:%02d:00 +0100", i)
		b.WriteString(record("HeartRate", "count/min", "60", at) + record("ActiveEnergyBurned", "kcal", "0.25", at) + record("StepCount", "count", "12", at))
	}
	return &stream{left: size, rest: strings.TrimSuffix(export(""), "\n</HealthData>\n"), body: b.String()}
}

func (s *stream) Read(p []byte) (int, error) {
	if s.rest == "" {
		switch {
		case s.left > 0:
			s.left -= len(s.body)
			s.rest = s.body
		case s.done:
			return 0, io.EOF
		default:
			s.done, s.rest = true, "</HealthData>"
		}
	}
	n := copy(p, s.rest)
	s.rest = s.rest[n:]
	return n, nil
}

// TestAppleMemory: however long the document, the heap stays small.
func TestAppleMemory(t *testing.T) {
	size := 24 << 20
	if *big {
		size = 200 << 20
	}
	r, w := io.Pipe()
	go func() {
		_, err := io.Copy(w, newStream(size))
		w.CloseWithError(err)
	}()
	runtime.GC() // what other tests left
	var most uint64
	n := 0
	_, err := Apple(context.Background(), r, Options{}, func(Sample) error {
		if n++; n%4096 == 0 {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapInuse)
		}
		return nil
	})
	if err != nil || n < size/2000 {
		t.Fatal(n, err)
	}
	t.Logf("%d samples of %d MB, heap at most %d MB", n, size>>20, most>>20)
	if most > 32<<20 {
		t.Errorf("the heap grew to %d MB", most>>20)
	}
}

func BenchmarkApple(b *testing.B) {
	const size = 16 << 20
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Apple(context.Background(), newStream(size), Options{}, func(Sample) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
}

// FuzzTags compares the reading of tags with the standard library's, wherever that finds no fault.
func FuzzTags(f *testing.F) {
	f.Add([]byte(export(record("HeartRate", "count/min", "60", "2026-03-01 08:05:00 +0100"))))
	f.Add([]byte(`<a b='1' c="&#x41;&gt;"><!-- x --><?y z?><![CDATA[<q>]]><b/></a>`))
	f.Add([]byte(`<!DOCTYPE a [<!ENTITY x "y>">]><a>t</a>`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		ours, ourErr := walk(raw)
		theirs, theirErr := walkStandard(raw)
		if theirErr == nil && (ourErr != nil || strings.Join(ours, "\n") != strings.Join(theirs, "\n")) {
			t.Errorf("%q: %q %v; the standard library: %q", raw, ours, ourErr, theirs)
		}
	})
}

func walk(raw []byte) (seen []string, err error) {
	tags := newTags(bytes.NewReader(raw))
	for {
		if err := tags.next(); err != nil {
			if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
				err = nil
			}
			return seen, err
		}
		if tags.closing {
			seen = append(seen, "/"+string(tags.name))
			continue
		}
		line := string(tags.name)
		for _, a := range tags.attributes {
			value, ok := text(a.value)
			line += fmt.Sprintf(" %s=%q %t", a.name, value, ok)
		}
		seen = append(seen, line)
	}
}

// errSkip marks what the standard library takes and this reader needn't: no document, or one past its limits.
var errSkip = errors.New("not compared")

func walkStandard(raw []byte) (seen []string, err error) {
	d := xml.NewDecoder(bytes.NewReader(raw))
	name := func(n xml.Name) string {
		if n.Space != "" {
			return n.Space + ":" + n.Local
		}
		return n.Local
	}
	var stack []string
	roots := 0
	for {
		token, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			if len(stack) > 0 || roots != 1 {
				return nil, errSkip
			}
			return seen, nil
		}
		if err != nil {
			return nil, err
		}
		switch e := token.(type) {
		case xml.StartElement:
			if len(stack) == 0 {
				roots++
			}
			stack = append(stack, name(e.Name))
			line, names := name(e.Name), map[string]bool{}
			for _, a := range e.Attr {
				if names[name(a.Name)] || strings.ContainsAny(a.Value, "\n\r\ufffd") || bytes.ContainsRune(raw, '\r') {
					return nil, errSkip
				}
				names[name(a.Name)] = true
				line += fmt.Sprintf(" %s=%q true", name(a.Name), a.Value)
			}
			if len(stack) > maxDepth || len(e.Attr) > maxAttributes {
				return nil, errSkip
			}
			seen = append(seen, line)
		case xml.EndElement:
			if len(stack) == 0 || stack[len(stack)-1] != name(e.Name) {
				return nil, errSkip
			}
			stack = stack[:len(stack)-1]
			seen = append(seen, "/"+name(e.Name))
		case xml.CharData:
			if len(stack) == 0 && strings.Trim(string(e), " \t\r\n\ufeff") != "" || len(stack) == 0 && bytes.Contains(raw, []byte("CDATA")) {
				return nil, errSkip
			}
		case xml.Directive:
			if !bytes.HasPrefix(e, []byte("DOCTYPE")) || roots > 0 || len(seen) > 0 || bytes.Count(raw, []byte("<!DOCTYPE")) > 1 {
				return nil, errSkip
			}
		}
	}
}

// FuzzApple looks for panics, samples that vitals can't take for their form, and errors that quote the file.
func FuzzApple(f *testing.F) {
	at := "2026-03-01 08:05:00 +0100"
	f.Add([]byte(export(record("HeartRate", "count/min", "60", at) + record("StepCount", "count", "60", at) + record("OxygenSaturation", "%", "0.97", at))))
	f.Add([]byte(export(`<Correlation type="HKCorrelationTypeIdentifierBloodPressure" sourceName="a" startDate="` + at + `" endDate="` + at + `">` + record("BloodPressureSystolic", "mmHg", "128", at) + record("BloodPressureDiastolic", "mmHg", "81", at) + `</Correlation>`)))
	f.Fuzz(func(t *testing.T, raw []byte) {
		judge(t, func(emit func(Sample) error) (Summary, error) {
			return Apple(context.Background(), bytes.NewReader(raw), Options{}, emit)
		})
	})
}
