package timeline

import (
	"context"

	"github.com/mitral-health/mitral/social/internal/profiles"
	"github.com/mitral-health/mitral/ui"
	"github.com/mitral-health/mitral/ui/text"
)

// plain is a page of words at an address.
func plain(title, path, description string) ui.Page {
	return ui.Page{Title: title, Canonical: path, Alternates: alternates(path), Description: description}
}

func (t *Timeline) about(ctx context.Context, v *visit) (answer, error) {
	p := plain(text.T(ctx, "About us"), "/about", v.site.Lead)
	p.Nav, p.JSONLD = "about", v.organisation(ctx)
	return answer{body: aboutPage(p, v.site, v.kind(profiles.Department), len(v.kind(profiles.Clinician)))}, nil
}

func (t *Timeline) rules(ctx context.Context, v *visit) (answer, error) {
	p := plain(text.T(ctx, "What we publish and why"), "/rules", text.T(ctx, "How %s writes in public, and what it leaves out.", v.site.Name))
	return answer{body: rulesPage(p, v.site)}, nil
}

func (t *Timeline) privacy(ctx context.Context, v *visit) (answer, error) {
	p := plain(text.T(ctx, "Your privacy"), "/privacy", text.T(ctx, "What this site knows of you: almost nothing."))
	return answer{body: privacyPage(p, v.site)}, nil
}

func (t *Timeline) accessibility(ctx context.Context, v *visit) (answer, error) {
	p := plain(text.T(ctx, "Accessibility"), "/accessibility", text.T(ctx, "This site is for everybody. Tell us where it is not."))
	return answer{body: accessibilityPage(p, v.site)}, nil
}
