package plans

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/chart"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
)

// list are the plans of a patient in these states, oldest first. A patient has few, and one condition is found faster than three.
func (p *Plans) list(ctx context.Context, t *records.Tx, patient string, states ...Status) ([]*Plan, error) {
	page, err := t.Find(ctx, "CarePlan", "patient", "Patient/"+patient, "_count", "200")
	if err != nil {
		return nil, err
	}
	var out []*Plan
	for i := range page.Records {
		plan, err := planOf(&page.Records[i])
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

// active are the plans in force, out of those of a page.
func active(ctx context.Context, page *records.Shown, patient string) (out []*Plan, err error) {
	found, err := page.All(ctx, "CarePlan", 200)
	for i := range found {
		plan, err := planOf(&found[i])
		if err != nil {
			return nil, err
		}
		if plan != nil && plan.Status == Active && plan.Patient == patient {
			out = append(out, plan)
		}
	}
	slices.SortFunc(out, func(a, b *Plan) int { return strings.Compare(a.ID, b.ID) })
	return out, err
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
		err = p.goals(ctx, t, plan)
	}
	return plan, err
}

// goals fills in the goals of a plan as they are now.
func (p *Plans) goals(ctx context.Context, t *records.Tx, plan *Plan) error {
	var ids []string
	for i := range plan.Goals {
		ids = append(ids, plan.Goals[i].ID)
	}
	if len(ids) == 0 {
		return nil
	}
	found, err := t.Find(ctx, "Goal", "patient", "Patient/"+plan.Patient, "_id", strings.Join(ids, ","), "_count", "200")
	if err != nil {
		return err
	}
	return fill([]*Plan{plan}, found.Records)
}

// fill fills in the goals of plans, out of these.
func fill(all []*Plan, found []records.Record) error {
	byID := map[string]*Goal{}
	for _, plan := range all {
		for i := range plan.Goals {
			byID[plan.Goals[i].ID] = &plan.Goals[i]
		}
	}
	for i := range found {
		g := byID[found[i].ID]
		if g == nil {
			continue
		}
		n, err := resource.Parse(found[i].Body)
		if err != nil {
			return err
		}
		g.fill(n)
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

// marks are what was done: for each "plan.activity" and day, and of each measure.
type marks struct {
	said  map[string]map[Day]mark
	taken map[vitals.Measure][]moment // newest first
	zone  *time.Location
}

// moment is when a reading was taken: of several in one half of a day the newest.
type moment struct {
	day   Day
	early bool
	at    int64 // microseconds
}

// marksOf reads what was done of these plans from a day on, and what was measured. What was to be done
// once is found however long ago it was done: it has no end. readings reach back as far; nil are read.
func marksOf(ctx context.Context, page *records.Shown, patient string, all []*Plan, since Day, zone *time.Location, readings map[vitals.Measure][]chart.Point) (*marks, error) {
	m := &marks{said: map[string]map[Day]mark{}, taken: map[vitals.Measure][]moment{}, zone: zone}
	if readings == nil {
		var err error
		// A day before it, for zones in which the day begins earlier.
		if readings, err = chart.Since(ctx, page, patient, "", (since - 1).Noon(time.UTC)); err != nil {
			return nil, err
		}
	}
	cal := chart.NewCalendar(zone)
	for _, plan := range all {
		for i := range plan.Activities {
			if a := &plan.Activities[i]; a.Kind == Measure && m.taken[a.Measure] == nil {
				m.took(a.Measure, readings[a.Measure], since, cal)
			}
		}
	}
	return m, m.done(ctx, page, patient, since)
}

// took takes in readings of a measure, newest first, from a day on.
func (m *marks) took(of vitals.Measure, list []chart.Point, since Day, cal *chart.Calendar) {
	out := []moment{}
	for i := range list {
		one := moment{day: Day(cal.Day(list[i].Order)), at: list[i].Order}
		if one.day < since {
			break
		}
		if n := len(out); n > 1 && out[n-1].day == one.day && out[n-2].day == one.day { // both halves are known
			continue
		}
		one.early = time.UnixMicro(one.at).In(m.zone).Hour() < noonish
		if n := len(out); n == 0 || out[n-1].day != one.day || out[n-1].early != one.early {
			out = append(out, one)
		}
	}
	m.taken[of] = out
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
	for _, r := range m.taken[a.Measure] {
		if r.day != day || split && (a.Rhythm.Part == morning && !r.early || a.Rhythm.Part == evening && r.early) {
			continue
		}
		return mark{Done: true, At: db.FromMicros(r.at)}, true
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
