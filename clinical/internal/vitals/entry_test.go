package vitals

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/validate"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

func entry(m Measure, unit string, typed ...string) Entry {
	return Entry{
		Measure: m, Unit: unit, Typed: typed, At: noon.In(time.FixedZone("", 3600)), Sent: noon.Add(time.Second), Received: noon.Add(2 * time.Second),
		Patient: "p1", Key: "0190f3a2-7c1e-7b10-9c50-000000000001",
	}
}

func TestTypedValues(t *testing.T) {
	for _, c := range []struct {
		m     Measure
		unit  string
		typed string
		want  string // canonical
		code  Code   // refused
		ask   Code
	}{
		{Glucose, "mmol/L", "3,9", "70", "", ""},
		{Glucose, "mmol/L", " 3.9 ", "70", "", ""},
		{Glucose, "mmol/L", "3,8", "68", "", ""},
		{Glucose, "mmol/L", "13.9", "250", "", ""},
		{Glucose, "mmol/L", "14.0", "252", "", ""},
		{Glucose, "mmol/L", "3.0", "54", "", ""},
		{Glucose, "mmol/L", "2.9", "52", "", ""},
		{Glucose, "mmol/L", "33.3", "599", "", UnlikelyHigh},
		{Glucose, "mg/dL", "70", "70", "", ""},
		{Glucose, "mg/dL", "250", "250", "", ""},
		{Glucose, "mg/dL", "5,6", "", NotWhole, ""},
		{Glucose, "mg/dL", "6", "", TooLow, ""},
		{Glucose, "mmol/L", "110", "", TooHigh, ""},
		{Glucose, "mg/dL", "39", "39", "", UnlikelyLow},
		{Glucose, "", "72", "", NoUnit, ""},
		{Glucose, "g", "72", "", OtherUnit, ""},
		{Weight, "kg", "72,35", "72.35", "", ""},
		{Weight, "kg", "072", "72", "", ""},
		{Weight, "kg", ",5", "", TooLow, ""},
		{Weight, "kg", "72,3456", "", TooFine, ""},
		{Weight, "[lb_av]", "154,3", "69.99", "", ""},
		{Weight, "kg", "651", "", TooHigh, ""},
		{Weight, "kg", "99999999999999999999", "", TooHigh, ""},
		{Weight, "kg", "99999999999999999999999999", "", NotNumber, ""},
		{Weight, "kg", "27", "27", "", UnlikelyLow},
		{Temperature, "[degF]", "100.4", "38", "", ""},
		{Temperature, "[degF]", "98.6", "37", "", ""},
		{Temperature, "Cel", "36,6", "36.6", "", ""},
		{Temperature, "Cel", "98.6", "", TooHigh, ""},
		{Temperature, "Cel", "-3", "", NotNumber, ""},
		{Oxygen, "%", "97", "97", "", ""},
		{Oxygen, "%", "101", "", TooHigh, ""},
		{Oxygen, "%", "79", "79", "", UnlikelyLow},
		{HeartRate, "/min", "72", "72", "", ""},
		{HeartRate, "/min", "72,0", "72", "", ""},
		{HeartRate, "/min", "", "", NoNumber, ""},
		{HeartRate, "/min", "seventy", "", NotNumber, ""},
		{HeartRate, "/min", "1e2", "", NotNumber, ""},
		{HeartRate, "/min", "7 2", "", NotNumber, ""},
		{HeartRate, "/min", "1.2.3", "", NotNumber, ""},
		{HeartRate, "/min", ".", "", NotNumber, ""},
		{PeakFlow, "L/min", "420", "420", "", ""},
		{PeakFlow, "L/s", "7,0", "420", "", ""},
		{Pain, "{score}", "0", "0", "", ""},
		{Pain, "{score}", "10", "10", "", ""},
		{Pain, "{score}", "11", "", TooHigh, ""},
		{Steps, "{steps}", "12000", "12000", "", ""},
		{Steps, "{steps}", "12.000", "", NotWhole, ""}, // twelve thousand in Spain
		{Steps, "{steps}", "12,000", "", NotWhole, ""}, // and in the States
		{Steps, "{steps}", "200001", "", TooHigh, ""},
		{Breathing, "/min", "16", "16", "", ""},
		{"mood", "/min", "16", "", NotMeasure, ""},
	} {
		r, ask, err := Read(entry(c.m, c.unit, c.typed), nil)
		if c.code != "" {
			var p *Problem
			if !errors.As(err, &p) || p.Code != c.code {
				t.Errorf("%s %q %s: %v, wanted to refuse with %s", c.m, c.typed, c.unit, err, c.code)
			} else if strings.Contains(p.Error(), c.typed) && len(c.typed) > 1 {
				t.Errorf("the error tells what was typed: %s", p)
			}
			continue
		}
		if err != nil || r.Values[0].String() != c.want || !r.Has[0] || r.Has[1] {
			t.Errorf("%s %q %s: %v %v, wanted %s", c.m, c.typed, c.unit, r.Values, err, c.want)
		}
		if got := append(ask, Problem{})[0].Code; got != c.ask {
			t.Errorf("%s %q %s asks %q, wanted %q", c.m, c.typed, c.unit, got, c.ask)
		}
	}
}

