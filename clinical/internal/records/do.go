package records

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/platform/db"
)

// Do runs f in one transaction and commits it if f returns nil. f may run again, so it must set its
// results anew. What f reads it sees as it is committed when it reads; what it writes, others see at
// the end, together.
//
// Nothing is decided before f: each call of the Tx is decided and audited by itself. If f fails, its
// AuditEvents say that nothing came of its writes.
//
// An error that is no *outcome.Error, nor a fault, came from the database; whether the
// transaction was committed is then not known, and f does not run again.
func (s *Store) Do(ctx context.Context, ask Ask, f func(*Tx) error) error {
	var t *Tx
	var failed error // f's, when its AuditEvents are committed
	work := func(tx db.Tx) error {
		t, failed = s.begin(ask, tx, false), nil
		if err := t.stands(ctx); err != nil {
			return err
		}
		if err := f(t); err != nil {
			if t.wrote || !refusal(err) {
				return err
			}
			t.drop()
			failed = err
		}
		if err := t.tell(ctx); err != nil {
			return err
		}
		t.settle("")
		return t.finish(ctx)
	}
	err := s.db.WriteShared(ctx, work)
	for range 2 {
		if err == nil || !errors.Is(err, errNumber) {
			break
		}
		s.numbers.restart()
		err = s.db.WriteShared(ctx, work)
	}
	if err != nil {
		return s.undone(ctx, t, err)
	}
	for _, f := range t.after {
		f()
	}
	return failed
}

// Look is Do for an f that only reads. On SQLite many look at a time, each at one moment.
func (s *Store) Look(ctx context.Context, ask Ask, f func(*Tx) error) error {
	if _, lite := s.db.SQLite(); !lite {
		return s.Do(ctx, ask, func(t *Tx) error {
			t.look = true
			return f(t)
		})
	}
	var t *Tx
	var failed error
	err := s.db.Read(ctx, func(tx db.Tx) error {
		t, failed = s.begin(ask, tx, true), nil
		if err := t.stands(ctx); err != nil {
			return err
		}
		if failed = f(t); failed != nil && !refusal(failed) {
			return failed
		}
		return nil
	})
	if err == nil {
		err = failed
	}
	if t == nil {
		return err
	}
	return errors.Join(s.audit(ctx, t, ""), err)
}

// refusal reports whether err is an answer, and not a failure of the database.
func refusal(err error) bool { return outcome.Of(err) != nil }

func (s *Store) begin(ask Ask, tx db.Tx, look bool) *Tx {
	if ask.Purpose == "" {
		ask.Purpose = access.Default(ask.Who.Kind)
	}
	return &Tx{store: s, ask: ask, db: tx, look: look, now: s.clock.Now().Truncate(time.Millisecond), work: &work{}}
}

// stands asks whether who asks still may, and learns of whom they see nothing.
func (t *Tx) stands(ctx context.Context) error {
	if t.ask.Stands != nil {
		if err := t.ask.Stands(ctx, t.db); err != nil {
			return err
		}
	}
	return t.outside(ctx)
}

// undone writes the AuditEvents of a transaction that was rolled back.
func (s *Store) undone(ctx context.Context, t *Tx, err error) error {
	if t == nil {
		return err
	}
	if failure := s.audit(ctx, t, "undone"); failure != nil {
		s.log.Error("an attempt could not be audited", slog.String("request", t.ask.Request))
		return errors.Join(err, failure)
	}
	return err
}

// auditPatience is how long an AuditEvent is tried to be written for somebody who has gone.
const auditPatience = 5 * time.Second

// audit writes t's AuditEvents in a transaction of their own. Those of writes say instead why they came to nothing.
func (s *Store) audit(ctx context.Context, t *Tx, instead string) error {
	events := t.events
	if len(events) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), auditPatience)
	defer cancel()
	return s.db.WriteShared(ctx, func(tx db.Tx) error {
		own := s.begin(t.ask, tx, false)
		own.events = append([]event(nil), events...)
		own.settle(instead)
		return own.finish(ctx)
	})
}

// drop forgets what was to be written, but not the events.
func (t *Tx) drop() { t.late, t.written, t.after = late{}, nil, nil }
