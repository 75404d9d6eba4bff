package voices

import (
	"net/http"

	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/social/internal/media"
	"github.com/mitral-health/mitral/social/internal/profiles"
)

// langs are the languages of the site.
func (s *Voices) langs() []string {
	if len(s.Site.Langs) == 0 {
		return []string{"en"}
	}
	return s.Site.Langs
}

// profileView is what the page of one profile shows.
type profileView struct {
	p, was   profiles.Profile // as it is being written, as it is stored
	f        *form            // what was sent, nil before
	reading  reading
	attested bool
	clash    bool
	wrong    problems
	done     string

	langs   []string
	fixed   bool // its address stays
	verify  bool // whoever looks may verify
	staff   []Person
	deps    []profiles.Profile
	face    string
	beside  int // how many stand beside it, itself included
	nth     int // which of them it is, from 1
	compose bool
}

// render fills in what the page needs besides.
func (s *Voices) render(w http.ResponseWriter, r *http.Request, status int, v profileView) error {
	ctx, who := r.Context(), identity.From(r.Context())
	var err error
	if v.staff, err = s.Staff(ctx); err != nil {
		return err
	}
	if v.fixed, err = s.spoke(ctx, v.was.ID); err != nil {
		return err
	}
	v.langs, v.verify = s.langs(), mayVerify(who)
	v.compose = v.was.MaySpeak(who) && who.MayPost() == nil
	err = s.Store.Read(ctx, func(tx db.Tx) error {
		all, err := s.Profiles.All(ctx, tx)
		if err != nil {
			return err
		}
		v.deps, v.beside, v.nth = nil, 0, 0
		for _, p := range all {
			if p.Kind == profiles.Department && (p.Retired.IsZero() || p.ID == v.was.Department) {
				v.deps = append(v.deps, p)
			}
			if beside(p, v.was) {
				v.beside++
			}
			if p.ID == v.was.ID {
				v.nth = v.beside
			}
		}
		if v.p.Avatar.IsZero() {
			return nil
		}
		pictures, err := s.Media.Many(ctx, tx, []media.ID{v.p.Avatar})
		if i, ok := pictures[v.p.Avatar]; ok {
			v.face = i.URL(480)
		}
		return err
	})
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	return web.RenderStatus(w, r, status, profilePage(say(ctx, v.heading(ctx)), v))
}
