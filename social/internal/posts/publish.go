package posts

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/mitral-health/mitral/gate"
	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/id"
	"github.com/mitral-health/mitral/social/internal/media"
	"github.com/mitral-health/mitral/social/internal/profiles"
	"github.com/mitral-health/mitral/social/internal/revision"
)

// Publish makes c public and returns the id of the post: a new one, or that of the post that c edits.
// It refuses unless cleared covers exactly c. Publishing the same draft with the same content again
// changes nothing and returns the same id, so a job may repeat it.
func (s *Store) Publish(ctx context.Context, tx db.Tx, cleared gate.Cleared, c Content, at time.Time) (ID, error) {
	d := c.GateDraft()
	if err := cleared.Covers(d); err != nil {
		return ID{}, fault.Wrap(err, fault.Forbidden, "The gate has not cleared this text. Nothing was published.")
	}
	hash := d.Hash()
	w := &writing{Store: s, tx: tx, c: c, at: at, hash: hex.EncodeToString(hash[:]), submission: cleared.Submission()}
	var done ID
	err := tx.QueryRow(ctx, `SELECT post FROM post_version WHERE draft = $1 AND hash = $2`, c.Draft, w.hash).Scan(&done)
	if err == nil {
		return done, nil
	}
	if !errors.Is(err, db.ErrNoRows) {
		return ID{}, err
	}
	if err := c.Check(); err != nil {
		return ID{}, err
	}
	if err := w.look(ctx); err != nil {
		return ID{}, err
	}
	if w.stamp, err = revision.BumpPosts(ctx, tx, at); err != nil {
		return ID{}, err
	}
	return w.write(ctx)
}

// writing is one Publish at work.
type writing struct {
	*Store
	tx         db.Tx
	c          Content
	at         time.Time
	hash       string
	submission string
	stamp      int64  // the revision that this makes
	images     string // the pictures as JSON
	pictures   []media.ID
}

// look reads what the content refers to: it must all be there and be what the gate saw.
func (w *writing) look(ctx context.Context) error {
	voice, err := w.profiles.Get(ctx, w.tx, w.c.Profile)
	if err != nil {
		return err
	}
	if !voice.Retired.IsZero() {
		return profiles.ErrRetired
	}
	// Since the text was sent the profile may have become somebody else's.
	if w.c.Author.Role == string(identity.Clinician) && voice.Subject != w.c.Author.Subject {
		return profiles.ErrOther
	}
	if err := w.CheckTopics(ctx, w.tx, w.c); err != nil {
		return err
	}
	if len(w.c.Images) == 0 {
		return nil
	}
	for _, i := range w.c.Images {
		w.pictures = append(w.pictures, i.ID)
	}
	stored, err := w.media.Many(ctx, w.tx, w.pictures)
	if err != nil {
		return err
	}
	var shown []Picture
	for _, i := range w.c.Images {
		m, ok := stored[i.ID]
		if !ok || m.Hash != i.Hash {
			return fault.New(fault.Conflict, "A picture of this post has changed or is gone. Add it again.")
		}
		shown = append(shown, Picture{Src: m.URL(960), SrcSet: m.SrcSet(), Type: m.Type, Width: m.Width, Height: m.Height, Tone: m.Tone, Alt: i.Alt})
	}
	b, err := json.Marshal(shown)
	w.images = string(b)
	return err
}

// CheckTopics returns a fault unless every topic of the content exists and takes new posts. An edit may
// keep one that has retired since.
func (s *Store) CheckTopics(ctx context.Context, tx db.Tx, c Content) error {
	had := ""
	if !c.Edits.IsZero() {
		err := tx.QueryRow(ctx, `SELECT topics FROM post WHERE id = $1`, c.Edits).Scan(&had)
		if err != nil && !errors.Is(err, db.ErrNoRows) {
			return err
		}
	}
	for _, slug := range c.Topics {
		t, err := s.topics.Get(ctx, tx, slug)
		if err != nil {
			return err
		}
		if !t.Retired.IsZero() && !slices.Contains(strings.Fields(had), slug) {
			return fault.New(fault.Conflict, "One of the topics takes no new posts any more. Take it off and send the text again.")
		}
	}
	return nil
}

// write stores the content: as a new post, as more of a thread, or as a new version.
func (w *writing) write(ctx context.Context) (ID, error) {
	switch {
	case !w.c.Edits.IsZero():
		return w.c.Edits, w.edit(ctx)
	case !w.c.Continues.IsZero():
		return w.extend(ctx)
	}
	head := id.New[Post](w.at)
	original := head
	if !w.c.TranslationOf.IsZero() {
		var err error
		if original, err = w.originalOf(ctx, head); err != nil {
			return ID{}, err
		}
	}
	if err := w.insertParts(ctx, place{root: head, head: head, original: original, base: 0}, w.c.Parts()); err != nil {
		return ID{}, err
	}
	if err := w.finish(ctx, head, 1); err != nil {
		return ID{}, err
	}
	if err := w.putTopics(ctx, head); err != nil || original == head {
		return head, err
	}
	return head, show(ctx, w.tx, original)
}

