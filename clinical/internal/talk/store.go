package talk

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/platform/db"
)

// Migrations returns the steps of the tables here. What was said stands in the records; here stand the order of a
// thread, who has read what, what waits, and where the files are.
func Migrations() []db.Migration {
	return []db.Migration{{Name: "talk", SQL: schema}}
}

// FileMigrations returns the step of the index of files, which came after the others.
func FileMigrations() []db.Migration {
	return []db.Migration{{Name: "talk files of a patient", SQL: `CREATE INDEX talk_files_patient ON talk_files (patient, at)`}}
}

// talk_messages.side is who speaks: "home" is the patient or somebody who cares for them, "team", or "note".
// A message that waits for the team has waits; settled says who ended it without an answer. talk_threads counts the
// changes of a thread, as home and team can see them, so that an open page knows when to look. talk_files.message
// is "" until the message is sent, and "-" once the file is to be removed.
const schema = `CREATE TABLE talk_messages (id TEXT PRIMARY KEY, patient TEXT NOT NULL, at BIGINT NOT NULL, side TEXT NOT NULL, author TEXT NOT NULL,
	urgent BOOLEAN NOT NULL, waits BOOLEAN NOT NULL, settled TEXT NOT NULL);
CREATE INDEX talk_messages_thread ON talk_messages (patient, at, id);
CREATE INDEX talk_messages_waiting ON talk_messages (at) WHERE waits;
CREATE TABLE talk_reads (message TEXT NOT NULL, reader TEXT NOT NULL, name TEXT NOT NULL, at BIGINT NOT NULL, PRIMARY KEY (message, reader));
CREATE TABLE talk_threads (patient TEXT PRIMARY KEY, home BIGINT NOT NULL, team BIGINT NOT NULL);
CREATE TABLE talk_assigned (patient TEXT PRIMARY KEY, practitioner TEXT NOT NULL, name TEXT NOT NULL, by_name TEXT NOT NULL, at BIGINT NOT NULL);
CREATE TABLE talk_keys (author TEXT NOT NULL, hash TEXT NOT NULL, message TEXT NOT NULL, PRIMARY KEY (author, hash));
CREATE TABLE talk_files (id TEXT PRIMARY KEY, patient TEXT NOT NULL, owner TEXT NOT NULL, message TEXT NOT NULL, title TEXT NOT NULL, type TEXT NOT NULL,
	size BIGINT NOT NULL, wide BIGINT NOT NULL, high BIGINT NOT NULL, sum TEXT NOT NULL, place TEXT NOT NULL, secret BYTEA NOT NULL, at BIGINT NOT NULL);
CREATE INDEX talk_files_message ON talk_files (message)`

// The sides of a thread.
const (
	home  = "home"
	team  = "team"
	notes = "note"
)

// line is one message as the index knows it.
type line struct {
	ID      string
	At      time.Time
	Side    string
	Author  string
	Urgent  bool
	Waits   bool
	Settled string // name of who said that it needs no answer
}

const lineColumns = `id, at, side, author, urgent, waits, settled`

func scanLine(r db.Row) (l line, err error) {
	var at int64
	err = r.Scan(&l.ID, &at, &l.Side, &l.Author, &l.Urgent, &l.Waits, &l.Settled)
	l.At = db.FromMicros(at)
	return l, err
}

// cursor is a place in a thread.
func (l line) cursor() string { return strconv.FormatInt(db.Micros(l.At), 36) + "." + l.ID }

func parseCursor(s string) (at int64, id string, ok bool) {
	first, id, ok := strings.Cut(s, ".")
	at, err := strconv.ParseInt(first, 36, 64)
	return at, id, ok && err == nil && len(id) <= 64
}

