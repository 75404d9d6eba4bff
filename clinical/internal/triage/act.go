package triage

import (
	"context"
	"errors"
	"net/url"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/alerts"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/search"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
)

// Alert returns one alert, as the asker may see it.
func (g *Triage) Alert(ctx context.Context, t *records.Tx, id string) (alerts.Alert, error) {
	a, _, err := read(ctx, t, id)
	return a, err
}

func read(ctx context.Context, t *records.Tx, id string) (alerts.Alert, int64, error) {
	r, err := t.Read(ctx, "DetectedIssue", id)
	if err != nil {
		return alerts.Alert{}, 0, err
	}
	a, err := decode(string(r.Body))
	if err != nil {
		return alerts.Alert{}, 0, fault.Wrap(err, fault.NotFound, "There is no such alert.")
	}
	return *a, r.Version, nil
}

// Alerts returns a patient's alerts, newest first: the open ones, or the newest 100 of all. Other systems'
// DetectedIssues are none.
func (g *Triage) Alerts(ctx context.Context, t *records.Tx, patient string, closedToo bool) ([]alerts.Alert, error) {
	params := url.Values{"patient": {"Patient/" + patient}, "_sort": {"-identified"}, "_count": {"100"}, "code": {alerts.RuleSystem + "|"}}
	if !closedToo {
		params.Set("_tag:not", alerts.StatusSystem+"|"+string(alerts.Closed))
	}
	q, err := search.Parse("DetectedIssue", params, search.Asked{Strict: true, Now: t.Now()})
	if err != nil {
		return nil, err
	}
	page, err := t.Search(ctx, q)
	if err != nil {
		return nil, err
	}
	var all []alerts.Alert
	for i := range page.Records {
		n, err := resource.Parse(page.Records[i].Body)
		if err != nil {
			return nil, err
		}
		if a, err := alerts.Decode(n); err == nil {
			all = append(all, *a)
		}
	}
	return all, nil
}

// Decided are the alerts of a patient that were decided since a time, the latest first, at most most. The page shows DetectedIssue.
func (g *Triage) Decided(ctx context.Context, page *records.Shown, patient string, since time.Time, most int) ([]alerts.Alert, error) {
	return shown(ctx, page, patient, `SELECT id FROM triage_alert WHERE patient = $1 AND decided > 0 AND decided >= $2 ORDER BY decided DESC LIMIT $3`,
		patient, db.Micros(since), most)
}

// Pressing is the urgent alert of a patient that nobody has decided about yet, the newest; nil if there is none. The page
// shows DetectedIssue.
func (g *Triage) Pressing(ctx context.Context, page *records.Shown, patient string) (*alerts.Alert, error) {
	all, err := shown(ctx, page, patient, `SELECT id FROM triage_alert WHERE patient = $1 AND open AND rank = $2 AND status IN ($3, $4) ORDER BY raised DESC LIMIT 1`,
		patient, urgent, string(alerts.Raised), string(alerts.Acknowledged))
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return &all[0], nil
}

// shown are the alerts that a query names, as a page may show them.
func shown(ctx context.Context, page *records.Shown, patient, query string, args ...any) (all []alerts.Alert, err error) {
	if err := page.May(patient, "DetectedIssue"); err != nil {
		return nil, err
	}
	var ids []string
	err = db.Each(ctx, page.Beside(), query, args, func(r db.Row) error {
		var id string
		err := r.Scan(&id)
		ids = append(ids, id)
		return err
	})
	for _, id := range ids {
		r, found, err := page.One(ctx, "DetectedIssue", id)
		if err != nil {
			return nil, err
		}
		if !found {
			continue
		}
		n, err := resource.Parse(r.Body)
		if err != nil {
			return nil, err
		}
		if a, err := alerts.Decode(n); err == nil {
			all = append(all, *a)
		}
	}
	return all, err
}

// Effect does what was decided, in the transaction of the decision, and returns a reference to what came of it,
// such as "Task/x". a is the alert before the step.
type Effect func(t *records.Tx, a *alerts.Alert) (result string, err error)

// Do takes one step with an alert, for a person: step and effect (nil for none) are there together or not at all. A
// step of zero At is taken now. Who decides on an alert or hands one over that nobody has taken takes it first; to
// acknowledge twice changes nothing.
//
// A step that isn't possible any more because somebody was quicker is a fault of kind Conflict, one that lacks
// something of kind Invalid; the alert returned is then as it is.
func (g *Triage) Do(ctx context.Context, ask records.Ask, id string, s alerts.Step, effect Effect) (a alerts.Alert, err error) {
	err = g.Records.Do(ctx, ask, func(t *records.Tx) (err error) {
		a, err = g.DoIn(ctx, t, id, s, effect)
		return err
	})
	return a, err
}

// DoIn is Do in a transaction of the caller's.
func (g *Triage) DoIn(ctx context.Context, t *records.Tx, id string, s alerts.Step, effect Effect) (alerts.Alert, error) {
	var patient string
	err := t.Beside().QueryRow(ctx, `SELECT patient FROM triage_alert WHERE id = $1`, id).Scan(&patient)
	if err == nil {
		_, err = g.turn(ctx, t, patient) // a reading that arrives now waits, and so does who else would act
	}
	if err != nil && !errors.Is(err, db.ErrNoRows) {
		return alerts.Alert{}, err
	}
	a, version, err := read(ctx, t, id)
	if err != nil {
		return a, err
	}
	if s.Do == alerts.Acknowledge && a.Status == alerts.Acknowledged && a.Owner == s.By {
		return a, nil
	}
	before := a
	if s.At.IsZero() {
		s.At = later(t.Now(), &a)
	}
	if (s.Do == alerts.Decide || s.Do == alerts.HandOver) && (a.Status == alerts.Raised || a.Status == alerts.Snoozed) {
		if a, err = a.Do(alerts.Step{Do: alerts.Acknowledge, By: s.By, At: s.At}); err != nil {
			return before, refused(err)
		}
	}
	if _, err = a.Do(s); err != nil {
		return before, refused(err)
	}
	if effect != nil {
		if s.Result, err = effect(t, &before); err != nil {
			return before, err
		}
	}
	if a, err = a.Do(s); err != nil {
		return before, refused(err)
	}
	n := alerts.Encode(&a)
	_, _, err = t.Update(ctx, &n, records.IfMatch(version))
	return a, err
}
