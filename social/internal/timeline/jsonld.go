package timeline

import (
	"context"

	"github.com/mitral-health/mitral/social/internal/posts"
	"github.com/mitral-health/mitral/social/internal/profiles"
)

// ld is one node of schema.org data.
type ld map[string]any

// address turns a path of this site into an address; anything else stays.
func (v *visit) address(path string) string {
	if len(path) > 0 && path[0] == '/' {
		return v.base + path
	}
	return path
}

// publisher is the organisation, in brief.
func (v *visit) publisher() ld {
	n := ld{"@type": "MedicalOrganization", "@id": v.base + "/#organisation", "name": v.site.Name, "url": v.base + "/"}
	if v.site.Logo != "" {
		n["logo"] = v.address(v.site.Logo)
	}
	return n
}

// organisation is the organisation with how to reach it.
func (v *visit) organisation(_ context.Context) ld {
	n := v.publisher()
	n["@context"] = "https://schema.org"
	for key, value := range map[string]string{"description": v.site.Lead, "slogan": v.site.Tagline, "telephone": v.site.Phone,
		"email": v.site.Email, "address": v.site.Address} {
		if value != "" {
			n[key] = value
		}
	}
	return n
}

// speaker is a profile as an author.
func (v *visit) speaker(p *person) ld {
	n := ld{"@type": "Person", "@id": v.base + p.path() + "#profile", "name": p.Name.In(v.lang), "url": v.base + p.path()}
	if p.Kind != profiles.Clinician {
		n["@type"] = "MedicalOrganization"
	}
	if p.face != "" {
		n["image"] = v.address(p.face)
	}
	return n
}

// profilePage is the page of a profile.
func (v *visit) profilePage(_ context.Context, p *person) ld {
	n := v.speaker(p)
	if bio := p.Bio.In(v.lang); bio != "" {
		n["description"] = bio
	}
	switch p.Kind {
	case profiles.Clinician:
		n["worksFor"] = v.publisher()
		if title := p.Title.In(v.lang); title != "" {
			n["jobTitle"] = title
		}
	case profiles.Department:
		n["parentOrganization"] = v.publisher()
	}
	return ld{"@context": "https://schema.org", "@type": "ProfilePage", "mainEntity": n}
}

// article is a post.
func (v *visit) article(ctx context.Context, c card) ld {
	n := ld{"@context": "https://schema.org", "@type": "BlogPosting", "headline": c.heading(ctx), "description": c.Excerpt,
		"datePublished": iso(c.PublishedAt), "dateModified": iso(newest(c.Post)), "inLanguage": c.Lang,
		"mainEntityOfPage": v.base + c.path(), "author": v.speaker(c.by), "publisher": v.publisher()}
	if c.Kind == posts.Article {
		n["@type"] = "Article"
	}
	var images []ld
	for _, p := range c.Images {
		images = append(images, ld{"@type": "ImageObject", "url": v.address(p.Src), "caption": p.Alt})
	}
	if images != nil {
		n["image"] = images
	}
	var about []string
	for _, t := range c.topics {
		about = append(about, t.Name.In(c.Lang))
	}
	if about != nil {
		n["keywords"] = about
	}
	return n
}
