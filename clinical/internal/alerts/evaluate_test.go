package alerts

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/thresholds"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
)

var start = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

// read makes a reading so many hours after start.
func read(m vitals.Measure, hours float64, values ...float64) vitals.Reading {
	r := vitals.Reading{Measure: m, Order: start.Add(time.Duration(hours * float64(time.Hour))), Key: fmt.Sprint(m, "-", hours)}
	r.At, r.Ref = r.Order, "Observation/"+fmt.Sprint(int(hours*10))
	for i, v := range values {
		r.Values[i], r.Has[i] = vitals.Amount(v*1000+0.5), true
	}
	return r
}

func defaults(c ...thresholds.Condition) *thresholds.Set {
	s := thresholds.Default("p1", "Practitioner/d", start, c...)
	return &s
}

// feed evaluates readings in turn, and returns the last result and every finding of a rule.
func feed(set *thresholds.Set, rule string, readings ...vitals.Reading) (Result, []Finding) {
	var out Result
	var found []Finding
	for _, r := range readings {
		out = Evaluate(r, set, out.State)
		for _, f := range out.Findings {
			if f.Rule == rule {
				found = append(found, f)
			}
		}
	}
	return out, found
}

func TestSingleReadings(t *testing.T) {
	set := defaults(thresholds.Hypertension, thresholds.Diabetes1, thresholds.JointRecovery)
	for _, c := range []struct {
		r    vitals.Reading
		want []string
	}{
		{read(vitals.BloodPressure, 0, 180, 120), nil},
		{read(vitals.BloodPressure, 0, 181, 100), []string{"bp-crisis"}},
		{read(vitals.BloodPressure, 0, 150, 121), []string{"bp-crisis"}},
		{read(vitals.BloodPressure, 0, 90, 50), []string{"bp-low"}},
		{read(vitals.Glucose, 0, 70), nil},
		{read(vitals.Glucose, 0, 69), []string{"glucose-low"}},
		{read(vitals.Glucose, 0, 53), []string{"glucose-very-low", "glucose-low"}},
		{read(vitals.Glucose, 0, 250), nil},
		{read(vitals.Glucose, 0, 251), []string{"glucose-high"}},
		{read(vitals.Temperature, 0, 39), []string{"fever", "fever-high"}},
		{read(vitals.Steps, 0, 10), nil},
	} {
		var got []string
		for _, f := range Evaluate(c.r, set, State{}).Findings {
			got = append(got, f.Rule)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s %v: %v, wanted %v", c.r.Measure, c.r.Values, got, c.want)
		}
	}
}

func TestAFindingSaysSinceWhenAndHowFar(t *testing.T) {
	set := defaults(thresholds.Hypertension)
	_, found := feed(set, "bp-crisis",
		read(vitals.BloodPressure, 0, 190, 100), read(vitals.BloodPressure, 12, 150, 90),
		read(vitals.BloodPressure, 24, 182, 95), read(vitals.BloodPressure, 36, 185, 130))
	if len(found) != 3 {
		t.Fatalf("%+v", found)
	}
	f := found[1]
	if f.Value != vitals.Units(182) || f.Over != vitals.Units(2) || f.Row != 1 || !f.Since.Equal(f.At) || f.Limit.Value != vitals.Units(180) || f.Version != 1 || f.Severity != thresholds.Urgent {
		t.Errorf("%+v", f)
	}
	// 185/130 is 5 over one limit and 10 over the other: the lower pressure is told.
	f = found[2]
	if f.Limit.Part != vitals.Diastolic || f.Value != vitals.Units(130) || f.Over != vitals.Units(10) || f.Row != 1 ||
		f.Both != [2]vitals.Amount{vitals.Units(185), vitals.Units(130)} || f.Ref != "Observation/360" || f.Reading != "blood-pressure-36" {
		t.Errorf("%+v", f)
	}
	_, found = feed(set, "bp-crisis", read(vitals.BloodPressure, 24, 184, 90), read(vitals.BloodPressure, 36, 182, 90), read(vitals.BloodPressure, 12, 200, 90))
	if len(found) != 3 || found[1].Row != 2 || !found[1].Since.Equal(start.Add(24*time.Hour)) || found[2].Row != 1 {
		t.Errorf("%+v", found)
	}
}