func TestPressures(t *testing.T) {
	for _, c := range []struct {
		unit, upper, lower string
		code, ask          Code
		maybe              string
	}{
		{"mm[Hg]", "128", "82", "", "", ""},
		{"mm[Hg]", "82", "128", UpsideDown, "", ""},
		{"mm[Hg]", "100", "100", UpsideDown, "", ""},
		{"mm[Hg]", "12.8", "8.2", NotWhole, "", "128"}, // in centimetres, as many people say it
		{"mm[Hg]", "13", "8", TooLow, "", "130"},
		{"mm[Hg]", "128", "", NoNumber, "", ""},
		{"mm[Hg]", "400", "82", TooHigh, "", ""},
		{"mm[Hg]", "240", "110", "", UnlikelyHigh, ""},
		{"mm[Hg]", "118", "104", "", UnlikelyApart, ""},
		{"mm[Hg]", "200", "70", "", UnlikelyApart, ""},
		{"kPa", "17,1", "10,9", "", "", ""},
	} {
		r, ask, err := Read(entry(BloodPressure, c.unit, c.upper, c.lower), nil)
		var p *Problem
		errors.As(err, &p)
		if c.code != "" {
			if p == nil || p.Code != c.code {
				t.Errorf("%v: %v", c, err)
			} else if c.maybe != "" && (len(p.Maybe) == 0 || p.Maybe[len(p.Maybe)-1].Value != c.maybe) {
				t.Errorf("%v may have meant %v", c, p.Maybe)
			}
			continue
		}
		if err != nil || !r.Has[Systolic] || !r.Has[Diastolic] || append(ask, Problem{})[0].Code != c.ask {
			t.Errorf("%v: %+v %v %v", c, r, ask, err)
		}
		if c.unit == "kPa" && (r.Values[0] != Units(128) || r.Values[1] != Units(82)) {
			t.Errorf("17.1/10.9 kPa is %v", r.Values)
		}
	}
	if _, _, err := Read(entry(BloodPressure, "mm[Hg]", "120"), nil); err == nil {
		t.Error("one pressure is taken for two")
	}
}

func TestMeantInAnotherUnit(t *testing.T) {
	for _, c := range []struct {
		unit, typed string
		want        Meant
	}{
		{"mg/dL", "5,6", Meant{"5.6", "mmol/L"}},
		{"mmol/L", "112", Meant{"112", "mg/dL"}},
		{"mg/dL", "7", Meant{"7", "mmol/L"}},
	} {
		_, _, err := Read(entry(Glucose, c.unit, c.typed), nil)
		var p *Problem
		if !errors.As(err, &p) || len(p.Maybe) != 1 || p.Maybe[0] != c.want {
			t.Errorf("%s %s: %+v", c.typed, c.unit, p)
		}
	}
}

