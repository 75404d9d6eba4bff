// Package topics names what posts are about. May import profiles, revision and platform.
package topics

import (
	"context"
	"errors"
	"regexp"

	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/social/internal/profiles"
	"github.com/mitral-health/mitral/social/internal/revision"
)

// Schema makes the table of topics.
const Schema = `
CREATE TABLE topic (
	slug     TEXT PRIMARY KEY,
	name_en  TEXT NOT NULL,
	name_es  TEXT NOT NULL,
	about_en TEXT NOT NULL,
	about_es TEXT NOT NULL,
	position INTEGER NOT NULL
);
`

// Topic is something that posts are about.
type Topic struct {
	Slug     string // lower case, the last part of the page's address; never changes
	Name     profiles.Words
	About    profiles.Words // one sentence
	Position int            // order on the page of topics, low first
}

var slugForm = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9-]{0,48}[a-z0-9])?$`)

// Store keeps topics. The zero value is ready; every call runs in the caller's transaction.
type Store struct{}

// Save writes t, new or changed.
func (Store) Save(ctx context.Context, tx db.Tx, t Topic) error {
	if !slugForm.MatchString(t.Slug) || t.Name.EN == "" || t.Name.ES == "" {
		return fault.New(fault.Invalid, "A topic needs a short address of lower-case letters and a name in each language.")
	}
	_, err := tx.Exec(ctx, `INSERT INTO topic (slug, name_en, name_es, about_en, about_es, position) VALUES ($1,$2,$3,$4,$5,$6)
		ON CONFLICT (slug) DO UPDATE SET name_en = excluded.name_en, name_es = excluded.name_es,
			about_en = excluded.about_en, about_es = excluded.about_es, position = excluded.position`,
		t.Slug, t.Name.EN, t.Name.ES, t.About.EN, t.About.ES, t.Position)
	if err != nil {
		return err
	}
	return revision.BumpDirectory(ctx, tx)
}

// Get returns one topic; fault.NotFound if there is none.
func (Store) Get(ctx context.Context, tx db.Tx, slug string) (Topic, error) {
	t, err := scan(tx.QueryRow(ctx, `SELECT slug, name_en, name_es, about_en, about_es, position FROM topic WHERE slug = $1`, slug))
	if errors.Is(err, db.ErrNoRows) {
		return Topic{}, fault.New(fault.NotFound, "There is no such topic.")
	}
	return t, err
}

// All returns every topic, in the order of the page of topics.
func (Store) All(ctx context.Context, tx db.Tx) ([]Topic, error) {
	var all []Topic
	err := db.Each(ctx, tx, `SELECT slug, name_en, name_es, about_en, about_es, position FROM topic ORDER BY position, slug`, nil,
		func(r db.Row) error {
			t, err := scan(r)
			all = append(all, t)
			return err
		})
	return all, err
}

func scan(r db.Row) (Topic, error) {
	var t Topic
	err := r.Scan(&t.Slug, &t.Name.EN, &t.Name.ES, &t.About.EN, &t.About.ES, &t.Position)
	return t, err
}
