package plans

import (
	"context"
	"strings"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/ui/text"
)

// errMoved is for whoever changes what somebody else changed since.
var errMoved = fault.New(fault.Conflict, "Somebody else changed this at the same moment. Open the page again.")

// Start makes a plan of a template ("hypertension", "diabetes", "heart-failure", "copd", "joint-surgery"), as it is, in
// force from the day on that at falls on in its own zone. ask is a clinician's.
func (p *Plans) Start(ctx context.Context, ask records.Ask, patient, template string, at time.Time) (*Plan, error) {
	tpl := TemplateOf(template)
	if tpl == nil {
		return nil, absent()
	}
	plan := tpl.plan(patient, DayOf(at, at.Location()))
	plan.Status = Active
	return plan, p.create(ctx, ask, plan)
}

// create stores a new plan with its goals, and what it refers to.
func (p *Plans) create(ctx context.Context, ask records.Ask, plan *Plan) error {
	by, err := p.People.Practitioner(ctx, ask.Who.ID, ask.Who.Name)
	if err == nil {
		err = p.publish(ctx, plan)
	}
	if err != nil {
		return err
	}
	return p.Records.Do(ctx, ask, func(t *records.Tx) error {
		if _, err := t.Read(ctx, "Patient", plan.Patient); err != nil {
			return err
		}
		for i := range plan.Goals {
			plan.Goals[i].ID = ""
		}
		if err := p.putGoals(ctx, t, plan, nil, by); err != nil {
			return err
		}
		n := plan.carePlan(by, ask.Who.Name)
		r, err := t.Create(ctx, &n)
		plan.ID, plan.Version = r.ID, r.Version
		return err
	})
}

// putGoals writes the goals of a plan and takes those of before off that are no longer among them.
func (p *Plans) putGoals(ctx context.Context, t *records.Tx, plan *Plan, before []Goal, by string) error {
	kept := map[string]bool{}
	for i := range plan.Goals {
		g := &plan.Goals[i]
		n := g.node(plan, by)
		if g.ID == "" {
			r, err := t.Create(ctx, &n)
			if err != nil {
				return err
			}
			g.ID = r.ID
		} else if _, _, err := t.Update(ctx, &n, records.Existing); err != nil {
			return err
		}
		kept[g.ID] = true
	}
	for i := range before {
		if g := before[i]; !kept[g.ID] {
			gone := *plan
			gone.Status = Revoked
			n := g.node(&gone, by)
			if _, _, err := t.Update(ctx, &n, records.Existing); err != nil {
				return err
			}
		}
	}
	return nil
}

// edit changes a plan that is there, version by version: make is given it as it is and makes it as it will be. why is needed
// for one that is or was in force.
func (p *Plans) edit(ctx context.Context, ask records.Ask, patient, id string, version int64, why string, make func(*Plan) error) (*Plan, error) {
	by, err := p.People.Practitioner(ctx, ask.Who.ID, ask.Who.Name)
	if err != nil {
		return nil, err
	}
	var after *Plan
	err = p.Records.Do(ctx, ask, func(t *records.Tx) error {
		before, err := p.plan(ctx, t, patient, id, 0)
		if err != nil {
			return err
		}
		if before.Version != version {
			return errMoved
		}
		now := *before
		now.Goals = append([]Goal(nil), before.Goals...)
		now.Activities = append([]Activity(nil), before.Activities...)
		now.Changes = append([]Change(nil), before.Changes...)
		if err := make(&now); err != nil {
			return err
		}
		if why = tidy(why); before.Status != Draft {
			if why == "" {
				return fault.New(fault.Invalid, "Say why: the patient and your colleagues read it.")
			}
		}
		if len(why) > mostWords {
			return fault.New(fault.Invalid, "This is too long.")
		}
		if why != "" {
			now.Changes = append(now.Changes, Change{At: t.Now(), By: by, Who: ask.Who.Name, Why: why})
		}
		if err := p.putGoals(ctx, t, &now, before.Goals, by); err != nil {
			return err
		}
		n := now.carePlan(by, ask.Who.Name)
		r, _, err := t.Update(ctx, &n, records.IfMatch(version))
		now.Version = r.Version
		after = &now
		return err
	})
	if err == nil {
		err = p.publish(ctx, after)
	}
	return after, err
}

// Done says that an activity was done on a day: once, however often it is said. ask is the patient's or a caregiver's,
// by a reference to them ("Patient/x", "RelatedPerson/x").
func (p *Plans) Done(ctx context.Context, t *records.Tx, plan *Plan, activity, by string, day Day, at time.Time) error {
	return p.mark(ctx, t, plan, activity, act{by: by, day: day, at: at, turn: "0", done: true})
}

// act is one act of a person: what they say of an activity and a day.
type act struct {
	by   string
	day  Day
	at   time.Time
	turn string // the same for the same act, however often it arrives
	done bool   // false takes back what was said before
	from string // "QuestionnaireResponse/x" of a check-in
	sum  *int   // and its score
}

// mark stores an act, unless it is there already.
func (p *Plans) mark(ctx context.Context, t *records.Tx, plan *Plan, activity string, say act) error {
	a := plan.activity(activity)
	if a == nil || a.Kind == Measure || !plausible(say.turn) {
		return absent()
	}
	key := key(plan.ID, a.ID, say.day, say.turn)
	same, err := t.Query("Observation", "patient", "Patient/"+plan.Patient, "identifier", keySystem+"|"+key)
	if err != nil {
		return err
	}
	if found, err := t.Match(ctx, same); err != nil || len(found) > 0 {
		return err
	}
	n := obj(mem("resourceType", str("Observation")),
		mem("identifier", arr(obj(mem("system", str(keySystem)), mem("value", str(key))))),
		mem("basedOn", arr(ref("CarePlan/"+plan.ID))),
		mem("status", str("final")),
		mem("category", arr(obj(mem("coding", arr(coding(categories, "activity")))))),
		mem("code", obj(mem("coding", arr(coding(recordSystem, planDone), coding(stepSystem, plan.ID+"."+a.ID))), mem("text", str(a.Title.EN)))),
		mem("subject", ref("Patient/"+plan.Patient)),
		mem("issued", str(instant(say.at))),
		mem("performer", arr(ref(say.by))),
		mem("valueBoolean", resource.B(say.done)))
	if a.Rhythm.Once { // done from that day on: a search for a later week finds it too
		n.Set("effectivePeriod", period(say.day, 0))
	} else {
		n.Set("effectiveDateTime", str(say.day.String()))
	}
	if say.from != "" {
		n.Set("derivedFrom", arr(ref(say.from)))
	}
	if say.sum != nil {
		n.Set("component", arr(obj(mem("code", obj(mem("coding", arr(coding(checkURI+a.Uses, "score"))))), mem("valueInteger", resource.N(number(*say.sum))))))
	}
	_, err = t.Create(ctx, &n)
	return err
}

// plausible reports whether s is a turn that a page has made: a small number.
func plausible(s string) bool { return len(s) > 0 && len(s) < 4 && strings.Trim(s, "0123456789") == "" }

func (p *Plan) activity(id string) *Activity {
	for i := range p.Activities {
		if p.Activities[i].ID == id {
			return &p.Activities[i]
		}
	}
	return nil
}

// In returns the words in the reader's language.
func (w Words) In(ctx context.Context) string {
	if text.Lang(ctx) == "es" && w.ES != "" {
		return w.ES
	}
	return w.EN
}
