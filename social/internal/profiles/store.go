package profiles

import (
	"context"
	"errors"

	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/social/internal/media"
	"github.com/mitral-health/mitral/social/internal/revision"
)

// Schema makes the table of profiles.
const Schema = `
CREATE TABLE profile (
	id          TEXT PRIMARY KEY,
	kind        TEXT NOT NULL,
	handle      TEXT NOT NULL UNIQUE,
	name_en     TEXT NOT NULL,
	name_es     TEXT NOT NULL,
	title_en    TEXT NOT NULL,
	title_es    TEXT NOT NULL,
	bio_en      TEXT NOT NULL,
	bio_es      TEXT NOT NULL,
	speaks_en   TEXT NOT NULL,
	speaks_es   TEXT NOT NULL,
	declares_en TEXT NOT NULL,
	declares_es TEXT NOT NULL,
	since       INTEGER NOT NULL,
	verified_at BIGINT NOT NULL,
	avatar      TEXT,
	department  TEXT REFERENCES profile (id),
	position    INTEGER NOT NULL,
	subject     TEXT UNIQUE
);
CREATE INDEX profile_order ON profile (position, id);
`

// SchemaRetired lets profiles retire and counts their changes.
const SchemaRetired = `
ALTER TABLE profile ADD COLUMN retired_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE profile ADD COLUMN rev INTEGER NOT NULL DEFAULT 1;
`

const columns = `id, kind, handle, name_en, name_es, title_en, title_es, bio_en, bio_es, speaks_en, speaks_es,
	declares_en, declares_es, since, verified_at, avatar, department, position, subject, retired_at, rev`

// What somebody is told whose profile can't be stored beside the others.
var (
	ErrTaken   = fault.New(fault.Conflict, "Another profile has this handle already. Choose another one.")
	ErrPerson  = fault.New(fault.Conflict, "This person has a profile already.")
	ErrChanged = fault.New(fault.Conflict, "Somebody changed this meanwhile. Nothing was overwritten.")
)

// Store keeps profiles; every call runs in the caller's transaction.
type Store struct{ media *media.Store }

// New returns the store of profiles.
func New(m *media.Store) *Store { return &Store{media: m} }

// Save writes p: new if its Rev is 0, else over that revision. If another one is stored by now it is
// ErrChanged; a handle or a person that another profile has is ErrTaken or ErrPerson.
func (s *Store) Save(ctx context.Context, tx db.Tx, p Profile) error {
	if err := p.check(); err != nil {
		return err
	}
	err := db.Each(ctx, tx, `SELECT handle FROM profile WHERE (handle = $1 OR subject = $2) AND id <> $3`,
		[]any{p.Handle, p.Subject, p.ID}, func(r db.Row) error {
			var handle string
			if err := r.Scan(&handle); err != nil {
				return err
			}
			if handle == p.Handle {
				return ErrTaken
			}
			return ErrPerson
		})
	if err != nil {
		return err
	}
	if err := put(ctx, tx, p); err != nil {
		return err
	}
	var shown []media.ID
	if !p.Avatar.IsZero() {
		shown = append(shown, p.Avatar)
	}
	if err := s.media.Use(ctx, tx, "profile:"+p.ID.String(), true, shown...); err != nil {
		return err
	}
	return revision.BumpDirectory(ctx, tx)
}

func put(ctx context.Context, tx db.Tx, p Profile) error {
	args := []any{p.ID, string(p.Kind), p.Handle, p.Name.EN, p.Name.ES, p.Title.EN, p.Title.ES, p.Bio.EN, p.Bio.ES, p.Speaks.EN, p.Speaks.ES,
		p.Declares.EN, p.Declares.ES, p.Since, db.Micros(p.VerifiedOn), p.Avatar, p.Department, p.Position, p.Subject, db.Micros(p.Retired), p.Rev + 1}
	if p.Rev == 0 {
		_, err := tx.Exec(ctx, `INSERT INTO profile (`+columns+`)
			VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20,$21)`, args...)
		if db.IsUnique(err) {
			return ErrTaken
		}
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE profile SET kind = $2, handle = $3, name_en = $4, name_es = $5, title_en = $6, title_es = $7,
			bio_en = $8, bio_es = $9, speaks_en = $10, speaks_es = $11, declares_en = $12, declares_es = $13, since = $14,
			verified_at = $15, avatar = $16, department = $17, position = $18, subject = $19, retired_at = $20, rev = $21
		WHERE id = $1 AND rev = $22`, append(args, p.Rev)...)
	if err == nil && n == 0 {
		return ErrChanged
	}
	return err
}

// Order gives the profiles their places on the page of people. That is no change of any of them.
func (s *Store) Order(ctx context.Context, tx db.Tx, ids []ID) error {
	for i, id := range ids {
		if _, err := tx.Exec(ctx, `UPDATE profile SET position = $1 WHERE id = $2 AND position <> $1`, i, id); err != nil {
			return err
		}
	}
	return revision.BumpDirectory(ctx, tx)
}

// Get returns one profile; fault.NotFound if there is none.
func (s *Store) Get(ctx context.Context, tx db.Tx, id ID) (Profile, error) {
	return one(tx.QueryRow(ctx, `SELECT `+columns+` FROM profile WHERE id = $1`, id))
}

// ByHandle returns the profile at an address; fault.NotFound if there is none.
func (s *Store) ByHandle(ctx context.Context, tx db.Tx, handle string) (Profile, error) {
	return one(tx.QueryRow(ctx, `SELECT `+columns+` FROM profile WHERE handle = $1`, handle))
}

// All returns every profile, in the order of the page of people.
func (s *Store) All(ctx context.Context, tx db.Tx) ([]Profile, error) {
	var all []Profile
	err := db.Each(ctx, tx, `SELECT `+columns+` FROM profile ORDER BY position, id`, nil, func(r db.Row) error {
		p, err := scan(r)
		all = append(all, p)
		return err
	})
	return all, err
}

func one(r db.Row) (Profile, error) {
	p, err := scan(r)
	if errors.Is(err, db.ErrNoRows) {
		return Profile{}, fault.New(fault.NotFound, "There is nobody here by that name.")
	}
	return p, err
}

func scan(r db.Row) (Profile, error) {
	var p Profile
	var verified, retired int64
	err := r.Scan(&p.ID, (*string)(&p.Kind), &p.Handle, &p.Name.EN, &p.Name.ES, &p.Title.EN, &p.Title.ES, &p.Bio.EN, &p.Bio.ES,
		&p.Speaks.EN, &p.Speaks.ES, &p.Declares.EN, &p.Declares.ES, &p.Since, &verified,
		&p.Avatar, &p.Department, &p.Position, &p.Subject, &retired, &p.Rev)
	p.VerifiedOn, p.Retired = db.FromMicros(verified), db.FromMicros(retired)
	return p, err
}