func TestAJumpInWeightIsAskedAbout(t *testing.T) {
	last := &Reading{Measure: Weight, Values: [2]Amount{Units(70)}, Has: [2]bool{true}, Order: noon.Add(-24 * time.Hour)}
	for typed, want := range map[string]Code{"76.9": "", "77.1": UnlikelyJump, "62.9": UnlikelyJump, "63.1": "", "154": UnlikelyJump} {
		_, ask, err := Read(entry(Weight, "kg", typed), last)
		if err != nil || append(ask, Problem{})[0].Code != want {
			t.Errorf("%s after 70: %v %v", typed, ask, err)
		}
	}
	last.Order = noon.Add(-30 * 24 * time.Hour)
	if _, ask, _ := Read(entry(Weight, "kg", "80"), last); len(ask) > 0 {
		t.Errorf("after a month: %v", ask)
	}
	sure := entry(Weight, "kg", "20")
	sure.Sure = true
	if _, ask, err := Read(sure, last); err != nil || len(ask) > 0 {
		t.Errorf("asked again: %v %v", ask, err)
	}
}

func TestTheFrameOfAnEntry(t *testing.T) {
	for want, change := range map[Code]func(*Entry){
		NoTime:  func(e *Entry) { e.At = time.Time{} },
		BadTime: func(e *Entry) { e.At = time.Date(1066, 1, 1, 0, 0, 0, 0, time.UTC) },
		BadKey:  func(e *Entry) { e.Key = "" },
		TooLong: func(e *Entry) { e.Note = strings.Repeat("ñ", 1001) },
	} {
		e := entry(HeartRate, "/min", "70")
		change(&e)
		var p *Problem
		if _, _, err := Read(e, nil); !errors.As(err, &p) || p.Code != want {
			t.Errorf("wanted %s: %v", want, err)
		}
	}
	e := entry(HeartRate, "/min", "70")
	for _, bad := range []string{"short", "with a space in it", strings.Repeat("x", 65), "quote\"quote"} {
		e.Key = bad
		if _, _, err := Read(e, nil); err == nil {
			t.Errorf("the key %q is taken", bad)
		}
	}
}

// TestGlucoseAgreesBothWays: what is written with one decimal in mmol/L comes back as it was, and the
// limits that are published in both units are the same limit.
func TestGlucoseAgreesBothWays(t *testing.T) {
	d := Of(Glucose)
	mg, mmol := d.Unit("mg/dL"), d.Unit("mmol/L")
	for _, c := range [][2]string{{"3.0", "54"}, {"3.9", "70"}, {"10.0", "180"}, {"13.9", "250"}, {"3.5", "63"}, {"7.8", "140"}} {
		a, _ := ParseAmount(c[0])
		if got := mg.Show(mmol.To(a)); got != c[1] {
			t.Errorf("%s mmol/L is %s mg/dL, wanted %s", c[0], got, c[1])
		}
		b, _ := ParseAmount(c[1])
		if got := mmol.Show(mg.To(b)); got != c[0] {
			t.Errorf("%s mg/dL is %s mmol/L, wanted %s", c[1], got, c[0])
		}
	}
	for tenths := 6; tenths <= 555; tenths++ {
		text := (Units(tenths) / 10).Digits(1)
		a, _ := ParseAmount(text)
		if got := mmol.Show(mmol.To(a)); got != text {
			t.Fatalf("%s mmol/L came back as %s", text, got)
		}
	}
}

// TestEveryUnitComesBack: in its shown decimals, every unit survives the way to the canonical one.
func TestEveryUnitComesBack(t *testing.T) {
	for _, m := range Measures() {
		d := Of(m)
		for i := range d.Units {
			u := &d.Units[i]
			if u.Code == "kPa" {
				continue // pressures are kept in whole mmHg, finer than a tenth of a kPa but not a multiple
			}
			low, high, step := u.From(d.Parts[0].Range.Least), u.From(d.Parts[0].Range.Most), unit
			for range u.Decimals {
				step /= 10
			}
			for a := low.round(step); a <= high; a += step * 7 {
				if got, want := u.Show(u.To(a)), a.Digits(u.Decimals); got != want {
					t.Fatalf("%s: %s %s came back as %s", m, want, u.Code, got)
				}
			}
		}
	}
}

