package care

import (
	"cmp"
	"context"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/door"
	"github.com/mitral-health/mitral/clinical/internal/people"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
	"github.com/mitral-health/mitral/platform/web"
)

// person is a Patient as the team's pages name one.
type person struct {
	ID, Name string
	Age      int // -1 is unknown
}

func personOf(n *resource.Node, now time.Time) person {
	p := person{ID: n.ID(), Name: cmp.Or(people.Called(n), "Patient/"+n.ID()), Age: -1}
	if born, err := time.Parse(time.DateOnly, n.Get("birthDate").Str()); err == nil {
		p.Age = yearsOld(born, now)
	}
	return p
}

func yearsOld(born, now time.Time) int {
	years := now.Year() - born.Year()
	if now.Month() < born.Month() || now.Month() == born.Month() && now.Day() < born.Day() {
		years--
	}
	return years
}

// listed is one line of the directory.
type listed struct {
	person
	Last *trend // with the newest reading; nil if there is none lately
}

type directoryView struct {
	List   []listed
	Next   string
	Search string
	Now    time.Time
}

const (
	listReach = 2 * week // how far back the directory looks for the newest reading of each
	listReads = 1000     // readings that it looks at
)

func (c *Care) directory(v *door.Visit) error {
	q, err := web.Query(v.R)
	if err != nil {
		return err
	}
	now := c.Clock.Now()
	var view directoryView
	err = c.Records.Look(v.Ctx(), v.Ask, func(t *records.Tx) error {
		view = directoryView{Now: now, Search: q.Get("name")}
		by := []string{"_sort", "family", "_count", "20", "_cursor", q.Get("after")}
		if view.Search != "" {
			by = append(by, "name", view.Search)
		}
		page, err := t.Find(v.Ctx(), "Patient", by...)
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
			view.List = append(view.List, listed{person: personOf(n, now)})
			ids = append(ids, n.ID())
		}
		if len(ids) == 0 {
			return nil
		}
		list, err := c.readings(v.Ctx(), t, ids, vitals.Measures(), now.Add(-listReach), listReads)
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
	return web.Render(v.W, v.R, directoryPage(&view))
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
