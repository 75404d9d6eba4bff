package vitals

import "testing"

// chart is the chart, one character for each value, written from the printed one column by column and
// not from the code: what is looked up here by index the code finds by bands.
func chart(t *testing.T, from int, runs ...struct {
	score byte
	to    int
}) map[int]int {
	t.Helper()
	m := map[int]int{}
	for _, r := range runs {
		if r.to < from {
			t.Fatal("the chart goes backwards")
		}
		for ; from <= r.to; from++ {
			m[from] = int(r.score - '0')
		}
	}
	return m
}

type run = struct {
	score byte
	to    int
}

// TestNEWS2IsTheChart goes through every value of every sign, and every total that two signs together
// make, with the others at nought.
func TestNEWS2IsTheChart(t *testing.T) {
	fine := Signs{Breaths: 16, Oxygen: 98, Systolic: 120, Pulse: 70, Alert: true, Celsius: Units(37)}
	if s, err := NEWS2(fine); err != nil || s.Total != 0 || s.Risk != LowRisk {
		t.Fatalf("%+v %v", s, err)
	}
	breaths := chart(t, 0, run{'3', 8}, run{'1', 11}, run{'0', 20}, run{'2', 24}, run{'3', 70})
	scale1 := chart(t, 0, run{'3', 91}, run{'2', 93}, run{'1', 95}, run{'0', 100})
	scale2air := chart(t, 0, run{'3', 83}, run{'2', 85}, run{'1', 87}, run{'0', 100})
	scale2oxygen := chart(t, 0, run{'3', 83}, run{'2', 85}, run{'1', 87}, run{'0', 92}, run{'1', 94}, run{'2', 96}, run{'3', 100})
	systolic := chart(t, 0, run{'3', 90}, run{'2', 100}, run{'1', 110}, run{'0', 219}, run{'3', 320})
	pulse := chart(t, 0, run{'3', 40}, run{'1', 50}, run{'0', 90}, run{'1', 110}, run{'2', 130}, run{'3', 250})
	tenths := chart(t, 300, run{'3', 350}, run{'1', 360}, run{'0', 380}, run{'1', 390}, run{'2', 430})
	type sign struct {
		name   string
		scores map[int]int
		set    func(*Signs, int)
		read   func(Score) int
	}
	signs := []sign{
		{"breaths", breaths, func(s *Signs, v int) { s.Breaths = v }, func(n Score) int { return n.Breaths }},
		{"oxygen, scale 1", scale1, func(s *Signs, v int) { s.Oxygen = v }, func(n Score) int { return n.Oxygen }},
		{"oxygen, scale 2, air", scale2air, func(s *Signs, v int) { s.Oxygen, s.Scale2 = v, true }, func(n Score) int { return n.Oxygen }},
		{"systolic", systolic, func(s *Signs, v int) { s.Systolic = v }, func(n Score) int { return n.Systolic }},
		{"pulse", pulse, func(s *Signs, v int) { s.Pulse = v }, func(n Score) int { return n.Pulse }},
		{"temperature", tenths, func(s *Signs, v int) { s.Celsius = Units(v) / 10 }, func(n Score) int { return n.Celsius }},
		{"awareness", map[int]int{0: 3, 1: 0}, func(s *Signs, v int) { s.Alert = v == 1 }, func(n Score) int { return n.Awareness }},
	}
	risk := func(total, most int) Risk {
		switch {
		case total >= 7:
			return HighRisk
		case total >= 5:
			return MediumRisk
		case most == 3:
			return LowMediumRisk
		}
		return LowRisk
	}
	for i, a := range signs {
		for va, ca := range a.scores {
			one := fine
			a.set(&one, va)
			n, err := NEWS2(one)
			if err != nil || a.read(n) != ca || n.Total != ca {
				t.Fatalf("%s %d: %+v, the chart says %d (%v)", a.name, va, n, ca, err)
			}
			for _, b := range signs[i+1:] {
				if a.name[:3] == b.name[:3] {
					continue
				}
				for vb, cb := range b.scores {
					two := one
					b.set(&two, vb)
					n, _ := NEWS2(two)
					if n.Total != ca+cb || n.Risk != risk(ca+cb, max(ca, cb)) {
						t.Fatalf("%s %d, %s %d: %+v, the chart says %d", a.name, va, b.name, vb, n, ca+cb)
					}
				}
			}
		}
	}
	for v, c := range scale2oxygen {
		s := fine
		s.Oxygen, s.Scale2, s.OnOxygen = v, true, true
		if n, _ := NEWS2(s); n.Oxygen != c || n.Total != c+2 || n.OnOxygen != 2 || n.Risk != risk(c+2, c) {
			t.Fatalf("scale 2 on oxygen %d: %+v, the chart says %d", v, n, c)
		}
	}
}

func TestNEWS2AtItsEnds(t *testing.T) {
	worst := Signs{Breaths: 30, Oxygen: 80, OnOxygen: true, Systolic: 80, Pulse: 140, Celsius: Units(34)}
	if n, err := NEWS2(worst); err != nil || n.Total != 20 || n.Risk != HighRisk {
		t.Errorf("%+v %v", n, err)
	}
	half := Signs{Breaths: 16, Oxygen: 98, Systolic: 120, Pulse: 70, Alert: true, Celsius: 38_040}
	if n, _ := NEWS2(half); n.Celsius != 0 {
		t.Errorf("38.04 is read as 38.0 and scored %d", n.Celsius)
	}
	half.Celsius = 38_050
	if n, _ := NEWS2(half); n.Celsius != 1 {
		t.Errorf("38.05 is read as 38.1 and scored %d", n.Celsius)
	}
	for _, s := range []Signs{{}, {Celsius: Units(37), Oxygen: 101}, {Celsius: Units(37), Pulse: -1}, {Celsius: Units(51)}} {
		if _, err := NEWS2(s); err == nil {
			t.Errorf("%+v is scored", s)
		}
	}
}
