package alerts

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/thresholds"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
)

var errIssue = errors.New("alerts: this DetectedIssue holds no alert")

// Decode reads what Encode wrote, and walks the steps again: a life that could not have been is refused.
func Decode(n *resource.Node) (*Alert, error) {
	if n.Type() != "DetectedIssue" {
		return nil, errIssue
	}
	a := Alert{Status: Raised}
	var worst vitals.Amount
	var latest *Finding
	for i := range n.Get("extension").Each() {
		x := n.Get("extension").At(i)
		var err error
		switch x.Get("url").Str() {
		case firstURL:
			a.First, err = finding(x)
		case latestURL:
			latest = new(Finding)
			*latest, err = finding(x)
		case worstURL:
			worst, err = amount(x)
		case repeatsURL:
			a.Repeats, err = count(x)
		}
		if err != nil {
			return nil, err
		}
	}
	patient, ok := strings.CutPrefix(n.Path("patient", "reference").Str(), "Patient/")
	steps := n.Get("mitigation").Each()
	if !ok || len(steps) == 0 || a.First.Rule == "" || (a.Repeats > 0) != (latest != nil) || a.Repeats < 0 {
		return nil, errIssue
	}
	first, err := stepOf(&steps[0])
	if err != nil || first.Do != Raise || first.By != System {
		return nil, errIssue
	}
	repeats := a.Repeats
	a = Open(patient, a.First, first.At)
	for i := range steps[1:] {
		s, err := stepOf(&steps[i+1])
		if err != nil {
			return nil, err
		}
		if a, err = a.Do(s); err != nil {
			return nil, err
		}
	}
	a.ID, a.Repeats, a.Worst = n.ID(), repeats, worst
	if latest != nil {
		a.Latest = *latest
	}
	return &a, nil
}

func stepOf(n *resource.Node) (s Step, err error) {
	s = Step{Do: Do(n.Path("action", "coding", "code").Str()), Reason: n.Path("action", "text").Str(), By: n.Path("author", "reference").Str()}
	if s.At, err = when(n.Get("date")); err != nil {
		return s, err
	}
	inner := n.Path("extension", "extension")
	for i := range inner.Each() {
		x := inner.At(i)
		text := x.Get("valueString").Str()
		switch x.Get("url").Str() {
		case "action":
			s.Action = Action(x.Get("valueCode").Str())
		case "result":
			s.Result = text
		case "to":
			s.To = text
		case "by":
			s.By = text
		case "until":
			if s.Until, err = when(x.Get("valueInstant")); err != nil {
				return s, err
			}
		}
	}
	if s.By == "" {
		s.By = System
	}
	return s, nil
}

func finding(n *resource.Node) (f Finding, err error) {
	inner := n.Get("extension")
	for i := range inner.Each() {
		x := inner.At(i)
		code := x.Get("valueCode").Str()
		var part int
		switch x.Get("url").Str() {
		case "rule":
			f.Rule = x.Get("valueId").Str()
		case "version":
			f.Version, err = count(x)
		case "kind":
			f.Kind = thresholds.Kind(code)
		case "severity":
			f.Severity = thresholds.Severity(code)
		case "measure":
			f.Measure = vitals.Measure(code)
		case "part":
			if part, err = count(x); err == nil && (part < 0 || part >= vitals.MaxParts) {
				err = errIssue
			}
			f.Limit.Part = vitals.Part(part)
		case "is":
			f.Limit.Op = thresholds.Op(code)
		case "than":
			f.Limit.Value, err = amount(x)
		case "value":
			f.Value, err = amount(x)
		case "over":
			f.Over, err = amount(x)
		case "first":
			f.Has[0] = true
			f.Both[0], err = amount(x)
		case "second":
			f.Has[1] = true
			f.Both[1], err = amount(x)
		case "reading":
			f.Reading = x.Get("valueString").Str()
		case "ref":
			f.Ref = x.Get("valueString").Str()
		case "at":
			f.At, err = when(x.Get("valueInstant"))
		case "since":
			f.Since, err = when(x.Get("valueInstant"))
		case "row":
			f.Row, err = count(x)
		case "trend":
			f.Trend.Direction = Direction(code)
		case "from":
			f.Trend.From, err = amount(x)
		case "to":
			f.Trend.To, err = amount(x)
		case "days":
			f.Trend.Days, err = count(x)
		case "readings":
			f.Trend.Readings, err = count(x)
		}
		if err != nil {
			return f, err
		}
	}
	if !f.whole() {
		return f, errIssue
	}
	return f, nil
}

// whole says whether a finding has what every finding of its kind has.
func (f *Finding) whole() bool {
	if vitals.Of(f.Measure) == nil || f.Rule == "" || f.At.IsZero() {
		return false
	}
	switch f.Severity {
	case thresholds.Info, thresholds.Attention, thresholds.Urgent:
	default:
		return false
	}
	switch f.Kind {
	case thresholds.Missing:
		return f.Limit == (thresholds.Limit{}) && f.Value == 0 && f.Over == 0
	case thresholds.Single, thresholds.Mean, thresholds.Change, thresholds.Average:
	default:
		return false
	}
	switch f.Limit.Op {
	case thresholds.Above, thresholds.AtLeast, thresholds.Below, thresholds.AtMost:
		return f.Over >= 0
	}
	return false
}

func count(x *resource.Node) (int, error) {
	v := x.Get("valueInteger")
	if v == nil {
		return 0, errIssue
	}
	n, err := strconv.Atoi(v.Text)
	if err != nil {
		return 0, errIssue
	}
	return n, nil
}

func amount(x *resource.Node) (vitals.Amount, error) {
	v := x.Path("valueQuantity", "value")
	if v == nil {
		return 0, errIssue
	}
	a, ok := vitals.ParseAmount(v.Text)
	if !ok {
		return 0, errIssue
	}
	return a, nil
}

func when(n *resource.Node) (time.Time, error) {
	t, err := time.Parse(time.RFC3339Nano, n.Str())
	if err != nil {
		return t, errIssue
	}
	return t.UTC(), nil
}
