package posts

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/social/internal/media"
	"github.com/mitral-health/mitral/social/internal/profiles"
	"github.com/mitral-health/mitral/social/internal/topics"
)

// Store keeps posts; every call runs in the caller's transaction.
type Store struct {
	media    *media.Store
	profiles *profiles.Store
	topics   topics.Store
}

// New returns the store of posts.
func New(m *media.Store, p *profiles.Store) *Store { return &Store{media: m, profiles: p} }

// What a query reads of a post p: in a list only what the list shows. The text comes last, because
// the rows' narrow columns come first. An article's words are not in card.
const (
	listed = `p.id, p.profile, p.kind, p.lang, p.published_at, p.edited_at, p.minutes, p.parts, p.title, p.topics, p.excerpt, p.images`
	whole  = listed + `, p.withdrawn_at, p.root, p.position, p.original, p.version, CASE WHEN p.kind = 'article' THEN p.html ELSE p.card END`
)

func scanListed(r db.Row) (Post, error) {
	var p Post
	return p, read(r, &p, &p.HTML)
}

func scanWhole(r db.Row) (Post, error) {
	var p Post
	var withdrawn int64
	err := read(r, &p, &withdrawn, &p.Root, &p.Position, &p.Original, &p.Version, &p.HTML)
	p.WithdrawnAt = db.FromMicros(withdrawn)
	return p, err
}

// read scans the listed columns into p and those after them into rest.
func read(r db.Row, p *Post, rest ...any) error {
	var published, edited int64
	var slugs, images string
	dest := append([]any{&p.ID, &p.Profile, (*string)(&p.Kind), &p.Lang, &published, &edited, &p.Minutes, &p.Parts,
		&p.Title, &slugs, &p.Excerpt, &images}, rest...)
	if err := r.Scan(dest...); err != nil {
		return err
	}
	p.PublishedAt, p.EditedAt = db.FromMicros(published), db.FromMicros(edited)
	p.Topics = strings.Fields(slugs)
	if images == "" {
		return nil
	}
	return json.Unmarshal([]byte(images), &p.Images)
}

// Get returns one post as its page shows it, withdrawn or not; fault.NotFound if there is none.
func (s *Store) Get(ctx context.Context, tx db.Tx, id ID) (Post, error) {
	return found(scanWhole(tx.QueryRow(ctx, `SELECT `+whole+` FROM post p WHERE p.id = $1`, id)))
}

func found(p Post, err error) (Post, error) {
	if errors.Is(err, db.ErrNoRows) {
		return Post{}, fault.New(fault.NotFound, "There is no such post.")
	}
	return p, err
}

// Thread returns the public parts of the thread that starts at root, in order.
func (s *Store) Thread(ctx context.Context, tx db.Tx, root ID) ([]Post, error) {
	return s.collect(ctx, tx, scanWhole,
		`SELECT `+whole+` FROM post p WHERE p.root = $1 AND p.withdrawn_at = 0 ORDER BY p.position LIMIT 500`, root)
}

// Said returns the last public parts of the thread that the content is added to, as they were written, the
// oldest first; nothing if it is added to none.
func (s *Store) Said(ctx context.Context, tx db.Tx, c Content) (said []string, err error) {
	if c.Continues.IsZero() || !c.Edits.IsZero() {
		return nil, nil
	}
	err = db.Each(ctx, tx, `SELECT body FROM post WHERE root = (SELECT root FROM post WHERE id = $1) AND withdrawn_at = 0
		ORDER BY position DESC LIMIT 8`, []any{c.Continues}, func(r db.Row) error {
		var body string
		err := r.Scan(&body)
		said = append(said, body)
		return err
	})
	slices.Reverse(said)
	return said, err
}

// Translations returns the public posts that say the same as the original does, the original
// included.
func (s *Store) Translations(ctx context.Context, tx db.Tx, original ID) ([]Post, error) {
	return s.collect(ctx, tx, scanListed,
		`SELECT `+listed+`, '' FROM post p WHERE p.original = $1 AND p.root = p.id AND p.withdrawn_at = 0 ORDER BY p.id LIMIT 20`, original)
}

func (s *Store) collect(ctx context.Context, tx db.Tx, scan func(db.Row) (Post, error), query string, args ...any) ([]Post, error) {
	var all []Post
	err := db.Each(ctx, tx, query, args, func(r db.Row) error {
		p, err := scan(r)
		all = append(all, p)
		return err
	})
	return all, err
}

// Versions returns the public history of a post, oldest first.
func (s *Store) Versions(ctx context.Context, tx db.Tx, id ID) ([]Version, error) {
	var all []Version
	err := db.Each(ctx, tx, `SELECT n, at, title, body, content FROM post_version WHERE post = $1 ORDER BY n LIMIT 200`, []any{id},
		func(r db.Row) error {
			var v Version
			var at int64
			var stored string
			if err := r.Scan(&v.N, &at, &v.Title, &v.Body, &stored); err != nil {
				return err
			}
			var c Content
			if err := json.Unmarshal([]byte(stored), &c); err != nil {
				return err
			}
			var alts []string
			for _, i := range c.Images {
				alts = append(alts, i.Alt)
			}
			v.At, v.Alts = db.FromMicros(at), strings.Join(alts, "\n")
			all = append(all, v)
			return nil
		})
	return all, err
}

// Latest returns what a post says now, as its author wrote it, and the version's number: what an
// edit starts from. A withdrawn post, or a part that is not the first of what was published with it,
// has none: fault.NotFound.
func (s *Store) Latest(ctx context.Context, tx db.Tx, id ID) (Content, int, error) {
	var c Content
	var n int
	var stored, title, body string
	err := tx.QueryRow(ctx, `SELECT v.n, v.title, v.body, v.content FROM post p JOIN post_version v ON v.post = p.id AND v.n = p.version
		WHERE p.id = $1 AND p.withdrawn_at = 0`, id).Scan(&n, &title, &body, &stored)
	if errors.Is(err, db.ErrNoRows) {
		return c, 0, fault.New(fault.NotFound, "There is no such post.")
	}
	if err != nil {
		return c, 0, err
	}
	err = json.Unmarshal([]byte(stored), &c)
	c.Title, c.Body, c.Edits, c.EditsVersion = title, body, id, n
	return c, n, err
}
