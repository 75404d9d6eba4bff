package control

import (
	"context"
	"net/http"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/door"
	"github.com/mitral-health/mitral/clinical/internal/people"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/ui/text"
)

// meView is the tab "Me".
type meView struct {
	Name   string
	Now    time.Time
	Looked *records.LookedAt // the newest look of somebody of the team or who acts for the patient
	States []State
	Caring []people.Caregiver
	Acting int // for how many others the visitor acts
}

func (c *Control) me(v *door.Visit) error {
	if v.For != "" {
		return c.actingPage(v)
	}
	view := meView{Name: v.Name, Now: c.Clock.Now()}
	err := c.Records.Look(v.Ctx(), v.Ask, func(t *records.Tx) error {
		looks, _, err := t.Looks(v.Ctx(), v.Patient, "", 40)
		if err != nil {
			return err
		}
		view.Looked = nil
		for i := range looks {
			if l := looks[i]; !l.Refused && (l.Kind == access.Clinician || l.Kind == access.Caregiver) {
				view.Looked = &l
				break
			}
		}
		view.States, err = states(v.Ctx(), t.Beside(), v.Patient)
		return err
	})
	if err == nil {
		view.Caring, err = c.People.Caregivers(v.Ctx(), v.Patient)
	}
	var acting []people.Acting
	if err == nil {
		acting, err = c.People.ActsFor(v.Ctx(), v.Ask.Who.ID)
	}
	if err != nil {
		return err
	}
	view.Acting = len(acting)
	return web.Render(v.W, v.R, mePage(&view))
}

// actingView is the tab "Me" of somebody who acts for a patient.
type actingView struct {
	people.Authority
	Own string // name of who acts
}

func (c *Control) actingPage(v *door.Visit) error {
	a, err := c.People.Authority(v.Ctx(), v.Ask.Who.ID, v.Patient)
	if err != nil || a == nil {
		return door.Said(orAbsent(err))
	}
	return web.Render(v.W, v.R, actingTempl(&actingView{*a, v.Name}))
}

// stop ends that the visitor acts for the patient: their own choice.
func (c *Control) stop(v *door.Visit) error {
	if v.For == "" {
		return orAbsent(nil)
	}
	a, err := c.People.Authority(v.Ctx(), v.Ask.Who.ID, v.Patient)
	if err != nil || a == nil {
		return orAbsent(err)
	}
	if err := c.People.StopCaring(v.Ctx(), v.Ask, v.Patient, a.Person); err != nil {
		return err
	}
	return web.Redirect(v.W, v.R, "/for?done=ended")
}

// forView is whom somebody acts for.
type forView struct {
	List []people.Acting
	Own  bool // they have a record of their own here
	Done bool
	Now  time.Time
}

// actsFor is the page /for.
func (c *Control) actsFor(w http.ResponseWriter, r *http.Request) error {
	subject := identity.PatientFrom(r.Context()).Subject(identity.Clinical).String()
	view := forView{Now: c.Clock.Now(), Done: r.URL.Query().Get("done") == "ended"}
	var err error
	if view.List, err = c.People.ActsFor(r.Context(), subject); err != nil {
		return err
	}
	own, err := c.People.PatientOf(r.Context(), subject)
	if err != nil {
		return err
	}
	view.Own = own != ""
	return web.Render(w, r, forPage(&view))
}

// consentsView is what the patient allows.
type consentsView struct {
	States  []State
	History map[Purpose][]Said
	Done    *State // what was just changed
}

func (c *Control) consents(v *door.Visit) error {
	var view consentsView
	done := Purpose(v.R.URL.Query().Get("done"))
	err := c.Records.Look(v.Ctx(), v.Ask, func(t *records.Tx) (err error) {
		view = consentsView{History: map[Purpose][]Said{}}
		if view.States, err = states(v.Ctx(), t.Beside(), v.Patient); err != nil {
			return err
		}
		for i, s := range view.States {
			if view.History[s.Purpose], err = history(v.Ctx(), t, s); err != nil {
				return err
			}
			if s.Purpose == done && !s.Since.IsZero() {
				view.Done = &view.States[i]
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return web.Render(v.W, v.R, consentsPage(&view))
}

// say takes one press: give, or take back.
func (c *Control) say(v *door.Visit) error {
	form, err := web.Form(v.R)
	if err != nil {
		return err
	}
	p := Purpose(form.Get("purpose"))
	err = c.Records.Do(v.Ctx(), v.Ask, func(t *records.Tx) error {
		return c.Say(v.Ctx(), t, v.Patient, p, form.Get("do") == "allow")
	})
	if err != nil {
		return err
	}
	return web.Redirect(v.W, v.R, "/my/me/consents?done="+string(p)+"#"+string(p))
}

// allowedWord says how many of the purposes are allowed.
func allowedWord(ctx context.Context, all []State) string {
	n := 0
	for _, s := range all {
		if s.Allowed {
			n++
		}
	}
	return text.T(ctx, "%d of %d allowed", n, len(all))
}
