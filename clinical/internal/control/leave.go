package control

import (
	"net/http"

	"github.com/mitral-health/mitral/clinical/internal/door"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/ui/text"
)

// leaveView is the page on which a patient leaves.
type leaveView struct{ Error string }

func (c *Control) leavePage(v *door.Visit) error {
	return web.Render(v.W, v.R, leaveTempl(leaveView{}))
}

// leave ends, in one transaction, the link of the account, what it invited, whom it let in and that the team is alerted;
// then every session. The record stays: it is the centre's to keep.
func (c *Control) leave(v *door.Visit) error {
	form, err := web.Form(v.R)
	if err != nil {
		return err
	}
	if form.Get("sure") == "" {
		wrong := fault.New(fault.Invalid, "Tick the box first: so that nobody leaves by accident.")
		return web.RenderStatus(v.W, v.R, http.StatusUnprocessableEntity, leaveTempl(leaveView{text.Fault(v.Ctx(), wrong)}))
	}
	err = c.Records.Do(v.Ctx(), v.Ask, func(t *records.Tx) error {
		was, err := c.Allows(v.Ctx(), t, v.Patient, Following)
		if err != nil {
			return err
		}
		if was { // only what leaving ended begins again for who comes back
			_, err = t.Beside().Exec(v.Ctx(), `INSERT INTO control_left (patient, at) VALUES ($1, $2) ON CONFLICT (patient) DO UPDATE SET at = excluded.at`, v.Patient, db.Micros(t.Now()))
			if err == nil {
				err = c.Say(v.Ctx(), t, v.Patient, Following, false)
			}
		}
		for _, end := range c.Left {
			if err == nil {
				err = end(v.Ctx(), t, v.Patient)
			}
		}
		if err != nil {
			return err
		}
		return c.People.Leave(v.Ctx(), t, v.Patient)
	})
	if err == nil && c.EndSessions != nil {
		err = c.EndSessions(v.Ctx())
	}
	if err != nil {
		return err
	}
	return web.Redirect(v.W, v.R, "/left")
}

func (c *Control) left(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, leftTempl())
}
