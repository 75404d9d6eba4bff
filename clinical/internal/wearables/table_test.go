package wearables

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"strings"
	"testing"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/vitals"
	"github.com/mitral-health/mitral/platform/fault"
)

var big = flag.Bool("big", false, "read 200 MB where otherwise it is less")

// judge checks what any file must come to: samples whose form vitals takes, and only faults of ours.
func judge(t *testing.T, read func(emit func(Sample) error) (Summary, error)) {
	t.Helper()
	n := 0
	sum, err := read(func(s Sample) error {
		n++
		e := s.Entry()
		e.Received = s.At
		var p *vitals.Problem
		if _, _, err := vitals.Read(e, nil); errors.As(err, &p) && p.Code != vitals.TooLow && p.Code != vitals.TooHigh && p.Code != vitals.UpsideDown {
			t.Errorf("%s: %+v", p.Code, s)
		}
		if s.End.Before(s.At) && s.Measure == vitals.Steps {
			t.Errorf("ends before it begins: %+v", s)
		}
		return nil
	})
	if n != sum.Samples {
		t.Errorf("%d samples, %d counted", n, sum.Samples)
	}
	if err != nil && fault.KindOf(err) != fault.Invalid && fault.KindOf(err) != fault.TooLarge {
		t.Errorf("%v", err)
	}
}

var madrid = func() *time.Location { return time.FixedZone("", 3600) }()

func table1(t *testing.T, text string, o Options) ([]string, Summary, error) {
	t.Helper()
	return told(t, func(o Options, emit func(Sample) error) (Summary, error) {
		return CSV(context.Background(), strings.NewReader(text), o, emit)
	}, o)
}

