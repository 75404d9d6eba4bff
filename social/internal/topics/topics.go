// Package topics names what posts are about. May import profiles, revision and platform.
package topics

import (
	"context"
	"errors"
	"regexp"
	"time"
	"unicode/utf8"

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

// SchemaRetired lets topics retire and counts their changes.
const SchemaRetired = `
ALTER TABLE topic ADD COLUMN retired_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE topic ADD COLUMN rev INTEGER NOT NULL DEFAULT 1;
`

const columns = `slug, name_en, name_es, about_en, about_es, position, retired_at, rev`

// Topic is something that posts are about.
type Topic struct {
	Slug     string // lower case, the last part of the page's address; never changes
	Name     profiles.Words
	About    profiles.Words // one sentence
	Position int            // order on the page of topics, low first
	Retired  time.Time      // since when it takes no new posts; zero while it does
	Rev      int            // counts every change; a change names the one that it saw, 0 makes the topic
}

// Limits in characters: of a name, and of the sentence about a topic.
const (
	MaxName  = 60
	MaxAbout = 300
)

// What somebody is told whose topic can't be stored.
var (
	ErrTaken   = fault.New(fault.Conflict, "Another topic has this address already. Choose another one.")
	ErrChanged = fault.New(fault.Conflict, "Somebody changed this meanwhile. Nothing was overwritten.")
)

// check returns nil if t can be stored.
func (t *Topic) check() error {
	if !ValidSlug(t.Slug) || t.Name.EN == "" || t.Name.ES == "" {
		return fault.New(fault.Invalid, "A topic needs a short address of lower-case letters and a name in each language.")
	}
	for _, n := range []string{t.Name.EN, t.Name.ES} {
		if utf8.RuneCountInString(n) > MaxName {
			return fault.New(fault.TooLarge, "This is too long: at most %d characters.", MaxName)
		}
	}
	for _, a := range []string{t.About.EN, t.About.ES} {
		if utf8.RuneCountInString(a) > MaxAbout {
			return fault.New(fault.TooLarge, "This is too long: at most %d characters.", MaxAbout)
		}
	}
	return nil
}

var slugForm = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9-]{0,48}[a-z0-9])?$`)

// ValidSlug reports whether s can be a topic's slug: 1 to 50 of a–z, 0–9 and -, not at the ends.
func ValidSlug(s string) bool { return slugForm.MatchString(s) }

// Store keeps topics. The zero value is ready; every call runs in the caller's transaction.
type Store struct{}

// Save writes t: new if its Rev is 0, else over that revision. If another one is stored by now it is
// ErrChanged; an address that another topic has is ErrTaken.
func (Store) Save(ctx context.Context, tx db.Tx, t Topic) error {
	if err := t.check(); err != nil {
		return err
	}
	if t.Rev == 0 {
		n, err := tx.Exec(ctx, `INSERT INTO topic (`+columns+`) VALUES ($1,$2,$3,$4,$5,$6,$7,1) ON CONFLICT (slug) DO NOTHING`,
			t.Slug, t.Name.EN, t.Name.ES, t.About.EN, t.About.ES, t.Position, db.Micros(t.Retired))
		if err == nil && n == 0 {
			err = ErrTaken
		}
		if err != nil {
			return err
		}
		return revision.BumpDirectory(ctx, tx)
	}
	n, err := tx.Exec(ctx, `UPDATE topic SET name_en = $2, name_es = $3, about_en = $4, about_es = $5, position = $6, retired_at = $7, rev = rev + 1
		WHERE slug = $1 AND rev = $8`,
		t.Slug, t.Name.EN, t.Name.ES, t.About.EN, t.About.ES, t.Position, db.Micros(t.Retired), t.Rev)
	if err == nil && n == 0 {
		err = ErrChanged
	}
	if err != nil {
		return err
	}
	return revision.BumpDirectory(ctx, tx)
}

// Order gives the topics their places, in the order of slugs.
func (Store) Order(ctx context.Context, tx db.Tx, slugs []string) error {
	for i, slug := range slugs {
		if _, err := tx.Exec(ctx, `UPDATE topic SET position = $1 WHERE slug = $2 AND position <> $1`, i, slug); err != nil {
			return err
		}
	}
	return revision.BumpDirectory(ctx, tx)
}

// Get returns one topic; fault.NotFound if there is none.
func (Store) Get(ctx context.Context, tx db.Tx, slug string) (Topic, error) {
	t, err := scan(tx.QueryRow(ctx, `SELECT `+columns+` FROM topic WHERE slug = $1`, slug))
	if errors.Is(err, db.ErrNoRows) {
		return Topic{}, fault.New(fault.NotFound, "There is no such topic.")
	}
	return t, err
}

// All returns every topic, in the order of the page of topics.
func (Store) All(ctx context.Context, tx db.Tx) ([]Topic, error) {
	var all []Topic
	err := db.Each(ctx, tx, `SELECT `+columns+` FROM topic ORDER BY position, slug`, nil,
		func(r db.Row) error {
			t, err := scan(r)
			all = append(all, t)
			return err
		})
	return all, err
}

func scan(r db.Row) (Topic, error) {
	var t Topic
	var retired int64
	err := r.Scan(&t.Slug, &t.Name.EN, &t.Name.ES, &t.About.EN, &t.About.ES, &t.Position, &retired, &t.Rev)
	t.Retired = db.FromMicros(retired)
	return t, err
}
