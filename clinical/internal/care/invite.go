package care

import (
	"bytes"
	"encoding/base64"
	"image/png"
	"net/http"

	"github.com/skip2/go-qrcode"

	"github.com/mitral-health/mitral/clinical/internal/door"
	"github.com/mitral-health/mitral/clinical/internal/people"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/ui"
	"github.com/mitral-health/mitral/ui/text"
	"time"
)

// inviteView is the page that invites, and the sheet to hand over.
type inviteView struct {
	person
	Open      *people.Invitation
	Link, QR  string
	Connected time.Time
	Address   string
	Lang      string
	Error     string
}

func (c *Care) showInvite(v *door.Visit, status int, address string, failed error) error {
	view := inviteView{Address: address, Lang: text.Lang(v.Ctx())}
	err := c.Records.Look(v.Ctx(), v.Ask, func(t *records.Tx) (err error) {
		view.person, err = c.who(v.Ctx(), t, v.Patient)
		return err
	})
	if err == nil {
		view.Connected, err = c.People.Connected(v.Ctx(), v.Patient)
	}
	if err == nil {
		view.Open, err = c.People.Invited(v.Ctx(), v.Patient)
	}
	if err == nil && view.Open != nil {
		view.Link = c.People.Link(view.Open, ui.From(v.Ctx()).Origin)
		view.QR, err = picture(view.Link)
	}
	if err != nil {
		return err
	}
	if failed != nil {
		view.Error = text.Fault(v.Ctx(), failed)
	}
	return web.RenderStatus(v.W, v.R, status, invitePageTempl(&view))
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

func (c *Care) invitePage(v *door.Visit) error { return c.showInvite(v, http.StatusOK, "", nil) }

func (c *Care) invite(v *door.Visit) error {
	form, err := web.Form(v.R)
	if err != nil {
		return err
	}
	if form.Get("do") == "withdraw" {
		err = c.People.Withdraw(v.Ctx(), v.Ask, v.Patient)
	} else {
		_, err = c.People.Invite(v.Ctx(), v.Ask, v.Patient, form.Get("address"), form.Get("lang"))
	}
	if fault.Is(err, fault.Invalid) || fault.Is(err, fault.Unavailable) {
		return c.showInvite(v, http.StatusUnprocessableEntity, form.Get("address"), err)
	}
	if err != nil {
		return err
	}
	return web.Redirect(v.W, v.R, "/care/"+v.Patient+"/invite")
}