func TestCSV(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"a cuff's", "Date,Time,Systolic (mmHg),Diastolic (mmHg),Pulse (bpm),Note\n2026-03-01,08:05,128,81,72,\"fine, thanks\"\n2026-03-01,20:10:30,,,,\n2026-03-02,08:00,131,,70,\n",
			"heart-rate 72 /min 2026-03-01T08:05:00+01:00 []|blood-pressure 128/81 mm[Hg] 2026-03-01T08:05:00+01:00 []|heart-rate 70 /min 2026-03-02T08:00:00+01:00 []|4 row: partial"},
		{"Spanish, with semicolons and commas", "Fecha;Hora;Sistólica;Diastólica;Pulso;Peso (kg);Glucosa (mmol/L)\n13/03/2026;8:05;128;81;72;72,5;5,6\n",
			"heart-rate 72 /min 2026-03-13T08:05:00+01:00 []|weight 72.5 kg 2026-03-13T08:05:00+01:00 []|glucose 5.6 mmol/L 2026-03-13T08:05:00+01:00 []|blood-pressure 128/81 mm[Hg] 2026-03-13T08:05:00+01:00 []"},
		{"three digits after a comma", "Fecha;Peso (kg)\n2026-03-01 8:00;72,345\n", "weight 72.345 kg 2026-03-01T08:00:00+01:00 []"},
		{"three digits after a comma that may mean thousands", "Date,Weight (kg)\n2026-03-01 8:00,\"72,345\"\n", "2 column 2: number"},
		{"thousands", "Date,Steps\n2026-03-01,\"12,345\"\n2026-03-02,12.345\n2026-03-03,900\n",
			"steps 12345 {steps} 2026-03-01T00:00:00+01:0024h0m0s []|steps 12345 {steps} 2026-03-02T00:00:00+01:0024h0m0s []|steps 900 {steps} 2026-03-03T00:00:00+01:0024h0m0s []"},
		{"DIA as pressure", "FECHA,SYS,DIA,PULSO\n2026-03-01 8:00,128,81,70\n", "heart-rate 70 /min 2026-03-01T08:00:00+01:00 []|blood-pressure 128/81 mm[Hg] 2026-03-01T08:00:00+01:00 []"},
		{"día as date", "Día,Peso (kg)\n2026-03-01 8:00,70\n", "weight 70 kg 2026-03-01T08:00:00+01:00 []"},
		{"both in one cell", "Date,Blood pressure\n2026-03-01 8:00,128/81\n2026-03-01 9:00,128 / 81 mmHg\n2026-03-01 9:30,128\n",
			"blood-pressure 128/81 mm[Hg] 2026-03-01T08:00:00+01:00 []|blood-pressure 128/81 mm[Hg] 2026-03-01T09:00:00+01:00 []|4 column 2: number"},
		{"a row for each measure", "timestamp\ttype\tvalue\tunit\tdevice\n2026-03-01T08:00:00Z\tBlood glucose\t5.6\tmmol/L\tMeter 3\n2026-03-01T08:00:00+02:00\tweight\t160\tlb\t\n2026-03-01T08:00:00Z\tmood\t3\t\t\n2026-03-01T08:00:00Z\tglucose\t95\t\t\n",
			"glucose 5.6 mmol/L 2026-03-01T08:00:00Z [Meter 3]|weight 160 [lb_av] 2026-03-01T08:00:00+02:00 []|5 row: unit"},
		{"a sensor's, with lines before its headings", "Glucose Data,Generated on,03-02-2026\nDevice,Serial Number,Device Timestamp,Record Type,Historic Glucose mg/dL,Scan Glucose mg/dL\nLibre,1,27-03-2026 08:00,0,95,\nLibre,1,27-03-2026 08:10,1,,101\nLibre,1,27-03-2026 08:10,1,,Low\n",
			"glucose 95 mg/dL 2026-03-27T08:00:00+01:00 [Libre]|glucose 101 mg/dL 2026-03-27T08:10:00+01:00 [Libre]|5 column 6: number"},
		{"formulas", "Date,Weight (kg),Device\n2026-03-01 8:00,=1+71,x\n2026-03-01 8:00,+72,x\n2026-03-01 8:00,-72,x\n2026-03-01 8:00,72,\"=HYPERLINK(\"\"http://evil.example\"\")\"\n",
			"2 column 2: number|3 column 2: number|4 column 2: number|weight 72 kg 2026-03-01T08:00:00+01:00 [HYPERLINK(\"http://evil.example\")]"},
		{"dates in words", "Date,Weight (kg)\n1 de marzo de 2026 8:05 p. m.,70\n\"Mar 2, 2026 12:05 AM\",71\n03-abr-26 8:00,72\n,73\n2026-13-01 8:00,74\n31.04.2026 8:00,75\n30.04.2026,76\n",
			"weight 70 kg 2026-03-01T20:05:00+01:00 []|weight 71 kg 2026-03-02T00:05:00+01:00 []|weight 72 kg 2026-04-03T08:00:00+01:00 []|5 row: time|6 row: time|7 row: time|weight 76 kg 2026-04-30T12:00:00+01:00 []"},
		{"the other order", "Date,Weight (kg)\n3/4/2026 8:00,70\n3/13/2026 8:00,71\n", "weight 70 kg 2026-03-04T08:00:00+01:00 []|weight 71 kg 2026-03-13T08:00:00+01:00 []"},
		{"a row of the other order", "Date,Weight (kg)\n13/4/2026 8:00,70\n3/4/2026 8:00,71\n13/14/2026 8:00,71\n", "weight 70 kg 2026-04-13T08:00:00+01:00 []|weight 71 kg 2026-04-03T08:00:00+01:00 []|4 row: time"},
		{"no doubt about the day", "Date,Weight (kg)\n3/3/2026 8:00,70\n", "weight 70 kg 2026-03-03T08:00:00+01:00 []"},
		{"with a byte order mark", "\ufeffDate,Weight (kg)\r\n2026-03-01 8:00,70\r\n", "weight 70 kg 2026-03-01T08:00:00+01:00 []"},
		{"UTF-16", utf16("Fecha\tPeso (kg)\tTensión\n2026-03-01 8:00\t70,5\t128/81\n"), "weight 70.5 kg 2026-03-01T08:00:00+01:00 []|blood-pressure 128/81 mm[Hg] 2026-03-01T08:00:00+01:00 []"},
		{"Windows", "Fecha;Sist\xf3lica;Diast\xf3lica\n2026-03-01 8:00;128;81\n", "blood-pressure 128/81 mm[Hg] 2026-03-01T08:00:00+01:00 []"},
		{"quoted headings and pipes", "\"Date\"|\"SpO2 (%)\"|\"Body temperature (°C)\"|\"Peak flow\"|\"Pain\"\n2026-03-01 8:00|97 %|36.6|410|3\n",
			"oxygen-saturation 97 % 2026-03-01T08:00:00+01:00 []|temperature 36.6 Cel 2026-03-01T08:00:00+01:00 []|peak-flow 410 L/min 2026-03-01T08:00:00+01:00 []|pain 3 {score} 2026-03-01T08:00:00+01:00 []"},
		{"a unit that is no unit of it", "Date,Weight (kg)\n2026-03-01 8:00,70 mmHg\n", "2 column 2: unit"},
	} {
		lines, _, err := table1(t, tt.text, Options{Zone: madrid})
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		if got := strings.Join(lines, "|"); got != tt.want {
			t.Errorf("%s:\n%s\nwant\n%s", tt.name, strings.ReplaceAll(got, "|", "\n"), strings.ReplaceAll(tt.want, "|", "\n"))
		}
	}
}

