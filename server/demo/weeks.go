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

// connect gives those who have one the app of their record.
func (b *builder) connect(ctx context.Context) error {
	for _, a := range b.Accounts {
		if a.Patient == "" {
			continue
		}
		who := b.people[a.Login]
		if err := b.srv.Clinical.Connect(ctx, who.Subject(identity.Clinical).String(), who.Name, a.Patient); err != nil {
			return err
		}
	}
	return nil
}

// readings walks through the weeks: what was measured before the team followed at once, then each day's as it came.
func (b *builder) readings(ctx context.Context) error {
	var all []clinical.Measured
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
	next := func(until time.Time) (out []clinical.Measured) {
		n, _ := slices.BinarySearchFunc(all, until, func(m clinical.Measured, at time.Time) int {
			if m.At.After(at) {
				return 1
			}
			return -1
		})
		out, all = all[:n], all[n:]
		return out
	}
	for some := range slices.Chunk(next(b.clock.Now()), 1000) {
		if err := b.srv.Clinical.Measure(ctx, some); err != nil {
			return err
		}
	}
	for len(all) > 0 {
		// A day's readings have arrived when it ends; today's by now.
		day := all[0].At.In(b.zone)
		at := time.Date(day.Year(), day.Month(), day.Day()+1, 0, 0, 0, 0, b.zone)
		if at.After(b.today) {
			at = b.today
		}
		b.clock.Set(at)
		if err := b.srv.Clinical.Measure(ctx, next(at)); err != nil {
			return err
		}
	}
	b.clock.Set(b.today)
	return nil
}

// invent makes the patients of this day.
func (b *builder) invent(context.Context) error {
	b.patients = people.Make(seed, b.today.In(b.zone))
	return nil
}
