package bundle

import (
	"net/http"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/clinical/internal/search"
)

// pending is what the resources that a bundle writes can be found by, before they are written.
type pending struct {
	base  string
	now   time.Time
	types map[string]*found
	tried int
}

type found struct {
	terms  map[int]search.Terms // by step
	byKey  map[string][]int
	looked int // so many of work.claimed are in it
}

// maxTried bounds what conditions without an exact key cost.
const maxTried = 1_000_000

// find adds to out what meets q among the resources that are to be written.
func (p *pending) find(out []match, q *search.Query, w *work) ([]match, error) {
	if p.types == nil {
		p.types = map[string]*found{}
	}
	f := p.types[q.Type]
	if f == nil {
		f = &found{terms: map[int]search.Terms{}, byKey: map[string][]int{}}
		p.types[q.Type] = f
	}
	for ; f.looked < len(w.claimed); f.looked++ {
		i := w.claimed[f.looked]
		s := &w.steps[i]
		if s.node == nil || s.Type != q.Type {
			continue
		}
		node := w.node(i)
		if to, ok := w.moved[s.key]; ok {
			setID(node, to[len(s.Type)+1:])
		}
		t := search.Extract(node, p.now, search.Options{Base: p.base})
		f.terms[i] = t
		for k := range t.Index() {
			f.byKey[string(k)] = append(f.byKey[string(k)], i)
		}
	}
	for _, i := range f.candidates(q) {
		if p.tried++; p.tried > maxTried {
			return nil, outcome.New(http.StatusForbidden, outcome.TooCostly, "", "The conditions in this bundle would take too long to decide.")
		}
		if !q.Match(f.terms[i]) || hasLink(q) {
			continue
		}
		out = append(out, match{key: w.keyOf(i)})
	}
	return out, nil
}

func hasLink(q *search.Query) bool {
	for i := range q.Where {
		if q.Where[i].Link != nil {
			return true
		}
	}
	return false
}

// candidates are the steps that may meet q, each once.
func (f *found) candidates(q *search.Query) []int {
	for i := range q.Where {
		keys := q.Where[i].Exact()
		if keys == nil {
			continue
		}
		var out []int
		seen := map[int]bool{}
		for _, k := range keys {
			for _, at := range f.byKey[string(k)] {
				if !seen[at] {
					seen[at] = true
					out = append(out, at)
				}
			}
		}
		return out
	}
	out := make([]int, 0, len(f.terms))
	for at := range f.terms {
		out = append(out, at)
	}
	return out
}

// keyOf is where step i writes.
func (w *work) keyOf(i int) string {
	if to, ok := w.moved[w.steps[i].key]; ok {
		return to
	}
	return w.steps[i].key
}
