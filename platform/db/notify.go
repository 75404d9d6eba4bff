package db

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// Notify tells every copy of the program that Listens to this channel of the store, this one included. It
// promises nothing: who must not miss something looks for it. On SQLite there are no other copies to tell.
// A payload has less than 8000 bytes.
func (d *DB) Notify(ctx context.Context, channel string, payloads []string) error {
	if d.pool == nil || len(payloads) == 0 {
		return nil
	}
	var b pgx.Batch
	b.Queue(`BEGIN`)
	b.Queue(`SET LOCAL synchronous_commit = off`) // nobody waits for the disk for what may be lost
	for _, p := range payloads {
		b.Queue(`SELECT pg_notify($1, $2)`, d.channel(channel), p)
	}
	b.Queue(`COMMIT`)
	return d.pool.SendBatch(ctx, &b).Close()
}

// Listen calls heard with each payload until ctx ends or the connection breaks, whose error it returns. ready is
// called when nothing is missed any more. On SQLite it waits for the end of ctx.
func (d *DB) Listen(ctx context.Context, channel string, ready func(), heard func(payload string)) error {
	if d.pool == nil {
		ready()
		<-ctx.Done()
		return ctx.Err()
	}
	conn, err := d.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer func() {
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = conn.Hijack().Close(end) // it listens: nobody else may have it
	}()
	if _, err := conn.Exec(ctx, `LISTEN `+pgx.Identifier{d.channel(channel)}.Sanitize()); err != nil {
		return err
	}
	ready()
	for {
		n, err := conn.Conn().WaitForNotification(ctx)
		if err != nil {
			return err
		}
		heard(n.Payload)
	}
}

// channel is one of this schema: channels are the database's.
func (d *DB) channel(name string) string { return "mitral_" + d.schema + "_" + name }
