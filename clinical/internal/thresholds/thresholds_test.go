package thresholds

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/validate"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
)

var at = time.Date(2026, 3, 4, 9, 30, 0, 123456000, time.UTC)

// TestDefaultsAreTheSourcesNumbers: the numbers here are copied from the sources by hand, not from the
// table.
func TestDefaultsAreTheSourcesNumbers(t *testing.T) {
	for _, c := range []struct {
		condition Condition
		rule      string
		part      vitals.Part
		value     string
		crossed   bool
	}{
		{Hypertension, "bp-crisis", vitals.Systolic, "180", false}, // more than 180
		{Hypertension, "bp-crisis", vitals.Systolic, "181", true},
		{Hypertension, "bp-crisis", vitals.Diastolic, "120", false},
		{Hypertension, "bp-crisis", vitals.Diastolic, "121", true},
		{Hypertension, "bp-mean", vitals.Systolic, "134.999", false}, // 135/85 and more, at home
		{Hypertension, "bp-mean", vitals.Systolic, "135", true},
		{Hypertension, "bp-mean", vitals.Diastolic, "85", true},
		{Hypertension, "bp-mean", vitals.Diastolic, "84.9", false},
		{Hypertension, "bp-low", vitals.Systolic, "90", true}, // scores 3
		{Hypertension, "bp-low", vitals.Systolic, "91", false},
		{Diabetes1, "glucose-low", vitals.Whole, "70", false}, // level 1: less than 70
		{Diabetes1, "glucose-low", vitals.Whole, "69", true},
		{Diabetes1, "glucose-very-low", vitals.Whole, "54", false}, // level 2: less than 54
		{Diabetes1, "glucose-very-low", vitals.Whole, "53", true},
		{Diabetes2, "glucose-high", vitals.Whole, "250", false}, // level 2: more than 250
		{Diabetes2, "glucose-high", vitals.Whole, "251", true},
		{HeartFailure, "weight-gain", vitals.Whole, "2", false}, // more than 2 kg
		{HeartFailure, "weight-gain", vitals.Whole, "2.01", true},
		{COPD, "oxygen-low", vitals.Whole, "88", false}, // the target is 88 to 92
		{COPD, "oxygen-low", vitals.Whole, "87", true},
		{COPD, "oxygen-very-low", vitals.Whole, "83", true}, // scores 3 on scale 2
		{COPD, "oxygen-very-low", vitals.Whole, "84", false},
		{COPD, "oxygen-falling", vitals.Whole, "-2.9", false},
		{COPD, "oxygen-falling", vitals.Whole, "-3", true},
		{HeartFailure, "oxygen-low", vitals.Whole, "91", true}, // scores 3 on scale 1
		{HeartFailure, "oxygen-low", vitals.Whole, "92", false},
		{JointRecovery, "fever", vitals.Whole, "38", true},
		{JointRecovery, "fever", vitals.Whole, "37.9", false},
		{JointRecovery, "fever-high", vitals.Whole, "39", true},
		{JointRecovery, "fever-high", vitals.Whole, "38.9", false},
	} {
		set := Default("p", "", at, c.condition)
		r := set.Rule(c.rule)
		if r == nil {
			t.Errorf("%s has no rule %s", c.condition, c.rule)
			continue
		}
		v, ok := vitals.ParseAmount(c.value)
		if !ok {
			t.Fatal(c.value)
		}
		crossed := false
		for _, l := range r.Limits {
			crossed = crossed || l.Part == c.part && l.Crossed(v)
		}
		if crossed != c.crossed {
			t.Errorf("%s %s: %s of part %d crosses: %v", c.condition, c.rule, c.value, c.part, crossed)
		}
	}
}

