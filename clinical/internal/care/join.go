package care

import (
	"context"
	"net/http"
	"strings"

	"github.com/mitral-health/mitral/clinical/internal/door"
	"github.com/mitral-health/mitral/clinical/internal/people"
	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/ui/text"
)

// The way in. The code waits in a cookie of this browser while the account is made, so that it stands in no
// other store and in no address after the first.

const codeCookie = "join"

// joinView is the page of the code.
type joinView struct {
	Code      string // that the browser brought, and that can be used
	Typed     string
	Signed    string // name of the patient who is signed in
	Caring    bool   // the code lets somebody act for a patient
	For       string // whose name is this; only for who is signed in
	Error     string
	Invitable bool // a new account can be made
}

func (c *Care) keepCode(w http.ResponseWriter, code string, age int) {
	http.SetCookie(w, &http.Cookie{Name: codeCookie, Value: code, Path: "/join", MaxAge: age, HttpOnly: true,
		Secure: strings.HasPrefix(c.Base, "https://"), SameSite: http.SameSiteLaxMode})
}

// joinLink takes the code out of the address of an invitation.
func (c *Care) joinLink(w http.ResponseWriter, r *http.Request) error {
	if _, err := c.People.Find(r.Context(), r.PathValue("code")); err != nil {
		return c.showJoin(w, r, joinView{Typed: r.PathValue("code")}, err)
	}
	c.keepCode(w, r.PathValue("code"), 24*3600)
	return web.Redirect(w, r, "/join")
}

func (c *Care) joinPage(w http.ResponseWriter, r *http.Request) error {
	var v joinView
	if k, err := r.Cookie(codeCookie); err == nil {
		switch found, err := c.People.Find(r.Context(), k.Value); {
		case err == nil:
			v.Code, v.Caring = k.Value, found.Person != ""
			if identity.PatientFrom(r.Context()) != nil {
				v.For = found.For
			}
		case fault.Is(err, fault.NotFound):
			c.keepCode(w, "", -1)
		default:
			return err
		}
	}
	if p := identity.PatientFrom(r.Context()); p != nil && v.Code == "" && !r.URL.Query().Has("more") {
		patient, err := c.People.PatientOf(r.Context(), p.Subject(identity.Clinical).String())
		if err != nil {
			return err
		}
		if patient != "" {
			return web.Redirect(w, r, "/my")
		}
	}
	return c.showJoin(w, r, v, nil)
}

func (c *Care) showJoin(w http.ResponseWriter, r *http.Request, v joinView, err error) error {
	if identity.From(r.Context()) != nil {
		return fault.New(fault.Forbidden, "This page is for patients. You are signed in as staff.")
	}
	if p := identity.PatientFrom(r.Context()); p != nil {
		v.Signed = p.Name
	}
	v.Invitable = c.Enrol != nil
	status := http.StatusOK
	if err != nil {
		if !fault.Is(err, fault.NotFound) && !fault.Is(err, fault.Invalid) {
			return err
		}
		v.Error, status = text.Fault(r.Context(), err), http.StatusUnprocessableEntity
	}
	return web.RenderStatus(w, r, status, joinTempl(v))
}

// join goes on with a code: to making an account or, for a patient who is signed in and says yes, to the record.
func (c *Care) join(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	ctx, typed := r.Context(), form.Get("code")
	if identity.From(ctx) != nil {
		return fault.New(fault.Forbidden, "This page is for patients. You are signed in as staff.")
	}
	if p := identity.PatientFrom(ctx); p != nil && form.Get("do") == "connect" {
		subject := p.Subject(identity.Clinical).String()
		found, _ := c.People.Find(ctx, typed)
		_, err := c.People.Accept(ctx, subject, p.Name, typed)
		to := "/my?welcome=1"
		if err != nil {
			if err = door.Said(err); fault.Is(err, fault.Invalid) {
				return c.showJoin(w, r, joinView{Typed: typed}, err)
			} else if !fault.Is(err, fault.NotFound) {
				return err
			}
			if to, err = c.usedUp(ctx, subject); to == "" || err != nil {
				return c.showJoin(w, r, joinView{Typed: typed}, people.ErrCode)
			}
		} else if found != nil && found.Person != "" {
			to = "/for/" + found.Patient
		}
		c.keepCode(w, "", -1)
		return web.Redirect(w, r, to)
	}
	found, err := c.People.Find(ctx, typed)
	if err != nil {
		return c.showJoin(w, r, joinView{Typed: typed}, err)
	}
	c.keepCode(w, typed, 24*3600)
	if form.Get("do") != "account" || c.Enrol == nil {
		return web.Redirect(w, r, "/join")
	}
	to, err := c.Enrol(ctx, found.Address, text.Lang(ctx))
	if err != nil {
		return err
	}
	return web.Redirect(w, r, to)
}

// usedUp is where somebody goes whose first of two presses has used the code up; "" if nothing was connected.
func (c *Care) usedUp(ctx context.Context, subject string) (string, error) {
	patient, err := c.People.PatientOf(ctx, subject)
	if err != nil || patient != "" {
		return "/my?welcome=1", err
	}
	all, err := c.People.ActsFor(ctx, subject)
	if err != nil || len(all) == 0 {
		return "", err
	}
	return "/for", nil
}
