package alerts

import (
	"time"

	"github.com/mitral-health/mitral/clinical/internal/thresholds"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
)

const day = 24 * time.Hour

// Evaluate takes in one reading: what it crosses, and the State to keep.
func Evaluate(r vitals.Reading, set *thresholds.Set, s State) Result {
	p := pointOf(r)
	next, at, again := s.with(p)
	out := Result{State: next, Again: again, Past: at < 0 || r.Clock == vitals.History}
	if out.Again || out.Past {
		return out
	}
	newest := &next.points[len(next.points)-1]
	for i := range set.Rules {
		rule := &set.Rules[i]
		if rule.Measure != r.Measure {
			continue
		}
		var f Finding
		var crossed bool
		switch rule.Kind {
		case thresholds.Single:
			f, crossed = next.single(rule, at)
		case thresholds.Missing:
			if at == len(next.points)-1 {
				out.Answered = append(out.Answered, rule.ID)
			}
		default:
			if newest.at-p.at < reach(rule).Microseconds() {
				f, crossed = next.many(rule)
			}
		}
		if crossed {
			out.Findings = append(out.Findings, next.tell(f, rule, set, r))
		}
	}
	return out
}

// Standing is what the rules about many readings of one measure say of a State, whatever way it came
// about. Reading is left out: it names no key.
func Standing(set *thresholds.Set, m vitals.Measure, s State) []Finding {
	var all []Finding
	for i := range set.Rules {
		rule := &set.Rules[i]
		if rule.Measure != m || rule.Kind == thresholds.Single || rule.Kind == thresholds.Missing || len(s.points) == 0 {
			continue
		}
		if f, crossed := s.many(rule); crossed {
			all = append(all, s.tell(f, rule, set, vitals.Reading{}))
		}
	}
	return all
}

// tell fills in what every finding has.
func (s State) tell(f Finding, rule *thresholds.Rule, set *thresholds.Set, r vitals.Reading) Finding {
	f.Rule, f.Version, f.Kind, f.Severity, f.Measure = rule.ID, set.Version, rule.Kind, rule.Severity, rule.Measure
	f.Reading, f.Ref = r.Key, r.Ref
	f.Trend = s.Trend(rule.Measure, f.Limit.Part, max(trendDays, rule.Days+rule.Base))
	return f
}

// reach is how far back from the newest reading a rule looks.
func reach(rule *thresholds.Rule) time.Duration {
	switch rule.Kind {
	case thresholds.Change:
		return time.Duration(rule.Days)*day + half
	case thresholds.Average:
		return time.Duration(rule.Days+rule.Base)*day - half
	}
	return time.Duration(rule.Days) * day
}

// half a day is what people's hours vary by: "in three days" is still true of a weight at eight o'clock
// and one three days later at nine.
const half = day / 2

// single looks at the reading at index at alone, and back along the row of those before it that cross
// the same limit.
func (s State) single(rule *thresholds.Rule, at int) (f Finding, crossed bool) {
	p := &s.points[at]
	for _, l := range rule.Limits {
		if v, has := p.part(l.Part); has && l.Crossed(v) && (!crossed || over(l, v) > f.Over) {
			f = Finding{Limit: l, Value: v, Over: over(l, v), Both: p.v, Has: p.parts(), At: p.time(), Since: p.time(), Row: 1}
			crossed = true
		}
	}
	for i := at - 1; crossed && i >= 0; i-- {
		v, has := s.points[i].part(f.Limit.Part)
		if has && !f.Limit.Crossed(v) {
			break
		}
		if has {
			f.Since, f.Row = s.points[i].time(), f.Row+1
		}
	}
	return f, crossed
}

// over is how far v is from a limit that it crosses.
func over(l thresholds.Limit, v vitals.Amount) vitals.Amount {
	return max(v-l.Value, l.Value-v)
}

// many looks at all that the rule reaches, back from the newest reading.
func (s State) many(rule *thresholds.Rule) (Finding, bool) {
	switch rule.Kind {
	case thresholds.Mean:
		return s.mean(rule)
	case thresholds.Change:
		return s.change(rule)
	case thresholds.Average:
		return s.average(rule)
	}
	return Finding{}, false
}

// within is the index of the oldest reading that is no more than d before the newest.
func (s State) within(d time.Duration) int {
	newest := s.points[len(s.points)-1].at
	i := len(s.points) - 1
	for i > 0 && newest-s.points[i-1].at < d.Microseconds() {
		i--
	}
	return i
}

func (s State) mean(rule *thresholds.Rule) (f Finding, crossed bool) {
	var sum, n [vitals.MaxParts]int64
	from := s.within(reach(rule))
	for i := from; i < len(s.points); i++ {
		for part := range sum {
			if v, has := s.points[i].part(vitals.Part(part)); has {
				sum[part], n[part] = sum[part]+int64(v), n[part]+1
			}
		}
	}
	for _, l := range rule.Limits {
		count, sum := n[l.Part], vitals.Amount(sum[l.Part])
		if count < int64(rule.Count) {
			continue
		}
		whole := l
		whole.Value *= vitals.Amount(count) // the sum is exact, the mean would be rounded
		value := mean(int64(sum), count)
		if whole.Crossed(sum) && (!crossed || over(l, value) > f.Over) {
			f = Finding{Limit: l, Value: value, Over: over(l, value), At: s.Last(), Since: s.points[from].time(), Row: int(count)}
			crossed = true
		}
	}
	for part := range sum {
		if crossed && n[part] > 0 {
			f.Both[part], f.Has[part] = mean(sum[part], n[part]), true
		}
	}
	return f, crossed
}

// mean is sum/n, rounded to the nearest thousandth.
func mean(sum, n int64) vitals.Amount {
	if sum < 0 {
		return -mean(-sum, n)
	}
	return vitals.Amount((sum + n/2) / n)
}

// change compares the newest reading with each within the days before it, and keeps the one from which
// it differs most.
func (s State) change(rule *thresholds.Rule) (f Finding, crossed bool) {
	last := len(s.points) - 1
	newest := &s.points[last]
	for i := s.within(reach(rule)); i < last; i++ {
		for _, l := range rule.Limits {
			now, has := newest.part(l.Part)
			then, had := s.points[i].part(l.Part)
			if diff := now - then; has && had && l.Crossed(diff) && (!crossed || over(l, diff) > f.Over) {
				f = Finding{Limit: l, Value: diff, Over: over(l, diff), Both: newest.v, Has: newest.parts(),
					At: s.Last(), Since: s.points[i].time(), Row: last - i + 1}
				crossed = true
			}
		}
	}
	return f, crossed
}

// average compares the mean of the last days with that of the days before them: the mean of each day
// counts once, however often somebody measured on it.
func (s State) average(rule *thresholds.Rule) (f Finding, crossed bool) {
	for _, l := range rule.Limits {
		days := s.days(l.Part, rule.Days+rule.Base)
		now, n := days.mean(0, rule.Days)
		then, m := days.mean(rule.Days, rule.Days+rule.Base)
		if n < rule.Count || m < rule.Count || !l.Crossed(now-then) {
			continue
		}
		f = Finding{Limit: l, Value: now - then, Over: over(l, now-then), At: s.Last(), Since: days.first(rule.Days), Row: n}
		f.Both[l.Part], f.Has[l.Part] = now, true
		return f, true
	}
	return f, false
}