func TestTheMeanOfAWeekAtHome(t *testing.T) {
	set := defaults(thresholds.Hypertension)
	var week []vitals.Reading
	for i := range 11 {
		week = append(week, read(vitals.BloodPressure, float64(i*12), 134, 80))
	}
	if _, found := feed(set, "bp-mean", week...); len(found) > 0 {
		t.Errorf("eleven readings: %+v", found)
	}
	// 11 × 134 and 145: 1619 / 12 = 134.9 is under 135. 11 × 134 and 146: 1620 / 12 = 135 is not.
	if _, found := feed(set, "bp-mean", append(week, read(vitals.BloodPressure, 132, 145, 80))...); len(found) > 0 {
		t.Errorf("134.9: %+v", found)
	}
	_, found := feed(set, "bp-mean", append(week, read(vitals.BloodPressure, 132, 146, 80))...)
	if len(found) != 1 || found[0].Value != vitals.Units(135) || found[0].Row != 12 || !found[0].Since.Equal(start) || found[0].Over != 0 {
		t.Errorf("135: %+v", found)
	}
	// The same, but the first one is more than seven days before the last.
	if _, found := feed(set, "bp-mean", append(week, read(vitals.BloodPressure, 168, 146, 80))...); len(found) > 0 {
		t.Errorf("eleven within a week: %+v", found)
	}
	// 84.99 of the lower pressure isn't 85, though it is written so.
	var lower []vitals.Reading
	for i := range 12 {
		lower = append(lower, read(vitals.BloodPressure, float64(i), 120, 85))
	}
	lower[3].Values[1] = 84_999
	if _, found := feed(set, "bp-mean", lower...); len(found) > 0 {
		t.Errorf("84.9999: %+v", found)
	}
}

func TestWeightInHeartFailure(t *testing.T) {
	set := defaults(thresholds.HeartFailure)
	w := func(days float64, kg float64) vitals.Reading { return read(vitals.Weight, days*24, kg) }
	for _, c := range []struct {
		name    string
		r       []vitals.Reading
		gain    string // of the last reading
		average string
	}{
		{"2.1 kg in three days", []vitals.Reading{w(0, 80), w(1, 80.5), w(2, 81.4), w(3, 82.1)}, "2.1", ""},
		{"2 kg is not more than 2 kg", []vitals.Reading{w(0, 80), w(3, 82)}, "", ""},
		{"an hour later on the third day", []vitals.Reading{w(0, 80), w(3+1./24, 82.1)}, "2.1", ""},
		{"in four days", []vitals.Reading{w(0, 80), w(4, 82.1)}, "", ""},
		{"from the lowest", []vitals.Reading{w(0, 80.5), w(1, 80), w(2, 82.6)}, "2.6", ""},
		{"a loss", []vitals.Reading{w(0, 83), w(2, 80)}, "", ""},
		{"a late reading shows the gain", []vitals.Reading{w(3, 82.5), w(1, 80)}, "2.5", ""},
		{"creeping: no day gains much, the average does", []vitals.Reading{
			w(0, 80), w(1, 80), w(2, 80), w(3, 80), w(4, 80), w(5, 80), w(6, 80), w(7, 80.4), w(8, 80.8), w(9, 81.2), w(10, 81.6), w(11, 82),
		}, "", "1.467"}, // (81.2+81.6+82)/3 = 81.6; (7×80+80.4+80.8)/9 = 80.133
		{"one heavy evening among many", []vitals.Reading{
			w(0, 80), w(1, 80), w(2, 80), w(3, 80), w(4, 80), w(5, 80), w(6, 80), w(7, 80), w(8, 80), w(9, 80), w(10, 80), w(11, 82.5),
		}, "2.5", ""}, // 80.83 against 80
		{"too few days to compare", []vitals.Reading{w(0, 80), w(3, 82), w(4, 82), w(5, 82)}, "", ""},
	} {
		out, _ := feed(set, "", c.r...)
		got := map[string]string{}
		for _, f := range out.Findings {
			got[f.Rule] = f.Value.String()
		}
		if got["weight-gain"] != c.gain || got["weight-average"] != c.average {
			t.Errorf("%s: %v, wanted %q and %q", c.name, got, c.gain, c.average)
		}
	}
	_, found := feed(set, "weight-gain", w(0, 80), w(1, 79), w(3, 82.1))
	if len(found) != 1 || !found[0].Since.Equal(start.Add(24*time.Hour)) || found[0].Over.String() != "1.1" || found[0].Row != 2 {
		t.Errorf("%+v", found)
	}
}