func TestPlace(t *testing.T) {
	received := noon
	for _, c := range []struct {
		name       string
		said, sent time.Duration // from received; sent 1 is unknown
		order      time.Duration
		mark       Clock
	}{
		{"now", -time.Minute, 0, -time.Minute, Right},
		{"two days in the phone", -48 * time.Hour, 0, -48 * time.Hour, Right},
		{"a little ahead", 3 * time.Minute, 1, 0, Right},
		{"ahead", 3 * time.Hour, 1, 0, Ahead},
		{"a clock three hours ahead, a day in the phone", -21 * time.Hour, 3 * time.Hour, -24 * time.Hour, Skewed},
		{"a clock a year behind", -365*24*time.Hour - time.Hour, -365 * 24 * time.Hour, -time.Hour, Skewed},
		{"a clock that was set in between", 5 * time.Hour, time.Hour, 0, Skewed},
		{"old", -8 * 24 * time.Hour, 0, -8 * 24 * time.Hour, History},
		{"old and skewed", -8*24*time.Hour + 2*time.Hour, 2 * time.Hour, -8 * 24 * time.Hour, History},
		{"a week", -7 * 24 * time.Hour, 0, -7 * 24 * time.Hour, Right},
	} {
		sent := received.Add(c.sent)
		if c.sent == 1 {
			sent = time.Time{}
		}
		order, mark := Place(received.Add(c.said), sent, received)
		if !order.Equal(received.Add(c.order)) || mark != c.mark {
			t.Errorf("%s: %v %q, wanted %v %q", c.name, order.Sub(received), mark, c.order, c.mark)
		}
	}
}

// TestObservations: each measure in each unit becomes a valid Observation that keeps what was typed,
// and comes back as the reading that it was.
func TestObservations(t *testing.T) {
	typed := map[string][]string{
		"mm[Hg]": {"128", "82"}, "kPa": {"17,1", "10,9"}, "mg/dL": {"104"}, "mmol/L": {"5,60"}, "kg": {"72,35"}, "[lb_av]": {"159.5"}, "g": {"3400"},
		"%": {"97"}, "/min": {"62"}, "Cel": {"36,6"}, "[degF]": {"98,6"}, "L/min": {"420"}, "L/s": {"7,05"}, "{score}": {"4"}, "{steps}": {"8123"},
	}
	for _, m := range Measures() {
		for i := range Of(m).Units {
			u := &Of(m).Units[i]
			e := entry(m, u.Code, typed[u.Code]...)
			e.Device, e.Note, e.Author, e.Sure = "Cuff 3", "after breakfast", "RelatedPerson/r1", true
			n, r, err := Observe(e)
			if err != nil {
				t.Fatal(m, u.Code, err)
			}
			for _, is := range validate.Resource(&n) {
				t.Errorf("%s %s: %s %s %s", m, u.Code, is.Severity, is.Expression, is.Diagnostics)
			}
			q := n.Get("valueQuantity")
			if q == nil {
				q = n.Path("component", "valueQuantity")
			}
			if want := strings.ReplaceAll(typed[u.Code][0], ",", "."); q.Get("value").Text != want || q.Get("code").Str() != u.Code {
				t.Errorf("%s: %s of %s became %s", m, u.Code, want, q.Bytes())
			}
			if n.Get("effectiveDateTime").Str() != "2026-03-04T13:00:00+01:00" {
				t.Errorf("the time became %s", n.Get("effectiveDateTime").Str())
			}
			read, err := resource.Parse(n.Bytes())
			if err != nil {
				t.Fatal(err)
			}
			back, err := Decode(read, e.Received)
			if err != nil {
				t.Fatal(m, err)
			}
			if !back.At.Equal(r.At) {
				t.Errorf("%v is not %v", back.At, r.At)
			}
			back.At, r.At = time.Time{}, time.Time{}
			if !reflect.DeepEqual(back, r) {
				t.Errorf("%s: %+v came back as %+v", m, r, back)
			}
		}
	}
}

func TestAWrongClockIsKeptAndMarked(t *testing.T) {
	e := entry(HeartRate, "/min", "70")
	e.At, e.Sent = noon.Add(-21*time.Hour), noon.Add(3*time.Hour)
	n, r, err := Observe(e)
	if err != nil || r.Clock != Skewed {
		t.Fatal(r, err)
	}
	for _, is := range validate.Resource(&n) {
		t.Errorf("%s %s %s", is.Severity, is.Expression, is.Diagnostics)
	}
	n.Set("id", resource.S("o1"))
	back, err := Decode(&n, noon.Add(time.Hour)) // read again, later
	if err != nil || back.Clock != Skewed || !back.Order.Equal(r.Order) || !back.At.Equal(e.At) || back.Ref != "Observation/o1" {
		t.Errorf("%+v %v, was %+v", back, err, r)
	}
}

