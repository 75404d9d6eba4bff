package care

import (
	"context"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/alerts"
	"github.com/mitral-health/mitral/clinical/internal/door"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/thresholds"
	"github.com/mitral-health/mitral/clinical/internal/triage"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/web"
)

// assignment is something that a decision asked a colleague to do.
type assignment struct {
	ID, Patient string
	What        string
	Owner, From string // "Practitioner/x"
	Since       time.Time
}

// openTasks are those that are not done, of a patient ("patient") or for somebody ("owner"), oldest first.
func (c *Care) openTasks(ctx context.Context, t *records.Tx, by, ref string) (out []assignment, err error) {
	page, err := t.Find(ctx, "Task", by, ref, "status", "requested", "_sort", "authored-on", "_count", "50")
	if err != nil {
		return nil, err
	}
	for i := range page.Records {
		n, err := resource.Parse(page.Records[i].Body)
		if err != nil {
			return nil, err
		}
		k := assignment{ID: n.ID(), What: n.Get("description").Str(), Owner: n.Path("owner", "reference").Str(), From: n.Path("requester", "reference").Str()}
		k.Patient, _ = cutType(n.Path("for", "reference").Str(), "Patient")
		k.Since, _ = time.Parse(time.RFC3339, n.Get("authoredOn").Str())
		out = append(out, k)
	}
	return out, nil
}

func cutType(ref, typ string) (id string, ok bool) {
	if len(ref) > len(typ) && ref[:len(typ)] == typ && ref[len(typ)] == '/' {
		return ref[len(typ)+1:], true
	}
	return "", false
}

// makeTask stores a task of a decision, and puts it with what waits for the team.
func (c *Care) makeTask(ctx context.Context, t *records.Tx, a *alerts.Alert, what, owner, from string) (ref string, err error) {
	o, m, s := resource.O, resource.M, resource.S
	to := func(ref string) resource.Node { return o(m("reference", s(ref))) }
	n := o(m("resourceType", s("Task")), m("status", s("requested")), m("intent", s("order")), m("description", s(what)),
		m("focus", to("DetectedIssue/"+a.ID)), m("for", to("Patient/"+a.Patient)),
		m("authoredOn", s(t.Now().UTC().Format(time.RFC3339))), m("requester", to(from)), m("owner", to(owner)))
	r, err := t.Create(ctx, &n)
	if err != nil {
		return "", err
	}
	ref = "Task/" + r.ID
	return ref, c.Triage.Wait(ctx, t, triage.Waiting{Patient: a.Patient, Kind: "task", Ref: ref, Severity: thresholds.Attention, Since: t.Now()})
}

// finish says that a task is done.
func (c *Care) finish(v *door.Visit) error {
	form, err := web.Form(v.R)
	if err != nil {
		return err
	}
	id := v.R.PathValue("task")
	err = c.Records.Do(v.Ctx(), v.Ask, func(t *records.Tx) error {
		r, err := t.Read(v.Ctx(), "Task", id)
		if err != nil {
			return err
		}
		n, err := resource.Parse(r.Body)
		if err != nil {
			return err
		}
		if n.Path("for", "reference").Str() != "Patient/"+v.Patient {
			return fault.New(fault.NotFound, "There is no such page.")
		}
		if n.Get("status").Str() != "requested" {
			return nil // done already: the second press
		}
		n.Set("status", resource.S("completed"))
		n.Set("lastModified", resource.S(t.Now().UTC().Format(time.RFC3339)))
		if _, _, err = t.Update(v.Ctx(), n, records.IfMatch(r.Version)); err != nil {
			return err
		}
		return c.Triage.Settle(v.Ctx(), t, v.Patient, "task", "Task/"+id)
	})
	if err != nil {
		return err
	}
	if form.Get("back") == "work" {
		return web.Redirect(v.W, v.R, "/care/work?done=finished")
	}
	return web.Redirect(v.W, v.R, "/care/"+v.Patient+"?done=finished")
}
