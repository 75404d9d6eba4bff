package bundle

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
)

// run does what was prepared in one transaction of the store. The results are in the order of the requests.
func (p *Plan) run(ctx context.Context, ask records.Ask) ([]Result, error) {
	do := p.runner.Store.Look
	for i := range p.steps {
		if p.steps[i].rank() < 3 {
			do = p.runner.Store.Do
		}
	}
	var results []Result
	err := do(ctx, ask, func(tx *records.Tx) (err error) {
		results, err = p.Do(ctx, tx)
		return err
	})
	return results, err
}

// Do does what was prepared. It may be done again with another Tx if the database asks for that. An
// error that is about one entry is an *EntryError.
func (p *Plan) Do(ctx context.Context, tx *records.Tx) ([]Result, error) {
	w := work{Runner: p.runner, ctx: ctx, tx: tx, steps: p.steps, links: p.links, conditions: p.conditions,
		results: make([]Result, len(p.steps)), moved: Links{}, written: map[string]int{}, skip: make([]bool, len(p.steps))}
	return w.results, w.run()
}

// work is one run through a transaction; the database may ask for another.
type work struct {
	*Runner
	ctx        context.Context
	tx         *records.Tx
	steps      []step
	links      Links
	conditions conditions
	results    []Result
	moved      Links          // what references say → what they must say: conditional ones, and to resources that were there already
	written    map[string]int // "Patient/12" → the step that changes it
	claimed    []int          // those steps in the order in which it was settled
	skip       []bool         // nothing is written for this step
	pending    *pending
}

// run goes in the standard's order: deletes, creates, updates, patches, the rest.
func (w *work) run() error {
	if queries := w.conditions.all(); len(queries) > 0 {
		if err := w.tx.Guard(w.ctx, queries); err != nil {
			return err
		}
	}
	if err := w.each(0, w.delete); err != nil {
		return err
	}
	for _, rank := range []int{1, 2} {
		if err := w.each(rank, w.settle); err != nil {
			return err
		}
	}
	if err := w.write(); err != nil {
		return err
	}
	if err := w.each(2, w.patch); err != nil {
		return err
	}
	return w.each(3, w.look)
}

// each does f for the steps of a rank; what f refuses is said of its entry.
func (w *work) each(rank int, f func(int) error) error {
	for i := range w.steps {
		if w.steps[i].rank() != rank {
			continue
		}
		if err := f(i); err != nil {
			return at(&w.steps[i].Request, err)
		}
	}
	return nil
}

// claim says that step i changes this resource, which no other step may.
func (w *work) claim(i int, key string) error {
	if _, taken := w.written[key]; taken {
		return outcome.New(http.StatusBadRequest, outcome.Duplicate, "", "Two entries change the same resource, "+key+".")
	}
	w.written[key] = i
	w.claimed = append(w.claimed, i)
	return nil
}

func (w *work) delete(i int) error {
	s := &w.steps[i]
	id := s.ID
	if id == "" {
		found, err := w.tx.Match(w.ctx, w.conditions.steps[i])
		switch {
		case err != nil:
			return err
		case len(found) > 1:
			return several()
		case len(found) == 0:
			w.results[i] = Result{Status: http.StatusNoContent}
			return nil
		}
		id = found[0].ID
	}
	if err := w.claim(i, s.Type+"/"+id); err != nil {
		return err
	}
	version, err := matching(s.IfMatch)
	if err != nil {
		return err
	}
	rec, err := w.tx.Delete(w.ctx, s.Type, id, version)
	if err != nil {
		return err
	}
	w.results[i] = Result{Status: http.StatusNoContent, ETag: etag(rec.Version), Updated: rec.Updated}
	return nil
}

