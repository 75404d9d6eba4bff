package control

import (
	"bytes"
	"context"
	"encoding/base64"
	"image/png"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/skip2/go-qrcode"

	"github.com/mitral-health/mitral/clinical/internal/door"
	"github.com/mitral-health/mitral/clinical/internal/people"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/ui"
	"github.com/mitral-health/mitral/ui/text"
)

// caregiversView is who acts for a patient: the patient's page, and the team's.
type caregiversView struct {
	List    []shown
	Now     time.Time
	Done    string
	Error   string
	Name    string // of the patient, on the team's page
	Patient string
	States  []State // on the team's page
	Form    url.Values
}

// shown is somebody who acts for a patient, with the sheet of an open invitation.
type shown struct {
	people.Caregiver
	Link, QR string
}

func (c *Control) caregivers(v *door.Visit) error { return c.showCaregivers(v, nil, nil) }

// showCaregivers draws the page; failed is what was wrong with a form that was sent.
func (c *Control) showCaregivers(v *door.Visit, form url.Values, failed error) error {
	view := caregiversView{Now: c.Clock.Now(), Form: form, Patient: v.Patient}
	team := strings.HasPrefix(v.Ref, "Practitioner/")
	err := c.Records.Look(v.Ctx(), v.Ask, func(t *records.Tx) (err error) {
		if view.Name, err = people.Name(v.Ctx(), t, v.Patient); err == nil && team {
			view.States, err = states(v.Ctx(), t.Beside(), v.Patient)
		}
		return err
	})
	if err != nil {
		return err
	}
	all, err := c.People.Caregivers(v.Ctx(), v.Patient)
	if err != nil {
		return err
	}
	for _, one := range all {
		s := shown{Caregiver: one}
		// A code is for the eyes of whoever hands it over.
		if one.Invitation != nil && (one.Ground == people.OwnConsent) != team {
			s.Link = c.People.Link(one.Invitation, ui.From(v.Ctx()).Origin)
			if s.QR, err = picture(s.Link); err != nil {
				return err
			}
		}
		view.List = append(view.List, s)
	}
	if v.R.URL.Query().Get("done") == "ended" {
		view.Done = text.T(v.Ctx(), "Ended. From now on they see nothing.")
	}
	status := http.StatusOK
	if failed != nil {
		view.Error, status = text.Fault(v.Ctx(), failed), http.StatusUnprocessableEntity
	}
	if team {
		return web.RenderStatus(v.W, v.R, status, teamPage(&view))
	}
	return web.RenderStatus(v.W, v.R, status, caregiversPage(&view))
}

// caring takes the forms of both pages: to invite somebody, or to end it.
func (c *Control) caring(v *door.Visit) error {
	form, err := web.Form(v.R)
	if err != nil {
		return err
	}
	to := v.R.URL.Path
	if form.Get("do") == "end" {
		if err := c.People.EndCaregiver(v.Ctx(), v.Ask, v.Patient, form.Get("person")); err != nil {
			return err
		}
		return web.Redirect(v.W, v.R, to+"?done=ended")
	}
	who := people.Caring{Name: strings.TrimSpace(form.Get("name")), Relation: form.Get("relation"), Ground: people.OwnConsent, Until: c.untilOf(form.Get("until"))}
	if strings.HasPrefix(v.Ref, "Practitioner/") {
		who.Ground, who.Paper = people.Ground(form.Get("ground")), strings.TrimSpace(form.Get("paper"))
	}
	if _, err := c.People.InviteCaregiver(v.Ctx(), v.Ask, v.Patient, who, text.Lang(v.Ctx())); err != nil {
		if fault.Is(err, fault.Invalid) || fault.Is(err, fault.Conflict) {
			return c.showCaregivers(v, form, err)
		}
		return err
	}
	return web.Redirect(v.W, v.R, to)
}

// untilOf is the end of a period that a form names; the zero time is none.
func (c *Control) untilOf(s string) time.Time {
	now := c.Clock.Now()
	switch s {
	case "month":
		return now.AddDate(0, 1, 0)
	case "half":
		return now.AddDate(0, 6, 0)
	case "year":
		return now.AddDate(1, 0, 0)
	}
	return time.Time{}
}

// picture is a code to scan, as the address of an image.
func picture(link string) (string, error) {
	code, err := qrcode.New(link, qrcode.Medium)
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	if err := png.Encode(&b, code.Image(440)); err != nil {
		return "", err
	}
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes()), nil
}

// noted is the team's "we know" of a change of what a patient allows.
func (c *Control) noted(v *door.Visit) error {
	err := c.Records.Do(v.Ctx(), v.Ask, func(t *records.Tx) error {
		if _, err := people.Name(v.Ctx(), t, v.Patient); err != nil || c.Noted == nil {
			return err
		}
		return c.Noted(v.Ctx(), t, v.Patient)
	})
	if err != nil {
		return err
	}
	return web.Redirect(v.W, v.R, "/care/"+v.Patient)
}

func (s *shown) over(now time.Time) bool { return !s.Until.IsZero() && !s.Until.After(now) }

func relationOptions(ctx context.Context) []ui.Option {
	var all []ui.Option
	for _, code := range people.Relations() {
		all = append(all, ui.Option{Value: code, Label: relationWord(ctx, code)})
	}
	return all
}

func untilOptions(ctx context.Context) []ui.Option {
	return []ui.Option{{Value: "", Label: text.T(ctx, "Until it is ended")}, {Value: "month", Label: text.T(ctx, "One month")},
		{Value: "half", Label: text.T(ctx, "Half a year")}, {Value: "year", Label: text.T(ctx, "One year")}}
}
