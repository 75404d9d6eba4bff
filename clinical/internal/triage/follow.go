package triage

import (
	"context"
	"slices"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/alerts"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/thresholds"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
)

// Followed is how a patient is followed.
type Followed struct {
	Patient     string // logical id
	Responsible string // "Practitioner/x"
	Deputy      string // "Practitioner/x"; "" is nobody
	CareTeam    string // logical id of the CareTeam that says so
	Since       time.Time
	Paused      bool // the patient does not allow it at present: nothing is evaluated
}

// Follow begins to follow a patient for these conditions, or changes for what and by whom they are followed:
// it writes their thresholds and their CareTeam. Of somebody who has thresholds, rules that a clinician set stay,
// and those of the conditions are added. What was measured before is taken into account and raises nothing, but
// for what the rules about many readings say is so now.
func (g *Triage) Follow(ctx context.Context, ask records.Ask, patient string, conditions []thresholds.Condition, responsible, deputy string) error {
	return g.Records.Do(ctx, ask, func(t *records.Tx) error {
		return g.FollowIn(ctx, t, patient, conditions, responsible, deputy)
	})
}

// FollowIn is Follow in a transaction of the caller's.
func (g *Triage) FollowIn(ctx context.Context, t *records.Tx, patient string, conditions []thresholds.Condition, responsible, deputy string) error {
	if responsible == "" {
		return fault.New(fault.Invalid, "Say who is responsible for this patient.")
	}
	c, err := g.add(ctx, t, patient)
	if err != nil {
		return err
	}
	r := c.row
	begun := !r.followed
	if r.followed, r.responsible, r.deputy = true, responsible, deputy; begun {
		r.since = db.Micros(t.Now())
	}
	if err := c.writeTeam(ctx, true); err != nil {
		return err
	}
	set, body, err := c.writeSet(ctx, conditions)
	if err == nil {
		err = c.ruled(ctx, set, body)
	}
	if err == nil && begun {
		var ok bool
		if ok, err = g.allowed(ctx, t.Beside(), patient); err == nil && ok {
			err = c.recall(ctx)
		}
		r.paused = !ok
	}
	if err != nil {
		return err
	}
	return c.finish(ctx)
}

// add locks the patient's row, which is made if they have none.
func (g *Triage) add(ctx context.Context, t *records.Tx, patient string) (*turn, error) {
	c, err := g.turn(ctx, t, patient)
	if c != nil || err != nil {
		return c, err
	}
	person, err := t.As(g.program).Read(ctx, "Patient", patient)
	if err != nil {
		return nil, err
	}
	_, err = t.Beside().Exec(ctx, `INSERT INTO triage_patient (patient, name, sort, born, followed, paused, since, responsible, deputy, team, basic, stamp, open, rank, waits, views, head,
		messages, message_kind, message_ref, message_rank, message_since, last_at, last_measure, last_has, last_first, last_second, changed)
		VALUES ($1, '', '', '', FALSE, FALSE, 0, '', '', '', '', '', 0, $2, 0, '', '', 0, '', '', 0, 0, 0, '', 0, 0, 0, 0) ON CONFLICT (patient) DO NOTHING`, patient, int64(calm))
	if err != nil {
		return nil, err
	}
	n, err := resource.Parse(person.Body)
	if err != nil {
		return nil, err
	}
	if c, err = g.turn(ctx, t, patient); err == nil {
		c.named(n)
		c.dirty = true
	}
	return c, err
}

// writeSet writes the thresholds for these conditions and returns them with their text.
func (c *turn) writeSet(ctx context.Context, conditions []thresholds.Condition) (*thresholds.Set, string, error) {
	next := thresholds.Default(c.row.patient, c.row.responsible, c.t.Now(), conditions...)
	was, err := c.g.readSet(ctx, c.t, c.row.basic)
	if err != nil {
		return nil, "", err
	}
	if was != nil {
		// A rule that a clinician set stands for as long as they leave it, whatever the conditions say.
		for _, r := range was.Rules {
			at := slices.IndexFunc(next.Rules, func(d thresholds.Rule) bool { return d.ID == r.ID })
			switch {
			case r.Source != "":
			case at < 0:
				next.Rules = append(next.Rules, r)
			default:
				next.Rules[at] = r
			}
		}
		next.ID, next.Version = was.ID, was.Version+1
	}
	return c.g.storeSet(ctx, c.t, &next)
}

