package triage

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/alerts"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/thresholds"
	"github.com/mitral-health/mitral/platform/db"
)

// How pressing something is: the first column of the list's order.
const (
	urgent = iota
	attention
	info
	settled // decided or put off: nobody has to act now
	calm    // nothing
)

func rankOf(s thresholds.Severity) int64 {
	switch s {
	case thresholds.Urgent:
		return urgent
	case thresholds.Attention:
		return attention
	}
	return info
}

func severityOf(rank int64) thresholds.Severity {
	switch rank {
	case urgent:
		return thresholds.Urgent
	case attention:
		return thresholds.Attention
	case info:
		return thresholds.Info
	}
	return ""
}

// index puts an alert into the table, as the DetectedIssue with this text has it.
func (c *turn) index(ctx context.Context, a *alerts.Alert, body string) error {
	c.dirty = true
	open := a.Status != alerts.Closed
	var due time.Time
	switch a.Status {
	case alerts.Raised:
		if at, ok := c.g.Policy.Due(a); ok {
			due = at
		}
	case alerts.Snoozed:
		due = a.Until
	case alerts.Closed:
		body = ""
	}
	var decided int64
	var decider string
	if d := a.Decision(); d != nil {
		decided, decider = db.Micros(d.At), d.By
	}
	past := alerts.Recall(a)
	_, err := c.t.Beside().Exec(ctx, `INSERT INTO triage_alert (id, patient, rule, open, status, rank, raised, quiet, responsible, waits, owner, deputy, repeats, over, decided, decider, acted, due, body)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
		ON CONFLICT (id) DO UPDATE SET open = excluded.open, status = excluded.status, waits = excluded.waits, owner = excluded.owner, deputy = excluded.deputy,
		repeats = excluded.repeats, over = excluded.over, decided = excluded.decided, decider = excluded.decider, acted = excluded.acted, due = excluded.due, body = excluded.body`,
		a.ID, a.Patient, past.Rule, open, string(a.Status), rankOf(past.Severity), db.Micros(past.Raised), c.g.Policy.Quiet.Holds(past.Raised), c.row.responsible,
		db.Micros(a.Waiting()), a.Owner, a.Deputy, past.Repeats, int64(past.Over), decided, decider, past.Acted, db.Micros(due), body)
	return err
}

// told takes over an alert that somebody wrote: Do, or a program over the wire.
func (c *turn) told(ctx context.Context, w *records.Written) error {
	if w.Node == nil || w.Node.Path("code", "coding", "system").Str() != alerts.RuleSystem {
		return c.drop(ctx, w.ID)
	}
	a, err := alerts.Decode(w.Node)
	if err != nil || a.Patient != c.row.patient {
		return c.drop(ctx, w.ID)
	}
	if err := c.load(ctx); err != nil {
		return err
	}
	if !slices.ContainsFunc(c.open, func(h *held) bool { return h.ID == a.ID }) {
		return nil // closed before, or never of ours: it stays so
	}
	for _, h := range c.open {
		if h.ID == a.ID {
			h.Alert = *a
		}
	}
	if a.Status == alerts.Closed && a.First.Kind == thresholds.Missing {
		if err := c.thresholds(ctx); err != nil {
			return err
		}
		if _, err := c.memory(ctx, a.First.Measure); err != nil {
			return err
		}
	}
	return c.index(ctx, a, string(w.Body))
}

// drop takes an alert out of the list that is no alert any more.
func (c *turn) drop(ctx context.Context, id string) error {
	n, err := c.t.Beside().Exec(ctx, `UPDATE triage_alert SET open = FALSE, status = $2, due = 0, body = '' WHERE id = $1 AND open`, id, string(alerts.Closed))
	if n > 0 {
		c.dirty = true
		c.open = slices.DeleteFunc(c.open, func(h *held) bool { return h.ID == id })
	}
	return err
}

// named takes over the name and the date of birth.
func (c *turn) named(n *resource.Node) {
	name, sort := nameOf(n)
	if born := n.Get("birthDate").Str(); name != c.row.name || sort != c.row.sort || born != c.row.born {
		c.row.name, c.row.sort, c.row.born, c.dirty = name, sort, born, true
	}
}

// nameOf is the name as people read it, and as they sort it.
func nameOf(n *resource.Node) (name, sort string) {
	all := n.Get("name").Each()
	if len(all) == 0 {
		return "", ""
	}
	one := &all[0]
	for i := range all {
		if all[i].Get("use").Str() == "official" {
			one = &all[i]
			break
		}
	}
	var given []string
	for _, g := range one.Get("given").Each() {
		given = append(given, g.Str())
	}
	family, first := one.Get("family").Str(), strings.Join(given, " ")
	name = strings.TrimSpace(first + " " + family)
	if text := one.Get("text").Str(); text != "" {
		name = text
	}
	if family == "" {
		family = name
	}
	return name, strings.ToLower(strings.TrimSpace(family + " " + first))
}