// settle finds out, for a create or an update, which resource it is about.
func (w *work) settle(i int) error {
	s := &w.steps[i]
	if s.node == nil {
		return nil
	}
	if w.conditions.steps[i] == nil {
		return w.claim(i, s.key)
	}
	found, err := w.find(w.conditions.steps[i])
	switch {
	case err != nil:
		return err
	case len(found) > 1:
		return several()
	case len(found) == 0:
		return w.claim(i, s.key)
	}
	w.moved[s.key] = found[0].key
	if s.IfNoneExist != "" {
		w.skip[i], w.results[i] = true, found[0].result
		return nil
	}
	if !s.fresh && s.key != found[0].key {
		return outcome.New(http.StatusBadRequest, outcome.Value, s.path()+".resource.id", "The condition finds a resource with another id.")
	}
	return w.claim(i, found[0].key)
}

// write stores all creates and updates at once.
func (w *work) write() error {
	if err := w.references(); err != nil {
		return err
	}
	var writes []records.Write
	var of []int
	for _, rank := range []int{1, 2} {
		for i := range w.steps {
			s := &w.steps[i]
			if s.node == nil || s.rank() != rank || w.skip[i] {
				continue
			}
			version, err := matching(s.IfMatch)
			if err != nil {
				return at(&s.Request, err)
			}
			one := records.Write{Do: access.Update, Node: w.node(i), IfMatch: version}
			to, met := w.moved[s.key]
			switch {
			case met:
				setID(one.Node, to[len(s.Type)+1:])
			case s.fresh:
				one.Do, one.ID = access.Create, s.key[len(s.Type)+1:]
			case version == records.Any && (s.IfNoneMatch == "*" || w.conditions.steps[i] != nil):
				one.IfMatch = records.Missing // what the condition does not find is not overwritten
			}
			writes, of = append(writes, one), append(of, i)
		}
	}
	if len(writes) == 0 {
		return nil
	}
	stored, err := w.tx.WriteMany(w.ctx, writes)
	var failed *records.Failed
	if errors.As(err, &failed) && failed.Index < len(of) {
		return at(&w.steps[of[failed.Index]].Request, failed.Err)
	}
	if err != nil {
		return err
	}
	for k, rec := range stored {
		w.results[of[k]] = written(rec)
	}
	for i := range w.steps { // an earlier entry of this bundle answers a create that found it
		if to, ok := w.moved[w.steps[i].key]; ok && w.skip[i] && w.results[i].Body == nil {
			w.results[i] = w.results[w.written[to]]
			w.results[i].Status = http.StatusOK
		}
	}
	return nil
}

// node is what step i stores, a copy if something in it has to change: the transaction may run again.
func (w *work) node(i int) *resource.Node {
	if len(w.moved) == 0 {
		return w.steps[i].node
	}
	n := w.steps[i].node.Clone()
	w.moved.Rewrite(&n, "")
	return &n
}

func written(rec records.Record) Result {
	r := Result{Status: http.StatusOK, Location: fmt.Sprintf("%s/%s/_history/%d", rec.Type, rec.ID, rec.Version),
		ETag: etag(rec.Version), Updated: rec.Updated, Same: rec.Same, Body: rec.Body}
	if rec.Created {
		r.Status = http.StatusCreated
	}
	return r
}

func (w *work) look(i int) error {
	s := &w.steps[i]
	r, err := w.Look(w.ctx, w.tx, s.Request)
	if err != nil {
		return err
	}
	if s.Method == "HEAD" {
		r.Body = nil
	}
	w.results[i] = r
	return nil
}

func etag(version int64) string { return `W/"` + strconv.FormatInt(version, 10) + `"` }

// matching reads an ifMatch.
func matching(s string) (records.IfMatch, error) {
	switch s {
	case "":
		return records.Any, nil
	case "*":
		return records.Existing, nil
	}
	version, err := strconv.ParseInt(strings.Trim(strings.TrimPrefix(s, "W/"), `"`), 10, 64)
	if err != nil || version < 1 {
		return 0, outcome.New(http.StatusPreconditionFailed, outcome.Conflict, "", "There is no such version: ifMatch is an ETag of this server.")
	}
	return records.IfMatch(version), nil
}

func several() error {
	return outcome.New(http.StatusPreconditionFailed, outcome.MultipleMatch, "", "More than one resource meets the condition.")
}
