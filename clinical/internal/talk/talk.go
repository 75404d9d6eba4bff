// Package talk is what a patient and the team write to each other: one thread per patient, its pictures and
// papers, the team's inbox, and the notes that the staff keep among themselves. It may import what stands
// before it in the private chamber, gate (whose engine knows words of danger), identity, ui and platform.
//
// It promises: a message is a Communication of the patient's record, written with what waits for the team in one
// transaction; sent several times with one key, it is there once; what reads like danger is urgent, whoever
// says otherwise; a note of the staff is in no patient's record, search or history; a file is shown only to whoever may
// read the message that it came with.
package talk

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/people"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/gate/review"
	"github.com/mitral-health/mitral/platform/blob"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/web"
)

// Deps is what Talk needs; all of it.
type Deps struct {
	Records *records.Store
	People  *people.People
	Store   *db.DB // the clinical one, migrated
	Blobs   blob.Store
	Clock   clock.Clock
	Log     *slog.Logger
	Base    string        // of the FHIR interface
	Hours   review.Hours  // when the team reads messages
	Within  time.Duration // of open hours, until an answer can be expected
}

// Talk is the messages of one chamber. Safe for concurrent use.
type Talk struct {
	Deps
}

// Open opens them.
func Open(d Deps) (*Talk, error) {
	if d.Records == nil || d.People == nil || d.Store == nil || d.Blobs == nil || d.Clock == nil || d.Log == nil || d.Base == "" || d.Within <= 0 {
		return nil, errors.New("talk: records, people, store, blobs, clock, log, base and within are needed")
	}
	if err := d.Hours.Check(); err != nil {
		return nil, err
	}
	return &Talk{Deps: d}, nil
}

// Message is something to say to a patient or to the team.
type Message struct {
	Patient string // logical id: whose thread
	From    string // "Patient/x", "RelatedPerson/x", "Practitioner/x"
	Text    string
	Urgent  bool
	About   string // what it is about, "Observation/x" say; may be ""
	Key     string // with the same one it is the same message, and sent once; "" is a new one
}

// Send writes a message into a patient's thread, and in the same transaction onto the team's list if it comes from
// the patient's side, or off it if it is the team's answer. It returns the Communication's reference.
func (k *Talk) Send(ctx context.Context, t *records.Tx, m Message) (ref string, err error) {
	return "", errors.New("talk: not yet")
}

// Unread counts the messages of the other side that ref ("Patient/x", "RelatedPerson/x", "Practitioner/x") has not
// read in a patient's thread, up to 100.
func (k *Talk) Unread(ctx context.Context, t *records.Tx, patient, ref string) (int, error) {
	return 0, nil
}

// File is a picture or paper that came with a message.
type File struct {
	ID      string
	Message string // logical id of its Communication
	Title   string
	Type    string // image/jpeg, image/png or application/pdf
	Size    int64
}

// Files lists the files of a patient's thread, for whoever may read it: for taking everything along.
func (k *Talk) Files(ctx context.Context, t *records.Tx, patient string) ([]File, error) {
	return nil, nil
}

// Open opens a file, after whoever asks could read its message.
func (k *Talk) Open(ctx context.Context, t *records.Tx, patient, id string) (File, io.Reader, error) {
	return File{}, nil, errors.New("talk: not yet")
}

// Migrations returns the steps of the tables here.
func Migrations() []db.Migration { return nil }

// Routes lists the pages.
func (k *Talk) Routes() []web.Route { return nil }