func utf16(s string) string {
	b := []byte{0xff, 0xfe}
	for _, r := range s {
		b = append(b, byte(r), byte(r>>8))
	}
	return string(b)
}

// TestCSVAsks: what a table leaves open is asked before anything is read, and then answered.
func TestCSVAsks(t *testing.T) {
	for _, tt := range []struct {
		name, text, what string
		measure          vitals.Measure
		answer           Options
		want             string
	}{
		{"unit", "Date,Glucose\n2026-03-01 8:00,5.6\n", "unit", vitals.Glucose, Options{Zone: madrid, Units: map[vitals.Measure]string{vitals.Glucose: "mmol/L"}}, "glucose 5.6 mmol/L 2026-03-01T08:00:00+01:00 []"},
		{"unit of weight", "Date,Peso\n2026-03-01 8:00,70\n", "unit", vitals.Weight, Options{Zone: madrid, Units: map[vitals.Measure]string{vitals.Weight: "kg"}}, "weight 70 kg 2026-03-01T08:00:00+01:00 []"},
		{"order", "Date,Weight (kg)\n3/4/2026 8:00,70\n5/5/2026 8:00,70\n", "order", "", Options{Zone: madrid, Order: DayFirst}, "weight 70 kg 2026-04-03T08:00:00+01:00 []|weight 70 kg 2026-05-05T08:00:00+01:00 []"},
		{"both orders", "Date,Weight (kg)\n13/4/2026 8:00,70\n4/13/2026 8:00,70\n", "order", "", Options{Zone: madrid, Order: MonthFirst}, "2 row: time|weight 70 kg 2026-04-13T08:00:00+01:00 []"},
	} {
		o := tt.answer
		o.Units, o.Order = nil, ""
		lines, _, err := table1(t, tt.text, o)
		var q *Question
		if !errors.As(err, &q) || q.What != tt.what || q.Measure != tt.measure || len(q.Choices) < 2 || len(lines) > 0 || fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v %v", tt.name, err, lines)
		}
		lines, _, err = table1(t, tt.text, tt.answer)
		if got := strings.Join(lines, "|"); got != tt.want || err != nil {
			t.Errorf("%s: %s %v", tt.name, got, err)
		}
	}
	var q *Question
	if _, _, err := table1(t, "Date,Weight (kg)\n2026-03-01 8:00,70\n", Options{}); !errors.As(err, &q) || q.What != "zone" {
		t.Errorf("the zone: %v", err)
	}
	if _, _, err := table1(t, "Date,Weight (kg)\n2026-03-01T08:00:00Z,70\n", Options{}); err != nil {
		t.Errorf("with its own offset: %v", err)
	}
}

