package bring

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"slices"

	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
	"github.com/mitral-health/mitral/clinical/internal/wearables"
	"github.com/mitral-health/mitral/platform/fault"
)

// read reads a file of any kind.
func read(ctx context.Context, kind wearables.Kind, in io.ReaderAt, size int64, o wearables.Options, emit func(wearables.Sample) error) (wearables.Summary, error) {
	if kind != wearables.FHIR {
		return wearables.Read(ctx, in, size, o, emit)
	}
	f := &fhirFile{ctx: ctx, o: &o, emit: emit, in: &bounded{r: io.NewSectionReader(in, 0, size)}}
	err := f.read()
	return f.sum, err
}

// fhirFile reads Observations: one, a Bundle of resources, or one after the other as on the lines of NDJSON. It takes the
// numbers only, as told by the patient: whose they were in the other system is nothing that can be known.
type fhirFile struct {
	ctx  context.Context
	o    *wearables.Options
	emit func(wearables.Sample) error
	in   *bounded
	sum  wearables.Summary
	n    int64 // resources so far
}

var errBroken = fault.New(fault.Invalid, "The file can’t be read. It may be damaged, or of another kind.")

func (f *fhirFile) read() error {
	dec := json.NewDecoder(f.in)
	dec.UseNumber()
	for {
		f.in.since = 0
		if err := f.ctx.Err(); err != nil {
			return err
		}
		switch err := f.value(dec); {
		case errors.Is(err, io.EOF) && f.n > 0:
			return nil
		case err != nil:
			return broken(err)
		}
	}
}

// broken keeps what has a kind or comes from outside the file.
func broken(err error) error {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, errItem) || errors.Is(err, errShape) {
		return errBroken
	}
	return err
}

var errShape = errors.New("not the shape of a resource")

// value reads one resource; of a Bundle its entries, one at a time.
func (f *fhirFile) value(dec *json.Decoder) error {
	open, err := dec.Token()
	if err != nil {
		return err
	}
	if open != json.Delim('{') {
		return errShape
	}
	rest := map[string]json.RawMessage{}
	entries := false
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return err
		}
		if name == "entry" {
			entries = true
			if err := f.entries(dec); err != nil {
				return err
			}
			continue
		}
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return err
		}
		rest[name.(string)] = raw
	}
	if _, err := dec.Token(); err != nil {
		return err
	}
	if entries {
		return nil
	}
	whole, err := json.Marshal(rest)
	if err != nil {
		return errShape
	}
	return f.take(whole)
}

func (f *fhirFile) entries(dec *json.Decoder) error {
	open, err := dec.Token()
	if err != nil {
		return err
	}
	if open != json.Delim('[') {
		return errShape
	}
	for dec.More() {
		f.in.since = 0
		if err := f.ctx.Err(); err != nil {
			return err
		}
		var one struct {
			Resource json.RawMessage `json:"resource"`
		}
		if err := dec.Decode(&one); err != nil {
			var kind *json.UnmarshalTypeError
			if errors.As(err, &kind) {
				return errShape
			}
			return err
		}
		if err := f.take(one.Resource); err != nil {
			return err
		}
	}
	_, err = dec.Token()
	return err
}

// take makes a sample of a resource, if it is an Observation of something that is measured at home.
func (f *fhirFile) take(body []byte) error {
	f.n++
	n, err := resource.Parse(bytes.TrimSpace(body))
	if err != nil || n.Type() != "Observation" {
		f.sum.Passed++
		return nil
	}
	r, err := vitals.Decode(n, farAhead)
	var p *vitals.Problem
	if errors.As(err, &p) {
		if p.Code == vitals.NotMeasure || p.Code == vitals.NotDisclosed || p.Code == vitals.Withdrawn {
			f.sum.Passed++
			return nil
		}
		f.refuse(reasonOf(p.Code))
		return nil
	}
	d := vitals.Of(r.Measure)
	u := d.Canonical()
	s := wearables.Sample{Measure: r.Measure, Unit: u.Code, At: r.At, Source: r.Device, Line: f.n}
	for i := range d.Parts {
		if !r.Has[i] || r.Bound != "" {
			f.refuse(wearables.Partial)
			return nil
		}
		s.Values = append(s.Values, r.Values[i].Digits(min(u.Decimals, 3)))
	}
	if r.At.Before(f.o.Since) || f.o.Only != nil && !slices.Contains(f.o.Only, r.Measure) {
		f.sum.Passed++
		return nil
	}
	sum := sha256.Sum256([]byte(string(r.Measure) + "\x00" + r.Key + "\x00" + r.At.UTC().String() + "\x00" + s.Values[0]))
	s.Key = "f" + hex.EncodeToString(sum[:16])
	if len(s.Source) > 100 {
		s.Source = ""
	}
	f.sum.Samples++
	return f.emit(s)
}

func (f *fhirFile) refuse(why wearables.Reason) {
	f.sum.Refused++
	if f.o.Refused != nil {
		f.o.Refused(wearables.Problem{Line: f.n, Element: "Observation", Reason: why})
	}
}

func reasonOf(c vitals.Code) wearables.Reason {
	switch c {
	case vitals.NoUnit, vitals.OtherUnit:
		return wearables.NoUnit
	case vitals.NoTime, vitals.BadTime:
		return wearables.NoTime
	}
	return impossible
}
