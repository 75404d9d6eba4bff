// Package reminders tells patients that something waits for them: at the times that they choose, when what was
// due is not done yet, and when a message waits. It goes out as web push (RFC 8030, 8291, 8292) and by mail. It may
// import what stands before it in the private chamber, identity, ui and platform.
//
// It promises: nothing that leaves here says what is to be done, or by whom the message is; nobody is reminded
// who took their consent back, in their quiet hours, or twice for one time; an address that a
// browser names is asked only if it is a public one, over https; due times are found by an index, nobody is polled.
package reminders

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/people"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/jobs"
	"github.com/mitral-health/mitral/ui"
)

// Deps is what Reminders needs. Those that say so may be nil.
type Deps struct {
	Records *records.Store
	People  *people.People
	Store   *db.DB // the clinical one, migrated
	Clock   clock.Clock
	Log     *slog.Logger
	Site    *ui.Site
	Key     []byte // 32 secret bytes; without the same ones, browsers must subscribe anew

	// Allows reports whether a patient consents to being reminded.
	Allows func(ctx context.Context, t *records.Tx, patient string) (bool, error)
	// Due reports whether something of today is left to do.
	Due func(ctx context.Context, t *records.Tx, patient string, now time.Time, zone *time.Location) (bool, error)
	// Unread counts the messages that ref ("Patient/x") has not read.
	Unread func(ctx context.Context, t *records.Tx, patient, ref string) (int, error)
	// Letter mails the account with this subject; fault.NotFound if it has no address. nil: there is no mail.
	Letter func(ctx context.Context, subject, title, body string) error
	// Client speaks to push services; nil: one that reaches public addresses only.
	Client *http.Client
}

// Reminders is the reminders of one chamber. Make it with Open; safe for concurrent use.
type Reminders struct {
	Deps
	queue *jobs.Queue
	vapid vapid
}

// Open opens them. From then on every message that the records store is noticed.
func Open(d Deps) (*Reminders, error) {
	if d.Records == nil || d.People == nil || d.Store == nil || d.Clock == nil || d.Log == nil || d.Site == nil || len(d.Key) != 32 || d.Allows == nil || d.Due == nil || d.Unread == nil {
		return nil, errors.New("reminders: records, people, store, clock, log, site, a key of 32 bytes and three questions are needed")
	}
	if d.Client == nil {
		d.Client = guarded()
	}
	keys, err := deriveVapid(d.Key)
	if err != nil {
		return nil, err
	}
	r := &Reminders{Deps: d, vapid: keys}
	d.Records.Watch(r.watch, "Communication")
	return r, nil
}

// UseQueue gives reminders the queue of the clinical store.
func (r *Reminders) UseQueue(q *jobs.Queue) { r.queue = q }

// Migrations returns the steps of the tables here.
func Migrations() []db.Migration {
	return []db.Migration{{Name: "reminders", SQL: schema}}
}

// reminders has a row for each patient who was asked; due is the next time to look whether something is left to
// do, 0 for never.
const schema = `CREATE TABLE reminders (patient TEXT PRIMARY KEY, subject TEXT NOT NULL, lang TEXT NOT NULL, zone TEXT NOT NULL,
	push BOOLEAN NOT NULL, mail BOOLEAN NOT NULL, messages BOOLEAN NOT NULL, week TEXT NOT NULL, due BIGINT NOT NULL, noticed BIGINT NOT NULL);
CREATE INDEX reminders_due ON reminders (due);
CREATE TABLE reminders_push (id TEXT PRIMARY KEY, patient TEXT NOT NULL, subject TEXT NOT NULL, endpoint TEXT NOT NULL UNIQUE,
	p256dh TEXT NOT NULL, auth TEXT NOT NULL, name TEXT NOT NULL, made BIGINT NOT NULL);
CREATE INDEX reminders_push_patient ON reminders_push (patient)`
