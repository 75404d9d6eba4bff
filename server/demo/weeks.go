package demo

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/mitral-health/mitral/clinical"
	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/server/demo/people"
)

const (
	seed   = 7                   // of everybody
	before = 36 * 24 * time.Hour // when the team began to follow: what was measured earlier is history
)

const planned = 23 * 24 * time.Hour // how long plans have been in force

// event is something that happens at a time, on the builder's clock.
type event struct {
	at time.Time
	do func(context.Context) error
}

// invent makes the patients of this day.
func (b *builder) invent(context.Context) error {
	b.patients = people.Make(seed, b.today.In(b.zone))
	b.readings = b.measured()
	return nil
}

// measured is what everybody measures, oldest first.
func (b *builder) measured() (all []clinical.Measured) {
	for i := range b.patients {
		p := &b.patients[i]
		for n, r := range p.Readings {
			m := clinical.Measured{Patient: p.ID, Kind: string(r.Kind), Typed: r.Typed, Unit: r.Unit, At: r.At, Device: r.Device, Key: fmt.Sprintf("%s-%04d", p.ID, n)}
			if p.Paper {
				m.Author = "Practitioner/" + p.Doctor
			}
			all = append(all, m)
		}
	}
	slices.SortStableFunc(all, func(x, y clinical.Measured) int { return cmp.Or(x.At.Compare(y.At), cmp.Compare(x.Patient, y.Patient)) })
	return all
}

// arrive stores what was measured up to now.
func (b *builder) arrive(ctx context.Context) error {
	now := b.clock.Now()
	n := slices.IndexFunc(b.readings, func(m clinical.Measured) bool { return m.At.After(now) })
	if n < 0 {
		n = len(b.readings)
	}
	for some := range slices.Chunk(b.readings[:n], 1000) {
		if err := b.srv.Clinical.Measure(ctx, some); err != nil {
			return err
		}
	}
	b.readings = b.readings[n:]
	return nil
}

// weeks lives through the time in which the team follows: readings arrive three times a day, the team looks
// twice, at night and at weekends only for what is urgent, plans are kept and messages written.
func (b *builder) weeks(ctx context.Context) error {
	first := b.today.Add(-before)
	start := b.today.Add(-planned).In(b.zone)
	b.kept = time.Date(start.Year(), start.Month(), start.Day(), 18, 40, 0, 0, b.zone)
	events := []event{{first, b.connect}}
	begin := map[time.Time][]*people.Person{}
	for i := range b.patients {
		p := &b.patients[i]
		from := first.Add(time.Minute)
		if p.Began.After(from) {
			from = p.Began.Add(8 * time.Hour)
		}
		begin[from] = append(begin[from], p)
	}
	for at, some := range begin {
		events = append(events, event{at, func(ctx context.Context) error { return b.follow(ctx, some) }})
		if plan := b.today.Add(-planned); at.Before(plan) {
			at = plan
		}
		events = append(events, event{at.Add(time.Minute), func(ctx context.Context) error { return b.plan(ctx, some) }})
	}
	day := first.In(b.zone)
	for at := day; ; at = at.AddDate(0, 0, 1) {
		hour := func(h, m int) time.Time { return time.Date(at.Year(), at.Month(), at.Day(), h, m, 0, 0, b.zone) }
		if hour(0, 0).After(b.today) {
			break
		}
		for _, t := range []time.Time{hour(9, 40), hour(15, 10), hour(22, 40)} {
			events = append(events, event{t, b.arrive})
		}
		events = append(events, event{hour(10, 30), b.round}, event{hour(16, 5), b.round}, event{hour(22, 50), b.onDuty})
		if at.Weekday() == time.Sunday || !at.AddDate(0, 0, 1).Before(b.today) { // what was done in the week is said in the end, with its days
			events = append(events, event{hour(21, 0), b.keep})
		}
	}
	said, err := b.threads()
	if err != nil {
		return err
	}
	events = append(append(events, said...), b.consents()...)
	slices.SortStableFunc(events, func(x, y event) int { return x.at.Compare(y.at) })
	for _, e := range events {
		if e.at.After(b.today) {
			break
		}
		b.clock.Set(e.at)
		if err := e.do(ctx); err != nil {
			return err
		}
	}
	b.clock.Set(b.today)
	if err := b.arrive(ctx); err != nil {
		return err
	}
	return b.leave(ctx)
}

