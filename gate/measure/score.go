package measure

import (
	"cmp"
	"maps"
	"slices"
)

// Count is how often something was right. Strict means the same place and the same entity; any means that
// some found span touches it, whatever it was taken for.
type Count struct {
	Gold, Found     int // how many are marked, how many were found
	Strict          int
	Placed          int // the same place, whatever it was taken for
	Touched, Useful int // marked ones that are touched; found ones that touch a marked one
}

// Ratio is n of m, and 1 if there were none.
func Ratio(n, m int) float64 {
	if m == 0 {
		return 1
	}
	return float64(n) / float64(m)
}

// F is the F score that values recall beta times as much as precision.
func F(precision, recall, beta float64) float64 {
	b := beta * beta
	if precision+recall == 0 {
		return 0
	}
	return (1 + b) * precision * recall / (b*precision + recall)
}

// Miss is a marked place that nothing touches, or a found one where nothing is marked.
type Miss struct {
	ID, Entity, Text string
	Extra            bool
}

// Tally adds up one set.
type Tally struct {
	Rows    map[string]*Count         // by group and entity: "all", "entity NAME", "lang en", "section body" …
	Mixed   map[string]map[string]int // what a marked entity was taken for
	Missed  map[string]*Wrong         // by words
	Clean   int
	Flagged int // texts with nothing marked in which something was found
	Texts   int
	wanted  map[string]bool
}

// Wrong counts a miss that happened more than once.
type Wrong struct {
	Miss
	Times int
}

// NewTally counts one set. wanted are the entities that the set labels: what else is found in it can be
// neither right nor wrong.
func NewTally(records []Record) *Tally {
	t := &Tally{Rows: map[string]*Count{}, Mixed: map[string]map[string]int{}, Missed: map[string]*Wrong{}, wanted: map[string]bool{}}
	for _, r := range records {
		for _, m := range r.Spans {
			t.wanted[m.U] = true
		}
	}
	return t
}

func (t *Tally) row(key string) *Count {
	c := t.Rows[key]
	if c == nil {
		c = &Count{}
		t.Rows[key] = c
	}
	return c
}

// Add compares what was found in a record with what is marked in it.
func (t *Tally) Add(r *Record, all []Mark) {
	var found []Mark
	for _, m := range all {
		if t.wanted[m.U] {
			found = append(found, m)
		}
	}
	t.Texts++
	if len(r.Spans) == 0 {
		t.Clean++
		if len(found) > 0 {
			t.Flagged++
		}
	}
	for _, g := range r.Spans {
		for _, key := range t.keys(r, g) {
			c := t.row(key)
			c.Gold++
			if slices.Contains(found, g) {
				c.Strict++
			}
			if slices.ContainsFunc(found, func(f Mark) bool { return f.Start == g.Start && f.End == g.End }) {
				c.Placed++
			}
			if touches(all, g) {
				c.Touched++
			}
		}
		t.mix(g, all)
		if !touches(all, g) {
			t.miss(r, g, false)
		}
	}
	for _, f := range found {
		for _, key := range t.keys(r, f) {
			c := t.row(key)
			c.Found++
			if touches(r.Spans, f) {
				c.Useful++
			}
		}
		if !touches(r.Spans, f) {
			t.miss(r, f, true)
		}
	}
}

func touches(list []Mark, m Mark) bool {
	return slices.ContainsFunc(list, func(x Mark) bool { return x.Start < m.End && m.Start < x.End })
}

func (t *Tally) keys(r *Record, m Mark) []string {
	keys := []string{"all", "entity " + m.U}
	if r.Lang != "" {
		keys = append(keys, "lang "+r.Lang)
	}
	if r.Kind != "" {
		keys = append(keys, "kind "+r.Kind)
	}
	if s := section(r, m.Start); s != "" {
		keys = append(keys, "lines "+s)
	}
	return keys
}

// mix counts what a marked place was taken for: the found span that shares most of it.
func (t *Tally) mix(g Mark, found []Mark) {
	as, most := "nothing", 0
	for _, f := range found {
		if n := min(g.End, f.End) - max(g.Start, f.Start); n > most {
			as, most = f.U, n
		}
	}
	if t.Mixed[g.U] == nil {
		t.Mixed[g.U] = map[string]int{}
	}
	t.Mixed[g.U][as]++
}

func (t *Tally) miss(r *Record, m Mark, extra bool) {
	w := Miss{ID: r.ID, Entity: m.U, Text: r.Text[m.Start:m.End], Extra: extra}
	key := m.U + "\x00" + w.Text
	if extra {
		key = "+" + key
	}
	if t.Missed[key] == nil {
		t.Missed[key] = &Wrong{Miss: w}
	}
	t.Missed[key].Times++
}

// Worst returns the n misses, or extras, that happened most often.
func (t *Tally) Worst(n int, extra bool) []*Wrong {
	var out []*Wrong
	for _, w := range slices.SortedFunc(maps.Values(t.Missed), func(a, b *Wrong) int {
		return cmp.Or(b.Times-a.Times, cmp.Compare(a.Entity, b.Entity), cmp.Compare(a.Text, b.Text))
	}) {
		if w.Extra == extra && len(out) < n {
			out = append(out, w)
		}
	}
	return out
}
