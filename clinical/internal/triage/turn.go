package triage

import (
	"bytes"
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/alerts"
	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/thresholds"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
	"github.com/mitral-health/mitral/platform/db"
)

// turn is the work about one patient in one transaction, which holds the lock of their row.
type turn struct {
	g      *Triage
	t      *records.Tx // whoever's transaction it is
	as     *records.Tx // who changes alerts: the program, unless somebody does
	row    *row
	was    string // row.views when it was locked
	set    *thresholds.Set
	open   []*held
	loaded bool
	states map[vitals.Measure]*memory
	late   bool // the transaction is at its end: what is written can go with the rest
	listed bool // there are lines of theirs
	dirty  bool // the row must be computed again
	last   bool // the newest reading is another
}

// held is an open alert, or one that was open.
type held struct {
	alerts.Alert
	changed bool
}

// memory is the state of one measure, and how it lay in the table.
type memory struct {
	alerts.State
	packed []byte
	due    int64
}

// turn locks the patient's row; nil if they have none.
func (g *Triage) turn(ctx context.Context, t *records.Tx, patient string) (*turn, error) {
	r, err := g.lock(ctx, t, patient)
	if r == nil || err != nil {
		return nil, err
	}
	return &turn{g: g, t: t, as: t.As(g.program), row: r, was: r.views, listed: r.followed || r.rank < calm, states: map[vitals.Measure]*memory{}}, nil
}

// load reads the open alerts, once.
func (c *turn) load(ctx context.Context) error {
	if c.loaded {
		return nil
	}
	c.loaded = true
	if c.row.open == 0 {
		return nil
	}
	return db.Each(ctx, c.t.Beside(), `SELECT body FROM triage_alert WHERE patient = $1 AND open`, []any{c.row.patient}, func(r db.Row) error {
		var body string
		if err := r.Scan(&body); err != nil {
			return err
		}
		a, err := decode(body)
		if err == nil {
			c.open = append(c.open, &held{Alert: *a})
		}
		return err
	})
}

func decode(body string) (*alerts.Alert, error) {
	n, err := resource.Parse([]byte(body))
	if err != nil {
		return nil, err
	}
	return alerts.Decode(n)
}

// of returns the open alert of a rule, nil if there is none.
func (c *turn) of(rule string) *held {
	for _, a := range c.open {
		if a.First.Rule == rule && a.Status != alerts.Closed {
			return a
		}
	}
	return nil
}

// thresholds reads the patient's, once.
func (c *turn) thresholds(ctx context.Context) (err error) {
	if c.set == nil {
		c.set, err = c.g.set(ctx, c.t.Beside(), c.row)
	}
	return err
}

// memory reads the state of a measure, once.
func (c *turn) memory(ctx context.Context, m vitals.Measure) (*memory, error) {
	if s := c.states[m]; s != nil {
		return s, nil
	}
	s := &memory{}
	err := db.Each(ctx, c.t.Beside(), `SELECT state, due FROM triage_state WHERE patient = $1 AND measure = $2`, []any{c.row.patient, string(m)}, func(r db.Row) error {
		return r.Scan(&s.packed, &s.due)
	})
	if err == nil {
		s.State, err = alerts.Unpack(s.packed)
	}
	c.states[m] = s
	return s, err
}

// find takes in a finding: into the open alert of its rule, or as a new one.
func (c *turn) find(ctx context.Context, f alerts.Finding) error {
	if err := c.load(ctx); err != nil {
		return err
	}
	c.dirty = true
	a := c.of(f.Rule)
	if a == nil {
		c.open = append(c.open, &held{Alert: alerts.Open(c.row.patient, f, c.t.Now()), changed: true})
		return nil
	}
	var err error
	a.Alert, err = a.Fold(f, c.t.Now())
	a.changed = true
	return err
}

// step takes a step of the program's with an alert. Clocks of two copies may differ by a moment.
func (c *turn) step(a *held, s alerts.Step) (err error) {
	s.By, s.At = alerts.System, c.t.Now()
	if last := a.Steps[len(a.Steps)-1].At; s.At.Before(last) {
		s.At = last
	}
	if a.Alert, err = a.Do(s); err == nil {
		a.changed, c.dirty = true, true
	}
	return err
}

// keep writes the states that are others than before, and when a reading of their measure is missing.
func (c *turn) keep(ctx context.Context) error {
	var all []db.Statement
	for m, s := range c.states {
		packed, due := s.Pack(), c.due(m, s.State)
		if bytes.Equal(packed, s.packed) && due == s.due {
			continue
		}
		s.packed, s.due = packed, due
		all = append(all, db.Statement{SQL: `INSERT INTO triage_state (patient, measure, state, due) VALUES ($1, $2, $3, $4)
			ON CONFLICT (patient, measure) DO UPDATE SET state = excluded.state, due = excluded.due`, Args: []any{c.row.patient, string(m), packed, due}})
	}
	return c.write(ctx, all...)
}

// due is when the first rule about missing readings that has no open alert is crossed; 0 is never.
func (c *turn) due(m vitals.Measure, s alerts.State) int64 {
	var first time.Time
	if c.set == nil || c.row.paused || !c.row.followed {
		return 0
	}
	for i := range c.set.Rules {
		rule := &c.set.Rules[i]
		if rule.Measure != m || rule.Kind != thresholds.Missing || c.of(rule.ID) != nil {
			continue
		}
		if at := alerts.Due(rule, s, c.since(rule.ID)); first.IsZero() || at.Before(first) {
			first = at
		}
	}
	return db.Micros(first)
}

// since is from when a missing reading counts: when the rules were set, or when somebody closed the alert of the
// rule in this transaction, who should not be asked again at once.
func (c *turn) since(rule string) time.Time {
	since := c.set.Since
	for _, a := range c.open {
		if a.First.Rule == rule && a.Status == alerts.Closed && a.Steps[len(a.Steps)-1].At.After(since) {
			since = a.Steps[len(a.Steps)-1].At
		}
	}
	return since
}

// finish writes what is different.
func (c *turn) finish(ctx context.Context) error {
	for _, a := range c.open {
		if !a.changed {
			continue
		}
		n := alerts.Encode(&a.Alert)
		var made records.Record
		var err error
		if a.ID == "" {
			made, err = c.as.Create(ctx, &n)
			a.ID = made.ID
		} else {
			made, _, err = c.as.Update(ctx, &n, records.Existing)
		}
		if err == nil {
			err = c.index(ctx, &a.Alert, string(made.Body))
		}
		if err != nil {
			return err
		}
	}
	if len(c.states) > 0 && c.row.followed {
		if err := c.load(ctx); err != nil { // due asks which alerts are open
			return err
		}
		if err := c.keep(ctx); err != nil {
			return err
		}
	}
	switch {
	case c.dirty:
		if err := c.refresh(ctx); err != nil {
			return err
		}
	case c.last:
		if err := c.write(ctx, c.row.keepLast()); err != nil {
			return err
		}
	}
	change := Change{Patient: c.row.patient, For: union(strings.Fields(c.was), strings.Fields(c.row.views)), At: db.FromMicros(c.row.changed)}
	c.t.After(func() { c.g.hub.publish(change) })
	return nil
}

func errSet() error {
	return outcome.New(http.StatusUnprocessableEntity, outcome.BusinessRule, "Basic", "These are no thresholds that the patient's readings can be held against.")
}

// withdrawn is the reason of a Withdraw by the program.
const withdrawn = "The reading was corrected or withdrawn."

func contains(all []alerts.Finding, rule string) bool {
	return slices.ContainsFunc(all, func(f alerts.Finding) bool { return f.Rule == rule })
}
