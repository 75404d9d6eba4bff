package drafts

import (
	"context"
	"encoding/json"
	"strings"
	"unicode/utf8"

	"github.com/mitral-health/mitral/gate"
	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/id"
	"github.com/mitral-health/mitral/social/internal/media"
	"github.com/mitral-health/mitral/social/internal/posts"
)

// author is how the gate knows who writes.
func author(p *identity.Principal) gate.Author {
	role := identity.Clinician
	if p.Has(identity.Communications) {
		role = identity.Communications
	}
	return gate.Author{Subject: p.Subject(identity.Social), Name: p.Name, Role: string(role)}
}

// Create stores a new draft of p's. The content need not be complete.
func (s *Drafts) Create(ctx context.Context, p *identity.Principal, c posts.Content, plan Plan) (Draft, error) {
	if err := p.MayPost(); err != nil {
		return Draft{}, err
	}
	now := s.Clock.Now()
	d := Draft{ID: id.New[Draft](now), Author: p.Subject(identity.Social), State: Writing, Plan: plan, Created: now}
	err := s.Store.Write(ctx, func(tx db.Tx) error {
		d.Rev, d.Content = 0, c
		d.Content.Draft, d.Content.Author = d.ID.String(), author(p)
		if err := s.adopt(ctx, tx, &d, c); err != nil {
			return err
		}
		if err := s.put(ctx, tx, &d); err != nil || len(d.Content.Images) == 0 {
			return err
		}
		return s.usePictures(ctx, tx, &d)
	})
	return d, err
}

// Save stores what p wrote over revision rev of a draft. If it is at another revision by now the
// error is a *Clash with both texts, and nothing is stored. Saving what is stored already changes
// nothing.
func (s *Drafts) Save(ctx context.Context, p *identity.Principal, draft ID, rev int, c posts.Content, plan Plan) (Draft, error) {
	if err := p.MayPost(); err != nil {
		return Draft{}, err
	}
	var d Draft
	err := s.Store.Write(ctx, func(tx db.Tx) error {
		var err error
		if d, err = s.forChange(ctx, tx, p, draft); err != nil {
			return err
		}
		next := d
		if err := s.adopt(ctx, tx, &next, c); err != nil {
			return err
		}
		next.Plan = plan
		same, err := equal(d, next)
		if err != nil || same {
			return err
		}
		if d.Rev != rev {
			return &Clash{Mine: next, Theirs: d}
		}
		if !d.State.Editable() {
			return errFixed
		}
		had := len(d.Content.Images) > 0
		next.State, next.Attested, d = Writing, false, next
		if err := s.put(ctx, tx, &d); err != nil || !had && len(d.Content.Images) == 0 {
			return err
		}
		return s.usePictures(ctx, tx, &d)
	})
	return d, err
}

// forChange reads a draft that p is about to change.
func (s *Drafts) forChange(ctx context.Context, tx db.Tx, p *identity.Principal, draft ID) (Draft, error) {
	d, err := get(ctx, tx, draft)
	switch {
	case err != nil:
		return Draft{}, err
	case !d.visible(p):
		return Draft{}, errNoDraft
	case !d.mine(p):
		return Draft{}, errNotYours
	}
	return d, nil
}

// The longest text that a draft keeps, beyond what can be published, so that too long a text can be
// stored and shortened.
const maxBody = 200_000

// adopt puts what the form may change into d: never whose draft it is, nor which post it edits.
func (s *Drafts) adopt(ctx context.Context, tx db.Tx, d *Draft, c posts.Content) error {
	if len(c.Body) > maxBody || utf8.RuneCountInString(c.Title) > 2*posts.MaxTitle {
		return fault.New(fault.TooLarge, "This is too long: at most %d characters.", posts.MaxArticle)
	}
	to := &d.Content
	to.Title, to.Body, to.Topics, to.TranslationOf = strings.TrimSpace(posts.InOrder(c.Title)), posts.InOrder(c.Body), c.Topics, c.TranslationOf
	if to.Edits.IsZero() { // an edit keeps these
		to.Profile, to.Kind, to.Lang, to.Continues = c.Profile, c.Kind, c.Lang, c.Continues
	}
	to.Images = nil
	if len(c.Images) == 0 {
		return nil
	}
	ids := make([]media.ID, len(c.Images))
	for n, i := range c.Images {
		ids[n] = i.ID
	}
	stored, err := s.Media.Many(ctx, tx, ids)
	if err != nil {
		return err
	}
	seen := map[media.ID]bool{}
	for _, i := range c.Images {
		m, ok := stored[i.ID]
		if !ok || seen[i.ID] {
			continue // swept meanwhile, or twice in the form
		}
		seen[i.ID] = true
		if utf8.RuneCountInString(i.Alt) > 2*posts.MaxAlt {
			return fault.New(fault.TooLarge, "A description of a picture has at most %d characters.", posts.MaxAlt)
		}
		to.Images = append(to.Images, posts.Image{ID: i.ID, Hash: m.Hash, Alt: strings.TrimSpace(posts.InOrder(i.Alt))})
	}
	if len(to.Images) > posts.MaxImages {
		return fault.New(fault.Invalid, "A post has at most %d pictures.", posts.MaxImages)
	}
	return nil
}

func equal(a, b Draft) (bool, error) {
	one, err := json.Marshal(a.Content)
	if err != nil {
		return false, err
	}
	two, err := json.Marshal(b.Content)
	return err == nil && string(one) == string(two) && a.Plan.Wall == b.Plan.Wall && a.Plan.Zone == b.Plan.Zone, err
}

// Discard deletes a draft that is not on its way and was never public.
func (s *Drafts) Discard(ctx context.Context, p *identity.Principal, draft ID, rev int) error {
	return s.Store.Write(ctx, func(tx db.Tx) error {
		d, err := s.forChange(ctx, tx, p, draft)
		if err != nil {
			return err
		}
		if !d.State.Editable() {
			return errFixed
		}
		if d.Rev != rev {
			return &Clash{Mine: d, Theirs: d}
		}
		if err := s.Media.Use(ctx, tx, "draft:"+d.ID.String(), false); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `DELETE FROM draft WHERE id = $1`, draft)
		return err
	})
}

// Read returns a draft that p may see; to everybody else it does not exist.
func (s *Drafts) Read(ctx context.Context, p *identity.Principal, draft ID) (Draft, error) {
	var d Draft
	err := s.Store.Read(ctx, func(tx db.Tx) (err error) {
		d, err = get(ctx, tx, draft)
		return err
	})
	if err == nil && !d.visible(p) {
		return Draft{}, errNoDraft
	}
	return d, err
}
