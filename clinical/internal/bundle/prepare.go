package bundle

import (
	"errors"
	"net/http"
	"runtime"
	"slices"
	"sync"

	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/validate"
)

// step is an entry of a transaction on its way.
type step struct {
	Request
	key   string         // "Patient/12": what it writes, as far as that can be said without looking into the store
	fresh bool           // the id in key is one that we made
	node  *resource.Node // the resource to write, its links rewritten and its id set
}

// Plan is requests made ready to be done in one transaction: with ids, their links rewritten, validated.
type Plan struct {
	Refused []Refused // entries that will not be done; only if Prepare was told to leave them out

	runner     *Runner
	steps      []step
	links      Links
	conditions conditions
}

// Refused is an entry with a mistake.
type Refused struct {
	At  int // Request.At
	Why *outcome.Error
}

// Prepare does all of a transaction that needs no store; the resources become the plan's. A mistake in one request refuses all of
// them, or with leave that one alone.
func (x *Runner) Prepare(requests []Request, leave bool) (*Plan, error) {
	p := &Plan{runner: x, steps: make([]step, len(requests))}
	for i := range requests {
		p.steps[i].Request = requests[i]
	}
	for {
		err := p.name()
		if err == nil {
			p.conditions, err = x.conditions(p.steps)
		}
		if err == nil {
			break
		}
		var of *EntryError
		if !leave || !errors.As(err, &of) {
			return nil, err
		}
		p.Refused = append(p.Refused, Refused{of.At, of.Err})
		p.steps = slices.DeleteFunc(p.steps, func(s step) bool { return s.At == of.At })
	}
	for i := range p.steps {
		if s := &p.steps[i]; s.node != nil {
			p.links.Rewrite(s.node, s.FullURL)
			setID(s.node, s.key[len(s.Type)+1:])
		}
	}
	return p, p.check(leave)
}

// Len is how many requests there are to do.
func (p *Plan) Len() int { return len(p.steps) }

// Without is the plan without one entry.
func (p *Plan) Without(at int) *Plan {
	q := *p
	q.steps = make([]step, 0, len(p.steps))
	for i := range p.steps {
		if p.steps[i].At != at {
			q.steps = append(q.steps, p.steps[i])
		}
	}
	var err error
	if q.conditions, err = p.runner.conditions(q.steps); err != nil {
		return p // not reached: they were read before
	}
	return &q
}

// name gives every resource to be written its id.
func (p *Plan) name() error {
	p.links = Links{}
	urls, keys := map[string]bool{}, map[string]bool{}
	for i := range p.steps {
		s := &p.steps[i]
		if s.rank() == 3 {
			continue
		}
		id := s.ID
		if id == "" && s.Method == "PUT" {
			id = s.Resource.ID()
		}
		if id == "" {
			id, s.fresh = p.runner.Store.NewID(), true
		}
		s.key = s.Type + "/" + id
		if s.Method == "POST" || s.Method == "PUT" {
			s.node = s.Resource
		}
		if u := s.FullURL; u != "" {
			if urls[u] {
				return at(&s.Request, outcome.New(http.StatusBadRequest, outcome.Duplicate, s.path()+".fullUrl", "Two entries have this fullUrl."))
			}
			urls[u] = true
			if s.node != nil {
				p.links[u] = s.key
			}
		}
		if s.ID != "" {
			if keys[s.key] {
				return at(&s.Request, outcome.New(http.StatusBadRequest, outcome.Duplicate, s.path()+".request.url", "Two entries change the same resource."))
			}
			keys[s.key] = true
		}
	}
	return nil
}

// setID gives n its id, right behind resourceType if it had none.
func setID(n *resource.Node, id string) {
	if old := n.Get("id"); old != nil {
		old.Kind, old.Text, old.Kids = resource.String, id, nil
		return
	}
	kids := make([]resource.Node, 0, len(n.Kids)+1)
	for _, k := range n.Kids {
		kids = append(kids, k)
		if k.Name == "resourceType" {
			kids = append(kids, resource.M("id", resource.S(id)))
		}
	}
	n.Kids = kids
}

// maxIssues is how much is said about one bundle.
const maxIssues = 50

// check validates every resource, on as many processors as there are.
func (p *Plan) check(leave bool) error {
	found := make([][]outcome.Issue, len(p.steps))
	var wg sync.WaitGroup
	workers := min(runtime.GOMAXPROCS(0), 1+len(p.steps)/16)
	for w := range workers {
		wg.Go(func() {
			for i := w; i < len(p.steps); i += workers {
				if p.steps[i].node != nil {
					found[i] = mistakes(p.steps[i].node)
				}
			}
		})
	}
	wg.Wait()
	var all []outcome.Issue
	kept := p.steps[:0]
	for i := range found {
		s := p.steps[i]
		if len(found[i]) == 0 {
			kept = append(kept, s)
			continue
		}
		issues := within(&s.Request, found[i])
		all = append(all, issues[:min(len(issues), maxIssues-len(all))]...)
		if leave {
			p.Refused = append(p.Refused, Refused{s.At, &outcome.Error{Status: http.StatusBadRequest, Issues: issues}})
			all = nil
		} else if len(all) == maxIssues {
			break
		}
	}
	if all != nil {
		return &outcome.Error{Status: http.StatusBadRequest, Issues: all}
	}
	if len(kept) == len(p.steps) {
		return nil
	}
	p.steps = kept
	var err error
	p.conditions, err = p.runner.conditions(kept) // they go by place
	return err
}

// mistakes is what is wrong with a resource, without what is only worth a warning.
func mistakes(n *resource.Node) []outcome.Issue {
	var out []outcome.Issue
	for _, is := range validate.Resource(n) {
		if is.Severity == outcome.Err || is.Severity == outcome.Fatal {
			out = append(out, is)
		}
	}
	return out
}
