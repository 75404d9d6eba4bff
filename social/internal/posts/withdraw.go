package posts

import (
	"context"
	"errors"
	"time"

	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/social/internal/revision"
)

// Withdraw takes a post out of the public: out of every list and feed when tx commits, and its page
// says that it is gone. The root of a thread takes the thread with it; what was added later takes
// only itself. why is for the record and is never shown. Withdrawing again changes nothing.
func (s *Store) Withdraw(ctx context.Context, tx db.Tx, id ID, why string, at time.Time) error {
	var root, head, original ID
	var gone int64
	err := tx.QueryRow(ctx, `SELECT root, head, original, withdrawn_at FROM post WHERE id = $1`, id).Scan(&root, &head, &original, &gone)
	if errors.Is(err, db.ErrNoRows) {
		return fault.New(fault.NotFound, "There is no such post.")
	}
	if err != nil || gone != 0 {
		return err
	}
	stamp, err := revision.BumpPosts(ctx, tx, at)
	if err != nil {
		return err
	}
	which := `id = $1`
	switch id {
	case root:
		which = `root = $1`
	case head:
		which = `root = (SELECT root FROM post WHERE id = $1) AND head = $1`
	}
	var heads []ID
	err = db.Each(ctx, tx, `SELECT id FROM post WHERE `+which+` AND id = head`, []any{id}, func(r db.Row) error {
		var h ID
		err := r.Scan(&h)
		heads = append(heads, h)
		return err
	})
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE post SET withdrawn_at = $2, withdrawn_why = $3, shown_en = FALSE, shown_es = FALSE WHERE `+which+` AND withdrawn_at = 0`,
		id, db.Micros(at), why)
	if err != nil {
		return err
	}
	for _, h := range heads {
		if err := s.media.Use(ctx, tx, use(h), true); err != nil {
			return err
		}
	}
	if id == root {
		if _, err := tx.Exec(ctx, `UPDATE post_topic SET shown_en = FALSE, shown_es = FALSE WHERE post = $1`, id); err != nil {
			return err
		}
		return show(ctx, tx, original)
	}
	return sum(ctx, tx, root, stamp)
}

// show settles in which languages' lists the translations of one original stand: each in its own,
// and in the other while no translation into it is public.
func show(ctx context.Context, tx db.Tx, original ID) error {
	langs := map[ID]string{}
	has := map[string]bool{}
	err := db.Each(ctx, tx, `SELECT id, lang FROM post WHERE original = $1 AND root = id AND withdrawn_at = 0`, []any{original}, func(r db.Row) error {
		var id ID
		var lang string
		err := r.Scan(&id, &lang)
		langs[id], has[lang] = lang, true
		return err
	})
	if err != nil {
		return err
	}
	for id, lang := range langs {
		en, es := lang == "en" || !has["en"], lang == "es" || !has["es"]
		if _, err := tx.Exec(ctx, `UPDATE post SET shown_en = $1, shown_es = $2 WHERE id = $3`, en, es, id); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE post_topic SET shown_en = $1, shown_es = $2 WHERE post = $3`, en, es, id); err != nil {
			return err
		}
	}
	return nil
}
