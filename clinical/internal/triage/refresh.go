package triage

import (
	"context"
	"slices"
	"strings"

	"github.com/mitral-health/mitral/clinical/internal/alerts"
	"github.com/mitral-health/mitral/platform/db"
)

// refresh computes what the patient's row and lines say of what waits, and writes them.
func (c *turn) refresh(ctx context.Context) error {
	r := c.row
	before := [...]any{r.rank, r.waits, r.sort, r.views}
	r.open, r.rank, r.waits, r.head = 0, calm, 0, ""
	names, err := c.pressing(ctx)
	if err == nil {
		err = c.waiting(ctx)
	}
	if err != nil {
		return err
	}
	if r.followed && r.responsible != "" {
		names = append(names, r.responsible)
	}
	listed := r.followed || r.rank < calm
	r.views = ""
	if listed {
		slices.Sort(names)
		r.views = strings.Join(slices.Compact(names), " ")
	}
	if err := c.write(ctx, r.keep(), r.keepLast()); err != nil || before == [...]any{r.rank, r.waits, r.sort, r.views} && c.listed == listed {
		return err
	}
	lines := []db.Statement{{SQL: `DELETE FROM triage_line WHERE patient = $1`, Args: []any{r.patient}}}
	if listed {
		for _, view := range append([]string{""}, strings.Fields(r.views)...) {
			lines = append(lines, db.Statement{SQL: `INSERT INTO triage_line (view, rank, waits, sort, patient) VALUES ($1, $2, $3, $4, $5)`,
				Args: []any{view, r.rank, r.waits, r.sort, r.patient}})
		}
	}
	c.listed = listed
	return c.write(ctx, lines...)
}

// pressing counts the open alerts and finds the most pressing one; names are whose they are.
func (c *turn) pressing(ctx context.Context) (names []string, err error) {
	r, head := c.row, int64(-1)
	return names, db.Each(ctx, c.t.Beside(), `SELECT id, status, rank, waits, owner, deputy FROM triage_alert WHERE patient = $1 AND open ORDER BY waits, id`, []any{r.patient}, func(s db.Row) error {
		var id, status, owner, deputy string
		var rank, waits int64
		if err := s.Scan(&id, &status, &rank, &waits, &owner, &deputy); err != nil {
			return err
		}
		r.open++
		if status != string(alerts.Raised) && status != string(alerts.Acknowledged) {
			rank = settled
		}
		if r.press(rank, waits); head < 0 || rank < head {
			r.head, head = id, rank
		}
		for _, name := range []string{owner, deputy} {
			if name != "" {
				names = append(names, name)
			}
		}
		return nil
	})
}

// waiting counts what else waits.
func (c *turn) waiting(ctx context.Context) error {
	r := c.row
	r.messages, r.messageKind, r.messageRef, r.messageRank, r.messageSince = 0, "", "", 0, 0
	return db.Each(ctx, c.t.Beside(), `SELECT kind, ref, rank, since FROM triage_waiting WHERE patient = $1 ORDER BY rank, since, kind, ref`, []any{r.patient}, func(s db.Row) error {
		var kind, ref string
		var rank, since int64
		if err := s.Scan(&kind, &ref, &rank, &since); err != nil {
			return err
		}
		if r.messages++; r.messages == 1 {
			r.messageKind, r.messageRef, r.messageRank, r.messageSince = kind, ref, rank, since
		}
		r.press(rank, since)
		return nil
	})
}

// press makes the row wait for something, if nothing more pressing does.
func (r *row) press(rank, since int64) {
	if rank < r.rank || rank == r.rank && since < r.waits {
		r.rank, r.waits = rank, since
	}
}

// write runs statements: with the last of the transaction if nothing of it looks again, else now.
func (c *turn) write(ctx context.Context, all ...db.Statement) error {
	if c.late {
		c.t.Along(all...)
		return nil
	}
	_, err := db.ExecAll(ctx, c.t.Beside(), all)
	return err
}

func (r *row) keep() db.Statement {
	return db.Statement{SQL: `UPDATE triage_patient SET name = $2, sort = $3, born = $4, followed = $5, paused = $6, since = $7, responsible = $8, deputy = $9,
		team = $10, basic = $11, stamp = $12, open = $13, rank = $14, waits = $15, views = $16, head = $17, messages = $18, message_kind = $19, message_ref = $20,
		message_rank = $21, message_since = $22 WHERE patient = $1`,
		Args: []any{r.patient, r.name, r.sort, r.born, r.followed, r.paused, r.since, r.responsible, r.deputy, r.team, r.basic, r.stamp,
			r.open, r.rank, r.waits, r.views, r.head, r.messages, r.messageKind, r.messageRef, r.messageRank, r.messageSince}}
}

func (r *row) keepLast() db.Statement {
	return db.Statement{SQL: `UPDATE triage_patient SET last_at = $2, last_measure = $3, last_has = $4, last_first = $5, last_second = $6 WHERE patient = $1`,
		Args: []any{r.patient, r.lastAt, r.lastMeasure, r.lastHas, r.lastFirst, r.lastSecond}}
}
