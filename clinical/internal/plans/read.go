package plans

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/search"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
	"github.com/mitral-health/mitral/platform/fault"
)

// most is how many records one question of these pages reads at most.
const most = 1000

func (p *Plans) query(t *records.Tx, typ string, nameValue ...string) (*search.Query, error) {
	params := url.Values{}
	for i := 0; i+1 < len(nameValue); i += 2 {
		params.Add(nameValue[i], nameValue[i+1])
	}
	return search.Parse(typ, params, search.Asked{Strict: true, Base: p.Base, Now: t.Now()})
}

func (p *Plans) find(ctx context.Context, t *records.Tx, typ string, nameValue ...string) ([]records.Record, error) {
	q, err := p.query(t, typ, nameValue...)
	if err != nil {
		return nil, err
	}
	page, err := t.Search(ctx, q)
	return page.Records, err
}

// list are the plans of a patient in these states, oldest first. A patient has few, and one condition is found faster than three.
func (p *Plans) list(ctx context.Context, t *records.Tx, patient string, states ...Status) ([]*Plan, error) {
	found, err := p.find(ctx, t, "CarePlan", "patient", "Patient/"+patient, "_count", "200")
	if err != nil {
		return nil, err
	}
	var out []*Plan
	for i := range found {
		plan, err := planOf(&found[i])
		if err != nil {
			return nil, err
		}
		if plan != nil && slices.Contains(states, plan.Status) {
			out = append(out, plan)
		}
	}
	slices.SortFunc(out, func(a, b *Plan) int { return strings.Compare(a.ID, b.ID) })
	return out, nil
}

// Active are the plans in force, oldest first, without the words and numbers of their goals.
func (p *Plans) Active(ctx context.Context, t *records.Tx, patient string) ([]*Plan, error) {
	return p.list(ctx, t, patient, Active)
}

func absent() error { return fault.New(fault.NotFound, "There is no such page.") }

// plan reads one plan of a patient with its goals; version 0 is the current one.
func (p *Plans) plan(ctx context.Context, t *records.Tx, patient, id string, version int64) (*Plan, error) {
	var r records.Record
	var err error
	if version == 0 {
		r, err = t.Read(ctx, "CarePlan", id)
	} else {
		r, err = t.Vread(ctx, "CarePlan", id, version)
	}
	if err != nil {
		return nil, err
	}
	plan, err := planOf(&r)
	if err == nil && (plan == nil || plan.Patient != patient) {
		err = absent()
	}
	if err == nil {
		err = p.goals(ctx, t, []*Plan{plan})
	}
	return plan, err
}

// goals fills in the goals of these plans as they are now.
func (p *Plans) goals(ctx context.Context, t *records.Tx, all []*Plan) error {
	byID := map[string]*Goal{}
	var ids []string
	for _, plan := range all {
		for i := range plan.Goals {
			byID[plan.Goals[i].ID] = &plan.Goals[i]
			ids = append(ids, plan.Goals[i].ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	found, err := p.find(ctx, t, "Goal", "patient", "Patient/"+all[0].Patient, "_id", strings.Join(ids, ","), "_count", "200")
	if err != nil {
		return err
	}
	for i := range found {
		n, err := resource.Parse(found[i].Body)
		if err != nil {
			return err
		}
		byID[found[i].ID].fill(n)
	}
	return nil
}

// mark is what the record says of one activity and one day.
type mark struct {
	Turn string // how often it was said, as digits: the last one holds
	Done bool
	At   time.Time // zero if only the day is known
	By   string    // reference of who
}

// marks are what was done: for each "plan.activity" and day.
type marks struct {
	said     map[string]map[Day]mark
	readings []vitals.Reading
	zone     *time.Location
}

// marks reads what was done of these plans from a day on, and what was measured. What was to be done
// once is found however long ago it was done: it has no end.
func (p *Plans) marks(ctx context.Context, t *records.Tx, patient string, all []*Plan, since Day, zone *time.Location) (*marks, error) {
	m := &marks{said: map[string]map[Day]mark{}, zone: zone}
	codes := []string{recordSystem + "|" + planDone}
	for _, plan := range all {
		for i := range plan.Activities {
			a := &plan.Activities[i]
			if d := vitals.Of(a.Measure); d != nil && a.Kind == Measure {
				for _, c := range append([]string{d.Code.Code}, d.Also...) {
					if c = loinc + "|" + c; !slices.Contains(codes, c) {
						codes = append(codes, c)
					}
				}
			}
		}
	}
	// A day before it, for zones in which the day begins earlier.
	found, err := p.find(ctx, t, "Observation", "patient", "Patient/"+patient, "code", strings.Join(codes, ","), "date", "ge"+(since-1).String(), "_sort", "-date", "_count", strconv.Itoa(most))
	if err != nil {
		return nil, err
	}
	for i := range found {
		if err := m.add(&found[i]); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func (m *marks) add(r *records.Record) error {
	n, err := resource.Parse(r.Body)
	if err != nil {
		return err
	}
	codes := n.Path("code", "coding")
	if codes.At(0).Get("code").Str() != planDone {
		if reading, err := vitals.Decode(n, r.Updated); err == nil {
			m.readings = append(m.readings, reading)
		}
		return nil
	}
	day, ok := ParseDay(n.Get("effectiveDateTime").Str() + n.Path("effectivePeriod", "start").Str())
	step := codes.At(1).Get("code").Str()
	if !ok || step == "" || n.Get("status").Str() != "final" {
		return nil
	}
	id := n.Path("identifier", "value").Str()
	now := mark{Turn: id[strings.LastIndexByte(id, '.')+1:], Done: n.Get("valueBoolean") != nil && n.Get("valueBoolean").Text == "true", By: n.Path("performer", "reference").Str()}
	if at, err := time.Parse(time.RFC3339, n.Get("issued").Str()); err == nil && DayOf(at, m.zone) == day {
		now.At = at
	}
	if m.said[step] == nil {
		m.said[step] = map[Day]mark{}
	}
	if before, ok := m.said[step][day]; !ok || turn(before.Turn) <= turn(now.Turn) {
		m.said[step][day] = now
	}
	return nil
}

func turn(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}

// of is what is known of an activity on a day. split says that its measure is asked for twice a day: then the
// morning's readings are the morning's.
func (m *marks) of(plan *Plan, a *Activity, day Day, split bool) (mark, bool) {
	if a.Kind != Measure {
		k, ok := m.said[plan.ID+"."+a.ID][day]
		return k, ok
	}
	for i := range m.readings {
		r := &m.readings[i]
		if r.Measure != a.Measure || DayOf(r.Order, m.zone) != day {
			continue
		}
		if early := r.Order.In(m.zone).Hour() < noonish; split && (a.Rhythm.Part == morning && !early || a.Rhythm.Part == evening && early) {
			continue
		}
		return mark{Done: true, At: r.Order}, true
	}
	return mark{}, false
}

// last is the last day on which something to be done once was.
func (m *marks) last(plan *Plan, a *Activity) (day Day, k mark) {
	for d, one := range m.said[plan.ID+"."+a.ID] {
		if one.Done && d >= day {
			day, k = d, one
		}
	}
	return day, k
}

// Parts of the day, as Timing.repeat.when has them. What is measured before noonish is the morning's, where the
// plan asks for both.
const (
	morning = "MORN"
	evening = "EVE"
	noonish = 14
)
