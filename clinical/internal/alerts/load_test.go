package alerts

import (
	"reflect"
	"testing"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/thresholds"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
)

// was is an alert of so many days ago.
func was(rule string, days int, over string, decided, acted bool) Past {
	a, _ := vitals.ParseAmount(over)
	return Past{Rule: rule, Severity: thresholds.Attention, Raised: start.Add(-time.Duration(days) * day), Over: a, Decided: decided, Acted: acted, Repeats: 1}
}

func TestLoad(t *testing.T) {
	past := []Past{was("a", 1, "1", true, true), was("a", 2, "1", true, false), was("b", 27, "1", false, false), was("b", 29, "1", true, true), was("b", -1, "1", true, true)}
	past[0].Severity = thresholds.Urgent
	if got, want := LoadOf(past, 28, start), (Load{28, 3, 3, 1, 1, 1, 1}); got != want {
		t.Errorf("%+v", got)
	}
}

func TestRecall(t *testing.T) {
	a := in(t, Open("p1", fever(t, 0, 38.5), start), Decided)
	if got := Recall(&a); !got.Acted || !got.Decided || got.Over.String() != "0.5" || got.Rule != "fever" || !got.Raised.Equal(start) {
		t.Errorf("%+v", got)
	}
	b := in(t, Open("p1", fever(t, 0, 38.5), start), Acknowledged)
	s := step(Decide, 2)
	s.Action = NoAction
	b, _ = b.Do(s)
	if got := Recall(&b); got.Acted || !got.Decided {
		t.Errorf("%+v", got)
	}
}

func TestQuieter(t *testing.T) {
	idle := func(rule string, over ...string) []Past {
		var all []Past
		for i, o := range over {
			all = append(all, was(rule, i+1, o, true, false))
		}
		return all
	}
	hf, sugar, bp, copd := defaults(thresholds.HeartFailure), defaults(thresholds.Diabetes2), defaults(thresholds.Hypertension), defaults(thresholds.COPD)
	simple := hf.Without("weight-average", doctor, start)
	quietest := *defaults(thresholds.Diabetes2)
	for i := range quietest.Rules {
		if quietest.Rules[i].Kind == thresholds.Missing {
			quietest.Rules[i].Days = thresholds.MaxDays
		}
	}
	for _, c := range []struct {
		name string
		set  *thresholds.Set
		past []Past
		how  How
		to   string // the limit, or the days, or the rule
		less int
	}{
		{"a weight rule by itself becomes an average", &simple, idle("weight-gain", "0.1", "0.2", "0.3", "0.4"), ByAverage, "weight-average", 0},
		{"beside an average it can go", hf, idle("weight-gain", "0.1", "0.2", "0.3", "0.4"), ByLeaving, "", 0},
		{"three are too few", hf, idle("weight-gain", "0.1", "0.2", "0.3"), "", "", 0},
		{"one of four was acted on", hf, append(idle("weight-gain", "0.1", "0.2", "0.3"), was("weight-gain", 5, "1", true, true)), "", "", 0},
		{"long ago", hf, []Past{was("weight-gain", 30, "1", true, false), was("weight-gain", 31, "1", true, false), was("weight-gain", 32, "1", true, false), was("weight-gain", 33, "1", true, false)}, "", "", 0},
		// Over 250 by 4, 9, 12 and 30: 9 is the lower median, and more than 259 would have left two out.
		{"half of the high sugars", sugar, idle("glucose-high", "4", "30", "9", "12"), ByLimit, "259", 2},
		// By no more than a tenth of 250.
		{"a tenth at most", sugar, idle("glucose-high", "24", "24", "90", "90", "90"), ByLimit, "275", 2},
		// One at 256 was acted on: 255 is as far as it may go.
		{"what was acted on stays", sugar, append(idle("glucose-high", "4", "4", "9", "30", "40"), was("glucose-high", 6, "6", true, true)), ByLimit, "255", 2},
		{"so does what nobody decided yet", sugar, append(idle("glucose-high", "4", "4", "9", "30", "40"), was("glucose-high", 6, "6", false, false)), ByLimit, "255", 2},
		{"low sugars are never let lower", sugar, idle("glucose-low", "1", "1", "1", "1"), "", "", 0},
		{"nor saturation", copd, idle("oxygen-low", "1", "1", "1", "1"), "", "", 0},
		{"nor is what is urgent", bp, idle("bp-crisis", "1", "1", "1", "1"), "", "", 0},
		{"a mean", bp, idle("bp-mean", "0.5", "1.2", "2.5", "6"), ByLimit, "137", 2},
		{"missing readings wait longer", sugar, idle("glucose-missing", "0", "0", "0", "0"), ByDays, "14", 0},
		{"but not for ever", &quietest, idle("glucose-missing", "0", "0", "0", "0"), "", "", 0},
	} {
		got := Quieter(c.past, c.set, start)
		if c.how == "" {
			if len(got) > 0 {
				t.Errorf("%s: %+v", c.name, got)
			}
			continue
		}
		if len(got) != 1 {
			t.Errorf("%s: %+v", c.name, got)
			continue
		}
		s, to := got[0], ""
		switch s.How {
		case ByLimit:
			to = s.To.Limits[0].Value.String()
		case ByDays:
			to = vitals.Units(s.To.Days).String()
		case ByAverage:
			to = s.To.ID
		}
		if s.How != c.how || to != c.to || s.Fewer != c.less {
			t.Errorf("%s: %+v, wanted %s %s, %d fewer", c.name, s, c.how, c.to, c.less)
		}
		if s.How != ByLeaving && s.To.Check() != nil {
			t.Errorf("%s: %v", c.name, s.To.Check())
		}
	}
	if before := *defaults(thresholds.Diabetes2); !reflect.DeepEqual(before, *sugar) {
		t.Error("a suggestion changed the thresholds")
	}
}
