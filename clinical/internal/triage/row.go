package triage

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/thresholds"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
	"github.com/mitral-health/mitral/platform/db"
)

// row is a patient as triage_patient has them, locked until the end of the transaction.
type row struct {
	patient, name, sort, born      string
	followed, paused               bool
	since                          int64
	responsible, deputy            string
	team, basic                    string // logical ids of the CareTeam and the Basic
	stamp                          string // of the thresholds: the same for the same text of the same version
	open, rank, waits              int64
	views, head                    string
	messages                       int64
	messageKind, messageRef        string
	messageRank, messageSince      int64
	lastAt                         int64
	lastMeasure                    string
	lastHas, lastFirst, lastSecond int64
	changed                        int64
}

const columns = `patient, name, sort, born, followed, paused, since, responsible, deputy, team, basic, stamp, open, rank, waits, views, head,
	messages, message_kind, message_ref, message_rank, message_since, last_at, last_measure, last_has, last_first, last_second, changed`

func (r *row) fields() []any {
	return []any{&r.patient, &r.name, &r.sort, &r.born, &r.followed, &r.paused, &r.since, &r.responsible, &r.deputy, &r.team, &r.basic, &r.stamp, &r.open,
		&r.rank, &r.waits, &r.views, &r.head, &r.messages, &r.messageKind, &r.messageRef, &r.messageRank, &r.messageSince,
		&r.lastAt, &r.lastMeasure, &r.lastHas, &r.lastFirst, &r.lastSecond, &r.changed}
}

// lock returns the patient's row, nil if there is none. Until the end of the transaction nobody else has it.
func (g *Triage) lock(ctx context.Context, t *records.Tx, patient string) (*row, error) {
	t.Wrote()
	if err := t.Catch(ctx); err != nil {
		return nil, err
	}
	r := &row{}
	err := t.Beside().QueryRow(ctx, `UPDATE triage_patient SET changed = $2 WHERE patient = $1 RETURNING `+columns,
		patient, db.Micros(g.Clock.Now())).Scan(r.fields()...)
	if errors.Is(err, db.ErrNoRows) {
		return nil, nil
	}
	return r, err
}

// known leaves those patients who have a row, in the order in which they are to be locked.
func known(ctx context.Context, tx db.Tx, patients []string) ([]string, error) {
	var out []string
	for some := range slices.Chunk(patients, 100) {
		args := make([]any, len(some))
		marks := make([]string, len(some))
		for i, p := range some {
			args[i], marks[i] = p, "$"+strconv.Itoa(i+1)
		}
		err := db.Each(ctx, tx, `SELECT patient FROM triage_patient WHERE patient IN (`+strings.Join(marks, ", ")+`)`, args, func(r db.Row) error {
			var p string
			err := r.Scan(&p)
			out = append(out, p)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	slices.Sort(out)
	return out, nil
}

// last is the newest reading as the row remembers it.
func (r *row) last() *vitals.Reading {
	if r.lastAt == 0 {
		return nil
	}
	return &vitals.Reading{Measure: vitals.Measure(r.lastMeasure), Order: db.FromMicros(r.lastAt), At: db.FromMicros(r.lastAt),
		Values: [vitals.MaxParts]vitals.Amount{vitals.Amount(r.lastFirst), vitals.Amount(r.lastSecond)},
		Has:    [vitals.MaxParts]bool{r.lastHas&1 != 0, r.lastHas&2 != 0}}
}

// took remembers a reading, if it is the newest.
func (r *row) took(n *vitals.Reading) bool {
	at := db.Micros(n.Order)
	if at < r.lastAt {
		return false
	}
	r.lastAt, r.lastMeasure, r.lastFirst, r.lastSecond, r.lastHas = at, string(n.Measure), int64(n.Values[0]), int64(n.Values[1]), 0
	for i, has := range n.Has {
		if has {
			r.lastHas |= 1 << i
		}
	}
	return true
}

// kept keeps what was read from its text, by a name that means this text and no other. Nobody changes what it gives out.
type kept[T any] struct {
	mu   sync.Mutex
	most int
	of   map[string]*T
}

func (k *kept[T]) get(name string) *T {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.of[name]
}

func (k *kept[T]) put(name string, v *T) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.of == nil || len(k.of) >= k.most {
		k.of = map[string]*T{}
	}
	k.of[name] = v
}

const (
	maxSets   = 20_000
	maxAlerts = 2_000
)

// stampOf is the same for nothing else than this text: of a transaction that was rolled back nothing is believed.
func stampOf(patient, body string) string {
	h := sha256.Sum256([]byte(body))
	return patient + "/" + hex.EncodeToString(h[:12])
}

// set returns the thresholds of a row. It is shared: nobody changes it.
func (g *Triage) set(ctx context.Context, tx db.Tx, r *row) (*thresholds.Set, error) {
	if set := g.sets.get(r.stamp); set != nil {
		return set, nil
	}
	var body string
	if err := tx.QueryRow(ctx, `SELECT body FROM triage_set WHERE patient = $1`, r.patient).Scan(&body); err != nil {
		return nil, err
	}
	n, err := resource.Parse([]byte(body))
	if err != nil {
		return nil, err
	}
	set, err := thresholds.Decode(n)
	if err != nil {
		return nil, err
	}
	g.sets.put(stampOf(r.patient, body), set)
	return set, nil
}

// allowed says whether the patient lets the team follow them.
func (g *Triage) allowed(ctx context.Context, tx db.Tx, patient string) (bool, error) {
	if g.Allowed == nil {
		return true, nil
	}
	return g.Allowed(ctx, tx, patient)
}
