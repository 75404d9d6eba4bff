package care

import (
	"encoding/xml"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/vitals"
)

var absurd = regexp.MustCompile(`\d{5}`) // no picture is so large

// drawn reads a picture: it is well-formed, and every number in it is one.
func drawn(t *testing.T, picture string) map[string]int {
	t.Helper()
	count := map[string]int{}
	d := xml.NewDecoder(strings.NewReader(picture))
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("%v in %s", err, picture)
		}
		e, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		class, each := "", 1
		for _, a := range e.Attr {
			switch a.Name.Local {
			case "class":
				class = a.Value
			case "style":
				t.Error("a style in the picture: the policy of the pages refuses it")
			case "cx", "cy", "x", "y", "width", "height":
				if v, err := strconv.ParseFloat(a.Value, 64); err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
					t.Errorf("%s=%q", a.Name.Local, a.Value)
				}
			case "d":
				if strings.Trim(a.Value, "MLHVhvZz .-0123456789") != "" || absurd.MatchString(a.Value) {
					t.Errorf("d=%q", a.Value)
				}
				if strings.HasPrefix(class, "p") {
					each = strings.Count(a.Value, "M") // a path of many readings
				}
			}
		}
		count[class] += each
	}
	return count
}

func TestChart(t *testing.T) {
	from := noon.Add(-4 * week)
	kg := vitals.Of(vitals.Weight).Canonical()
	all := trend{Measure: vitals.Weight, Unit: kg, List: weights(1, 80, 30, 81, 60, 79)}
	all.Goals[0] = goal{Low: vitals.Units(75), High: vitals.Units(85), HasLow: true, HasHigh: true}
	if got := drawn(t, chart(t.Context(), &all, from, noon, 860, 400, `a "label" & <more>`)); got["p1"] != 3 || got["l1"] != 1 || got["band"] != 1 || got["bedge"] != 2 || got["grid"] < 3 {
		t.Errorf("%v", got)
	}
	for name, one := range map[string]trend{
		"nothing":  {Measure: vitals.Weight, Unit: kg},
		"one":      {Measure: vitals.Weight, Unit: kg, List: weights(1, 80)},
		"the same": {Measure: vitals.Weight, Unit: kg, List: weights(1, 80, 2, 80, 3, 80)},
		"steps":    {Measure: vitals.Steps, Unit: vitals.Of(vitals.Steps).Canonical()},
	} {
		if got := drawn(t, chart(t.Context(), &one, from, noon, 340, 340, name)); got["p1"] != len(one.List) || got["grid"] > 9 {
			t.Errorf("%s: %v", name, got)
		}
		if got := drawn(t, spark(&one, from, noon, time.UTC, name)); got["p1"] != len(one.List) {
			t.Errorf("%s: %v", name, got)
		}
	}
	// What was before the picture is not in it.
	old := trend{Measure: vitals.Weight, Unit: kg, List: weights(1, 80, 40*24, 81, 60*24, 79)}
	if got := drawn(t, chart(t.Context(), &old, from, noon, 860, 400, "old")); got["p1"] != 1 {
		t.Errorf("%v", got)
	}
	all.Goals[0].High = vitals.Units(79)
	if got := drawn(t, vignette(t.Context(), &all, from, noon, "small")); got["p1"] != 3 || got["p1 out"] != 1 || got["band"] != 1 {
		t.Errorf("%v", got)
	}
	two := trend{Measure: vitals.BloodPressure, Unit: vitals.Of(vitals.BloodPressure).Canonical(), List: []taken{{}, {}}}
	for i := range two.List {
		r := &two.List[i]
		r.Order, r.Values, r.Has = noon.Add(-time.Duration(i)*time.Hour), [vitals.MaxParts]vitals.Amount{vitals.Units(130), vitals.Units(80)}, [vitals.MaxParts]bool{true, i == 0}
	}
	if got := drawn(t, chart(t.Context(), &two, from, noon, 860, 400, "pressure")); got["p1"] != 2 || got["p2"] != 1 || got["l2"] != 1 {
		t.Errorf("%v", got)
	}
}

// Many readings become the averages of their days; days that are averages already stay as they are.
func TestPoints(t *testing.T) {
	var many []float64
	for i := range 200 {
		many = append(many, float64(i)*6, 80)
	}
	one := trend{Measure: vitals.Weight, Unit: vitals.Of(vitals.Weight).Canonical(), List: weights(many...)}
	if got := points(&one, time.UTC); len(got) != 51 || !got[0].At.Before(got[1].At) {
		t.Errorf("%d points", len(got))
	}
	one.List = days(one.List)
	if got := points(&one, time.UTC); len(got) != 51 {
		t.Errorf("%d points of days", len(got))
	}
	smoothed := smooth([]point{{At: noon.Add(-8 * 24 * time.Hour), V: [vitals.MaxParts]float64{100}, Ok: [vitals.MaxParts]bool{true}},
		{At: noon.Add(-24 * time.Hour), V: [vitals.MaxParts]float64{80}, Ok: [vitals.MaxParts]bool{true}},
		{At: noon, V: [vitals.MaxParts]float64{90}, Ok: [vitals.MaxParts]bool{true}}})
	if smoothed[2].V[0] != 85 || smoothed[2].Ok[1] {
		t.Errorf("%+v", smoothed)
	}
}

func TestFit(t *testing.T) {
	one := trend{Measure: vitals.Weight, Unit: vitals.Of(vitals.Weight).Canonical()}
	one.Goals[0] = goal{High: vitals.Units(100), HasHigh: true}
	f := frame{}
	step := f.fit([]point{{V: [vitals.MaxParts]float64{97}, Ok: [vitals.MaxParts]bool{true}}}, &one)
	if f.low > 85 || f.high < 100 || step != 5 {
		t.Errorf("%v to %v by %v", f.low, f.high, step)
	}
}
