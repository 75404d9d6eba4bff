package social

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/id"
	"github.com/mitral-health/mitral/social/internal/drafts"
	"github.com/mitral-health/mitral/social/internal/media"
	"github.com/mitral-health/mitral/social/internal/posts"
	"github.com/mitral-health/mitral/social/internal/profiles"
)

// ProfileSpec is a public voice, for whoever fills a new site from a program.
type ProfileSpec struct {
	Handle, Kind, Name, NameES string
	Title, TitleES, Bio, BioES string
	Department                 string // handle of a clinician's department
	Image                      string // from AddImage
	Since                      int
	VerifiedOn                 time.Time
	Owner                      identity.Subject // the clinician's own, in the social chamber
	Position                   int
}

// PostSpec is a text to write and hand to the gate, as its author would in the composer.
type PostSpec struct {
	By            string // handle of who speaks
	Kind          string // note (the default), article, thread
	Lang          string
	Title, Body   string
	Topics        []string
	Image, Alt    string
	TranslationOf string    // id of a post
	At            time.Time // when it should go out; zero is now
	Zone          string    // in which At was meant
	KeepDraft     bool      // write it and leave it
}

// Written is where a text stands after Write.
type Written struct {
	Draft string
	State string
	Post  string // "" while it is not public
}

// AddImage takes an image in and returns its id.
func (s *Social) AddImage(ctx context.Context, r io.Reader) (string, error) {
	img, err := s.media.Add(ctx, r)
	return img.ID.String(), err
}

// SaveProfile writes a profile, new or, by its handle, changed.
func (s *Social) SaveProfile(ctx context.Context, spec ProfileSpec) error {
	return s.store.Write(ctx, func(tx db.Tx) error {
		p, err := s.profiles.ByHandle(ctx, tx, spec.Handle)
		if fault.Is(err, fault.NotFound) {
			p, err = profiles.Profile{ID: id.New[profiles.Profile](s.clock.Now()), Handle: spec.Handle}, nil
		}
		if err != nil {
			return err
		}
		p.Kind, p.Name = profiles.Kind(spec.Kind), profiles.Words{EN: spec.Name, ES: spec.NameES}
		p.Title, p.Bio = profiles.Words{EN: spec.Title, ES: spec.TitleES}, profiles.Words{EN: spec.Bio, ES: spec.BioES}
		p.Since, p.VerifiedOn, p.Subject, p.Position = spec.Since, spec.VerifiedOn, spec.Owner, spec.Position
		if spec.Department != "" {
			d, err := s.profiles.ByHandle(ctx, tx, spec.Department)
			if err != nil {
				return err
			}
			p.Department = d.ID
		}
		if p.Avatar, err = id.Parse[media.Image](spec.Image); err != nil {
			return err
		}
		return s.profiles.Save(ctx, tx, p)
	})
}

// SaveTopic writes a topic, new or, by its slug, changed.
func (s *Social) SaveTopic(ctx context.Context, slug, en, es string, position int) error {
	return s.store.Write(ctx, func(tx db.Tx) error {
		t, err := s.topics.Get(ctx, tx, slug)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		t.Slug, t.Name, t.Position = slug, profiles.Words{EN: en, ES: es}, position
		return s.topics.Save(ctx, tx, t)
	})
}

// Write makes a draft for who and, unless it is to be kept, hands it to the gate: what happens then is
// what happens to anybody's words.
func (s *Social) Write(ctx context.Context, who *identity.Principal, spec PostSpec) (Written, error) {
	c, err := s.content(ctx, spec)
	if err != nil {
		return Written{}, err
	}
	var plan drafts.Plan
	if !spec.At.IsZero() {
		zone, err := time.LoadLocation(spec.Zone)
		if err != nil {
			return Written{}, fmt.Errorf("zone %q: %w", spec.Zone, err)
		}
		plan = drafts.Plan{Wall: spec.At.In(zone).Format("2006-01-02T15:04"), Zone: spec.Zone, At: spec.At.UTC()}
	}
	d, err := s.drafts.Create(ctx, who, c, plan)
	if err == nil && !spec.KeepDraft {
		d, err = s.drafts.Submit(ctx, who, d.ID, d.Rev, false, !spec.At.IsZero())
	}
	return Written{Draft: d.ID.String(), State: string(d.State), Post: d.Post.String()}, err
}

func (s *Social) content(ctx context.Context, spec PostSpec) (c posts.Content, err error) {
	c = posts.Content{Kind: posts.Note, Lang: spec.Lang, Title: spec.Title, Body: spec.Body, Topics: spec.Topics}
	if spec.Kind != "" {
		c.Kind = posts.Kind(spec.Kind)
	}
	if c.TranslationOf, err = id.Parse[posts.Post](spec.TranslationOf); err != nil {
		return c, err
	}
	err = s.store.Read(ctx, func(tx db.Tx) error {
		p, err := s.profiles.ByHandle(ctx, tx, spec.By)
		if err != nil {
			return err
		}
		c.Profile = p.ID
		if spec.Image == "" {
			return nil
		}
		which, err := id.Parse[media.Image](spec.Image)
		if err != nil {
			return err
		}
		img, err := s.media.Get(ctx, tx, which)
		c.Images = []posts.Image{{ID: img.ID, Hash: img.Hash, Alt: spec.Alt}}
		return err
	})
	return c, err
}
