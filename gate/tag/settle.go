package tag

import (
	"cmp"
	"slices"
)

func (l *learner) average(f, k int) float64 {
	return float64(l.w[f][k]) - float64(l.aw[f][k])/float64(l.clock)
}

// prune forgets all but the n weightiest features.
func (l *learner) prune(n int) {
	weight := make([]float64, len(l.keys))
	order := make([]int32, 0, len(l.keys))
	for f := 1; f < len(l.keys); f++ {
		for k := range labels {
			v := l.average(f, k)
			weight[f] += max(v, -v)
		}
		order = append(order, int32(f))
	}
	slices.SortFunc(order, func(a, b int32) int { return cmp.Or(cmp.Compare(weight[b], weight[a]), cmp.Compare(a, b)) })
	order = order[:min(n, len(order))]
	number := make([]int32, len(l.keys))
	keys, w, aw := []uint32{0}, make([]cell, 1), make([][width]int64, 1)
	var full [1 << bucketBits]uint8
	for _, f := range order { // the weightiest find room first
		b := bucket(l.keys[f])
		if full[b] < 4 {
			full[b]++
			number[f] = int32(len(keys))
			keys, w, aw = append(keys, l.keys[f]), append(w, l.w[f]), append(aw, l.aw[f])
		}
	}
	for i := range l.lessons {
		for k, f := range l.lessons[i].rows {
			l.lessons[i].rows[k] = number[f]
		}
	}
	l.keys, l.w, l.aw = keys, w, aw
}

// model averages and rounds to eight bits. The scale loses a few of the largest weights.
func (l *learner) model(words *Words) *Model {
	m := newModel(words)
	const top = 1000
	var count [top + 1]int
	used := 0
	for f := range l.keys {
		for k := range labels {
			if v := l.average(f, k); v != 0 {
				used++
				count[min(top, int(max(v, -v)))]++
			}
		}
	}
	limit, seen := 1, 0
	for i, n := range count {
		if seen += n; seen > used-used/2000 {
			limit = i + 1
			break
		}
	}
	scale := 127 / float64(limit)
	round := func(v float64) int32 {
		v *= scale
		if v < 0 {
			return -int32(-v + 0.5)
		}
		return int32(v + 0.5)
	}
	for f := 1; f < len(l.keys); f++ {
		var w [width]uint8
		for k := range labels {
			w[k] = uint8(max(-127, min(127, round(l.average(f, k)))))
		}
		m.set(l.keys[f], &w)
	}
	avg := func(w, a int32) int32 { return round(float64(w) - float64(a)/float64(l.clock)) }
	for i := range l.trans {
		for k := range l.trans[i] {
			m.trans[i][k] = avg(l.trans[i][k], l.atr[i][k])
		}
	}
	for i := range l.stay {
		m.stay[i] = avg(l.stay[i], l.astay[i])
	}
	m.limit()
	return m
}
