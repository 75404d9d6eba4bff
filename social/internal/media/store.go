package media

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/id"
)

// Migrations returns the tables of this package.
func Migrations() []db.Migration {
	return []db.Migration{{Name: "media", SQL: `
CREATE TABLE media_image (
	id TEXT PRIMARY KEY,
	hash TEXT NOT NULL UNIQUE,
	key TEXT NOT NULL UNIQUE,
	type TEXT NOT NULL,
	width INTEGER NOT NULL,
	height INTEGER NOT NULL,
	widths TEXT NOT NULL,
	tone TEXT NOT NULL,
	created BIGINT NOT NULL
);
CREATE INDEX media_image_created ON media_image (created, id);
CREATE TABLE media_use (
	image TEXT NOT NULL REFERENCES media_image (id),
	user_of TEXT NOT NULL,
	public BOOLEAN NOT NULL,
	PRIMARY KEY (image, user_of)
);
CREATE INDEX media_use_user ON media_use (user_of);
CREATE TABLE media_intent (
	hash TEXT PRIMARY KEY,
	keys TEXT NOT NULL,
	at BIGINT NOT NULL,
	sweeping BOOLEAN NOT NULL
)`}}
}

const columns = `id, hash, type, width, height, widths, tone`

func scanImage(row db.Row) (Image, error) {
	var i Image
	var ws string
	if err := row.Scan(&i.ID, &i.Hash, &i.Type, &i.Width, &i.Height, &ws, &i.Tone); err != nil {
		return Image{}, err
	}
	return i, json.Unmarshal([]byte(ws), &i.Widths)
}

// Get returns one picture, or fault.NotFound.
func (s *Store) Get(ctx context.Context, tx db.Tx, image ID) (Image, error) {
	i, err := scanImage(tx.QueryRow(ctx, `SELECT `+columns+` FROM media_image WHERE id = $1`, image))
	if errors.Is(err, db.ErrNoRows) {
		return Image{}, fault.New(fault.NotFound, "That picture is not here any more. Add it again.")
	}
	return i, err
}

// Many returns the pictures that exist among ids, by id, with one query.
func (s *Store) Many(ctx context.Context, tx db.Tx, ids []ID) (map[ID]Image, error) {
	out := make(map[ID]Image, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	marks, args := make([]string, len(ids)), make([]any, len(ids))
	for n, one := range ids {
		marks[n], args[n] = "$"+strconv.Itoa(n+1), one
	}
	err := db.Each(ctx, tx, `SELECT `+columns+` FROM media_image WHERE id IN (`+strings.Join(marks, ", ")+`)`, args,
		func(row db.Row) error {
			i, err := scanImage(row)
			out[i.ID] = i
			return err
		})
	return out, err
}

// Use says that user ("draft:…", "post:…") now shows exactly these pictures, replacing what it
// showed before. While a public use exists, everybody may load the picture. Call it in the
// transaction that makes the use true: publishing with public, withdrawing with no ids.
func (s *Store) Use(ctx context.Context, tx db.Tx, user string, public bool, ids ...ID) error {
	if _, err := tx.Exec(ctx, `DELETE FROM media_use WHERE user_of = $1`, user); err != nil {
		return err
	}
	for _, one := range ids {
		if _, err := tx.Exec(ctx, `INSERT INTO media_use (image, user_of, public) VALUES ($1, $2, $3)
			ON CONFLICT (image, user_of) DO NOTHING`, one, user, public); err != nil {
			return err
		}
	}
	return nil
}

// byKey finds a picture by the digits that its files' names start with, and whether anybody may see it.
func (s *Store) byKey(ctx context.Context, tx db.Tx, digits string) (i Image, public bool, err error) {
	i, err = scanImage(tx.QueryRow(ctx, `SELECT `+columns+` FROM media_image WHERE key = $1`, digits))
	if err != nil {
		return i, false, err
	}
	var n int
	err = tx.QueryRow(ctx, `SELECT COUNT(*) FROM media_use WHERE image = $1 AND public = TRUE`, i.ID).Scan(&n)
	return i, n > 0, err
}

// intend notes that files are about to be written, so that a crash before add leaves a trace that
// the sweep can follow.
func (s *Store) intend(ctx context.Context, hash string, keys []string) error {
	list, err := json.Marshal(keys)
	if err != nil {
		return err
	}
	return s.store.Write(ctx, func(tx db.Tx) error {
		n, err := tx.Exec(ctx, `INSERT INTO media_intent (hash, keys, at, sweeping) VALUES ($1, $2, $3, FALSE)
			ON CONFLICT (hash) DO UPDATE SET at = excluded.at WHERE media_intent.sweeping = FALSE`,
			hash, string(list), db.Micros(s.clock.Now()))
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.Unavailable, "This picture is just being cleaned away. Try again in a minute.")
		}
		return nil
	})
}