func TestMissingReadings(t *testing.T) {
	set := defaults(thresholds.HeartFailure) // weight: three days
	at := func(days float64) time.Time { return start.Add(time.Duration(days * 24 * float64(time.Hour))) }
	if f := Overdue(set, vitals.Weight, State{}, at(2.99)); len(f) > 0 {
		t.Errorf("a new patient: %+v", f)
	}
	if f := Overdue(set, vitals.Weight, State{}, at(3)); len(f) != 1 || f[0].Rule != "weight-missing" || !f[0].At.Equal(at(3)) || !f[0].Since.Equal(at(0)) {
		t.Errorf("%+v", f)
	}
	out, _ := feed(set, "", read(vitals.Weight, 48, 80))
	if !slices.Equal(out.Answered, []string{"weight-missing"}) {
		t.Errorf("%+v", out)
	}
	if f := Overdue(set, vitals.Weight, out.State, at(4.99)); len(f) > 0 {
		t.Errorf("%+v", f)
	}
	if f := Overdue(set, vitals.Weight, out.State, at(5.5)); len(f) != 1 || !f[0].At.Equal(at(5)) {
		t.Errorf("%+v", f)
	}
	// One that was made before the newest answers nothing.
	if out = Evaluate(read(vitals.Weight, 24, 80), set, out.State); len(out.Answered) > 0 {
		t.Errorf("%+v", out)
	}
}

func TestHistoryAndRepeatsRaiseNothing(t *testing.T) {
	set := defaults(thresholds.Diabetes1)
	r := read(vitals.Glucose, 0, 40)
	r.Clock = vitals.History
	out := Evaluate(r, set, State{})
	if len(out.Findings) > 0 || !out.Past || out.State.Len() != 1 {
		t.Errorf("%+v", out)
	}
	r = read(vitals.Glucose, 5, 40)
	if out = Evaluate(r, set, out.State); len(out.Findings) != 2 || out.Again {
		t.Errorf("%+v", out)
	}
	if out = Evaluate(r, set, out.State); len(out.Findings) > 0 || !out.Again || out.State.Len() != 2 {
		t.Errorf("%+v", out)
	}
}

// TestAnyOrderEndsTheSame: a queue that arrives shuffled and three times gives the same State, the same
// Standing, and each single finding once.
func TestAnyOrderEndsTheSame(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	set := defaults(thresholds.Conditions()...)
	for round := range 60 {
		m := []vitals.Measure{vitals.BloodPressure, vitals.Weight, vitals.Glucose, vitals.Oxygen}[round%4]
		limits := vitals.Of(m).Parts[0].Range
		count := 1 + random.IntN(140) // more than a State keeps, too
		queue := make([]vitals.Reading, count)
		for i := range queue {
			v := limits.Low.Float()*0.7 + random.Float64()*(limits.High-limits.Low).Float()
			queue[i] = read(m, float64(i)*7+float64(random.IntN(5)), v, v/2)
			if random.IntN(10) == 0 {
				queue[i].Has[1] = false
			}
		}
		run := func(queue []vitals.Reading) (State, map[string]int) {
			s, single := State{}, map[string]int{}
			for _, r := range queue {
				out := Evaluate(r, set, s)
				s = out.State
				for _, f := range out.Findings {
					if f.Kind == thresholds.Single {
						single[f.Rule+f.Reading]++
					}
				}
			}
			return s, single
		}
		want, once := run(queue)
		thrice := slices.Concat(queue, queue, queue)
		random.Shuffle(len(thrice), func(i, j int) { thrice[i], thrice[j] = thrice[j], thrice[i] })
		got, found := run(thrice)
		if !reflect.DeepEqual(got, want) || !bytes.Equal(got.Pack(), want.Pack()) {
			t.Fatalf("round %d: %d readings end in another state", round, count)
		}
		if !reflect.DeepEqual(Standing(set, m, got), Standing(set, m, want)) {
			t.Fatalf("round %d: what stands differs", round)
		}
		for k, n := range found {
			if n != 1 {
				t.Fatalf("round %d: %s was found %d times", round, k, n)
			}
		}
		if count <= Kept && !reflect.DeepEqual(found, once) {
			t.Fatalf("round %d: %v, then %v", round, once, found)
		}
	}
}

