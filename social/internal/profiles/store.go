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

const columns = `id, kind, handle, name_en, name_es, title_en, title_es, bio_en, bio_es, speaks_en, speaks_es,
	declares_en, declares_es, since, verified_at, avatar, department, position, subject`

// Store keeps profiles; every call runs in the caller's transaction.
type Store struct{ media *media.Store }

// New returns the store of profiles.
func New(m *media.Store) *Store { return &Store{media: m} }

// Save writes p, new or changed. A handle or a subject that another profile has is fault.Conflict.
func (s *Store) Save(ctx context.Context, tx db.Tx, p Profile) error {
	if err := p.check(); err != nil {
		return err
	}
	var taken int
	err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM profile WHERE (handle = $1 OR subject = $2) AND id <> $3`,
		p.Handle, p.Subject, p.ID).Scan(&taken)
	if err != nil {
		return err
	}
	if taken > 0 {
		return fault.New(fault.Conflict, "Another profile has this handle or this person already.")
	}
	_, err = tx.Exec(ctx, `INSERT INTO profile (`+columns+`)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19)
		ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, handle = excluded.handle, name_en = excluded.name_en, name_es = excluded.name_es,
			title_en = excluded.title_en, title_es = excluded.title_es, bio_en = excluded.bio_en, bio_es = excluded.bio_es,
			speaks_en = excluded.speaks_en, speaks_es = excluded.speaks_es,
			declares_en = excluded.declares_en, declares_es = excluded.declares_es,
			since = excluded.since, verified_at = excluded.verified_at, avatar = excluded.avatar,
			department = excluded.department, position = excluded.position, subject = excluded.subject`,
		p.ID, string(p.Kind), p.Handle, p.Name.EN, p.Name.ES, p.Title.EN, p.Title.ES, p.Bio.EN, p.Bio.ES, p.Speaks.EN, p.Speaks.ES,
		p.Declares.EN, p.Declares.ES, p.Since, db.Micros(p.VerifiedOn), p.Avatar, p.Department, p.Position, p.Subject)
	if err != nil {
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
	var verified int64
	err := r.Scan(&p.ID, (*string)(&p.Kind), &p.Handle, &p.Name.EN, &p.Name.ES, &p.Title.EN, &p.Title.ES, &p.Bio.EN, &p.Bio.ES,
		&p.Speaks.EN, &p.Speaks.ES, &p.Declares.EN, &p.Declares.ES, &p.Since, &verified,
		&p.Avatar, &p.Department, &p.Position, &p.Subject)
	p.VerifiedOn = db.FromMicros(verified)
	return p, err
}