func TestCSVBroken(t *testing.T) {
	for name, text := range map[string]string{
		"empty": "", "no headings": "1,2\n3,4\n", "no date": "Weight (kg)\n70\n", "no measure": "Date,Note\n2026-03-01,x\n",
		"an endless cell": "Date,Weight (kg)\n2026-03-01 8:00,70\n2026-03-01 8:00,\"" + strings.Repeat("x\n", 2<<20),
		"an endless row":  "Date,Weight (kg)\n2026-03-01 8:00" + strings.Repeat(",", 3<<20),
	} {
		_, _, err := table1(t, text, Options{Zone: madrid})
		if err == nil || fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDecimal(t *testing.T) {
	for _, tt := range []struct {
		text           string
		move, decimals int
		want           string
	}{
		{"72", 0, 3, "72"}, {"72.5", 0, 3, "72.5"}, {"72.50", 0, 3, "72.5"}, {"072.0", 0, 3, "72"}, {".5", 0, 3, "0.5"}, {"0", 0, 3, "0"}, {"0.0004", 0, 3, "0"}, {"0.0005", 0, 3, "0.001"},
		{"9.9996", 0, 3, "10"}, {"104.5", 0, 0, "105"}, {"104.4999", 0, 0, "104"}, {"999.5", 0, 0, "1000"}, {"0.97", 2, 0, "97"}, {"0.975", 2, 0, "98"}, {"1", 2, 0, "100"}, {"1.0", 2, 0, "100"},
		{"1.25e1", 0, 3, "12.5"}, {"1E-2", 0, 3, "0.01"}, {"125e-1", 0, 0, "13"}, {"1e2", 0, 0, "100"}, {"1e-40", 0, 3, "0"},
		{"", 0, 3, ""}, {"-1", 0, 3, ""}, {"+1", 0, 3, ""}, {"1,5", 0, 3, ""}, {"1.5.5", 0, 3, ""}, {"1e", 0, 3, ""}, {"e1", 0, 3, ""}, {".", 0, 3, ""}, {"5.", 0, 3, ""}, {"0x10", 0, 3, ""}, {"NaN", 0, 3, ""}, {"1e99", 0, 3, ""}, {"٣", 0, 3, ""}, {" 1", 0, 3, ""},
	} {
		if got, ok := decimal(tt.text, tt.move, tt.decimals); got != tt.want || ok != (tt.want != "") {
			t.Errorf("%q: %q %t, want %q", tt.text, got, ok, tt.want)
		}
	}
}

func FuzzCSV(f *testing.F) {
	f.Add([]byte("Fecha;Hora;Sistólica;Diastólica;Peso (kg)\n13/03/2026;8:05;128;81;72,5\n"))
	f.Add([]byte("timestamp\ttype\tvalue\tunit\n2026-03-01T08:00:00Z\tglucose\t5.6\tmmol/L\n"))
	f.Add([]byte("Date,Steps,SpO2\n\"Mar 2, 2026 12:05 AM\",\"12,345\",97 %\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, o := range []Options{{}, {Zone: madrid, Order: DayFirst, Units: map[vitals.Measure]string{vitals.Glucose: "mg/dL", vitals.Weight: "kg", vitals.Temperature: "Cel"}}} {
			judge(t, func(emit func(Sample) error) (Summary, error) {
				return CSV(context.Background(), bytes.NewReader(raw), o, emit)
			})
		}
	})
}

func BenchmarkCSV(b *testing.B) {
	text := []byte("Date,Time,Systolic (mmHg),Diastolic (mmHg),Pulse (bpm)\n" + strings.Repeat("2026-03-01,08:05,128,81,72\n", 100_000))
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := CSV(context.Background(), bytes.NewReader(text), Options{Zone: madrid}, func(Sample) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
}