func TestEveryDefaultHoldsAndComesBack(t *testing.T) {
	sets := []Set{Default("p1", "Practitioner/d", at, Conditions()...), {Patient: "p2", Version: 7, Since: at}}
	for _, c := range Conditions() {
		sets = append(sets, Default("p1", "Practitioner/d", at, c))
	}
	for i := range sets {
		set := &sets[i]
		set.ID = "t1"
		for _, r := range set.Rules {
			if r.Source == "" {
				t.Errorf("%s has no source", r.ID)
			}
		}
		if i != 1 && len(set.Rules) < 4 {
			t.Errorf("set %d has %d rules", i, len(set.Rules))
		}
		n, err := Encode(set)
		if err != nil {
			t.Fatal(err)
		}
		for _, is := range validate.Resource(&n) {
			t.Errorf("set %d: %s %s %s", i, is.Severity, is.Expression, is.Diagnostics)
		}
		read, err := resource.Parse(n.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		back, err := Decode(read)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(set, back) {
			t.Errorf("set %d went out as\n%+v and came back as\n%+v", i, set, back)
		}
	}
}

func TestCOPDComesBeforeHeartFailure(t *testing.T) {
	set := Default("p", "", at, HeartFailure, COPD)
	if r := set.Rule("oxygen-low"); r.Severity != Attention || r.Limits[0].Value != vitals.Units(88) {
		t.Errorf("%+v", r)
	}
}

func TestWrongRulesAreRefused(t *testing.T) {
	good := Rule{ID: "x", Measure: vitals.Weight, Kind: Average, Severity: Info, Limits: whole(Above, 1), Days: 3, Base: 14, Count: 2}
	if err := good.Check(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		want   Code
		change func(*Rule)
	}{
		{NoID, func(r *Rule) { r.ID = "" }},
		{NoID, func(r *Rule) { r.ID = "a b" }},
		{NoMeasure, func(r *Rule) { r.Measure = "mood" }},
		{NoSeverity, func(r *Rule) { r.Severity = "panic" }},
		{NoKind, func(r *Rule) { r.Kind, r.Base = "guess", 0 }},
		{NoSource, func(r *Rule) { r.Source = "a friend" }},
		{BadDays, func(r *Rule) { r.Base = 0 }},
		{BadDays, func(r *Rule) { r.Days = 20 }},
		{BadDays, func(r *Rule) { r.Days = 0 }},
		{BadDays, func(r *Rule) { r.Kind, r.Base = Single, 0 }},
		{BadCount, func(r *Rule) { r.Count = 4 }},
		{BadCount, func(r *Rule) { r.Kind, r.Base, r.Count = Mean, 0, 1 }},
		{BadCount, func(r *Rule) { r.Kind, r.Base, r.Count = Mean, 0, 61 }},
		{BadCount, func(r *Rule) { r.Kind, r.Base, r.Count = Change, 0, 1 }},
		{NoLimit, func(r *Rule) { r.Limits = nil }},
		{NoLimit, func(r *Rule) { r.Limits = []Limit{limit(vitals.Diastolic, Above, vitals.Units(1))} }},
		{NoLimit, func(r *Rule) { r.Limits = []Limit{limit(vitals.Whole, "=", vitals.Units(1))} }},
		{NoLimit, func(r *Rule) { r.Kind, r.Base, r.Count = Missing, 0, 0 }},
		{NotPossible, func(r *Rule) { r.Limits = whole(Below, 1) }}, // less than a gain of 1 is nearly always
		{NotPossible, func(r *Rule) { r.Limits = whole(Above, 0) }},
		{NotPossible, func(r *Rule) { r.Kind, r.Days, r.Base, r.Count, r.Limits = Single, 0, 0, 0, whole(Above, 9000) }},
	} {
		r := good
		c.change(&r)
		var f *Fault
		if err := r.Check(); !errors.As(err, &f) || f.Code != c.want {
			t.Errorf("wanted %s, got %v of %+v", c.want, err, r)
		}
	}
}

func TestAChangeIsANewVersion(t *testing.T) {
	one := Default("p", "Practitioner/a", at, Hypertension)
	r := *one.Rule("bp-mean")
	r.Limits, r.Source, r.Reason = pressure(AtLeast, 145, 85), "", "frail"
	two, err := one.With(r, "Practitioner/b", at.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if two.Version != 2 || two.Author != "Practitioner/b" || two.Rule("bp-mean").Limits[0].Value != vitals.Units(145) || len(two.Rules) != len(one.Rules) {
		t.Errorf("%+v", two)
	}
	if one.Version != 1 || one.Rule("bp-mean").Limits[0].Value != vitals.Units(135) {
		t.Error("the first version changed")
	}
	r.ID = "mine"
	if three, err := two.With(r, "x", at); err != nil || len(three.Rules) != len(one.Rules)+1 || three.Version != 3 {
		t.Errorf("%v %+v", err, three)
	}
	if four := two.Without("bp-mean", "x", at); four.Rule("bp-mean") != nil || two.Rule("bp-mean") == nil || four.Version != 3 {
		t.Errorf("%+v", four)
	}
	r.Severity = ""
	if _, err := two.With(r, "x", at); err == nil {
		t.Error("a rule without severity is taken")
	}
}

func FuzzDecode(f *testing.F) {
	set := Default("p", "Practitioner/d", at, Conditions()...)
	n, err := Encode(&set)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(n.Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		n, err := resource.Parse(b)
		if err != nil {
			return
		}
		set, err := Decode(n)
		if err != nil {
			return
		}
		again, err := Encode(set)
		if err != nil {
			t.Fatal(err)
		}
		if back, err := Decode(&again); err != nil || !reflect.DeepEqual(set, back) {
			t.Fatalf("%v: %+v, then %+v", err, set, back)
		}
	})
}

func TestBand(t *testing.T) {
	set := Default("p", "", at, Hypertension, Diabetes2)
	for _, c := range []struct {
		m         vitals.Measure
		part      vitals.Part
		low, high string
	}{
		{vitals.BloodPressure, vitals.Systolic, "90", "135"},
		{vitals.BloodPressure, vitals.Diastolic, "", "85"},
		{vitals.Glucose, vitals.Whole, "70", "180"},
		{vitals.Weight, vitals.Whole, "", ""},
	} {
		low, high := set.Band(c.m, c.part)
		for _, e := range []struct {
			got  *vitals.Amount
			want string
		}{{low, c.low}, {high, c.high}} {
			if (e.got == nil) != (e.want == "") || e.got != nil && e.got.String() != e.want {
				t.Errorf("%s %d: %v, wanted %q", c.m, c.part, e.got, e.want)
			}
		}
	}
	if low, _ := set.Band(vitals.Glucose, vitals.Whole); low != nil {
		*low = 0
		if again, _ := set.Band(vitals.Glucose, vitals.Whole); *again == 0 {
			t.Error("drawing changes the thresholds")
		}
	}
}
