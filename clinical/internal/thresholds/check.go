package thresholds

import "github.com/mitral-health/mitral/clinical/internal/vitals"

// Code says why a rule is refused.
type Code string

// The reasons.
const (
	NoID        Code = "id"            // none, or one that is no FHIR id
	NoMeasure   Code = "measure"       //
	NoKind      Code = "kind"          //
	NoSeverity  Code = "severity"      //
	NoLimit     Code = "limit"         // none, a part that the measure hasn't, or an operator that isn't one
	NotPossible Code = "limit-range"   // no reading could ever cross it, or every one would
	BadDays     Code = "days"          //
	BadCount    Code = "count"         //
	TooMany     Code = "too-many"      //
	NoSource    Code = "source"        // one that isn't in the table
	TwiceTheID  Code = "id-twice"      //
	NotASet     Code = "not-a-set"     // a resource that holds no thresholds
	LongReason  Code = "reason-length" //
)

// Fault refuses a rule or a set.
type Fault struct {
	Code Code
	Rule string
}

// Error names the code and the rule's id.
func (f *Fault) Error() string { return "the threshold " + f.Rule + " is refused: " + string(f.Code) }

// Check says what is wrong with a rule: nil, or a *Fault.
func (r *Rule) Check() error {
	if c := r.wrong(); c != "" {
		return &Fault{c, r.ID}
	}
	return nil
}

func (r *Rule) wrong() Code {
	d := vitals.Of(r.Measure)
	switch {
	case !plain(r.ID):
		return NoID
	case d == nil:
		return NoMeasure
	case r.Severity != Info && r.Severity != Attention && r.Severity != Urgent:
		return NoSeverity
	case r.Source != "" && SourceOf(r.Source) == nil:
		return NoSource
	case len(r.Reason) > 500:
		return LongReason
	case r.Days < 0 || r.Days > MaxDays || r.Base < 0 || r.Days+r.Base > MaxDays:
		return BadDays
	case r.Kind != Single && r.Days == 0, r.Kind == Average && r.Base == 0, r.Kind != Average && r.Base != 0, r.Kind == Single && r.Days != 0:
		return BadDays
	}
	least := 0
	switch r.Kind {
	case Mean:
		least = 2
	case Average:
		least = 1
	case Single, Change, Missing:
	default:
		return NoKind
	}
	if r.Count < least || r.Count > MaxCount || least == 0 && r.Count != 0 || r.Kind == Average && r.Count > min(r.Days, r.Base) {
		return BadCount
	}
	if (r.Kind == Missing) != (len(r.Limits) == 0) || len(r.Limits) > 4 {
		return NoLimit
	}
	for _, l := range r.Limits {
		if c := r.limit(l, d); c != "" {
			return c
		}
	}
	return ""
}

func (r *Rule) limit(l Limit, d *vitals.Definition) Code {
	if int(l.Part) >= len(d.Parts) || l.Op != Above && l.Op != AtLeast && l.Op != Below && l.Op != AtMost {
		return NoLimit
	}
	can := d.Parts[l.Part].Range
	if r.Kind == Change || r.Kind == Average {
		rises := l.Op == Above || l.Op == AtLeast
		if l.Value == 0 || rises != (l.Value > 0) || l.Value > can.Most || l.Value < -can.Most {
			return NotPossible // a difference of nothing, or the wrong way round, would always be there
		}
		return ""
	}
	if l.Value < can.Least || l.Value > can.Most {
		return NotPossible
	}
	return ""
}

// plain: an id of FHIR.
func plain(id string) bool {
	if id == "" || len(id) > 64 {
		return false
	}
	for i := range len(id) {
		c := id[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '.') {
			return false
		}
	}
	return true
}

// Check says what is wrong with a set: nil, or a *Fault.
func (s *Set) Check() error {
	seen := map[string]bool{}
	if len(s.Rules) > MaxRules {
		return &Fault{TooMany, ""}
	}
	for i := range s.Rules {
		if err := s.Rules[i].Check(); err != nil {
			return err
		}
		if seen[s.Rules[i].ID] {
			return &Fault{TwiceTheID, s.Rules[i].ID}
		}
		seen[s.Rules[i].ID] = true
	}
	return nil
}
