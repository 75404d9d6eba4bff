package wearables

import (
	"context"
	"errors"
	"io"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/mitral-health/mitral/clinical/internal/vitals"
)

// quantity is a unit value of Open mHealth.
type quantity struct {
	Value jsontext.Value `json:"value"`
	Unit  string         `json:"unit"`
}

// UnmarshalJSON takes a bare number too: the first versions of step_count are one.
func (q *quantity) UnmarshalJSON(raw []byte) error {
	if raw[0] != '{' {
		q.Value = jsontext.Value(raw).Clone()
		return nil
	}
	type plain quantity
	return json.Unmarshal(raw, (*plain)(q))
}

// point is a data point (https://www.openmhealth.org/documentation/#/schema-docs/schema-library), of the
// schemas for what is measured at home, in any of their versions; the names in the body tell which.
type point struct {
	Header struct {
		Acquisition struct {
			Source string `json:"source_name"`
		} `json:"acquisition_provenance"`
	} `json:"header"`
	Body *body `json:"body"`
}

type body struct {
	Systolic    *quantity `json:"systolic_blood_pressure"`
	Diastolic   *quantity `json:"diastolic_blood_pressure"`
	Glucose     *quantity `json:"blood_glucose"`
	Weight      *quantity `json:"body_weight"`
	Oxygen      *quantity `json:"oxygen_saturation"`
	Heart       *quantity `json:"heart_rate"`
	Temperature *quantity `json:"body_temperature"`
	Breathing   *quantity `json:"respiratory_rate"`
	Steps       *quantity `json:"step_count"`
	Statistic   string    `json:"descriptive_statistic"`
	When        struct {
		At       string `json:"date_time"`
		Interval struct {
			Start    string    `json:"start_date_time"`
			End      string    `json:"end_date_time"`
			Duration *quantity `json:"duration"`
		} `json:"time_interval"`
	} `json:"effective_time_frame"`
}

// Points reads Open mHealth data points: one, an array of them, or one after the other, as on the lines of
// NDJSON. Steps come as days, after everything else. Lines in problems are the numbers of the points.
func Points(ctx context.Context, r io.Reader, o Options, emit func(Sample) error) (Summary, error) {
	l := &limited{r: r}
	in := jsontext.NewDecoder(l)
	p := points{sink: sink{ctx: ctx, o: &o, emit: emit}}
	for n := int64(1); ; {
		if err := p.alive(); err != nil {
			return p.sum, err
		}
		switch kind := in.PeekKind(); {
		case kind == '{':
			raw, err := in.ReadValue()
			if err != nil {
				return p.sum, broken(n, hidden(err))
			}
			l.fresh()
			if err := p.point(n, raw); err != nil {
				return p.sum, err
			}
			n++
		case kind == '[' && in.StackDepth() == 0 || kind == ']':
			if _, err := in.ReadToken(); err != nil {
				return p.sum, broken(n, hidden(err))
			}
		default:
			_, err := in.ReadToken()
			if errors.Is(err, io.EOF) && in.StackDepth() == 0 {
				return p.sum, p.steps.flush(&p.sink)
			}
			return p.sum, broken(n, hidden(err))
		}
	}
}

var errJSON = errors.New("no JSON of data points")

// hidden keeps an error's words, which may hold what the file does, out of logs.
func hidden(err error) error {
	if errors.Is(err, errItem) {
		return errItem
	}
	return errJSON
}

type points struct {
	sink
	steps stepDays
}

func (p *points) point(n int64, raw jsontext.Value) error {
	var d point
	err := json.Unmarshal(raw, &d)
	if err == nil && d.Body == nil {
		d.Body = &body{} // only a body, as a file of one schema holds
		err = json.Unmarshal(raw, d.Body)
	}
	if err != nil {
		p.refuse(n, "data point", NoNumber)
		return nil
	}
	b := d.Body
	name, m, values := b.which()
	if m == "" {
		p.sum.Passed++
		return nil
	}
	at, end, ok := b.when(p.o.Zone)
	switch {
	case b.Statistic != "":
		p.refuse(n, name, Statistic)
		return nil
	case !ok:
		p.refuse(n, name, NoTime)
		return nil
	}
	s := Sample{Measure: m, At: at, End: end, Source: clean(d.Header.Acquisition.Source), Line: n}
	for _, q := range values {
		if q == nil {
			p.refuse(n, name, Partial)
			return nil
		}
		unit := q.Unit
		if m == vitals.Steps && unit == "" {
			unit = "steps"
		}
		u := unitOf(m, unit)
		if u == nil || s.Unit != "" && s.Unit != u.Code {
			p.refuse(n, name, NoUnit)
			return nil
		}
		text, good := written(string(q.Value), 0, u)
		if !good {
			p.refuse(n, name, NoNumber)
			return nil
		}
		s.Unit, s.Values = u.Code, append(s.Values, text)
	}
	if m != vitals.Steps {
		return p.give(s)
	}
	count, err := strconv.ParseInt(s.Values[0], 10, 64)
	if err != nil || count > 1<<32 || p.wants(m, at) && !p.steps.add(at, s.Source, count) {
		p.refuse(n, name, NoNumber)
	}
	return nil
}

// which tells the measure, by its name in the schema, and its values.
func (b *body) which() (string, vitals.Measure, []*quantity) {
	if b.Systolic != nil || b.Diastolic != nil {
		return "blood_pressure", vitals.BloodPressure, []*quantity{b.Systolic, b.Diastolic}
	}
	for _, one := range []struct {
		name    string
		measure vitals.Measure
		value   *quantity
	}{
		{"blood_glucose", vitals.Glucose, b.Glucose}, {"body_weight", vitals.Weight, b.Weight}, {"oxygen_saturation", vitals.Oxygen, b.Oxygen}, {"heart_rate", vitals.HeartRate, b.Heart},
		{"body_temperature", vitals.Temperature, b.Temperature}, {"respiratory_rate", vitals.Breathing, b.Breathing}, {"step_count", vitals.Steps, b.Steps},
	} {
		if one.value != nil {
			return one.name, one.measure, []*quantity{one.value}
		}
	}
	return "", "", nil
}

var seconds = map[string]time.Duration{"sec": time.Second, "min": time.Minute, "h": time.Hour, "d": 24 * time.Hour}

// when reads the time frame: an instant, or an interval by two of its start, end and duration.
func (b *body) when(zone *time.Location) (at, end time.Time, ok bool) {
	if b.When.At != "" {
		at, ok = instant(b.When.At, zone)
		return at, at, ok
	}
	i := b.When.Interval
	start, started := instant(i.Start, zone)
	end, ended := instant(i.End, zone)
	var lasted time.Duration
	if i.Duration != nil {
		n, err := strconv.ParseFloat(string(i.Duration.Value), 64)
		if err != nil || n < 0 || n > 1e6 {
			return at, end, false
		}
		lasted = time.Duration(n * float64(seconds[i.Duration.Unit]))
	}
	switch {
	case started && ended:
	case started && lasted > 0:
		end = start.Add(lasted)
	case ended && lasted > 0:
		start = end.Add(-lasted)
	default:
		return start, end, false
	}
	return start, end, !end.Before(start)
}

// instant reads a date-time; one without an offset is in the zone, if that is known.
func instant(s string, zone *time.Location) (time.Time, bool) {
	if len(s) < 16 || s[4] != '-' {
		return time.Time{}, false
	}
	stamp, ok := parseStamp(s)
	if !ok {
		return time.Time{}, false
	}
	return stamp.at("", zone)
}
