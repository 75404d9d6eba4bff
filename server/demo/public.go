// Package demo builds an invented health centre: accounts, profiles, topics, weeks of posts, drafts that
// wait. Everything goes the way that real people's words go, through the gate, on a clock that is moved
// through the weeks. It may import what server may; cmd imports it.
package demo

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/social"
)

// What the public chamber shows: profiles, topics, weeks of posts, and what waits.

func (b *builder) profiles(ctx context.Context) error {
	for i, p := range b.Profiles {
		img, err := b.image(ctx, p.Art)
		if err != nil {
			return err
		}
		spec := social.ProfileSpec{Handle: p.Handle, Kind: p.Kind, Name: p.Name, NameES: p.NameES, Title: p.Title, TitleES: p.TitleES,
			Bio: p.Bio, BioES: p.BioES, Department: p.Department, Image: img, Position: i}
		if p.Verified {
			spec.VerifiedOn = b.today.AddDate(0, -2, -21)
			spec.Since = 2012 + i
		}
		if who := b.people[p.Login]; who != nil {
			spec.Owner = who.Subject(identity.Social)
		}
		if err := b.srv.Social.SaveProfile(ctx, spec); err != nil {
			return err
		}
	}
	return nil
}

func (b *builder) topics(ctx context.Context) error {
	for i, t := range b.Topics {
		if err := b.srv.Social.SaveTopic(ctx, t.Slug, t.EN, t.ES, i); err != nil {
			return err
		}
	}
	return nil
}

// posts publishes the weeks, oldest first, each in English and then in Spanish.
func (b *builder) posts(ctx context.Context) error {
	list := slices.Clone(b.Posts)
	slices.SortFunc(list, func(x, y post) int { return int(y.Ago*100) - int(x.Ago*100) })
	for _, p := range list {
		b.clock.Set(b.when(p.Ago))
		img, err := b.image(ctx, p.Art)
		if err != nil {
			return err
		}
		who := b.people["ama"]
		if own := b.people[p.By]; own != nil {
			who = own
		}
		spec := social.PostSpec{By: p.By, Kind: p.Kind, Lang: "en", Title: p.Title, Body: p.Body, Topics: p.Topics, Image: img, Alt: p.Alt}
		first, err := b.publish(ctx, who, spec)
		if err != nil {
			return err
		}
		if p.BodyES == "" {
			continue
		}
		b.clock.Advance(time.Minute)
		spec.Lang, spec.Title, spec.Body, spec.Alt, spec.TranslationOf = "es", p.TitleES, p.BodyES, p.AltES, first
		if _, err := b.publish(ctx, who, spec); err != nil {
			return err
		}
	}
	return nil
}

// when is so many hours ago, moved into the working day if it is not today's.
func (b *builder) when(ago float64) time.Time {
	t := b.today.Add(-time.Duration(ago * float64(time.Hour)))
	if ago < 20 {
		return t
	}
	local := t.In(b.zone)
	return time.Date(local.Year(), local.Month(), local.Day(), 9, int(ago*37)%540, 0, 0, b.zone)
}

// publish writes and submits; a text of the demo that the gate does not let pass is a mistake.
func (b *builder) publish(ctx context.Context, who *identity.Principal, spec social.PostSpec) (string, error) {
	out, err := b.srv.Social.Write(ctx, who, spec)
	if err != nil {
		return "", fmt.Errorf("%s, %q: %w", spec.By, first(spec.Body), err)
	}
	if out.Post == "" {
		return "", fmt.Errorf("%s, %q is %s", spec.By, first(spec.Body), out.State)
	}
	return out.Post, nil
}

func (b *builder) drafts(ctx context.Context) error {
	for _, d := range b.Drafts {
		b.clock.Set(b.today.Add(-time.Duration(d.Ago * float64(time.Hour))))
		_, err := b.srv.Social.Write(ctx, b.people[d.Author], social.PostSpec{
			By: d.By, Lang: d.Lang, Title: d.Title, Body: d.Body, Topics: d.Topics, KeepDraft: !d.Submit})
		if err != nil {
			return fmt.Errorf("draft %q: %w", first(d.Body), err)
		}
	}
	return nil
}

func (b *builder) scheduled(ctx context.Context) error {
	b.clock.Set(b.today)
	for _, d := range b.Scheduled {
		at := b.today.Add(time.Duration(d.Hours * float64(time.Hour))).In(b.zone)
		at = time.Date(at.Year(), at.Month(), at.Day(), 9, 0, 0, 0, b.zone)
		out, err := b.srv.Social.Write(ctx, b.people[d.Author], social.PostSpec{
			By: d.By, Lang: d.Lang, Title: d.Title, Body: d.Body, Topics: d.Topics, At: at, Zone: b.zone.String()})
		if err != nil {
			return fmt.Errorf("scheduled %q: %w", first(d.Body), err)
		}
		if out.State != "scheduled" {
			return fmt.Errorf("scheduled %q is %s", first(d.Body), out.State)
		}
	}
	return nil
}

// image adds a drawing once and returns its id.
func (b *builder) image(ctx context.Context, name string) (string, error) {
	if name == "" || b.images[name] != "" {
		return b.images[name], nil
	}
	png, err := art.ReadFile("art/" + name + ".png")
	if err != nil {
		return "", err
	}
	b.images[name], err = b.srv.Social.AddImage(ctx, bytes.NewReader(png))
	return b.images[name], err
}

func first(s string) string {
	if len(s) > 40 {
		return s[:40]
	}
	return s
}
