package vitals

import (
	"strings"
	"time"
	"unicode/utf8"
)

// Entry is a measurement as a person typed it or a device gave it to their phone.
type Entry struct {
	Measure  Measure
	Typed    []string // one text for each part, as typed: "128", "5,6"
	Unit     string   // UCUM code of the unit chosen
	At       time.Time
	Sent     time.Time // the phone's clock when it sent this; zero if unknown
	Received time.Time // the server's clock
	Patient  string    // logical id
	Author   string    // a reference, such as "RelatedPerson/x", if not the patient
	Device   string    // its name, if a device measured
	Note     string
	Key      string // made on the phone, once for each measurement, and kept when it sends again
	Sure     bool   // the person was asked about what is unlikely and said that it is so
}

// Code says what is the matter with an entry or a foreign Observation.
type Code string

// Reasons to refuse.
const (
	NotMeasure   Code = "not-a-measure"   // none of the measures here
	NoUnit       Code = "unit-missing"    // 4.0 or 72 mean nothing without one
	OtherUnit    Code = "unit-unknown"    // not one of this measure's
	NoNumber     Code = "number-missing"  // nothing was typed, or nothing measured
	NotNumber    Code = "not-a-number"    //
	NotWhole     Code = "not-whole"       // this unit is counted in whole numbers
	TooFine      Code = "too-many-digits" // more decimals than are kept
	TooLow       Code = "too-low"         // less than it can be
	TooHigh      Code = "too-high"        // more than it can be
	UpsideDown   Code = "upside-down"     // the upper pressure isn't above the lower one
	NoTime       Code = "time-missing"    //
	BadTime      Code = "time-wrong"      // no date at all
	BadKey       Code = "key-wrong"       // no key, or not one that a phone makes
	TooLong      Code = "too-long"        // a note or a device's name
	Withdrawn    Code = "withdrawn"       // an Observation entered in error or cancelled
	NotDisclosed Code = "no-value"        // an Observation that says why it has no value
)

// Reasons to ask.
const (
	UnlikelyLow   Code = "unlikely-low"
	UnlikelyHigh  Code = "unlikely-high"
	UnlikelyApart Code = "unlikely-apart" // the two pressures are very near to or far from each other
	UnlikelyJump  Code = "unlikely-jump"  // far from the last one
)

// Meant is what a person may have meant instead.
type Meant struct {
	Value string
	Unit  string // UCUM
}

// Problem is one thing that is the matter. It is an error when it refuses.
type Problem struct {
	Code  Code
	Part  Part
	Limit string // the number that was crossed, in the unit chosen
	Unit  string // the unit chosen, UCUM
	Maybe []Meant
}

// Error names the code; it holds nothing that was typed.
func (p *Problem) Error() string { return "the measurement is refused: " + string(p.Code) }

const (
	maxNote   = 1000
	maxDevice = 100
	maxKey    = 64
)

// Read turns an entry into a Reading. last is the newest reading of the same measure, or nil. It
// refuses with a *Problem; else ask is what the person must confirm before it counts: nothing, if
// they are Sure.
func Read(e Entry, last *Reading) (r Reading, ask []Problem, err error) {
	d := Of(e.Measure)
	if d == nil {
		return r, nil, &Problem{Code: NotMeasure}
	}
	if e.Unit == "" {
		return r, nil, &Problem{Code: NoUnit}
	}
	u := d.Unit(e.Unit)
	if u == nil {
		return r, nil, &Problem{Code: OtherUnit}
	}
	if p := e.frame(); p != nil {
		return r, nil, p
	}
	if len(e.Typed) != len(d.Parts) {
		return r, nil, &Problem{Code: NoNumber, Unit: u.Code}
	}
	r = Reading{Measure: e.Measure, Key: e.Key, At: e.At, Device: e.Device, Note: e.Note}
	r.Order, r.Clock = Place(e.At, e.Sent, e.Received)
	for i, typed := range e.Typed {
		text, problem := number(typed, u.Decimals == 0)
		if problem == NoNumber && e.Sure && len(d.Parts) > 1 {
			continue // only the upper pressure could be heard
		}
		if problem != "" {
			p := &Problem{Code: problem, Part: Part(i), Unit: u.Code}
			if problem == NotWhole {
				if value, ok := ParseAmount(text); ok {
					p.Maybe = d.maybe(Part(i), u, value) // 5.6 mg/dL is 5.6 mmol/L
					p.tenfold(d, u, value)
				}
			}
			return Reading{}, nil, p
		}
		value, ok := ParseAmount(text)
		if !ok {
			return Reading{}, nil, &Problem{Code: TooHigh, Part: Part(i), Unit: u.Code, Limit: u.Show(d.Parts[i].Range.Most)}
		}
		r.Values[i], r.Has[i] = u.To(value), true
		if p := d.impossible(r.Values[i], Part(i), u, value); p != nil {
			return Reading{}, nil, p
		}
	}
	if r.Has == [MaxParts]bool{} {
		return Reading{}, nil, &Problem{Code: NoNumber, Unit: u.Code}
	}
	if r.upsideDown() {
		return Reading{}, nil, &Problem{Code: UpsideDown, Unit: u.Code}
	}
	if !e.Sure {
		ask = d.unlikely(r, u, last)
	}
	return r, ask, nil
}

func (r *Reading) upsideDown() bool {
	return r.Measure == BloodPressure && r.Has[Systolic] && r.Has[Diastolic] && r.Values[Systolic] <= r.Values[Diastolic]
}

// frame checks what stands around the numbers.
func (e *Entry) frame() *Problem {
	switch {
	case e.At.IsZero():
		return &Problem{Code: NoTime}
	case e.At.Year() < 1900 || e.At.Year() > 9998:
		return &Problem{Code: BadTime}
	case !plainKey(e.Key):
		return &Problem{Code: BadKey}
	case len(e.Note) > maxNote*4 || utf8.RuneCountInString(e.Note) > maxNote, len(e.Device) > maxDevice*4 || utf8.RuneCountInString(e.Device) > maxDevice:
		return &Problem{Code: TooLong}
	case !utf8.ValidString(e.Note) || !utf8.ValidString(e.Device):
		return &Problem{Code: TooLong}
	}
	return nil
}

// plainKey: 8 to 64 letters, digits, "-" and "_"; a UUID is one.
func plainKey(k string) bool {
	if len(k) < 8 || len(k) > maxKey {
		return false
	}
	for i := range len(k) {
		c := k[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_') {
			return false
		}
	}
	return true
}

// number turns what was typed into a decimal of FHIR: a comma or a point before the decimals, nothing
// between the thousands; with NotWhole the text is given all the same. A whole number with three digits after a separator is refused, because
// "12.000" steps would be twelve.
func number(typed string, whole bool) (string, Code) {
	s := strings.TrimSpace(typed)
	if s == "" {
		return "", NoNumber
	}
	if len(s) > 24 {
		return "", NotNumber
	}
	head, tail, cut := s, "", false
	if i := strings.IndexAny(s, ".,"); i >= 0 {
		head, tail, cut = s[:i], s[i+1:], true
	}
	if !digits(head) || !digits(tail) || head == "" && tail == "" {
		return "", NotNumber
	}
	head = strings.TrimLeft(head, "0")
	if head == "" {
		head = "0"
	}
	switch {
	case whole && cut && (len(tail) >= 3 || strings.Trim(tail, "0") != ""):
		return head + "." + tail, NotWhole
	case len(tail) > 3:
		return "", TooFine
	case tail == "":
		return head, ""
	}
	return head + "." + tail, ""
}