// storeSet writes thresholds as the Basic that they are, as who asks.
func (g *Triage) storeSet(ctx context.Context, t *records.Tx, set *thresholds.Set) (*thresholds.Set, string, error) {
	n, err := thresholds.Encode(set)
	if err != nil {
		return nil, "", invalid(err)
	}
	var made records.Record
	if set.ID == "" {
		made, err = t.Create(ctx, &n)
	} else {
		made, _, err = t.Update(ctx, &n, records.Existing)
	}
	set.ID = made.ID
	return set, string(made.Body), err
}

// readSet reads thresholds as who asks; nil if there is no id.
func (g *Triage) readSet(ctx context.Context, t *records.Tx, basic string) (*thresholds.Set, error) {
	if basic == "" {
		return nil, nil
	}
	r, err := t.Read(ctx, "Basic", basic)
	if err != nil {
		return nil, err
	}
	n, err := resource.Parse(r.Body)
	if err != nil {
		return nil, err
	}
	return thresholds.Decode(n)
}

// ruled makes these the thresholds that readings are held against from now on.
func (c *turn) ruled(ctx context.Context, set *thresholds.Set, body string) error {
	stamp := stampOf(c.row.patient, body)
	if c.set = set; stamp == c.row.stamp {
		return nil
	}
	c.row.stamp, c.row.basic, c.dirty = stamp, set.ID, true
	err := c.write(ctx, db.Statement{SQL: `INSERT INTO triage_set (patient, stamp, body) VALUES ($1, $2, $3)
		ON CONFLICT (patient) DO UPDATE SET stamp = excluded.stamp, body = excluded.body`, Args: []any{c.row.patient, stamp, body}})
	for _, m := range set.Measures() {
		if err == nil {
			_, err = c.memory(ctx, m) // for when a reading of it is missing
		}
	}
	return err
}

// Unfollow ends it: the CareTeam ends, and open alerts are closed as withdrawn, with the reason.
func (g *Triage) Unfollow(ctx context.Context, ask records.Ask, patient, by, reason string) error {
	return g.Records.Do(ctx, ask, func(t *records.Tx) error { return g.UnfollowIn(ctx, t, patient, by, reason) })
}

// UnfollowIn is Unfollow in a transaction of the caller's.
func (g *Triage) UnfollowIn(ctx context.Context, t *records.Tx, patient, by, reason string) error {
	if reason == "" {
		return fault.New(fault.Invalid, "Say why.")
	}
	c, err := g.turn(ctx, t, patient)
	if err != nil {
		return err
	}
	if c == nil || !c.row.followed {
		return errNotFollowed()
	}
	if err := c.load(ctx); err != nil {
		return err
	}
	for _, a := range c.open {
		if a.Alert, err = a.Do(alerts.Step{Do: alerts.Withdraw, By: by, At: later(t.Now(), &a.Alert), Reason: reason}); err != nil {
			return refused(err)
		}
		a.changed = true
	}
	if err := c.writeTeam(ctx, false); err != nil {
		return err
	}
	c.row.followed, c.row.paused, c.row.since, c.dirty = false, false, 0, true
	for _, q := range []string{`DELETE FROM triage_state WHERE patient = $1`, `DELETE FROM triage_set WHERE patient = $1`} {
		if _, err := t.Beside().Exec(ctx, q, patient); err != nil {
			return err
		}
	}
	c.row.stamp, c.row.lastAt = "", 0
	return c.finish(ctx)
}

func errNotFollowed() error {
	return fault.New(fault.NotFound, "This patient is not followed.")
}

// Followed returns how a patient is followed, nil if not at all. The caller has been allowed to read the record.
func (g *Triage) Followed(ctx context.Context, t *records.Tx, patient string) (*Followed, error) {
	var out *Followed
	err := db.Each(ctx, t.Beside(), `SELECT responsible, deputy, team, since, paused FROM triage_patient WHERE patient = $1 AND followed`, []any{patient}, func(r db.Row) error {
		var since int64
		out = &Followed{Patient: patient}
		err := r.Scan(&out.Responsible, &out.Deputy, &out.CareTeam, &since, &out.Paused)
		out.Since = db.FromMicros(since)
		return err
	})
	return out, err
}

// Review looks again whether the patient allows to be followed, after a change of their consent.
func (g *Triage) Review(ctx context.Context, t *records.Tx, patient string) error {
	c, err := g.turn(ctx, t, patient)
	if err != nil || c == nil || !c.row.followed {
		return err
	}
	if _, err := c.consent(ctx); err != nil {
		return err
	}
	return c.finish(ctx)
}