func TestStateIsOfOneSizeAndComesBack(t *testing.T) {
	s := State{}
	set := defaults(thresholds.Hypertension)
	for i := range 1000 {
		s = Evaluate(read(vitals.BloodPressure, float64(i), 128, 82), set, s).State
	}
	b := s.Pack()
	if s.Len() != Kept || len(b) > 2048 {
		t.Errorf("%d readings in %d bytes", s.Len(), len(b))
	}
	back, err := Unpack(b)
	if err != nil || !reflect.DeepEqual(back, s) {
		t.Errorf("%v", err)
	}
	if z, err := Unpack(State{}.Pack()); err != nil || !reflect.DeepEqual(z, State{}) {
		t.Errorf("%+v %v", z, err)
	}
	for i := range b {
		if _, err := Unpack(b[:i]); err == nil && i > 0 {
			t.Fatalf("%d of %d bytes are taken for a state", i, len(b))
		}
	}
	less := s.Forget("blood-pressure-999")
	if less.Len() != Kept-1 || !less.Last().Equal(start.Add(998*time.Hour)) || s.Len() != Kept {
		t.Errorf("%d %v", less.Len(), less.Last())
	}
}

func TestTrends(t *testing.T) {
	set := defaults(thresholds.Hypertension)
	out, _ := feed(set, "", read(vitals.BloodPressure, 0, 124, 80), read(vitals.BloodPressure, 4, 132, 80), read(vitals.BloodPressure, 48, 130, 80), read(vitals.BloodPressure, 144, 141, 81))
	want := Trend{Rising, vitals.Units(128), vitals.Units(141), 6, 4}
	if got := out.State.Trend(vitals.BloodPressure, vitals.Systolic, 7); got != want {
		t.Errorf("%+v", got)
	}
	if got := out.State.Trend(vitals.BloodPressure, vitals.Diastolic, 7); got.Direction != Steady {
		t.Errorf("%+v", got)
	}
	if got := out.State.Trend(vitals.BloodPressure, vitals.Systolic, 1); got.Direction != Unclear || got.Readings != 1 {
		t.Errorf("%+v", got)
	}
	if got := (State{}).Trend(vitals.Weight, vitals.Whole, 7); got != (Trend{}) {
		t.Errorf("%+v", got)
	}
}

func FuzzUnpack(f *testing.F) {
	s := State{}
	set := defaults(thresholds.Hypertension)
	for i := range 5 {
		s = Evaluate(read(vitals.BloodPressure, float64(i), 128, 82), set, s).State
	}
	f.Add(s.Pack())
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := Unpack(b)
		if err != nil {
			return
		}
		if back, err := Unpack(s.Pack()); err != nil || !reflect.DeepEqual(s, back) {
			t.Fatal(err)
		}
		Evaluate(read(vitals.BloodPressure, 1, 190, 80), set, s)
	})
}

// BenchmarkEvaluate is one reading against all the defaults of every condition, on the fullest State.
func BenchmarkEvaluate(b *testing.B) {
	set := defaults(thresholds.Conditions()...)
	for _, m := range []vitals.Measure{vitals.BloodPressure, vitals.Weight, vitals.Glucose, vitals.Oxygen} {
		b.Run(string(m), func(b *testing.B) {
			for _, history := range []int{0, Kept, 100_000} {
				b.Run(fmt.Sprint(history), func(b *testing.B) {
					s := State{}
					for i := max(0, history-2*Kept); i < history; i++ {
						s = Evaluate(read(m, float64(i)*8, 250, 140), set, s).State
					}
					packed := s.Pack()
					r := read(m, float64(history)*8, 255, 141)
					b.ReportAllocs()
					for b.Loop() {
						s, err := Unpack(packed)
						if err != nil {
							b.Fatal(err)
						}
						Evaluate(r, set, s).State.Pack()
					}
				})
			}
		})
	}
}