// lines are the newest n messages of a thread before a cursor ("" is the end), newest first; those of the staff only
// with notes.
func lines(ctx context.Context, tx db.Tx, patient, before string, n int, withNotes bool) (out []line, err error) {
	at, id := int64(1)<<62, ""
	if before != "" {
		var ok bool
		if at, id, ok = parseCursor(before); !ok {
			return nil, nil
		}
	}
	err = db.Each(ctx, tx, `SELECT `+lineColumns+` FROM talk_messages WHERE patient = $1 AND (at, id) < ($2, $3) AND (side <> 'note' OR $4) ORDER BY at DESC, id DESC LIMIT $5`,
		[]any{patient, at, id, withNotes, n}, func(r db.Row) error {
			l, err := scanLine(r)
			out = append(out, l)
			return err
		})
	return out, err
}

// mark is that somebody has read something.
type mark struct {
	Reader, Name string
	At           time.Time
}

// marks says who has read these messages, in the order of time.
func marks(ctx context.Context, tx db.Tx, ids []string) (map[string][]mark, error) {
	out := map[string][]mark{}
	if len(ids) == 0 {
		return out, nil
	}
	in, args := in(ids)
	err := db.Each(ctx, tx, `SELECT message, reader, name, at FROM talk_reads WHERE message IN (`+in+`) ORDER BY at`, args, func(r db.Row) error {
		var m mark
		var of string
		var at int64
		err := r.Scan(&of, &m.Reader, &m.Name, &at)
		m.At = db.FromMicros(at)
		out[of] = append(out[of], m)
		return err
	})
	return out, err
}

// in is a list of placeholders for these values.
func in(values []string) (list string, args []any) {
	for i, v := range values {
		if i > 0 {
			list += ", "
		}
		list += "$" + strconv.Itoa(i+1)
		args = append(args, v)
	}
	return list, args
}

// read marks messages as read by somebody.
func (k *Talk) read(ctx context.Context, patient, reader, name string, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	now := db.Micros(k.Clock.Now())
	return k.Store.Write(ctx, func(tx db.Tx) error {
		for _, id := range ids {
			if _, err := tx.Exec(ctx, `INSERT INTO talk_reads (message, reader, name, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`, id, reader, name, now); err != nil {
				return err
			}
		}
		return bump(ctx, tx, patient, true)
	})
}

// bump says that a thread has changed; atHome is whether the patient's side can see it.
func bump(ctx context.Context, tx db.Tx, patient string, atHome bool) error {
	n := 0
	if atHome {
		n = 1
	}
	_, err := tx.Exec(ctx, `INSERT INTO talk_threads (patient, home, team) VALUES ($1, $2, 1)
		ON CONFLICT (patient) DO UPDATE SET home = talk_threads.home + $2, team = talk_threads.team + 1`, patient, n)
	return err
}

// tag is another whenever a thread has changed.
func (k *Talk) tag(ctx context.Context, patient string, atHome bool) (string, error) {
	var h, t int64
	err := k.Store.Read(ctx, func(tx db.Tx) error {
		return tx.QueryRow(ctx, `SELECT home, team FROM talk_threads WHERE patient = $1`, patient).Scan(&h, &t)
	})
	if err != nil && !errors.Is(err, db.ErrNoRows) {
		return "", err
	}
	if atHome {
		return strconv.FormatInt(h, 10), nil
	}
	return strconv.FormatInt(t, 10), nil
}

// Unread counts the messages of the other side that ref ("Patient/x", "RelatedPerson/x", "Practitioner/x") has not
// read in a patient's thread, up to 100.
func (k *Talk) Unread(ctx context.Context, t *records.Tx, patient, ref string) (n int, err error) {
	err = t.Beside().QueryRow(ctx, `SELECT count(*) FROM (SELECT 1 FROM talk_messages AS m WHERE patient = $1 AND side = $2
		AND NOT EXISTS (SELECT 1 FROM talk_reads AS r WHERE r.message = m.id AND r.reader = $3) LIMIT 100) AS few`, patient, other(sideOf(ref)), ref).Scan(&n)
	return n, err
}

func sideOf(ref string) string {
	if strings.HasPrefix(ref, "Practitioner/") || strings.HasPrefix(ref, "PractitionerRole/") {
		return team
	}
	return home
}

func other(side string) string {
	if side == home {
		return team
	}
	return home
}
