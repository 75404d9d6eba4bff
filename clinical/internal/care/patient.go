package care

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/alerts"
	"github.com/mitral-health/mitral/clinical/internal/door"
	"github.com/mitral-health/mitral/clinical/internal/people"
	"github.com/mitral-health/mitral/clinical/internal/plans"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/thresholds"
	"github.com/mitral-health/mitral/clinical/internal/triage"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/ui/text"
)

// patientView is the page of one patient.
type patientView struct {
	person
	Phone     string
	Has       []string // conditions of the record
	Followed  *triage.Followed
	Set       *thresholds.Set // nil: not followed
	Open      []alertView     // not closed; who waits first
	Past      []alerts.Alert
	Load      triage.Load
	Waits     []triage.Waiting // besides alerts
	Trends    []trend
	Said      []said // the newest messages, newest last
	Unread    int
	Tasks     []assignment
	Plan      *plans.Overview
	Names     map[string]string
	Staff     []colleague
	Me        string // reference of who looks
	Now       time.Time
	Connected time.Time // since when the app is; zero is not
	Invited   *people.Invitation
	Queue     *queueView
	Done      string // what was just done
	Failed    *failed
}

// failed is an act that was refused: what was written is kept.
type failed struct {
	Err   error
	Alert string // which alert it was about
	Do    string
	Form  url.Values
}

// typed is what stood in a field of the refused form.
func (v *patientView) typed(alert, do, field string) string {
	if v.Failed == nil || v.Failed.Alert != alert || v.Failed.Do != do {
		return ""
	}
	return v.Failed.Form.Get(field)
}

func (v *patientView) opened(alert, do string) bool {
	return v.Failed != nil && v.Failed.Alert == alert && v.Failed.Do == do
}

// unit is what this patient's numbers of a measure are shown in.
func (v *patientView) unit(m vitals.Measure) *vitals.Unit {
	for i := range v.Trends {
		if v.Trends[i].Measure == m {
			return v.Trends[i].Unit
		}
	}
	return vitals.Of(m).Canonical()
}

// name is what somebody is called, if they are known.
func (v *patientView) name(ctx context.Context, ref string) string {
	return nameOf(ctx, v.Names, ref)
}

func (c *Care) patient(v *door.Visit) error {
	return c.showPatient(v, http.StatusOK, nil)
}

func (c *Care) showPatient(v *door.Visit, status int, wrong *failed) error {
	q, err := web.Query(v.R)
	if err != nil {
		return err
	}
	view := &patientView{}
	err = c.Records.Look(v.Ctx(), v.Ask, func(t *records.Tx) error {
		*view = patientView{Now: c.Clock.Now(), Me: v.Ref, Done: q.Get("done"), Failed: wrong}
		return c.fillPatient(v.Ctx(), t, v.Patient, view)
	})
	if err == nil {
		view.Connected, err = c.People.Connected(v.Ctx(), v.Patient)
	}
	if err == nil {
		view.Invited, err = c.People.Invited(v.Ctx(), v.Patient)
	}
	if err == nil {
		view.Queue, err = c.queue(v, q.Get("who"), "")
	}
	if err != nil {
		return err
	}
	view.Queue.Chosen = v.Patient
	return web.RenderStatus(v.W, v.R, status, patientPage(view))
}

func (c *Care) fillPatient(ctx context.Context, t *records.Tx, id string, view *patientView) error {
	r, err := t.Read(ctx, "Patient", id)
	if err != nil {
		return err
	}
	n, err := resource.Parse(r.Body)
	if err != nil {
		return err
	}
	view.person, view.Phone = personOf(n, view.Now), phoneOf(n)
	if view.Has, err = c.conditions(ctx, t, id); err != nil {
		return err
	}
	page, err := t.Shows(ctx, "patient", id, "Observation", "Goal", "CarePlan")
	if err != nil {
		return err
	}
	zone := text.Zone(ctx)
	read, err := c.lately(ctx, page, id)
	if err != nil {
		return err
	}
	agreed, _, err := c.goalsOf(ctx, page, id, time.Time{})
	if err != nil {
		return err
	}
	view.Trends = trendsOf(read, agreed, view.Now, zone)
	if view.Followed, err = c.Triage.Followed(ctx, t, id); err != nil {
		return err
	}
	if view.Set, err = c.Triage.Thresholds(ctx, t, id); err != nil {
		return err
	}
	all, err := c.Triage.Alerts(ctx, t, id, true)
	if err != nil {
		return err
	}
	if view.Load, err = c.Triage.Load(ctx, t, id); err != nil {
		return err
	}
	if view.Waits, err = c.Triage.Waits(ctx, t, id); err != nil {
		return err
	}
	if view.Said, err = c.lastSaid(ctx, t, id); err != nil {
		return err
	}
	if view.Unread, err = c.Talk.Unread(ctx, t, id, view.Me); err != nil {
		return err
	}
	if view.Tasks, err = c.openTasks(ctx, t, "patient", "Patient/"+id); err != nil {
		return err
	}
	if view.Plan, err = c.Plans.Overview(ctx, t, page, id, read, view.Now, zone); err != nil {
		return err
	}
	refs := []string{view.Me}
	if f := view.Followed; f != nil {
		refs = append(refs, f.Responsible, f.Deputy)
	}
	if err := c.fillAlerts(ctx, t, all, view, &refs); err != nil {
		return err
	}
	for _, k := range view.Tasks {
		refs = append(refs, k.Owner, k.From)
	}
	view.Staff, err = c.colleagues(ctx, t)
	if err != nil {
		return err
	}
	view.Names, err = c.staffNames(ctx, t, refs...)
	return err
}

// phoneOf is the number to call a patient at, "" if none is known.
func phoneOf(n *resource.Node) string {
	for _, one := range n.Get("telecom").Each() {
		if one.Get("system").Str() == "phone" && one.Get("use").Str() != "old" {
			return one.Get("value").Str()
		}
	}
	return ""
}

// conditions are the active ones of a record, by name.
func (c *Care) conditions(ctx context.Context, t *records.Tx, patient string) (out []string, err error) {
	page, err := t.Find(ctx, "Condition", "patient", "Patient/"+patient, "clinical-status", "active", "_count", "10")
	if err != nil {
		return nil, err
	}
	for i := range page.Records {
		n, err := resource.Parse(page.Records[i].Body)
		if err != nil {
			return nil, err
		}
		code := n.Get("code")
		name := code.Get("text").Str()
		if name == "" {
			name = code.Path("coding", "display").Str()
		}
		if name = strings.TrimSpace(name); name != "" && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out, nil
}
