package bundle

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/search"
)

// conditions are the searches that a transaction hangs on.
type conditions struct {
	steps      map[int]*search.Query    // by place in the plan, of conditional creates, updates, patches and deletes
	references map[string]*search.Query // of conditional references
	first      map[string]int           // the step in which a conditional reference stands first
	order      []string                 // the references, in order
}

func (c conditions) all() []*search.Query {
	out := make([]*search.Query, 0, len(c.steps)+len(c.references))
	for _, q := range c.steps {
		out = append(out, q)
	}
	for _, q := range c.references {
		out = append(out, q)
	}
	return out
}

// conditions reads all conditions of a transaction.
func (x *Runner) conditions(steps []step) (conditions, error) {
	c := conditions{steps: map[int]*search.Query{}, references: map[string]*search.Query{}, first: map[string]int{}}
	for i := range steps {
		s := &steps[i]
		text, element := s.IfNoneExist, ".request.ifNoneExist"
		if text == "" {
			text, element = s.Query, ".request.url"
		}
		if text != "" && s.rank() < 3 {
			q, err := x.condition(s.Type, text, s.path()+element)
			if err != nil {
				return c, at(&s.Request, err)
			}
			c.steps[i] = q
		}
		if s.node == nil {
			continue
		}
		for _, ref := range Conditional(s.node) {
			if c.references[ref] != nil {
				continue
			}
			typ, text, _ := strings.Cut(ref, "?")
			q, err := x.condition(typ, text, s.path()+".resource")
			if err != nil {
				return c, at(&s.Request, err)
			}
			c.references[ref], c.first[ref], c.order = q, i, append(c.order, ref)
		}
	}
	return c, nil
}

// condition reads one: strictly, and it must narrow something.
func (x *Runner) condition(typ, text, where string) (*search.Query, error) {
	values, err := url.ParseQuery(text)
	if err != nil {
		return nil, outcome.New(http.StatusBadRequest, outcome.Value, where, "The condition is not encoded as it should be.")
	}
	q, err := search.Parse(typ, values, search.Asked{Strict: true, Base: x.Base, Now: x.Clock.Now()})
	if refused := outcome.Of(err); refused != nil {
		issues := make([]outcome.Issue, len(refused.Issues))
		for i, is := range refused.Issues {
			is.Expression = where
			issues[i] = is
		}
		return nil, &outcome.Error{Status: refused.Status, Issues: issues}
	}
	if err != nil {
		return nil, err
	}
	if len(q.Where) == 0 {
		return nil, outcome.New(http.StatusPreconditionFailed, outcome.TooCostly, where, "The condition is met by everything.")
	}
	return q, nil
}

// match is a resource that meets a condition.
type match struct {
	key    string // "Patient/12"
	result Result // how it is answered; no Body if it is still to be written
}

// find returns what meets q: what is stored, as far as this bundle does not change it, and what the
// bundle is going to write, as far as that is settled.
func (w *work) find(q *search.Query) ([]match, error) {
	stored, err := w.tx.Match(w.ctx, q)
	if err != nil {
		return nil, err
	}
	var out []match
	for _, rec := range stored {
		key := rec.Type + "/" + rec.ID
		if _, taken := w.written[key]; taken {
			continue // as it will be, it is looked at below
		}
		r := written(rec)
		r.Status = http.StatusOK
		out = append(out, match{key, r})
	}
	if w.pending == nil {
		w.pending = &pending{base: w.Base, now: w.tx.Now()}
	}
	return w.pending.find(out, q, w)
}

// references finds what the conditional references mean.
func (w *work) references() error {
	for _, ref := range w.conditions.order {
		i := w.conditions.first[ref]
		if err := w.reference(ref, w.conditions.references[ref]); err != nil {
			return at(&w.steps[i].Request, err)
		}
	}
	return nil
}

func (w *work) reference(ref string, q *search.Query) error {
	found, err := w.find(q)
	switch {
	case err != nil:
		return err
	case len(found) == 0:
		return outcome.New(http.StatusPreconditionFailed, outcome.NotFound, "", "Nothing that you may see meets the reference "+ref+".")
	case len(found) > 1:
		return outcome.New(http.StatusPreconditionFailed, outcome.MultipleMatch, "", "More than one resource meets the reference "+ref+".")
	}
	w.moved[ref] = found[0].key
	return nil
}

// resolve gives the conditional references of a patched resource their meaning.
func (w *work) resolve(i int, n *resource.Node) error {
	for _, ref := range Conditional(n) {
		if w.moved[ref] != "" {
			continue
		}
		typ, text, _ := strings.Cut(ref, "?")
		q, err := w.condition(typ, text, w.steps[i].path()+".resource")
		if err == nil {
			err = w.reference(ref, q)
		}
		if err != nil {
			return err
		}
	}
	w.moved.Rewrite(n, "")
	return nil
}
