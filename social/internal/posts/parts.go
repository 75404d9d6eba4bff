package posts

import (
	"context"
	"strings"

	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/id"
)

// batch is the distance in position between what was published at one time and what was added to the
// thread later, so that an edit may change the number of parts of either.
const batch = 1000

// place says where parts stand: in the thread of root, published together with head, at base and on.
type place struct {
	root, head, original ID
	base                 int
}

// written is one part, rendered.
type written struct {
	body, html, excerpt, card string
	minutes                   int
}

func (w *writing) render(body string) written {
	html := RenderMarkdown(body)
	r := written{body: body, html: html, excerpt: excerpt(summary(html), 280), card: html, minutes: minutes(plain(html))}
	if w.c.Kind == Article {
		r.card = ""
	}
	return r
}

func (w *writing) insertParts(ctx context.Context, p place, parts []string) error {
	all := make([]written, len(parts))
	for n, body := range parts {
		all[n] = w.render(body)
	}
	for n, r := range all {
		part := p.head
		if n > 0 {
			part = id.New[Post](w.at)
		}
		if err := w.insert(ctx, p, part, n, r, all); err != nil {
			return err
		}
	}
	return nil
}

// insert stores one part. all are those that become public with it, for the sums on a new root.
func (w *writing) insert(ctx context.Context, p place, part ID, n int, r written, all []written) error {
	original, title, topics, images, version := part, "", "", "", 0
	shown, count, html := false, 1, r.html
	if part == p.head {
		title, topics, images, version = w.c.Title, topicList(w.c.Topics), w.images, 1
	}
	if part == p.root {
		original, count, html = p.original, len(all), threaded(all)
		shown = original == part // else show has to look at the other languages
	}
	_, err := w.tx.Exec(ctx, `INSERT INTO post (id, profile, kind, lang, shown_en, shown_es, published_at, edited_at, withdrawn_at, withdrawn_why,
			minutes, parts, version, stamp, root, head, position, original, title, topics, excerpt, images, card, html, body)
		VALUES ($1,$2,$3,$4,$5,$5,$6,0,0,'',$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20,$21)`,
		part, w.c.Profile, string(w.c.Kind), w.c.Lang, shown, db.Micros(w.at), r.minutes, count, version, w.stamp, p.root, p.head, p.base+n, original,
		title, topics, r.excerpt, images, r.card, html, r.body)
	return err
}

// threaded is the whole text of a thread's parts, for the feeds.
func threaded(all []written) string {
	html := make([]string, len(all))
	for n, r := range all {
		html[n] = r.html
	}
	return strings.Join(html, between)
}

const between = "\n<hr>\n"

// replaceParts brings the parts published together with p.head to the present content: the same
// addresses as far as there are parts, new ones behind them, and what is too many withdrawn.
func (w *writing) replaceParts(ctx context.Context, p place) error {
	var have []ID
	err := db.Each(ctx, w.tx, `SELECT id FROM post WHERE root = $1 AND head = $2 AND withdrawn_at = 0 ORDER BY position`, []any{p.root, p.head}, func(r db.Row) error {
		var part ID
		err := r.Scan(&part)
		have = append(have, part)
		return err
	})
	if err != nil {
		return err
	}
	var last int
	if err := w.tx.QueryRow(ctx, `SELECT MAX(position) FROM post WHERE root = $1 AND head = $2`, p.root, p.head).Scan(&last); err != nil {
		return err
	}
	next := last - p.base + 1
	for n, body := range w.c.Parts() {
		r := w.render(body)
		if n >= len(have) {
			if err := w.insert(ctx, p, id.New[Post](w.at), next, r, nil); err != nil {
				return err
			}
			next++
			continue
		}
		title, topics, images := "", "", ""
		if n == 0 {
			title, topics, images = w.c.Title, topicList(w.c.Topics), w.images
		}
		_, err := w.tx.Exec(ctx, `UPDATE post SET minutes = $1, title = $2, topics = $3, excerpt = $4, images = $5, card = $6, html = $7, body = $8, stamp = $9 WHERE id = $10`,
			r.minutes, title, topics, r.excerpt, images, r.card, r.html, body, w.stamp, have[n])
		if err != nil {
			return err
		}
	}
	for n := len(w.c.Parts()); n < len(have); n++ {
		if _, err := w.tx.Exec(ctx, `UPDATE post SET withdrawn_at = $1, withdrawn_why = 'edited' WHERE id = $2`, db.Micros(w.at), have[n]); err != nil {
			return err
		}
	}
	return nil
}

// sum brings the root of a thread up to date: how many parts are public, and all their words for
// the feeds.
func sum(ctx context.Context, tx db.Tx, root ID, stamp int64) error {
	var cards []string
	var kind string
	err := db.Each(ctx, tx, `SELECT kind, card FROM post WHERE root = $1 AND withdrawn_at = 0 ORDER BY position`, []any{root}, func(r db.Row) error {
		var card string
		err := r.Scan(&kind, &card)
		cards = append(cards, card)
		return err
	})
	if err != nil || kind == string(Article) || len(cards) == 0 {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE post SET parts = $1, html = $2, stamp = $3 WHERE id = $4`, len(cards), strings.Join(cards, between), stamp, root)
	return err
}
