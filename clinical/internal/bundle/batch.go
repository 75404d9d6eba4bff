package bundle

import (
	"context"
	"net/http"
	"sync"

	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/clinical/internal/records"
)

// atOnce is how many entries of a batch are worked on at the same time.
const atOnce = 8

// batch works through each request by itself, in the standard's order. An entry that fails is answered
// with its own status; the error is only of what keeps all from being done.
func (x *Runner) batch(ctx context.Context, ask records.Ask, requests []Request, wrong []*outcome.Error) ([]Result, error) {
	results := make([]Result, len(requests))
	for rank := range 4 {
		var wg sync.WaitGroup
		for worker := range atOnce {
			var mine []int
			for i := range requests {
				if requests[i].rank() == rank && x.lane(&requests[i]) == worker {
					mine = append(mine, i)
				}
			}
			if len(mine) == 0 {
				continue
			}
			wg.Go(func() {
				for _, i := range mine {
					if ctx.Err() != nil {
						return
					}
					if wrong[i] != nil {
						results[i] = Result{Status: wrong[i].Status, Outcome: wrong[i]}
						continue
					}
					results[i] = x.alone(ctx, ask, requests[i])
				}
			})
		}
		wg.Wait()
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	return results, nil
}

// lane is which worker takes a request: requests for one resource have the same, so that they are
// done in the order of the bundle, and so have those with conditions on one type.
func (x *Runner) lane(r *Request) int {
	name := r.Type + "/" + r.ID
	if r.Method == "POST" && r.IfNoneExist == "" {
		return r.At % atOnce
	}
	h := uint32(2166136261)
	for i := range len(name) {
		h = (h ^ uint32(name[i])) * 16777619
	}
	return int(h % atOnce)
}

// alone is a transaction of one entry whose failure is an answer.
func (x *Runner) alone(ctx context.Context, ask records.Ask, r Request) Result {
	p, err := x.Prepare([]Request{r}, false)
	if err == nil {
		var results []Result
		if results, err = p.run(ctx, ask); err == nil {
			return results[0]
		}
	}
	refused := outcome.Of(err)
	if refused == nil {
		x.Log.ErrorContext(ctx, "bundle: an entry failed", "error", err)
		refused = outcome.New(http.StatusInternalServerError, outcome.Exception, r.path(), "Something went wrong on our side.")
	}
	return Result{Status: refused.Status, Outcome: refused}
}
