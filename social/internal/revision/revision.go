// Package revision counts what changed in the public chamber. Every transaction that changes what a
// reader would see bumps a counter, so that any copy of the program can tell with one small read
// whether a page that it made earlier is still true. Imports platform/db only.
package revision

import (
	"context"
	"time"

	"github.com/mitral-health/mitral/platform/db"
)

// Schema makes the counters.
const Schema = `
CREATE TABLE revision (
	id        INTEGER PRIMARY KEY,
	posts     BIGINT NOT NULL,
	directory BIGINT NOT NULL,
	at        BIGINT NOT NULL
);
INSERT INTO revision (id, posts, directory, at) VALUES (1, 1, 1, 0);
`

// Number is the state of the public chamber. Two equal Numbers of one store mean equal pages.
type Number struct {
	Posts     int64     // posts published, edited or withdrawn
	Directory int64     // profiles and topics
	At        time.Time // the latest instant that a post was published, edited or withdrawn at
}

// Now returns the number as tx sees it.
func Now(ctx context.Context, tx db.Tx) (Number, error) {
	var n Number
	var at int64
	err := tx.QueryRow(ctx, `SELECT posts, directory, at FROM revision WHERE id = 1`).Scan(&n.Posts, &n.Directory, &at)
	n.At = db.FromMicros(at)
	return n, err
}

// BumpPosts says that tx changes a post at an instant, and returns the new Number.Posts.
func BumpPosts(ctx context.Context, tx db.Tx, at time.Time) (posts int64, err error) {
	err = tx.QueryRow(ctx, `UPDATE revision SET posts = posts + 1, at = CASE WHEN at < $1 THEN $1 ELSE at END WHERE id = 1 RETURNING posts`, db.Micros(at)).Scan(&posts)
	return posts, err
}

// BumpDirectory says that tx changed a profile or a topic.
func BumpDirectory(ctx context.Context, tx db.Tx) error {
	_, err := tx.Exec(ctx, `UPDATE revision SET directory = directory + 1 WHERE id = 1`)
	return err
}