// connect gives everybody who has one the app of their record; accounts that somebody can sign in to are those of
// the content. It begins with all that was measured before.
func (b *builder) connect(ctx context.Context) error {
	if err := b.arrive(ctx); err != nil {
		return err
	}
	own := map[string]*identity.Principal{}
	caring := map[string]*identity.Principal{}
	for _, a := range b.Accounts {
		switch {
		case a.Patient != "":
			own[a.Patient] = b.people[a.Login]
		case a.CaresFor != "":
			caring[a.CaresFor] = b.people[a.Login]
		}
	}
	for i := range b.patients {
		p := &b.patients[i]
		if p.Paper {
			continue
		}
		subject := "invented " + p.ID
		if who := own[p.ID]; who != nil {
			subject = who.Subject(identity.Clinical).String()
		}
		if err := b.srv.Clinical.Connect(ctx, subject, p.Name(), p.ID); err != nil {
			return err
		}
		if p.Caregiver == nil {
			continue
		}
		subject = "invented carer of " + p.ID
		if who := caring[p.ID]; who != nil {
			subject = who.Subject(identity.Clinical).String()
		}
		if err := b.srv.Clinical.Caring(ctx, p.ID, subject, p.Caregiver.Name, p.Caregiver.Relation, p.Lang); err != nil {
			return err
		}
	}
	return nil
}

// templates are the plans for conditions.
var templates = map[people.Condition]string{people.Hypertension: "hypertension", people.Diabetes1: "diabetes", people.Diabetes2: "diabetes",
	people.HeartFailure: "heart-failure", people.COPD: "copd", people.JointRecovery: "joint-surgery"}

// follow has the team follow some.
func (b *builder) follow(ctx context.Context, some []*people.Person) error {
	var all []clinical.Followed
	for _, p := range some {
		var watched []string
		for _, c := range p.Conditions {
			if c == people.Pregnancy {
				c = people.Hypertension
			}
			if templates[c] != "" {
				watched = append(watched, string(c))
			}
		}
		if len(watched) > 0 {
			all = append(all, clinical.Followed{By: b.staff(p.Doctor), Deputy: "Practitioner/" + p.Deputy, Patient: p.ID, Conditions: watched})
		}
	}
	return b.srv.Clinical.Follow(ctx, all)
}

// plan gives most of some a plan.
func (b *builder) plan(ctx context.Context, some []*people.Person) error {
	for _, p := range some {
		template := templates[p.Conditions[0]]
		if template == "" || p.Lang == "en" && p.ID != "resident-01" && len(p.Readings)%2 == 1 {
			continue
		}
		b.planned = append(b.planned, p)
		if err := b.srv.Clinical.Plan(ctx, b.staff(p.Doctor), p.ID, template, b.clock.Now().In(b.zone)); err != nil {
			return err
		}
	}
	return nil
}

// keep does what plans asked for in the last week, each as they are.
func (b *builder) keep(ctx context.Context) error {
	now := b.clock.Now()
	ago := b.today.Sub(now).Hours() / 24
	often := map[people.Story]int{people.Better: 85, people.Worse: 45, people.Holiday: 60, people.Gone: 30, people.Never: 0, people.Underway: 40, people.Ill: 60}
	keeps := map[string]int{}
	for _, p := range b.planned {
		of, known := often[p.Story]
		if !known {
			of = 72
		}
		if p.Story == people.Holiday && ago < 20 && ago > 8 {
			of = 5
		}
		keeps[p.ID] = of
	}
	var days []time.Time
	for at := b.kept; ; {
		if at = at.AddDate(0, 0, 1); at.After(now) {
			break
		}
		days, b.kept = append(days, at), at
	}
	return b.srv.Clinical.Keep(ctx, keeps, days, b.zone)
}

// consents are what some said about them.
func (b *builder) consents() (out []event) {
	for _, c := range []struct {
		patient, purpose string
		allowed          bool
		ago              int
	}{
		{"resident-16", "research", true, 25}, {"resident-29", "research", true, 20}, {"resident-47", "research", true, 12},
		{"resident-12", "reminders", false, 18}, {"resident-39", "sharing", false, 9}, {"resident-53", "sharing", false, 30},
		{"resident-54", "following", false, 6}, // the list says so, and nothing is evaluated
		{"resident-29", "research", false, 3},
	} {
		at := b.today.Add(-time.Duration(c.ago)*24*time.Hour + 40*time.Minute)
		out = append(out, event{at, func(ctx context.Context) error { return b.srv.Clinical.Consent(ctx, c.patient, c.purpose, c.allowed) }})
	}
	return out
}
