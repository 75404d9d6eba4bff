package plans

// state is one day of one activity.
type state uint8

const (
	free   state = iota // nothing was asked for
	done                //
	missed              // was asked for and is not known to be done
	open                // today, and not done yet
	ahead               // is to come
)

// record is what an activity asked for and what was done, day by day.
type record struct {
	First Day // a Monday
	Days  []state
	Today Day
}

// weeks works out an activity's last n weeks up to the one of today, which is whole.
func (m *marks) weeks(plan *Plan, a *Activity, split bool, today Day, n int) record {
	r := record{First: today.Monday() - Day(7*(n-1)), Today: today}
	var finished Day
	if a.Rhythm.Once {
		finished, _ = m.last(plan, a)
	}
	for d := r.First; d < r.First+Day(7*n); d++ {
		k, ok := m.of(plan, a, d, split)
		due := plan.asks(a, d) && (finished == 0 || d < finished)
		optional := a.Rhythm.Once || a.Rhythm.Weekly > 0
		s := free
		switch {
		case ok && k.Done:
			s = done
		case !due || optional && d < today:
		case d > today:
			s = ahead
		case d == today:
			s = open
		default:
			s = missed
		}
		r.Days = append(r.Days, s)
	}
	return r
}

// asks reports whether an activity is to be done on a day.
func (p *Plan) asks(a *Activity, d Day) bool {
	return d >= p.From && (p.Until == 0 || d <= p.Until) && a.Rhythm.on(d)
}

// count is how many of how many days, or times, from one day up to before another. What is done on another day
// than was asked for counts as well, up to what was asked for.
func (r *record) count(plan *Plan, a *Activity, from, to Day) (was, of int) {
	asked := 0
	for d := max(from, r.First); d < min(to, r.First+Day(len(r.Days))); d++ {
		if r.Days[d-r.First] == done {
			was++
		}
		if plan.asks(a, d) {
			asked++
		}
	}
	of = asked
	switch {
	case a.Rhythm.Once:
		of = min(1, asked)
	case a.Rhythm.Weekly > 0:
		of = min(asked, (asked*a.Rhythm.Weekly+6)/7)
	}
	return min(was, of), of
}

// week is this week's count, the days to come included: what "3 of 5 this week" says.
func (r *record) week(plan *Plan, a *Activity) (was, of int) {
	monday := r.Today.Monday()
	return r.count(plan, a, monday, monday+7)
}

// past counts the whole of the record up to today, which counts when it is done.
func (r *record) past(plan *Plan, a *Activity) (was, of int) {
	end := r.Today
	if r.Days[r.Today-r.First] == done {
		end++
	}
	return r.count(plan, a, r.First, end)
}

// twice are the measures that a patient's plans ask for in the morning and in the evening.
func twice(all []*Plan) map[string]bool {
	parts, out := map[string]string{}, map[string]bool{}
	for _, p := range all {
		for i := range p.Activities {
			a := &p.Activities[i]
			if a.Kind != Measure || a.Rhythm.Part == "" {
				continue
			}
			if before := parts[string(a.Measure)]; before != "" && before != a.Rhythm.Part {
				out[string(a.Measure)] = true
			}
			parts[string(a.Measure)] = a.Rhythm.Part
		}
	}
	return out
}
