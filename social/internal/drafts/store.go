package drafts

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/social/internal/media"
)

const columns = `id, author, state, rev, attested, hash, comment, decider, deadline, plan_wall, plan_zone, plan_at, post, created, updated, published, content`

func scanDraft(row db.Row) (Draft, error) {
	var d Draft
	var hash []byte
	var content string
	var deadline, plan, created, updated, published int64
	err := row.Scan(&d.ID, &d.Author, (*string)(&d.State), &d.Rev, &d.Attested, &hash, &d.Comment, &d.By, &deadline,
		&d.Plan.Wall, &d.Plan.Zone, &plan, &d.Post, &created, &updated, &published, &content)
	if err != nil {
		return Draft{}, err
	}
	copy(d.Hash[:], hash)
	d.Deadline, d.Plan.At = db.FromMicros(deadline), db.FromMicros(plan)
	d.Created, d.Updated, d.Published = db.FromMicros(created), db.FromMicros(updated), db.FromMicros(published)
	if err := json.Unmarshal([]byte(content), &d.Content); err != nil {
		return Draft{}, fmt.Errorf("draft %s can't be read: %w", d.ID, err)
	}
	return d, nil
}

// get reads one draft; fault.NotFound if there is none.
func get(ctx context.Context, tx db.Tx, draft ID) (Draft, error) {
	d, err := scanDraft(tx.QueryRow(ctx, `SELECT `+columns+` FROM draft WHERE id = $1`, draft))
	if errors.Is(err, db.ErrNoRows) {
		return Draft{}, errNoDraft
	}
	return d, err
}

// again returns a draft that was read a moment ago, as it is now.
func again(ctx context.Context, tx db.Tx, was Draft) (Draft, error) {
	var rev int
	err := tx.QueryRow(ctx, `SELECT rev FROM draft WHERE id = $1`, was.ID).Scan(&rev)
	if err == nil && rev == was.Rev {
		return was, nil
	}
	return get(ctx, tx, was.ID)
}

// put writes a draft: a new one (Rev 0), or the next revision of the one that was read in this
// transaction.
func (s *Drafts) put(ctx context.Context, tx db.Tx, d *Draft) error {
	content, err := json.Marshal(d.Content)
	if err != nil {
		return err
	}
	d.Updated = s.Clock.Now()
	was := d.Rev
	d.Rev++
	args := []any{d.ID, d.Author, string(d.State), string(d.State.shelf()), d.Rev, d.Attested, d.Hash[:], d.Comment, d.By, db.Micros(d.Deadline),
		d.Plan.Wall, d.Plan.Zone, db.Micros(d.Plan.At), d.Post, db.Micros(d.Created), db.Micros(d.Updated), db.Micros(d.Published), string(content)}
	if was == 0 {
		_, err = tx.Exec(ctx, `INSERT INTO draft (id, author, state, shelf, rev, attested, hash, comment, decider, deadline,
			plan_wall, plan_zone, plan_at, post, created, updated, published, content)
			VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18)`, args...)
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE draft SET author = $2, state = $3, shelf = $4, rev = $5, attested = $6, hash = $7, comment = $8, decider = $9,
		deadline = $10, plan_wall = $11, plan_zone = $12, plan_at = $13, post = $14, created = $15, updated = $16, published = $17, content = $18
		WHERE id = $1 AND rev = $19`, append(args, was)...)
	if err == nil && n != 1 {
		err = fmt.Errorf("draft %s changed inside a transaction", d.ID)
	}
	return err
}

// usePictures keeps the pictures of a draft from being swept; a published one leaves that to its post.
func (s *Drafts) usePictures(ctx context.Context, tx db.Tx, d *Draft) error {
	var ids []media.ID
	if d.State != Published && d.State != Withdrawn {
		for _, i := range d.Content.Images {
			ids = append(ids, i.ID)
		}
	}
	return s.Media.Use(ctx, tx, "draft:"+d.ID.String(), false, ids...)
}