// add makes the stored files a picture. The same content is one picture, however often it is added.
func (s *Store) add(ctx context.Context, i Image) (Image, error) {
	ws, err := json.Marshal(i.Widths)
	if err != nil {
		return Image{}, err
	}
	now := s.clock.Now()
	var out Image
	err = s.store.Write(ctx, func(tx db.Tx) error {
		mine, err := tx.Exec(ctx, `DELETE FROM media_intent WHERE hash = $1 AND sweeping = FALSE`, i.Hash)
		if err != nil {
			return err
		}
		if mine == 0 {
			// Somebody added the same picture meanwhile, or this took so long that it was swept.
			n, err := tx.Exec(ctx, `UPDATE media_image SET created = $1 WHERE hash = $2`, db.Micros(now), i.Hash)
			if err == nil && n == 0 {
				err = fault.New(fault.Unavailable, "Adding this picture took too long. Try again.")
			}
			if err != nil {
				return err
			}
		} else if _, err := tx.Exec(ctx, `INSERT INTO media_image (id, hash, key, type, width, height, widths, tone, created)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
			ON CONFLICT (hash) DO UPDATE SET created = excluded.created`,
			id.New[Image](now), i.Hash, i.Hash[:32], i.Type, i.Width, i.Height, string(ws), i.Tone, db.Micros(now)); err != nil {
			return err
		}
		out, err = scanImage(tx.QueryRow(ctx, `SELECT `+columns+` FROM media_image WHERE hash = $1`, i.Hash))
		return err
	})
	return out, err
}

// How long an upload may take, and how long a picture may wait for its first use.
const (
	staleIntent = time.Hour
	staleImage  = 24 * time.Hour
)

// condemn marks what Sweep removes, in one transaction: from here on nobody can use or add it until
// its files are gone.
func (s *Store) condemn(ctx context.Context) error {
	now := s.clock.Now()
	return s.store.Write(ctx, func(tx db.Tx) error {
		var unused []Image
		err := db.Each(ctx, tx, `SELECT `+columns+` FROM media_image WHERE created < $1
			AND NOT EXISTS (SELECT 1 FROM media_use WHERE image = media_image.id)
			AND NOT EXISTS (SELECT 1 FROM media_intent WHERE hash = media_image.hash)
			ORDER BY created LIMIT 200`, []any{db.Micros(now.Add(-staleImage))}, func(row db.Row) error {
			i, err := scanImage(row)
			unused = append(unused, i)
			return err
		})
		if err != nil {
			return err
		}
		for _, i := range unused {
			keys := make([]string, len(i.Widths))
			for n, w := range i.Widths {
				keys[n] = i.key(w)
			}
			list, err := json.Marshal(keys)
			if err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, `DELETE FROM media_image WHERE id = $1`, i.ID); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, `INSERT INTO media_intent (hash, keys, at, sweeping) VALUES ($1, $2, $3, TRUE)`,
				i.Hash, string(list), db.Micros(now)); err != nil {
				return err
			}
		}
		// An upload that was interrupted although the picture exists already leaves nothing to remove.
		if _, err := tx.Exec(ctx, `DELETE FROM media_intent WHERE sweeping = FALSE AND at < $1
			AND EXISTS (SELECT 1 FROM media_image WHERE hash = media_intent.hash)`, db.Micros(now.Add(-staleIntent))); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE media_intent SET sweeping = TRUE WHERE sweeping = FALSE AND at < $1`,
			db.Micros(now.Add(-staleIntent)))
		return err
	})
}

func unmarshal(s string, v any) error { return json.Unmarshal([]byte(s), v) }
