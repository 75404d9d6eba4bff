package triage

import (
	"context"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/mitral-health/mitral/platform/db"
)

// Other copies of the program hear of changes by a notification, sent after the commit, some of them together: one
// sent by the transaction itself would have all transactions take turns. A copy that is killed between the two
// sends none, and another program may write to the same store; so whoever has subscribers also looks, every
// lookEach, at who was changed within lookBack, which is more than clocks differ.
const (
	channel   = "triage"
	payload   = 7000 // bytes
	lookEach  = 2 * time.Second
	lookBack  = 10 * time.Second
	lookMost  = 2000
	tellTries = 3 * time.Second
)

// spread tells the other copies.
func (h *hub) spread(batch []Change) {
	if _, _, others := h.of.Store.Postgres(); !others {
		return
	}
	var all []string
	var b strings.Builder
	for _, c := range batch {
		entry := "\n*"
		if !c.Reload {
			entry = "\n" + c.Patient + " " + strconv.FormatInt(c.At.UnixMicro(), 10) + " " + strings.Join(c.For, " ")
		}
		if b.Len()+len(entry) > payload {
			all = append(all, b.String())
			b.Reset()
		}
		if b.Len() == 0 {
			b.WriteString(h.source)
		}
		if len(entry) < payload {
			b.WriteString(entry)
		}
	}
	all = append(all, b.String())
	ctx, cancel := context.WithTimeout(context.Background(), tellTries)
	defer cancel()
	if err := h.of.Store.Notify(ctx, channel, all); err != nil {
		h.of.Log.Warn("other copies could not be told of changes; they will look", slog.Any("error", err))
	}
}

// listen hears other copies until nobody is subscribed.
func (h *hub) listen(ctx context.Context) {
	for again := false; ctx.Err() == nil; again = true {
		err := h.of.Store.Listen(ctx, channel, func() {
			if again {
				h.tell([]Change{{Reload: true}}, true)
			}
		}, h.hear)
		if ctx.Err() != nil {
			return
		}
		h.of.Log.Warn("other copies can't be heard; trying again", slog.Any("error", err))
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
}

// hear takes in what spread sent.
func (h *hub) hear(text string) {
	lines := strings.Split(text, "\n")
	if lines[0] == h.source {
		return
	}
	var batch []Change
	for _, line := range lines[1:] {
		if line == "*" {
			batch = append(batch, Change{Reload: true})
			continue
		}
		words := strings.Fields(line)
		if len(words) < 2 {
			continue
		}
		at, err := strconv.ParseInt(words[1], 10, 64)
		if err != nil {
			continue
		}
		batch = append(batch, Change{Patient: words[0], At: db.FromMicros(at), For: words[2:]})
	}
	h.tell(batch, false)
}

// look finds changes that nobody told of.
func (h *hub) look(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(lookEach):
		}
		since := db.Micros(h.of.Clock.Now().Add(-lookBack))
		var batch []Change
		err := h.of.Store.Read(ctx, func(tx db.Tx) error {
			batch = nil
			return db.Each(ctx, tx, `SELECT patient, views, changed FROM triage_patient WHERE changed > $1 ORDER BY changed LIMIT $2`, []any{since, lookMost + 1}, func(r db.Row) error {
				var c Change
				var on string
				var at int64
				err := r.Scan(&c.Patient, &on, &at)
				c.For, c.At = strings.Fields(on), db.FromMicros(at)
				batch = append(batch, c)
				return err
			})
		})
		if err != nil {
			if ctx.Err() == nil {
				h.of.Log.Warn("changes could not be looked for", slog.Any("error", err))
			}
			continue
		}
		if len(batch) > lookMost {
			batch = []Change{{Reload: true}}
		}
		h.tell(batch, false)
		h.forget(since)
	}
}

// forget lets go of what look finds no more.
func (h *hub) forget(before int64) {
	h.members.Lock()
	defer h.members.Unlock()
	for k := range h.told {
		if k.at < before {
			delete(h.told, k)
		}
	}
}