// TestTheVitalSignsProfiles: what R4's profiles ask for beyond the base resource, written from
// http://hl7.org/fhir/R4/observation-vitalsigns.html and the profile of each measure.
func TestTheVitalSignsProfiles(t *testing.T) {
	asked := map[Measure]struct {
		profile, code string
		units         []string
	}{
		BloodPressure: {"bp", "85354-9", []string{"mm[Hg]"}},
		Weight:        {"bodyweight", "29463-7", []string{"kg", "g", "[lb_av]"}},
		Oxygen:        {"oxygensat", "2708-6", []string{"%"}},
		HeartRate:     {"heartrate", "8867-4", []string{"/min"}},
		Temperature:   {"bodytemp", "8310-5", []string{"Cel", "[degF]"}},
		Breathing:     {"resprate", "9279-1", []string{"/min"}},
	}
	for _, m := range Measures() {
		want, profiled := asked[m]
		for i := range Of(m).Units {
			u := &Of(m).Units[i]
			value := u.Show((Of(m).Parts[0].Range.Low + Of(m).Parts[0].Range.High) / 2)
			typed := []string{value}
			if len(Of(m).Parts) == 2 {
				typed = append(typed, u.Show(Units(80)))
			}
			n, _, err := Observe(entry(m, u.Code, typed...))
			if err != nil {
				t.Fatal(m, u.Code, err)
			}
			claimed := n.Path("meta", "profile").At(0).Str()
			if !profiled || !slices.Contains(want.units, u.Code) {
				if claimed != "" {
					t.Errorf("%s in %s claims %s", m, u.Code, claimed)
				}
				continue
			}
			if claimed != "http://hl7.org/fhir/StructureDefinition/"+want.profile {
				t.Errorf("%s in %s claims %q", m, u.Code, claimed)
			}
			codes := 0
			for i := range n.Path("code").Get("coding").Each() {
				if n.Path("code").Get("coding").At(i).Get("code").Str() == want.code {
					codes++
				}
			}
			category := n.Get("category").At(0).Get("coding").At(0).Get("code").Str()
			if codes != 1 || category != "vital-signs" || n.Get("subject") == nil || n.Get("effectiveDateTime") == nil {
				t.Errorf("%s: %s", m, n.Bytes())
			}
			quantities := []*resource.Node{n.Get("valueQuantity")}
			if m == BloodPressure {
				c := n.Get("component")
				quantities = []*resource.Node{c.At(0).Get("valueQuantity"), c.At(1).Get("valueQuantity")}
			}
			for _, q := range quantities {
				if q.Get("value") == nil || q.Get("unit") == nil || q.Get("system").Str() != "http://unitsofmeasure.org" || q.Get("code").Str() != u.Code {
					t.Errorf("%s: %s", m, n.Bytes())
				}
			}
		}
	}
}

func TestOnePressureByItself(t *testing.T) {
	e := entry(BloodPressure, "mm[Hg]", "128", "")
	if _, _, err := Read(e, nil); err == nil {
		t.Error("taken without asking")
	}
	e.Sure = true
	n, r, err := Observe(e)
	if err != nil || r.Has != [2]bool{true, false} {
		t.Fatal(r, err)
	}
	for _, is := range validate.Resource(&n) {
		t.Errorf("%s %s %s", is.Severity, is.Expression, is.Diagnostics)
	}
	lower := n.Get("component").At(1)
	if lower.Get("valueQuantity") != nil || lower.Path("dataAbsentReason", "coding", "code").Str() != "unknown" {
		t.Errorf("%s", n.Bytes())
	}
	if back, err := Decode(&n, e.Received); err != nil || back.Values != r.Values || back.Has != r.Has {
		t.Errorf("%+v %v", back, err)
	}
	e.Typed = []string{"", ""}
	if _, _, err := Read(e, nil); err == nil {
		t.Error("no pressure at all is taken")
	}
}
