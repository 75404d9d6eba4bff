package care

import (
	"bytes"
	"context"
	"encoding/base64"
	"image/png"
	"net/http"
	"time"

	"github.com/skip2/go-qrcode"

	"github.com/mitral-health/mitral/clinical/internal/door"
	"github.com/mitral-health/mitral/clinical/internal/people"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/ui"
	"github.com/mitral-health/mitral/ui/text"
)

// person is a Patient as the team's pages name one.
type person struct {
	ID, Name string
	Age      int // -1 is unknown
}

func personOf(n *resource.Node, now time.Time) person {
	p := person{ID: n.ID(), Age: -1}
	name := n.Path("name")
	if name = name.At(0); name != nil {
		p.Name = name.Get("text").Str()
		if p.Name == "" {
			for _, g := range name.Get("given").Each() {
				p.Name += g.Str() + " "
			}
			p.Name += name.Get("family").Str()
		}
	}
	if p.Name == "" {
		p.Name = "Patient/" + p.ID
	}
	if born, err := time.Parse(time.DateOnly, n.Get("birthDate").Str()); err == nil {
		p.Age = now.Year() - born.Year()
		if now.YearDay() < born.YearDay() {
			p.Age--
		}
	}
	return p
}

// followed is one line of the list.
type followed struct {
	person
	Last *trend // with the newest reading; nil if there is none lately
}

type listView struct {
	List   []followed
	Next   string
	Search string
	Now    time.Time
}

// listReach is how far back the list looks for the newest reading of each.
const listReach = 2 * week

func (c *Care) list(v *door.Visit) error {
	q, err := web.Query(v.R)
	if err != nil {
		return err
	}
	now := c.Clock.Now()
	var view listView
	err = c.Records.Look(v.Ctx(), v.Ask, func(t *records.Tx) error {
		view = listView{Now: now, Search: q.Get("name")}
		find, err := c.query(t, "Patient", "name", view.Search, "_sort", "family", "_count", "20", "_cursor", q.Get("after"))
		if err != nil {
			return err
		}
		page, err := t.Search(v.Ctx(), find)
		if err != nil {
			return err
		}
		var ids []string
		view.Next = page.Next
		for i := range page.Records {
			n, err := resource.Parse(page.Records[i].Body)
			if err != nil {
				return err
			}
			view.List = append(view.List, followed{person: personOf(n, now)})
			ids = append(ids, n.ID())
		}
		if len(ids) == 0 {
			return nil
		}
		list, _, err := c.readings(v.Ctx(), t, ids, vitals.Measures(), now.Add(-listReach), mostReadings)
		if err != nil {
			return err
		}
		for i := range view.List {
			for j := range list {
				if r := list[j]; r.Patient == view.List[i].ID {
					view.List[i].Last = &trend{Measure: r.Measure, Unit: unit(r.Measure, list[j:j+1]), List: list[j : j+1]}
					break
				}
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return web.Render(v.W, v.R, listPage(&view))
}

// patientView is the page of one patient.
type patientView struct {
	person
	Trends    []trend
	Now       time.Time
	Connected time.Time // since when the app is; zero is not
	Open      *people.Invitation
}

func (c *Care) who(ctx context.Context, t *records.Tx, id string) (person, error) {
	r, err := t.Read(ctx, "Patient", id)
	if err != nil {
		return person{}, err
	}
	n, err := resource.Parse(r.Body)
	if err != nil {
		return person{}, err
	}
	return personOf(n, c.Clock.Now()), nil
}

func (c *Care) patient(v *door.Visit) error {
	view := patientView{Now: c.Clock.Now()}
	err := c.Records.Look(v.Ctx(), v.Ask, func(t *records.Tx) (err error) {
		if view.person, err = c.who(v.Ctx(), t, v.Patient); err == nil {
			view.Trends, err = c.trendsOf(v.Ctx(), t, v.Patient)
		}
		return err
	})
	if err == nil {
		view.Connected, err = c.People.Connected(v.Ctx(), v.Patient)
	}
	if err == nil {
		view.Open, err = c.People.Invited(v.Ctx(), v.Patient)
	}
	if err != nil {
		return err
	}
	return web.Render(v.W, v.R, patientPage(&view))
}

func (c *Care) patientTrend(v *door.Visit) error {
	var view trendView
	err := c.Records.Look(v.Ctx(), v.Ask, func(t *records.Tx) error {
		p, err := c.who(v.Ctx(), t, v.Patient)
		if err == nil {
			view, err = c.one(v.Ctx(), t, v.Patient, vitals.Measure(v.R.PathValue("measure")), periodOf(v.R.URL.Query().Get("for")))
			view.Name = p.Name
		}
		return err
	})
	if err != nil {
		return err
	}
	view.Back = "/care/" + v.Patient
	view.Path = view.Back + "/trends/" + string(view.Measure)
	return web.Render(v.W, v.R, teamTrendPage(&view))
}

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
