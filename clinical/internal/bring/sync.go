package bring

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/door"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/show"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/web"
)

// sending is what a phone sends of what waited on it.
type sending struct {
	Owner   string    `json:"owner"` // whose they are, to the phone (ui.Owner.Tag)
	Sent    string    `json:"sent"`  // the phone's clock now
	Entries []waiting `json:"entries"`
}

// waiting is one reading that waited.
type waiting struct {
	Key     string   `json:"key"`
	Measure string   `json:"measure"`
	Values  []string `json:"values"`
	Unit    string   `json:"unit"`
	At      string   `json:"at"`   // the phone's clock then, with its distance from UTC
	Zone    string   `json:"zone"` // its time zone by name; told, not used: At has the distance
	Note    string   `json:"note"`
	Device  string   `json:"device"`
	Sure    bool     `json:"sure"` // the person was asked, on the phone or here, and said yes
}

// result is what became of one.
type result string

const (
	stored  result = "stored"
	same    result = "same"    // it was here already
	refused result = "refused" // it never will be, as it is
	ask     result = "ask"     // the person must say that it is so
)

type answer struct {
	Key    string   `json:"key"`
	Result result   `json:"result"`
	Why    []string `json:"why,omitempty"`
}

const maxEntries = 200

// entry is the reading as vitals takes it. What can't be read as a time is none, and refused.
func (w *waiting) entry(sent time.Time) vitals.Entry {
	e := vitals.Entry{Measure: vitals.Measure(w.Measure), Typed: w.Values, Unit: w.Unit, Sent: sent, Note: w.Note, Device: w.Device, Key: w.Key, Sure: w.Sure}
	if t, err := time.Parse(time.RFC3339, w.At); err == nil {
		e.At = t
	}
	return e
}

// sync takes in what waited on a phone: each reading by itself, in the order in which it is sent; the order that rules
// go by is by the clocks (vitals.Place).
func (b *Bring) sync(v *door.Visit) error {
	var in sending
	if err := web.ReadJSON(v.R, &in); err != nil {
		return err
	}
	if in.Owner != b.door.Owner(v.Ask.Who.ID, v.Patient).Tag {
		return fault.New(fault.Conflict, "These readings belong to another account.")
	}
	sent, err := time.Parse(time.RFC3339, in.Sent)
	if err != nil || len(in.Entries) > maxEntries {
		return fault.New(fault.Invalid, "This can’t be read.")
	}
	out := struct {
		Answers []answer `json:"answers"`
	}{Answers: []answer{}}
	for i := range in.Entries {
		e := in.Entries[i].entry(sent)
		e.Patient = v.Patient
		if v.For != "" {
			e.Author = v.Ref
		}
		r, why, err := b.take(v.Ctx(), v.Ask, e)
		if err != nil {
			return err
		}
		one := answer{Key: e.Key, Result: r}
		for j := range why {
			one.Why = append(one.Why, show.Problem(v.Ctx(), &why[j]))
		}
		out.Answers = append(out.Answers, one)
	}
	return web.JSON(v.W, http.StatusOK, out)
}

// take stores one reading, once.
func (b *Bring) take(ctx context.Context, who records.Ask, e vitals.Entry) (r result, why []vitals.Problem, err error) {
	err = b.Records.Do(ctx, who, func(t *records.Tx) error {
		r, why = "", nil
		e.Received = t.Now()
		var last *vitals.Reading
		if e.Measure == vitals.Weight {
			var err error
			if last, err = b.LastWeight(ctx, t, e.Patient); err != nil {
				return err
			}
		}
		_, questions, wrong := vitals.Read(e, last)
		var p *vitals.Problem
		if errors.As(wrong, &p) {
			r, why = refused, []vitals.Problem{*p}
			return nil
		}
		q, err := t.Query("Observation", "patient", "Patient/"+e.Patient, "identifier", vitals.KeySystem+"|"+e.Key)
		if err != nil {
			return err
		}
		found, err := t.Match(ctx, q)
		switch {
		case err != nil:
			return err
		case len(found) > 0:
			r = same
			return nil
		case len(questions) > 0:
			r, why = ask, questions
			return nil
		}
		n, _, err := vitals.Observe(e)
		if err != nil {
			return err
		}
		r = stored
		_, err = t.Create(ctx, &n)
		return err
	})
	return r, why, err
}
