package posts

import (
	"context"
	"math"
	"strconv"
	"time"

	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/page"
	"github.com/mitral-health/mitral/social/internal/profiles"
)

// List says which posts, in which language's reading. The zero Profile and Topic are everything.
type List struct {
	Lang     string // "en" or "es"
	Profile  profiles.ID
	Articles bool   // of a profile: only its articles
	Topic    string // a slug
}

// Ref is a place in a list: which post, and in which state. A post with the same Stamp shows the same
// in lists and feeds, so what was made of it before can be used again; Listed reads what it shows.
type Ref struct {
	ID          ID
	PublishedAt time.Time
	Stamp       int64
}

// Every list below is one range of one partial index, from the cursor on; the tests hold the
// databases to it. The number of rows is part of the text: SQLite plans a statement anew whenever a
// parameter of its LIMIT is bound, which costs as much as running it.
const (
	after  = `(p.published_at, p.id) < ($1, $2) ORDER BY p.published_at DESC, p.id DESC LIMIT `
	afterT = `(t.published_at, t.post) < ($1, $2) ORDER BY t.published_at DESC, t.post DESC LIMIT `
)

// Query returns the SQL of the list and its arguments for n rows from c on.
func (l List) Query(c page.Cursor, n int) (string, []any) {
	at, from := int64(math.MaxInt64), "~" // after every id
	if !c.IsZero() {
		at, from = db.Micros(c.At), c.ID
	}
	args := []any{at, from}
	limit := strconv.Itoa(n)
	shown := "shown_en"
	if l.Lang == "es" {
		shown = "shown_es"
	}
	const query = `SELECT p.id, p.published_at, p.stamp FROM `
	switch {
	case l.Topic != "":
		return query + `post_topic t JOIN post p ON p.id = t.post WHERE t.` + shown + ` AND t.topic = $3 AND ` + afterT + limit, append(args, l.Topic)
	case l.Articles:
		return query + `post p WHERE p.` + shown + ` AND p.kind = 'article' AND p.profile = $3 AND ` + after + limit, append(args, l.Profile)
	case !l.Profile.IsZero():
		return query + `post p WHERE p.` + shown + ` AND p.parts > 0 AND p.profile = $3 AND ` + after + limit, append(args, l.Profile)
	}
	return query + `post p WHERE p.` + shown + ` AND p.published_at > 0 AND ` + after + limit, args
}

// Page returns up to n posts of a list, newest first, from c on.
func (s *Store) Page(ctx context.Context, tx db.Tx, l List, c page.Cursor, n int) (page.Of[Ref], error) {
	query, args := l.Query(c, n+1)
	rows := make([]Ref, 0, n+1)
	err := db.Each(ctx, tx, query, args, func(r db.Row) error {
		var one Ref
		var at int64
		err := r.Scan(&one.ID, &at, &one.Stamp)
		one.PublishedAt = db.FromMicros(at)
		rows = append(rows, one)
		return err
	})
	return page.Cut(rows, n, func(r Ref) page.Cursor { return page.Cursor{At: r.PublishedAt, ID: r.ID.String()} }), err
}

// Listed returns what a list shows of a post: of an article only its excerpt, unless full, as feeds
// want it; fault.NotFound if there is none.
func (s *Store) Listed(ctx context.Context, tx db.Tx, id ID, full bool) (Post, error) {
	query := `SELECT ` + listed + `, p.card FROM post p WHERE p.id = $1`
	if full {
		query = `SELECT ` + listed + `, p.html FROM post p WHERE p.id = $1`
	}
	return found(scanListed(tx.QueryRow(ctx, query, id)))
}

// Span returns when the oldest and the newest public post of a language's lists were published;
// zero times if there is none.
func (s *Store) Span(ctx context.Context, tx db.Tx, lang string) (oldest, newest time.Time, err error) {
	shown := "shown_en"
	if lang == "es" {
		shown = "shown_es"
	}
	var a, b int64
	err = tx.QueryRow(ctx, `SELECT COALESCE((SELECT published_at FROM post WHERE `+shown+` AND published_at > 0 ORDER BY published_at, id LIMIT 1), 0),
		COALESCE((SELECT published_at FROM post WHERE `+shown+` AND published_at > 0 ORDER BY published_at DESC, id DESC LIMIT 1), 0)`).Scan(&a, &b)
	return db.FromMicros(a), db.FromMicros(b), err
}

// Place is where a post stands, for the sitemap.
type Place struct {
	ID      ID
	Changed time.Time
}

// Between returns up to n public posts of a language's lists published from a until before b.
func (s *Store) Between(ctx context.Context, tx db.Tx, lang string, a, b time.Time, n int) ([]Place, error) {
	shown := "shown_en"
	if lang == "es" {
		shown = "shown_es"
	}
	var all []Place
	err := db.Each(ctx, tx, `SELECT id, published_at, edited_at FROM post WHERE `+shown+` AND published_at > 0 AND lang = $1
		AND published_at >= $2 AND published_at < $3 ORDER BY published_at DESC, id DESC LIMIT $4`,
		[]any{lang, db.Micros(a), db.Micros(b), n}, func(r db.Row) error {
			var p Place
			var at, edited int64
			err := r.Scan(&p.ID, &at, &edited)
			p.Changed = db.FromMicros(max(at, edited))
			all = append(all, p)
			return err
		})
	return all, err
}

// More reports whether a language's lists hold more than n posts published from a until before b.
func (s *Store) More(ctx context.Context, tx db.Tx, lang string, a, b time.Time, n int) (bool, error) {
	shown := "shown_en"
	if lang == "es" {
		shown = "shown_es"
	}
	var count int
	err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM (SELECT id FROM post WHERE `+shown+` AND published_at > 0 AND published_at >= $1 AND published_at < $2
		ORDER BY published_at DESC, id DESC LIMIT $3) AS counted`, db.Micros(a), db.Micros(b), n+1).Scan(&count)
	return count > n, err
}
