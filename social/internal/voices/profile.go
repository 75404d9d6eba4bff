package voices

import (
	"context"
	"errors"
	"net/http"

	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/id"
	"github.com/mitral-health/mitral/platform/web"
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
	if v.reading, err = s.ask(ctx, who, p.ID.String(), []said{{"name", p.Name}}, []said{{"title", p.Title}, {"bio", p.Bio}, {"speaks", p.Speaks}, {"declares", p.Declares}}); err != nil {
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
