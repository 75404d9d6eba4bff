package intake

import (
	"context"
	"errors"
	"net/http"
	"runtime"
	"sync"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/bundle"
	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/clinical/internal/records"
)

// run is one import.
type run struct {
	Deps
	Options
	ask      records.Ask
	runner   *bundle.Runner
	begun    time.Time
	progress Progress
	late     []*source // refer to what was not there yet: they wait until the other files were taken
	again    bool      // this is not the first time through the files
	final    bool      // nothing more will come: what is not there is missing
}

// pipe is how jobs go from the reader through the workers to the one who stores, who takes them in order.
type pipe struct {
	ctx   context.Context
	tasks chan *task
	order chan *task
}

type task struct {
	job   *job
	ready chan []*part
}

func (p *pipe) give(j *job) error {
	t := &task{j, make(chan []*part, 1)}
	for _, to := range []chan *task{p.tasks, p.order} {
		select {
		case to <- t:
		case <-p.ctx.Done():
			return p.ctx.Err()
		}
	}
	return nil
}

// all goes through the files, and again through those that had to wait for others, until there are
// none or nothing changes.
func (r *run) all(ctx context.Context, sources []*source) error {
	for len(sources) > 0 {
		r.late = nil
		if err := r.pass(ctx, sources); err != nil {
			return err
		}
		r.again, r.final = true, len(r.late) == len(sources)
		sources = r.late
		for _, s := range sources {
			s.late = false
		}
	}
	return nil
}

func (r *run) pass(ctx context.Context, sources []*source) error {
	ctx, cancel := context.WithCancel(ctx)
	workers := runtime.GOMAXPROCS(0)
	p := &pipe{ctx: ctx, tasks: make(chan *task, workers), order: make(chan *task, 2*workers)}
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	for range workers {
		wg.Go(func() {
			for t := range p.tasks {
				t.ready <- r.parts(t.job)
			}
		})
	}
	failed := make(chan error, 1)
	wg.Go(func() {
		defer close(p.tasks)
		defer close(p.order)
		failed <- r.read(ctx, sources, p)
	})
	for t := range p.order {
		for _, part := range <-t.ready {
			if err := r.store(ctx, part); err != nil {
				return err
			}
		}
	}
	return <-failed
}

// read gives all files to the pipe.
func (r *run) read(ctx context.Context, sources []*source, p *pipe) error {
	for _, s := range sources {
		if err := s.sum(); err != nil {
			if err := p.give(&job{source: s, last: true, broken: err}); err != nil {
				return err
			}
			continue
		}
		if err := r.begin(ctx, s); err != nil {
			return err
		}
		if s.complete {
			if err := p.give(&job{source: s, from: s.done, last: true}); err != nil {
				return err
			}
			continue
		}
		if err := s.read(ctx, p.give); err != nil {
			return err
		}
	}
	return nil
}

// store stores one part and writes it in the journal.
func (r *run) store(ctx context.Context, p *part) error {
	if p.source.late {
		return nil
	}
	r.progress.File = p.source.path
	if p.source.complete {
		r.progress.Files++
		r.progress.Before++
		r.say(nil)
		return nil
	}
	if p.broken != nil {
		reason := "The rest of this file cannot be read: " + plain(p.broken)
		p.refusals = append(p.refusals, Refusal{File: p.source.path, Reason: reason, Count: 1})
	}
	var stored, same int
	for {
		var err error
		if stored, same, err = r.try(ctx, p); err == nil {
			break
		}
		var of *bundle.EntryError
		if !errors.As(err, &of) {
			return err
		}
		if missing := of.Err.Status == http.StatusPreconditionFailed && of.Err.Issues[0].Code == outcome.NotFound; missing && !r.final {
			p.source.late = true
			r.late = append(r.late, p.source)
			return nil
		}
		if p.whole {
			r.refuseEntries(p, of.Err)
			continue
		}
		p.tell(int64(of.At), of.Err)
		if p.plan = p.plan.Without(of.At); p.plan.Len() == 0 {
			p.plan = nil
		}
	}
	r.progress.Resources += stored
	r.progress.Same += same
	if p.last {
		r.progress.Files++
	}
	r.say(p.refusals)
	return nil
}

func (r *run) say(refusals []Refusal) {
	for _, one := range refusals {
		r.progress.Refused += one.Count
		if r.Refused != nil {
			r.Refused(one)
		}
	}
	if r.Progress != nil {
		r.progress.Elapsed = r.Clock.Now().Sub(r.begun)
		r.Progress(r.progress)
	}
}

// try stores a part in one transaction.
func (r *run) try(ctx context.Context, p *part) (stored, same int, err error) {
	if r.DryRun {
		if p.plan != nil {
			stored = p.plan.Len()
		}
		return stored, 0, nil
	}
	refused := 0
	for _, one := range p.refusals {
		refused += one.Count
	}
	err = r.Store.Do(ctx, r.ask, func(tx *records.Tx) error {
		stored, same = 0, 0
		if p.plan != nil {
			results, err := p.plan.Do(ctx, tx)
			if err != nil {
				return err
			}
			for i := range results {
				stored++
				if results[i].Same {
					same++
				}
			}
		}
		if p.source.hash == [32]byte{} {
			return nil // it could not be read at all
		}
		mine, err := advance(ctx, tx, p, refused) // last: what fails must leave no trace in the journal
		if err == nil && !mine {
			err = errElsewhere
		}
		return err
	})
	if errors.Is(err, errElsewhere) {
		return 0, 0, nil
	}
	return stored, same, err
}

// errElsewhere undoes a part that another import has stored meanwhile.
var errElsewhere = errors.New("intake: another import is at this file")

// plain is an error without the address that it came by.
func plain(err error) string {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err.Error()
		}
		err = next
	}
}
