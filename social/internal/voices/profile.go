package voices

import (
	"context"
	"errors"
	"net/http"

	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/id"
	"github.com/mitral-health/mitral/platform/page"
	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/social/internal/media"
	"github.com/mitral-health/mitral/social/internal/posts"
	"github.com/mitral-health/mitral/social/internal/profiles"
	"github.com/mitral-health/mitral/ui/text"
)

// show is the page of one profile.
func (s *Voices) show(w http.ResponseWriter, r *http.Request) error {
	q, err := web.Query(r)
	if err != nil {
		return err
	}
	p, err := s.stored(r.Context(), r.PathValue("handle"), profiles.ID{})
	if err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, profileView{p: p, was: p, done: q.Get("done")})
}

// fresh is the form for a new profile; without ?kind= it asks which.
func (s *Voices) fresh(w http.ResponseWriter, r *http.Request) error {
	q, err := web.Query(r)
	if err != nil {
		return err
	}
	kind := profiles.Kind(q.Get("kind"))
	switch kind {
	case profiles.Organisation, profiles.Department, profiles.Clinician:
		return s.render(w, r, http.StatusOK, profileView{p: profiles.Profile{Kind: kind}})
	}
	w.Header().Set("Cache-Control", "no-store")
	return web.Render(w, r, kindPage(say(r.Context(), text.T(r.Context(), "A new profile"))))
}

// make stores a new profile.
func (s *Voices) make(w http.ResponseWriter, r *http.Request) error {
	if err := mayChange(identity.From(r.Context())); err != nil {
		return err
	}
	f, err := s.readForm(r)
	if err != nil {
		return err
	}
	switch f.kind {
	case profiles.Organisation, profiles.Department, profiles.Clinician:
		return s.save(w, r, f, profiles.Profile{Kind: f.kind})
	}
	return fault.New(fault.Invalid, "A profile is the organisation, a department or a clinician.")
}

// change does what the buttons of a stored profile's page say.
func (s *Voices) change(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if err := mayChange(identity.From(ctx)); err != nil {
		return err
	}
	f, err := s.readForm(r)
	if err != nil {
		return err
	}
	was, err := s.stored(ctx, r.PathValue("handle"), f.id)
	if err != nil {
		return err
	}
	switch f.do {
	case "save":
		return s.save(w, r, f, was)
	case "retire", "restore":
		err = s.retire(ctx, was.ID, f.rev, f.do == "retire")
	case "up", "down":
		err = s.place(ctx, was.ID, f.do == "up")
	default:
		return fault.New(fault.Invalid, "This form could not be read.")
	}
	if fault.Is(err, fault.Conflict) {
		return s.render(w, r, web.Status(err), profileView{p: was, was: was, wrong: problems{{"", err}}})
	}
	if err != nil {
		return err
	}
	return web.Redirect(w, r, "/admin/profiles/"+was.Handle+"?done="+f.do)
}

// stored reads a profile by its handle or, if that was changed while somebody wrote, by its id.
func (s *Voices) stored(ctx context.Context, handle string, or profiles.ID) (p profiles.Profile, err error) {
	err = s.Store.Read(ctx, func(tx db.Tx) error {
		if p, err = s.Profiles.ByHandle(ctx, tx, handle); fault.Is(err, fault.NotFound) && !or.IsZero() {
			p, err = s.Profiles.Get(ctx, tx, or)
		}
		return err
	})
	return p, err
}

// save stores what the form says over was, or shows the form again with what is wrong.
func (s *Voices) save(w http.ResponseWriter, r *http.Request, f *form, was profiles.Profile) error {
	ctx, who := r.Context(), identity.From(r.Context())
	if f.rev != was.Rev {
		return s.clash(w, r, f, was)
	}
	fixed, err := s.spoke(ctx, was.ID)
	if err != nil {
		return err
	}
	if fixed {
		f.handle = was.Handle
	}
	p := f.into(was, s.langs())
	lost := f.seal(&p, was, who)
	v := profileView{p: p, was: was, f: f, attested: f.attested, wrong: f.wrong}
	if v.reading, err = s.ask(ctx, who, p.ID.String(), []said{{"title", p.Title}, {"bio", p.Bio}, {"speaks", p.Speaks}, {"declares", p.Declares}}); err != nil {
		v.wrong = append(v.wrong, problem{"", err})
		return s.render(w, r, web.Status(err), v)
	}
	if err := v.reading.stops(f.attested); err != nil {
		v.wrong = append(v.wrong, problem{"gate", err})
	}
	if len(v.wrong) == 0 {
		err = s.write(ctx, &p, was)
	} else {
		err = v.wrong
	}
	var wrong problems
	switch {
	case err == nil && lost:
		return web.Redirect(w, r, "/admin/profiles/"+p.Handle+"?done=unsealed")
	case err == nil:
		return web.Redirect(w, r, "/admin/profiles/"+p.Handle+"?done=saved")
	case errors.Is(err, profiles.ErrChanged):
		now, err := s.stored(ctx, was.Handle, was.ID)
		if err != nil {
			return err
		}
		return s.clash(w, r, f, now)
	case errors.As(err, &wrong):
		v.wrong = wrong
		return s.render(w, r, web.Status(wrong), v)
	}
	return err
}