// originalOf returns the original of the group of translations that w's post self joins.
func (w *writing) originalOf(ctx context.Context, self ID) (ID, error) {
	other, err := w.Get(ctx, w.tx, w.c.TranslationOf)
	if err != nil {
		return ID{}, err
	}
	if other.Lang == w.c.Lang || other.Root != other.ID || other.ID == self || !other.WithdrawnAt.IsZero() {
		return ID{}, fault.New(fault.Invalid, "A translation belongs to a public post in the other language.")
	}
	if other.Profile != w.c.Profile { // it takes the other's place in the lists of its language
		return ID{}, fault.New(fault.Forbidden, "A translation is said by whoever said the original. Choose that profile.")
	}
	return other.Original, nil
}

// extend adds the content to a thread, behind what is there.
func (w *writing) extend(ctx context.Context) (ID, error) {
	to, err := w.Get(ctx, w.tx, w.c.Continues)
	if err != nil {
		return ID{}, err
	}
	if to.Kind == Article || to.Profile != w.c.Profile || to.Lang != w.c.Lang || !to.WithdrawnAt.IsZero() {
		return ID{}, fault.New(fault.Invalid, "Only whoever began a thread can add to it, in its language.")
	}
	var last int
	if err := w.tx.QueryRow(ctx, `SELECT MAX(position) FROM post WHERE root = $1`, to.Root).Scan(&last); err != nil {
		return ID{}, err
	}
	head := id.New[Post](w.at)
	base := (last/batch + 1) * batch
	if err := w.insertParts(ctx, place{root: to.Root, head: head, base: base}, w.c.Parts()); err != nil {
		return ID{}, err
	}
	if err := w.finish(ctx, head, 1); err != nil {
		return ID{}, err
	}
	return head, sum(ctx, w.tx, to.Root, w.stamp)
}

// edit writes a new version of a post; its address and its day stay.
func (w *writing) edit(ctx context.Context) error {
	var was Post
	var head ID
	var withdrawn int64
	var kind string
	err := w.tx.QueryRow(ctx, `SELECT profile, kind, lang, version, root, head, original, position, withdrawn_at FROM post WHERE id = $1`, w.c.Edits).
		Scan(&was.Profile, &kind, &was.Lang, &was.Version, &was.Root, &head, &was.Original, &was.Position, &withdrawn)
	if errors.Is(err, db.ErrNoRows) {
		return fault.New(fault.NotFound, "There is no such post.")
	}
	if err != nil {
		return err
	}
	if withdrawn != 0 {
		return fault.New(fault.Conflict, "This post was withdrawn meanwhile. It can't be edited any more.")
	}
	if was.Version != w.c.EditsVersion {
		return fault.New(fault.Conflict, "Somebody changed this post meanwhile. Look at what it says now, then edit again.")
	}
	if head != w.c.Edits || Kind(kind) != w.c.Kind || was.Profile != w.c.Profile || was.Lang != w.c.Lang {
		return fault.New(fault.Invalid, "An edit keeps the kind, the language and the speaker of the post.")
	}
	if !w.c.TranslationOf.IsZero() && was.Root == w.c.Edits {
		before := was.Original
		if was.Original, err = w.originalOf(ctx, w.c.Edits); err != nil {
			return err
		}
		if before != was.Original {
			if _, err = w.tx.Exec(ctx, `UPDATE post SET original = $1 WHERE id = $2`, was.Original, head); err != nil {
				return err
			}
			if err := show(ctx, w.tx, before); err != nil {
				return err
			}
		}
	}
	if err := w.replaceParts(ctx, place{root: was.Root, head: head, base: was.Position / batch * batch}); err != nil {
		return err
	}
	if _, err := w.tx.Exec(ctx, `UPDATE post SET version = $1, edited_at = $2 WHERE id = $3`, was.Version+1, db.Micros(w.at), head); err != nil {
		return err
	}
	if err := w.finish(ctx, head, was.Version+1); err != nil {
		return err
	}
	if was.Root == head {
		if _, err := w.tx.Exec(ctx, `DELETE FROM post_topic WHERE post = $1`, head); err != nil {
			return err
		}
		if err := w.putTopics(ctx, head); err != nil {
			return err
		}
		if err := show(ctx, w.tx, was.Original); err != nil {
			return err
		}
	}
	return sum(ctx, w.tx, was.Root, w.stamp)
}

// finish writes the history and which pictures are in use.
func (w *writing) finish(ctx context.Context, head ID, version int) error {
	if len(w.pictures) > 0 || version > 1 {
		if err := w.media.Use(ctx, w.tx, use(head), true, w.pictures...); err != nil {
			return err
		}
	}
	kept := w.c
	kept.Title, kept.Body = "", "" // they have columns of their own
	content, err := json.Marshal(kept)
	if err != nil {
		return err
	}
	_, err = w.tx.Exec(ctx, `INSERT INTO post_version (post, n, draft, hash, submission, author, at, title, body, content)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)`,
		head, version, w.c.Draft, w.hash, w.submission, w.c.Author.Subject.String(), db.Micros(w.at), w.c.Title, w.c.Body, string(content))
	return err
}

func (w *writing) putTopics(ctx context.Context, root ID) error {
	for _, slug := range w.c.Topics {
		_, err := w.tx.Exec(ctx, `INSERT INTO post_topic (post, topic, shown_en, shown_es, published_at)
			SELECT id, $1, shown_en, shown_es, published_at FROM post WHERE id = $2 ON CONFLICT (post, topic) DO NOTHING`, slug, root)
		if err != nil {
			return err
		}
	}
	return nil
}

// use is what a post's pictures are in use for.
func use(head ID) string { return "post:" + head.String() }

func topicList(slugs []string) string { return strings.Join(slugs, " ") }
