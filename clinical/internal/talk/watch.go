package talk

import (
	"context"
	"strings"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/thresholds"
	"github.com/mitral-health/mitral/clinical/internal/triage"
	"github.com/mitral-health/mitral/platform/db"
)

// asks is how old a message from elsewhere may be and still wait for an answer: what a history brings along doesn't.
const asks = 7 * 24 * time.Hour

// watch puts every Communication about a patient into their thread, whatever brought it, in the transaction that stores
// it, and what comes from the patient's side onto the team's list. One that is deleted, or that says it was a
// mistake, goes.
func (k *Talk) watch(ctx context.Context, t *records.Tx, all []records.Written) error {
	for i := range all {
		w := &all[i]
		patient, sender := "", ""
		if w.Node != nil && w.Node.Get("status").Str() != "entered-in-error" {
			patient, _ = strings.CutPrefix(k.local(w.Node.Path("subject", "reference").Str()), "Patient/")
			sender = k.local(w.Node.Path("sender", "reference").Str())
		}
		if patient == "" || sender == "" || strings.Contains(patient, "/") {
			if err := k.gone(ctx, t, w); err != nil {
				return err
			}
			continue
		}
		if err := k.comes(ctx, t, w.ID, patient, sender, w.Node); err != nil {
			return err
		}
	}
	return nil
}

// local is a reference without the address of where the records are.
func (k *Talk) local(ref string) string {
	return strings.TrimPrefix(ref, strings.TrimSuffix(k.Base, "/")+"/")
}

func (k *Talk) comes(ctx context.Context, t *records.Tx, id, patient, sender string, n *resource.Node) error {
	l := line{ID: id, At: t.Now(), Side: sideOf(sender), Author: sender}
	if who := t.Ask().Who; who.Kind == access.Patient || who.Kind == access.Caregiver && l.Side == team {
		// Whoever writes as a patient speaks for nobody of the team, whatever the message says.
		l.Side, l.Author = home, "Patient/"+patient
	}
	if sent, err := time.Parse(time.RFC3339, n.Get("sent").Str()); err == nil && sent.Before(l.At) {
		l.At = sent
	}
	if l.Side == home {
		l.Waits = t.Now().Sub(l.At) < asks
		l.Urgent = urgent(n) || l.Waits && k.danger.in(words(n))
	}
	made, err := index(ctx, t.Beside(), patient, l)
	if err != nil || !made || !l.Waits {
		return err
	}
	severity := thresholds.Attention
	if l.Urgent {
		severity = thresholds.Urgent
	}
	return k.Triage.Wait(ctx, t, triage.Waiting{Patient: patient, Kind: waiting, Ref: "Communication/" + id, Severity: severity, Since: t.Now()})
}

func urgent(n *resource.Node) bool {
	switch n.Get("priority").Str() {
	case "urgent", "asap", "stat":
		return true
	}
	return false
}

// words are what a message says.
func words(n *resource.Node) string {
	var all []string
	for _, p := range n.Get("payload").Each() {
		if s := p.Get("contentString").Str(); s != "" {
			all = append(all, s)
		}
	}
	return strings.Join(all, "\n\n")
}

// gone takes a message out of its thread and off the team's list.
func (k *Talk) gone(ctx context.Context, t *records.Tx, w *records.Written) error {
	var patient string
	var waits bool
	err := db.Each(ctx, t.Beside(), `SELECT patient, waits FROM talk_messages WHERE id = $1 AND side <> 'note'`, []any{w.ID}, func(r db.Row) error {
		return r.Scan(&patient, &waits)
	})
	if err != nil || patient == "" {
		return err
	}
	if _, err := t.Beside().Exec(ctx, `DELETE FROM talk_messages WHERE id = $1`, w.ID); err != nil {
		return err
	}
	if waits {
		if err := k.Triage.Settle(ctx, t, patient, waiting, "Communication/"+w.ID); err != nil {
			return err
		}
	}
	return bump(ctx, t.Beside(), patient, true)
}

// index puts a message into the order of its thread, and reports whether it was not there.
func index(ctx context.Context, tx db.Tx, patient string, l line) (bool, error) {
	n, err := tx.Exec(ctx, `INSERT INTO talk_messages (id, patient, at, side, author, urgent, waits, settled) VALUES ($1, $2, $3, $4, $5, $6, $7, '') ON CONFLICT DO NOTHING`,
		l.ID, patient, db.Micros(l.At), l.Side, l.Author, l.Urgent, l.Waits)
	if err != nil || n == 0 {
		return false, err
	}
	return true, bump(ctx, tx, patient, l.Side != notes)
}