// write stores p in one transaction with the checks of what it refers to.
func (s *Voices) write(ctx context.Context, p *profiles.Profile, was profiles.Profile) error {
	staff, err := s.Staff(ctx)
	if err != nil {
		return err
	}
	return s.Store.Write(ctx, func(tx db.Tx) error {
		if err := s.refers(ctx, tx, *p, was, staff); err != nil {
			return err
		}
		all, err := s.Profiles.All(ctx, tx)
		if err != nil {
			return err
		}
		if was.ID.IsZero() {
			p.ID = id.New[profiles.Profile](s.Clock.Now())
			for _, other := range all {
				p.Position = max(p.Position, other.Position+1)
			}
		}
		for _, other := range all {
			if other.ID == was.ID {
				p.Position = other.Position // moved meanwhile, which is no change of the profile
			}
		}
		err = s.Profiles.Save(ctx, tx, *p)
		if errors.Is(err, profiles.ErrChanged) {
			return err
		}
		return about(err)
	})
}

// clash shows what somebody wrote over a profile that a colleague changed meanwhile, and what that
// colleague wrote. Nothing is stored; sending the form again is a decision.
func (s *Voices) clash(w http.ResponseWriter, r *http.Request, f *form, now profiles.Profile) error {
	fixed, err := s.spoke(r.Context(), now.ID)
	if err != nil {
		return err
	}
	if fixed {
		f.handle = now.Handle
	}
	mine := f.into(now, s.langs())
	v := profileView{p: mine, was: now, f: f, clash: true, wrong: append(problems{{"", profiles.ErrChanged}}, f.wrong...)}
	v.p.VerifiedOn = now.VerifiedOn
	return s.render(w, r, web.Status(profiles.ErrChanged), v)
}

// spoke reports whether anything is public under a profile's address, so that it must stay.
func (s *Voices) spoke(ctx context.Context, p profiles.ID) (yes bool, err error) {
	if p.IsZero() {
		return false, nil
	}
	err = s.Store.Read(ctx, func(tx db.Tx) error {
		yes = false
		for _, lang := range []string{"en", "es"} {
			some, err := s.Posts.Page(ctx, tx, posts.List{Profile: p, Lang: lang}, page.Cursor{}, 1)
			if err != nil {
				return err
			}
			yes = yes || len(some.Items) > 0
		}
		return nil
	})
	return yes, err
}

// retire takes a voice away or gives it back.
func (s *Voices) retire(ctx context.Context, which profiles.ID, rev int, retire bool) error {
	return s.Store.Write(ctx, func(tx db.Tx) error {
		p, err := s.Profiles.Get(ctx, tx, which)
		if err != nil {
			return err
		}
		if p.Rev != rev {
			return profiles.ErrChanged
		}
		if retire == !p.Retired.IsZero() {
			return nil
		}
		p.Retired = s.Clock.Now()
		if !retire {
			p.Retired = db.FromMicros(0)
		}
		return s.Profiles.Save(ctx, tx, p)
	})
}

// place moves a profile past its neighbour among those that stand beside it on the page of people.
func (s *Voices) place(ctx context.Context, which profiles.ID, up bool) error {
	return s.Store.Write(ctx, func(tx db.Tx) error {
		all, err := s.Profiles.All(ctx, tx)
		if err != nil {
			return err
		}
		from, to := -1, -1
		for i := range all {
			if all[i].ID == which {
				from = i
			}
		}
		for i := range all {
			if from < 0 || i == from || !beside(all[i], all[from]) {
				continue
			}
			if up && i < from || !up && i > from && to < 0 {
				to = i
			}
		}
		if to < 0 {
			return nil
		}
		all[from], all[to] = all[to], all[from]
		order := make([]profiles.ID, len(all))
		for i := range all {
			order[i] = all[i].ID
		}
		return s.Profiles.Order(ctx, tx, order)
	})
}

// beside reports whether two profiles stand in the same group on the page of people.
func beside(a, b profiles.Profile) bool {
	return a.Kind == b.Kind && a.Retired.IsZero() && (a.Kind != profiles.Clinician || a.Department == b.Department)
}

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
