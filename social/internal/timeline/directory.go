package timeline

import (
	"context"
	"net/url"
	"strings"
	"sync/atomic"

	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/social/internal/media"
	"github.com/mitral-health/mitral/social/internal/profiles"
	"github.com/mitral-health/mitral/social/internal/topics"
)

// person is a profile with the address of its picture.
type person struct {
	profiles.Profile
	face string // address of the picture, "" draws initials
}

// path is where the profile's page is.
func (p *person) path() string { return "/u/" + p.Handle }

// directory is every profile and topic, as of one revision. It is never changed once made. Those that
// are retired are found by name and listed nowhere.
type directory struct {
	number   int64
	people   []*person
	byID     map[profiles.ID]*person
	byHandle map[string]*person
	topics   []topics.Topic
	bySlug   map[string]*topics.Topic
}

// shelf keeps the latest directory. Profiles and topics are few and change seldom; a list names many.
type shelf struct{ latest atomic.Pointer[directory] }

// directory returns the directory of a revision, read in tx unless it is at hand.
func (t *Timeline) directory(ctx context.Context, tx db.Tx, number int64) (*directory, error) {
	if d := t.people.latest.Load(); d != nil && d.number == number {
		return d, nil
	}
	all, err := t.Profiles.All(ctx, tx)
	if err != nil {
		return nil, err
	}
	d := &directory{number: number, byID: map[profiles.ID]*person{}, byHandle: map[string]*person{}, bySlug: map[string]*topics.Topic{}}
	about, err := t.Topics.All(ctx, tx)
	if err != nil {
		return nil, err
	}
	for i := range about {
		d.bySlug[about[i].Slug] = &about[i]
		if about[i].Retired.IsZero() {
			d.topics = append(d.topics, about[i])
		}
	}
	faces, err := t.faces(ctx, tx, all)
	if err != nil {
		return nil, err
	}
	for _, p := range all {
		one := &person{Profile: p}
		if i, ok := faces[p.Avatar]; ok {
			one.face = i.URL(480)
		}
		if p.Retired.IsZero() {
			d.people = append(d.people, one)
		}
		d.byID[p.ID], d.byHandle[p.Handle] = one, one
	}
	t.people.latest.Store(d)
	return d, nil
}

// faces reads the profiles' pictures, some at a time: a query takes only so many arguments.
func (t *Timeline) faces(ctx context.Context, tx db.Tx, all []profiles.Profile) (map[media.ID]media.Image, error) {
	out := map[media.ID]media.Image{}
	var ids []media.ID
	for i, p := range all {
		if !p.Avatar.IsZero() {
			ids = append(ids, p.Avatar)
		}
		if len(ids) < 500 && i < len(all)-1 {
			continue
		}
		some, err := t.Media.Many(ctx, tx, ids)
		if err != nil {
			return nil, err
		}
		for id, image := range some {
			out[id] = image
		}
		ids = ids[:0]
	}
	return out, nil
}

// kind returns the people of a kind, in order.
func (d *directory) kind(k profiles.Kind) []*person {
	var out []*person
	for _, p := range d.people {
		if p.Kind == k {
			out = append(out, p)
		}
	}
	return out
}

// department returns where a clinician works: nil if nowhere that is still there.
func (d *directory) department(p *person) *person {
	if dep := d.byID[p.Department]; dep != nil && dep.Retired.IsZero() {
		return dep
	}
	return nil
}

// of returns the clinicians of a department, in order; of nil, those without one.
func (d *directory) of(department *person) []*person {
	var out []*person
	for _, p := range d.people {
		if p.Kind == profiles.Clinician && d.department(p) == department {
			out = append(out, p)
		}
	}
	return out
}

// withoutLang takes the choice of language out of an address: the cookie has it from now on.
func withoutLang(to string) string {
	u, err := url.Parse(to)
	if err != nil || !strings.Contains(u.RawQuery, "lang=") {
		return to
	}
	q := u.Query()
	q.Del("lang")
	u.RawQuery = q.Encode()
	return u.String()
}
