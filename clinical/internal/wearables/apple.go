package wearables

import (
	"context"
	"errors"
	"io"
	"strconv"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/vitals"
)

const appleKind = "HKQuantityTypeIdentifier"

// appleKinds are the records that are taken, by what follows appleKind. The two pressures are taken
// from the correlation that joins them: the document has each of them once more outside of it.
var appleKinds = map[string]vitals.Measure{
	"BloodGlucose": vitals.Glucose, "BodyMass": vitals.Weight, "OxygenSaturation": vitals.Oxygen, "HeartRate": vitals.HeartRate, "BodyTemperature": vitals.Temperature,
	"PeakExpiratoryFlowRate": vitals.PeakFlow, "RespiratoryRate": vitals.Breathing, "StepCount": vitals.Steps,
}

const applePressure = "HKCorrelationTypeIdentifierBloodPressure"

// Apple reads the export.xml of Apple Health. Steps come as days, after everything else.
func Apple(ctx context.Context, r io.Reader, o Options, emit func(Sample) error) (Summary, error) {
	a := apple{sink: sink{ctx: ctx, o: &o, emit: emit}, tags: newTags(r), zones: map[int]*time.Location{}}
	err := a.read()
	return a.sum, err
}

type apple struct {
	sink
	*tags
	steps stepDays
	zones map[int]*time.Location
	pair  *pressure // of the correlation that is open
}

type pressure struct {
	line    int64
	values  [2]string
	unit    string
	at, end time.Time
	source  string
	reason  Reason
}

func (a *apple) read() error {
	for {
		if err := a.alive(); err != nil {
			return err
		}
		if err := a.next(); errors.Is(err, io.EOF) {
			return a.steps.flush(&a.sink)
		} else if err != nil {
			return broken(a.line, err)
		}
		if len(a.stack) == 1 && !a.closing && string(a.name) != "HealthData" {
			return broken(a.line, errMarkup)
		}
		var err error
		switch string(a.name) {
		case "Record":
			if !a.closing {
				err = a.record()
			}
		case "Correlation":
			err = a.correlation()
		case "ExportDate":
			if at, ok := a.time("value"); ok && !a.closing {
				a.steps.until = dayOf(at)
			}
		}
		if err != nil {
			return err
		}
	}
}

func (a *apple) correlation() error {
	if !a.closing {
		a.pair = nil
		if string(a.raw("type")) != applePressure {
			a.sum.Passed++
			return nil
		}
		p := &pressure{line: a.line}
		var inTime, ended, named bool
		p.at, inTime = a.time("startDate")
		p.end, ended = a.time("endDate")
		p.source, named = text(a.raw("sourceName"))
		switch {
		case !inTime || !ended:
			p.reason = NoTime
		case !named:
			p.reason = BadText
		}
		a.pair = p
		return nil
	}
	p := a.pair
	a.pair = nil
	if p == nil {
		return nil
	}
	if p.reason == "" && (p.values[0] == "" || p.values[1] == "") {
		p.reason = Partial
	}
	if p.reason != "" {
		a.refuse(p.line, "Correlation", p.reason)
		return nil
	}
	return a.give(Sample{Measure: vitals.BloodPressure, Values: p.values[:], Unit: p.unit, At: p.at, End: p.end, Source: clean(p.source), Line: p.line})
}

func (a *apple) record() error {
	kind := a.raw("type")
	if len(kind) < len(appleKind) || string(kind[:len(appleKind)]) != appleKind {
		a.sum.Passed++
		return nil
	}
	kind = kind[len(appleKind):]
	if part := 0; string(kind) == "BloodPressureSystolic" || string(kind) == "BloodPressureDiastolic" {
		if string(kind) == "BloodPressureDiastolic" {
			part = 1
		}
		if a.pair == nil {
			a.sum.Passed++
			return nil
		}
		a.part(part)
		return nil
	}
	measure, known := appleKinds[string(kind)]
	if !known || a.pair != nil {
		a.sum.Passed++
		return nil
	}
	return a.quantity(measure)
}

// part keeps one of the two pressures.
func (a *apple) part(i int) {
	p := a.pair
	u := a.unit(vitals.BloodPressure)
	if u == nil || p.unit != "" && p.unit != u.Code {
		p.reason = NoUnit
		return
	}
	p.unit = u.Code
	value, ok := written(string(a.raw("value")), 0, u)
	if !ok || p.values[i] != "" {
		p.reason = NoNumber
		return
	}
	p.values[i] = value
}

func (a *apple) quantity(measure vitals.Measure) error {
	at, ok := a.time("startDate")
	end, ended := a.time("endDate")
	if !ok || !ended {
		a.refuse(a.line, "Record", NoTime)
		return nil
	}
	if !a.wants(measure, at) {
		return nil
	}
	source, ok := text(a.raw("sourceName"))
	if !ok {
		a.refuse(a.line, "Record", BadText)
		return nil
	}
	u := a.unit(measure)
	if u == nil {
		a.refuse(a.line, "Record", NoUnit)
		return nil
	}
	value := string(a.raw("value"))
	move := 0
	if measure == vitals.Oxygen && (value == "1" || len(value) > 0 && value[0] == '0' || len(value) > 1 && value[:2] == "1.") {
		move = 2 // 0.97 with the unit %
	}
	value, ok = written(value, move, u)
	if !ok {
		a.refuse(a.line, "Record", NoNumber)
		return nil
	}
	source = clean(source)
	if measure == vitals.Steps {
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil || n > 1<<32 || !a.steps.add(at, source, n) {
			a.refuse(a.line, "Record", NoNumber)
		}
		return nil
	}
	return a.give(Sample{Measure: measure, Values: []string{value}, Unit: u.Code, At: at, End: end, Source: source, Line: a.line})
}

// unit is the record's, or nil.
func (a *apple) unit(measure vitals.Measure) *vitals.Unit {
	name, ok := text(a.raw("unit"))
	if !ok {
		return nil
	}
	return unitOf(measure, name)
}

// time reads "2026-03-01 08:05:00 +0100".
func (a *apple) time(name string) (time.Time, bool) {
	b := a.raw(name)
	if len(b) != 25 || b[4] != '-' || b[7] != '-' || b[10] != ' ' || b[13] != ':' || b[16] != ':' || b[19] != ' ' || b[20] != '+' && b[20] != '-' {
		return time.Time{}, false
	}
	ok := true
	two := func(i int) int {
		x, y := int(b[i])-'0', int(b[i+1])-'0'
		ok = ok && x >= 0 && x <= 9 && y >= 0 && y <= 9
		return x*10 + y
	}
	offset := two(21)*60 + two(23)
	if b[20] == '-' {
		offset = -offset
	}
	year, month, day, hour, minute, second := two(0)*100+two(2), two(5), two(8), two(11), two(14), two(17)
	if !ok || offset > 15*60 || offset < -15*60 || !sensible(year, month, day, hour, minute, second) {
		return time.Time{}, false
	}
	zone := a.zones[offset]
	if zone == nil {
		zone = time.FixedZone("", offset*60)
		a.zones[offset] = zone
	}
	return time.Date(year, time.Month(month), day, hour, minute, second, 0, zone), true
}

// sensible says whether there is such a day and time, in years in which somebody measures at home.
func sensible(year, month, day, hour, minute, second int) bool {
	return year >= 1970 && year <= 2200 && month >= 1 && month <= 12 && day >= 1 && hour < 24 && minute < 60 && second < 60 &&
		day <= time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}
